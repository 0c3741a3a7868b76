"""Surfaces whose answers are known: sphere, torus, cylinder, flat and folded sheets.

See chapter 08, *Geodesics*. Their symmetries, as permutations of the vertices, are found by
:func:`gdl_utils.geodesics.actions.isometries`.
"""

from __future__ import annotations

import math

import numpy as np

from gdl_utils.arguments import whole
from gdl_utils.geodesics.mesh import Mesh


def icosphere(level: int) -> Mesh:
    """The unit sphere, from an icosahedron whose faces are cut in four, ``level`` times.

    Parameters
    ----------
    level : int
        0 to 8. There are V = 10 · 4^level + 2 vertices.

    Returns
    -------
    Mesh
        The first 10 · 4^(level − 1) + 2 vertices are those of the level below. Its isometries are
        the 120 of the icosahedron.

    Raises
    ------
    ValueError
        If ``level`` is out of its range.

    Notes
    -----
    Chapter 08, *Geodesics*. Distances on the sphere are angles; its Laplacian has the eigenvalues
    l(l + 1), each 2l + 1 times.
    """
    level = whole("level", level, 0, 8)
    verts, faces = _icosahedron()
    for _ in range(level):
        n = len(verts)
        ends = np.sort(np.concatenate([faces[:, [1, 2]], faces[:, [2, 0]], faces[:, [0, 1]]]), 1)
        key, middle = np.unique(ends @ [n, 1], return_inverse=True)
        between = verts[key // n] + verts[key % n]
        verts = np.concatenate([verts, between / np.linalg.norm(between, axis=1, keepdims=True)])
        (i, j, k), (a, b, c) = faces.T, n + middle.reshape(3, -1)
        faces = np.stack([i, c, b, j, a, c, k, b, a, a, b, c], 1).reshape(-1, 3)
    return Mesh(verts, faces)


def torus(around: int, across: int, radius: float = 2.0, tube: float = 1.0) -> Mesh:
    """A torus of revolution, as a regular lattice of triangles.

    Parameters
    ----------
    around, across : int
        Vertices along the long way round and around the tube, 3 or more each.
    radius, tube : float
        From the axis to the middle of the tube, and from there to the skin.

    Returns
    -------
    Mesh
        Vertex ``i · across + j`` lies at angle 2π i / around about the z axis, and 2π j / across
        about the tube, from outside upwards. Its isometries are ``around`` turns, and as many
        half-turns about horizontal axes.

    Raises
    ------
    ValueError
        If a count is below 3, or not ``0 < tube < radius``.

    Notes
    -----
    Chapter 08, *Geodesics*. Its area is 4π² · radius · tube, its Euler characteristic 0.
    """
    around, across = whole("around", around, 1), whole("across", across, 1)
    if min(around, across) < 3:
        raise ValueError(f"around and across must be at least 3, got {around} and {across}")
    if not 0 < tube < radius < math.inf:
        raise ValueError(f"tube must lie between 0 and radius, got {tube} and {radius}")
    i, j = np.divmod(np.arange(around * across), across)
    u, v = 2 * np.pi * i / around, 2 * np.pi * j / across
    out = radius + tube * np.cos(v)
    verts = np.stack([out * np.cos(u), out * np.sin(u), tube * np.sin(v)], 1)
    return Mesh(verts, _lattice(around, across, wrap=(True, True)))


def sheet(rows: int, columns: int, spacing: float = 1.0) -> Mesh:
    """A flat rectangle in the plane z = 0, each square cut along the same diagonal.

    Parameters
    ----------
    rows, columns : int
        Vertices along y and along x, 2 or more each.
    spacing : float
        The side of a square.

    Returns
    -------
    Mesh
        Vertex ``i · columns + j`` lies at (j, i, 0) · spacing. Fold it with
        :func:`gdl_utils.geodesics.actions.fold`.

    Raises
    ------
    ValueError
        If a count is below 2, or the spacing is not positive and finite.

    Notes
    -----
    Chapter 08, *Geodesics*.
    """
    rows, columns = whole("rows", rows, 1), whole("columns", columns, 1)
    if min(rows, columns) < 2:
        raise ValueError(f"rows and columns must be at least 2, got {rows} and {columns}")
    if not 0 < spacing < math.inf:
        raise ValueError(f"spacing must be positive and finite, got {spacing}")
    i, j = np.divmod(np.arange(rows * columns), columns)
    verts = spacing * np.stack([j, i, np.zeros_like(i)], 1)
    return Mesh(verts, _lattice(rows, columns, wrap=(False, False)).take([0, 2, 1], axis=1))


def cylinder(around: int, along: int, radius: float = 1.0, height: float = 2.0) -> Mesh:
    """An open tube about the z axis: a sheet, rolled up.

    Parameters
    ----------
    around, along : int
        Vertices around the axis, 3 or more, and along it, 2 or more.
    radius, height : float
        Of the tube; it stands on the plane z = 0.

    Returns
    -------
    Mesh
        Vertex ``i · along + j`` lies at angle 2π i / around and height · j / (along − 1).

    Raises
    ------
    ValueError
        If a count is too small, or a length is not positive and finite.

    Notes
    -----
    Chapter 08, *Geodesics*.
    """
    around, along = whole("around", around, 1), whole("along", along, 1)
    if around < 3 or along < 2:
        raise ValueError(f"around, along must be at least 3 and 2, got {around} and {along}")
    if not (0 < radius < math.inf and 0 < height < math.inf):
        raise ValueError(f"radius, height must be positive and finite, got {radius}, {height}")
    i, j = np.divmod(np.arange(around * along), along)
    u = 2 * np.pi * i / around
    verts = np.stack([radius * np.cos(u), radius * np.sin(u), height * j / (along - 1)], 1)
    return Mesh(verts, _lattice(around, along, wrap=(True, False)))


def _lattice(rows: int, columns: int, wrap: tuple[bool, bool]) -> np.ndarray:
    """Two triangles for each square of a lattice, whose row and column axes may close up."""
    i, j = np.meshgrid(
        np.arange(rows - (not wrap[0])), np.arange(columns - (not wrap[1])), indexing="ij"
    )
    i, j = i.ravel(), j.ravel()
    below, right = (i + 1) % rows * columns, (j + 1) % columns
    a, b, c, d = i * columns + j, below + j, below + right, i * columns + right
    return np.stack([a, b, c, a, c, d], 1).reshape(-1, 3)


def _icosahedron() -> tuple[np.ndarray, np.ndarray]:
    """Twelve vertices on the unit sphere, and twenty faces, seen counterclockwise from outside."""
    golden = (1 + math.sqrt(5)) / 2
    verts = np.array([
        [-1, golden, 0], [1, golden, 0], [-1, -golden, 0], [1, -golden, 0],
        [0, -1, golden], [0, 1, golden], [0, -1, -golden], [0, 1, -golden],
        [golden, 0, -1], [golden, 0, 1], [-golden, 0, -1], [-golden, 0, 1],
    ]) / math.hypot(1, golden)  # fmt: skip
    faces = np.array([
        [0, 11, 5], [0, 5, 1], [0, 1, 7], [0, 7, 10], [0, 10, 11],
        [1, 5, 9], [5, 11, 4], [11, 10, 2], [10, 7, 6], [7, 1, 8],
        [3, 9, 4], [3, 4, 2], [3, 2, 6], [3, 6, 8], [3, 8, 9],
        [4, 9, 5], [2, 4, 11], [6, 2, 10], [8, 6, 7], [9, 8, 1],
    ])  # fmt: skip
    return verts, faces
