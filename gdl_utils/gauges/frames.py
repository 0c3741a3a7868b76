"""Axes in the tangent planes of a mesh, and where the neighbours lie in them. See chapter 09."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from gdl_utils.geodesics.mesh import Mesh


def corner_angles(mesh: Mesh) -> Float[Tensor, "F 3"]:
    """Angle of every face at each of its corners, in radians; the rows sum to π.

    Parameters
    ----------
    mesh : Mesh

    Returns
    -------
    Tensor, (F, 3)
        Column k belongs to the vertex ``mesh.faces[:, k]``.

    Notes
    -----
    Chapter 09, *Gauges*. By the arctangent of sine and cosine, which is accurate for slivers too.
    """
    p = mesh.verts[mesh.faces]
    to_next, to_last = p.roll(-1, 1) - p, p.roll(1, 1) - p
    sine = torch.linalg.cross(to_next, to_last).norm(dim=2)
    return torch.atan2(sine, (to_next * to_last).sum(2))


def cone_angles(mesh: Mesh) -> Float[Tensor, " V"]:
    """Sum Θ of the corner angles around every vertex, (V,), in radians: 2π where it is flat."""
    angles = corner_angles(mesh)
    return torch.zeros(len(mesh.verts), dtype=angles.dtype).index_add_(
        0, mesh.faces.reshape(-1), angles.reshape(-1)
    )


def angle_defects(mesh: Mesh) -> Float[Tensor, " V"]:
    r"""Curvature that sits at every vertex: 2π − Θ inside, π − Θ at the boundary, in radians.

    Their sum is :math:`2\pi\chi` (Gauss–Bonnet), whatever the shape: Descartes' theorem for the
    inner vertices, and the turning of the boundary for the others.

    Returns
    -------
    Tensor, (V,)

    References
    ----------
    do Carmo (1976), *Differential Geometry of Curves and Surfaces*, section 4.5. Chapter 09,
    *Gauges*.
    """
    return math.pi * (2 - mesh.boundary.double()) - cone_angles(mesh)


@dataclass(frozen=True)
class Fans:
    """The neighbours of every vertex, in the order in which they stand around it.

    Parameters
    ----------
    edge_index : Tensor, (2, D)
        Row 0 the neighbour j, row 1 the vertex i that looks at it: messages run from j to i.
        Each edge occurs in both directions.
    angles : Tensor, (D,)
        Direction of j in the tangent plane of i, in radians, counterclockwise seen from outside,
        from 0 for the first neighbour. Corner angles are stretched so that they sum to 2π around
        an inner vertex and to π at the boundary.
    twins : Tensor, (D,)
        Where the same edge stands in the other direction.

    Notes
    -----
    Chapter 09, *Gauges*.
    """

    edge_index: Int[Tensor, "2 D"]
    angles: Float[Tensor, " D"]
    twins: Int[Tensor, " D"]


def fans(mesh: Mesh) -> Fans:
    """Lay the faces around each vertex flat, and read off the directions of its neighbours.

    This is the logarithmic map on the first ring: neighbour j of i lies at the distance of the
    edge's length in the direction of its angle. The frame's first axis points to the neighbour
    across the first half-edge that leaves i (at the boundary: the one that has the surface on its
    left and nothing on its right).

    Parameters
    ----------
    mesh : Mesh

    Returns
    -------
    Fans

    References
    ----------
    Knöppel, Crane, Pinkall, Schröder (2013), *Globally Optimal Direction Fields*, section 6.
    Chapter 09, *Gauges*.
    """
    ends, twins = _directed_edges(mesh)
    count, inner = len(ends), 3 * len(mesh.faces)
    corner = corner_angles(mesh).reshape(-1).numpy()
    last = np.arange(inner) - np.arange(inner) % 3 + (np.arange(inner) - 1) % 3
    following = np.full(count, -1)  # the next edge counterclockwise around the same vertex
    following[:inner] = twins[last]
    first = np.full(len(mesh.verts), count)
    np.minimum.at(first, ends[:inner, 0], np.arange(inner))
    opens = np.flatnonzero(twins[:inner] >= inner)  # nothing on the right: a boundary fan's first
    first[ends[opens, 0]] = opens
    angles = np.zeros(count)
    at, total = first.copy(), np.zeros(len(first))
    going = np.arange(len(first))
    while len(going):
        here = at[going]
        angles[here] = total[going]
        on = here < inner
        going, here = going[on], here[on]
        total[going] += corner[here]
        at[going] = following[here]
        going = going[at[going] != first[going]]
    stretch = np.where(mesh.boundary.numpy(), math.pi, 2 * math.pi) / total
    return Fans(
        torch.from_numpy(ends[:, ::-1].T.copy()),
        torch.from_numpy(angles * stretch[ends[:, 0]]),
        torch.from_numpy(twins),
    )


def _directed_edges(mesh: Mesh) -> tuple[np.ndarray, np.ndarray]:
    """Every edge in both directions (D, 2): the half-edges, then the missing ones' reverses."""
    ends = mesh.halfedges.numpy()
    ends = np.concatenate([ends, mesh.boundary_edges.flip(1).numpy()])
    n = len(mesh.verts)
    there, back = ends[:, 0] * n + ends[:, 1], ends[:, 1] * n + ends[:, 0]
    order = np.argsort(there)
    return ends, order[np.searchsorted(there[order], back)]


def vertex_normals(mesh: Mesh) -> Float[Tensor, "V 3"]:
    """Unit normals (V, 3) outwards: the faces' around a vertex, weighted by their areas."""
    weighted = mesh.face_normals * mesh.face_areas[:, None]
    total = torch.zeros_like(mesh.verts)
    total.index_add_(0, mesh.faces.reshape(-1), weighted.repeat_interleave(3, 0))
    return torch.nn.functional.normalize(total, dim=1)


def vertex_frames(mesh: Mesh, around: Fans | None = None) -> Float[Tensor, "V 2 3"]:
    """The axes of every tangent plane in space, to draw tangent vectors with.

    Parameters
    ----------
    mesh : Mesh
    around : Fans
        Those of the mesh; made if None.

    Returns
    -------
    Tensor, (V, 2, 3)
        The first axis, towards the first neighbour, and the second, a quarter turn
        counterclockwise.

    Notes
    -----
    Chapter 09, *Gauges*. Nothing that a network computes uses these: they are for pictures.
    """
    around = fans(mesh) if around is None else around
    zero = (around.angles == 0).nonzero()[:, 0]
    neighbour, here = around.edge_index[:, zero]
    normal = vertex_normals(mesh)
    e1 = torch.zeros_like(mesh.verts)
    e1[here] = mesh.verts[neighbour] - mesh.verts[here]
    e1 = e1 - (e1 * normal).sum(1, keepdim=True) * normal
    e1 = torch.nn.functional.normalize(e1, dim=1)
    return torch.stack([e1, torch.linalg.cross(normal, e1)], 1)


def face_frames(mesh: Mesh) -> Float[Tensor, "F 2 3"]:
    """Axes in the plane of every face: along its first edge, and a quarter turn counterclockwise.

    Returns
    -------
    Tensor, (F, 2, 3)

    Notes
    -----
    Chapter 09, *Gauges*.
    """
    a, b = mesh.verts[mesh.faces[:, 0]], mesh.verts[mesh.faces[:, 1]]
    e1 = torch.nn.functional.normalize(b - a, dim=1)
    return torch.stack([e1, torch.linalg.cross(mesh.face_normals, e1)], 1)
