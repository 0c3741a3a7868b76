"""The contract of the graphs."""

import torch
from contract.table import NUMBERS, RNG, ByPosition, Row
from torch import nn

from gdl_utils.blueprint import Blueprint, Stage
from gdl_utils.graphs.actions import Permutations, relabel, relabel_edges, relabel_matrix
from gdl_utils.graphs.layers import GraphConv

NODES = torch.randn(7, 3, generator=RNG, dtype=torch.float64)
EDGES = torch.tensor([[0, 1, 2, 3, 4, 5, 0, 0, 2], [1, 2, 3, 4, 5, 0, 2, 2, 2]])  # node 6 is alone
ON_NODES = (Permutations(7), (relabel, relabel_edges))


def graph_blueprint(readout):
    return Blueprint(
        Stage("conv", "B", GraphConv(3, 4), relabel, structured=True),
        Stage("tanh", "σ", nn.Tanh(), relabel),
        Stage("readout", "A", readout),
    )


ROWS = {
    "GraphConv": Row(
        (GraphConv,), lambda: GraphConv(3, 4), lambda: ByPosition(0),
        *ON_NODES, relabel, (NODES, EDGES),
    ),
    "Blueprint on a graph": Row(
        (Blueprint, GraphConv),
        lambda: graph_blueprint(lambda x: x.sum(0)),
        lambda: graph_blueprint(lambda x: x.flatten()),
        *ON_NODES, None, (NODES, EDGES),
    ),
}  # fmt: skip

GROUPS = {
    "relabellings": Permutations(7),
}

ACTIONS = {  # action, group, a signal, and one hand-computed case: (g, x, g·x)
    "relabel": (
        relabel, Permutations(7), NODES,
        (torch.tensor([1, 2, 0]), torch.tensor([5.0, 6, 7]), torch.tensor([7.0, 5, 6])),
    ),
    "relabel_matrix": (
        relabel_matrix, Permutations(7), NODES @ NODES.T,
        (
            torch.tensor([1, 2, 0]), NUMBERS,
            torch.tensor([[8.0, 6, 7], [2, 0, 1], [5, 3, 4]]),
        ),
    ),
    "relabel_edges": (
        relabel_edges, Permutations(7), EDGES,
        (torch.tensor([1, 2, 0]), torch.tensor([[0, 1], [1, 2]]), torch.tensor([[1, 2], [2, 0]])),
    ),
}  # fmt: skip

MUTANTS = {  # what goes wrong: (file, the line's text, what it becomes)
    "a missing inverse": (
        "graphs/actions.py",
        "return x[torch.argsort(g)]",
        "return x[g]",
    ),
    "edges not renamed": ("graphs/actions.py", "return g[edge_index]", "return edge_index"),
    "sources and targets swapped halfway": (
        "graphs/layers.py",
        "index_add_(0, target, x[source])",
        "index_add_(0, target, x[target - 1])",
    ),
}
