"""The contract: every layer × its group × a control that must fail, in one table.

A layer without a row does not land. float64 errors stay below 1e-10 and float32 errors below 1e-5,
before and after a few steps of training, which must not know of the symmetry.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import nn

import gdl_utils
from gdl_utils import check_action, check_group, equivariance_error
from gdl_utils.blueprint import Blueprint, Stage
from gdl_utils.graphs.actions import Permutations, relabel, relabel_edges, relabel_matrix
from gdl_utils.graphs.layers import GraphConv
from gdl_utils.grids.actions import (
    Translations,
    coarse_fourier_shift,
    coarse_shift,
    flattened,
    fourier_shift,
    shift,
)
from gdl_utils.grids.layers import CircularConv2d
from gdl_utils.grids.pooling import (
    BlurPool2d,
    GlobalPool2d,
    MaxPool2d,
    PolyphasePool2d,
    Subsample2d,
)
from gdl_utils.groups.actions import turn, turn_and_mirror
from gdl_utils.groups.elements import Cyclic, Dihedral, Product
from gdl_utils.training import seeded

RNG = torch.Generator().manual_seed(0)
IMAGE = torch.randn(2, 3, 12, 12, generator=RNG, dtype=torch.float64)
NODES = torch.randn(7, 3, generator=RNG, dtype=torch.float64)
EDGES = torch.tensor([[0, 1, 2, 3, 4, 5, 0, 0, 2], [1, 2, 3, 4, 5, 0, 2, 2, 2]])  # node 6 is alone
ALL, EVEN = Translations((12, 12)), Translations((12, 12), step=2)


class ByPosition(nn.Module):
    """Scales each row of its input differently: what no symmetry allows."""

    def __init__(self, axis: int) -> None:
        super().__init__()
        self.axis = axis

    def forward(self, x, *structure):
        n = x.shape[self.axis]
        weights = torch.linspace(1, 2, n, dtype=x.dtype)
        return x * weights.reshape([n if a == self.axis % x.ndim else 1 for a in range(x.ndim)])


def after_conv(*layers: nn.Module) -> nn.Module:
    """Put layers behind a convolution and a ReLU, so that what they pool is a feature map."""
    return nn.Sequential(CircularConv2d(3, 4, 3), nn.ReLU(), *layers)


@dataclass(frozen=True)
class Row:
    covers: tuple[type, ...]
    make: Callable[[], nn.Module]
    control: Callable[[], nn.Module]
    group: Any
    acts_in: Any
    act_out: Any
    inputs: tuple


def graph_blueprint(readout):
    return Blueprint(
        Stage("conv", "B", GraphConv(3, 4), relabel, structured=True),
        Stage("tanh", "σ", nn.Tanh(), relabel),
        Stage("readout", "A", readout),
    )


ON_NODES = (Permutations(7), (relabel, relabel_edges))
ROWS = {
    "CircularConv2d": Row(
        (CircularConv2d,), lambda: CircularConv2d(3, 4, 5),
        lambda: nn.Conv2d(3, 4, 5, padding=2), ALL, shift, shift, (IMAGE,),
    ),
    "CircularConv2d 1x1, no bias": Row(
        (CircularConv2d,), lambda: CircularConv2d(3, 4, 1, bias=False),
        lambda: ByPosition(-1), ALL, shift, shift, (IMAGE,),
    ),
    "MaxPool2d, stride 1, all shifts": Row(
        (MaxPool2d,), lambda: after_conv(MaxPool2d(3, 1)),
        lambda: after_conv(nn.MaxPool2d(3, 1, padding=1), ByPosition(-1)),
        ALL, shift, shift, (IMAGE,),
    ),
    "MaxPool2d, even shifts": Row(
        (MaxPool2d,), lambda: after_conv(MaxPool2d(3, 2)),
        lambda: after_conv(nn.MaxPool2d(3, 2, padding=1)), EVEN, shift, coarse_shift(2), (IMAGE,),
    ),
    "Subsample2d, even shifts": Row(
        (Subsample2d,), lambda: after_conv(Subsample2d(2)),
        lambda: after_conv(Subsample2d(2), ByPosition(-2)), EVEN, shift, coarse_shift(2), (IMAGE,),
    ),
    "Subsample2d, shifts by 3": Row(
        (Subsample2d,), lambda: Subsample2d(3),
        lambda: nn.Sequential(nn.ZeroPad2d((1, 2, 1, 2)), Subsample2d(3), nn.ReLU()),
        Translations((12, 12), 3), shift, coarse_shift(3), (IMAGE,),
    ),
    "BlurPool2d, even shifts": Row(
        (BlurPool2d,), lambda: after_conv(BlurPool2d(3, 2)),
        lambda: after_conv(nn.AvgPool2d(3, 2, padding=1)), EVEN, shift, coarse_shift(2), (IMAGE,),
    ),
    "BlurPool2d, stride 1, all shifts": Row(
        (BlurPool2d,), lambda: after_conv(BlurPool2d(5, 1)),
        lambda: after_conv(nn.AvgPool2d(5, 1, padding=2)), ALL, shift, shift, (IMAGE,),
    ),
    "PolyphasePool2d + global pooling, all shifts": Row(
        (PolyphasePool2d, GlobalPool2d),
        lambda: after_conv(PolyphasePool2d(2), CircularConv2d(4, 4, 3), nn.ReLU(), GlobalPool2d()),
        lambda: after_conv(Subsample2d(2), CircularConv2d(4, 4, 3), nn.ReLU(), GlobalPool2d()),
        ALL, shift, None, (IMAGE,),
    ),
    "GlobalPool2d mean": Row(
        (GlobalPool2d,), lambda: after_conv(GlobalPool2d("mean")),
        lambda: after_conv(nn.Flatten(), nn.Linear(4 * 144, 4)), ALL, shift, None, (IMAGE,),
    ),
    "GlobalPool2d max": Row(
        (GlobalPool2d,), lambda: after_conv(GlobalPool2d("max")),
        lambda: after_conv(ByPosition(-1), GlobalPool2d("max")), ALL, shift, None, (IMAGE,),
    ),
    "Flatten": Row(
        (), lambda: after_conv(nn.Flatten()),
        lambda: after_conv(nn.Flatten(), nn.Linear(576, 576)),
        ALL, shift, flattened(shift, (4, 12, 12)), (IMAGE,),
    ),
    "GraphConv": Row(
        (GraphConv,), lambda: GraphConv(3, 4), lambda: ByPosition(0),
        *ON_NODES, relabel, (NODES, EDGES),
    ),
    "Blueprint on a graph": Row(
        (Blueprint, GraphConv),
        lambda: graph_blueprint(lambda x: x.sum(0)),
        lambda: graph_blueprint(lambda x: x.flatten()),
        *ON_NODES, None, (NODES, EDGES),
    ),
}  # fmt: skip


def error(layer: nn.Module, row: Row, dtype: torch.dtype) -> float:
    inputs = tuple(x.to(dtype) if x.is_floating_point() else x for x in row.inputs)
    return equivariance_error(
        layer.to(dtype).eval(), row.group, row.acts_in, row.act_out, inputs, n=6
    )


def train_a_little(layer: nn.Module, row: Row) -> None:
    """Fit random targets: gradients that know nothing of the symmetry."""
    if not list(layer.parameters()):
        return
    layer.train()
    target = torch.randn(layer(*row.inputs).shape, generator=RNG, dtype=torch.float64)
    optimiser = torch.optim.SGD(layer.parameters(), lr=0.1)
    before = [p.clone() for p in layer.parameters()]
    for _ in range(3):
        optimiser.zero_grad()
        (layer(*row.inputs) - target).square().mean().backward()
        optimiser.step()
    assert any(not torch.equal(a, b) for a, b in zip(before, layer.parameters()))


@pytest.mark.parametrize("name", ROWS)
def test_layer_keeps_its_symmetry(name):
    row = ROWS[name]
    with seeded(1):
        layer = row.make().double()
    assert error(layer, row, torch.float64) <= 1e-10
    train_a_little(layer, row)
    assert error(layer, row, torch.float64) <= 1e-10
    assert error(layer, row, torch.float32) <= 1e-5


@pytest.mark.parametrize("name", ROWS)
def test_control_fails(name):
    row = ROWS[name]
    with seeded(1):
        control = row.control().double()
    assert 1e-3 < error(control, row, torch.float64) < float("inf")


GROUPS = {
    "shifts": ALL,
    "even shifts": EVEN,
    "shifts of a ring": Translations((7,)),
    "quarter turns": Cyclic(4),
    "sixths of a turn": Cyclic(6),
    "symmetries of a square": Dihedral(4),
    "symmetries of a hexagon": Dihedral(6),
    "shifts and turns, side by side": Product(ALL, Cyclic(4)),
    "relabellings": Permutations(7),
}


@pytest.mark.parametrize("name", GROUPS)
def test_group_laws(name):
    assert check_group(GROUPS[name], n=20) == 0


NUMBERS = torch.arange(9.0).reshape(3, 3)
ACTIONS = {  # action, group, a signal, and one hand-computed case: (g, x, g·x)
    "shift": (shift, ALL, IMAGE, ((1,), torch.tensor([5.0, 6, 7]), torch.tensor([7.0, 5, 6]))),
    "shift down and right": (
        shift, ALL, IMAGE,
        ((1, 0), NUMBERS, torch.tensor([[6.0, 7, 8], [0, 1, 2], [3, 4, 5]])),
    ),
    "fourier_shift": (
        fourier_shift, ALL, IMAGE,
        ((1,), torch.tensor([5.0, 6, 7]), torch.tensor([7.0, 5, 6])),
    ),
    "coarse_shift": (
        coarse_shift(2), EVEN, IMAGE[..., ::2, ::2],
        ((2,), torch.tensor([5.0, 6, 7]), torch.tensor([7.0, 5, 6])),
    ),
    "coarse_fourier_shift": (
        coarse_fourier_shift(2), Translations((14, 14)), IMAGE[..., :7, :7],
        ((2,), torch.tensor([5.0, 6, 7]), torch.tensor([7.0, 5, 6])),
    ),
    "turn": (
        turn, Cyclic(4), IMAGE,
        (1, NUMBERS, torch.tensor([[2.0, 5, 8], [1, 4, 7], [0, 3, 6]])),
    ),
    "turn_and_mirror": (
        turn_and_mirror, Dihedral(4), IMAGE,
        ((1, 1), NUMBERS, torch.tensor([[0.0, 3, 6], [1, 4, 7], [2, 5, 8]])),
    ),
    "relabel": (
        relabel, Permutations(7), NODES,
        (torch.tensor([1, 2, 0]), torch.tensor([5.0, 6, 7]), torch.tensor([7.0, 5, 6])),
    ),
    "relabel_matrix": (
        relabel_matrix, Permutations(7), NODES @ NODES.T,
        (
            torch.tensor([1, 2, 0]), NUMBERS,
            torch.tensor([[8.0, 6, 7], [2, 0, 1], [5, 3, 4]]),
        ),
    ),
    "relabel_edges": (
        relabel_edges, Permutations(7), EDGES,
        (torch.tensor([1, 2, 0]), torch.tensor([[0, 1], [1, 2]]), torch.tensor([[1, 2], [2, 0]])),
    ),
    "flattened": (
        flattened(shift, (3, 4)), Translations((3, 4)), IMAGE.reshape(2, 3, 12, 12),
        ((1,), torch.arange(12.0), torch.arange(12.0).reshape(3, 4).roll(1, -1).flatten()),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ACTIONS)
def test_action_is_a_left_action(name):
    action, group, x, (g, small, moved) = ACTIONS[name]
    assert check_action(action, group, x, n=20) <= 1e-10
    torch.testing.assert_close(action(g, small), moved)


def test_a_right_action_is_caught():
    def backwards(g, x):
        return x[g]

    pointwise = nn.Linear(3, 4).double()
    assert equivariance_error(pointwise, Permutations(7), backwards, backwards, NODES) <= 1e-10
    assert check_action(backwards, Permutations(7), NODES) > 0.1


def library_layers() -> set[type]:
    found = {Blueprint}
    for module in pkgutil.walk_packages(gdl_utils.__path__, "gdl_utils."):
        if module.name.rsplit(".", 1)[-1] in ("layers", "pooling", "steerable"):
            members = inspect.getmembers(importlib.import_module(module.name), inspect.isclass)
            found |= {
                c for _, c in members if issubclass(c, nn.Module) and c.__module__ == module.name
            }
    return found


def test_every_layer_has_a_row():
    covered = {layer for row in ROWS.values() for layer in row.covers}
    assert library_layers() <= covered
