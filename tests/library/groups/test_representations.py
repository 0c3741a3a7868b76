"""Representations: their laws, their characters, and the maps between them."""

import pytest
import torch

from gdl_utils.equivariant_maps import action_matrices, equivariant_basis
from gdl_utils.groups.actions import act_on_group_signal, act_on_plane
from gdl_utils.groups.elements import Cyclic, Dihedral, Product, orbits
from gdl_utils.groups.representations import (
    Representation,
    intertwiner_dimension,
    irreducible,
    irreducibles,
    multiplicities,
    permutation,
    regular,
    trivial,
    vector,
)

POINT_GROUPS = [Cyclic(1), Cyclic(2), Cyclic(5), Cyclic(6), Dihedral(1), Dihedral(2)]
POINT_GROUPS += [Dihedral(3), Dihedral(4), Dihedral(6)]


def on_corners(g, corner):
    r, m = g
    return (r - corner if m else r + corner) % 4


def test_a_quarter_turn_of_an_arrow():
    torch.testing.assert_close(
        vector(Cyclic(4))(1), torch.tensor([[0.0, -1], [1, 0]], dtype=torch.float64)
    )
    torch.testing.assert_close(
        vector(Dihedral(4))((0, 1)), torch.tensor([[-1.0, 0], [0, 1]], dtype=torch.float64)
    )


def test_the_regular_representation_shifts_the_group():
    assert torch.equal(regular(Cyclic(3))(1), torch.eye(3).double().roll(1, 0))


@pytest.mark.parametrize("group", [Cyclic(1), Cyclic(4), Dihedral(2), Dihedral(4)])
def test_regular_is_the_group_axis_of_a_signal(group):
    act, size = act_on_group_signal(group), len(group.elements())
    matrices = action_matrices(act, group.elements(), (size, 1, 1))
    assert torch.equal(matrices, regular(group).matrices)


def test_representations_of_an_action_are_representations():
    group = Dihedral(4)
    pixels = Representation(
        group, action_matrices(act_on_plane(group), group.elements(), (3, 3)), "3 × 3 pixels"
    )
    # Each orbit of pixels holds the trivial one once: the centre, the edges, the corners.
    assert multiplicities(pixels)["trivial"] == 3


def test_the_last_irreducible_of_a_square_turns_arrows():
    assert irreducible(Dihedral(4), 0).name == "trivial"
    torch.testing.assert_close(irreducible(Dihedral(4), 4).matrices, vector(Dihedral(4)).matrices)


@pytest.mark.parametrize("group", POINT_GROUPS)
def test_irreducibles_are_different_and_all(group):
    irreps = irreducibles(group)
    for i, a in enumerate(irreps):
        for j, b in enumerate(irreps):
            assert (intertwiner_dimension(a, b) > 0) == (i == j)
    # Each is contained in the regular one, and nothing else is.
    counts = multiplicities(regular(group))
    assert sum(counts[a.name] * a.dimension for a in irreps) == len(group.elements())
    # Complex irreducibles are counted by conjugacy classes; a cyclic plane holds two of them.
    classes = orbits(
        group, lambda g, h: group.compose(group.compose(g, h), group.inverse(g)), group.elements()
    )
    assert sum(intertwiner_dimension(a, a) for a in irreps) == len(classes)


@pytest.mark.parametrize("group", POINT_GROUPS)
def test_characters_count_what_solving_finds(group):
    parts = [trivial(group), regular(group), vector(group), vector(group) * vector(group)]
    parts += irreducibles(group)
    for a in parts:
        for b in parts:
            solved = equivariant_basis(a.matrices, b.matrices)
            assert intertwiner_dimension(a, b) == len(solved)


def test_sum_and_product_by_hand():
    arrow, group = vector(Cyclic(4)), Cyclic(4)
    both = arrow + trivial(group)
    assert both.dimension == 3
    assert both(1)[2].tolist() == [0, 0, 1]
    assert torch.equal(both.character, arrow.character + 1)
    squared = arrow * arrow
    assert torch.equal(squared.character, arrow.character**2)
    # A matrix is a multiple of the identity, an antisymmetric part, and a symmetric one.
    assert multiplicities(squared) == {"trivial": 2, "sign of turns": 2}
    assert multiplicities(vector(Dihedral(3)) * vector(Dihedral(3))) == {
        "trivial": 1, "sign of mirrors": 1, "turn × 1": 1,
    }  # fmt: skip
    assert multiplicities(3 * arrow + arrow) == {"turn × 1": 4}


def test_the_dual_of_a_representation_that_is_not_orthogonal():
    shear = torch.tensor([[1.0, 1], [0, 1]], dtype=torch.float64)
    skewed = shear @ vector(Cyclic(4)).matrices @ torch.linalg.inv(shear)
    rho = Representation(Cyclic(4), skewed)
    assert not torch.allclose(rho.dual().matrices, rho.matrices)
    torch.testing.assert_close(
        rho.dual()(1).T @ rho(1), torch.eye(2, dtype=torch.float64)
    )  # a form and a vector keep their product
    assert intertwiner_dimension(rho.dual(), rho) == intertwiner_dimension(rho, rho)
    assert torch.equal(regular(Dihedral(3)).dual().matrices, regular(Dihedral(3)).matrices)


def test_corners_of_a_square():
    corners = permutation(Dihedral(4), on_corners, range(4))
    assert corners.character.tolist() == [4, 0, 0, 0, 2, 0, 2, 0]  # corners that stay
    assert multiplicities(corners) == {"trivial": 1, "sign of turns": 1, "turn × 1": 1}


def test_names_tell_where_it_comes_from():
    assert (2 * vector(Cyclic(4)) + trivial(Cyclic(4)).dual()).name == "2 vector + trivial*"


def test_a_product_of_groups_has_a_regular_representation():
    assert regular(Product(Cyclic(2), Cyclic(3))).dimension == 6


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Representation(Cyclic(4), torch.ones(3, 1, 1)), r"must be \(4, d, d\)"),
        (lambda: Representation(Cyclic(4), torch.ones(4, 1, 2)), r"got \(4, 1, 2\)"),
        (lambda: Representation(Cyclic(4), torch.zeros(4, 1, 1)), "identity matrix"),
        (
            lambda: Representation(Cyclic(2), torch.tensor([1.0, 2.0])[:, None, None]),
            r"ρ\(g\) ρ\(h\) is not ρ\(gh\)",
        ),
        (
            lambda: Representation(Cyclic(2), torch.tensor([1.0, float("nan")])[:, None, None]),
            "must multiply",
        ),
        (lambda: trivial(Cyclic(4)) + trivial(Cyclic(3)), "must be of one group"),
        (lambda: trivial(Cyclic(4)) * trivial(Cyclic(3)), "must be of one group"),
        (
            lambda: intertwiner_dimension(trivial(Cyclic(4)), trivial(Cyclic(3))),
            "must be of one group",
        ),
        (lambda: 0 * trivial(Cyclic(4)), "copies must be at least 1"),
        (lambda: trivial(Cyclic(4))(7), "g must be an element of .*, got 7"),
        (lambda: permutation(Dihedral(4), on_corners, [0, 1]), "lacks 2"),
        (lambda: permutation(Cyclic(2), lambda g, p: (p + g) % 3, range(3)), "must multiply"),
        (lambda: irreducible(Dihedral(4), 5), "from 0 to 4"),
        (lambda: irreducibles(Product(Cyclic(2), Cyclic(2))), r"must be Cyclic\(n\)"),
        (lambda: vector("C4"), r"must be Cyclic\(n\)"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
