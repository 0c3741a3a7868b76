"""The same surface in other triangles, with the way back to the old ones. See chapter 08."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float
from scipy.sparse import csr_array, eye_array, vstack
from torch import Tensor

from gdl_utils.arguments import whole
from gdl_utils.geodesics.mesh import Mesh, require_mesh

TURN = 0.3
"""Cosine of the most that a triangle may turn when a corner moves or an edge is flipped."""
MOST = 9
"""Triangles at a vertex, at most, after a collapse."""


def remesh(mesh: Mesh, count: int, rng: torch.Generator) -> tuple[Mesh, Float[Tensor, "K V"]]:
    """Sample a closed surface anew: random points on it, evenly spread, in triangles of their own.

    Every edge is split at a random point, twice if need be; then short edges are collapsed into
    one of their ends, the old vertices first, until ``count`` points are left; then edges are
    flipped towards Delaunay's condition.

    Parameters
    ----------
    mesh : Mesh
        V vertices, without boundary.
    count : int
        How many vertices the new mesh should have, at least 12.
    rng : torch.Generator
        The only source of chance: another state, another mesh.

    Returns
    -------
    new : Mesh
        K vertices: ``count``, or more where the surface could not be kept with as few.
    P : Tensor, (K, V), float64, sparse
        Where each new vertex lies on the old surface, as the weights of a triangle's corners:
        ``new.verts`` is ``P @ mesh.verts``, and ``P @ x`` reads a signal x there. Rows sum to one.

    Raises
    ------
    ValueError
        If ``mesh`` is not a Mesh or has a boundary, ``count`` is below 12, or ``rng`` is not a
        generator.

    References
    ----------
    Botsch, Kobbelt (2004), *A Remeshing Approach to Multiresolution Modeling* (split, collapse,
    flip); Dey, Edelsbrunner, Guha, Nekhayev (1999), *Topology Preserving Edge Contraction*. That
    descriptors must be compared on meshes of their own: Ren, Poulenard, Wonka, Ovsjanikov (2018),
    *Continuous and Orientation-preserving Correspondences via Functional Maps*. Chapter 08,
    *Geodesics*.

    Notes
    -----
    New vertices lie on the old surface exactly; new triangles are its chords.
    """
    require_mesh(mesh).require_closed()
    if not isinstance(rng, torch.Generator):
        raise ValueError(f"rng must be a torch.Generator, got {type(rng).__name__}")
    count = whole("count", count, 12)
    draw = np.random.default_rng(int(torch.randint(2**62, (), generator=rng)))
    n = len(mesh.verts)
    faces, interpolation = mesh.faces.numpy(), eye_array(n, format="csr")
    while interpolation.shape[0] < max(5 * count, 2 * n):
        faces, interpolation = _split(faces, interpolation, draw)
    verts = interpolation @ mesh.verts.numpy()
    faces, kept = _thin(verts, faces, count, n, draw)
    interpolation, verts = interpolation[kept], verts[kept]
    new = Mesh(verts, _delaunay(verts, faces))
    table = interpolation.tocoo()
    entries = torch.from_numpy(np.stack([table.row, table.col]).astype("i8"))
    p = torch.sparse_coo_tensor(
        entries, torch.from_numpy(table.data), interpolation.shape, check_invariants=True
    )
    return new, p.coalesce()


def _edges(faces: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Edges (E, 2), smaller end first, and the edge of each half-edge (F, 3): corner k to k + 1."""
    ends = np.stack([faces, np.roll(faces, -1, 1)], 2).reshape(-1, 2)
    key, edge = np.unique(ends.min(1) * n + ends.max(1), return_inverse=True)
    return np.stack([key // n, key % n], 1), edge.reshape(-1, 3)


def _split(
    faces: np.ndarray, interpolation: csr_array, draw: np.random.Generator
) -> tuple[np.ndarray, csr_array]:
    """Split each edge at a random point of its middle half, and each face into four."""
    n = interpolation.shape[0]
    edges, edge = _edges(faces, n)
    at = draw.uniform(0.25, 0.75, len(edges))
    row = np.arange(len(edges))
    between = csr_array(
        (np.concatenate([1 - at, at]), (np.tile(row, 2), edges.T.ravel())), shape=(len(edges), n)
    )
    stacked = vstack([interpolation, between @ interpolation], format="csr")
    (a, b, c), (p, q, r) = faces.T, n + edge.T
    corners = [(a, p, r), (b, q, p), (c, r, q), (p, q, r)]
    return np.concatenate([np.stack(three, 1) for three in corners]), stacked


def _area_vectors(verts: np.ndarray, faces: np.ndarray) -> np.ndarray:
    a, b, c = (verts[faces[..., k]] for k in range(3))
    return np.cross(b - a, c - a)


def _turned(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Whether the normals of these area vectors are far apart, or an area is nearly lost.

    Three points of one old edge are in line but for rounding, which turns their normal anywhere.
    """
    old, new = np.linalg.norm(before, axis=-1), np.linalg.norm(after, axis=-1)
    return ((before * after).sum(-1) <= TURN * old * new) | (new <= 1e-6 * old)


def _thin(
    verts: np.ndarray, faces: np.ndarray, count: int, old: int, draw: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Collapse short edges, many at once and far from each other, until ``count`` points are left.

    Returns the new faces, in terms of the points kept, and which those are.
    """
    n, left, idle = len(verts), len(verts), 0
    patience = np.ones(n)  # grows at points whose removal was refused
    patience[:old] = 1e-3  # the old vertices go first
    while left > count and idle < 30:
        edges, _ = _edges(faces, n)
        length = np.linalg.norm(verts[edges[:, 0]] - verts[edges[:, 1]], axis=1)
        turn = patience[edges[:, 0]] > patience[edges[:, 1]]
        turn |= (patience[edges[:, 0]] == patience[edges[:, 1]]) & (draw.random(len(edges)) < 0.5)
        gone, stays = np.where(turn[:, None], edges[:, ::-1], edges).T
        key = length * patience[gone] * draw.uniform(0.8, 1.25, len(edges))
        # the link condition: two common neighbours, who can spare a triangle
        both = np.concatenate([edges, edges[:, ::-1]])
        touch = csr_array((np.ones(len(both)), (both[:, 0], both[:, 1])), shape=(n, n))
        valence = np.diff(touch.indptr)
        spare = csr_array((1.0 + n * (valence[both[:, 1]] < 5), tuple(both.T)), shape=(n, n))
        a, b = edges.T
        wrong = ((spare @ touch)[a, b] != 2) | (valence[a] + valence[b] - 4 > MOST)
        rank = np.empty(len(edges), dtype=np.int64)
        rank[np.lexsort((key, wrong))] = np.arange(len(edges))
        chosen = np.flatnonzero(_lowest_around(rank, edges, n) & ~wrong)
        chosen = chosen[np.argsort(key[chosen])]
        chosen = chosen[: max(len(chosen) * 2 // 3, 1)]
        # no triangle may turn over
        target = np.arange(n)
        target[gone[chosen]] = stays[chosen]
        new = target[faces]
        moved = (new != faces).any(1)
        vanish = (new == np.roll(new, 1, 1)).any(1)
        look = np.flatnonzero(moved & ~vanish)
        bad = look[_turned(_area_vectors(verts, faces[look]), _area_vectors(verts, new[look]))]
        refused = np.zeros(n, dtype=bool)
        refused[faces[bad][new[bad] != faces[bad]]] = True
        patience[refused] = 2 * np.maximum(patience[refused], 1.0)
        allowed = chosen[~refused[gone[chosen]]][: left - count]
        target = np.arange(n)
        target[gone[allowed]] = stays[allowed]
        faces = target[faces]
        faces = faces[(faces != np.roll(faces, 1, 1)).all(1)]
        left -= len(allowed)
        idle = 0 if len(allowed) else idle + 1
    kept, inverse = np.unique(faces, return_inverse=True)
    return inverse.reshape(-1, 3), kept


def _lowest_around(rank: np.ndarray, edges: np.ndarray, n: int) -> np.ndarray:
    """Which edges have the lowest rank among all that touch its neighbours."""
    lowest = np.full(n, len(edges))
    for end in edges.T:
        np.minimum.at(lowest, end, rank)
    wider = lowest.copy()
    for one, other in (edges.T, edges.T[::-1]):
        np.minimum.at(wider, one, lowest[other])
    return rank == wider[edges].min(1)


def _delaunay(verts: np.ndarray, faces: np.ndarray, rounds: int = 50) -> np.ndarray:
    """Flip edges whose opposite angles exceed π together, unless that would fold the surface."""
    n, faces = len(verts), faces.copy()
    for _ in range(rounds):
        edges, edge = _edges(faces, n)
        half = np.argsort(edge.ravel(), kind="stable").reshape(-1, 2)  # the two of each edge
        face, corner = half // 3, half % 3
        i, j = (faces[face[:, 0], (corner[:, 0] + k) % 3] for k in range(2))
        k, m = (faces[face[:, s], (corner[:, s] + 2) % 3] for s in range(2))
        angle = sum(_angle(verts, tip, i, j) for tip in (k, m))
        valence = np.bincount(edges.ravel(), minlength=n)
        known = np.minimum(k, m) * n + np.maximum(k, m)
        wanted = (angle > np.pi + 1e-6) & ~np.isin(known, edges[:, 0] * n + edges[:, 1])
        wanted &= (valence[i] > 3) & (valence[j] > 3)
        old = _area_vectors(verts, faces[face]).sum(1)
        one, two = np.stack([k, i, m], 1), np.stack([m, j, k], 1)
        for new in (one, two):
            wanted &= ~_turned(old, _area_vectors(verts, new))
        gain = np.where(wanted, angle, 0.0)
        best = np.zeros(len(faces))  # flips are made where both faces want no other more
        for side in face.T:
            np.maximum.at(best, side, gain)
        chosen = wanted & (gain >= best[face].max(1))
        _, first = np.unique(known[chosen], return_index=True)
        chosen = np.flatnonzero(chosen)[first]
        # not two flips that share a vertex: each was judged with the other edges as they are
        chosen = chosen[_apart(np.stack([i, j, k, m], 1)[chosen], gain[chosen], n)]
        if len(chosen) == 0:
            break
        faces[face[chosen, 0]], faces[face[chosen, 1]] = one[chosen], two[chosen]
    return faces


def _apart(groups: np.ndarray, gain: np.ndarray, n: int) -> np.ndarray:
    """Which groups of vertices (G, 4) have more to gain than every other that they touch."""
    order = np.empty(len(gain), dtype=np.int64)
    order[np.argsort(-gain, kind="stable")] = np.arange(len(gain))
    first = np.full(n, len(gain))
    np.minimum.at(first, groups.ravel(), np.repeat(order, groups.shape[1]))
    return first[groups].min(1) == order


def _angle(verts: np.ndarray, tip: np.ndarray, i: np.ndarray, j: np.ndarray) -> np.ndarray:
    u, v = verts[i] - verts[tip], verts[j] - verts[tip]
    return np.arctan2(np.linalg.norm(np.cross(u, v), axis=1), (u * v).sum(1))
