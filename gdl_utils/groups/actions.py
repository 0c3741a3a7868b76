"""How turns and reflections move an image. See chapter 04, *The blueprint*."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F


def turn(g: int, x: Tensor) -> Tensor:
    """Turn images by g quarter turns, counterclockwise as displayed. Exact: pixels move to pixels.

    Parameters
    ----------
    g : int
        An element of ``Cyclic(4)``.
    x : Tensor, (..., n, n)
        Rows run downwards; the centre of the turn is the centre of the image.

    Returns
    -------
    Tensor, (..., n, n)

    Raises
    ------
    ValueError
        If the images are not square.

    Notes
    -----
    Chapter 04, *The blueprint*.
    """
    _check_square(x)
    return torch.rot90(x, g, (-2, -1))


def turn_and_mirror(g: tuple[int, int], x: Tensor) -> Tensor:
    """Mirror images left to right if m = 1, then turn them by r quarter turns.

    Parameters
    ----------
    g : (r, m)
        An element of ``Dihedral(4)``.
    x : Tensor, (..., n, n)

    Returns
    -------
    Tensor, (..., n, n)

    Raises
    ------
    ValueError
        If the images are not square.

    Notes
    -----
    Chapter 04, *The blueprint*.
    """
    r, m = g
    return turn(r, x.flip(-1) if m else x)


def rotate(angle: float | int, x: Tensor) -> Tensor:
    """Turn images by any angle about their centre, counterclockwise as displayed.

    Pixels fall between pixels, so values are interpolated (bilinear, zero outside): the laws of
    an action hold only approximately. For multiples of 90° use :func:`turn`, which is exact.

    Parameters
    ----------
    angle : float
        Radians.
    x : Tensor, (B, C, n, n)
        Floating point.

    Returns
    -------
    Tensor, (B, C, n, n)

    Raises
    ------
    ValueError
        If ``x`` is not (B, C, n, n), not floating point, or the angle is not finite.

    Notes
    -----
    Chapter 04, *The blueprint*.
    """
    if x.ndim != 4 or not x.is_floating_point():
        raise ValueError(f"x must be (B, C, n, n) floats, got {tuple(x.shape)} {x.dtype}")
    if not math.isfinite(angle):
        raise ValueError(f"angle must be finite, got {angle}")
    _check_square(x)
    c, s = math.cos(angle), math.sin(angle)
    # The grid says where an output pixel (x right, y down) comes from: the inverse turn.
    theta = torch.tensor([[c, -s, 0.0], [s, c, 0.0]], dtype=x.dtype, device=x.device)
    grid = F.affine_grid(theta.expand(len(x), 2, 3), list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, align_corners=False)


def _check_square(x: Tensor) -> None:
    if x.ndim < 2 or x.shape[-1] != x.shape[-2]:
        raise ValueError(f"x must be square in its last two axes, got {tuple(x.shape)}")
