"""The contract of the groups."""

import torch
from contract.table import NUMBERS, ByPosition, Row, generator
from torch import nn

from gdl_utils.grids.actions import Translations
from gdl_utils.groups.actions import (
    act_on_group_signal,
    act_on_plane,
    rotate_group_signal,
    turn,
    turn_and_mirror,
)
from gdl_utils.groups.elements import Cyclic, Dihedral, Product
from gdl_utils.groups.lattices import HEXAGONAL, p4, p4m, p6, p6m
from gdl_utils.groups.layers import GroupConv2d, HexGroupConv2d, HexLifting2d, Lifting2d
from gdl_utils.groups.pooling import GlobalGroupPool, GroupPool, HexPool2d, SpatialPool2d
from gdl_utils.groups.steerable import RotatedGroupConv2d, RotatedLifting2d

RNG = generator("groups")
IMAGE = torch.randn(2, 3, 12, 12, generator=RNG, dtype=torch.float64)
SMALL = IMAGE[..., :8, :8].clone()
ODD = IMAGE[..., :9, :9].clone()
FAINT_AND_BRIGHT = ODD * torch.tensor([1.0, 3.0], dtype=torch.float64)[:, None, None, None]
LARGE = torch.randn(2, 3, 13, 13, generator=RNG, dtype=torch.float64)

C4, D4, C6, D6 = Cyclic(4), Dihedral(4), Cyclic(6), Dihedral(6)
TORUS, COARSE = {"padding": "circular"}, p4(8, step=2)
COARSE_HEX = p6m(9, step=3)


class AsChannels(nn.Module):
    """Treats the orientations of a group signal as so many unrelated channels."""

    def __init__(self, layer: nn.Module, orientations: int = 0) -> None:
        super().__init__()
        self.layer, self.orientations = layer, orientations

    def forward(self, x):
        y = self.layer(x.flatten(1, -3))
        return y.unflatten(1, (-1, self.orientations)) if self.orientations else y


class SwapOrientations(nn.Module):
    """Exchanges two orientations: a permutation of the group axis that is not an element's."""

    def forward(self, x):
        order = torch.arange(x.shape[2])
        order[:2] = torch.tensor([1, 0])
        return x[:, :, order]


class CutToHexagon(nn.Module):
    def forward(self, x):
        return x * HEXAGONAL.disc(x.shape[-1] // 2).to(x)


def plain(in_channels, out_channels, size, orientations, **padding):
    """An ordinary convolution with as many outputs."""
    mode = padding.get("padding", "zeros")
    conv = nn.Conv2d(
        in_channels, out_channels * orientations, size, padding=size // 2, padding_mode=mode
    )
    return AsChannels(conv, orientations)


def network(lifting, conv, group, *between, size=3, **padding):
    return nn.Sequential(
        lifting(3, 2, size, group, **padding), nn.ReLU(), *between,
        conv(2, 3, size, group, **padding),
    )  # fmt: skip


def pixels(group, *between, **padding):
    return network(Lifting2d, GroupConv2d, group, *between, **padding)


def hexagons(group, *between, **padding):
    return network(HexLifting2d, HexGroupConv2d, group, *between, size=1, **padding)


def without_hexagon(group):
    """The same filters, zeros around the whole array, cut to the hexagon at the end only."""
    first, relu, second = hexagons(group)
    return nn.Sequential(
        AsChannels(first.as_conv2d(), 0), relu,
        AsChannels(second.as_conv2d(), len(group.elements())), CutToHexagon(),
    )  # fmt: skip


def eighths(q, x):
    """Quarter turns as elements of Cyclic(8)."""
    return rotate_group_signal(Cyclic(8))(2 * q, x)


def turned(group):
    return nn.Sequential(
        RotatedLifting2d(3, 2, 5, group, basis="pixels"), nn.ReLU(),
        RotatedGroupConv2d(2, 3, 3, group),
    )  # fmt: skip


def row(covers, make, control, group, x, lattice=None, *, out="group", coarse=1):
    """A row whose input lives on the plane; its output on the group, the plane, or nowhere."""
    on = {} if lattice is None else {"lattice": lattice}
    act_out = {
        "group": lambda: act_on_group_signal(group, **on, coarse=coarse),
        "plane": lambda: act_on_plane(group, **on, coarse=coarse),
        "none": lambda: None,
    }[out]()
    return Row(covers, make, control, group, act_on_plane(group, **on), act_out, (x,))


ROWS = {
    "Lifting2d, p4": row(
        (Lifting2d,), lambda: Lifting2d(3, 2, 5, C4, **TORUS),
        lambda: plain(3, 2, 5, 4, **TORUS), p4(8), SMALL,
    ),
    "Lifting2d, p4m": row(
        (Lifting2d,), lambda: Lifting2d(3, 2, 3, D4, **TORUS),
        lambda: nn.Sequential(Lifting2d(3, 2, 3, D4, **TORUS), SwapOrientations()), p4m(8), SMALL,
    ),
    "GroupConv2d, p4": row(
        (GroupConv2d,), lambda: pixels(C4, **TORUS),
        lambda: nn.Sequential(
            Lifting2d(3, 2, 3, C4, **TORUS), nn.ReLU(), plain(8, 3, 3, 4, **TORUS)
        ),
        p4(8), SMALL,
    ),
    "GroupConv2d, p4m": row(
        (GroupConv2d,), lambda: pixels(D4, nn.BatchNorm3d(2), **TORUS),
        lambda: pixels(D4, SwapOrientations(), **TORUS), p4m(8), SMALL,
    ),
    "GroupConv2d, zero padding, quarter turns": row(
        (GroupConv2d,), lambda: pixels(C4), lambda: pixels(C4, SwapOrientations()), C4, SMALL,
    ),
    "GroupConv2d, half-turns and mirrors": row(
        (GroupConv2d,), lambda: pixels(Dihedral(2)),
        lambda: pixels(Dihedral(2), ByPosition(-1)), Dihedral(2), SMALL,
    ),
    "GroupConv2d 1x1, no bias, p4m": row(
        (GroupConv2d,),
        lambda: nn.Sequential(Lifting2d(3, 2, 3, D4), GroupConv2d(2, 2, 1, D4, bias=False)),
        lambda: nn.Sequential(Lifting2d(3, 2, 3, D4), ByPosition(2)), D4, SMALL,
    ),
    "stride 2 on an odd side": row(
        (Lifting2d, GroupConv2d),
        lambda: nn.Sequential(
            Lifting2d(3, 2, 3, D4, stride=2), nn.ReLU(), GroupConv2d(2, 2, 3, D4, stride=2)
        ),
        lambda: nn.Sequential(
            Lifting2d(3, 2, 3, D4, stride=2), nn.ReLU(),
            AsChannels(nn.Conv2d(16, 16, 3, stride=2, padding=1), 8),
        ),
        D4, ODD,
    ),
    "SpatialPool2d, windows of 2, even shifts": row(
        (SpatialPool2d,), lambda: nn.Sequential(pixels(C4, **TORUS), SpatialPool2d()),
        lambda: nn.Sequential(
            pixels(C4, **TORUS), AsChannels(nn.MaxPool2d(3, 2, padding=1), 4)
        ),
        COARSE, SMALL, coarse=2,
    ),
    "SpatialPool2d, windows of 3 on an odd side": row(
        (SpatialPool2d,), lambda: nn.Sequential(pixels(D4), SpatialPool2d(3, 2, reduce="mean")),
        lambda: nn.Sequential(pixels(D4), ByPosition(-1), SpatialPool2d(3, 2, reduce="mean")),
        D4, ODD,
    ),
    "GroupPool max, p4m": row(
        (GroupPool,), lambda: nn.Sequential(pixels(D4, **TORUS), GroupPool()),
        lambda: nn.Sequential(pixels(D4, **TORUS), ByPosition(2), GroupPool()),
        p4m(8), SMALL, out="plane",
    ),
    "GroupPool mean, p4": row(
        (GroupPool,), lambda: nn.Sequential(pixels(C4, **TORUS), GroupPool("mean")),
        lambda: nn.Sequential(pixels(C4, **TORUS), ByPosition(2), GroupPool("mean")),
        p4(8), SMALL, out="plane",
    ),
    "GlobalGroupPool, p4m": row(
        (GlobalGroupPool,), lambda: nn.Sequential(pixels(D4, **TORUS), GlobalGroupPool("max")),
        lambda: nn.Sequential(pixels(D4, **TORUS), ByPosition(2), GlobalGroupPool("max")),
        p4m(8), SMALL, out="none",
    ),
    "HexLifting2d, p6": row(
        (HexLifting2d,), lambda: HexLifting2d(3, 2, 2, C6, **TORUS),
        lambda: plain(3, 2, 5, 6, **TORUS), p6(9), ODD,
    ),
    "HexGroupConv2d, p6, torus": row(
        (HexGroupConv2d,), lambda: hexagons(C6, **TORUS),
        lambda: nn.Sequential(
            HexLifting2d(3, 2, 1, C6, **TORUS), nn.ReLU(), plain(12, 3, 3, 6, **TORUS)
        ),
        p6(9), ODD,
    ),
    "HexGroupConv2d, p6m, torus": row(
        (HexGroupConv2d,), lambda: hexagons(D6, **TORUS),
        lambda: hexagons(D6, SwapOrientations(), **TORUS), p6m(9), ODD,
    ),
    "HexGroupConv2d, hexagon, against a parallelogram": row(
        (HexLifting2d, HexGroupConv2d), lambda: hexagons(C6),
        lambda: without_hexagon(C6), C6, ODD * HEXAGONAL.disc(4), HEXAGONAL,
    ),
    "HexGroupConv2d, hexagon, after a batch norm": row(
        (HexLifting2d, HexGroupConv2d), lambda: hexagons(D6, nn.BatchNorm3d(2)),
        lambda: hexagons(D6, SwapOrientations()), D6, ODD, HEXAGONAL,
    ),
    "HexPool2d max": row(
        (HexPool2d,), lambda: nn.Sequential(hexagons(D6), HexPool2d()),
        lambda: nn.Sequential(
            hexagons(D6), AsChannels(nn.MaxPool2d(2, ceil_mode=True), 12), CutToHexagon()
        ),
        D6, LARGE, HEXAGONAL,
    ),
    "HexPool2d mean, odd radius": row(
        (HexPool2d,),
        lambda: nn.Sequential(HexLifting2d(3, 2, 1, C6), HexPool2d(reduce="mean")),
        lambda: nn.Sequential(HexLifting2d(3, 2, 1, C6), ByPosition(-1), HexPool2d(reduce="mean")),
        C6, IMAGE[..., :11, :11], HEXAGONAL,
    ),
    "HexPool2d, torus": row(
        (HexPool2d,),
        lambda: nn.Sequential(hexagons(D6, **TORUS), HexPool2d(1, 3, **TORUS)),
        lambda: nn.Sequential(hexagons(D6, **TORUS), AsChannels(nn.MaxPool2d(3), 12)),
        COARSE_HEX, ODD, coarse=3,
    ),
    "GlobalGroupPool, hexagon": row(
        (GlobalGroupPool,),
        lambda: nn.Sequential(hexagons(D6), GlobalGroupPool(lattice=HEXAGONAL)),
        lambda: nn.Sequential(
            hexagons(D6), ByPosition(2), GlobalGroupPool(lattice=HEXAGONAL)
        ),
        D6, FAINT_AND_BRIGHT, HEXAGONAL, out="none",
    ),
    "Rotated convolutions over C8, quarter turns": Row(
        (RotatedLifting2d, RotatedGroupConv2d), lambda: turned(Cyclic(8)),
        lambda: nn.Sequential(RotatedLifting2d(3, 2, 5, Cyclic(8)), nn.ReLU(), plain(16, 3, 3, 8)),
        C4, turn, eighths, (ODD,),
    ),
    "Rotated convolutions over C6, half turns": Row(
        (RotatedLifting2d, RotatedGroupConv2d), lambda: turned(Cyclic(6)),
        lambda: nn.Sequential(turned(Cyclic(6)), SwapOrientations()), Cyclic(2),
        lambda g, x: turn(2 * g, x), lambda g, x: rotate_group_signal(C6)(3 * g, x), (SMALL,),
    ),
}  # fmt: skip

GROUPS = {
    "quarter turns": Cyclic(4),
    "sixths of a turn": Cyclic(6),
    "symmetries of a square": Dihedral(4),
    "symmetries of a hexagon": Dihedral(6),
    "shifts and turns, side by side": Product(Translations((12, 12)), Cyclic(4)),
    "p4": p4(8),
    "p4m": p4m(5),
    "p6": p6(7),
    "p6m": p6m(9),
    "p4m, even shifts": p4m(8, step=2),
    "p6m, every third shift": COARSE_HEX,
}

HEXAGON = torch.tensor([[0.0, 1, 2], [3, 4, 5], [6, 7, 0]])  # 1, 2, 5, 7, 6, 3 around a 4
ROSE = torch.arange(4.0)[:, None, None].expand(4, 1, 1)
TWO = torch.stack([NUMBERS, NUMBERS + 10])

ACTIONS = {  # action, group, a signal, and one hand-computed case: (g, x, g·x)
    "turn": (
        turn, Cyclic(4), IMAGE,
        (1, NUMBERS, torch.tensor([[2.0, 5, 8], [1, 4, 7], [0, 3, 6]])),
    ),
    "turn_and_mirror": (
        turn_and_mirror, Dihedral(4), IMAGE,
        ((1, 1), NUMBERS, torch.tensor([[0.0, 3, 6], [1, 4, 7], [2, 5, 8]])),
    ),
    "on the plane, p4: turned, then shifted down": (
        act_on_plane(p4(12)), p4(12), IMAGE,
        (((1, 0), 1), NUMBERS, torch.tensor([[0.0, 3, 6], [2, 5, 8], [1, 4, 7]])),
    ),
    "on the plane, hexagons: counterclockwise": (
        act_on_plane(C6, HEXAGONAL), C6, ODD,
        (1, HEXAGON, torch.tensor([[0.0, 2, 5], [1, 4, 7], [3, 6, 0]])),
    ),
    "on the plane, hexagons: mirrored left to right": (
        act_on_plane(D6, HEXAGONAL), D6, ODD,
        ((0, 1), HEXAGON, torch.tensor([[0.0, 2, 1], [5, 4, 3], [7, 6, 0]])),
    ),
    "on the plane, p6m": (
        act_on_plane(p6m(9)), p6m(9), ODD,
        (((0, 1), (0, 0)), NUMBERS, torch.tensor([[2.0, 0, 1], [5, 3, 4], [8, 6, 7]])),
    ),
    "on the group, quarter turns": (
        act_on_group_signal(C4), C4, torch.randn(2, 4, 6, 6, generator=RNG),
        (1, ROSE, ROSE.roll(1, 0)),
    ),
    "on the group, mirrors change places": (
        act_on_group_signal(Dihedral(1)), Dihedral(1), IMAGE[:, :2],
        ((0, 1), TWO, TWO.flip(0, 2)),
    ),
    "on the group, p4m": (
        act_on_group_signal(p4m(8)), p4m(8), torch.randn(2, 8, 8, 8, generator=RNG),
        (((0, 1), (0, 0)), NUMBERS.expand(8, 3, 3), NUMBERS.roll(1, 1).expand(8, 3, 3)),
    ),
    "on the group, p6m, coarse": (
        act_on_group_signal(COARSE_HEX, coarse=3), COARSE_HEX,
        torch.randn(2, 12, 3, 3, generator=RNG),
        (((0, 3), (0, 0)), NUMBERS.expand(12, 3, 3), NUMBERS.roll(1, 1).expand(12, 3, 3)),
    ),
    "on the group, quarter turns within eighths": (
        eighths, C4, torch.randn(2, 3, 8, 6, 6, generator=RNG),
        (1, torch.arange(8.0).reshape(1, 1, 8, 1, 1),
         torch.tensor([6.0, 7, 0, 1, 2, 3, 4, 5]).reshape(1, 1, 8, 1, 1)),
    ),
}  # fmt: skip

MUTANTS = {  # what goes wrong: (file, the line's text, what it becomes)
    "an inverse that is none": (
        "groups/elements.py",
        "return (r, m) if m else (-r % self.n, 0)",
        "return (-r % self.n, m)",
    ),
    "a reflection that does not reverse": (
        "groups/elements.py",
        "(-s if m else s)",
        "s",
    ),
    "turned, then mirrored": (
        "groups/actions.py",
        "return turn(r, x.flip(-1) if m else x)",
        "return turn(r, x).flip(-1) if m else turn(r, x)",
    ),
    "a turn clockwise": (
        "groups/actions.py",
        "torch.rot90(x, g, (-2, -1))",
        "torch.rot90(x, -g, (-2, -1))",
    ),
    "the group axis of a signal rolled the wrong way": (
        "groups/actions.py",
        "before = cayley_table(point)[inverse_table(point)]",
        "before = cayley_table(point)",
    ),
    "a group signal whose axis stays": (
        "groups/actions.py",
        "moved.index_select(-3, before[position[h]].to(x.device))",
        "moved",
    ),
    "a lattice moved by g instead of its inverse": (
        "groups/lattices.py",
        "inverse = _matrix(lattice, group, group.inverse(g))",
        "inverse = _matrix(lattice, group, g)",
    ),
    "shifts that turns leave alone": (
        "groups/lattices.py",
        "turned = self._turn(a, s)",
        "turned = s",
    ),
    "an inverse that forgets to turn the shift": (
        "groups/lattices.py",
        "i, j = self._turn(back, t)",
        "i, j = t",
    ),
    "a hexagon with all its corners": (
        "groups/lattices.py",
        "return within if self.order == 6 else",
        "return",
    ),
    "a mirror of the wrong diagonal": (
        "groups/lattices.py",
        "((1, 0), (-1, -1))",
        "((0, 1), (1, 0))",
    ),
    "filters whose group axis stays": (
        "groups/filters.py",
        "cayley_table(group)[inverse_table(group)]  # row h: where h⁻¹k stands, for every k",
        "torch.arange(len(plane)).expand(len(plane), -1)",
    ),
    "filters whose group axis is permuted the wrong way": (
        "groups/filters.py",
        "cayley_table(group)[inverse_table(group)]  # row h: where h⁻¹k stands, for every k",
        "cayley_table(group)",
    ),
    "filters turned the wrong way": (
        "groups/filters.py",
        "lattice_sources(lattice, group, h, kernel_size)",
        "lattice_sources(lattice, group, group.inverse(h), kernel_size)",
    ),
    "a bias for each orientation": (
        "groups/filters.py",
        "bias = None if self.bias is None else self.bias.repeat_interleave(size)",
        "bias = None if self.bias is None else self.bias.repeat(size)",
    ),
    "a hexagon that is not cut out of what comes in": (
        "groups/filters.py",
        "x = x * inside",
        "x = x * 1",
    ),
    "a hexagon that is not cut out of what goes out": (
        "groups/filters.py",
        "y if inside is None else y * inside",
        "y",
    ),
    "group pooling that forgets an orientation": (
        "groups/pooling.py",
        "else x.mean(2)",
        "else x[:, :, 1:].mean(2)",
    ),
    "a coarse hexagonal torus without the centre": (
        "groups/pooling.py",
        "start = n // 2 % self.stride",
        "start = n // 2 % self.stride if n % self.stride else 0",
    ),
    "filters between pixels turned the wrong way": (
        "groups/harmonics.py",
        "[[c, -s], [s, c]]",
        "[[c, s], [-s, c]]",
    ),
    "filters between pixels whose group axis is permuted the wrong way": (
        "groups/filters.py",
        "cayley_table(group)[inverse_table(group)]  # row h: where h⁻¹k stands\n",
        "cayley_table(group)\n",
    ),
}
