"""What the rows of the contract are made of.

Each room's module beside this one holds its tables: ROWS (its layers), GROUPS, ACTIONS, and
MUTANTS, one-line mistakes that these tables must notice.
"""

from __future__ import annotations

import copy
import importlib
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import nn

ROOMS = ("language", "grids", "groups", "graphs", "geodesics", "gauges", "cases")
"""The modules with tables, in the order of the book; the instruments stand first, because no
other row means anything while they are wrong."""
NUMBERS = torch.arange(9.0).reshape(3, 3)


def generator(name: str) -> torch.Generator:
    """A room's own source of random numbers, or a row's.

    It is seeded by the name, so that a room meets the same data alone, as it does for its
    mutants, and among all others.
    """
    return torch.Generator().manual_seed(zlib.crc32(name.encode()))


def on_device(x: Any, device: torch.device | str) -> Any:
    """A tensor, or the structure of a domain with all of its tensors, on another device.

    A structure without a method ``to`` is put together without its validators: on the device
    ``meta`` there are no numbers that they could look at.
    """
    if hasattr(x, "to"):
        return x.to(device)
    if not type(x).__module__.startswith("gdl_utils."):
        return x
    new = copy.copy(x)
    for name, part in vars(x).items():
        if isinstance(getattr(type(x), name, None), cached_property):
            vars(new).pop(name)  # to be computed where the rest is
        else:
            object.__setattr__(new, name, on_device(part, device))
    return new


class ByPosition(nn.Module):
    """Scales each row of its input differently: what no symmetry allows."""

    def __init__(self, axis: int) -> None:
        super().__init__()
        self.axis = axis

    def forward(self, x, *structure):
        n = x.shape[self.axis]
        weights = torch.linspace(1, 2, n, dtype=x.dtype, device=x.device)
        return x * weights.reshape([n if a == self.axis % x.ndim else 1 for a in range(x.ndim)])


@dataclass(frozen=True)
class Row:
    covers: tuple[type, ...]
    make: Callable[[], nn.Module]
    control: Callable[[], nn.Module]
    group: Any
    acts_in: Any
    act_out: Any
    inputs: tuple


def collect(kind: str, rooms: tuple[str, ...] = ROOMS) -> dict[str, Any]:
    """All entries of one kind, of every room or of some."""
    found: dict[str, Any] = {}
    for room in rooms:
        entries = getattr(importlib.import_module(f"contract.{room}"), kind)
        assert not found.keys() & entries.keys(), f"two entries of one name in {room}"
        found |= entries
    return found
