"""What every room accepts for a signal, a whole number or an index.

Sizes and indices come from Python, numpy, torch and pandas, in any width. Truth values and floats
are not whole numbers, even where their value is one: they are refused by name. See chapter 07,
*Graphs*.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from torch import Tensor

BATCHED = "must be the same for the whole batch, but vmap maps over them"
"""What a message says of indices that ``torch.func.vmap`` maps over."""


class NotATensor(ValueError, TypeError):
    """What came was not a tensor: a wrong value of an argument, and of a wrong type. Chapter 07."""


def signal(name: str, x: Any, *, floating: bool = False) -> None:
    """Raise ``ValueError`` unless a layer's input is a tensor; of real numbers, if ``floating``.

    Means and blurs of whole numbers would be cut to whole numbers. Chapter 07, *Graphs*.
    """
    if not isinstance(x, Tensor):
        raise NotATensor(f"{name} must be a tensor, got {type(x).__name__}")
    if floating and not (x.is_floating_point() or x.is_complex()):
        raise ValueError(f"{name} must be floating point, got {x.dtype}")


def whole(name: str, value: Any, at_least: int | None = None, at_most: int | None = None) -> int:
    """Return a whole number as a Python ``int``, whichever library's type it has.

    Parameters
    ----------
    name : str
        What the caller's argument is called.
    value : int, numpy integer, or torch or numpy integer of one element
    at_least, at_most : int, optional
        Its smallest and its largest value.

    Raises
    ------
    ValueError
        If it is not a whole number (``True`` and ``3.0`` are none), or is out of its range.

    Notes
    -----
    Chapter 07, *Graphs*.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        kind = getattr(value, "dtype", None)
        try:
            if isinstance(value, bool) or kind in (torch.bool, np.bool_):
                raise TypeError
            value = operator.index(value)
        except TypeError:
            raise ValueError(f"{name} must be a whole number, got {value!r}") from None
    if at_most is not None and not (at_least or 0) <= value <= at_most:
        raise ValueError(f"{name} must be between {at_least or 0} and {at_most}, got {value}")
    if at_least is not None and value < at_least:
        raise ValueError(f"{name} must be at least {at_least}, got {value}")
    return value


def real(name: str, value: Any, *, positive: bool = False) -> float:
    """Return one finite number as a Python ``float``, whichever library's type it has.

    Parameters
    ----------
    name : str
        What the caller's argument is called.
    value : float, or number of numpy's or torch's of one element
    positive : bool
        Whether it must be above 0.

    Raises
    ------
    ValueError
        If it is not a real number (truth values and text are none), or is out of its range.

    Notes
    -----
    Chapter 08, *Geodesics*.
    """
    kind = getattr(value, "dtype", None)
    try:
        if isinstance(value, (bool, str)) or kind in (torch.bool, np.bool_):
            raise TypeError
        found = operator.index(value) if isinstance(value, int) else float(value)
    except (TypeError, ValueError, RuntimeError):
        raise ValueError(f"{name} must be a real number, got {value!r}") from None
    if not -math.inf < found < math.inf or (positive and found <= 0):
        raise ValueError(f"{name} must be {'positive and ' * positive}finite, got {found}")
    return float(found)


def wholes(**values: Any) -> tuple[int, ...]:
    """Return several whole numbers as ``int``, each checked by :func:`whole`. Chapter 07."""
    return tuple(whole(name, value) for name, value in values.items())


def positive(**values: Any) -> tuple[int, ...]:
    """Return several whole numbers as ``int``; all must be positive.

    Raises
    ------
    ValueError
        If one is not a whole number, or is below 1.

    Notes
    -----
    Chapter 07, *Graphs*.
    """
    numbers = wholes(**values)
    if min(numbers) < 1:
        raise ValueError(f"{_listed(values)} must be positive, got {_listed(numbers)}")
    return numbers


def indices(
    name: str, value: Any, shape: tuple[int | str, ...], device: torch.device | str | None = None
) -> Tensor:
    """Return whole numbers as a tensor of int64, whichever library's type they have.

    Parameters
    ----------
    name : str
        What the caller's argument is called.
    value : Tensor, numpy array, or (nested) sequence
        Whole numbers of any width.
    shape : tuple of int or str
        What it must be; letters stand for any length.
    device : torch.device, optional
        Where a tensor is made of what is none yet; a tensor stays where it is.

    Returns
    -------
    Tensor
        Of that shape, int64: the same tensor if it was one, else a copy.

    Raises
    ------
    ValueError
        If it is not of that shape, or no array of whole numbers: truth values and floats are none.

    Notes
    -----
    Chapter 07, *Graphs*.
    """
    expected = f"({', '.join(map(str, shape))}{',' * (len(shape) == 1)}) of whole numbers"
    if isinstance(value, Tensor):
        array, is_whole = value, not (value.is_floating_point() or value.is_complex())
        is_whole &= value.dtype != torch.bool
        is_whole |= not value.numel()  # torch.tensor([[], []]) is of no type yet
    else:
        try:
            array = np.asarray(_plain(value))
        except ValueError as error:  # rows of different lengths
            raise ValueError(f"{name} must be {expected}, got {error}") from None
        if array.size == 0 and array.dtype.kind in "iufbc":
            array = array.astype(np.int64)  # nothing is of no type yet
        is_whole = array.dtype.kind in "iu"
        if array.dtype.kind not in "iufbc":
            raise ValueError(f"{name} must be {expected}, got {type(value).__name__}")
    wrong = any(isinstance(a, int) and a != b for a, b in zip(shape, array.shape))
    if not is_whole or wrong or len(shape) != array.ndim:
        raise ValueError(f"{name} must be {expected}, got {tuple(array.shape)} {array.dtype}")
    if isinstance(array, Tensor):
        return array if array.dtype == torch.int64 else array.to(torch.int64)
    return torch.tensor(array.astype(np.int64, order="C"), device=device or "cpu")


def check_range(what: str, index: Tensor, n: int) -> None:
    """Raise ``ValueError``, beginning with ``what``, unless all are from 0 to n − 1. Chapter 07."""
    if index.is_meta or torch.compiler.is_compiling() or not index.numel():
        return
    try:
        least, most = (int(end) for end in torch.aminmax(index))
    except RuntimeError as error:
        if "vmap" not in str(error):
            raise
        raise ValueError(f"{what} 0 to {n - 1}: {BATCHED}") from error
    if least < 0 or most >= n:
        raise ValueError(f"{what} 0 to {n - 1}, got {least} to {most}")


def _listed(words: Iterable[Any]) -> str:
    """a, b and c."""
    *first, last = map(str, words)
    return f"{', '.join(first)} and {last}" if first else last


def _plain(value: Any) -> Any:
    """Sequences of tensors as sequences of arrays."""
    if isinstance(value, (list, tuple)):
        if any(isinstance(part, (bool, np.bool_)) for part in value):
            raise ValueError("truth values")  # numpy would count True as 1 among whole numbers
        return [_plain(part) for part in value]
    return value.detach().cpu().numpy() if isinstance(value, Tensor) else value
