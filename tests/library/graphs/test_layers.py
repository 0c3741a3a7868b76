"""The three flavours and Deep Sets, with the same weights as torch-geometric's, and by hand."""

import pytest
import torch
from torch import nn
from torch_geometric.nn import GATConv as PeerGATConv
from torch_geometric.nn import GCNConv as PeerGCNConv
from torch_geometric.nn import GINConv as PeerGINConv
from torch_geometric.nn import MessagePassing as PeerMessagePassing

from gdl_utils.equivariant_maps import equivariant_basis
from gdl_utils.graphs.layers import DeepSets, GATConv, GCNConv, GINConv, MessagePassing
from gdl_utils.graphs.representations import on_nodes
from gdl_utils.training import seeded

RNG = torch.Generator().manual_seed(1)
X = torch.randn(8, 3, generator=RNG, dtype=torch.float64)
E = torch.randn(7, 2, generator=RNG, dtype=torch.float64)
# a loop, a double edge, an edge one way, two parts, nodes 4 and 7 alone
EDGES = torch.tensor([[0, 1, 1, 3, 3, 3, 5], [1, 0, 2, 3, 0, 0, 6]])
NONE = torch.zeros(2, 0, dtype=torch.int64)


def agree(layer, peer, x, *structure):
    """The same outputs, and the same gradient of the features."""
    x = x.clone().requires_grad_()
    ours, theirs = layer(x, *structure), peer(x, *structure)
    torch.testing.assert_close(ours, theirs, atol=1e-10, rtol=0)
    gradients = [torch.autograd.grad(y.sin().sum(), x)[0] for y in (ours, theirs)]
    torch.testing.assert_close(*gradients, atol=1e-10, rtol=0)


def gcn_and_peer():
    layer, peer = GCNConv(3, 4).double(), PeerGCNConv(3, 4).double()
    with torch.no_grad():
        layer.bias.uniform_()
        peer.lin.weight.copy_(layer.weight.T)
        peer.bias.copy_(layer.bias)
    return layer, peer


def gat_and_peer():
    layer, peer = GATConv(3, 4, heads=2).double(), PeerGATConv(3, 4, heads=2).double()
    with torch.no_grad():
        layer.bias.uniform_()
        peer.lin.weight.copy_(layer.weight.T)
        peer.att_dst.copy_(layer.to_target.T[None])
        peer.att_src.copy_(layer.to_source.T[None])
        peer.bias.copy_(layer.bias)
    return layer, peer


def gin_and_peer():
    net = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 4)).double()
    layer = GINConv(net).double()
    with torch.no_grad():
        layer.eps.fill_(0.25)
    return layer, PeerGINConv(net, eps=0.25).double()


@pytest.mark.parametrize("edges", [EDGES, NONE])
@pytest.mark.parametrize("pair", [gcn_and_peer, gat_and_peer, gin_and_peer])
def test_against_torch_geometric(pair, edges):
    with seeded(0):
        layer, peer = pair()
    agree(layer, peer, X, edges)


@pytest.mark.parametrize("pair", [gcn_and_peer, gat_and_peer])
def test_gradients_of_the_weights_against_torch_geometric(pair):
    with seeded(0):
        layer, peer = pair()
    (layer(X, EDGES).sin().sum() + peer(X, EDGES).sin().sum()).backward()
    torch.testing.assert_close(layer.weight.grad, peer.lin.weight.grad.T)
    torch.testing.assert_close(layer.bias.grad, peer.bias.grad)
    if isinstance(layer, GATConv):
        torch.testing.assert_close(layer.to_target.grad, peer.att_dst.grad[0].T)
        torch.testing.assert_close(layer.to_source.grad, peer.att_src.grad[0].T)


class Peer(PeerMessagePassing):
    def __init__(self, ours):
        super().__init__(aggr=ours.reduce)
        self.ours = ours

    def forward(self, x, edge_index, e):
        gathered = self.propagate(edge_index, x=x, e=e)
        return self.ours.update(torch.cat([x, gathered], 1))

    def message(self, x_i, x_j, e):
        return self.ours.message(torch.cat([x_i, x_j, e], 1))


@pytest.mark.parametrize("how", ["sum", "mean", "max"])
def test_message_passing_against_torch_geometric(how):
    with seeded(0):
        message = nn.Sequential(nn.Linear(8, 5), nn.Tanh())
        layer = MessagePassing(message, nn.Linear(8, 4), how).double()
    agree(layer, Peer(layer), X, EDGES, E)


def test_gcn_by_hand():
    """A path 0 - 1: with loops each has two; W = 6 turns (1, 3) into 6 (1 + 3) / 2."""
    layer = GCNConv(1, 1)
    nn.init.constant_(layer.weight, 6.0)
    path = torch.tensor([[0, 1], [1, 0]])
    y = layer(torch.tensor([[1.0], [3], [5]]), path)
    torch.testing.assert_close(y, torch.tensor([[12.0], [12], [30]]))


def test_attention_by_hand():
    """Node 0 attends to its own feature log 1, and to log 3, as 1 to 3, for p = 0 and q = 1."""
    layer = GATConv(1, 1)
    for weight, value in ((layer.weight, 1.0), (layer.to_target, 0.0), (layer.to_source, 1.0)):
        nn.init.constant_(weight, value)
    x = torch.tensor([[1.0], [3.0]]).log()
    y = layer(x, torch.tensor([[1], [0]]))
    torch.testing.assert_close(y, torch.tensor([[0.75], [1.0]]) * x[1])


def test_message_passing_by_hand():
    """Messages are target minus source, the target first; node 2 gets none."""
    difference = nn.Linear(2, 1, bias=False)
    with torch.no_grad():
        difference.weight.copy_(torch.tensor([[1.0, -1.0]]))
    x = torch.tensor([[10.0], [4], [1]])
    edges = torch.tensor([[1, 2, 0], [0, 0, 1]])
    for how, first in (("sum", 15), ("mean", 7.5), ("max", 9)):
        layer = MessagePassing(difference, reduce=how)
        assert layer(x, edges).flatten().tolist() == [first, -6, 0]


def test_values_of_edges_go_with_their_edges():
    """Listing the edges in another order, and their values with them, changes nothing."""
    with seeded(0):
        layer = MessagePassing(nn.Linear(8, 5)).double()
    order = torch.tensor([3, 6, 0, 5, 1, 4, 2])
    torch.testing.assert_close(layer(X, EDGES[:, order], E[order]), layer(X, EDGES, E))


def test_a_graph_of_two_parts_is_two_graphs():
    with seeded(0):
        layers = [GCNConv(3, 4), GATConv(3, 4), GINConv(nn.Linear(3, 4))]
    part = torch.tensor([[0, 1], [1, 2]])
    for layer in layers:
        layer = layer.double()
        both = layer(X[:6], torch.cat([part, part + 3], 1))
        torch.testing.assert_close(both, torch.cat([layer(X[:3], part), layer(X[3:6], part)]))


def test_deep_sets_by_hand():
    layer = DeepSets(1, 1)
    nn.init.constant_(layer.own, 1.0)
    nn.init.constant_(layer.others, 10.0)
    x = torch.tensor([[1.0], [2], [6]])
    assert layer(x).flatten().tolist() == [31, 32, 36]
    for how, pooled in (("sum", 90), ("max", 60)):
        layer.reduce = how
        assert layer(x).flatten().tolist() == [1 + pooled, 2 + pooled, 6 + pooled]


def test_deep_sets_takes_batches():
    with seeded(0):
        layer = DeepSets(3, 4).double()
    sets = torch.stack([X, X.flip(0)])
    torch.testing.assert_close(layer(sets), torch.stack([layer(X), layer(X).flip(0)]))


def test_deep_sets_is_every_linear_equivariant_map():
    """As a matrix it is a 1 + b 11ᵀ/n: the span of the basis found by solving."""
    with seeded(0):
        layer = DeepSets(1, 1).double()
    matrix = torch.stack([layer(e[:, None])[:, 0] for e in torch.eye(5).double()], 1)
    basis = equivariant_basis(on_nodes(5), on_nodes(5)).flatten(1)
    stacked = torch.cat([basis, matrix.detach().flatten()[None]])
    assert torch.linalg.matrix_rank(stacked) == len(basis) == 2


def test_representations_are_printed():
    assert repr(GCNConv(3, 4)) == "GCNConv(3, 4)"
    assert repr(GATConv(3, 4, heads=2)) == "GATConv(3, 4, heads=2)"
    assert repr(DeepSets(3, 4)) == "DeepSets(3, 4, reduce='mean')"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: GCNConv(0, 4), "must be positive, got 0 and 4"),
        (lambda: GATConv(3, 4, heads=0), "channels and heads must be positive, got 3, 4 and 0"),
        (lambda: DeepSets(3, -1), "must be positive, got 3 and -1"),
        (lambda: DeepSets(3, 4, "min"), "reduce must be 'sum', 'mean' or 'max', got 'min'"),
        (lambda: MessagePassing(nn.Identity(), reduce="last"), "got 'last'"),
        (lambda: GCNConv(2, 4)(X, EDGES), r"x must be \(n, 2\), got \(8, 3\)"),
        (lambda: GATConv(3, 4)(X[0], EDGES), r"x must be \(n, 3\), got \(3,\)"),
        (lambda: GINConv(nn.Identity())(X[0], EDGES), r"x must be \(n, C\), got \(3,\)"),
        (lambda: GCNConv(3, 4)(X[:5].float(), EDGES), "must name nodes 0 to 4, got 0 to 6"),
        (lambda: GCNConv(3, 4)(X.float(), EDGES.float()), "of whole numbers, got"),
        (lambda: MessagePassing(nn.Identity())(X, EDGES, E[:3]), r"e must be \(7, D\), got \(3, 2"),
        (lambda: DeepSets(2, 4)(X), r"x must be \(…, n, 2\), n ≥ 1, got \(8, 3\)"),
        (lambda: DeepSets(3, 4)(X[:0].float()), r"got \(0, 3\)"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
