"""Carrying tangent vectors along a surface, and what turns them on the way home. See chapter 09."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, SupportsIndex

import torch
from jaxtyping import Float, Int
from torch import Tensor

from gdl_utils.arguments import check_range, indices, real, whole
from gdl_utils.gauges.frames import face_frames, one_rings
from gdl_utils.gauges.turning import finite_angles
from gdl_utils.geodesics.indices import Several, stops, vertex_index
from gdl_utils.geodesics.mesh import Mesh, require_mesh
from gdl_utils.tensors import destination, kept, lasting, remembered


@dataclass(frozen=True, eq=False)
class Connection:
    r"""Frames that know each other: along each edge, how to bring a vector from j to i.

    A tangent vector whose direction has the angle α in j's frame has the angle
    :math:`\alpha + \rho_{ij}` in i's frame after it was carried there.

    Parameters
    ----------
    n : int
        Number of frames (vertices or faces).
    edge_index : Tensor or array of whole numbers, (2, D)
        Row 0 the source j, row 1 the target i; each edge in both directions.
    transports : Tensor, (D,)
        The angles :math:`\rho_{ij}`, in radians.
    directions : Tensor, (D,)
        The direction of j in i's frame, in radians.

    Raises
    ------
    ValueError
        If ``edge_index`` is not (2, D) of the frames 0 … n − 1, or ``transports`` or ``directions``
        are not tensors of D finite angles.

    Notes
    -----
    Chapter 09, *Gauges*.
    """

    n: int
    edge_index: Int[Tensor, "2 D"]
    transports: Float[Tensor, " D"]
    directions: Float[Tensor, " D"]

    def __post_init__(self) -> None:
        object.__setattr__(self, "n", whole("n", self.n, 0))
        edges = lasting(indices("edge_index", self.edge_index, (2, "D")))
        check_range("edge_index must name frames", edges, self.n)
        object.__setattr__(self, "edge_index", edges)
        for name in ("transports", "directions"):
            angles = finite_angles(name, getattr(self, name), edges.shape[1])
            object.__setattr__(self, name, angles)

    def to(self, *args: Any, **kwargs: Any) -> Connection:
        """The same connection on another device, and its angles in another type.

        Takes what ``Tensor.to`` takes. Angles stay in single precision at least: at half of it, a
        vector would be turned by up to a degree; layers write sines and cosines in the type of
        their features.
        """
        device, dtype = destination(self.transports, *args, **kwargs)
        angles = [angle.to(device, dtype) for angle in (self.transports, self.directions)]
        if angles[0] is self.transports and angles[1] is self.directions:
            return self
        return Connection(self.n, self.edge_index.to(device), *angles)

    @remembered
    def degrees(self) -> Int[Tensor, " n"]:
        """How many edges arrive at each frame (n,)."""
        return kept(self._degrees, self.edge_index[1])

    def _degrees(self, target: Tensor) -> Tensor:
        return target.new_zeros(self.n).index_add(0, target, torch.ones_like(target))

    def step(self, j: SupportsIndex, i: SupportsIndex) -> float:
        """Angle :math:`\\rho_{ij}` of the step from j to i.

        Raises
        ------
        ValueError
            If j or i is no frame, or there is no edge from j to i.
        """
        j, i = (vertex_index("path", frame, self.n, "frame") for frame in (j, i))
        if (j, i) not in self._steps:
            raise ValueError(f"path must run along edges, got a step from {j} to {i}")
        return self._steps[j, i]

    @cached_property
    def _steps(self) -> dict[tuple[int, int], float]:
        return dict(zip(zip(*self.edge_index.tolist()), self.transports.tolist()))


def vertex_connection(mesh: Mesh) -> Connection:
    r"""Levi-Civita transport between the tangent planes of neighbouring vertices.

    Who walks from j to i leaves in the direction :math:`\varphi_{ji}` of j's frame, and arrives
    with :math:`\varphi_{ij}` behind: what pointed ahead still points ahead, so

    .. math:: \rho_{ij} = \varphi_{ij} + \pi - \varphi_{ji}.

    Parameters
    ----------
    mesh : Mesh

    Returns
    -------
    Connection
        Of V frames, those of :func:`~gdl_utils.gauges.frames.one_rings`.

    References
    ----------
    Knöppel, Crane, Pinkall, Schröder (2013), section 6. Chapter 09, *Gauges*.
    """
    around = one_rings(mesh)
    back = around.angles[around.twins]
    transports = _wrapped(around.angles + math.pi - back)
    return Connection(len(mesh.verts), around.edge_index, transports, around.angles)


def face_connection(mesh: Mesh) -> Connection:
    r"""Transport between neighbouring faces: unfold the hinge, then carry straight across.

    The shared edge has a direction in both frames, and unfolding keeps the angle that a vector
    makes with it: :math:`\rho_{gf} = \angle_g(e) - \angle_f(e)`.

    Parameters
    ----------
    mesh : Mesh

    Returns
    -------
    Connection
        Of F frames, those of :func:`~gdl_utils.gauges.frames.face_frames`. The directions are
        those across the hinges: at right angles to the edges.

    References
    ----------
    Crane, de Goes, Desbrun, Schröder (2013), *Digital Geometry Processing with Discrete Exterior
    Calculus*, section 8.3. Chapter 09, *Gauges*.
    """
    frames = face_frames(require_mesh(mesh))
    inner = (mesh.edge_faces >= 0).all(1)
    pair = mesh.edge_faces[inner]
    a, b = mesh.verts[mesh.edges[inner].T]
    along = torch.einsum("efkx,ex->efk", frames[pair], b - a)
    angle = torch.atan2(along[..., 1], along[..., 0])  # of the edge, in the left and right face
    left, right = pair.T
    edge_index = torch.stack([torch.cat([right, left]), torch.cat([left, right])])
    turn = angle[:, 0] - angle[:, 1]
    # The right face lies a quarter turn clockwise of the edge, seen from the left one.
    across = torch.cat([angle[:, 0] - math.pi / 2, angle[:, 1] + math.pi / 2])
    transports = _wrapped(torch.cat([turn, -turn]))
    return Connection(len(mesh.faces), edge_index, transports, _wrapped(across))


def parallel_transport(connection: Connection, path: Several, angle: float = 0.0) -> list[float]:
    """Carry a tangent vector along a path, and note its direction at every stop.

    Parameters
    ----------
    connection : Connection
    path : sequence of int
        Frames, each a neighbour of the one before.
    angle : float
        The vector's direction in the frame of ``path[0]``, in radians.

    Returns
    -------
    list of float
        Its direction in the frame of each stop, in radians, not wrapped.

    Raises
    ------
    ValueError
        If the path is not a sequence or empty, names no frame, or two successive frames are no
        neighbours, or the angle is not finite.

    Notes
    -----
    Chapter 09, *Gauges*.
    """
    path, angles = stops("path", path, 1), [real("angle", angle)]
    vertex_index("path", path[0], connection.n, "frame")
    for j, i in pairwise(path):
        angles.append(angles[-1] + connection.step(j, i))
    return angles


def holonomy(connection: Connection, loop: Several) -> float:
    """By how much a vector comes home turned from a closed walk, in radians, within (−π, π].

    It does not depend on the frames, nor on where the loop begins. Round a counterclockwise loop it
    is the curvature inside, modulo 2π.

    Parameters
    ----------
    connection : Connection
    loop : sequence of int
        The frames on the way; the step from the last to the first is added.

    Raises
    ------
    ValueError
        If the loop is not a sequence, has fewer than two frames, or steps where there is no edge.

    Notes
    -----
    Chapter 09, *Gauges*.
    """
    loop = stops("loop", loop, 2)
    turned = parallel_transport(connection, [*loop, loop[0]])[-1]
    return float(_wrapped(torch.tensor(turned, dtype=torch.float64)))


def triangle_curvatures(mesh: Mesh, connection: Connection) -> Float[Tensor, " F"]:
    """Holonomy of the walk round each face, (F,), for a connection between vertices, in radians.

    Parameters
    ----------
    mesh : Mesh
    connection : Connection
        Of its vertices.

    Raises
    ------
    ValueError
        If the connection does not have the mesh's vertices and edges.

    Notes
    -----
    Chapter 09, *Gauges*. On a closed surface the sum is 2πχ, as long as each is below π in size. A
    boundary takes its turning, Σ (π − Θ) over its vertices, from that: at its vertices angles are
    not stretched, so a flat surface has no curvature in any of its triangles, up to the rim.
    """
    if connection.n != len(require_mesh(mesh).verts):
        raise ValueError(
            f"connection must have a frame for each of {len(mesh.verts)} vertices, "
            f"got {connection.n}"
        )
    source, target = connection.edge_index
    key = source * connection.n + target
    order = torch.argsort(key)
    wanted = mesh.halfedges[:, 0] * connection.n + mesh.halfedges[:, 1]
    found = order[torch.searchsorted(key[order], wanted).clamp(max=len(key) - 1)]
    if not torch.equal(key[found], wanted):
        raise ValueError("connection must have the edges of the mesh, but some are missing")
    return _wrapped(connection.transports[found].reshape(-1, 3).sum(1))


def faces_around(mesh: Mesh, vertex: SupportsIndex) -> list[int]:
    """The faces around an inner vertex, counterclockwise: the smallest loop that encloses it.

    Raises
    ------
    ValueError
        If there is no such vertex, or it lies on the boundary.

    Notes
    -----
    Chapter 09, *Gauges*.
    """
    vertex = vertex_index("vertex", vertex, len(require_mesh(mesh).verts))
    if mesh.boundary[vertex]:
        raise ValueError(f"vertex must lie inside the surface, but {vertex} is on its boundary")
    after = {}  # at this vertex, each face runs from one neighbour to another
    for f, k in (mesh.faces == vertex).nonzero().tolist():
        corners = mesh.faces[f].roll(-k).tolist()
        after[corners[1]] = (f, corners[2])
    at = min(after)
    loop = []
    for _ in after:
        face, at = after[at]
        loop.append(face)
    return loop


def _wrapped(angle: Tensor) -> Tensor:
    """Bring angles into (−π, π]."""
    return math.pi - torch.remainder(math.pi - angle, 2 * math.pi)
