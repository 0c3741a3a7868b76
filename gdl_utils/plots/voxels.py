"""Voxels as figures: their visible sides in 3D, and a slider over resolutions. See chapter 03."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gdl_utils.plots import style
from gdl_utils.plots.live import Curves, LiveFigure, Slider, Sprite, Text, live
from gdl_utils.plots.marks import rgb
from gdl_utils.plots.poster import draw_pixels, light
from gdl_utils.plots.style import array

FRAME = (300, 210)
"""Pixels of a voxel picture."""


def boxes(grid: Any) -> tuple[np.ndarray, np.ndarray]:
    """The visible sides of the occupied voxels of a cube [−1, 1]³, two triangles each.

    Parameters
    ----------
    grid : array of bool, (R, R, R)
        Which voxels are occupied; axes x, y, z.

    Returns
    -------
    verts, faces : numpy.ndarray, (4K, 3), (2K, 3)
        K sides, with corners of their own so that they look flat.

    Raises
    ------
    ValueError
        If the grid is no cube, or empty.

    Notes
    -----
    Chapter 03, *Data that is not flat*.
    """
    full = array("grid", grid, 3) > 0
    if len(set(full.shape)) > 1 or not full.any():
        raise ValueError(f"grid must be an occupied cube (R, R, R), got {full.shape}")
    padded = np.pad(full, 1)
    sides = []
    for axis in range(3):
        u, v = np.eye(3)[(axis + 1) % 3], np.eye(3)[(axis + 2) % 3]
        for way in (1, -1):
            seen = full & ~np.roll(padded, -way, axis)[1:-1, 1:-1, 1:-1]
            corner = np.argwhere(seen) + (np.eye(3)[axis] if way > 0 else 0)
            square = np.stack([0 * u, u, u + v, v] if way > 0 else [0 * u, v, u + v, u])
            sides.append(corner[:, None] + square)
    verts = np.concatenate(sides).reshape(-1, 3) * 2 / len(full) - 1
    start = 4 * np.arange(len(verts) // 4)[:, None]
    return verts, np.concatenate([start + [0, 1, 2], start + [0, 2, 3]])


def voxel_picture(grid: Any, view: tuple[float, float] = (285.0, 70.0)) -> np.ndarray:
    """Draw the occupied voxels of a cube in soft light on white, (H, W, 3) uint8.

    Parameters
    ----------
    grid : array of bool, (R, R, R)
        Axes x, y, z, with y up.
    view : (float, float)
        Where the eye is.

    Returns
    -------
    numpy.ndarray, (210, 300, 3), uint8

    Raises
    ------
    ValueError
        As :func:`boxes`.

    Notes
    -----
    Chapter 03, *Data that is not flat*.
    """
    from PIL import Image

    verts, faces = boxes(grid)
    shade = light(verts, faces, view)[:, None] * rgb(style.ORANGE)
    image = Image.fromarray(draw_pixels(verts, faces, shade, view))
    paper = Image.new("RGBA", image.size, "white")
    paper.alpha_composite(image)
    return np.array(paper.convert("RGB").resize(FRAME, Image.Resampling.LANCZOS))


def voxel_slider(
    grids: Mapping[int, Any],
    shares: Mapping[str, Sequence[float]],
    texts: Sequence[str],
    *,
    title: str,
    alt: str,
    view: tuple[float, float] = (285.0, 70.0),
) -> LiveFigure:
    """A slider over resolutions: the voxels above, and shares of the cube falling below.

    Parameters
    ----------
    grids : mapping of int to array of bool, (R, R, R)
        The voxels at each resolution, in rising order.
    shares : mapping of str to sequence of float
        Curves over the resolutions, on logarithmic axes.
    texts : sequence of str
        One sentence for each resolution.
    title, alt : str
        The finding, and what is seen.
    view : (float, float)
        Where the eye is.

    Returns
    -------
    LiveFigure

    Raises
    ------
    ValueError
        If numbers of texts or shares do not match the grids, or as :func:`boxes`.

    Notes
    -----
    Chapter 03, *Data that is not flat*.
    """
    resolutions = list(grids)
    frames = np.stack([voxel_picture(grid, view) for grid in grids.values()])
    slider = Slider("R", resolutions, label="Resolution R, in voxels a side", play=True)
    return live(
        controls=[slider],
        panels=[
            Sprite(frames, by="R", alt="The shape in voxels.", size=FRAME[0]),
            Text(list(texts), by="R"),
            Curves(
                resolutions, shares, cursor="R", xlabel="resolution R", ylabel="share of the cube",
                logx=True, logy=True, alt="Share of surface and of solid voxels over R.",
            ),
        ],
        title=title,
        alt=alt,
    )  # fmt: skip
