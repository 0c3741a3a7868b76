r"""Tangent planes at vertices, unrolled from the corners of the faces, and gradients in them.

See chapter 08, *Geodesics*. A tangent vector is a complex number: its direction is measured
counterclockwise from a first edge at the vertex, which nobody should depend on (chapter 09). There
is one convention for all that has a direction here, gradients, connections and logarithmic maps.
The faces around a vertex are laid flat one after the other, and

- around an **inner** vertex the angles are stretched by :math:`2\pi / \Theta`, Θ being their sum,
  so that they fill the plane;
- at the **boundary** they stay as they are. What lies beyond is not known, so there is nothing to
  fill, and a flat surface stays flat up to its rim: the gradient of a linear function is the same
  vector everywhere, and carrying a vector along any way leaves it parallel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from scipy.sparse import csr_array
from torch import Tensor

from gdl_utils.geodesics.mesh import Mesh, require_mesh
from gdl_utils.geodesics.operators import _read_only, once_per_mesh


def corner_angles(mesh: Mesh) -> Float[Tensor, "F 3"]:
    """Angle of every face at each of its corners, in radians; the rows sum to π.

    Parameters
    ----------
    mesh : Mesh
        F faces.

    Returns
    -------
    Tensor, (F, 3)
        Column k belongs to the vertex ``mesh.faces[:, k]``.

    Notes
    -----
    Chapter 09, *Gauges*. By the arctangent of sine and cosine, which is accurate for slivers too.
    """
    p = require_mesh(mesh).verts[mesh.faces]
    to_next, to_last = p.roll(-1, 1) - p, p.roll(1, 1) - p
    sine = torch.linalg.cross(to_next, to_last).norm(dim=2)
    return torch.atan2(sine, (to_next * to_last).sum(2))


@dataclass(frozen=True, eq=False)
class DirectedEdges:
    """Every edge in both directions, and where it points in the tangent plane of its start.

    Made by :func:`directed_edges`. There are D = 2E of them: the half-edges of the mesh first, in
    their order, then the boundary's in the direction that no face has.

    Parameters
    ----------
    ends : array of int, (D, 2)
        Start and end.
    twins : array of int, (D,)
        Where the same edge stands in the other direction.
    directions : array, (D,)
        In radians, counterclockwise seen from outside, from 0 for the first edge at the start.
    stretch : array, (V,)
        By which the angles at each vertex were multiplied: 2π / Θ inside, 1 at the boundary.
    total : array, (V,)
        Θ, the sum of the angles at each vertex.

    Notes
    -----
    Chapter 08, *Geodesics*, and chapter 09, *Gauges*.
    """

    ends: np.ndarray
    twins: np.ndarray
    directions: np.ndarray
    stretch: np.ndarray
    total: np.ndarray


@once_per_mesh
def directed_edges(mesh: Mesh) -> DirectedEdges:
    r"""Lay the faces around each vertex flat, and read off the directions of its edges.

    .. math:: \varphi_{ij} = s_i \sum_{k < j} \alpha_k, \qquad
        s_i = \frac{2\pi}{\Theta_i} \text{ inside}, \quad s_i = 1 \text{ at the boundary},

    where α are the angles of the faces at vertex i, in turn, and Θ is their sum.

    Parameters
    ----------
    mesh : Mesh
        V vertices and E edges.

    Returns
    -------
    DirectedEdges
        The first edge at a vertex, of direction 0, is its first half-edge; at the boundary it is
        the boundary edge that leaves it with the surface on its left.

    Raises
    ------
    ValueError
        If ``mesh`` is not a Mesh.

    Notes
    -----
    Bending changes nothing, as it keeps all angles. Chapter 08, *Geodesics*.

    References
    ----------
    Polthier, Schmies (1998), *Straightest Geodesics on Polyhedral Surfaces* (the angles
    stretched to 2π). Knöppel, Crane, Pinkall, Schröder (2013), *Globally Optimal Direction
    Fields*, section 6.
    """
    halfedges, n = mesh.halfedges.numpy(), len(mesh.verts)
    count, border = len(halfedges), np.flatnonzero(mesh._twins < 0)
    ends = np.concatenate([halfedges, halfedges[border, ::-1]])
    twins = np.concatenate([mesh._twins, border])
    twins[border] = count + np.arange(len(border))
    angle = corner_angles(mesh).reshape(-1).numpy()
    last = np.arange(count) - np.arange(count) % 3 + (np.arange(count) - 1) % 3
    following = twins[last]  # the next edge counterclockwise around the same vertex
    directions, total = np.zeros(len(ends)), np.zeros(n)
    now, at = mesh._first, np.arange(n)
    while len(now):  # one corner on, around all vertices at once
        directions[now] = total[at]
        on = now < count  # has a face on its left
        now, at = now[on], at[on]
        total[at] += angle[now]
        now = following[now]
        on = now != mesh._first[at]
        now, at = now[on], at[on]
    stretch = 2 * np.pi / total
    stretch[ends[border, 0]] = 1.0
    return DirectedEdges(ends, twins, directions * stretch[ends[:, 0]], stretch, total)


@once_per_mesh
def edge_vectors(mesh: Mesh) -> csr_array:
    r"""Each neighbour as a vector in the vertex's tangent plane: its logarithm, nearly.

    .. math:: e_{ij} = \ell_{ij} \exp(\mathrm{i} \, \varphi_{ij})

    with the edges' lengths ℓ and the directions φ of :func:`directed_edges`.

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
        If ``mesh`` is not a Mesh.

    Notes
    -----
    The angles at an inner vertex are stretched to fill 2π; at the boundary they stay. Only lengths
    and angles enter: bending changes nothing. Chapter 08, *Geodesics*.

    References
    ----------
    Sharp, Soliman, Crane (2019), *The Vector Heat Method*.
    """
    edges, n = directed_edges(mesh), len(mesh.verts)
    x = mesh.verts.numpy()
    start, end = edges.ends.T
    length = np.linalg.norm(x[end] - x[start], axis=1)
    vectors = length * np.exp(1j * edges.directions)
    return _read_only(csr_array((vectors, (start, end)), shape=(n, n)))


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
        If ``mesh`` is not a Mesh.

    Notes
    -----
    Bending changes nothing, and mirroring the surface conjugates. Where all edges nearly point one
    way, lengths along and across are measured in units of their own: needles of 10⁻⁶ cost six of
    the sixteen digits. Chapter 08, *Geodesics*.

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
    inverse = 1 / np.where(determinant > 0, determinant, 1.0)
    a, b, d = inverse * yy, inverse * -xy, inverse * xx
    weight = (a[row] * x + b[row] * y) + 1j * (b[row] * x + d[row] * y)
    if (thin := determinant < 1e-6 * trace**2)[row].any():
        weight[thin[row]] = _across_and_along(e[thin[row]], row[thin[row]], n)
    own = np.bincount(row, weight.real, n) + 1j * np.bincount(row, weight.imag, n)
    every = np.arange(n)
    entries = (np.concatenate([row, every]), np.concatenate([vectors.indices, every]))
    return _read_only(csr_array((np.concatenate([weight, -own]), entries), shape=(n, n)))


def _across_and_along(e: np.ndarray, row: np.ndarray, n: int) -> np.ndarray:
    """Weights of differences for gradients, from edges e that nearly point one way at each vertex.

    With x along the longest edge and y across, each divided by its largest, the squares that are
    summed have sizes near 1. Only lengths below 10⁻¹⁴ across are rounding, and count as none.
    """
    order = np.lexsort((np.abs(e), row))
    last = np.zeros(n, dtype=complex)
    last[row[order]] = e[order]  # the longest is written last
    axis = (last / np.where(last == 0, 1.0, np.abs(last)))[row]
    x, y = (e * axis.conj()).real, (e * axis.conj()).imag
    long, wide = np.zeros(n), np.zeros(n)
    np.maximum.at(long, row, np.abs(x))
    np.maximum.at(wide, row, np.abs(y))
    long, wide = long[row], np.maximum(wide, 1e-14 * long)[row]
    x, y = x / long, y / wide
    xx, xy, yy = (np.bincount(row, v, n)[row] for v in (x * x, x * y, y * y))
    determinant = xx * yy - xy * xy
    flat = determinant < 0.5 * xx  # nothing across
    determinant[flat] = xx[flat]
    along = np.where(flat, x, yy * x - xy * y) / determinant / long
    across = np.where(flat, 0.0, xx * y - xy * x) / determinant / wide
    return axis * (along + 1j * across)
