"""All equivariant linear maps: known dimensions, known patterns, refused input."""

import pytest
import torch

from gdl_utils import equivariant_basis, representation
from gdl_utils.graphs.actions import Permutations, relabel, relabel_matrix
from gdl_utils.grids.actions import Translations, shift
from gdl_utils.grids.layers import circulant
from gdl_utils.groups.actions import turn

TRANSPOSITION = torch.tensor([1, 0, 2, 3])
CYCLE = torch.tensor([1, 2, 3, 0])
SYMMETRIC_GROUP = [TRANSPOSITION, CYCLE]  # generate all 24 permutations


def ring(n, step=1):
    return representation(shift, [(step,)], (n,))


def test_representation_of_a_shift_by_hand():
    assert torch.equal(ring(3)[0], torch.tensor([[0.0, 0, 1], [1, 0, 0], [0, 1, 0]]).double())


def test_representation_is_a_homomorphism():
    group = Permutations(5)
    rng = torch.Generator().manual_seed(0)
    g, h = group.sample(rng), group.sample(rng)
    a, b, ab = representation(relabel, [g, h, group.compose(g, h)], (5,))
    assert torch.equal(a @ b, ab)


@pytest.mark.parametrize("n", [1, 2, 5, 8])
def test_shift_equivariant_maps_are_the_circulants(n):
    basis = equivariant_basis(ring(n), ring(n))
    assert basis.shape == (n, n, n)
    patterns = {tuple(b.flatten().tolist()) for b in basis}
    expected = {tuple(circulant(e).flatten().tolist()) for e in torch.eye(n)}
    assert patterns == expected


@pytest.mark.parametrize(
    ("rep_in", "rep_out", "dimension"),
    [
        (ring(8, 2), ring(8, 2), 16),  # less symmetry, more maps
        (torch.eye(4)[None], torch.eye(3)[None], 12),  # no symmetry, all maps
        (ring(6), torch.ones(1, 1, 1), 1),  # to an invariant: only the sum
        (representation(relabel, SYMMETRIC_GROUP, (4,)),) * 2 + (2,),  # Deep Sets
        (representation(relabel_matrix, SYMMETRIC_GROUP, (4, 4)),) * 2 + (15,),  # Maron et al.
    ],
)
def test_known_dimensions(rep_in, rep_out, dimension):
    basis = equivariant_basis(rep_in, rep_out)
    assert len(basis) == dimension
    for a, b in zip(rep_in.double(), rep_out.double()):
        torch.testing.assert_close(b @ basis, basis @ a)
    assert torch.linalg.matrix_rank(basis.flatten(1)) == dimension


def test_dimension_agrees_with_the_characters():
    elements = [0, 1, 2, 3]
    rep = representation(turn, elements, (3, 3))
    by_characters = (rep.diagonal(dim1=1, dim2=2).sum(-1) ** 2).mean()
    assert len(equivariant_basis(rep, rep)) == round(float(by_characters))


def test_representations_that_are_not_permutations():
    angle = torch.tensor(2 * torch.pi / 5)
    c, s = torch.cos(angle), torch.sin(angle)
    rotation = torch.stack([torch.stack([c, -s]), torch.stack([s, c])])[None]
    basis = equivariant_basis(rotation, rotation)  # the complex numbers
    assert len(basis) == 2
    torch.testing.assert_close(basis[0], torch.eye(2).double())
    assert len(equivariant_basis(rotation, torch.ones(1, 1, 1))) == 0


@pytest.mark.parametrize(
    ("rep_in", "rep_out", "message"),
    [
        (torch.eye(3), torch.eye(3)[None], r"rep_in must be \(g, d, d\), got \(3, 3\)"),
        (torch.eye(3)[None], torch.ones(1, 2, 3), r"rep_out must be \(g, d, d\), got \(1, 2, 3\)"),
        (torch.zeros(0, 3, 3), torch.eye(3)[None], "rep_in must be"),
        (torch.eye(3)[None], torch.eye(3).repeat(2, 1, 1), "same elements, got 1 and 2"),
        (torch.full((1, 2, 2), torch.nan), torch.eye(3)[None], "rep_in must be finite"),
        (torch.ones(1, 2, 2), torch.eye(3)[None], "rep_in must hold invertible"),
        (torch.eye(65)[None], torch.eye(65)[None], "at most 4096, got 4225"),
    ],
)
def test_bad_representations(rep_in, rep_out, message):
    with pytest.raises(ValueError, match=message):
        equivariant_basis(rep_in, rep_out)


@pytest.mark.parametrize(
    ("action", "elements", "message"),
    [
        (shift, [], "elements must hold at least one"),
        (lambda g, x: x + 1, [(1,)], "action must be linear"),
        (lambda g, x: x[:2], [(1,)], r"action must keep the shape \(3,\)"),
    ],
)
def test_bad_actions(action, elements, message):
    with pytest.raises(ValueError, match=message):
        representation(action, elements, (3,))


def test_translations_of_an_image_need_two_generators():
    group = Translations((3, 4))
    rep = representation(shift, [(1, 0), (0, 1)], group.shape)
    assert len(equivariant_basis(rep, rep)) == 12
