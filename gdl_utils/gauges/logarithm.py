"""The logarithmic map: how far a point is, and in which direction one sets out for it.

See chapter 09, *Gauges*. Heat finds it: it carries the source's axes to everywhere, and on the way
the steps are added up, each turned back into the source's plane.
"""

from __future__ import annotations

from typing import SupportsIndex

import numpy as np
import torch
from jaxtyping import Float
from scipy.sparse import coo_array, csr_array, diags_array
from torch import Tensor

from gdl_utils.arguments import real
from gdl_utils.gauges.transport import Connection
from gdl_utils.geodesics.distances import COLD, HeatMethod, heat_distance, heat_method
from gdl_utils.geodesics.elimination import factorise
from gdl_utils.geodesics.indices import vertex_index
from gdl_utils.geodesics.intrinsic_edges import intrinsic_edges
from gdl_utils.geodesics.mesh import Mesh, require_mesh
from gdl_utils.geodesics.operators import once_per_mesh


def connection_laplacian(
    weights: csr_array, connection: Connection, *, transport: bool = True
) -> csr_array:
    r"""The Laplacian of tangent vectors: every neighbour's is carried over before it is compared.

    .. math:: (L x)_i = \sum_j w_{ij} \left( x_i - e^{\mathrm{i} \rho_{ij}} x_j \right)

    Parameters
    ----------
    weights : sparse array, (V, V)
        A Laplacian of scalars, whose entries off the diagonal are :math:`-w_{ij}`.
    connection : Connection
        Of the V vertices.
    transport : bool
        False leaves out the carrying. It is there to be seen failing.

    Returns
    -------
    scipy.sparse.csr_array, (V, V), complex
        Hermitian, because :math:`\rho_{ji} = -\rho_{ij}`. A tangent vector is a complex number in
        the vertex's frame.

    Raises
    ------
    ValueError
        If ``weights`` is not (V, V) for the connection's V frames.

    References
    ----------
    Sharp, Soliman, Crane (2019), *The Vector Heat Method*, section 5. Chapter 09, *Gauges*.
    """
    n = connection.n
    if weights.shape != (n, n):
        raise ValueError(f"weights must be ({n}, {n}), got {tuple(weights.shape)}")
    source, target = connection.edge_index.numpy()
    w = -np.asarray(weights[target, source]).ravel()
    turn = np.exp(1j * connection.transports.numpy()) if transport else np.ones(len(w))
    off = coo_array((-w * turn, (target, source)), shape=(n, n))
    return (off + diags_array(np.bincount(target, w, n).astype(complex))).tocsr()


class VectorHeat:
    r"""Vectors carried from one vertex to all others, along the shortest paths, by heat.

    .. math:: (M + t L^\nabla)\, y = x_0, \qquad X = y / |y|

    Heat that starts as a vector at one vertex arrives, after a short time, carried along shortest
    paths: its length fades, its direction is what remains.

    Parameters
    ----------
    mesh : Mesh
    t : float, optional
        Time, in the square of the unit of ``mesh.verts``. Without it, the square of the mean edge
        length of the triangulation used.

    Raises
    ------
    ValueError
        If ``mesh`` is not a Mesh or cannot be made Delaunay, or t is not positive and finite.

    Notes
    -----
    It works in the intrinsic Delaunay triangulation, doubled along a boundary if need be, whose
    edges are referred to the mesh's own frames: see
    :func:`~gdl_utils.geodesics.intrinsic_edges.intrinsic_edges`. At a boundary no part of a vector
    flows out (Neumann). All matrices are factorised once, here. Chapter 09, *Gauges*.

    References
    ----------
    Sharp, Soliman, Crane (2019), *The Vector Heat Method*, sections 4 and 8.
    """

    def __init__(self, mesh: Mesh, t: float | None = None) -> None:
        require_mesh(mesh)
        self._heat = heat_method(mesh) if t is None else HeatMethod(mesh, t)
        edges, n, t = intrinsic_edges(mesh), len(mesh.verts), self._heat.t
        ends, weights = (edges.start, edges.end), t * edges.weights
        off = csr_array((weights * np.exp(1j * edges.transports), ends), shape=(n, n))
        diagonal = self._heat.mass + np.bincount(edges.start, weights, n)
        self._solve = factorise(diags_array(diagonal.astype(complex)) - off, self._heat.order)
        self._inflow = csr_array((weights * edges.steps, ends[::-1]), shape=(n, n))
        self._piece = mesh.components.numpy()

    def carried(self, source: SupportsIndex, angle: float = 0.0) -> Float[Tensor, " V"]:
        """Carry a unit vector from a vertex to every other.

        Parameters
        ----------
        source : int
        angle : float
            Its direction in the source's frame, in radians.

        Returns
        -------
        Tensor, (V,)
            Its direction in each vertex's frame, in radians from −π to π; NaN in other pieces.

        Raises
        ------
        ValueError
            If ``source`` is not a vertex, ``angle`` is not a finite number, or heat does not reach
            every vertex of its piece, or is the same all over it.
        """
        at, angle = self._start(source), real("angle", angle)
        arrived = np.angle(self._diffused(at) * np.exp(1j * angle))
        return torch.from_numpy(np.where(self._piece == self._piece[at], arrived, np.nan))

    def log_map_angles(self, source: SupportsIndex) -> Float[Tensor, " V"]:
        r"""In which direction, in the source's frame, one sets out for every vertex.

        A vertex j sees its neighbour i at the point :math:`e_{ji}` of its own tangent plane. A turn
        and a shift bring this plane to the source's: the turn is the way back of the source's first
        axis y, which heat has brought to j, and the shift is the place z where j lies itself. Each
        vertex takes for its place what its neighbours say, as much from each as heat comes from it:

        .. math::
            (M + t L)\, z = f, \qquad f_i = t \sum_j w_{ij} \, \bar y_j \, e_{ji}, \qquad
            (M + t L^\nabla)\, y = \delta_s .

        The direction of z is the answer. (Divided by the heat u, with :math:`(M + t L) u =
        \delta_s`, it is a mean over all ways; on a flat surface that is the place itself, exactly.
        On a curved one ways that turn differently make z shorter, so its length is not used.)

        Parameters
        ----------
        source : int

        Returns
        -------
        Tensor, (V,)
            Radians from −π to π; 0 at the source, NaN in other pieces.

        Raises
        ------
        ValueError
            If ``source`` is not a vertex, or heat does not reach every vertex of its piece, or is
            the same all over it.

        References
        ----------
        Soliman, Sharp (2025), *The Affine Heat Method* (turn and shift, diffused together).
        """
        at = self._start(source)
        inflow = self._inflow @ self._diffused(at).conj()
        place = self._heat.diffuse(np.stack([inflow.real, inflow.imag], 1))
        angle = np.arctan2(place[:, 1], place[:, 0])
        angle[at] = 0.0
        return torch.from_numpy(np.where(self._piece == self._piece[at], angle, np.nan))

    def _start(self, source: SupportsIndex) -> int:
        at = vertex_index("source", source, len(self._piece))
        self._heat.differing(int(self._piece[at]))
        return at

    def _diffused(self, at: int) -> np.ndarray:
        """The first axis of one vertex, as heat brings it to every vertex of its piece (V,)."""
        start = np.zeros((len(self._piece), 1), dtype=complex)
        start[at] = 1.0
        found = self._solve(start)[:, 0]
        # A vector is no longer than the heat that brings it: only a short one need be looked into.
        if (np.abs(found[self._piece == self._piece[at]]) < COLD).any():
            self._heat.reaching(start.real)
        return found


@once_per_mesh
def vector_heat(mesh: Mesh) -> VectorHeat:
    """The :class:`VectorHeat` of a mesh, made once and kept. Chapter 09, *Gauges*."""
    return VectorHeat(mesh)


def log_map(mesh: Mesh, source: SupportsIndex) -> Float[Tensor, "V 2"]:
    r"""Every vertex as a vector in the tangent plane of one: its distance and its direction.

    .. math:: \log_s(p) = d(s, p)\, (\cos\alpha, \sin\alpha)

    Parameters
    ----------
    mesh : Mesh
    source : int
        The vertex s.

    Returns
    -------
    Tensor, (V, 2)
        In the frame of :func:`~gdl_utils.gauges.frames.one_rings` at the source, in the unit of
        ``mesh.verts``; infinite or NaN in other pieces.

    Raises
    ------
    ValueError
        If ``mesh`` is not a Mesh, ``source`` is not a vertex, or heat does not reach its whole
        piece.

    Notes
    -----
    On a flat surface directions are exact, from a source on its rim, too. They are within 0.01 rad
    on a sphere of 2,562 vertices, in the mean, and within 0.2 rad where a coarse mesh has sharp
    corners; finer meshes do not bring them to zero, because the first ring's directions are taken
    as they are. Distances are those of :func:`~gdl_utils.geodesics.distances.heat_distance`. Where
    shortest paths from two sides meet, nothing is right: look at a neighbourhood, not at the whole
    surface.

    In the shadow of a hole, or of a bay of the rim, no geodesic arrives and there is no logarithm:
    the shortest path bends at the rim. The distance is that of this path. The direction is not the
    one in which it sets out; on a flat surface it is the one in which the point lies in the plane,
    across the hole.

    References
    ----------
    Soliman, Sharp (2025), *The Affine Heat Method*; Sharp, Soliman, Crane (2019), *The Vector Heat
    Method*, section 8. Chapter 09, *Gauges*.

    Examples
    --------
    >>> from gdl_utils.geodesics.shapes import icosphere
    >>> p = log_map(icosphere(3), 0)
    >>> p.shape
    torch.Size([642, 2])
    >>> round(float(p.norm(dim=1).max()), 1)  # half a great circle
    3.1
    """
    angle = vector_heat(mesh).log_map_angles(source)
    reach = heat_distance(mesh, source)
    return torch.stack([angle.cos(), angle.sin()], 1) * reach[:, None]
