"""Derivatives on a triangle mesh, as sparse matrices: gradient, divergence, Laplacian, mass.

See chapter 08, *Geodesics*. Functions are piecewise linear: a value at each vertex. Gradients are
constant on each face. All matrices are scipy's, in float64, computed once for a mesh and read-only.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import torch
from jaxtyping import Float
from scipy.sparse import coo_array, csr_array
from torch import Tensor

from gdl_utils.geodesics.mesh import Mesh, require_mesh

NEXT, LAST = [1, 2, 0], [2, 0, 1]
"""The corner after, and the corner before, each corner of a triangle."""


def once_per_mesh(function: Callable[[Mesh], Any]) -> Callable[[Mesh], Any]:
    """Keep what ``function`` returns for a mesh for as long as that mesh lives. Chapter 08."""
    kept: WeakKeyDictionary = WeakKeyDictionary()

    @wraps(function)
    def look_up(mesh: Mesh) -> Any:
        if require_mesh(mesh) not in kept:
            kept[mesh] = function(mesh)
        return kept[mesh]

    return look_up


@once_per_mesh
def cotangent_laplacian(mesh: Mesh) -> csr_array:
    r"""The Laplacian of a surface, with the sign that makes it **positive semidefinite**.

    .. math::
        (L u)_i = \tfrac12 \sum_{j \sim i} (\cot \alpha_{ij} + \cot \beta_{ij}) (u_i - u_j),
        \qquad u^\top L u = \int \lVert \nabla u \rVert^2,

    where α and β are the angles opposite the edge, or α alone at a boundary.

    Parameters
    ----------
    mesh : Mesh
        V vertices, with or without boundary, in one piece or in several.

    Returns
    -------
    scipy.sparse.csr_array, (V, V)
        Symmetric, without a unit: it sums over the area that belongs to a vertex. Divided by
        :func:`mass` it gives values at points, in one over the unit of ``mesh.verts`` squared.

    Raises
    ------
    ValueError
        If ``mesh`` is not a Mesh.

    Notes
    -----
    At a boundary nothing flows out (Neumann). Off-diagonal entries are positive where α + β > π,
    and large at needles; :func:`gdl_utils.geodesics.delaunay.intrinsic_delaunay` mends both.
    Equal to ``-divergence(mesh) @ gradient(mesh)``. Chapter 08, *Geodesics*.

    References
    ----------
    Pinkall, Polthier (1993), *Computing Discrete Minimal Surfaces and Their Conjugates*
    (Dirichlet's energy, and the gradient of area). Crane (2018), *Discrete Differential Geometry:
    An Applied Introduction*, chapter 6.
    """
    corner, (a, b), double_area = _triangles(mesh)
    aa, ab, bb = _dot(a, a), _dot(a, b), _dot(b, b)
    cotangents = np.stack([ab, aa - ab, bb - ab]) / double_area
    return assemble_laplacian(corner, cotangents, len(mesh.verts))


@once_per_mesh
def mass(mesh: Mesh) -> Float[Tensor, " V"]:
    r"""The area that belongs to each vertex: a third of the faces around it (lumped, barycentric).

    .. math:: m_i = \tfrac13 \sum_{f \ni i} A_f, \qquad \int u \approx \sum_i m_i u_i

    Parameters
    ----------
    mesh : Mesh
        V vertices.

    Returns
    -------
    Tensor, (V,), float64
        Positive, in the square of the unit of ``mesh.verts``; their sum is the surface's area.

    Raises
    ------
    ValueError
        If ``mesh`` is not a Mesh.

    Notes
    -----
    Chapter 08, *Geodesics*. Meyer's mixed Voronoi areas are another choice; both converge.
    """
    corner, _, double_area = _triangles(mesh)
    return torch.from_numpy(assemble_mass(corner, double_area / 2, len(mesh.verts)))


@once_per_mesh
def gradient(mesh: Mesh) -> csr_array:
    r"""The gradient of a function of the vertices: one vector in space for each face.

    .. math:: \nabla u |_f = \frac{1}{2 A_f} \sum_{i \in f} u_i \; n_f \times e_i

    with e_i the edge opposite corner i, along the face's direction, and n_f the normal.

    Parameters
    ----------
    mesh : Mesh
        V vertices and F faces.

    Returns
    -------
    scipy.sparse.csr_array, (3F, V)
        Rows 3f, 3f + 1, 3f + 2 are the x, y, z components at face f; so that
        ``(gradient(mesh) @ u).reshape(-1, 3)`` is (F, 3). In one over the unit of ``mesh.verts``.

    Raises
    ------
    ValueError
        If ``mesh`` is not a Mesh.

    References
    ----------
    Crane, Weischedel, Wardetzky (2013), *Geodesics in Heat*, section 3.2. Chapter 08, *Geodesics*.
    """
    corner, (a, b), double_area = _triangles(mesh)
    normal = _cross(a, b) / double_area
    opposite = np.stack([b - a, -b, a])  # (corner, xyz, F)
    hats = np.stack([_cross(normal, e) for e in opposite]) / double_area
    return face_matrix(corner, hats, len(mesh.verts))


@once_per_mesh
def divergence(mesh: Mesh) -> csr_array:
    """How much of a vector field on faces flows out of each vertex's area: −∇ᵀ, area by area.

    Parameters
    ----------
    mesh : Mesh
        V vertices and F faces.

    Returns
    -------
    scipy.sparse.csr_array, (V, 3F)
        Minus the transpose of the gradient with respect to areas, ⟨∇u, X⟩ = −⟨u, div X⟩; it
        sums over the area that belongs to a vertex, as the Laplacian does.

    Raises
    ------
    ValueError
        If ``mesh`` is not a Mesh.

    References
    ----------
    Crane, Weischedel, Wardetzky (2013), *Geodesics in Heat*, section 3.2. Chapter 08, *Geodesics*.
    """
    grad = gradient(mesh)
    weighted = csr_array((-grad.data, grad.indices, grad.indptr), shape=grad.shape)
    weighted.data *= np.repeat(mesh.face_areas.numpy(), 9)
    return _read_only(weighted.T.tocsr())


# ------------------------------------------------------------------------- assembling matrices
def assemble_laplacian(corner: np.ndarray, cotangents: np.ndarray, n: int) -> csr_array:
    """Sum each corner's cotangent into the edge opposite. Chapter 08, *Geodesics*.

    Parameters
    ----------
    corner : array of int, (3, F)
        Vertices of the faces.
    cotangents : array, (3, F)
        Of the angles at the corners.
    n : int
        How many vertices there are.

    Returns
    -------
    scipy.sparse.csr_array, (n, n)
    """
    i, j = corner[NEXT].ravel(), corner[LAST].ravel()
    w = cotangents.ravel() / -2
    half = (np.bincount(i, w, n) + np.bincount(j, w, n)) / -2  # of the diagonal
    every = np.arange(n, dtype=corner.dtype)
    i, j = np.concatenate([i, every]), np.concatenate([j, every])
    one_side = coo_array((np.concatenate([w, half]), (i, j)), shape=(n, n)).tocsr()
    return _read_only(one_side + one_side.T.tocsr())


def assemble_mass(corner: np.ndarray, areas: np.ndarray, n: int) -> np.ndarray:
    """Give a third of each face's area (F,) to each of its corners (3, F). Chapter 08."""
    return np.bincount(corner.ravel(), np.tile(areas / 3, 3), n)


def face_matrix(corner: np.ndarray, hats: np.ndarray, n: int) -> csr_array:
    """A matrix that takes corner values to vectors on faces. Chapter 08, *Geodesics*.

    Parameters
    ----------
    corner : array of int, (3, F)
        Vertices of the faces.
    hats : array, (3, D, F)
        The vector that a value of one at a corner contributes to its face.
    n : int
        How many vertices there are.

    Returns
    -------
    scipy.sparse.csr_array, (D F, n)
        Rows D f … D f + D − 1 are the components at face f.
    """
    size, count = hats.shape[1:]
    columns = np.repeat(corner.T, size, axis=0).ravel()
    ends = np.arange(0, 3 * size * count + 1, 3, dtype=corner.dtype)
    return _read_only(
        csr_array((hats.transpose(2, 1, 0).ravel(), columns, ends), shape=(size * count, n))
    )


def _triangles(mesh: Mesh) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray], np.ndarray]:
    """Corners (3, F), the two edges (3, F) that leave the first, and twice the areas (F,)."""
    corner = np.ascontiguousarray(mesh.faces.numpy().T, dtype=np.int32)
    x = np.ascontiguousarray(mesh.verts.numpy().T)
    first = x.take(corner[0], axis=1)
    a, b = x.take(corner[1], axis=1) - first, x.take(corner[2], axis=1) - first
    normal = _cross(a, b)
    return corner, (a, b), np.sqrt(_dot(normal, normal))


def _dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return a[NEXT] * b[LAST] - a[LAST] * b[NEXT]


def _read_only(matrix: csr_array) -> csr_array:
    for part in (matrix.data, matrix.indices, matrix.indptr):
        part.setflags(write=False)
    return matrix
