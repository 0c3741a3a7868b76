"""Level sets on surfaces: bands with sharp borders, to turn in 3D or side by side in a row.

See chapter 08, *Geodesics*, and :mod:`gdl_utils.plots.levels`, which cuts the triangles.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gdl_utils.plots import style
from gdl_utils.plots.levels import banded, even_levels
from gdl_utils.plots.marks import rgb
from gdl_utils.plots.mesh3d import PLAIN, MeshFigure, _colours, show_mesh
from gdl_utils.plots.png import colour_map
from gdl_utils.plots.poster import direction, draw_pixels, light
from gdl_utils.plots.style import array, finish, frame, sentence, use_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

UP = [1, 2, 0]
"""From z upwards to y upwards, as posters have it: a rotation."""
GAP = 0.08
"""Room between things that stand side by side, as a share of the widest."""
DARKER = 0.78
"""Every second band is darkened by this factor: level sets show where colours hardly differ."""


def show_levels(
    surfaces: Sequence[tuple[Any, Any]],
    values: Sequence[Any],
    *,
    title: str,
    alt: str,
    bands: int = 12,
    limits: tuple[float, float] | None = None,
    label: str = "",
    cmap: str | None = None,
    paths: Mapping[str, Any] | None = None,
    points: Mapping[str, Any] | None = None,
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
    limits : (float, float)
        The range; by default that of all values.
    label : str
        What the values are, with the unit.
    cmap : str
        As for :func:`gdl_utils.plots.mesh3d.show_mesh`.
    paths, points : mapping
        Drawn with the **first** surface, which is not moved.
    view : (float, float)
        Where the eye is.

    Returns
    -------
    MeshFigure

    Raises
    ------
    ValueError
        If there are not as many functions as surfaces, or as :func:`gdl_utils.plots.levels.banded`.

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
    low, high = limits or (float(every.min()), float(every.max()))
    levels = even_levels(low, high, bands)
    middles = np.concatenate([[low], levels, [high]])
    middles = (middles[1:] + middles[:-1]) / 2
    parts, triangles, shown, start = [], [], [], 0
    for place, (_, faces), v in zip(side_by_side(shapes, view), surfaces, functions):
        x, f, band = banded(place, faces, v, levels)
        parts.append(x)
        triangles.append(f + start)
        shown.append(band)
        start += len(x)
    band = np.concatenate(shown)
    name = cmap or (style.DIVERGING if low < 0 < high else style.SEQUENTIAL)
    paint, scale = _colours(len(band), middles[band], None, name, (low, high), label)
    figure = show_mesh(
        np.concatenate(parts), np.concatenate(triangles), colors=paint * _stripes(band),
        paths=paths, points=points, title=title, alt=alt, view=view, up="z",
    )  # fmt: skip
    before = '<script type="application/gzip">'
    figure.html = figure.html.replace(before, scale + before)
    return figure


def _stripes(band: np.ndarray) -> np.ndarray:
    """Factors (V, 1) that darken every second band."""
    return np.where(band % 2 == 0, 1.0, DARKER)[:, None]


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


def picture(
    verts: Any,
    faces: Any,
    *,
    values: Any = None,
    levels: Any = None,
    colors: Any = None,
    limits: tuple[float, float] | None = None,
    cmap: str = style.SEQUENTIAL,
    view: tuple[float, float] = (60.0, 75.0),
    around: Any = None,
) -> np.ndarray:
    """Draw one surface in soft light on white.

    Parameters
    ----------
    verts, faces : array, (V, 3) and (F, 3)
        A mesh, z upwards.
    values, levels : array, (V,) and (L,)
        A function, drawn in bands.
    colors : array, (V, 3)
        sRGB in [0, 1] instead. Without both the surface is plain.
    limits : (float, float)
        Values at the ends of the colour map; by default the extremes.
    cmap : str
        A colour map of matplotlib's.
    view : (float, float)
        Where the eye is.
    around : array, (N, 3)
        Points that the camera keeps in view, so that several pictures have one scale; the surface's
        own by default.

    Returns
    -------
    numpy.ndarray, (560, 800, 3), uint8

    Raises
    ------
    ValueError
        If values come without levels or with colours, or as :func:`gdl_utils.plots.levels.banded`.

    Notes
    -----
    Chapter 08, *Geodesics*.
    """
    from PIL import Image

    x, f = array("verts", verts, 2)[:, UP], array("faces", faces, 2).astype(np.int64)
    if values is not None and (levels is None or colors is not None):
        raise ValueError("values must come with levels, and without colors")
    lamp = 0.5 + 0.5 * light(x, f, view)
    if values is not None:
        v, steps = array("values", values, 1), array("levels", levels, 1)
        low, high = limits or (float(v.min()), float(v.max()))
        held, f, band = banded(np.column_stack([x, lamp]), f, v, steps)
        x, lamp = held[:, :3], held[:, 3]
        middle = np.concatenate([[low], steps, [high]])
        middle = (middle[1:] + middle[:-1]) / 2
        at = np.clip((middle - low) / (high - low), 0, 1)
        paint = (colour_map(cmap, 256)[np.round(255 * at).astype(int)] / 255)[band]
        paint = paint * _stripes(band)
    else:
        paint = np.tile(rgb(PLAIN), (len(x), 1)) if colors is None else array("colors", colors, 2)
        if paint.shape != x.shape or paint.min() < 0 or paint.max() > 1:
            raise ValueError(f"colors must be ({len(x)}, 3) in [0, 1], got {paint.shape}")
    if around is not None:  # specks that only the camera notices
        far = array("around", around, 2)[:, UP]
        n, k = len(x), len(far)
        x = np.concatenate([x, far])
        paint, lamp = np.concatenate([paint, np.ones((k, 3))]), np.concatenate([lamp, np.ones(k)])
        f = np.concatenate([f, np.repeat(n + np.arange(k), 3).reshape(-1, 3)])
    image = Image.fromarray(draw_pixels(x, f, paint * lamp[:, None], view))
    paper = Image.new("RGBA", image.size, "white")
    paper.alpha_composite(image)
    return np.array(paper.convert("RGB"))


def gallery(
    pictures: Mapping[str, Any], *, finding: str | None = None, height: float = 2.1
) -> Figure:
    """Hang pictures of surfaces in a row, cropped to what is on them.

    Parameters
    ----------
    pictures : mapping of str to array, (H, W, 3)
        What stands above, and a picture on white, as from :func:`picture`.
    finding : str
        What the figure shows, as a sentence.
    height : float
        Of the row, in inches.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is no picture, or one has another shape.

    Notes
    -----
    Chapter 08, *Geodesics*.
    """
    if not pictures:
        raise ValueError("pictures must hold at least one, got none")
    held = [array("pictures", p, 3) for p in pictures.values()]
    if any(p.shape[2] != 3 for p in held):
        raise ValueError(f"pictures must be (H, W, 3), got {[p.shape for p in held]}")
    ink = np.any([(p < 250).any(2) for p in held if p.shape == held[0].shape], axis=0)
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    window = (slice(None), slice(None))
    if len(rows) and all(p.shape == held[0].shape for p in held):
        window = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    with use_style():
        size = (style.WIDTH, height + 0.45 * (finding is not None))
        fig, axes = frame(size, finding, ncols=len(held))
        for ax, name, p in zip(axes[0], pictures, held):
            ax.imshow(p[window].astype(np.uint8), interpolation="antialiased")
            ax.set_title(sentence("pictures", name))
            ax.axis("off")
    return finish(fig)
