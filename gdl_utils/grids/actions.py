"""Shifts of a periodic grid, and how they move signals on it. See chapter 05, *Grids*."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from gdl_utils.arguments import signal, whole
from gdl_utils.symmetry import Action
from gdl_utils.tensors import wide

Shift = tuple[int, ...]


@dataclass(frozen=True)
class Translations:
    """Cyclic shifts of a grid by multiples of ``step``: a group under addition modulo ``shape``.

    Elements are tuples of integers, one for each axis, (dy, dx) on an image. With ``step`` 2 it
    is what is left of the symmetry after pooling by 2.

    Parameters
    ----------
    shape : tuple of int
        Size of each axis of the grid, as (H, W).
    step : int
        Every shift is a multiple of it, and so must every size be.

    Raises
    ------
    ValueError
        If a size or the step is not positive, or a size is not a multiple of the step.

    Notes
    -----
    Chapter 05, *Grids*.
    """

    shape: tuple[int, ...]
    step: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "shape", _shift("shape", self.shape))
        object.__setattr__(self, "step", whole("step", self.step))
        if self.step < 1 or not self.shape or min(self.shape) < 1:
            raise ValueError(
                f"shape and step must be positive, got shape {self.shape} and step {self.step}"
            )
        if any(n % self.step for n in self.shape):
            raise ValueError(
                f"every size must be a multiple of the step {self.step}, got shape {self.shape}"
            )

    def sample(self, rng: torch.Generator) -> Shift:
        return tuple(
            self.step * int(torch.randint(n // self.step, (), generator=rng, device=rng.device))
            for n in self.shape
        )

    def identity(self) -> Shift:
        return (0,) * len(self.shape)

    def compose(self, g: Shift, h: Shift) -> Shift:
        return tuple((a + b) % n for a, b, n in zip(g, h, self.shape, strict=True))

    def inverse(self, g: Shift) -> Shift:
        return tuple(-a % n for a, n in zip(g, self.shape, strict=True))


def shift(g: Shift, x: Tensor) -> Tensor:
    """Shift a signal cyclically: (g·x)(u) = x(u − g).

    Parameters
    ----------
    g : tuple of int
        Pixels along the last ``len(g)`` axes: (dy, dx) moves an image down and to the right.
    x : Tensor, (..., *grid)
        For an image (B, C, H, W).

    Returns
    -------
    Tensor
        Of the same shape.

    Raises
    ------
    ValueError
        If ``x`` has fewer axes than ``g``, or these are not whole numbers.

    References
    ----------
    Bronstein et al. (2021), *Geometric Deep Learning*, section 4.2. Chapter 05, *Grids*.
    """
    g = _shift("g", g)
    signal("x", x)
    return torch.roll(x, g, _axes(g, x))


def coarse_shift(step: int) -> Action:
    """Return the action of shifts on a map that was pooled by ``step``: a shift by ``g / step``.

    The action raises ``ValueError`` for shifts that are not multiples of ``step``: these do not
    act on the coarse grid. Use ``Translations(shape, step)``. Chapter 05, *Grids*.
    """
    step = whole("step", step, 1)

    def act(g: Shift, x: Tensor) -> Tensor:
        g = _shift("g", g)
        if any(a % step for a in g):
            raise ValueError(f"g must be a multiple of {step} to act on the coarse grid, got {g}")
        return shift(tuple(a // step for a in g), x)

    return act


def fourier_shift(g: tuple[float | int, ...], x: Tensor) -> Tensor:
    """Shift a periodic signal by a fraction of a pixel, by turning the phases of its DFT.

    For whole pixels it equals :func:`shift`. On an axis of even length the highest frequency
    has no phase to turn and is damped by cos(π g): there the law ``(gh)·x = g·(h·x)`` holds only
    for signals without that frequency.

    Parameters
    ----------
    g : tuple of float
        Pixels along the last ``len(g)`` axes.
    x : Tensor, (..., *grid)
        Real.

    Returns
    -------
    Tensor
        Of the same shape.

    Raises
    ------
    ValueError
        If ``x`` is not floating point, or has fewer axes than ``g``.

    Notes
    -----
    Chapter 05, *Grids*.
    """
    signal("x", x)
    if not x.is_floating_point():
        raise ValueError(f"x must be floating point, got {x.dtype}")
    if not hasattr(g, "__len__"):
        raise ValueError(f"g must be a tuple of numbers, got {g!r}")
    if not all(math.isfinite(a) for a in g):
        raise ValueError(f"g must be finite, got {g!r}")
    dtype, x = x.dtype, wide(x)
    if not x.numel():
        return x.to(dtype)
    for amount, axis in zip(map(float, g), _axes(g, x), strict=True):
        n = x.shape[axis]
        k = torch.arange(n // 2 + 1, dtype=x.dtype, device=x.device)
        phase = torch.polar(torch.ones_like(k), -2 * math.pi * k * amount / n)
        if n % 2 == 0:
            phase[-1] = math.cos(math.pi * amount)
        spectrum = torch.fft.rfft(x, dim=axis).movedim(axis, -1) * phase
        x = torch.fft.irfft(spectrum.movedim(-1, axis), n=n, dim=axis)
    return x.to(dtype)


def coarse_fourier_shift(step: int) -> Action:
    """Return the action of *all* shifts on a map pooled by ``step``: by ``g / step`` coarse pixels.

    It is the yardstick for anti-aliasing: a shift by one pixel should move the coarse map by a
    fraction of a pixel. See :func:`fourier_shift`. Chapter 05, *Grids*.
    """
    step = whole("step", step, 1)
    return lambda g, x: fourier_shift(tuple(a / step for a in g), x)


def flattened(action: Action, shape: tuple[int, ...]) -> Action:
    """Return ``action`` as it looks on signals of ``shape`` that were flattened to one axis.

    Flattening loses nothing: it only renames the entries, and the action goes with them. The
    action raises ``ValueError`` where the last axis has another length. Chapter 04, *The
    blueprint*.
    """

    def act(g: Shift, x: Tensor) -> Tensor:
        if x.shape[-1] != math.prod(shape):
            raise ValueError(
                f"x must end in an axis of {math.prod(shape)} for shape {shape}, "
                f"got {tuple(x.shape)}"
            )
        return action(g, x.unflatten(-1, shape)).flatten(-len(shape))

    return act


def _axes(g: tuple, x: Tensor) -> tuple[int, ...]:
    if x.ndim < len(g):
        raise ValueError(f"x must have at least {len(g)} axes for g = {g}, got {tuple(x.shape)}")
    return tuple(range(-len(g), 0))


def _shift(name: str, g: Any) -> Shift:
    """A tuple of whole numbers, whichever types it came in."""
    if not hasattr(g, "__len__"):
        raise ValueError(f"{name} must be a tuple of whole numbers, got {g!r}")
    return tuple(whole(name, a) for a in g)
