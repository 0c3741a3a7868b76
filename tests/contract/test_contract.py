"""The contract: every layer × its group × a control that must fail, in one table.

A layer without a row does not land. float64 errors stay below 1e-10 and float32 errors below 1e-5,
before and after a few steps of training, which must not know of the symmetry. The rows stand in
``contract/``, one module a room.
"""

from __future__ import annotations

import importlib
import inspect
import os
import pkgutil

import pytest
import torch
from contract.table import RNG, Row, collect
from torch import nn

import gdl_utils
from gdl_utils import check_action, check_group, equivariance_error
from gdl_utils.blueprint import Blueprint
from gdl_utils.graphs.actions import Permutations
from gdl_utils.training import seeded

ROOM = os.environ.get("CONTRACT_ROOM")  # set for mutants: only this room's rows
ROWS, GROUPS, ACTIONS = (collect(kind, ROOM) for kind in ("ROWS", "GROUPS", "ACTIONS"))
NODES = torch.randn(7, 3, generator=RNG, dtype=torch.float64)
FILES = ("layers", "nonlinearities", "pooling", "relational", "steerable")
"""What the modules are called that hold a room's layers."""


def _is_float(x):
    return isinstance(x, torch.Tensor) and x.is_floating_point()


def error(layer: nn.Module, row: Row, dtype: torch.dtype) -> float:
    inputs = tuple(x.to(dtype) if _is_float(x) else x for x in row.inputs)
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


@pytest.mark.parametrize("name", GROUPS)
def test_group_laws(name):
    assert check_group(GROUPS[name], n=20) <= 1e-12


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
        if module.name.rsplit(".", 1)[-1] in FILES:
            members = inspect.getmembers(importlib.import_module(module.name), inspect.isclass)
            found |= {
                c for _, c in members if issubclass(c, nn.Module) and c.__module__ == module.name
            }
    return found


@pytest.mark.skipif(ROOM is not None, reason="the rows of one room only")
def test_every_layer_has_a_row():
    covered = {layer for row in ROWS.values() for layer in row.covers}
    assert library_layers() <= covered
