"""Geodesic distance by the heat method: let heat flow, keep its direction, and integrate.

See chapter 08, *Geodesics*.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy.sparse import csr_array, diags_array
from scipy.sparse.linalg import splu
from torch import Tensor

from gdl_utils.geodesics.delaunay import intrinsic, intrinsic_delaunay
from gdl_utils.geodesics.mesh import Mesh
from gdl_utils.geodesics.operators import once_per_mesh

Sources = int | Sequence[int] | Int[Tensor, " S"]
"""One vertex or several."""
COLD = 1e-290
"""Heat below this has lost its digits: what is nearer to zero than 1e-308 is stored as zero."""


class HeatMethod:
    r"""Distances on a surface from any sources, for two sparse solves each.

    .. math::
        (M + t L)\, u = \delta_S, \qquad X = -\nabla u / \lVert \nabla u \rVert, \qquad
        L\, \phi = -\nabla \cdot X

    Heat that starts at S and flows for a short time t decreases along shortest paths; φ is the
    function whose gradient is nearest to the unit field X, and its value at S is taken off.

    Parameters
    ----------
    mesh : Mesh
        The surface, in one piece or in several.
    t : float, optional
        Time, in the square of the unit of ``mesh.verts``. Without it, the square of the mean edge
        length of the triangulation used. Longer is smoother and less exact.
    delaunay : bool
        Whether to work in the intrinsic Delaunay triangulation of the same surface. Without it
        obtuse triangles spoil the answer.

    Raises
    ------
    ValueError
        If ``mesh`` is no Mesh, or t is not positive and finite.

    Notes
    -----
    Both matrices are factorised once, here, in an order from nested dissection of the positions.
    At a boundary no heat flows out (Neumann). Chapter 08, *Geodesics*.

    References
    ----------
    Crane, Weischedel, Wardetzky (2013), *Geodesics in Heat*, algorithm 1 and section 3.2.
    George (1973), *Nested Dissection of a Regular Finite Element Mesh*.

    Examples
    --------
    >>> from gdl_utils.geodesics.shapes import icosphere
    >>> d = HeatMethod(icosphere(3)).distance(0)  # from pole to pole it is π
    >>> round(float(d.max()), 1)
    3.1
    """

    def __init__(self, mesh: Mesh, t: float | None = None, *, delaunay: bool = True) -> None:
        if not isinstance(mesh, Mesh):
            raise ValueError(f"mesh must be a Mesh, got {type(mesh).__name__}")
        if t is not None and not 0 < t < float("inf"):
            raise ValueError(f"t must be positive and finite, got {t}")
        surface = intrinsic_delaunay(mesh) if delaunay else intrinsic(mesh)
        t = surface.mean_edge() ** 2 if t is None else t
        self.t, self._piece = t, mesh.components.numpy()  # no mesh: it may be forgotten
        laplacian, mass = surface.laplacian(), surface.mass().numpy()
        self._gradient = surface.gradient()
        areas = diags_array(np.repeat(surface.areas(), 2))
        self._outflow = (self._gradient.T @ areas).tocsr()  # minus the divergence
        # L alone has constants in its kernel: let φ be 0 at one vertex of each piece.
        _, first = np.unique(self._piece, return_index=True)
        ground = np.zeros(len(mass))
        ground[first] = 1.0
        order = nested_dissection(mesh.verts.numpy(), laplacian)
        self._diffuse = factorise(diags_array(mass) + t * laplacian, order)
        self._integrate = factorise(laplacian + diags_array(ground), order)

    def distance(self, sources: Sources) -> Float[Tensor, " V"]:
        """Distance to the nearest of the sources.

        Parameters
        ----------
        sources : int or sequence of int
            One vertex or several.

        Returns
        -------
        Tensor, (V,), float64
            In the unit of ``mesh.verts``; infinite in pieces without a source. φ is shifted to a
            mean of 0 over a piece's sources, and what is then below 0 is set to 0. With several
            sources, the least of ``distances`` is about twice as exact, for one solve each.

        Raises
        ------
        ValueError
            If there is no source, one is no vertex of the mesh, or the mesh is so many edges long
            that heat, which falls e-fold with each √t, does not reach its end.
        """
        at = self._vertices(sources)
        heat = np.zeros((len(self._piece), 1))
        heat[at] = 1.0
        return torch.from_numpy(self._solve(heat)[:, 0])

    def distances(self, sources: Sources) -> Float[Tensor, "V S"]:
        """Distances from each of the sources on its own.

        Parameters
        ----------
        sources : sequence of int
            S vertices.

        Returns
        -------
        Tensor, (V, S), float64
            A column for each source. Not quite symmetric: the method is not.

        Raises
        ------
        ValueError
            As ``distance``.
        """
        at = self._vertices(sources)
        heat = np.zeros((len(self._piece), len(at)))
        heat[at, np.arange(len(at))] = 1.0
        return torch.from_numpy(self._solve(heat))

    def _vertices(self, sources: Any) -> np.ndarray:
        at, n = np.atleast_1d(np.asarray(sources)), len(self._piece)
        if at.ndim != 1 or len(at) == 0 or at.dtype.kind not in "iu":
            raise ValueError(f"sources must be one vertex or several, as integers, got {sources!r}")
        if at.min() < 0 or at.max() >= n:
            raise ValueError(f"sources must be vertices 0 to {n - 1}, got {sources!r}")
        return at

    def _solve(self, sources: np.ndarray) -> np.ndarray:
        piece, count = self._piece, sources.shape[1]
        vertex, column = np.nonzero(sources)
        number = np.zeros((piece.max() + 1, count))  # of sources, in each piece and column
        np.add.at(number, (piece[vertex], column), 1.0)
        reached = (number > 0)[piece]
        heat = self._diffuse(sources)
        if (cold := reached & (np.abs(heat) < COLD)).any():
            raise ValueError(
                f"t must let heat reach every vertex, got {self.t:.3g}, with which none comes to "
                f"vertex {np.flatnonzero(cold.any(1))[0]}: give a larger t to HeatMethod"
            )
        downhill = (self._gradient @ -heat).reshape(-1, 2, count)
        downhill /= np.maximum(np.abs(downhill).max(1, keepdims=True), 1e-307)  # squares underflow
        steepness = np.sqrt((downhill**2).sum(1, keepdims=True))
        downhill /= np.where(steepness > 0, steepness, 1.0)
        phi = self._integrate(self._outflow @ downhill.reshape(-1, count))
        total = np.zeros_like(number)
        np.add.at(total, (piece[vertex], column), phi[vertex, column])
        phi -= (total / np.maximum(number, 1.0))[piece]
        return np.where(reached, np.maximum(phi, 0.0), np.inf)


@once_per_mesh
def _method(mesh: Mesh) -> HeatMethod:
    return HeatMethod(mesh)


def heat_distance(mesh: Mesh, sources: Sources) -> Float[Tensor, " V"]:
    """Geodesic distance to the nearest source, approximately, by the heat method.

    Parameters
    ----------
    mesh : Mesh
        Factorised on the first call, and kept.
    sources : int or sequence of int
        One vertex or several.

    Returns
    -------
    Tensor, (V,), float64
        In the unit of ``mesh.verts``; infinite in pieces without a source.

    Raises
    ------
    ValueError
        As :class:`HeatMethod` and its method ``distance``.

    References
    ----------
    Crane, Weischedel, Wardetzky (2013), *Geodesics in Heat*. Chapter 08, *Geodesics*.
    """
    return _method(mesh).distance(sources)


# ----------------------------------------------------------------------------- sparse solves
def factorise(matrix: csr_array, order: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Factorise a symmetric positive definite matrix, its rows and columns taken in an order.

    Parameters
    ----------
    matrix : sparse array, (V, V)
    order : array of int, (V,)
        A permutation that makes little fill, as from :func:`nested_dissection`.

    Returns
    -------
    callable
        From a right-hand side (V, S) to the solution (V, S).

    Notes
    -----
    Chapter 08, *Geodesics*.
    """
    sorted_matrix = matrix.tocsr()[order][:, order].tocsc()
    lu = splu(
        sorted_matrix, permc_spec="NATURAL", diag_pivot_thresh=0.0, options={"SymmetricMode": True}
    )

    def solve(b: np.ndarray) -> np.ndarray:
        x = np.empty_like(b)
        x[order] = lu.solve(np.ascontiguousarray(b[order]))
        return x

    return solve


def nested_dissection(points: np.ndarray, matrix: csr_array, leaf: int = 64) -> np.ndarray:
    """An order of elimination that keeps a mesh's factors sparse.

    Halve the points at the median of their longest side; the vertices of one half that touch the
    other separate the two and come last; then treat each half in the same way.

    Parameters
    ----------
    points : array, (V, D)
        Positions; they only guide where to cut.
    matrix : csr_array, (V, V)
        Whose entries say who touches whom.
    leaf : int
        Sets this small are left as they are.

    Returns
    -------
    array of int, (V,)
        Which vertex comes when.

    References
    ----------
    George (1973), *Nested Dissection of a Regular Finite Element Mesh*. Chapter 08, *Geodesics*.
    """
    start, neighbours = matrix.indptr, matrix.indices
    order = np.empty(len(points), dtype=np.int64)
    right_side = np.zeros(len(points), dtype=bool)
    todo = [(np.arange(len(points)), 0)]
    while todo:
        ids, place = todo.pop()
        if len(ids) <= leaf:
            order[place : place + len(ids)] = ids
            continue
        x = points[ids]
        side = np.argmax(x.max(0) - x.min(0))
        halves = ids[np.argpartition(x[:, side], len(ids) // 2)]
        left, right = halves[: len(ids) // 2], halves[len(ids) // 2 :]
        right_side[right] = True
        count = start[left + 1] - start[left]
        ends = np.cumsum(count)
        entry = np.arange(ends[-1]) + np.repeat(start[left] - ends + count, count)
        touches = np.logical_or.reduceat(right_side[neighbours[entry]], ends - count)
        right_side[right] = False
        separator, left = left[touches], left[~touches]
        middle, last = place + len(left), place + len(left) + len(right)
        order[last : last + len(separator)] = separator
        todo += [(left, place), (right, middle)]
    return order
