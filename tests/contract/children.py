"""What tests of the contract call in children of the warm process.

The library is imported where it is needed only: a child begins without it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import sys
from pathlib import Path
from typing import Any

import torch
from contract.table import collect
from contract.warm import WARM


def threads_and_modules() -> tuple[int, list[str], bool]:
    """How many threads a child begins with, what of WARM it has, and whether the library."""
    tasks = Path("/proc/self/task")
    threads = len(list(tasks.iterdir())) if tasks.exists() else 1
    return threads, [name for name in WARM if name in sys.modules], "gdl_utils" in sys.modules


def run_pytest(options: list[str], variables: dict[str, str]) -> int:
    """Run pytest with some more environment variables."""
    import pytest

    os.environ.update(variables)
    return int(pytest.main(["-q", "-p", "no:cacheprovider", *options]))


def fall_silent() -> None:
    print("going", flush=True)
    os._exit(7)


def fail() -> None:
    raise OSError("no such luck")


def wrong_shape(checked: bool) -> str:
    """What is raised by a call of the library with a wrong shape."""
    if checked:
        from contract import typed

        typed.install()
    from gdl_utils.grids.layers import circulant

    try:
        circulant(torch.ones(2, 2))
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


def gate(files: dict[str, str] | None = None, folder: str = "") -> tuple[list[str], set[str]]:
    """What the gate says, or says of one room if it has some more files; and where it looked."""
    from contract.gate import without_row

    import gdl_utils.grids

    package = gdl_utils
    if files is not None:
        package = gdl_utils.grids
        package.__path__.append(folder)
    for name, text in (files or {}).items():
        path = Path(folder, name)
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    named = without_row(package)
    return named, {name for name in sys.modules if name.split(".")[0] == "gdl_utils"}


def digest(room: str, backwards: bool = False) -> dict[str, str]:
    """What each row and each action of a room meets, as a short text.

    That is the inputs, the weights of the layer and of the control, and, where there are weights
    to train, what they are after the training to random targets.
    """
    from contract.checks import train_a_little

    from gdl_utils.training import seeded

    met = {}
    for kind in ("ROWS", "ACTIONS"):
        entries = list(collect(kind, (room,)).items())
        for name, entry in reversed(entries) if backwards else entries:
            bits = hashlib.sha256()
            if kind == "ACTIONS":
                _update(bits, entry[2])
            else:
                with seeded(1):
                    layer, control = entry.make().double(), entry.control().double()
                _update(bits, (entry.inputs, layer.state_dict(), control.state_dict()))
                train_a_little(layer, entry, name)
                _update(bits, layer.state_dict())
            met[f"{kind} {name}"] = bits.hexdigest()
    return met


def _update(bits: Any, value: Any) -> None:
    if isinstance(value, torch.Tensor):
        dense = value.detach().to_dense()
        bits.update(f"{dense.dtype} {tuple(dense.shape)}".encode() + dense.numpy().tobytes())
    elif isinstance(value, dict):
        _update(bits, tuple(value.items()))
    elif isinstance(value, tuple):
        for part in value:
            _update(bits, part)
    elif dataclasses.is_dataclass(value):
        _update(bits, tuple(getattr(value, f.name) for f in dataclasses.fields(value)))
    else:
        bits.update(repr(value).encode())
