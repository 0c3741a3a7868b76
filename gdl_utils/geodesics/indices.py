"""Vertices by their numbers, and counts: whatever kind of integer they come as. See chapter 08."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Int
from torch import Tensor

Sources = int | Sequence[int] | Int[Tensor, " S"]
"""One vertex or several: Python's integers, numpy's or torch's."""


def whole_number(name: str, value: Any, least: int, most: int | None = None) -> int:
    """Take a count for what it is, if it is a whole number in its range.

    Parameters
    ----------
    name : str
        Of the argument, for the message.
    value : int, numpy integer, or a tensor or array of one integer
    least, most : int
        The range, both ends included; without ``most`` there is no upper end.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If it is no integer (a bool or a float is none), or out of its range.

    Notes
    -----
    Chapter 08, *Geodesics*.
    """
    wanted = f"at least {least}" if most is None else f"between {least} and {most}"
    found = _integers(value)
    if found is None or found.ndim != 0:
        raise ValueError(f"{name} must be a whole number, {wanted}, got {value!r}")
    if found < least or (most is not None and found > most):
        raise ValueError(f"{name} must be {wanted}, got {value}")
    return int(found)


def vertex_index(name: str, value: Any, count: int, what: str = "vertex") -> int:
    """Take the number of one vertex of ``count``, whatever kind of integer it is.

    Parameters
    ----------
    name : str
        Of the argument, for the message.
    value : int, numpy integer, or a tensor or array of one integer
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
        If it is no integer (a bool or a float is none), several, or no vertex.

    Notes
    -----
    Chapter 08, *Geodesics*.
    """
    if type(value) is int and 0 <= value < count:
        return value
    found = _integers(value)
    if found is None or found.size != 1 or not 0 <= found.ravel()[0] < count:
        raise ValueError(f"{name} must be a {what} 0 to {count - 1}, got {value!r}")
    return int(found.ravel()[0])


def vertex_indices(name: str, value: Any, count: int) -> np.ndarray:
    """Bring the number of one vertex or of several into an array (S,) of int64.

    Parameters
    ----------
    name : str
        Of the argument, for the message.
    value : int, or a sequence, tensor or array of integers
    count : int
        How many vertices there are.

    Returns
    -------
    array of int64, (S,)

    Raises
    ------
    ValueError
        If there is none, they are no integers (bools and floats are none), or one is no vertex.

    Notes
    -----
    Chapter 08, *Geodesics*.
    """
    found = _integers(value)
    if found is None or found.ndim > 1 or found.size == 0:
        raise ValueError(f"{name} must be one vertex or several, as integers, got {value!r}")
    if found.min() < 0 or found.max() >= count:
        raise ValueError(f"{name} must be vertices 0 to {count - 1}, got {value!r}")
    return np.atleast_1d(found).astype(np.int64)


def _integers(value: Any) -> np.ndarray | None:
    """The value as an array of integers, or None if it is none."""
    if isinstance(value, Tensor):
        value = value.detach().cpu().numpy()
    elif isinstance(value, (list, tuple)) and any(isinstance(v, (bool, np.bool_)) for v in value):
        return None  # numpy would count True as 1 among integers
    try:
        found = np.asarray(value)
    except (TypeError, ValueError):
        return None
    return found if found.dtype.kind in "iu" else None
