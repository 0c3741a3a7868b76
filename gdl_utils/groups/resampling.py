"""Images on the hexagonal lattice, by resampling. See chapter 06, *Groups*."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from gdl_utils.arguments import whole
from gdl_utils.groups.lattices import HEXAGONAL
from gdl_utils.tensors import wide

PIXEL_DENSITY = math.sqrt(2 / math.sqrt(3))
"""Spacing at which a hexagonal lattice has as many positions an area as pixels: 1.07 pixels."""


def to_hexagons(
    images: Float[Tensor, "b c n n"], radius: int, *, spacing: float = PIXEL_DENSITY
) -> Float[Tensor, "b c m m"]:
    r"""Resample images on a hexagon of the hexagonal lattice about their centre.

    Turns by 60° are exact for signals that *live* on this lattice. An image that is resampled is
    not one of them: to turn it and then to resample differs from resampling and turning by the
    error of interpolation.

    Parameters
    ----------
    images : Tensor, (B, C, n, n)
        Floating point, square.
    radius : int
        R, steps from the centre of the hexagon to its corners.
    spacing : float
        Pixels from one position to the next; as dense as the pixels if not given. The corners
        are ``radius * spacing`` pixels from the centre, the sides √3/2 of that.

    Returns
    -------
    Tensor, (B, C, 2R + 1, 2R + 1)
        In axial coordinates, interpolated between pixels (bilinear), zero outside the image and
        outside the hexagon. Positions: ``HEXAGONAL.points(2 * R + 1)``.

    Raises
    ------
    ValueError
        If the images are not (B, C, n, n) floats, the radius is negative, or the spacing is not
        positive.

    Notes
    -----
    Chapter 06, *Groups*.
    """
    if images.ndim != 4 or images.shape[-1] != images.shape[-2] or not images.is_floating_point():
        raise ValueError(
            f"images must be (B, C, n, n) floats, got {tuple(images.shape)} {images.dtype}"
        )
    if not (math.isfinite(spacing) and spacing > 0):
        raise ValueError(f"spacing must be positive and finite, got {spacing}")
    device, radius = images.device, whole("radius", radius)
    inside = HEXAGONAL.disc(radius, device)
    points = HEXAGONAL.points(2 * radius + 1, device) * spacing / (images.shape[-1] / 2)
    x, y = points.to(wide(images).dtype).unbind(-1)
    grid = torch.stack([x, -y], -1)  # rows of an image run downwards
    sampled = F.grid_sample(
        wide(images), grid.expand(len(images), *grid.shape), mode="bilinear", align_corners=False
    )
    return sampled.to(images.dtype) * inside
