"""Vertices by their numbers, one or several, as whatever kind of integer. See chapter 08."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, SupportsIndex

import numpy as np
from jaxtyping import Int
from torch import Tensor

from gdl_utils.arguments import indices, whole

Several = Sequence[SupportsIndex] | Int[Tensor, " S"] | Int[np.ndarray, " S"]
"""Vertices, as Python's integers, numpy's or torch's."""
Sources = SupportsIndex | Several
"""One vertex or several."""


def vertex_index(name: str, value: Any, count: int, what: str = "vertex") -> int:
    """Return the number of one vertex of ``count`` as a Python ``int``.

    Parameters
    ----------
    name : str
        What the caller's argument is called.
    value : int, numpy integer, or torch or numpy integer of one element
    count : int
        How many vertices there are.
    what : str
        What is counted, if it is something else.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If it is not a whole number (``True`` and ``3.0`` are none), or no vertex.

    Notes
    -----
    Chapter 08, *Geodesics*.
    """
    found = whole(name, value)
    if not 0 <= found < count:
        raise ValueError(f"{name} must be a {what} 0 to {count - 1}, got {found}")
    return found


def vertex_indices(name: str, value: Any, count: int) -> np.ndarray:
    """Return the number of one vertex, or of several, as an array (S,) of int64.

    Parameters
    ----------
    name : str
        What the caller's argument is called.
    value : int, or a sequence, tensor or array of integers
    count : int
        How many vertices there are.

    Returns
    -------
    array of int64, (S,)

    Raises
    ------
    ValueError
        If there is none, they are no whole numbers, or one is no vertex.

    Notes
    -----
    Chapter 08, *Geodesics*.
    """
    one = np.ndim(value) == 0
    found = np.array([whole(name, value)]) if one else indices(name, value, ("S",)).cpu().numpy()
    if found.size == 0:
        raise ValueError(f"{name} must be one vertex or several, got none")
    if found.min() < 0 or found.max() >= count:
        raise ValueError(f"{name} must be vertices 0 to {count - 1}, got {value!r}")
    return found


def stops(name: str, value: Any, least: int) -> Sequence[SupportsIndex] | Tensor | np.ndarray:
    """Return a path or a loop as it is, if it is a sequence of ``least`` stops or more.

    Raises
    ------
    ValueError
        If it is none, or shorter.

    Notes
    -----
    Chapter 09, *Gauges*.
    """
    if np.ndim(value) != 1 or len(value) < least:
        got = len(value) or "none" if np.ndim(value) == 1 else repr(value)
        raise ValueError(
            f"{name} must hold at least {('one frame', 'two frames')[least - 1]}, got {got}"
        )
    return value
