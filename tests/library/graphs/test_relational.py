"""Graphs with edges of several kinds, against PyTorch Geometric and by hand."""

import pytest
import torch
from torch_geometric.nn import RGCNConv as Peer
from torch_geometric.nn.kge import ComplEx as PeerComplEx

from gdl_utils.graphs.relational import ComplEx, RGCNConv, as_relations
from gdl_utils.training import seeded

EDGES = torch.tensor([[0, 1, 2, 3, 4, 5, 0, 0, 2], [1, 2, 3, 4, 5, 0, 2, 2, 2]])  # node 6 is alone
KINDS = torch.tensor([0, 1, 2, 0, 1, 1, 1, 1, 0])


def test_by_hand():
    """Two edges of one kind into a node count half each; another kind has its own weight."""
    layer = RGCNConv(1, 1, 2)
    with torch.no_grad():
        layer.own.fill_(100.0)
        layer.weight.copy_(torch.tensor([[[1.0]], [[10.0]]]))
        layer.bias.fill_(0.5)
        x = torch.tensor([[1.0], [2.0], [4.0], [8.0]])
        edges, kinds = torch.tensor([[0, 1, 2], [3, 3, 3]]), torch.tensor([0, 0, 1])
        y = layer(x, edges, kinds)
    assert y.flatten().tolist() == [100.5, 200.5, 400.5, 800.5 + 1.5 + 40]


@pytest.mark.parametrize("bases", [None, 2])
def test_equals_pyg(bases):
    with seeded(0):
        layer, peer = RGCNConv(3, 4, 3, bases).double(), Peer(3, 4, 3, num_bases=bases).double()
        x = torch.randn(7, 3, dtype=torch.float64, requires_grad=True)
    with torch.no_grad():
        peer.weight.copy_(layer.weight)
        peer.root.copy_(layer.own)
        peer.bias.copy_(layer.bias)
        if bases:
            peer.comp.copy_(layer.mixture)
    ours, theirs = layer(x, EDGES, KINDS), peer(x, EDGES, KINDS)
    torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-12)
    slopes = [
        torch.autograd.grad(y.square().sum(), x, retain_graph=True)[0] for y in (ours, theirs)
    ]
    torch.testing.assert_close(*slopes, rtol=1e-11, atol=1e-11)


def test_relations_count_their_own_edges():
    """Identity: with one relation, parallel edges change nothing, and a second kind adds up."""
    with seeded(0):
        layer, x = RGCNConv(3, 4, 2).double(), torch.randn(7, 3, dtype=torch.float64)
    one = torch.zeros(9, dtype=torch.int64)
    twice = layer(x, EDGES.repeat(1, 2), one.repeat(2))
    torch.testing.assert_close(twice, layer(x, EDGES, one))
    parts = layer(x, EDGES, one) + layer(x, EDGES, one + 1) - layer(x, EDGES[:, :0], one[:0])
    both = layer(x, EDGES.repeat(1, 2), torch.cat([one, one + 1]))
    torch.testing.assert_close(both, parts)


def test_complex_scores_equal_pyg():
    with seeded(0):
        model, peer = ComplEx(5, 2, 3), PeerComplEx(5, 2, 3)
    with torch.no_grad():
        for ours, real, imaginary in (
            (model.entities, peer.node_emb, peer.node_emb_im),
            (model.relation, peer.rel_emb, peer.rel_emb_im),
        ):
            real.weight.copy_(ours.weight[:, :3])
            imaginary.weight.copy_(ours.weight[:, 3:])
    s, r, t = torch.tensor([0, 1, 4]), torch.tensor([0, 1, 1]), torch.tensor([2, 0, 3])
    torch.testing.assert_close(model(s, r, t), peer(s, r, t))
    torch.testing.assert_close(model.all(s, r, t).diagonal(), model(s, r, t))
    assert (model(s, r, t) - model(t, r, s)).abs().max() > 1e-3


def test_complex_by_hand():
    """Re((1 + 2i)(i)(3 − i)): (−2 + i)(3 − i) has the real part −6 + 1."""
    model = ComplEx(2, 1, 1)
    with torch.no_grad():
        model.entities.weight.copy_(torch.tensor([[1.0, 2.0], [3.0, 1.0]]))
        model.relation.weight.copy_(torch.tensor([[0.0, 1.0]]))
        zero = torch.zeros(1, dtype=torch.int64)
        assert model(zero, zero, zero + 1).item() == -5


def test_bad_arguments():
    with pytest.raises(ValueError, match="must be positive, got"):
        RGCNConv(3, 4, 0)
    with pytest.raises(ValueError, match="must be positive, got"):
        RGCNConv(3, 4, 2, bases=0)
    with pytest.raises(ValueError, match="must be positive, got 5, 0 and 3"):
        ComplEx(5, 0, 3)
    layer, x = RGCNConv(3, 4, 3), torch.ones(7, 3)
    with pytest.raises(ValueError, match=r"x must be \(n, 3\), got \(7, 2\)"):
        layer(x[:, :2], EDGES, KINDS)
    with pytest.raises(ValueError, match=r"relation must be \(9,\) of whole numbers, got \(8,\)"):
        layer(x, EDGES, KINDS[1:])
    with pytest.raises(
        ValueError, match=r"relation must be \(9,\) of whole numbers, got \(9,\) torch.fl"
    ):
        layer(x, EDGES, KINDS.float())
    with pytest.raises(ValueError, match="relation must be from 0 to 2, got 0 to 3"):
        as_relations(KINDS + (KINDS == 2), 9, 3)
    with pytest.raises(ValueError, match="edge_index"):
        layer(x[:5], EDGES, KINDS)
