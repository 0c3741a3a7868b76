"""Local pooling P, with and without aliasing, and global pooling A. See chapter 05, *Grids*."""

from __future__ import annotations

from math import comb

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from gdl_utils.arguments import whole, wide
from gdl_utils.constants import Constants
from gdl_utils.grids.layers import wrap


class Subsample2d(nn.Module):
    """Keep every ``step``-th pixel of each axis, beginning with the first.

    Equivariant under shifts by multiples of ``step``, and no others: details finer than the
    coarse grid come back as wrong coarse ones (aliasing).

    Parameters
    ----------
    step : int

    Raises
    ------
    ValueError
        If ``step`` is not positive; in ``forward``, if H or W is no multiple of it.

    Notes
    -----
    x (B, C, H, W) → (B, C, H/step, W/step). Chapter 05, *Grids*.
    """

    def __init__(self, step: int = 2) -> None:
        super().__init__()
        self.step = whole("step", step, 1)

    def forward(self, x: Float[Tensor, "b c h w"]) -> Tensor:
        _check_grid(x, self.step)
        return x[..., :: self.step, :: self.step]

    def extra_repr(self) -> str:
        return f"step={self.step}"


class MaxPool2d(nn.Module):
    """Largest value in windows of ``size`` × ``size`` pixels, ``step`` pixels apart, wrapped.

    Parameters
    ----------
    size, step : int
        With ``step`` 1 the map keeps its size and every shift: what subsampling breaks is not
        the maximum but the stride.

    Raises
    ------
    ValueError
        If ``size`` or ``step`` is not positive; in ``forward``, if H or W is no multiple of
        ``step`` or smaller than ``size``.

    Notes
    -----
    x (B, C, H, W) → (B, C, H/step, W/step); the window of a coarse pixel begins at its fine one.
    Chapter 05, *Grids*.
    """

    def __init__(self, size: int = 2, step: int = 2) -> None:
        super().__init__()
        self.size, self.step = whole("size", size, 1), whole("step", step, 1)

    def forward(self, x: Float[Tensor, "b c h w"]) -> Tensor:
        _check_grid(x, self.step, self.size)
        return F.max_pool2d(wrap(x, 0, self.size - 1), self.size, 1)[
            ..., :: self.step, :: self.step
        ]

    def extra_repr(self) -> str:
        return f"size={self.size}, step={self.step}"


class BlurPool2d(Constants):
    """Blur with a binomial filter, then keep every ``step``-th pixel: anti-aliased pooling.

    Parameters
    ----------
    taps : int
        Width of the filter, odd: 3 is (1, 2, 1)/4, 5 is (1, 4, 6, 4, 1)/16.
    step : int

    Raises
    ------
    ValueError
        If ``taps`` is even or not positive, or ``step`` is not positive; in ``forward``, if H or
        W is no multiple of ``step`` or smaller than ``taps``.

    Notes
    -----
    x (B, C, H, W) → (B, C, H/step, W/step). Each output lies where its fine pixel was: the filter
    is centred, so that pooling moves nothing.

    References
    ----------
    Zhang (2019), *Making Convolutional Networks Shift-Invariant Again*. Chapter 05, *Grids*.
    """

    def __init__(self, taps: int = 5, step: int = 2) -> None:
        super().__init__()
        self.step = whole("step", step, 1)
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
        _check_grid(x, self.step, taps)
        kernel = self.kernel.to(x).expand(x.shape[1], 1, taps, taps)
        return F.conv2d(wrap(x, taps // 2), kernel, stride=self.step, groups=x.shape[1])

    def extra_repr(self) -> str:
        return f"taps={self.taps}, step={self.step}"


class PolyphasePool2d(nn.Module):
    """Subsample on the one of the ``step``² shifted coarse grids where the map is largest.

    A shift of the input permutes these grids, and the choice goes along: the values kept are the
    same ones, shifted on the coarse grid. Whatever is invariant after it is so exactly.

    Parameters
    ----------
    step : int

    Raises
    ------
    ValueError
        If ``step`` is not positive; in ``forward``, if H or W is no multiple of it.

    Notes
    -----
    x (B, C, H, W) → (B, C, H/step, W/step). "Largest" is by the Euclidean norm over channels and
    pixels of each image, summed in single precision at least. Two grids with equal norms make the
    choice, and the symmetry, ambiguous.

    References
    ----------
    Chaman, Dokmanić (2021), *Truly Shift-Invariant Convolutional Neural Networks*, section 3.
    Chapter 05, *Grids*.
    """

    def __init__(self, step: int = 2) -> None:
        super().__init__()
        self.step = whole("step", step, 1)

    def forward(self, x: Float[Tensor, "b c h w"]) -> Tensor:
        _check_grid(x, self.step)
        s = self.step
        phases = torch.stack([x[..., i::s, j::s] for i in range(s) for j in range(s)], dim=1)
        best = wide(phases).flatten(2).square().sum(-1).argmax(1)
        return phases[torch.arange(len(x), device=x.device), best]

    def extra_repr(self) -> str:
        return f"step={self.step}"


class GlobalPool2d(nn.Module):
    """Mean or maximum over all pixels: the invariant layer A of a grid.

    Parameters
    ----------
    how : {"mean", "max"}

    Raises
    ------
    ValueError
        If ``how`` is neither; in ``forward``, if the input is not (B, C, H, W).

    Notes
    -----
    x (B, C, H, W) → (B, C). Invariant under every permutation of the pixels, not only shifts.
    Chapter 05, *Grids*.
    """

    def __init__(self, how: str = "mean") -> None:
        super().__init__()
        if how not in ("mean", "max"):
            raise ValueError(f"how must be 'mean' or 'max', got {how!r}")
        self.how = how

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c"]:
        _check_grid(x, 1)
        return x.mean((-2, -1)) if self.how == "mean" else x.amax((-2, -1))

    def extra_repr(self) -> str:
        return f"how={self.how!r}"


def _check_grid(x: Tensor, step: int, at_least: int = 1) -> None:
    if x.ndim != 4:
        raise ValueError(f"x must be (B, C, H, W), got {tuple(x.shape)}")
    height, width = x.shape[-2:]
    if height % step or width % step:
        raise ValueError(f"H and W must be multiples of the step {step}, got {height} and {width}")
    if min(height, width) < at_least:
        raise ValueError(f"H and W must be at least {at_least}, got {height} and {width}")
