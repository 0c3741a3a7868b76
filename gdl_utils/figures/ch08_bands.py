"""A picture of chapter 08, *Geodesics*: functions on surfaces, in bands with sharp borders.

Between two vertices a function is linear, so a level set crosses each triangle in a straight line:
the triangles are cut there, and each piece has one colour.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from gdl_utils.plots import style
from gdl_utils.plots.style import array
from gdl_utils.plots.surface3d import MeshFigure, Scale, show_mesh
from gdl_utils.plots.surface3d.camera import direction
from gdl_utils.plots.surface3d.solids import joined, triangles_of

GAP = 0.08
"""Room between things that stand side by side, as a share of the widest."""
DARKER = 0.78
"""Every second band is darkened by this factor: level sets show where colours hardly differ."""


def banded(
    verts: Any, faces: Any, values: Any, limits: tuple[float, float], bands: int, more: Any = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Cut triangles along level sets (by pyvista), so that no piece lies in two bands.

    Parameters
    ----------
    verts : array, (V, 3)
        Positions.
    faces : array of int, (F, 3)
        Vertices of each triangle.
    values : array, (V,)
        The function.
    limits : (float, float)
        The range that is cut into bands of equal height; what lies beyond joins the last one.
    bands : int
        How many.
    more : array, (V,)
        A number at each vertex that is interpolated along; zero by default.

    Returns
    -------
    verts : numpy.ndarray, (V', 3)
        The old positions and those on level sets, once for each band.
    faces : numpy.ndarray, (F', 3)
        Pieces, turned as before.
    bands : numpy.ndarray of int, (V',)
        The band of each vertex's piece, 0 to bands − 1.
    more : numpy.ndarray, (V',)

    Raises
    ------
    ValueError
        If shapes do not match, the limits do not rise, or there are fewer than two bands.

    Notes
    -----
    Chapter 08, *Geodesics*.
    """
    import pyvista as pv

    x, f = array("verts", verts, 2), array("faces", faces, 2).astype(np.int64)
    v, (low, high) = array("values", values, 1), limits
    if len(v) != len(x):
        raise ValueError(f"values must be ({len(x)},), one a vertex, got {v.shape}")
    if f.shape[1] != 3 or f.min() < 0 or f.max() >= len(x):
        raise ValueError(f"faces must name three of {len(x)} vertices each, got {f.shape}")
    if not low < high or bands < 2:
        raise ValueError(f"limits must rise and bands be at least 2, got {limits} and {bands}")
    surface = pv.PolyData.from_regular_faces(x, f)
    surface["value"], surface["more"] = v, np.zeros(len(x)) if more is None else more
    levels = [-np.inf, *np.linspace(low, high, bands + 1)[1:-1], np.inf]
    parts, band, along = [], [], []
    for k, (below, above) in enumerate(itertools.pairwise(levels)):
        part = surface
        if np.isfinite(below):
            part = part.clip_scalar(scalars="value", value=below, invert=False)
        if np.isfinite(above) and part.n_points:
            part = part.clip_scalar(scalars="value", value=above)
        if part.n_points == 0:  # nothing lies in this band, and pyvista drops the arrays
            continue
        parts.append(triangles_of(part))
        band.append(np.full(part.n_points, k))
        along.append(np.asarray(part["more"]))
    return *joined(parts), np.concatenate(band), np.concatenate(along)


def show_levels(
    surfaces: Sequence[tuple[Any, Any]],
    values: Sequence[Any],
    *,
    title: str,
    alt: str,
    bands: int = 12,
    label: str = "",
    view: tuple[float, float] = (60.0, 75.0),
) -> MeshFigure:
    """Show functions on surfaces in 3D, side by side, in bands of equal height.

    Parameters
    ----------
    surfaces : sequence of (array (V, 3), array (F, 3))
        Meshes with z upwards; each stands beside the one before.
    values : sequence of array, (V,)
        A function on each.
    title, alt : str
        The finding, and what is seen.
    bands : int
        How many.
    label : str
        What the values are, with the unit.
    view : (float, float)
        Where the eye is.

    Returns
    -------
    MeshFigure

    Raises
    ------
    ValueError
        If there are not as many functions as surfaces, or as :func:`banded`.

    Notes
    -----
    Chapter 08, *Geodesics*.
    """
    if not surfaces or len(surfaces) != len(values):
        raise ValueError(
            f"values must hold one function for each of {len(surfaces)} surfaces, got {len(values)}"
        )
    shapes = [array("verts", v, 2) for v, _ in surfaces]
    functions = [array("values", v, 1) for v in values]
    every = np.concatenate(functions)
    low, high = float(every.min()), float(every.max())
    name = style.DIVERGING if low < 0 < high else style.SEQUENTIAL
    scale = Scale(low, high, name, label)
    cut = [
        banded(place, faces, v, (low, high), bands)
        for place, (_, faces), v in zip(side_by_side(shapes, view), surfaces, functions)
    ]
    verts, triangles = joined((x, f) for x, f, _, _ in cut)
    band = np.concatenate([b for _, _, b, _ in cut])
    return show_mesh(
        verts, triangles, colors=painted(scale, bands, band), scale=scale, title=title, alt=alt,
        view=view, up="z", wide=True, poster_bytes=30_000,
    )  # fmt: skip


def painted(scale: Scale, bands: int, band: np.ndarray) -> np.ndarray:
    """The colour of each band's middle (V, 3), every second one darker."""
    ends = np.linspace(scale.low, scale.high, bands + 1)
    colors = scale.colors((ends[1:] + ends[:-1]) / 2)
    colors[1::2] *= DARKER
    return colors[band]


def side_by_side(shapes: Sequence[np.ndarray], view: tuple[float, float]) -> list[np.ndarray]:
    """Move surfaces (V, 3), z upwards, to the right of one another as the eye sees them."""
    right = _right(view)
    placed, edge, gap = [], None, GAP * max(np.ptp(x @ right) for x in shapes)
    for x in shapes:
        along = x @ right
        move = 0.0 if edge is None else edge + gap - along.min()
        level = np.array([0, 0, shapes[0][:, 2].min() - x[:, 2].min()])
        placed.append(x + move * right + level)
        edge = along.max() + move
    return placed


def _right(view: tuple[float, float]) -> np.ndarray:
    """The eye's right-hand side, with z upwards."""
    right = np.cross(-direction(view), [0.0, 1.0, 0.0])
    return (right / np.linalg.norm(right))[[2, 0, 1]]
