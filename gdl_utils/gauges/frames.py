"""Axes in the tangent planes of a mesh, and where the neighbours lie in them. See chapter 09."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from gdl_utils.geodesics.mesh import Mesh, require_mesh
from gdl_utils.geodesics.tangent import corner_angles, directed_edges


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
    return math.pi * (2 - require_mesh(mesh).boundary.double()) - cone_angles(mesh)


@dataclass(frozen=True)
class OneRings:
    """The neighbours of every vertex, in the order in which they stand around it.

    Parameters
    ----------
    edge_index : Tensor, (2, D)
        Row 0 the neighbour j, row 1 the vertex i that looks at it: messages run from j to i.
        Each edge occurs in both directions.
    angles : Tensor, (D,)
        Direction of j in the tangent plane of i, in radians, counterclockwise seen from outside,
        from 0 for the first neighbour. Corner angles are stretched so that they sum to 2π around
        an inner vertex; at the boundary they stay as they are.
    twins : Tensor, (D,)
        Where the same edge stands in the other direction.

    Notes
    -----
    Chapter 09, *Gauges*.
    """

    edge_index: Int[Tensor, "2 D"]
    angles: Float[Tensor, " D"]
    twins: Int[Tensor, " D"]


def one_rings(mesh: Mesh) -> OneRings:
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
    OneRings
        The tangent planes are those of :mod:`gdl_utils.geodesics.tangent`, in which gradients are
        written, too.

    Notes
    -----
    At the boundary angles are not stretched: a rim that is straight on a flat sheet spans π, the
    sheet's corner π/2, and between two vertices of any flat surface transport is that of the plane.

    References
    ----------
    Knöppel, Crane, Pinkall, Schröder (2013), *Globally Optimal Direction Fields*, section 6.
    Chapter 09, *Gauges*.
    """
    edges = directed_edges(mesh)
    return OneRings(
        torch.from_numpy(edges.ends[:, ::-1].T.copy()),
        torch.from_numpy(edges.directions.copy()),
        torch.from_numpy(edges.twins.copy()),
    )


def vertex_normals(mesh: Mesh) -> Float[Tensor, "V 3"]:
    """Unit normals (V, 3) outwards: the faces' around a vertex, weighted by their areas."""
    weighted = require_mesh(mesh).face_normals * mesh.face_areas[:, None]
    total = torch.zeros_like(mesh.verts)
    total.index_add_(0, mesh.faces.reshape(-1), weighted.repeat_interleave(3, 0))
    return _unit(total)


def vertex_frames(mesh: Mesh, around: OneRings | None = None) -> Float[Tensor, "V 2 3"]:
    """The axes of every tangent plane in space, to draw tangent vectors with.

    Parameters
    ----------
    mesh : Mesh
    around : OneRings
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
    around = one_rings(mesh) if around is None else around
    zero = (around.angles == 0).nonzero()[:, 0]
    neighbour, here = around.edge_index[:, zero]
    normal = vertex_normals(mesh)
    e1 = torch.zeros_like(mesh.verts)
    e1[here] = mesh.verts[neighbour] - mesh.verts[here]
    e1 = e1 - (e1 * normal).sum(1, keepdim=True) * normal
    e1 = _unit(e1)
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
    a, b = require_mesh(mesh).verts[mesh.faces[:, 0]], mesh.verts[mesh.faces[:, 1]]
    e1 = _unit(b - a)
    return torch.stack([e1, torch.linalg.cross(mesh.face_normals, e1)], 1)


def _unit(x: Float[Tensor, "N 3"]) -> Float[Tensor, "N 3"]:
    """Vectors of length one; torch's own function takes short ones for zero, whatever the unit."""
    length = x.norm(dim=1, keepdim=True)
    return x / torch.where(length > 0, length, 1.0)
