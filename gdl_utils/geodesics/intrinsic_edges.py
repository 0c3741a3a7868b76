"""Edges of the intrinsic Delaunay triangulation, seen from the tangent planes of a mesh.

See chapter 09, *Gauges*. A flipped edge is a straight line on the surface that is not an edge of
the mesh; signposts say in which direction it leaves each of its ends.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gdl_utils.geodesics.delaunay import intrinsic_delaunay
from gdl_utils.geodesics.mesh import Mesh
from gdl_utils.geodesics.operators import LAST, NEXT, once_per_mesh
from gdl_utils.geodesics.tangent import directed_edges


@dataclass(frozen=True, eq=False)
class IntrinsicEdges:
    """Edges of the intrinsic Delaunay triangulation, in the tangent planes of the mesh's vertices.

    Made by :func:`intrinsic_edges`. Each edge occurs in both directions, and may occur twice
    between the same vertices, or lead from a vertex to itself.

    Parameters
    ----------
    start, end : array of int, (H,)
        Vertices.
    weights : array, (H,)
        (cot α + cot β) / 2, not negative; those from i to j sum to minus the Laplacian's entry.
    steps : array, (H,), complex
        The end as a vector in the start's tangent plane: length and direction.
    transports : array, (H,)
        The angle by which a vector turns that is carried from the end to the start, in radians.

    Notes
    -----
    Chapter 09, *Gauges*.
    """

    start: np.ndarray
    end: np.ndarray
    weights: np.ndarray
    steps: np.ndarray
    transports: np.ndarray


@once_per_mesh
def intrinsic_edges(mesh: Mesh) -> IntrinsicEdges:
    r"""Where the edges of the intrinsic Delaunay triangulation point, and what they carry over.

    A flipped edge leaves its ends between edges that were there, so its direction is theirs and an
    angle in a triangle laid flat. In this way all directions refer to edges of the mesh, and a
    tangent vector has the same two numbers as before any flip. Carried from j to i it turns by

    .. math:: \rho_{ij} = \varphi_{ij} + \pi - \varphi_{ji} .

    Parameters
    ----------
    mesh : Mesh
        V vertices.

    Returns
    -------
    IntrinsicEdges
        On a surface that had to be doubled, edges of both sheets at half their weights, each
        folded back onto the surface. The few that lead across the rim, from a point to its own
        copy, carry nothing and are left out.

    Raises
    ------
    ValueError
        If ``mesh`` is not a Mesh, or cannot be made Delaunay.

    References
    ----------
    Sharp, Soliman, Crane (2019), *Navigating Intrinsic Triangulations*, section 3 (signposts).
    Chapter 09, *Gauges*.

    Notes
    -----
    A doubled surface is its own mirror image, and so is its Delaunay triangulation. An edge that
    crosses the rim crosses its own image, so it *is* its image: it meets the rim at a right angle
    and joins a vertex to its copy (near a sharp corner, a vertex of one side of the rim to itself,
    across the other side). Four points on a circle leave a choice; such an edge has the weight 0.
    """
    t, planes = intrinsic_delaunay(mesh), directed_edges(mesh)
    start, twins = t.faces.ravel(), t.twins
    anchors, there = np.arange(len(start)), planes.directions[: len(start)]
    if t.signposts is not None:
        anchors, side = t.signposts.anchors, t.signposts.side.copy()
        there = planes.directions[anchors] + planes.stretch[start] * t.signposts.turns
        rim = mesh.boundary.numpy()[start]
        total = planes.total[start[rim]]
        beyond = there[rim] % (2 * total)  # from the rim on, the second sheet lies mirrored
        there[rim] = np.minimum(beyond, 2 * total - beyond)
    opposite = t.cotangents()[:, LAST].ravel()
    alone = twins < 0  # on the rim of a single sheet
    columns = [
        start,
        t.faces[:, NEXT].ravel(),
        (opposite + np.where(alone, 0.0, opposite[twins])) / (2 * t.sheets),
        t.lengths.ravel(),
        there,
        np.where(alone, planes.directions[planes.twins[anchors]], there[twins]),
    ]
    if t.sheets == 2:
        loop = rim & (start == start[twins])  # around a corner of the rim, or within the surface
        side[rim] = np.where(beyond < total, 1, -1) * t.signposts.sense[rim] * loop[rim]
        keep = side * side[twins] >= 0
        columns = [column[keep] for column in columns]
    elif alone.any():  # seen from the other end, too
        columns = [
            np.concatenate([columns[k], columns[other][alone]])
            for k, other in enumerate([1, 0, 2, 3, 5, 4])
        ]
    start, end, weights, length, there, back = columns
    turn = np.pi - np.remainder(back - there, 2 * np.pi)  # within (−π, π]
    return IntrinsicEdges(start, end, weights, length * np.exp(1j * there), turn)
