"""The same surface in better triangles: edges that flip, and a boundary that is doubled if need be.

See chapter 08, *Geodesics*. A triangulation that knows only its edges' lengths can be changed
without moving the surface, as any two faces that share an edge unfold into the plane.
"""

from __future__ import annotations

import numpy as np

from gdl_utils.geodesics.mesh import Mesh
from gdl_utils.geodesics.operators import LAST, once_per_mesh
from gdl_utils.geodesics.triangulation import (
    Signposts,
    Triangulation,
    intrinsic,
    shapes_of,
)

__all__ = ["Triangulation", "doubled", "flipped", "intrinsic", "intrinsic_delaunay"]

TOLERANCE = 1e-9
"""An edge is flipped if its two cotangents sum to less than minus this."""
ROUNDING = 1e-15
"""And to less than minus this times their squares, the error that a needle's may have."""
ROUNDS = 10_000
"""Far more than any mesh needs."""


@once_per_mesh
def intrinsic_delaunay(mesh: Mesh) -> Triangulation:
    r"""Flip edges of the unfolded surface until no two opposite angles sum to more than π.

    The surface and all distances on it stay as they are (but for needles, see
    :func:`~gdl_utils.geodesics.triangulation.intrinsic`). The Laplacian's weights become
    nonnegative: heat flows from hot to cold, and no value leaves the range that it started in.

    An edge of the boundary has one face only, so it cannot flip, and an obtuse angle opposite would
    leave its weight negative. Where there is one, the surface is **doubled**: a second copy of
    every face is glued to the first along the boundary. The double is closed, and all its edges
    flip. A function of the surface is one that has the same values on both copies, and its energy
    is half of that on the double,

    .. math:: u^\top L u = \tfrac12 \int_{\text{double}} \lVert \nabla u \rVert^2 .

    As both sides of the rim are alike, nothing flows across (Neumann), as before.

    Parameters
    ----------
    mesh : Mesh
        V vertices and F faces.

    Returns
    -------
    Triangulation
        Of the same vertices, and as many faces, or twice as many in two sheets if it had to be
        doubled. Unique but for points on a common circle.

    Raises
    ------
    ValueError
        If ``mesh`` is not a Mesh, or rounding keeps it from becoming Delaunay.

    References
    ----------
    Bobenko, Springborn (2007), *A Discrete Laplace–Beltrami Operator for Simplicial Surfaces*.
    Fisher, Springborn, Schröder, Bobenko (2007), *An Algorithm for the Construction
    of Intrinsic Delaunay Triangulations*. Sharp, Crane (2020), *A Laplacian for Nonmanifold
    Triangle Meshes* (two copies of every face: the *tufted cover*, which for a surface with
    boundary is its double). Chapter 08, *Geodesics*.

    Notes
    -----
    Edges that share no face flip at the same time: a few tens of rounds for any mesh we met.
    """
    found = flipped(intrinsic(mesh))
    rim = np.flatnonzero(found.twins < 0)
    obtuse = found.cotangents()[:, LAST].ravel()[rim] < -TOLERANCE
    return flipped(doubled(found)) if obtuse.any() else found


def doubled(t: Triangulation) -> Triangulation:
    """Glue a second copy, turned over, to a triangulation along its boundary.

    Parameters
    ----------
    t : Triangulation
        F faces, of one sheet.

    Returns
    -------
    Triangulation
        2F faces in two sheets. The copy of half-edge h = 3f + k is half-edge 3(F + f) + 2 − k, and
        runs the other way. A vertex inside is two points with one number.

    Raises
    ------
    ValueError
        If it has no boundary.

    Notes
    -----
    Chapter 08, *Geodesics*.
    """
    count = len(t.twins)
    half, rim = np.arange(count), np.flatnonzero(t.twins < 0)
    if t.sheets != 1 or len(rim) == 0:
        raise ValueError("t must be one sheet with a boundary, got one without")
    copy = count + half - half % 3 + 2 - half % 3
    twins = np.empty(2 * count, dtype=np.int64)
    twins[half] = np.where(t.twins < 0, copy, t.twins)
    twins[copy] = np.where(t.twins < 0, half, copy[t.twins])
    posts = t.signposts or Signposts.of(count)
    # The copy of an edge from u to v leaves v, as the edge from v to u does: the twin, or, on the
    # rim, one that no face has. Those come after the half-edges, in the order of the rim.
    anchors, turns = posts.anchors[t.twins], posts.turns[t.twins]
    anchors[rim] = count + np.argsort(np.argsort(posts.anchors[rim]))
    turns[rim] = 0.0
    second = Signposts(anchors, turns, -posts.sense, -posts.side)
    faces = np.concatenate([t.faces, t.faces[:, [0, 2, 1]]])
    on_rim = np.zeros(t.n, dtype=bool)
    on_rim[t.faces.ravel()[rim]] = True
    posts = Signposts(*(
        np.concatenate([of[half], of_copy[np.argsort(copy)]])
        for of, of_copy in zip(posts.parts(), second.parts())
    ))  # fmt: skip
    posts.side[on_rim[faces.ravel()]] = 0
    return Triangulation(
        faces,
        np.concatenate([t.lengths, t.lengths[:, [2, 1, 0]]]),
        np.concatenate([t.shapes, t.shapes[:, [0, 1, 3, 2]]]),
        twins,
        t.n,
        t.flips,
        sheets=2,
        signposts=posts,
    )


def flipped(t: Triangulation) -> Triangulation:
    """Flip edges until none is left whose opposite angles sum to more than π.

    Parameters
    ----------
    t : Triangulation
        Edges at its boundary stay.

    Returns
    -------
    Triangulation
        The same one if nothing was to be flipped.

    Raises
    ------
    ValueError
        If this does not come to an end.

    Notes
    -----
    Only what was touched is looked at again. Chapter 08, *Geodesics*.
    """
    half = np.arange(len(t.twins))
    bad = _not_delaunay(half[t.twins > half], t.cotangents(), t.twins)
    if len(bad) == 0:
        return t
    work = _Flips(t)
    for _ in range(ROUNDS):
        chosen = work.apart(bad)
        touched = work.flip(chosen)
        near = (3 * touched[:, None] + np.arange(3)).ravel()
        near = np.minimum(near, np.where(work.twins[near] < 0, near, work.twins[near]))
        fresh = np.zeros(len(work.shapes), dtype=bool)
        fresh[touched] = True
        left = bad[~(fresh[bad // 3] | fresh[work.twins[bad] // 3])]
        look = np.zeros(len(half), dtype=bool)
        look[left] = look[near[work.twins[near] >= 0]] = True
        bad = _not_delaunay(np.flatnonzero(look), work.shapes[:, 1:], work.twins)
        if len(bad) == 0:
            return work.result()
    raise ValueError(
        f"mesh must become Delaunay by flips of edges, but after {ROUNDS} rounds {len(bad)} edges "
        "are left: its triangles are too thin for double precision"
    )


def _not_delaunay(edges: np.ndarray, cotangent: np.ndarray, twins: np.ndarray) -> np.ndarray:
    """Which of these half-edges should be flipped, the worst last; each is the lower of two."""
    twin = twins[edges]
    opposite = cotangent.ravel()
    one, other = (opposite[h - h % 3 + (h + 2) % 3] for h in (edges, twin))
    total = one + other
    allowed = np.maximum(TOLERANCE, ROUNDING * (one**2 + other**2))
    bad = (total < -allowed) & (edges // 3 != twin // 3)
    return edges[bad][np.argsort(-total[bad], kind="stable")]


class _Flips:
    """A triangulation while its edges are flipped, in place."""

    def __init__(self, t: Triangulation) -> None:
        posts = t.signposts or Signposts.of(len(t.twins))
        self.n, self.sheets, self.flips = t.n, t.sheets, t.flips
        self.twins, self.length, self.shapes = t.twins.copy(), t.lengths.flatten(), t.shapes.copy()
        # what moves with a half-edge when it gets another number
        self.start, self.posts = t.faces.flatten(), posts.copy()
        self.number, self.claim = np.arange(len(t.twins)), np.full(len(t.faces), -1)

    def apart(self, edges: np.ndarray) -> np.ndarray:
        """Choose edges no two of which share a face: a later one takes them from an earlier."""
        f, g = edges // 3, self.twins[edges] // 3
        rank = np.arange(len(edges))
        np.maximum.at(self.claim, np.concatenate([f, g]), np.concatenate([rank, rank]))
        chosen = edges[(self.claim[f] == rank) & (self.claim[g] == rank)]
        self.claim[f] = self.claim[g] = -1
        return chosen

    def flip(self, edges: np.ndarray) -> np.ndarray:
        """Replace the diagonal i–j of each quadrangle i, q, j, p by p–q; returns the faces.

        Faces f = (i, j, p) and g = (j, i, q) become (p, i, q) and (q, j, p).
        """
        ij, ji = edges, self.twins[edges]
        f, g = ij // 3, ji // 3
        jp, pi = 3 * f + (ij + 1) % 3, 3 * f + (ij + 2) % 3
        iq, qj = 3 * g + (ji + 1) % 3, 3 * g + (ji + 2) % 3
        # Laid flat with i at 0 and j at ℓ, p lies above and q below: by how much, and how far from
        # i and from j along the edge.
        length, square = self.length[ij], self.length**2
        p = (2 * self.shapes[f, 0] / length) * np.stack(
            [np.ones(len(f)), self.shapes[f, 1 + ij % 3], self.shapes[f, 1 + (ij + 1) % 3]]
        )
        q = (2 * self.shapes[g, 0] / length) * np.stack(
            [np.ones(len(g)), self.shapes[g, 1 + (ji + 1) % 3], self.shapes[g, 1 + ji % 3]]
        )
        apart = (square[pi] - square[jp] - square[iq] + square[qj]) / (2 * length)
        thin = np.minimum(p[0], q[0]) < 1e-2 * length
        apart = np.where(thin, p[1] - q[1], apart)
        diagonal = np.hypot(apart, 2 * (self.shapes[f, 0] + self.shapes[g, 0]) / length)
        old, new = (
            np.concatenate([pi, iq, qj, jp]),
            np.concatenate([3 * f, 3 * f + 1, 3 * g, 3 * g + 1]),
        )
        pq, qp = 3 * g + 2, 3 * f + 2
        self.number[old], self.number[ij], self.number[ji] = new, qp, pq
        beyond = self.twins[old]
        beyond = np.where(beyond < 0, -1, self.number[beyond])
        for array in (self.start, self.length, *self.posts.parts()):
            array[new] = array[old]
            array[qp], array[pq] = array[3 * g], array[3 * f]  # they leave q and p
        self.twins[new] = beyond
        self.twins[beyond[beyond >= 0]] = new[beyond >= 0]
        self.twins[pq], self.twins[qp] = qp, pq
        self.length[pq] = self.length[qp] = diagonal
        self.number[old], self.number[ij], self.number[ji] = old, ij, ji
        touched = np.concatenate([f, g])
        self.shapes[touched] = shapes_of(
            self.length.reshape(-1, 3)[touched],
            np.concatenate([p[0] * q[k] + q[0] * p[k] for k in (1, 2)]) / 2,
            np.concatenate([_products(p[[0, 1]], q[[0, 1]]), _products(q[[0, 2]], p[[0, 2]])]),
        )
        # from p–i on to p–q, and from q–j on to q–p, through one corner each
        for half, face in ((pq, f), (qp, g)):
            corner = np.arctan2(1.0, self.shapes[face, 1])
            self.posts.turns[half] += self.posts.sense[half] * corner
        self.flips += len(edges)
        return touched

    def result(self) -> Triangulation:
        return Triangulation(
            self.start.reshape(-1, 3), self.length.reshape(-1, 3), self.shapes, self.twins, self.n,
            self.flips, self.sheets, self.posts,
        )  # fmt: skip


def _products(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Inner products at p, at o and at q, (K, 3), of the sides of triangles p, o, q.

    With o at 0, p lies (height, place) above a line through it, and q below.
    """
    apart, across = p[1] - q[1], p[0] + q[0]
    at_p, at_q = p[1] * apart + p[0] * across, q[0] * across - q[1] * apart
    return np.stack([at_p, p[1] * q[1] - p[0] * q[0], at_q], 1)
