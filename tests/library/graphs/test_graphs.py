"""Relabelling and the first graph layer, against torch-geometric."""

from functools import partial

import numpy as np
import pytest
import torch
from torch_geometric.nn import GraphConv as PeerGraphConv

from gdl_utils.graphs.actions import Permutations, relabel, relabel_edges, relabel_matrix
from gdl_utils.graphs.layers import GraphConv

X = torch.randn(5, 3, generator=torch.Generator().manual_seed(0))
EDGES = torch.tensor(
    [[0, 1, 1, 3, 3, 3], [1, 0, 2, 3, 0, 0]]
)  # a loop, a double edge, node 4 alone
G = torch.tensor([2, 0, 1, 4, 3])


def dense(edge_index, n=5):
    a = torch.zeros(n, n)
    a.index_put_((edge_index[0], edge_index[1]), torch.ones(edge_index.shape[1]), accumulate=True)
    return a


def test_relabelling_edges_and_matrices_is_the_same_thing():
    assert torch.equal(dense(relabel_edges(G, EDGES)), relabel_matrix(G, dense(EDGES)))


def test_relabelled_features_stand_at_the_new_labels():
    assert torch.equal(relabel(G, X)[G], X)


def test_graph_conv_by_hand():
    layer = GraphConv(1, 1)
    with torch.no_grad():
        layer.own.fill_(10.0)
        layer.others.fill_(1.0)
    x = torch.tensor([[1.0], [2], [3], [4], [5]])
    assert layer(x, EDGES).flatten().tolist() == [10 + 2 + 4 + 4, 20 + 1, 30 + 2, 40 + 4, 50]


def test_graph_conv_against_torch_geometric():
    layer, peer = GraphConv(3, 4), PeerGraphConv(3, 4)
    with torch.no_grad():
        peer.lin_root.weight.copy_(layer.own.T)
        peer.lin_rel.weight.copy_(layer.others.T)
        peer.lin_rel.bias.copy_(layer.bias)
    torch.testing.assert_close(layer(X, EDGES), peer(X, EDGES))


def test_graph_conv_without_edges():
    layer = GraphConv(3, 4)
    none = torch.zeros(2, 0, dtype=torch.int64)
    torch.testing.assert_close(layer(X, none), X @ layer.own + layer.bias)


@pytest.mark.parametrize("none", [torch.tensor([[], []]), [[], []], np.zeros((2, 0))])
def test_no_edges_of_a_bad_type(none):
    """An empty tensor is one of floats, unless one thinks of it."""
    layer = GraphConv(3, 4)
    assert torch.equal(layer(X, none), layer(X, torch.zeros(2, 0, dtype=torch.int64)))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Permutations(0), "n must be at least 1"),
        (lambda: relabel(G, X[:3]), r"permutation of 3 nodes, got shape \(5,\)"),
        (lambda: relabel(G[None], X), r"g must be \(n,\) of whole numbers, got \(1, 5\)"),
        (lambda: relabel_matrix(G, X), r"a must be \(n, n\), got \(5, 3\)"),
        (lambda: relabel_matrix(G, torch.ones(3, 3)), "permutation of 3 nodes"),
        (
            lambda: relabel_edges(G, EDGES.T),
            r"edge_index must be \(2, E\) of whole numbers, got \(6, 2\)",
        ),
        (lambda: relabel_edges(G, EDGES.float()), "torch.float32"),
        (lambda: relabel_edges(G[:3], EDGES), "must name nodes 0 to 2, got 0 to 3"),
        (lambda: GraphConv(3, 4)(X, EDGES - 1), "got -1 to 2"),
        (lambda: GraphConv(2, 4)(X, EDGES), r"x must be \(n, 2\), got \(5, 3\)"),
        (lambda: GraphConv(0, 4), "must be positive, got 0 and 4"),
        (lambda: relabel(torch.zeros(5).long(), X), "permutation of 5 nodes, got a label twice"),
        (lambda: relabel_edges([0, 1, 2, 3, 3], EDGES), "got a label twice"),
        (lambda: relabel_edges(3, EDGES), r"g must be \(n,\) of whole numbers, got \(\)"),
        (lambda: relabel_matrix([1, 1], torch.ones(2, 2)), "got a label twice"),
        (lambda: relabel(G, X.numpy()), "x must be a tensor, got ndarray"),
        (lambda: GraphConv(3, 4)(X.tolist(), EDGES), "x must be a tensor, got list"),
        (lambda: GraphConv(3, 4)(X.long(), EDGES), "x must be floating point, got torch.int64"),
        (
            lambda: torch.vmap(partial(GraphConv(3, 4), X))(torch.stack([EDGES, EDGES])),
            "edge_index must name nodes 0 to 4: must be the same for the whole batch",
        ),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
