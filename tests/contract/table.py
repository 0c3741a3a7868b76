"""What the rows of the contract are made of.

Each module beside this one holds one room's tables: ROWS (its layers), GROUPS, ACTIONS, and
MUTANTS, one-line mistakes that the tables must notice.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

RNG = torch.Generator().manual_seed(0)
NUMBERS = torch.arange(9.0).reshape(3, 3)


class ByPosition(nn.Module):
    """Scales each row of its input differently: what no symmetry allows."""

    def __init__(self, axis: int) -> None:
        super().__init__()
        self.axis = axis

    def forward(self, x, *structure):
        n = x.shape[self.axis]
        weights = torch.linspace(1, 2, n, dtype=x.dtype)
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


def collect(kind: str, room: str | None = None) -> dict[str, Any]:
    """All entries of one kind, of every room or of one."""
    found: dict[str, Any] = {}
    for module in pkgutil.iter_modules([str(Path(__file__).parent)], "contract."):
        name = module.name.removeprefix("contract.")
        if name != "table" and not name.startswith("test_") and room in (None, name):
            entries = getattr(importlib.import_module(module.name), kind)
            assert not found.keys() & entries.keys(), f"two entries of one name in {module.name}"
            found |= entries
    return found
