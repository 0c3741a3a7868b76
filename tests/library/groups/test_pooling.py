"""Pooling over orientations, over pixels and over hexagons."""

import pytest
import torch

from gdl_utils import equivariance_error
from gdl_utils.groups.actions import act_on_group_signal, act_on_plane
from gdl_utils.groups.elements import Cyclic, Dihedral
from gdl_utils.groups.lattices import HEXAGONAL
from gdl_utils.groups.pooling import GlobalGroupPool, GroupPool, HexPool2d, SpatialPool2d

RNG = torch.Generator().manual_seed(0)
SIGNAL = torch.randn(2, 3, 4, 6, 6, generator=RNG, dtype=torch.float64)


def hexagon(radius, *shape):
    """Random values in a hexagon."""
    n = 2 * radius + 1
    x = torch.randn(*shape, n, n, generator=RNG, dtype=torch.float64)
    return x * HEXAGONAL.disc(radius)


def test_over_orientations():
    x = torch.tensor([1.0, 5, 2, 0]).reshape(1, 1, 4, 1, 1)
    assert GroupPool()(x).item() == 5
    assert GroupPool("mean")(x).item() == 2
    assert GlobalGroupPool("max")(SIGNAL)[1, 2] == SIGNAL[1, 2].max()
    torch.testing.assert_close(GlobalGroupPool()(SIGNAL)[1, 2], SIGNAL[1, 2].mean())


@pytest.mark.parametrize("how", ["max", "mean"])
def test_windows_of_pixels_by_hand(how):
    x = torch.arange(16.0).reshape(1, 1, 4, 4)
    pooled = SpatialPool2d(reduce=how)(x)
    expected = [[5.0, 7], [13, 15]] if how == "max" else [[2.5, 4.5], [10.5, 12.5]]
    assert pooled[0, 0].tolist() == expected
    signal = x.expand(1, 4, 4, 4)[:, None]
    assert torch.equal(SpatialPool2d(reduce=how)(signal)[0, 0, 3], pooled[0, 0])


def test_windows_must_lie_symmetrically():
    """Windows of 3 with step 2 on an even side leave out a border at one side only."""

    def lopsided(x):
        return torch.nn.functional.max_pool2d(x, 3, 2)

    act, x = act_on_plane(Cyclic(4)), SIGNAL[:, 0]
    assert equivariance_error(lopsided, Cyclic(4), act, act, x) > 0.1
    assert equivariance_error(SpatialPool2d(3, 2), Cyclic(4), act, act, x[..., :5, :5]) == 0
    assert equivariance_error(SpatialPool2d(2, 2), Cyclic(4), act, act, x) == 0
    assert equivariance_error(SpatialPool2d(1, 2), Cyclic(4), act, act, x[..., :5, :5]) == 0


def test_seven_neighbours_by_hand():
    x = torch.zeros(1, 1, 5, 5, dtype=torch.float64)
    x[0, 0, 2] = torch.tensor([1.0, 2, 3, 4, 5])  # the row through the centre
    most, mean = HexPool2d()(x)[0, 0], HexPool2d(reduce="mean")(x)[0, 0]
    assert most.tolist() == [[0, 0, 0], [2, 4, 5], [0, 0, 0]]
    # 7 neighbours at the centre; at a corner of the hexagon only 4 of them are inside.
    expected = [[0, 0, 0], [3 / 4, 9 / 7, 9 / 4], [0, 0, 0]]
    torch.testing.assert_close(mean, torch.tensor(expected, dtype=torch.float64))


@pytest.mark.parametrize("radius", [4, 5])
@pytest.mark.parametrize("how", ["max", "mean"])
def test_windows_of_hexagons_against_distances(radius, how):
    """The same by distances in the plane: who is within one step of a coarse position."""
    x = hexagon(radius, 1, 1)
    fine, coarse = HEXAGONAL.points(2 * radius + 1), HEXAGONAL.points(2 * (radius // 2) + 1) * 2
    inside = HEXAGONAL.disc(radius)
    pooled = HexPool2d(reduce=how)(x)[0, 0]
    for where in HEXAGONAL.disc(radius // 2).nonzero().tolist():
        near = ((fine - coarse[tuple(where)]).norm(dim=-1) < 1.01) & inside
        values = x[0, 0][near]
        expected = values.max() if how == "max" else values.mean()
        torch.testing.assert_close(pooled[tuple(where)], expected)
    assert not pooled[~HEXAGONAL.disc(radius // 2)].any()


def test_two_by_two_in_axial_coordinates_is_not_a_hexagonal_pooling():
    group, inside = Cyclic(6), HEXAGONAL.disc(3)
    act, x = act_on_plane(group, HEXAGONAL), hexagon(6, 1, 2)

    def squares(x):
        return torch.nn.functional.max_pool2d(x, 2, ceil_mode=True) * inside

    assert equivariance_error(squares, group, act, act, x) > 0.1
    assert equivariance_error(HexPool2d(), group, act, act, x) == 0


@pytest.mark.parametrize("radius", [0, 1, 2])
def test_pooling_what_is_negative_stays_inside(radius):
    x = hexagon(4, 1, 1) - 10
    assert HexPool2d(radius)(x).min() < -1
    assert HexPool2d(radius)(x)[0, 0, 2, 2] < -1
    assert GlobalGroupPool("max", lattice=HEXAGONAL)(x[:, :, None] * HEXAGONAL.disc(4)) < -1


def test_global_pooling_of_a_hexagon_counts_its_positions_only():
    ones = HEXAGONAL.disc(3).double().expand(1, 1, 6, 7, 7)
    assert GlobalGroupPool(lattice=HEXAGONAL)(ones).item() == 1
    assert GlobalGroupPool()(ones).item() == pytest.approx(37 / 49)


def test_pools_pass_gradients():
    x = hexagon(3, 1, 2).requires_grad_()
    assert torch.autograd.gradcheck(HexPool2d(reduce="mean"), (x,))
    assert torch.autograd.gradcheck(HexPool2d(), (x,))


def test_a_torus_of_hexagons_pools_all_around():
    group = Dihedral(6)
    x = torch.randn(1, 2, 12, 9, 9, generator=RNG, dtype=torch.float64)
    pool = HexPool2d(1, 3, padding="circular")
    act = act_on_group_signal(group, HEXAGONAL)
    assert pool(x).shape == (1, 2, 12, 3, 3)
    assert equivariance_error(pool, group, act, act, x) == 0
    shifted = pool(x.roll((3, 6), (-2, -1)))
    assert torch.equal(shifted, pool(x).roll((1, 2), (-2, -1)))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: GroupPool("sum"), "reduce must be one of"),
        (lambda: GroupPool()(torch.ones(2, 3, 5, 5)), r"must be \(B, C, \|G\|, n, n\)"),
        (lambda: GroupPool()(torch.ones(2, 3, 4, 5, 6)), r"got \(2, 3, 4, 5, 6\)"),
        (lambda: SpatialPool2d(0), "kernel_size must be at least 1"),
        (lambda: SpatialPool2d(2, 0), "stride must be at least 1"),
        (lambda: SpatialPool2d(reduce="min"), "reduce must be one of"),
        (lambda: SpatialPool2d()(torch.ones(1, 1, 5, 5)), "do not in a side of 5"),
        (lambda: SpatialPool2d(3, 2)(torch.ones(1, 1, 28, 28)), "do not in a side of 28"),
        (lambda: SpatialPool2d(7, 2)(torch.ones(1, 1, 5, 5)), "do not in a side of 5"),
        (lambda: SpatialPool2d()(torch.ones(1, 4, 6)), r"got \(1, 4, 6\)"),
        (lambda: SpatialPool2d()(torch.ones(1, 1, 4, 6)), r"got \(1, 1, 4, 6\)"),
        (lambda: HexPool2d(-1), "radius must be at least 0"),
        (lambda: HexPool2d(1, 0), "stride must be at least 1"),
        (lambda: HexPool2d(padding="same"), "padding must be"),
        (lambda: HexPool2d()(torch.ones(1, 1, 6, 6)), "must be odd and positive, got 6"),
        (lambda: HexPool2d()(torch.ones(1, 5, 5)), r"got \(1, 5, 5\)"),
        (lambda: HexPool2d(padding="circular")(torch.ones(1, 1, 9, 9)), "multiple of the stride 2"),
        (lambda: HexPool2d(2, 3, padding="circular")(torch.ones(1, 1, 3, 3)), "at least 5, got 3"),
        (lambda: GlobalGroupPool("min"), "reduce must be one of"),
        (lambda: GlobalGroupPool()(SIGNAL.long()), "x must be floating point, got torch.int64"),
        (lambda: SpatialPool2d()(SIGNAL.tolist()), "x must be a tensor, got list"),
        (lambda: GlobalGroupPool()(torch.ones(2, 3)), "must be"),
        (
            lambda: GlobalGroupPool(lattice=HEXAGONAL)(torch.ones(1, 1, 6, 4, 4)),
            "must be odd and positive, got 4",
        ),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
