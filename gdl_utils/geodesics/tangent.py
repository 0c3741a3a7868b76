"""Tangent planes at vertices, unrolled from lengths alone, and gradients in them.

See chapter 08, *Geodesics*. A tangent vector is a complex number: its direction is measured
counterclockwise from a first edge at the vertex, which nobody should depend on (chapter 09).
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from gdl_utils.geodesics.delaunay import intrinsic
from gdl_utils.geodesics.mesh import Mesh
from gdl_utils.geodesics.operators import LAST, NEXT, _read_only, once_per_mesh


@once_per_mesh
def edge_vectors(mesh: Mesh) -> csr_array:
    r"""Each neighbour as a vector in the vertex's tangent plane: its logarithm, nearly.

    .. math:: e_{ij} = \ell_{ij} \exp(\mathrm{i} \, \theta_{ij}), \qquad
        \theta_{ij} = \frac{2\pi}{\Theta_i} \sum_{k < j} \alpha_k

    where α are the angles at vertex i, in turn, and Θ is their sum.

    Parameters
    ----------
    mesh : Mesh
        V vertices and E edges.

    Returns
    -------
    scipy.sparse.csr_array, (V, V), complex
        Row i holds the vectors from i to its neighbours, in the unit of ``mesh.verts``.

    Raises
    ------
    ValueError
        If ``mesh`` is no Mesh.

    Notes
    -----
    The angles at an inner vertex are stretched to fill 2π; at the boundary they stay. Only lengths
    enter: bending changes nothing. Inside, the direction 0 is that of the vertex's first
    half-edge; at the boundary, of the boundary edge that leaves it. Chapter 08, *Geodesics*.

    References
    ----------
    Polthier, Schmies (1998), *Straightest Geodesics on Polyhedral Surfaces* (the angles
    stretched to 2π). Sharp, Soliman, Crane (2019), *The Vector Heat Method*.
    """
    surface = intrinsic(mesh)
    start, length, twin = surface.faces.ravel(), surface.lengths.ravel(), surface.twins
    half = np.arange(len(start))
    before = half.reshape(-1, 3)[:, LAST].ravel()
    corner_angle = np.arctan2(1.0, surface.cotangents().ravel())
    first = np.empty(surface.n, dtype=np.int64)
    first[start[::-1]] = half[::-1]  # the lowest half-edge that leaves each vertex
    border = np.flatnonzero(twin < 0)
    first[start[border]] = border  # nothing lies clockwise of it
    direction, total = np.zeros(len(half)), np.zeros(surface.n)
    now, at = first, np.arange(surface.n)
    while len(now):  # one corner on, counterclockwise, around all vertices at once
        direction[now] = total[at]
        total[at] += corner_angle[now]
        now = twin[before[now]]
        on = (now >= 0) & (now != first[at])
        now, at = now[on], at[on]
    closed = np.ones(surface.n, dtype=bool)
    closed[start[border]] = False
    scale = np.where(closed, 2 * np.pi / total, 1.0)
    end = surface.faces[:, NEXT].ravel()
    last = before[twin[before] < 0]  # the border's half-edges that arrive
    rows = np.concatenate([start, end[last]])
    columns = np.concatenate([end, start[last]])
    angle = np.concatenate([direction * scale[start], total[end[last]]])
    reach = np.concatenate([length, length[last]])
    return _read_only(
        csr_array((reach * np.exp(1j * angle), (rows, columns)), shape=(surface.n, surface.n))
    )


@once_per_mesh
def tangent_gradient(mesh: Mesh) -> csr_array:
    r"""The gradient at each vertex, as a complex number in its tangent plane.

    .. math:: \min_{g_i} \sum_{j \sim i} \big( \langle g_i, e_{ij} \rangle - (u_j - u_i) \big)^2

    Parameters
    ----------
    mesh : Mesh
        V vertices.

    Returns
    -------
    scipy.sparse.csr_array, (V, V), complex
        From values to gradients, in one over the unit of ``mesh.verts``. Exact for linear
        functions where the surface is flat.

    Raises
    ------
    ValueError
        If ``mesh`` is no Mesh.

    Notes
    -----
    Bending changes nothing, and mirroring the surface conjugates. Where all edges at a boundary
    vertex point one way, the gradient across it is taken as zero. Chapter 08, *Geodesics*.

    References
    ----------
    Sharp, Attaiki, Crane, Ovsjanikov (2022), *DiffusionNet* (spatial gradients, by
    least squares).
    """
    vectors = edge_vectors(mesh)
    n = vectors.shape[0]
    row = np.repeat(np.arange(n), np.diff(vectors.indptr))
    e = vectors.data
    x, y = e.real, e.imag
    xx, xy, yy = (np.bincount(row, v, n) for v in (x * x, x * y, y * y))
    determinant, trace = xx * yy - xy * xy, xx + yy
    full = determinant > 1e-12 * trace**2
    inverse = 1 / np.where(full, determinant, trace**2)
    a, b, d = (
        inverse * np.where(full, regular, single)
        for regular, single in ((yy, xx), (-xy, xy), (xx, yy))
    )
    weight = (a[row] * x + b[row] * y) + 1j * (b[row] * x + d[row] * y)
    own = np.bincount(row, weight.real, n) + 1j * np.bincount(row, weight.imag, n)
    every = np.arange(n)
    entries = (np.concatenate([row, every]), np.concatenate([vectors.indices, every]))
    return _read_only(csr_array((np.concatenate([weight, -own]), entries), shape=(n, n)))
