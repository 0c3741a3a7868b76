"""Features that people designed before networks learnt them. See chapter 01, *Why geometry?*"""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F


def hog(
    images: Float[Tensor, "b 1 h w"], *, bins: int = 9, cell: int = 4
) -> Float[Tensor, "b features"]:
    """Histograms of oriented gradients: how steep is the image here, and in which direction?

    Each pixel votes with the length of its gradient for the two bins nearest to its direction θ,
    taken modulo 180°; votes are summed over cells, and blocks of 2 × 2 cells v are scaled by
    v / √(‖v‖² + ε²), ε = 0.1.

    Parameters
    ----------
    images : Tensor, (B, 1, H, W)
        Grey values in [0, 1]; H and W are multiples of ``cell``.
    bins : int
        How many directions, equally spaced from 0° to 180°.
    cell : int
        The side of a cell in pixels.

    Returns
    -------
    Tensor, (B, F)
        F = 4 · bins · (H / cell − 1) · (W / cell − 1): 1,296 for digits of 28 × 28.

    Raises
    ------
    ValueError
        If the shape is another, sizes are not multiples of ``cell`` or make fewer than 2 × 2
        cells, or bins is less than two.

    Notes
    -----
    Pixels beyond the border repeat those at the border. Chapter 01, *Why geometry?*

    References
    ----------
    Dalal, Triggs (2005), *Histograms of Oriented Gradients for Human Detection*, section 6.
    """
    if images.ndim != 4 or images.shape[1] != 1:
        raise ValueError(f"images must be (B, 1, H, W), got {tuple(images.shape)}")
    if cell < 1 or any(n % cell or n < 2 * cell for n in images.shape[-2:]):
        size = tuple(images.shape[-2:])
        raise ValueError(f"H and W must hold two or more whole cells of {cell}, got {size}")
    if bins < 2:
        raise ValueError(f"bins must be at least 2, got {bins}")
    wide = F.pad(images, (1, 1, 1, 1), mode="replicate")
    dy = wide[..., 2:, 1:-1] - wide[..., :-2, 1:-1]
    dx = wide[..., 1:-1, 2:] - wide[..., 1:-1, :-2]
    where = torch.atan2(dy, dx) / math.pi * bins  # in bins; modulo ``bins`` it is unsigned
    centres = torch.arange(bins, dtype=images.dtype, device=images.device)[:, None, None]
    apart = (where - centres).remainder(bins)  # from 0 to bins, around a circle
    share = (1 - torch.minimum(apart, bins - apart)).clamp(min=0)
    cells = cell**2 * F.avg_pool2d(share * torch.hypot(dy, dx), cell)  # (B, bins, H', W')
    blocks = F.unfold(cells, 2)  # (B, 4 bins, (H' − 1)(W' − 1))
    return (blocks / (blocks.square().sum(1, keepdim=True) + 0.01).sqrt()).flatten(1)
