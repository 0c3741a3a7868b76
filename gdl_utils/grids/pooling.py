"""Local pooling P, with and without aliasing, and global pooling A. See chapter 05, *Grids*."""

from __future__ import annotations

from math import comb

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from gdl_utils.arguments import signal, whole
from gdl_utils.constants import Constants
from gdl_utils.grids.layers import wrap
from gdl_utils.tensors import wide


class Subsample2d(nn.Module):
    """Keep every ``stride``-th pixel of each axis, beginning with the first.

    Equivariant under shifts by multiples of ``stride``, and no others: details finer than the
    coarse grid come back as wrong coarse ones (aliasing).

    Parameters
    ----------
    stride : int

    Raises
    ------
    ValueError
        If ``stride`` is not positive; in ``forward``, if H or W is not a multiple of it.

    Notes
    -----
    x (B, C, H, W) → (B, C, H/s, W/s) with stride s. Chapter 05, *Grids*.
    """

    def __init__(self, stride: int = 2) -> None:
        super().__init__()
        self.stride = whole("stride", stride, 1)

    def forward(self, x: Float[Tensor, "b c h w"]) -> Tensor:
        _check_grid(x, self.stride)
        return x[..., :: self.stride, :: self.stride]

    def extra_repr(self) -> str:
        return f"stride={self.stride}"


class CircularMaxPool2d(nn.Module):
    """Largest value in square windows, ``stride`` pixels apart, on a grid that wraps around.

    Parameters
    ----------
    kernel_size, stride : int
        With ``stride`` 1 the map keeps its size and every shift: what subsampling breaks is not
        the maximum but the stride.

    Raises
    ------
    ValueError
        If ``kernel_size`` or ``stride`` is not positive; in ``forward``, if H or W is not a
        multiple of ``stride`` or smaller than ``kernel_size``.

    Notes
    -----
    x (B, C, H, W) → (B, C, H/s, W/s) with stride s; the window of a coarse pixel begins at
    its fine one. Chapter 05, *Grids*.
    """

    def __init__(self, kernel_size: int = 2, stride: int = 2) -> None:
        super().__init__()
        self.kernel_size = whole("kernel_size", kernel_size, 1)
        self.stride = whole("stride", stride, 1)

    def forward(self, x: Float[Tensor, "b c h w"]) -> Tensor:
        _check_grid(x, self.stride, self.kernel_size)
        return F.max_pool2d(wrap(x, 0, self.kernel_size - 1), self.kernel_size, 1)[
            ..., :: self.stride, :: self.stride
        ]

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}"


class BlurPool2d(Constants):
    """Blur with a binomial filter, then keep every ``stride``-th pixel: anti-aliased pooling.

    Parameters
    ----------
    taps : int
        Width of the filter, odd: 3 is (1, 2, 1)/4, 5 is (1, 4, 6, 4, 1)/16.
    stride : int

    Raises
    ------
    ValueError
        If ``taps`` is even or not positive, or ``stride`` is not positive; in ``forward``, if H or
        W is not a multiple of ``stride`` or smaller than ``taps``.

    Notes
    -----
    x (B, C, H, W) → (B, C, H/s, W/s) with stride s. Each output lies where its fine pixel
    was: the filter is centred, so that pooling moves nothing.

    References
    ----------
    Zhang (2019), *Making Convolutional Networks Shift-Invariant Again*. Chapter 05, *Grids*.
    """

    def __init__(self, taps: int = 5, stride: int = 2) -> None:
        super().__init__()
        self.stride = whole("stride", stride, 1)
        self.taps = whole("taps", taps, 1)
        if self.taps % 2 == 0:
            raise ValueError(f"taps must be odd, got {taps}")
        self.make_constants()

    def constants(self) -> dict[str, Tensor]:
        """The binomial filter, in float64."""
        row = [comb(self.taps - 1, k) for k in range(self.taps)]
        row = torch.tensor(row, dtype=torch.float64)
        return {"kernel": torch.outer(row, row) / row.sum() ** 2}

    def forward(self, x: Float[Tensor, "b c h w"]) -> Tensor:
        taps = self.taps
        _check_grid(x, self.stride, taps, floating=True)
        kernel = self.kernel.to(x).expand(x.shape[1], 1, taps, taps)
        return F.conv2d(wrap(x, taps // 2), kernel, stride=self.stride, groups=x.shape[1])

    def extra_repr(self) -> str:
        return f"taps={self.taps}, stride={self.stride}"


class PolyphasePool2d(nn.Module):
    """Subsample on the one of the ``stride``² shifted coarse grids where the map is largest.

    A shift of the input permutes these grids, and the choice goes along: the values kept are the
    same ones, shifted on the coarse grid. Whatever is invariant after it is so exactly.

    Parameters
    ----------
    stride : int

    Raises
    ------
    ValueError
        If ``stride`` is not positive; in ``forward``, if H or W is not a multiple of it.

    Notes
    -----
    x (B, C, H, W) → (B, C, H/s, W/s) with stride s. "Largest" is by the Euclidean norm over
    channels and pixels of each image, summed in single precision at least. Two grids with equal
    norms make the choice, and the symmetry, ambiguous.

    References
    ----------
    Chaman, Dokmanić (2021), *Truly Shift-Invariant Convolutional Neural Networks*, section 3.
    Chapter 05, *Grids*.
    """

    def __init__(self, stride: int = 2) -> None:
        super().__init__()
        self.stride = whole("stride", stride, 1)

    def forward(self, x: Float[Tensor, "b c h w"]) -> Tensor:
        _check_grid(x, self.stride)
        s = self.stride
        phases = torch.stack([x[..., i::s, j::s] for i in range(s) for j in range(s)], dim=1)
        best = wide(phases).flatten(2).square().sum(-1).argmax(1)
        return phases[torch.arange(len(x), device=x.device), best]

    def extra_repr(self) -> str:
        return f"stride={self.stride}"


class GlobalPool2d(nn.Module):
    """Mean or maximum over all pixels: the invariant layer A of a grid.

    Parameters
    ----------
    reduce : {"mean", "max"}

    Raises
    ------
    ValueError
        If ``reduce`` is neither; in ``forward``, if the input is not (B, C, H, W).

    Notes
    -----
    x (B, C, H, W) → (B, C). Invariant under every permutation of the pixels, not only shifts.
    Chapter 05, *Grids*.
    """

    def __init__(self, reduce: str = "mean") -> None:
        super().__init__()
        if reduce not in ("mean", "max"):
            raise ValueError(f"reduce must be 'mean' or 'max', got {reduce!r}")
        self.reduce = reduce

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c"]:
        _check_grid(x, 1, floating=self.reduce == "mean")
        return x.mean((-2, -1)) if self.reduce == "mean" else x.amax((-2, -1))

    def extra_repr(self) -> str:
        return f"reduce={self.reduce!r}"


def _check_grid(x: Tensor, stride: int, at_least: int = 1, *, floating: bool = False) -> None:
    signal("x", x, floating=floating)
    if x.ndim != 4:
        raise ValueError(f"x must be (B, C, H, W), got {tuple(x.shape)}")
    height, width = x.shape[-2:]
    if height % stride or width % stride:
        raise ValueError(
            f"H and W must be multiples of the stride {stride}, got {height} and {width}"
        )
    if min(height, width) < at_least:
        raise ValueError(f"H and W must be at least {at_least}, got {height} and {width}")
