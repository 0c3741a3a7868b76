"""The contract of the graphs."""

import torch
from contract.table import NUMBERS, ByPosition, Row, generator
from torch import nn

from gdl_utils.blueprint import Blueprint, Stage
from gdl_utils.graphs.actions import Permutations, relabel, relabel_edges, relabel_matrix
from gdl_utils.graphs.layers import (
    DeepSets,
    GATConv,
    GCNConv,
    GINConv,
    GraphConv,
    MessagePassing,
)
from gdl_utils.graphs.pooling import GlobalPool, batch_graphs, coarsen
from gdl_utils.graphs.relational import ComplEx, RGCNConv

RNG = generator("graphs")
NODES = torch.randn(7, 3, generator=RNG, dtype=torch.float64)
EDGES = torch.tensor([[0, 1, 2, 3, 4, 5, 0, 0, 2], [1, 2, 3, 4, 5, 0, 2, 2, 2]])  # node 6 is alone
ON_NODES = (Permutations(7), (relabel, relabel_edges))
ON_EDGES = torch.randn(9, 2, generator=RNG, dtype=torch.float64)  # they keep their order
KINDS = torch.tensor([0, 1, 2, 0, 1, 1, 1, 1, 0])  # of the edges; they keep their order, too
CLUSTERS = torch.tensor([0, 0, 1, 2, 2, 1, 0])
BATCH = batch_graphs([(NODES[:3], EDGES[:, :1]), (NODES[3:], EDGES[:, [0, 1]])])


class OnGraphs(nn.Module):
    """A convolution on a batch of graphs, and what makes one vector of each."""

    def __init__(self, readout):
        super().__init__()
        self.conv, self.readout = GCNConv(3, 4), readout

    def forward(self, x, edge_index, batch):
        return self.readout(torch.tanh(self.conv(x, edge_index)), batch, 2)


class Coarse(nn.Module):
    """A convolution, pooled over clusters, and another on the coarse graph."""

    def __init__(self, last=None):
        super().__init__()
        self.fine, self.coarse, self.last = GraphConv(3, 4), GraphConv(4, 5), last

    def forward(self, x, edge_index, cluster):
        edges, pool = coarsen(edge_index, cluster)
        x = torch.tanh(self.fine(x, edge_index))
        x = x if self.last is None else self.last(x)
        return self.coarse(torch.sparse.mm(pool.to(x.dtype), x), edges)


class AfterTheOneBefore(nn.Module):
    """Adds something of the node before it in the list: an order that graphs do not have."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x, *structure):
        return self.layer(x, *structure) + x.roll(1, 0).mean(1, keepdim=True)


class Triples(nn.Module):
    """Scores of the edges, with the entities' numbers as the signal."""

    def __init__(self, before=None):
        super().__init__()
        self.model, self.before = ComplEx(7, 3, 2), before

    def forward(self, x, edge_index, kinds):
        x = x if self.before is None else self.before(x)
        return (self.model.product(x[edge_index[0]], kinds) * x[edge_index[1]]).sum(1)


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
    "DeepSets": Row(
        (DeepSets,), lambda: DeepSets(3, 4),
        lambda: nn.Sequential(nn.Flatten(0), nn.Linear(21, 28), nn.Unflatten(0, (7, 4))),
        Permutations(7), relabel, relabel, (NODES,),
    ),
    "DeepSets, sum and maximum": Row(
        (DeepSets,), lambda: nn.Sequential(DeepSets(3, 4, "sum"), DeepSets(4, 5, "max")),
        lambda: nn.Sequential(DeepSets(3, 4, "sum"), ByPosition(0)),
        Permutations(7), relabel, relabel, (NODES,),
    ),
    "GCNConv": Row(
        (GCNConv,), lambda: GCNConv(3, 4), lambda: AfterTheOneBefore(GCNConv(3, 4)),
        *ON_NODES, relabel, (NODES, EDGES),
    ),
    "GINConv": Row(
        (GINConv,), lambda: GINConv(nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))),
        lambda: AfterTheOneBefore(GINConv(nn.Linear(3, 4))),
        *ON_NODES, relabel, (NODES, EDGES),
    ),
    "GATConv": Row(
        (GATConv,), lambda: GATConv(3, 4, heads=3),
        lambda: AfterTheOneBefore(GATConv(3, 4, heads=3)),
        *ON_NODES, relabel, (NODES, EDGES),
    ),
    **{
        f"MessagePassing {how}": Row(
            (MessagePassing,),
            lambda how=how: MessagePassing(
                nn.Sequential(nn.Linear(8, 5), nn.Tanh()), nn.Linear(8, 4), how
            ),
            lambda how=how: AfterTheOneBefore(MessagePassing(nn.Linear(8, 5), reduce=how)),
            Permutations(7), (relabel, relabel_edges, None), relabel, (NODES, EDGES, ON_EDGES),
        )
        for how in ("sum", "mean", "max")
    },
    **{
        f"RGCNConv, {bases or 'no'} bases": Row(
            (RGCNConv,), lambda bases=bases: RGCNConv(3, 4, 3, bases),
            lambda bases=bases: AfterTheOneBefore(RGCNConv(3, 4, 3, bases)),
            Permutations(7), (relabel, relabel_edges, None), relabel, (NODES, EDGES, KINDS),
        )
        for bases in (None, 2)
    },
    "ComplEx": Row(
        (ComplEx,), Triples, lambda: Triples(ByPosition(0)), Permutations(7),
        (relabel, relabel_edges, None), None, (NODES.repeat(1, 2)[:, :4], EDGES, KINDS),
    ),
    **{
        f"GlobalPool {how}": Row(
            (GlobalPool,), lambda how=how: OnGraphs(GlobalPool(how)),
            lambda how=how: OnGraphs(lambda x, *i: GlobalPool(how)(ByPosition(0)(x), *i)),
            Permutations(7), (relabel, relabel_edges, relabel), None, BATCH,
        )
        for how in ("sum", "mean", "max")
    },
    "coarsen": Row(
        (GraphConv,), Coarse, lambda: Coarse(ByPosition(0)), Permutations(7),
        (relabel, relabel_edges, relabel), None, (NODES, EDGES, CLUSTERS),
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
    "edges renamed backwards": (
        "graphs/actions.py",
        "return g[edge_index]",
        "return g.argsort()[edge_index]",
    ),
    "sources sorted on their own": (
        "graphs/products.py",
        "source = a.edge_index[0]\n",
        "source = a.edge_index[0].msort()\n",
    ),
    "a normalisation that is not the edge's": (
        "graphs/sparse.py",
        "return scale[self.edge_index[0]] * scale[self.edge_index[1]]",
        "return scale[self.edge_index[0]] * scale[self.edge_index[1]].flip(0)",
    ),
    "targets sorted, sources not": (
        "graphs/sparse.py",
        "self.edge_index = edge_index[:, self.order]",
        "self.edge_index = torch.stack([edge_index[0], edge_index[1][self.order]])",
    ),
    "the features of the edge before": (
        "graphs/incidence.py",
        "return x.index_select(0, a.edge_index[0 if sources else 1])",
        "return x.index_select(0, a.edge_index[0 if sources else 1].roll(1))",
    ),
    "values of edges not sorted with them": (
        "graphs/layers.py",
        "ends.append(e[edges.order])",
        "ends.append(e)",
    ),
    "a softmax over the edges so far": (
        "graphs/incidence.py",
        "positive /= _added(positive, a, False).index_select(0, target)",
        "positive /= positive.cumsum(0)",
    ),
    "every self-loop at the first node": (
        "graphs/sparse.py",
        "loops = torch.arange(self.n, device=edge_index.device).expand(2, -1)",
        "loops = torch.zeros(2, self.n, dtype=torch.int64)",
    ),
    "relations not sorted with their edges": (
        "graphs/relational.py",
        "slot = target * self.relations + relation[edges.order]",
        "slot = target * self.relations + relation",
    ),
    "pooling that mixes graphs": (
        "graphs/pooling.py",
        "total = zeros.index_add(0, batch, values)",
        "total = zeros.index_add(0, batch.msort(), values)",
    ),
    "clusters in the order of the list": (
        "graphs/pooling.py",
        "coarse = torch.unique(cluster[edge_index], dim=1)",
        "coarse = torch.unique(cluster.msort()[edge_index], dim=1)",
    ),
}
