"""Sparse products and their gradients, against plain loops and dense matrices."""

import pytest
import torch

from gdl_utils.graphs.actions import relabel, relabel_edges
from gdl_utils.graphs.layers import GATConv, GCNConv, GraphConv
from gdl_utils.graphs.sparse import Adjacency, as_adjacency, check_reduce

RNG = torch.Generator().manual_seed(0)
EDGES = torch.tensor([[3, 0, 1, 3, 3, 1], [0, 1, 2, 3, 0, 0]])  # a loop, a double edge, 4 alone
A = Adjacency(EDGES, 5)
X = torch.randn(5, 3, generator=RNG, dtype=torch.float64)
W = torch.rand(6, generator=RNG, dtype=torch.float64)
NONE = torch.zeros(2, 0, dtype=torch.int64)


def loop(x, weight=None):
    """What sum does, edge by edge in the given order."""
    y = torch.zeros_like(x)
    for k, (j, i) in enumerate(EDGES.T.tolist()):
        y[i] += x[j] * (1 if weight is None else weight[k])
    return y


def test_edges_are_sorted_by_target_and_keep_their_order():
    assert A.edge_index.tolist() == [[3, 3, 1, 0, 1, 3], [0, 0, 0, 1, 2, 3]]
    assert A.order.tolist() == [0, 4, 5, 1, 2, 3]
    assert A.start.tolist() == [0, 3, 4, 5, 6, 6]
    assert A.degree.tolist() == [3, 1, 1, 1, 0]
    assert repr(A) == "Adjacency(5 nodes, 6 edges)"


def test_the_transpose_turns_every_edge_round():
    back = A.transposed
    assert torch.equal(back.edge_index, A.edge_index.flip(0)[:, back.order])
    assert back.edge_index[1].tolist() == sorted(EDGES[0].tolist())


def test_every_node_has_one_loop():
    assert sorted(A.looped.edge_index.T.tolist()) == sorted(
        [[3, 0], [0, 1], [1, 2], [3, 0], [1, 0]] + [[i, i] for i in range(5)]
    )
    assert torch.equal(A.looped.looped.edge_index, A.looped.edge_index)


def test_symmetric_weights_by_hand():
    """Nodes 0 to 3 have 3, 1, 1, 1 edges into them; node 4 has none and sends none."""
    expected = torch.tensor([3, 3, 3, 3, 1, 1], dtype=torch.float64).rsqrt()
    torch.testing.assert_close(A.symmetric, expected)
    assert Adjacency(torch.tensor([[4], [0]]), 5).symmetric.tolist() == [0]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_sum_against_a_loop(dtype):
    x, weight = X.to(dtype), W.to(dtype)
    torch.testing.assert_close(A.sum(x), loop(x))
    torch.testing.assert_close(A.sum(x, weight[A.order]), loop(x, weight))


def test_sum_with_heads_is_each_head_alone():
    x = torch.randn(5, 2, 3, generator=RNG, dtype=torch.float64)
    weight = torch.rand(6, 2, generator=RNG, dtype=torch.float64)
    each = [A.sum(x[:, h], weight[:, h]) for h in (0, 1)]
    torch.testing.assert_close(A.sum(x, weight), torch.stack(each, 1))


def test_gradients_and_their_gradients():
    x, weight = X.clone().requires_grad_(), W.clone().requires_grad_()
    heads = torch.randn(5, 2, 3, generator=RNG, dtype=torch.float64).requires_grad_()
    weights = torch.rand(6, 2, generator=RNG, dtype=torch.float64).requires_grad_()
    logits = torch.randn(6, 2, generator=RNG, dtype=torch.float64).requires_grad_()
    for f, inputs in [
        (A.sum, (x,)), (A.sum, (x, weight)), (A.sum, (heads, weights)),
        (A.at_sources, (x,)), (A.at_targets, (x,)), (A.aggregate, (logits,)),
        (lambda m: A.aggregate(m, "mean"), (logits,)), (A.softmax, (logits,)),
    ]:  # fmt: skip
        assert torch.autograd.gradcheck(f, inputs)
        assert torch.autograd.gradgradcheck(f, inputs)
    assert torch.autograd.gradcheck(lambda m: A.aggregate(m, "max"), (logits,))


def test_only_what_is_asked_for_is_differentiated():
    weight = W.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(A.sum(X, weight).sum(), weight)
    torch.testing.assert_close(gradient, X[A.edge_index[0]].sum(1))


def test_reduce_by_hand():
    messages = torch.tensor([[1.0], [-2], [4], [-5], [6], [7]])
    assert A.aggregate(messages).flatten().tolist() == [3, -5, 6, 7, 0]
    assert A.aggregate(messages, "mean").flatten().tolist() == [1, -5, 6, 7, 0]
    assert A.aggregate(messages, "max").flatten().tolist() == [4, -5, 6, 7, 0]


def test_softmax_by_hand_and_without_overflow():
    logits = torch.log(torch.tensor([[1.0], [2], [5], [9], [9], [9]]))
    expected = torch.tensor([[0.125], [0.25], [0.625], [1], [1], [1]])
    torch.testing.assert_close(A.softmax(logits), expected)
    torch.testing.assert_close(A.softmax(logits + 1e4), expected, atol=1e-3, rtol=0)


def test_a_graph_without_edges_or_without_nodes():
    for n in (5, 0):
        empty, x = Adjacency(NONE, n), torch.ones(n, 3, requires_grad=True)
        assert torch.equal(empty.sum(x), torch.zeros(n, 3))
        assert empty.at_sources(x).shape == (0, 3)
        for how in ("sum", "mean", "max"):
            assert torch.equal(empty.aggregate(torch.ones(0, 3), how), torch.zeros(n, 3))
        assert empty.softmax(torch.ones(0, 2)).shape == (0, 2)
        empty.sum(x).sum().backward()
        assert torch.equal(x.grad, torch.zeros(n, 3))


@pytest.mark.parametrize("layer", [GraphConv(3, 4), GCNConv(3, 4), GATConv(3, 2, heads=2)])
def test_prepared_edges_change_nothing(layer):
    x = X.float()
    assert torch.equal(layer(x, A), layer(x, EDGES))
    moved = torch.tensor([2, 0, 1, 4, 3])
    there = layer(relabel(moved, x), Adjacency(relabel_edges(moved, EDGES), 5))
    torch.testing.assert_close(there, relabel(moved, layer(x, A)))


def test_prepared_edges_pass_through():
    assert as_adjacency(A, 5) is A
    assert as_adjacency(EDGES, 5).n == 5


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: Adjacency(EDGES.T, 5),
            r"edge_index must be \(2, E\) of whole numbers, got \(6, 2\)",
        ),
        (lambda: Adjacency(EDGES.float(), 5), r"of whole numbers, got \(2, 6\) torch.float32"),
        (lambda: Adjacency(EDGES, 3), "must name nodes 0 to 2, got 0 to 3"),
        (lambda: as_adjacency(A, 6), "edges must join 6 nodes, got an Adjacency of 5"),
        (lambda: A.sum(X[:3]), r"x must be \(5, C\) or \(5, H, C\), got \(3, 3\)"),
        (lambda: A.sum(X, W[:2]), r"weight must be \(6,\), got \(2,\)"),
        (lambda: A.sum(X[:, None]), r"weight must be \(6, 1\) for x with heads, got None"),
        (lambda: A.sum(X[:, None], W), r"weight must be \(6, 1\), got \(6,\)"),
        (lambda: A.at_sources(X[0]), r"x must be \(5, C\), got \(3,\)"),
        (lambda: A.at_targets(X[:2]), r"x must be \(5, C\), got \(2, 3\)"),
        (lambda: A.aggregate(X), r"messages must be \(6, C\), got \(5, 3\)"),
        (
            lambda: A.aggregate(W[:, None], "min"),
            "reduce must be 'sum', 'mean' or 'max', got",
        ),
        (lambda: A.softmax(X), r"logits must be \(6, C\), got \(5, 3\)"),
        (lambda: check_reduce("min"), "got 'min'"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
