"""Graphs: signals on nodes, and relabelling. See chapters 04, *The blueprint*, and 07, *Graphs*.

``from gdl_utils.graphs import Adjacency, GCNConv, GlobalPool, Permutations, relabel``
"""

from gdl_utils.graphs.actions import Permutations, relabel, relabel_edges, relabel_matrix
from gdl_utils.graphs.features import (
    cycle_counts,
    heat_diagonal,
    laplacian,
    return_probabilities,
    simple_adjacency,
)
from gdl_utils.graphs.layers import DeepSets, GATConv, GCNConv, GINConv, GraphConv, MessagePassing
from gdl_utils.graphs.pairs import (
    decalin_and_bicyclopentyl,
    hexagon_and_triangles,
    rook_and_shrikhande,
)
from gdl_utils.graphs.pooling import GlobalPool, batch_graphs, coarsen
from gdl_utils.graphs.refinement import refine_colours, refine_tuples, tells_apart
from gdl_utils.graphs.relational import ComplEx, RGCNConv
from gdl_utils.graphs.sparse import Adjacency

__all__ = [  # noqa: RUF022  (in the order in which one learns them)
    "Permutations", "relabel", "relabel_edges", "relabel_matrix",
    "Adjacency",
    "DeepSets", "GraphConv", "GCNConv", "GINConv", "GATConv", "MessagePassing",
    "RGCNConv", "ComplEx",
    "GlobalPool", "batch_graphs", "coarsen",
    "refine_colours", "refine_tuples", "tells_apart",
    "simple_adjacency", "laplacian", "cycle_counts", "heat_diagonal",
    "return_probabilities",
    "hexagon_and_triangles", "decalin_and_bicyclopentyl", "rook_and_shrikhande",
]  # fmt: skip
