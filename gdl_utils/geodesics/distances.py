"""Geodesic distance by the heat method: let heat flow, keep its direction, and integrate.

See chapter 08, *Geodesics*.
"""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float
from scipy.sparse import diags_array
from torch import Tensor

from gdl_utils.arguments import real
from gdl_utils.geodesics.delaunay import intrinsic, intrinsic_delaunay
from gdl_utils.geodesics.elimination import factorise, nested_dissection, order_of
from gdl_utils.geodesics.indices import Sources, vertex_indices
from gdl_utils.geodesics.mesh import Mesh, require_mesh
from gdl_utils.geodesics.operators import once_per_mesh

__all__ = ["HeatMethod", "factorise", "heat_distance", "heat_method", "nested_dissection"]
EVEN = 1e11
"""A time of this many squares of the extent leaves no differences of heat but rounding."""
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
        If ``mesh`` is not a Mesh, its triangles are too thin for double precision, or t is not
        positive and finite.

    Notes
    -----
    Both matrices are factorised once, here; more than 3,000 vertices are taken in an order from
    nested dissection of their positions. At a boundary no heat flows out (Neumann), and where its
    triangles are obtuse the surface is doubled along it, see
    :func:`~gdl_utils.geodesics.delaunay.intrinsic_delaunay`. Chapter 08, *Geodesics*.

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
        t = None if t is None else real("t", t, positive=True)
        require_mesh(mesh)
        surface = intrinsic_delaunay(mesh) if delaunay else intrinsic(mesh)
        t = surface.mean_edge() ** 2 if t is None else t
        self.t, self._piece = t, mesh.components.numpy()  # no mesh: it may be forgotten
        far = np.zeros(self._piece.max() + 1)  # from the first vertex of each piece
        _, first = np.unique(self._piece, return_index=True)
        x = mesh.verts.numpy()
        np.maximum.at(far, self._piece, np.abs(x - x[first[self._piece]]).max(1))
        self._even = t > EVEN * far**2
        laplacian, self.mass = surface.laplacian(), surface.mass().numpy()
        self._gradient = surface.gradient()
        weighted = self._gradient.copy()  # six entries a face
        weighted.data = weighted.data * np.repeat(surface.areas() / surface.sheets, 6)
        self._outflow = weighted.T.tocsr()  # minus the divergence
        # L alone has constants in its kernel: let φ be 0 at one vertex of each piece.
        ground = np.zeros(len(self.mass))
        ground[first] = 1.0
        self.order = order_of(mesh.verts.numpy(), laplacian)
        self.diffuse = factorise(diags_array(self.mass) + t * laplacian, self.order)
        self._integrate = factorise(laplacian + diags_array(ground), self.order)

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
            mean of 0 over a piece's sources; what is then below 0, and all sources, are set to 0.
            With several sources, the least of ``distances`` is about twice as exact, for one solve
            each.

        Raises
        ------
        ValueError
            If there is no source, one is no vertex of the mesh, the mesh is so many edges long
            that heat, which falls e-fold with each √t, does not reach its end, or a piece is so
            small against √t that heat is the same all over it.
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

    def _vertices(self, sources: Sources) -> np.ndarray:
        return vertex_indices("sources", sources, len(self._piece))

    def reaching(self, start: np.ndarray) -> np.ndarray:
        """Let heat (V, S) flow for the time t, and make sure that it reaches whole pieces."""
        return self._flow(start, self._reached(start))

    def _flow(self, start: np.ndarray, number: np.ndarray) -> np.ndarray:
        self.differing(number.any(1))
        heat = self.diffuse(start)
        cold = np.abs(heat) < COLD
        if cold.any() and (cold := cold & (number[self._piece] > 0)).any():
            raise ValueError(
                f"t must let heat reach every vertex, got {self.t:.3g}, with which none comes to "
                f"vertex {np.flatnonzero(cold.any(1))[0]}: give a larger t to HeatMethod"
            )
        return heat

    def differing(self, pieces: np.ndarray | int) -> None:
        """Make sure that in these pieces the time t leaves differences of heat."""
        if self._even[pieces].any():
            raise ValueError(
                f"t must leave some places warmer than others, got {self.t:.3g}, more than "
                f"{EVEN:.0e} squares of a piece's size: give a smaller t to HeatMethod, or each "
                "piece its own"
            )

    def _reached(self, start: np.ndarray) -> np.ndarray:
        """How many sources there are in each piece and column."""
        vertex, column = np.nonzero(start)
        number = np.zeros((self._piece.max() + 1, start.shape[1]))
        np.add.at(number, (self._piece[vertex], column), 1.0)
        return number

    def _solve(self, sources: np.ndarray) -> np.ndarray:
        piece, count = self._piece, sources.shape[1]
        number = self._reached(sources)
        heat = self._flow(sources, number)
        downhill = (self._gradient @ -heat).reshape(-1, 2, count)
        x, y = downhill[:, 0], downhill[:, 1]
        size = np.maximum(np.maximum(np.abs(x), np.abs(y)), 1e-307)  # or its square may underflow
        downhill /= size[:, None]
        steepness = np.sqrt(x * x + y * y)
        downhill /= np.where(steepness > 0, steepness, 1.0)[:, None]
        phi = self._integrate(self._outflow @ downhill.reshape(-1, count))
        vertex, column = np.nonzero(sources)
        total = np.zeros_like(number)
        np.add.at(total, (piece[vertex], column), phi[vertex, column])
        phi -= (total / np.maximum(number, 1.0))[piece]
        phi[vertex, column] = 0.0
        return np.where(number[piece] > 0, np.maximum(phi, 0.0), np.inf)


@once_per_mesh
def heat_method(mesh: Mesh) -> HeatMethod:
    """The :class:`HeatMethod` of a mesh, made once and kept. Chapter 08, *Geodesics*."""
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
    return heat_method(mesh).distance(sources)
