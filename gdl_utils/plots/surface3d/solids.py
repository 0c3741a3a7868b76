"""Tubes, balls and arrows as triangles, made by pyvista. See chapters 03 and 09."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from gdl_utils.plots.style import array

SIDES = 8
"""Sides of a tube."""
SHAFT, HEAD, TIP, CORNERS = 0.055, 0.143, 0.38, 5
"""Radii of an arrow's shaft and head, length of the head, and corners of both; an arrow is 1."""

Triangles = tuple[np.ndarray, np.ndarray]


def joined(parts: Iterable[Triangles]) -> Triangles:
    """Several meshes (verts, faces) as one, their vertices in the same order."""
    verts, faces, start = [np.zeros((0, 3))], [np.zeros((0, 3), np.int64)], 0
    for v, f in parts:
        verts.append(v)
        faces.append(f + start)
        start += len(v)
    return np.concatenate(verts), np.concatenate(faces)


def triangles_of(surface: Any) -> Triangles:
    """Points and triangles of pyvista's PolyData, in float64."""
    cut = surface.triangulate()
    return np.asarray(cut.points, float), np.reshape(cut.regular_faces, (-1, 3)).astype(np.int64)


def tube(
    name: str, points: np.ndarray, radius: float, dash: tuple[float, float] | None = None
) -> Triangles:
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
    import pyvista as pv

    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    points = points[np.concatenate([[True], steps > 1e-9 * radius])]
    if len(points) < 2:
        raise ValueError(f"{name} must hold two different points at least")
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    ends = [(0.0, along[-1])]
    if dash is not None:
        starts = np.arange(0, along[-1], sum(dash) * radius)
        ends = [(s, min(s + dash[0] * radius, along[-1])) for s in starts]
    found = []
    for a, b in ends:
        if b - a < 1e-6 * radius:
            continue
        at = np.concatenate([[a], along[(along > a) & (along < b)], [b]])
        piece = np.stack([np.interp(at, along, points[:, k]) for k in range(3)], 1)
        line = pv.MultipleLines(piece - points[0])  # float32: near the origin
        hose = line.tube(radius=radius, n_sides=SIDES, capping=True).clean()
        found.append(triangles_of(hose))
    verts, faces = joined(found)
    return points[0] + verts, faces


def ball(middle: np.ndarray, radius: float) -> Triangles:
    """A small sphere, (72, 3) and (140, 3)."""
    import pyvista as pv

    sphere = pv.Sphere(radius=radius, theta_resolution=10, phi_resolution=9)
    verts, faces = triangles_of(sphere)
    return middle + verts, faces


def arrow_field(name: str, value: Any) -> Triangles:
    """Make solid arrows; longer ones are thicker.

    Parameters
    ----------
    name : str
        What an error calls them.
    value : (array (K, 3), array (K, 3))
        Where they begin, and their vectors.

    Returns
    -------
    verts, faces : numpy.ndarray, (V, 3), (F, 3)
        A surface for each arrow that is longer than a thousandth of the longest.

    Raises
    ------
    ValueError
        If there are not two arrays (K, 3) with K ≥ 1, or all vectors are zero.

    Notes
    -----
    Chapter 09, *Gauges*.
    """
    import pyvista as pv

    try:
        start, vector = value
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{name} must be points and vectors, got {type(value).__name__}"
        ) from error
    start, vector = array(f"{name}, points", start, 2), array(f"{name}, vectors", vector, 2)
    if start.shape != vector.shape or start.shape[1] != 3:
        raise ValueError(f"{name} must be (K, 3) twice, got {start.shape} and {vector.shape}")
    length = np.linalg.norm(vector, axis=1)
    if length.max() == 0:
        raise ValueError(f"{name} must have a vector that is not zero")
    kept = length > 1e-3 * length.max()
    where = pv.PolyData(start[kept] - start[0])  # float32: near the origin
    where["vector"], where["length"] = vector[kept], length[kept]
    one = pv.Arrow(
        tip_length=TIP, tip_radius=HEAD, tip_resolution=CORNERS,
        shaft_radius=SHAFT, shaft_resolution=CORNERS,
    )  # fmt: skip
    verts, faces = triangles_of(where.glyph(geom=one.clean(), orient="vector", scale="length"))
    return start[0] + verts, faces
