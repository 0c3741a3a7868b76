"""What every row, group and action of the contract must fulfil.

float64 errors stay below 1e-10 and float32 errors below 1e-5, before and after a few steps of
training, which must not know of the symmetry; and a control that has no symmetry must be seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch
from contract.table import ROOMS, Row, collect, generator, on_device
from torch import nn

from gdl_utils import check_action, check_group, equivariance_error
from gdl_utils.training import seeded


def error(layer: nn.Module, row: Row, dtype: torch.dtype) -> float:
    inputs = tuple(moved(x, dtype) for x in row.inputs)
    return equivariance_error(
        layer.to(dtype).eval(), row.group, row.acts_in, row.act_out, inputs, n=6
    )


def moved(x: Any, dtype: torch.dtype) -> Any:
    is_float = isinstance(x, torch.Tensor) and x.is_floating_point()
    return x.to(dtype) if is_float else x


def train_a_little(layer: nn.Module, row: Row, name: str) -> None:
    """Fit random targets: gradients that know nothing of the symmetry."""
    if not list(layer.parameters()):
        return
    layer.train()
    shape, rng = layer(*row.inputs).shape, generator(name)
    target = torch.randn(shape, generator=rng, dtype=torch.float64)
    optimiser = torch.optim.SGD(layer.parameters(), lr=0.1)
    before = [p.clone() for p in layer.parameters()]
    for _ in range(3):
        optimiser.zero_grad()
        (layer(*row.inputs) - target).square().mean().backward()
        optimiser.step()
    assert any(not torch.equal(a, b) for a, b in zip(before, layer.parameters()))


def keeps_its_symmetry(name: str, row: Row) -> None:
    with seeded(1):
        layer = row.make().double()
    assert error(layer, row, torch.float64) <= 1e-10
    train_a_little(layer, row, name)
    assert error(layer, row, torch.float64) <= 1e-10
    assert error(layer, row, torch.float32) <= 1e-5


def runs_on_meta(name: str, row: Row) -> None:
    """On torch's device without numbers: nothing is made on another device than the input's."""
    with seeded(1):
        layer = row.make().double().eval()
    wanted = layer(*row.inputs)
    found = layer.to("meta")(*(on_device(x, "meta") for x in row.inputs))
    assert (found.device.type, found.shape, found.dtype) == ("meta", wanted.shape, wanted.dtype)


def control_fails(name: str, row: Row) -> None:
    with seeded(1):
        control = row.control().double()
    assert 1e-3 < error(control, row, torch.float64) < float("inf")


def obeys_the_laws(name: str, group: Any) -> None:
    assert check_group(group, n=20) <= 1e-12


def is_a_left_action(name: str, entry: tuple) -> None:
    action, group, x, (g, small, wanted) = entry
    assert check_action(action, group, x, n=20) <= 1e-10
    torch.testing.assert_close(action(g, small), wanted)


CHECKS = {  # what is quick first: a mutant ends at the first that fails
    "GROUPS": (obeys_the_laws,),
    "ACTIONS": (is_a_left_action,),
    "ROWS": (keeps_its_symmetry, control_fails),
}


def checks(
    rooms: tuple[str, ...] = ROOMS, first: str | None = None
) -> Iterator[tuple[str, Callable[[], None]]]:
    """All checks of some rooms, with a name for each; of rows, those on a module's layers first."""
    for kind, functions in CHECKS.items():
        entries = list(collect(kind, rooms).items())
        if kind == "ROWS":
            entries.sort(key=lambda entry: first not in {c.__module__ for c in entry[1].covers})
        for name, entry in entries:
            for check in functions:
                yield f"{name}: {check.__name__}", partial(check, name, entry)
