"""The stored studies: what ``experiments/`` measured over many seeds, read by the chapters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_SHIPPED = Path(__file__).parent / "studies"
"""Where an installed package keeps its copy, made when the wheel is built (``setup.py``)."""
_CHECKOUT = Path(__file__).parents[2] / "book" / "results"
"""Where a checkout keeps the studies themselves."""


def load_results(name: str) -> dict[str, Any]:
    """Load a stored study.

    Parameters
    ----------
    name : str
        The script's name without its ending, as in ``"05_shifts"`` for
        ``experiments/05_shifts.py``.

    Returns
    -------
    dict
        What the script stored: ``about``, ``settings``, ``scores`` (by name, then by seed),
        ``code_sha256``, ``machine``, ``date``, ``seconds``, and what the study adds; and, if the
        code has changed since without changing a number, ``confirmed``, with the same of the day
        on which it gave these numbers again.

    Raises
    ------
    ValueError
        If there is no study of that name.

    Notes
    -----
    Chapter 02, *Inductive bias*, is the first that compares networks over seeds.
    """
    found: dict[str, Path] = {}
    for folder in (_CHECKOUT, _SHIPPED):  # the package's own copy comes last, and wins
        found |= {path.stem: path for path in sorted(folder.glob("[0-9]*.json"))}
    if name not in found:
        known = ", ".join(sorted(found)) or "none at all: install gdl_utils again"
        raise ValueError(f"name must be a stored study ({known}), got {name!r}")
    return json.loads(found[name].read_text(encoding="utf-8"))
