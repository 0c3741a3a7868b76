"""The two lattices, their turns, and the plane groups; and how these move signals."""

import copy

import pytest
import torch

from gdl_utils import check_action
from gdl_utils.groups.actions import (
    act_on_group_signal,
    act_on_plane,
    rotate_group_signal,
    turn_and_mirror,
)
from gdl_utils.groups.elements import Cyclic, Dihedral
from gdl_utils.groups.lattices import (
    HEXAGONAL,
    SQUARE,
    PlaneGroup,
    lattice_matrix,
    lattice_sources,
    p4,
    p6,
    p6m,
)
from gdl_utils.groups.representations import vector

RNG = torch.Generator().manual_seed(0)
X = torch.randn(2, 3, 7, 7, generator=RNG, dtype=torch.float64)


@pytest.mark.parametrize(("lattice", "group"), [(SQUARE, Dihedral(4)), (HEXAGONAL, Dihedral(6))])
def test_integer_matrices_are_turns_and_mirrors_of_the_plane(lattice, group):
    """The basis of the lattice takes them to orthogonal matrices: those of ``vector``."""
    basis = torch.tensor([lattice.down, lattice.right], dtype=torch.float64).T
    for g, rho in zip(group.elements(), vector(group).matrices):
        matrix = lattice_matrix(lattice, group, g).double()
        torch.testing.assert_close(basis @ matrix @ torch.linalg.inv(basis), rho)


def test_neighbours_of_a_hexagon_are_a_step_away_and_no_others():
    distance = HEXAGONAL.points(5).norm(dim=-1)
    assert int((distance < 1.01).sum()) == 7
    assert torch.equal(distance < 1.01, torch.nn.functional.pad(HEXAGONAL.disc(1), (1,) * 4))


@pytest.mark.parametrize("radius", range(4))
def test_hexagons_have_hexagonal_numbers(radius):
    assert int(HEXAGONAL.disc(radius).sum()) == 1 + 3 * radius * (radius + 1)
    assert bool(SQUARE.disc(radius).all())


@pytest.mark.parametrize("n", [5, 6])
def test_on_pixels_the_action_is_the_one_that_turns_images(n):
    act = act_on_plane(Dihedral(4))
    for g in Dihedral(4).elements():
        assert torch.equal(act(g, X[..., :n, :n]), turn_and_mirror(g, X[..., :n, :n]))


def test_hexagonal_turns_move_points_as_the_plane_turns():
    group, points = Dihedral(6), HEXAGONAL.points(7)
    inside = HEXAGONAL.disc(3)
    for g, rho in zip(group.elements(), vector(group).matrices):
        moved = act_on_plane(group, HEXAGONAL)(g, points.movedim(-1, 0)).movedim(0, -1)
        torch.testing.assert_close((moved @ rho.T)[inside], points[inside])


def test_hexagonal_turns_keep_the_hexagon():
    inside = HEXAGONAL.disc(3)
    for g in Dihedral(6).elements():
        assert torch.equal(act_on_plane(Dihedral(6), HEXAGONAL)(g, inside), inside)


def test_subgroups_move_as_the_whole_group():
    whole, half = act_on_plane(Cyclic(6), HEXAGONAL), act_on_plane(Cyclic(3), HEXAGONAL)
    assert torch.equal(whole(2, X), half(1, X))


def test_a_turn_turns_the_shift_that_it_meets():
    """Right, then a quarter turn: the shift leads up."""
    group = p4(5)
    assert group.compose(((0, 0), 1), ((0, 1), 0)) == ((4, 0), 1)
    assert group.compose(((0, 1), 0), ((0, 0), 1)) == ((0, 1), 1)


def test_sixty_degrees_turn_right_into_up_and_right():
    assert p6(7).compose(((0, 0), 1), ((0, 1), 0)) == ((6, 1), 1)


def test_group_signals_of_the_trivial_group_are_images():
    act = act_on_group_signal(PlaneGroup(7, Cyclic(1)))
    g = ((1, 2), 0)
    assert torch.equal(act(g, X[:, :, None])[:, :, 0], X.roll((1, 2), (-2, -1)))


def test_moving_only_the_plane_is_an_action_too_but_another():
    """What forgets the group axis is a left action all the same: only a layer can tell."""
    signal = torch.randn(2, 4, 6, 6, generator=RNG)
    forgetful = act_on_plane(Cyclic(4))
    assert check_action(forgetful, Cyclic(4), signal) == 0
    assert not torch.equal(forgetful(1, signal), act_on_group_signal(Cyclic(4))(1, signal))


def test_between_pixels_the_group_axis_rolls_along():
    signal = torch.randn(1, 2, 6, 15, 15, generator=RNG)
    act = rotate_group_signal(Cyclic(6))
    exact = act_on_group_signal(Cyclic(2))
    pairs = signal[:, :, [0, 3]]  # half turns: exact, whichever way it is computed
    torch.testing.assert_close(act(3, signal)[:, :, [0, 3]], exact(1, pairs))
    assert check_action(act, Cyclic(6), signal) > 0.1


def test_lattices_survive_a_copy():
    assert copy.deepcopy(HEXAGONAL) == HEXAGONAL
    assert copy.deepcopy(p6m(7)) == p6m(7)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: lattice_matrix(SQUARE, Cyclic(6), 1), r"n in \[1, 2, 4\] on the square lattice"),
        (lambda: lattice_matrix(HEXAGONAL, Cyclic(4), 1), r"n in \[1, 2, 3, 6\] on the hexagonal"),
        (lambda: act_on_plane(Dihedral(3)), r"got Dihedral\(n=3\)"),
        (lambda: act_on_group_signal("p4"), "got 'p4'"),
        (lambda: act_on_plane(Cyclic(4))(1, torch.ones(2, 3)), "square in its last two axes"),
        (
            lambda: act_on_plane(Cyclic(6), HEXAGONAL)(1, torch.ones(4, 4)),
            "odd and positive, got 4",
        ),
        (lambda: act_on_group_signal(Cyclic(4))(1, torch.ones(8, 5, 5)), r"\(\.\.\., 4, n, n\)"),
        (lambda: act_on_plane(p4(8), coarse=2), "coarse must divide the shifts' step 1"),
        (lambda: lattice_sources(SQUARE, Cyclic(4), 0, 0), "must be positive, got 0"),
        (lambda: HEXAGONAL.disc(-1), "radius must be at least 0"),
        (lambda: p6(8), "odd and positive, got 8"),
        (lambda: p4(8, step=3), "step must divide n = 8, got 3"),
        (lambda: PlaneGroup(8, Cyclic(6)), "on the square lattice"),
        (lambda: rotate_group_signal(Dihedral(4)), "must be Cyclic"),
        (
            lambda: rotate_group_signal(Cyclic(6))(1, torch.ones(1, 2, 4, 5, 5)),
            r"\(B, C, 6, H, H\)",
        ),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
