"""Filters known between pixels, images resampled on hexagons: what is exact, what is not."""

import math

import pytest
import torch
from scipy.ndimage import map_coordinates
from torch import nn

from gdl_utils.groups.actions import act_on_plane, rotate, rotate_group_signal, turn
from gdl_utils.groups.elements import Cyclic, Dihedral
from gdl_utils.groups.harmonics import turned_basis
from gdl_utils.groups.lattices import HEXAGONAL, SQUARE
from gdl_utils.groups.layers import GroupConv2d, Lifting2d
from gdl_utils.groups.resampling import PIXEL_DENSITY, to_hexagons
from gdl_utils.groups.steerable import RotatedGroupConv2d, RotatedLifting2d
from gdl_utils.training import seeded

RNG = torch.Generator().manual_seed(0)
IMAGE = torch.randn(2, 2, 6, 6, generator=RNG)
SIGNAL = torch.randn(2, 2, 4, 6, 6, generator=RNG)
C6 = Cyclic(6)


def bumps(n, *, seed=0):
    """A smooth image that vanishes at its border: (1, 2, n, n)."""
    rng = torch.Generator().manual_seed(seed)
    points = SQUARE.points(n)
    centres = (torch.rand(2, 6, 2, generator=rng, dtype=torch.float64) - 0.5) * n / 2
    widths = n * (0.06 + 0.06 * torch.rand(2, 6, 1, 1, generator=rng, dtype=torch.float64))
    far = (points - centres[:, :, None, None]).square().sum(-1)
    return torch.exp(-far / (2 * widths**2)).sum(1)[None]


def network(group, basis="harmonics", size=5):
    with seeded(0):
        return nn.Sequential(
            RotatedLifting2d(2, 4, size, group, basis=basis), nn.ReLU(),
            RotatedGroupConv2d(4, 3, size, group, basis=basis),
        ).double()  # fmt: skip


def error(net, group, g, x):
    """Relative difference in the mean between the two ways around."""
    angle = 2 * math.pi * g / group.n
    with torch.no_grad():
        first, last = net(rotate(angle, x)), rotate_group_signal(group)(g, net(x))
    return float((first - last).norm() / last.norm())


@pytest.mark.parametrize("basis", ["harmonics", "pixels"])
def test_sixty_degrees_on_pixels_are_not_exact(basis):
    """Interpolated C6: exact at a half-turn, wrong by percents at 60°, where hexagons are exact."""
    net, x = network(Cyclic(6), basis), bumps(33)
    assert error(net, Cyclic(6), 3, x) <= 1e-10
    assert error(net, Cyclic(6), 1, x) > 0.01
    assert error(net, Cyclic(6), 2, x) > 0.01


def test_quarter_turns_are_exact_and_eighths_are_not():
    net, x = network(Cyclic(8)), bumps(33)
    assert error(net, Cyclic(8), 2, x) <= 1e-10
    assert error(net, Cyclic(8), 1, x) > 0.01


def test_harmonics_turn_better_than_interpolated_pixels():
    x = bumps(41)
    by_basis = {
        b: error(network(Cyclic(8), b, size=7), Cyclic(8), 1, x) for b in ("harmonics", "pixels")
    }
    assert by_basis["harmonics"] < by_basis["pixels"] < 1


def test_harmonics_themselves_turn_exactly():
    """At 45°: what the unturned ring holds at 45° around the centre, the turned holds at 90°."""
    turned = turned_basis(3, math.pi / 4, "harmonics").unflatten(0, (3, 3))
    plain = turned_basis(3, 0.0, "harmonics").unflatten(0, (3, 3))
    # functions: centre; then the ring of radius 1 with m = 0, cos φ, sin φ, cos 2φ, sin 2φ
    ring, cos, sin = plain[1, 2, 1], math.cos(math.pi / 4), math.sin(math.pi / 4)
    torch.testing.assert_close(turned[1, 2, 2], ring * cos)  # to the right, seen from 45° below
    torch.testing.assert_close(turned[1, 2, 3], -ring * sin)
    assert turned[1, 2, 4].abs() < 1e-12


@pytest.mark.parametrize("angle", [0.3, 1.0, 2.5])
def test_pixels_turn_as_a_peer_interpolates(angle):
    """Against scipy's linear interpolation."""
    size, n = 5, turned_basis(5, 0.0, "pixels").shape[1]
    weights = torch.randn(n, generator=RNG, dtype=torch.float64)
    plain = (turned_basis(size, 0.0, "pixels") @ weights).reshape(size, size)
    turned = (turned_basis(size, angle, "pixels") @ weights).reshape(size, size)
    x, y = SQUARE.points(size).unbind(-1)
    c, s = math.cos(angle), math.sin(angle)
    back = torch.stack([2 - (c * y - s * x), 2 + (c * x + s * y)])  # rows run downwards
    expected = map_coordinates(
        torch.nn.functional.pad(plain, (1,) * 4).numpy(), back.numpy() + 1, order=1
    )
    torch.testing.assert_close(turned, torch.from_numpy(expected), atol=1e-12, rtol=0)


def test_over_four_turns_it_is_the_exact_layer():
    """With all pixels of a window of 3, and quarter turns only, nothing is interpolated."""
    group = Cyclic(4)
    for exact, between, x in [
        (Lifting2d(2, 3, 3, group), RotatedLifting2d(2, 3, 3, group, basis="pixels"), (2, 2)),
        (
            GroupConv2d(2, 3, 3, group),
            RotatedGroupConv2d(2, 3, 3, group, basis="pixels"),
            (2, 2, 4),
        ),
    ]:
        between.load_state_dict(exact.state_dict())
        signal = torch.randn(*x, 6, 6, generator=RNG)
        torch.testing.assert_close(exact(signal), between(signal), atol=1e-5, rtol=1e-5)


def test_it_is_one_ordinary_convolution_too():
    layer, x = RotatedLifting2d(2, 3, 5, Cyclic(6)), bumps(9).float()
    torch.testing.assert_close(layer.as_conv2d()(x), layer(x).flatten(1, 2))


def test_single_precision_and_back_loses_nothing():
    layer = network(Cyclic(8))
    again = network(Cyclic(8)).float().double()
    again.load_state_dict(layer.state_dict())
    torch.testing.assert_close(again(bumps(9)), layer(bumps(9)), atol=1e-5, rtol=1e-5)


# ------------------------------------------------------------------ images on hexagons
def test_a_linear_image_is_resampled_exactly():
    x, y = SQUARE.points(21).unbind(-1)
    points, inside = HEXAGONAL.points(11) * 1.5, HEXAGONAL.disc(5)
    sampled = to_hexagons((2 * x + 3 * y + 1)[None, None], 5, spacing=1.5)[0, 0]
    expected = 2 * points[..., 0] + 3 * points[..., 1] + 1
    torch.testing.assert_close(sampled[inside], expected[inside])
    assert not sampled[~inside].any()


def test_the_default_is_as_dense_as_pixels():
    assert math.sqrt(3) / 2 * PIXEL_DENSITY**2 == pytest.approx(1)


def test_turning_before_resampling_is_only_approximately_the_same():
    group, x = Cyclic(6), bumps(41)
    act = act_on_plane(group, HEXAGONAL)
    resampled = to_hexagons(x, 17)

    def difference(g):
        moved, first = act(g, resampled), to_hexagons(rotate(math.pi / 3 * g, x), 17)
        return float((moved - first).norm() / moved.norm())

    assert 1e-4 < difference(1) < 0.05
    assert difference(3) < 1e-10  # half-turns move pixels to pixels


def test_quarter_turns_are_no_symmetry_of_hexagons():
    x = bumps(41)
    assert not torch.allclose(to_hexagons(turn(1, x), 9), to_hexagons(x, 9), atol=1e-2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: RotatedLifting2d(1, 1, 5, Dihedral(4)), "must be Cyclic"),
        (lambda: RotatedLifting2d(0, 1, 5, C6), "must be positive, got 0"),
        (lambda: RotatedLifting2d(1, 1, 4, C6), "odd and positive, got 4"),
        (lambda: RotatedLifting2d(1, 1, 5, C6, basis="splines"), "basis must be one of"),
        (lambda: RotatedLifting2d(1, 1, 5, C6, padding="same"), "padding must be one of"),
        (lambda: RotatedLifting2d(1, 1, 5, C6)(torch.ones(1, 1, 5, 6)), "got"),
        (lambda: RotatedGroupConv2d(1, 1, 5, C6)(torch.ones(1, 1, 4, 5, 5)), "B, 1, 6"),
        (
            lambda: RotatedLifting2d(1, 1, 5, C6, padding="circular")(torch.ones(1, 1, 3, 3)),
            "at least 5 wide, got 3",
        ),
        (lambda: to_hexagons(torch.ones(5, 5), 2), r"\(B, C, n, n\) floats, got \(5, 5\)"),
        (lambda: to_hexagons(torch.ones(1, 1, 5, 6), 2), r"got \(1, 1, 5, 6\)"),
        (lambda: to_hexagons(torch.ones(1, 1, 5, 5, dtype=torch.int64), 2), "torch.int64"),
        (lambda: to_hexagons(torch.ones(1, 1, 5, 5), -1), "radius must be at least 0"),
        (lambda: to_hexagons(torch.ones(1, 1, 5, 5), 2, spacing=0.0), "spacing must be positive"),
        (lambda: to_hexagons(torch.ones(1, 1, 5, 5), 2, spacing=math.inf), "positive and finite"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
