"""Whatever sizes a layer accepts, it keeps the symmetry that it promises; else it refuses them."""

import itertools

import pytest
import torch

from gdl_utils import equivariance_error
from gdl_utils.groups.actions import act_on_group_signal, act_on_plane
from gdl_utils.groups.elements import Cyclic, Dihedral
from gdl_utils.groups.lattices import HEXAGONAL, SQUARE, PlaneGroup
from gdl_utils.groups.layers import GroupConv2d, HexGroupConv2d, HexLifting2d, Lifting2d
from gdl_utils.groups.pooling import GlobalGroupPool, GroupPool, HexPool2d, SpatialPool2d
from gdl_utils.groups.steerable import RotatedGroupConv2d, RotatedLifting2d
from gdl_utils.training import seeded

RNG = torch.Generator().manual_seed(0)
SIDES = range(1, 10)


def accepted(make, x):
    """The layer's output, or None where it or its input is refused by name."""
    try:
        with seeded(0):
            layer = make().double()
        layer(x)
    except ValueError:
        return None
    return layer


def errors(make, lattice, point, paddings, options):
    """Of all accepted layers, by their padding and options, over all sides."""
    found = {}
    for padding, option, n in itertools.product(paddings, options, SIDES):
        x = torch.randn(1, 1, n, n, generator=RNG, dtype=torch.float64)
        layer = accepted(lambda p=padding, o=option: make(p, o), x)
        if layer is None or layer(x).shape[-1] < 2:  # on one position nothing moves
            continue
        group = point if padding == "zeros" else PlaneGroup(n, point, lattice)
        acts = act_on_plane(group, lattice), act_on_group_signal(group, lattice)
        found[padding, option, n] = equivariance_error(layer, group, *acts, x, n=12)
    return found


@pytest.mark.parametrize("point", [Cyclic(4), Dihedral(4), Dihedral(2)], ids=repr)
def test_lifting_on_pixels_of_every_side_kernel_and_stride(point):
    def make(padding, option):
        size, stride = option
        return Lifting2d(1, 2, size, point, padding=padding, stride=stride)

    options = list(itertools.product((1, 2, 3, 4, 5), (1, 2, 3)))
    found = errors(make, SQUARE, point, ("zeros", "circular"), options)
    assert max(found.values()) <= 1e-10
    assert {stride for (padding, (_, stride), _) in found if padding == "zeros"} == {1, 2, 3}
    assert {stride for (padding, (_, stride), _) in found if padding == "circular"} == {1}
    assert {size for (_, (size, _), _) in found} == {1, 3, 5}


@pytest.mark.parametrize("point", [Cyclic(6), Dihedral(6), Dihedral(3), Dihedral(2)], ids=repr)
def test_lifting_on_hexagons_of_every_side_and_radius(point):
    def make(padding, radius):
        return HexLifting2d(1, 2, radius, point, padding=padding)

    found = {}
    for padding, radius, n in itertools.product(("zeros", "circular"), (0, 1, 2, 3), SIDES):
        x = torch.randn(1, 1, n, n, generator=RNG, dtype=torch.float64)
        if padding == "zeros" and n % 2:
            x = x * HEXAGONAL.disc(n // 2)
        layer = accepted(lambda p=padding, r=radius: make(p, r), x)
        if layer is None or n < 3:
            continue
        group = point if padding == "zeros" else PlaneGroup(n, point, HEXAGONAL)
        acts = act_on_plane(group, HEXAGONAL), act_on_group_signal(group, HEXAGONAL)
        found[padding, radius, n] = equivariance_error(layer, group, *acts, x, n=12)
    assert max(found.values()) <= 1e-10
    assert {n % 2 for _, _, n in found} == {1}
    assert all(n > 2 * radius for padding, radius, n in found if padding == "circular")


def test_spatial_pooling_of_every_side_size_and_step():
    found, group = {}, Dihedral(4)
    act = act_on_plane(group)
    for size, step, n in itertools.product((1, 2, 3, 4), (1, 2, 3), SIDES):
        x = torch.randn(1, 1, n, n, generator=RNG, dtype=torch.float64)
        layer = accepted(lambda s=size, t=step: SpatialPool2d(s, t), x)
        if layer is not None and layer(x).shape[-1] > 1:
            found[size, step, n] = equivariance_error(layer, group, act, act, x, n=12)
    assert max(found.values()) == 0
    assert {size for size, _, _ in found} == {1, 2, 3, 4}


@pytest.mark.parametrize("padding", ["zeros", "circular"])
def test_hexagonal_pooling_of_every_side_radius_and_step(padding):
    found = {}
    for radius, step, n in itertools.product((0, 1, 2), (1, 2, 3, 5), (*SIDES, 11, 13, 15)):
        x = torch.randn(1, 1, n, n, generator=RNG, dtype=torch.float64)
        layer = accepted(lambda r=radius, s=step: HexPool2d(r, s, padding=padding), x)
        if layer is None or layer(x).shape[-1] < 2:
            continue
        group = Dihedral(6) if padding == "zeros" else PlaneGroup(n, Dihedral(6), HEXAGONAL, step)
        fine = act_on_plane(group, HEXAGONAL)
        coarse = act_on_plane(group, HEXAGONAL, coarse=step if padding == "circular" else 1)
        if padding == "zeros":
            x = x * HEXAGONAL.disc(n // 2)
        found[radius, step, n] = equivariance_error(layer, group, fine, coarse, x, n=12)
    assert max(found.values()) == 0
    assert {step for _, step, _ in found} == ({1, 2, 3, 5} if padding == "zeros" else {1, 3, 5})


@pytest.mark.parametrize("kind", [Cyclic, Dihedral])
@pytest.mark.parametrize("n", range(1, 13))
def test_groups_that_a_lattice_does_not_have_are_refused(kind, n):
    for order, size, layers in (
        (4, 3, (Lifting2d, GroupConv2d)),
        (6, 1, (HexLifting2d, HexGroupConv2d)),
    ):
        for layer in layers:
            if order % n == 0:
                layer(1, 1, size, kind(n))
                continue
            with pytest.raises(ValueError, match="group must be Cyclic"):
                layer(1, 1, size, kind(n))


@pytest.mark.parametrize("layer", [Lifting2d, GroupConv2d])
def test_a_torus_takes_no_stride(layer):
    with pytest.raises(
        ValueError, match="stride must be 1 with circular padding, got 2: shifts of a torus"
    ):
        layer(1, 1, 3, Cyclic(4), padding="circular", stride=2)


@pytest.mark.parametrize("layer", [RotatedLifting2d, RotatedGroupConv2d])
def test_even_windows_have_no_centre(layer):
    with pytest.raises(ValueError, match="kernel_size must be odd"):
        layer(1, 1, 4, Cyclic(8))


ON_PLANE = (Lifting2d(3, 2, 3, Cyclic(4)), HexLifting2d(3, 2, 1, Cyclic(6), padding="circular"))
ON_GROUP = (
    GroupConv2d(3, 2, 3, Cyclic(4)),
    HexGroupConv2d(3, 2, 1, Cyclic(6)),
    RotatedGroupConv2d(3, 2, 3, Cyclic(5)),
)
POOLS = (SpatialPool2d(3, 2), HexPool2d(), GroupPool("mean"), GroupPool(), GlobalGroupPool("max"))


@pytest.mark.parametrize(
    "layer", [*ON_PLANE, *ON_GROUP, *POOLS], ids=lambda layer: repr(layer)[:30]
)
def test_empty_batches_sides_fields_and_orientations(layer):
    orientations = getattr(layer, "orientations", 4)
    shape = (3, 7, 7) if layer in ON_PLANE else (3, orientations, 7, 7)
    assert layer(torch.zeros(0, *shape)).shape == layer(torch.zeros(1, *shape))[:0].shape
    layer(torch.zeros(0, *shape).requires_grad_()).sum().backward()
    for axis in range(len(shape)):
        without = list(shape)
        without[axis] = 0
        with pytest.raises(ValueError, match=r"x must be \(B, "):
            layer(torch.zeros(2, *without))
    with pytest.raises(ValueError, match=r"x must be \(B, .*got \(7,\)"):
        layer(torch.zeros(7))
    with pytest.raises(ValueError, match=r"x must be \(B, .*got \(\)"):
        layer(torch.zeros(()))
