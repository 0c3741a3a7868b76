"""Paths, points and arrows on a surface in 3D, with their names in the page.

They are triangles like the surface, so that every viewer and both posters show them. Paths differ
in colour and in their dashes. See chapter 03, *Data that is not flat*.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gdl_utils.plots import style
from gdl_utils.plots.colors import rgb
from gdl_utils.plots.style import array
from gdl_utils.plots.surface3d.camera import camera
from gdl_utils.plots.surface3d.solids import Triangles, arrow_field, ball, joined, tube

RADIUS = 0.007
"""Radius of a tube, as a share of the surface's longest side."""
BALL = 2.2
"""Radius of a ball, in radii of a tube."""
PATHS = (style.BLUE, style.VERMILION, style.ORANGE, style.GREEN, style.SKY)
DASHES = (None, (6.0, 3.0), (2.5, 3.5), (10.0, 2.5), (1.0, 3.0))
"""A path's colour and dashes (on, off, in radii), in this order."""
ARROWS = (style.VERMILION, style.BLUE, style.GREEN, style.ORANGE, style.PURPLE)
"""Colours of sets of arrows, in this order: a frame's first axis is red, its second one blue."""


@dataclass(frozen=True, eq=False)
class Marks:
    """What is drawn besides a surface.

    Attributes
    ----------
    verts, faces, colors : numpy.ndarray, (V, 3), (F, 3), (V, 3)
        Triangles, and sRGB in [0, 1].
    legend : str
        Markup: one line for each path.
    names : dict of str to numpy.ndarray, (3,)
        Where the name of each point stands.
    """

    verts: np.ndarray
    faces: np.ndarray
    colors: np.ndarray
    legend: str
    names: dict[str, np.ndarray]

    def turned(self, axes: list[int]) -> Marks:
        """Take the axes in another order, which must be a rotation."""
        names = {name: at[axes] for name, at in self.names.items()}
        return replace(self, verts=self.verts[:, axes], names=names)

    def labels(self, verts: np.ndarray, view: tuple[float, float]) -> str:
        """Markup of the points' names over the poster of ``verts``, in per cent of its size."""
        lens, found = camera(verts, view), []
        for name, at in self.names.items():
            (x, y), _ = lens.place(at)
            where = f"left:{50 + 50 * x:.1f}%;top:{50 - 50 * y:.1f}%"
            place = " ".join(f"{c:.5g}" for c in at)
            found.append(
                f'<span class="gdl-mesh3d-mark" aria-hidden="true" data-at="{place}" '
                f'style="{where}"><b>{html.escape(name)}</b></span>'
            )
        return "".join(found)


def draw_marks(
    paths: Mapping[str, Any] | None,
    points: Mapping[str, Any] | None,
    size: float,
    arrows: Mapping[str, Any] | None = None,
) -> Marks:
    """Make tubes of paths, balls of points, and solid arrows.

    Parameters
    ----------
    paths : mapping of str to array, (K, 3)
        At most five polylines of two different points or more, by name.
    points : mapping of str to array, (3,)
        Points by name.
    size : float
        The surface's longest side, which widths are shares of.
    arrows : mapping of str to (array (K, 3), array (K, 3))
        At most five sets of arrows, by name: where they begin, and their vectors.

    Returns
    -------
    Marks

    Raises
    ------
    ValueError
        If there are more than five paths or sets of arrows, a name is empty, or numbers are no
        points or vectors.

    Notes
    -----
    Chapter 03, *Data that is not flat*; arrows in chapter 09, *Gauges*.
    """
    paths, points, radius = dict(paths or {}), dict(points or {}), RADIUS * size
    if len(paths) > len(PATHS):
        raise ValueError(f"paths must be at most {len(PATHS)}, got {len(paths)}")
    solids: list[Triangles] = []
    inks: list[str] = []
    lines, names = [], {}
    for (name, value), color, dash in zip(paths.items(), PATHS, DASHES):
        corners = array(f"paths[{name!r}]", value, 2)
        if corners.shape[1] != 3:
            raise ValueError(f"paths[{name!r}] must be (K, 3), got {corners.shape}")
        solids.append(tube(f"paths[{name!r}]", corners, radius, dash))
        inks.append(color)
        lines.append(f'<li><i style="background:{_swatch(color, dash)}"></i>{_name(name)}</li>')
    if len(arrows or {}) > len(ARROWS):
        raise ValueError(f"arrows must be at most {len(ARROWS)} sets, got {len(arrows)}")
    for (name, value), color in zip((arrows or {}).items(), ARROWS):
        solids.append(arrow_field(f"arrows[{name!r}]", value))
        inks.append(color)
        lines.append(f'<li><i style="background:{color}"></i>{_name(name)}</li>')
    for name, value in points.items():
        at = array(f"points[{name!r}]", value, 1)
        if at.shape != (3,):
            raise ValueError(f"points[{name!r}] must be (3,), got {at.shape}")
        _name(name)
        solids.append(ball(at, BALL * radius))
        inks.append(style.PURPLE)
        names[name] = at
    legend = f'<ul class="gdl-mesh3d-key">{"".join(lines)}</ul>' if lines else ""
    verts, faces = joined(solids)
    counts = [len(v) for v, _ in solids]
    colors = np.repeat(np.array([rgb(ink) for ink in inks]).reshape(-1, 3), counts, axis=0)
    return Marks(verts, faces, colors, legend, names)


def _name(name: str) -> str:
    if not isinstance(name, str) or not name.strip():
        raise ValueError(f"paths and points must have names, got {name!r}")
    return html.escape(name)


def _swatch(color: str, dash: tuple[float, float] | None) -> str:
    if dash is None:
        return color
    on, both = 2 * dash[0], 2 * sum(dash)
    return f"repeating-linear-gradient(90deg,{color} 0 {on:g}px,transparent 0 {both:g}px)"
