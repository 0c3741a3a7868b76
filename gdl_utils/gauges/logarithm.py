"""The logarithmic map: how far a point is, and in which direction one sets out for it.

See chapter 09, *Gauges*. Heat finds it: it carries one vector to everywhere, and it carries the
field that points away from the source; the angle between the two is the direction of departure.
"""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float
from scipy.sparse import coo_array, csr_array, diags_array
from torch import Tensor

from gdl_utils.arguments import whole
from gdl_utils.gauges.transport import Connection, vertex_connection
from gdl_utils.geodesics.distances import factorise, heat_distance, nested_dissection
from gdl_utils.geodesics.mesh import Mesh
from gdl_utils.geodesics.operators import cotangent_laplacian, mass, once_per_mesh


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
        Time, in the square of the unit of ``mesh.verts``; without it, the square of the mean edge.

    Raises
    ------
    ValueError
        If ``mesh`` is no Mesh, or t is not positive and finite.

    Notes
    -----
    The matrix is factorised once, here. Chapter 09, *Gauges*.

    References
    ----------
    Sharp, Soliman, Crane (2019), *The Vector Heat Method*, sections 4 and 8.
    """

    def __init__(self, mesh: Mesh, t: float | None = None) -> None:
        if not isinstance(mesh, Mesh):
            raise ValueError(f"mesh must be a Mesh, got {type(mesh).__name__}")
        if t is not None and not 0 < t < float("inf"):
            raise ValueError(f"t must be positive and finite, got {t}")
        t = float(mesh.edge_lengths.mean()) ** 2 if t is None else t
        weights = cotangent_laplacian(mesh)
        self.connection = vertex_connection(mesh)
        source, target = self.connection.edge_index.numpy()
        step = np.linalg.norm(mesh.verts.numpy()[source] - mesh.verts.numpy()[target], axis=1)
        self._outflow = -np.asarray(weights[target, source]).ravel() * step
        matrix = diags_array(mass(mesh).numpy()) + t * connection_laplacian(
            weights, self.connection
        )
        self._solve = factorise(matrix.tocsr(), nested_dissection(mesh.verts.numpy(), weights))
        self._piece = mesh.components.numpy()

    def carried(self, source: int, angle: float = 0.0) -> Float[Tensor, " V"]:
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
            If ``source`` is no vertex.
        """
        start, source = self._start(source)
        start[source] = np.exp(1j * angle)
        return torch.from_numpy(self._directions(start, source))

    def departures(self, source: int) -> Float[Tensor, " V"]:
        r"""In which direction, in the source's frame, one sets out for every vertex.

        A field that points away from the source starts at the ring of its neighbours,
        :math:`w_{js} \ell_{js}` long at j, and is diffused; the departure is its angle to the
        source's first axis, diffused in the same way.

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
            If ``source`` is no vertex.
        """
        start, source = self._start(source)
        from_source = self.connection.edge_index[0] == source
        ring = self.connection.edge_index[1, from_source].numpy()
        behind = self.connection.directions[from_source].numpy()  # of the source, at its neighbours
        start[ring] = -self._outflow[from_source.numpy()] * np.exp(1j * behind)
        away = self._directions(start, source) - self.carried(source).numpy()
        away[source] = 0.0
        return torch.from_numpy(np.where(np.isnan(away), np.nan, np.angle(np.exp(1j * away))))

    def _start(self, source: int) -> tuple[np.ndarray, int]:
        n, source = len(self._piece), whole("source", source)
        if not 0 <= source < n:
            raise ValueError(f"source must be a vertex 0 to {n - 1}, got {source}")
        return np.zeros(n, dtype=complex), source

    def _directions(self, start: np.ndarray, source: int) -> np.ndarray:
        arrived = self._solve(start[:, None])[:, 0]
        return np.where(self._piece == self._piece[source], np.angle(arrived), np.nan)


@once_per_mesh
def vector_heat(mesh: Mesh) -> VectorHeat:
    """The :class:`VectorHeat` of a mesh, made once and kept. Chapter 09, *Gauges*."""
    return VectorHeat(mesh)


def log_map(mesh: Mesh, source: int) -> Float[Tensor, "V 2"]:
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
        In the frame of :func:`~gdl_utils.gauges.frames.fans` at the source, in the unit of
        ``mesh.verts``; infinite or NaN in other pieces.

    Raises
    ------
    ValueError
        If ``mesh`` is no Mesh or ``source`` is no vertex.

    Notes
    -----
    Directions are within 0.01 rad on a sphere of 2,562 vertices, in the mean, and within 0.2 rad
    where a coarse mesh has sharp corners; finer meshes do not bring them to zero, because the
    first ring's directions are taken as they are. Where shortest paths from two sides meet,
    nothing is right: look at a neighbourhood, not at the whole surface.

    References
    ----------
    Sharp, Soliman, Crane (2019), *The Vector Heat Method*, section 8.2. Chapter 09, *Gauges*.

    Examples
    --------
    >>> from gdl_utils.geodesics.shapes import icosphere
    >>> p = log_map(icosphere(3), 0)
    >>> p.shape
    torch.Size([642, 2])
    >>> round(float(p.norm(dim=1).max()), 1)  # half a great circle
    3.1
    """
    if not isinstance(mesh, Mesh):
        raise ValueError(f"mesh must be a Mesh, got {type(mesh).__name__}")
    angle = vector_heat(mesh).departures(source)
    reach = heat_distance(mesh, source)
    return torch.stack([angle.cos(), angle.sin()], 1) * reach[:, None]
