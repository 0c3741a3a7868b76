"""Pictures of chapter 03, *Data that is not flat*: a shape as voxels, as a mesh and as points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gdl_utils.plots import style
from gdl_utils.plots.colors import rgb
from gdl_utils.plots.live import Curves, LiveFigure, Slider, Sprite, Text, live
from gdl_utils.plots.style import array
from gdl_utils.plots.surface3d import MeshFigure, show_mesh
from gdl_utils.plots.surface3d.camera import light
from gdl_utils.plots.surface3d.poster import draw_pixels
from gdl_utils.plots.surface3d.solids import Triangles, joined, triangles_of
from gdl_utils.plots.surface3d.viewer import PLAIN

FRAME = (300, 210)
"""Pixels of a voxel picture."""
GAP = 2.3
"""Distance of things that stand side by side; each fills [−1, 1]³."""


def boxes(grid: Any) -> Triangles:
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
        If the grid is not a cube, or empty.

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
    """Draw the occupied voxels of a cube in soft light on a transparent ground.

    Parameters
    ----------
    grid : array of bool, (R, R, R)
        Axes x, y, z, with y up.
    view : (float, float)
        Where the eye is.

    Returns
    -------
    numpy.ndarray, (210, 300, 4), uint8

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
    return np.array(image.resize(FRAME, Image.Resampling.LANCZOS))


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
    middle = resolutions[len(resolutions) // 2]
    slider = Slider("R", resolutions, label="Voxels a side, R", start=middle, play=True)
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


def beads(points: Any, radius: float) -> Triangles:
    """A small octahedron around each point.

    Parameters
    ----------
    points : array, (N, 3)
        Where they are.
    radius : float
        From its middle to a corner, in the unit of the points.

    Returns
    -------
    verts, faces : numpy.ndarray, (6N, 3), (8N, 3)
        Facing outwards.

    Raises
    ------
    ValueError
        If the points are not (N, 3), or the radius is not positive.

    Notes
    -----
    Chapter 03, *Data that is not flat*.
    """
    import pyvista as pv

    middles = array("points", points, 2)
    if middles.shape[1] != 3:
        raise ValueError(f"points must be (N, 3), got {middles.shape}")
    if not radius > 0:
        raise ValueError(f"radius must be positive, got {radius}")
    one = pv.PlatonicSolid("octahedron", radius=radius)
    return triangles_of(pv.PolyData(middles).glyph(geom=one, orient=False, scale=False))


def three_ways(
    verts: Any,
    faces: Any,
    grid: Any,
    points: Any,
    *,
    title: str,
    alt: str,
    view: tuple[float, float] = (285.0, 70.0),
) -> MeshFigure:
    """Show one shape as a mesh, as voxels and as points, side by side in one scene.

    Parameters
    ----------
    verts, faces : array, (V, 3) and (F, 3)
        The surface, within [−1, 1]³ and y up.
    grid : array of bool, (R, R, R)
        The voxels of that cube.
    points : array, (N, 3)
        Points of the surface.
    title, alt : str
        The finding, and what is seen.
    view : (float, float)
        Where the eye is, as for :func:`gdl_utils.plots.surface3d.show_mesh`.

    Returns
    -------
    MeshFigure

    Raises
    ------
    ValueError
        As :func:`gdl_utils.plots.surface3d.show_mesh`, :func:`boxes` and :func:`beads`.

    Notes
    -----
    Chapter 03, *Data that is not flat*.
    """
    shapes = [(array("verts", verts, 2), array("faces", faces, 2).astype(int))]
    shapes += [boxes(grid), beads(points, 0.03)]
    theta = np.deg2rad(view[0])
    right = np.array([np.cos(theta), 0, -np.sin(theta)])  # of the eye that looks along −view
    verts, faces = joined((v + (k - 1) * GAP * right, f) for k, (v, f) in enumerate(shapes))
    inks = np.stack([rgb(color) for color in (PLAIN, style.ORANGE, style.SKY)])
    colors = np.repeat(inks, [len(v) for v, _ in shapes], axis=0)
    return show_mesh(verts, faces, colors=colors, title=title, alt=alt, view=view, wide=True)
