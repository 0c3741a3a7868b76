"""Local pooling P and the invariant layer A for signals on groups. See chapter 06, *Groups*."""

from __future__ import annotations

import itertools
import math

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from gdl_utils.arguments import signal, whole
from gdl_utils.groups.lattices import HEXAGONAL, SQUARE, Lattice, check_side

REDUCE = ("max", "mean")


class GroupPool(nn.Module):
    """Maximum or mean over all orientations: a signal on the group becomes one on the plane.

    What is left turns as an image does; which orientation a pattern had is forgotten.

    Parameters
    ----------
    reduce : {"max", "mean"}

    Raises
    ------
    ValueError
        If ``reduce`` is neither; in ``forward``, if the input is not (B, C, |G|, n, n).

    Notes
    -----
    x (B, C, |G|, n, n) → (B, C, n, n), on any lattice.

    References
    ----------
    Cohen, Welling (2016), *Group Equivariant Convolutional Networks*, section 6.3.
    Chapter 06, *Groups*.
    """

    def __init__(self, reduce: str = "max") -> None:
        super().__init__()
        self.reduce = _check_reduce(reduce)

    def forward(self, x: Float[Tensor, "b c g n n"]) -> Float[Tensor, "b c n n"]:
        _check_group_signal(x, self.reduce)
        return x.amax(2) if self.reduce == "max" else x.mean(2)

    def extra_repr(self) -> str:
        return f"reduce={self.reduce!r}"


class SpatialPool2d(nn.Module):
    """Maximum or mean in square windows, ``stride`` pixels apart.

    The windows must lie symmetrically in the image, or its turns are lost: the side minus the
    size must be a multiple of the stride. Windows of 2 with stride 2 fit even sides; windows of 3,
    or of a single pixel, with stride 2 fit odd ones.

    Parameters
    ----------
    kernel_size, stride : int
    reduce : {"max", "mean"}

    Raises
    ------
    ValueError
        If ``kernel_size`` or ``stride`` is not positive or ``reduce`` is neither; in ``forward``,
        if the input is not square, or the windows do not fit its side.

    Notes
    -----
    x (B, C, n, n) or (B, C, |G|, n, n) → the same with side (n − size)/stride + 1.
    Chapter 06, *Groups*.
    """

    def __init__(self, kernel_size: int = 2, stride: int = 2, *, reduce: str = "max") -> None:
        super().__init__()
        self.kernel_size = whole("kernel_size", kernel_size, 1)
        self.stride = whole("stride", stride, 1)
        self.reduce = _check_reduce(reduce)

    def forward(self, x: Float[Tensor, "b c *g n n"]) -> Float[Tensor, "b c *g m m"]:
        n = _check_fields(x, self.reduce)
        if n < self.kernel_size or (n - self.kernel_size) % self.stride:
            raise ValueError(
                f"windows of {self.kernel_size} with stride {self.stride} must lie symmetrically "
                f"in the image to keep its turns, and do not in a side of {n}"
            )
        pool = F.max_pool2d if self.reduce == "max" else F.avg_pool2d
        return pool(x.flatten(1, -3), self.kernel_size, self.stride).unflatten(1, x.shape[1:-2])

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, reduce={self.reduce!r}"


class HexPool2d(nn.Module):
    """Maximum or mean over the hexagon around every ``stride``-th position from the centre on.

    With ``radius`` 1 these are a position and its 6 neighbours. The coarser lattice has all turns
    and mirrors of the finer one, about the same centre.

    Parameters
    ----------
    radius, stride : int
    reduce : {"max", "mean"}
        The mean is taken over the positions inside the signal's hexagon only.
    padding : {"zeros", "circular"}
        The signal's domain, the hexagon in the array or a torus, as in the convolutions.

    Raises
    ------
    ValueError
        If ``radius`` is negative, ``stride`` not positive, or ``reduce`` or ``padding`` is unknown;
        in ``forward``, if the array is not square with an odd side, or a torus' side is not a
        multiple of the stride or smaller than the window.

    Notes
    -----
    x (B, C, n, n) or (B, C, |G|, n, n) → the same with side 2⌊R/stride⌋ + 1 where n = 2R + 1, and
    zeros outside its hexagon; on a torus with side n/stride. Chapter 06, *Groups*.
    """

    def __init__(
        self, radius: int = 1, stride: int = 2, *, reduce: str = "max", padding: str = "zeros"
    ) -> None:
        super().__init__()
        if padding not in ("zeros", "circular"):
            raise ValueError(f"padding must be 'zeros' or 'circular', got {padding!r}")
        self.radius, self.stride = whole("radius", radius, 0), whole("stride", stride, 1)
        self.reduce, self.padding = _check_reduce(reduce), padding

    def forward(self, x: Float[Tensor, "b c *g n n"]) -> Float[Tensor, "b c *g m m"]:
        n = _check_fields(x, self.reduce)
        check_side(HEXAGONAL, n)
        wrapped = self.padding == "circular"
        if wrapped and (n % self.stride or n <= 2 * self.radius):
            raise ValueError(
                f"a torus' side must be a multiple of the stride {self.stride} and at least "
                f"{2 * self.radius + 1}, got {n}"
            )
        grid = x.flatten(1, -3)
        inside = HEXAGONAL.disc(n // 2, x.device)
        if wrapped:
            inside = inside.new_ones(n, n)
        window = self._windows(
            grid.where(inside, -math.inf if self.reduce == "max" else 0.0), wrapped
        )
        if self.reduce == "max":
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
        start = n // 2 % self.stride  # so that the centre is kept
        outside = -math.inf if self.reduce == "max" else 0.0
        x = F.pad(x, (r,) * 4, "circular") if wrapped else F.pad(x, (r,) * 4, value=outside)
        views = [
            x[..., i + start : i + n : self.stride, j + start : j + n : self.stride]
            for i, j in itertools.product(range(2 * r + 1), repeat=2)
            if abs(i + j - 2 * r) <= r  # the hexagon's positions
        ]
        return torch.stack(views, 2)

    def extra_repr(self) -> str:
        return (
            f"radius={self.radius}, stride={self.stride}, reduce={self.reduce!r}, "
            f"padding={self.padding!r}"
        )


class GlobalGroupPool(nn.Module):
    """Mean or maximum over all positions and orientations: the invariant layer A.

    Parameters
    ----------
    reduce : {"mean", "max"}
    lattice : Lattice
        On ``HEXAGONAL``, only positions inside the hexagon count.

    Raises
    ------
    ValueError
        If ``reduce`` is neither; in ``forward``, if the input is not (B, C, |G|, n, n), or its side
        is even on hexagons.

    Notes
    -----
    x (B, C, |G|, n, n) → (B, C). For hexagonal signals on a torus, which fill their array, keep
    ``lattice=SQUARE``. Chapter 06, *Groups*.
    """

    def __init__(self, reduce: str = "mean", *, lattice: Lattice = SQUARE) -> None:
        super().__init__()
        if not isinstance(lattice, Lattice):
            raise ValueError(f"lattice must be SQUARE or HEXAGONAL, got {lattice!r}")
        self.reduce, self.lattice = _check_reduce(reduce), lattice

    def forward(self, x: Float[Tensor, "b c g n n"]) -> Float[Tensor, "b c"]:
        _check_group_signal(x, self.reduce)
        check_side(self.lattice, x.shape[-1])
        if self.lattice != HEXAGONAL:
            return x.mean((2, 3, 4)) if self.reduce == "mean" else x.amax((2, 3, 4))
        inside = HEXAGONAL.disc(x.shape[-1] // 2, x.device)
        if self.reduce == "mean":
            return x.where(inside, 0.0).sum((2, 3, 4)) / (inside.sum() * x.shape[2])
        return x.where(inside, -math.inf).amax((2, 3, 4))

    def extra_repr(self) -> str:
        return f"reduce={self.reduce!r}, lattice={self.lattice.name}"


def _check_reduce(reduce: str) -> str:
    if reduce not in REDUCE:
        raise ValueError(f"reduce must be one of {REDUCE}, got {reduce!r}")
    return reduce


def _check_group_signal(x: Tensor, reduce: str) -> None:
    signal("x", x, floating=reduce == "mean")
    if x.ndim != 5 or x.shape[-1] != x.shape[-2] or not x.shape[2] * x.shape[-1]:
        raise ValueError(f"x must be (B, C, |G|, n, n), got {tuple(x.shape)}")


def _check_fields(x: Tensor, reduce: str) -> int:
    signal("x", x, floating=reduce == "mean")
    if x.ndim not in (4, 5) or x.shape[-1] != x.shape[-2] or not x.shape[-1]:
        raise ValueError(f"x must be (B, C, n, n) or (B, C, |G|, n, n), got {tuple(x.shape)}")
    return x.shape[-1]
