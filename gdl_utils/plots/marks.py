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

from gdl_utils.plots import arrows as darts
from gdl_utils.plots import style
from gdl_utils.plots.poster import FIELD, SIZE, camera, direction
from gdl_utils.plots.style import array

SIDES = 8
"""Sides of a tube."""
RADIUS = 0.007
"""Radius of a tube, as a share of the surface's longest side."""
BALL = 2.2
"""Radius of a ball, in radii of a tube."""
COLOURS = (style.BLUE, style.VERMILION, style.ORANGE, style.GREEN, style.SKY)
DASHES = (None, (6.0, 3.0), (2.5, 3.5), (10.0, 2.5), (1.0, 3.0))
"""A path's colour and dashes (on, off, in radii), in this order."""


@dataclass(frozen=True, eq=False)
class Marks:
    """What is drawn besides a surface.

    Attributes
    ----------
    verts, faces, colours : numpy.ndarray, (V, 3), (F, 3), (V, 3)
        Triangles, and sRGB in [0, 1].
    legend : str
        Markup: one line for each path.
    names : dict of str to numpy.ndarray, (3,)
        Where the name of each point stands.
    """

    verts: np.ndarray
    faces: np.ndarray
    colours: np.ndarray
    legend: str
    names: dict[str, np.ndarray]

    def turned(self, axes: list[int]) -> Marks:
        """Take the axes in another order, which must be a rotation."""
        names = {name: at[axes] for name, at in self.names.items()}
        return replace(self, verts=self.verts[:, axes], names=names)

    def labels(self, verts: np.ndarray, view: tuple[float, float]) -> str:
        """Markup of the points' names over the poster of ``verts``, in per cent of its size."""
        eye, target, distance = camera(verts, view)
        ahead, top = (target - eye) / distance, np.tan(np.deg2rad(FIELD / 2))
        right = np.cross(-direction(view), [0.0, 1.0, 0.0])
        right /= np.linalg.norm(right)
        found = []
        for name, at in self.names.items():
            depth = (at - eye) @ ahead
            x = (at - eye) @ right / depth / (top * SIZE[0] / SIZE[1])
            y = (at - eye) @ np.cross(right, ahead) / depth / top
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
    if len(paths) > len(COLOURS):
        raise ValueError(f"paths must be at most {len(COLOURS)}, got {len(paths)}")
    shapes, lines, names = [], [], {}
    for (name, value), colour, dash in zip(paths.items(), COLOURS, DASHES):
        corners = array(f"paths[{name!r}]", value, 2)
        if corners.shape[1] != 3:
            raise ValueError(f"paths[{name!r}] must be (K, 3), got {corners.shape}")
        shapes.append((*tube(f"paths[{name!r}]", corners, radius, dash), colour))
        lines.append(f'<li><i style="background:{_swatch(colour, dash)}"></i>{_name(name)}</li>')
    if len(arrows or {}) > len(darts.COLOURS):
        raise ValueError(f"arrows must be at most {len(darts.COLOURS)} sets, got {len(arrows)}")
    for (name, value), colour in zip((arrows or {}).items(), darts.COLOURS):
        shapes.append((*darts.arrow_field(f"arrows[{name!r}]", value), colour))
        lines.append(f'<li><i style="background:{colour}"></i>{_name(name)}</li>')
    for name, value in points.items():
        at = array(f"points[{name!r}]", value, 1)
        if at.shape != (3,):
            raise ValueError(f"points[{name!r}] must be (3,), got {at.shape}")
        _name(name)
        shapes.append((*ball(at, BALL * radius), style.PURPLE))
        names[name] = at
    legend = f'<ul class="gdl-mesh3d-key">{"".join(lines)}</ul>' if lines else ""
    verts, faces, colours = [np.zeros((0, 3))], [np.zeros((0, 3), int)], [np.zeros((0, 3))]
    start = 0
    for v, f, colour in shapes:
        verts.append(v)
        faces.append(f + start)
        colours.append(np.tile(rgb(colour), (len(v), 1)))
        start += len(v)
    return Marks(*map(np.concatenate, (verts, faces, colours)), legend, names)


def rgb(colour: str) -> np.ndarray:
    """Bring a colour such as ``"#0072B2"`` into sRGB in [0, 1], (3,)."""
    return np.array([int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)])


def _name(name: str) -> str:
    if not isinstance(name, str) or not name.strip():
        raise ValueError(f"paths and points must have names, got {name!r}")
    return html.escape(name)


def _swatch(colour: str, dash: tuple[float, float] | None) -> str:
    if dash is None:
        return colour
    on, both = 2 * dash[0], 2 * sum(dash)
    return f"repeating-linear-gradient(90deg,{colour} 0 {on:g}px,transparent 0 {both:g}px)"


def tube(
    name: str, points: np.ndarray, radius: float, dash: tuple[float, float] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Wrap a polyline in a tube with closed ends.

    Parameters
    ----------
    name : str
        What an error calls the points.
    points : numpy.ndarray, (K, 3)
        Corners; repeated ones count once.
    radius : float
        In the unit of the points.
    dash : (float, float)
        Lengths of dashes and gaps in radii; None for a tube without gaps.

    Returns
    -------
    verts, faces : numpy.ndarray, (V, 3), (F, 3)
        A closed surface for each dash, facing outwards.

    Raises
    ------
    ValueError
        If there are not two different points.
    """
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    points = points[np.concatenate([[True], steps > 1e-9 * radius])]
    if len(points) < 2:
        raise ValueError(f"{name} must hold two different points at least")
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    ends = [(0.0, along[-1])]
    if dash is not None:
        starts = np.arange(0, along[-1], sum(dash) * radius)
        ends = [(s, min(s + dash[0] * radius, along[-1])) for s in starts]
    verts, faces, start = [], [], 0
    for a, b in ends:
        if b - a < 1e-6 * radius:
            continue
        at = np.concatenate([[a], along[(along > a) & (along < b)], [b]])
        piece = np.stack([np.interp(at, along, points[:, k]) for k in range(3)], 1)
        v, f = _hose(piece, radius)
        verts.append(v)
        faces.append(f + start)
        start += len(v)
    return np.concatenate(verts), np.concatenate(faces)


def _hose(points: np.ndarray, radius: float) -> tuple[np.ndarray, np.ndarray]:
    """One tube around all points, its rings carried along without twisting."""
    n, t = len(points), np.diff(points, axis=0)
    t /= np.linalg.norm(t, axis=1, keepdims=True)
    tangents = np.concatenate([t[:1], t[:-1] + t[1:], t[-1:]])
    angle = 2 * np.pi * np.arange(SIDES) / SIDES
    side = np.eye(3)[np.abs(t[0]).argmin()]
    rings = []
    for point, tangent in zip(points, tangents):
        length = np.linalg.norm(tangent)
        tangent = tangent / length if length > 1e-9 else t[0]  # a path that turns back
        side = side - (side @ tangent) * tangent
        side /= np.linalg.norm(side)
        other = np.cross(tangent, side)
        rings.append(
            point + radius * (np.outer(np.cos(angle), side) + np.outer(np.sin(angle), other))
        )
    verts = np.concatenate([*rings, points[[0, -1]]])
    k = np.arange(SIDES)
    following = (k + 1) % SIDES
    faces = [np.stack([n * SIDES + 0 * k, following, k], 1)]
    for ring in range(n - 1):
        a, b = ring * SIDES + k, ring * SIDES + following
        faces += [np.stack([a, b, b + SIDES], 1), np.stack([a, b + SIDES, a + SIDES], 1)]
    last = (n - 1) * SIDES
    faces.append(np.stack([n * SIDES + 1 + 0 * k, last + k, last + following], 1))
    return verts, np.concatenate(faces)


def ball(middle: np.ndarray, radius: float) -> tuple[np.ndarray, np.ndarray]:
    """A small sphere, (66, 3) and (128, 3): an octahedron, each face cut into sixteen."""
    verts = np.concatenate([np.eye(3), -np.eye(3)])
    faces = np.array([(a, b, c) for a in (0, 3) for b in (1, 4) for c in (2, 5)])
    odd = np.linalg.det(verts[faces]) < 0
    faces[odd] = faces[odd][:, ::-1]
    for _ in range(2):
        ends = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), 1)
        edges, index = np.unique(ends, axis=0, return_inverse=True)
        ab, bc, ca = index.reshape(3, -1) + len(verts)
        a, b, c = faces.T
        verts = np.concatenate([verts, verts[edges].mean(1)])
        corners = [(a, ab, ca), (b, bc, ab), (c, ca, bc), (ab, bc, ca)]
        faces = np.concatenate([np.stack(corner, 1) for corner in corners])
    return middle + radius * verts / np.linalg.norm(verts, axis=1, keepdims=True), faces
