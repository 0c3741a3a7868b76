"""The fast products and those at indices agree: values, derivatives, batches, odd graphs."""

import itertools

import pytest
import torch
from torch import nn
from torch.func import grad, hessian, jacfwd, jacrev, jvp, vmap

from gdl_utils.graphs import indexed
from gdl_utils.graphs.features import cycle_counts, heat_diagonal, laplacian, return_probabilities
from gdl_utils.graphs.layers import (
    DeepSets,
    GATConv,
    GCNConv,
    GINConv,
    GraphConv,
    MessagePassing,
)
from gdl_utils.graphs.pooling import GlobalPool, batch_graphs, coarsen
from gdl_utils.graphs.refinement import refine_colours, tells_apart
from gdl_utils.graphs.relational import ComplEx, RGCNConv
from gdl_utils.graphs.sparse import Adjacency
from gdl_utils.training import seeded

NONE = torch.zeros(2, 0, dtype=torch.int64)
GRAPHS = {
    "loops, double edges, a node alone": (
        torch.tensor([[3, 0, 1, 3, 3, 1, 1, 1], [0, 1, 2, 3, 0, 0, 1, 1]]), 5,
    ),
    "no edges": (NONE, 3),
    "one node": (NONE, 1),
    "one node with a loop": (torch.tensor([[0], [0]]), 1),
    "no nodes": (NONE, 0),
    "only loops": (torch.tensor([[0, 1, 1], [0, 1, 1]]), 3),
}  # fmt: skip


class Indexed(Adjacency):
    """A graph that takes the way of compilers and other devices."""

    def _ways(self, x):
        return indexed


def noise(*shape: int) -> torch.Tensor:
    rng = torch.Generator().manual_seed(len(shape))
    return torch.randn(shape, generator=rng, dtype=torch.float64)


def pair(name):
    edges, n = GRAPHS[name]
    return Adjacency(edges, n), Indexed(edges, n), n, edges.shape[1]


@pytest.mark.parametrize("name", GRAPHS)
def test_the_same_order_starts_and_degrees(name):
    fast, slow, _, _ = pair(name)
    for a, b in ((fast, slow), (fast.transposed, slow.transposed)):
        for part in ("edge_index", "order", "start", "degree"):
            assert torch.equal(getattr(a, part), getattr(b, part))
    assert torch.equal(fast.looped.degree, slow._looped(slow.edge_index).degree)
    torch.testing.assert_close(fast.symmetric, slow.symmetric)


@pytest.mark.parametrize("name", GRAPHS)
def test_the_same_sums_and_gradients(name):
    fast, slow, n, e = pair(name)
    calls = [
        (lambda a: a.sum, (noise(n, 3),)),
        (lambda a: a.sum, (noise(n, 3), noise(e))),
        (lambda a: a.sum, (noise(n, 2, 3), noise(e, 2))),
        (lambda a: a.at_sources, (noise(n, 3),)),
        (lambda a: a.at_targets, (noise(n, 3),)),
        (lambda a: a.softmax, (noise(e, 2),)),
        *[
            (lambda a, how=how: lambda m: a.reduce(m, how), (noise(e, 2),))
            for how in ("sum", "mean", "max")
        ],
    ]
    for of, inputs in calls:
        inputs = [x.requires_grad_() for x in inputs]
        results = [of(a)(*inputs) for a in (fast, slow)]
        torch.testing.assert_close(*results)
        gradients = [torch.autograd.grad(y.sin().sum(), inputs) for y in results]
        torch.testing.assert_close(*gradients)


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize("make", [lambda: GCNConv(3, 4), lambda: GATConv(3, 2, heads=2)])
def test_loops_are_taken_out_or_not_counted(name, make):
    """How many loops there were is a value, which a compiler does not know."""
    fast, slow, n, _ = pair(name)
    looped = slow._looped(slow.edge_index)
    assert len(looped.order) == slow.edge_index.shape[1] + n
    with seeded(0):
        layer = make().double()
    slow.looped  # computed as a subclass would; the one above counts instead
    object.__setattr__(slow, "looped", looped)
    x = noise(n, 3).requires_grad_()
    y, again = layer(x, fast), layer(x, slow)
    torch.testing.assert_close(again, y)
    wanted = [x, *layer.parameters()]
    torch.testing.assert_close(
        torch.autograd.grad(again.sin().sum(), wanted), torch.autograd.grad(y.sin().sum(), wanted)
    )


EDGES, N = GRAPHS["loops, double edges, a node alone"]
A = Adjacency(EDGES, N)
X, W = noise(N, 3), noise(8)
HEADS, WEIGHTS, LOGITS = noise(N, 2, 3), noise(8, 2), noise(8, 2)
FUNCTIONS = {
    "sum": (A.sum, (X,)),
    "weighted sum": (A.sum, (X, W)),
    "sum of heads": (A.sum, (HEADS, WEIGHTS)),
    "at sources": (A.at_sources, (X,)),
    "at targets": (A.at_targets, (X,)),
    "added": (A.reduce, (LOGITS,)),
    "mean": (lambda m: A.reduce(m, "mean"), (LOGITS,)),
    "largest": (lambda m: A.reduce(m, "max"), (LOGITS,)),
    "softmax": (A.softmax, (LOGITS,)),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_derivatives_of_every_order_by_every_transform(name):
    function, inputs = FUNCTIONS[name]
    leaves = tuple(x.clone().requires_grad_() for x in inputs)
    assert torch.autograd.gradcheck(function, leaves, check_forward_ad=True)
    assert torch.autograd.gradgradcheck(function, leaves, check_fwd_over_rev=True)
    every = tuple(range(len(inputs)))
    expected = torch.autograd.functional.jacobian(function, inputs)
    torch.testing.assert_close(jacrev(function, every)(*inputs), expected)
    torch.testing.assert_close(jacfwd(function, every)(*inputs), expected)

    def energy(*parts):
        return function(*parts).sin().sum()

    expected = torch.autograd.functional.hessian(energy, inputs)
    torch.testing.assert_close(hessian(energy, every)(*inputs), expected)
    torch.testing.assert_close(jacrev(jacrev(energy, every), every)(*inputs), expected)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_batches_of_some_arguments_or_all(name):
    function, inputs = FUNCTIONS[name]
    for which in range(1, 2 ** len(inputs)):
        dims = tuple(k % 2 if which >> k & 1 else None for k in range(len(inputs)))
        batched = [
            x if dim is None else torch.stack([x, x.sin(), 2 * x], dim)
            for x, dim in zip(inputs, dims)
        ]
        alone = [
            function(*(x if dim is None else x.select(dim, k) for x, dim in zip(batched, dims)))
            for k in range(3)
        ]
        torch.testing.assert_close(vmap(function, dims)(*batched), torch.stack(alone))
        each = vmap(grad(lambda *x: function(*x).sin().sum()), dims)(*batched)
        alone = [
            grad(lambda *x: function(*x).sin().sum())(
                *(x if dim is None else x.select(dim, k) for x, dim in zip(batched, dims))
            )
            for k in range(3)
        ]
        torch.testing.assert_close(each, torch.stack(alone))


def test_batches_of_batches():
    x = noise(2, 4, N, 3)
    expected = torch.stack([torch.stack([A.sum(b, W) for b in a]) for a in x])
    torch.testing.assert_close(vmap(vmap(lambda x: A.sum(x, W)))(x), expected)


def test_what_a_transform_leaves_behind_can_be_used_after_it():
    """Structures computed within a transform are as good as any."""
    for transform in (
        lambda f: grad(f)(X), lambda f: vmap(f)(X[None]), lambda f: jvp(f, (X,), (X,)),
        lambda f: hessian(f)(X),
    ):  # fmt: skip
        edges = Adjacency(EDGES, N)
        with seeded(0):
            layers = GCNConv(3, 3).double(), GATConv(3, 3).double()
        transform(lambda x, e=edges, g=layers: g[1](g[0](x, e), e).sin().sum())
        expected = layers[1](layers[0](X, A), A)
        torch.testing.assert_close(layers[1](layers[0](X, edges), edges), expected)
        expected.sum().backward()
        assert edges.looped.edge_index.numpy().shape == (2, 10)


def test_one_graph_for_a_whole_batch():
    with pytest.raises(ValueError, match="edges must be the same for the whole batch"):
        vmap(lambda e: Adjacency(e, N).sum(X))(torch.stack([EDGES, EDGES]))


def test_equally_large_messages_share_the_gradient():
    messages = torch.tensor([[2.0], [1], [2], [5], [5], [5], [0], [0]], requires_grad=True)
    A.reduce(messages, "max").sum().backward()
    starts = A.start.tolist()
    for i, j in itertools.pairwise(starts):
        values, found = messages[i:j, 0], messages.grad[i:j, 0]
        hit = values == values.max() if i < j else values > 0
        torch.testing.assert_close(found, hit / hit.sum().clamp(min=1))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_sums_of_many_numbers_in_half_precision(dtype):
    """4,096 ones: half precision stops counting at 2,048, bfloat16 at 256."""
    star = torch.stack([torch.arange(4096), torch.zeros(4096, dtype=torch.int64)])
    for make in (Adjacency, Indexed):
        hub, ones = make(star, 4096), torch.ones(4096, 2, dtype=dtype)
        assert hub.sum(ones)[0, 0] == 4096
        assert hub.sum(ones, torch.ones(4096))[0, 0] == 4096
        assert hub.reduce(ones)[0, 0] == 4096
        assert hub.reduce(ones, "mean")[0, 0] == 1
        torch.testing.assert_close(hub.softmax(ones).double().sum(), torch.tensor(2.0).double())
    assert GlobalPool("sum")(ones)[0, 0] == 4096
    assert GlobalPool("mean")(ones)[0, 0] == 1


@pytest.mark.parametrize("dtype", [torch.int64, torch.complex64, torch.bool])
def test_features_are_floats(dtype):
    for call in (A.sum, A.at_sources, A.at_targets):
        with pytest.raises(ValueError, match=f"x must be floating point, got {dtype}"):
            call(torch.ones(N, 3, dtype=dtype))


@pytest.mark.parametrize("name", GRAPHS)
def test_layers_on_odd_graphs(name):
    edges, n = GRAPHS[name]
    x = noise(n, 3).requires_grad_()
    with seeded(0):
        layers = [
            GraphConv(3, 4), GCNConv(3, 4), GINConv(nn.Linear(3, 4)), GATConv(3, 2, heads=2),
            MessagePassing(nn.Linear(6, 3), nn.Linear(6, 4), "sum"),
            MessagePassing(nn.Linear(6, 3), nn.Linear(6, 4), "mean"),
            MessagePassing(nn.Linear(6, 4), how="max"),
        ]  # fmt: skip
        relational = RGCNConv(3, 4, 2)
    for layer in layers:
        y = layer.double()(x, edges)
        assert y.shape == (n, 4)
        assert torch.isfinite(y).all()
        (gradient,) = torch.autograd.grad(y.sum(), x)
        assert torch.isfinite(gradient).all()
    y = relational.double()(x, edges, edges[0] % 2)
    assert y.shape == (n, 4)
    prepared = Adjacency(edges, n)
    torch.testing.assert_close(relational(x, prepared, edges[0] % 2), y)
    for how in ("sum", "mean", "max"):
        assert GlobalPool(how)(x).shape == (1, 3)
        assert GlobalPool(how)(x, torch.zeros(n, dtype=torch.int64), 3).shape == (3, 3)
        if n:
            assert DeepSets(3, 4, how).double()(x[None][:0]).shape == (0, n, 4)
        else:
            with pytest.raises(ValueError, match="n ≥ 1"):
                DeepSets(3, 4, how).double()(x)
    together, union, which = batch_graphs([(x, edges), (x[:0], NONE), (x, edges)])
    assert which.tolist() == [0] * n + [2] * n
    assert GlobalPool()(together, which, 4).shape == (4, 3)
    assert union.shape == (2, 2 * edges.shape[1])
    coarse, pool = coarsen(edges, torch.arange(n))
    assert pool.shape == (n, n)
    assert coarse.shape[0] == 2
    assert laplacian(edges, n).shape == (n, n)
    assert heat_diagonal(edges, n).shape == (n, 4)
    assert return_probabilities(edges, n).shape == (n, 8)
    assert cycle_counts(edges, n).sum() == 0
    assert refine_colours(edges, n).shape[1] == n
    for k in (1, 2):
        if n:
            assert not tells_apart((edges, n), (edges, n), k)


def test_scores_of_no_triples():
    layer, none = ComplEx(3, 2, 2), NONE[0]
    assert layer(none, none, none).shape == (0,)
    assert layer.all(none, none, torch.tensor([0, 2])).shape == (0, 2)
    with pytest.raises(ValueError, match="source must be from 0 to 2, got 0 to 3"):
        layer(torch.tensor([0, 3]), torch.tensor([0, 0]), torch.tensor([1, 1]))
