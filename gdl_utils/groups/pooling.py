"""Local pooling P and the invariant layer A for signals on groups. See chapter 06, *Groups*."""

from __future__ import annotations

import itertools
import math

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from gdl_utils.arguments import whole
from gdl_utils.groups.lattices import HEXAGONAL, SQUARE, Lattice, check_side

HOW = ("max", "mean")


class GroupPool(nn.Module):
    """Maximum or mean over all orientations: a signal on the group becomes one on the plane.

    What is left turns as an image does; which orientation a pattern had is forgotten.

    Parameters
    ----------
    how : {"max", "mean"}

    Raises
    ------
    ValueError
        If ``how`` is neither; in ``forward``, if the input is not (B, C, |G|, n, n).

    Notes
    -----
    x (B, C, |G|, n, n) → (B, C, n, n), on any lattice.

    References
    ----------
    Cohen, Welling (2016), *Group Equivariant Convolutional Networks*, section 6.3.
    Chapter 06, *Groups*.
    """

    def __init__(self, how: str = "max") -> None:
        super().__init__()
        self.how = _check_how(how)

    def forward(self, x: Float[Tensor, "b c g n n"]) -> Float[Tensor, "b c n n"]:
        _check_group_signal(x)
        return x.amax(2) if self.how == "max" else x.mean(2)

    def extra_repr(self) -> str:
        return f"how={self.how!r}"


class SpatialPool2d(nn.Module):
    """Maximum or mean in windows of ``size`` × ``size`` pixels, ``step`` pixels apart.

    The windows must lie symmetrically in the image, or its turns are lost: the side minus the
    size must be a multiple of the step. Windows of 2 with step 2 fit even sides; windows of 3, or
    of a single pixel, with step 2 fit odd ones.

    Parameters
    ----------
    size, step : int
    how : {"max", "mean"}

    Raises
    ------
    ValueError
        If ``size`` or ``step`` is not positive or ``how`` is neither; in ``forward``, if the input
        is not square, or the windows do not fit its side.

    Notes
    -----
    x (B, C, n, n) or (B, C, |G|, n, n) → the same with side (n − size)/step + 1.
    Chapter 06, *Groups*.
    """

    def __init__(self, size: int = 2, step: int = 2, *, how: str = "max") -> None:
        super().__init__()
        self.size, self.step = whole("size", size, 1), whole("step", step, 1)
        self.how = _check_how(how)

    def forward(self, x: Float[Tensor, "b c *g n n"]) -> Float[Tensor, "b c *g m m"]:
        n = _check_fields(x)
        if n < self.size or (n - self.size) % self.step:
            raise ValueError(
                f"windows of {self.size} with step {self.step} must lie symmetrically in the image "
                f"to keep its turns, and do not in a side of {n}"
            )
        pool = F.max_pool2d if self.how == "max" else F.avg_pool2d
        return pool(x.flatten(1, -3), self.size, self.step).unflatten(1, x.shape[1:-2])

    def extra_repr(self) -> str:
        return f"size={self.size}, step={self.step}, how={self.how!r}"


class HexPool2d(nn.Module):
    """Maximum or mean over the hexagon around every ``step``-th position, counted from the centre.

    With ``radius`` 1 these are a position and its 6 neighbours. The coarser lattice has all turns
    and mirrors of the finer one, about the same centre.

    Parameters
    ----------
    radius, step : int
    how : {"max", "mean"}
        The mean is taken over the positions inside the signal's hexagon only.
    padding : {"zeros", "circular"}
        The signal's domain, the hexagon in the array or a torus, as in the convolutions.

    Raises
    ------
    ValueError
        If ``radius`` is negative, ``step`` not positive, or ``how`` or ``padding`` is unknown; in
        ``forward``, if the array is not square with an odd side, or a torus' side is no multiple
        of the step or smaller than the window.

    Notes
    -----
    x (B, C, n, n) or (B, C, |G|, n, n) → the same with side 2⌊R/step⌋ + 1 where n = 2R + 1, and
    zeros outside its hexagon; on a torus with side n/step. Chapter 06, *Groups*.
    """

    def __init__(
        self, radius: int = 1, step: int = 2, *, how: str = "max", padding: str = "zeros"
    ) -> None:
        super().__init__()
        if padding not in ("zeros", "circular"):
            raise ValueError(f"padding must be 'zeros' or 'circular', got {padding!r}")
        self.radius, self.step = whole("radius", radius, 0), whole("step", step, 1)
        self.how, self.padding = _check_how(how), padding

    def forward(self, x: Float[Tensor, "b c *g n n"]) -> Float[Tensor, "b c *g m m"]:
        n = _check_fields(x)
        check_side(HEXAGONAL, n)
        wrapped = self.padding == "circular"
        if wrapped and (n % self.step or n <= 2 * self.radius):
            raise ValueError(
                f"a torus' side must be a multiple of the step {self.step} and at least "
                f"{2 * self.radius + 1}, got {n}"
            )
        grid = x.flatten(1, -3)
        inside = HEXAGONAL.disc(n // 2, x.device)
        if wrapped:
            inside = inside.new_ones(n, n)
        window = self._windows(grid.where(inside, -math.inf if self.how == "max" else 0.0), wrapped)
        if self.how == "max":
            pooled = window.amax(2)
        else:
            counts = self._windows(inside.to(x.dtype)[None, None], wrapped).sum(2)
            pooled = window.sum(2) / counts.clamp(min=1)
        if not wrapped:
            pooled = pooled.where(HEXAGONAL.disc(pooled.shape[-1] // 2, x.device), 0.0)
        return pooled.unflatten(1, x.shape[1:-2])

    def _windows(self, x: Tensor, wrapped: bool) -> Tensor:
        """(B, C, n, n) → (B, C, taps, m, m): what the window around each coarse position sees."""
        r, n = self.radius, x.shape[-1]
        start = n // 2 % self.step  # so that the centre is kept
        outside = -math.inf if self.how == "max" else 0.0
        x = F.pad(x, (r,) * 4, "circular") if wrapped else F.pad(x, (r,) * 4, value=outside)
        views = [
            x[..., i + start : i + n : self.step, j + start : j + n : self.step]
            for i, j in itertools.product(range(2 * r + 1), repeat=2)
            if abs(i + j - 2 * r) <= r  # the hexagon's positions
        ]
        return torch.stack(views, 2)

    def extra_repr(self) -> str:
        return f"radius={self.radius}, step={self.step}, how={self.how!r}, padding={self.padding!r}"


class GlobalGroupPool(nn.Module):
    """Mean or maximum over all positions and orientations: the invariant layer A.

    Parameters
    ----------
    how : {"mean", "max"}
    lattice : Lattice
        On ``HEXAGONAL``, only positions inside the hexagon count.

    Raises
    ------
    ValueError
        If ``how`` is neither; in ``forward``, if the input is not (B, C, |G|, n, n), or its side
        is even on hexagons.

    Notes
    -----
    x (B, C, |G|, n, n) → (B, C). For hexagonal signals on a torus, which fill their array, keep
    ``lattice=SQUARE``. Chapter 06, *Groups*.
    """

    def __init__(self, how: str = "mean", *, lattice: Lattice = SQUARE) -> None:
        super().__init__()
        if not isinstance(lattice, Lattice):
            raise ValueError(f"lattice must be SQUARE or HEXAGONAL, got {lattice!r}")
        self.how, self.lattice = _check_how(how), lattice

    def forward(self, x: Float[Tensor, "b c g n n"]) -> Float[Tensor, "b c"]:
        _check_group_signal(x)
        check_side(self.lattice, x.shape[-1])
        if self.lattice != HEXAGONAL:
            return x.mean((2, 3, 4)) if self.how == "mean" else x.amax((2, 3, 4))
        inside = HEXAGONAL.disc(x.shape[-1] // 2, x.device)
        if self.how == "mean":
            return x.where(inside, 0.0).sum((2, 3, 4)) / (inside.sum() * x.shape[2])
        return x.where(inside, -math.inf).amax((2, 3, 4))

    def extra_repr(self) -> str:
        return f"how={self.how!r}, lattice={self.lattice.name}"


def _check_how(how: str) -> str:
    if how not in HOW:
        raise ValueError(f"how must be one of {HOW}, got {how!r}")
    return how


def _check_group_signal(x: Tensor) -> None:
    if x.ndim != 5 or x.shape[-1] != x.shape[-2] or not x.shape[2] * x.shape[-1]:
        raise ValueError(f"x must be (B, C, |G|, n, n), got {tuple(x.shape)}")


def _check_fields(x: Tensor) -> int:
    if x.ndim not in (4, 5) or x.shape[-1] != x.shape[-2] or not x.shape[-1]:
        raise ValueError(f"x must be (B, C, n, n) or (B, C, |G|, n, n), got {tuple(x.shape)}")
    return x.shape[-1]
