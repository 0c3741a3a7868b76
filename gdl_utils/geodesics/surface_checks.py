"""What makes a table of triangles a surface, or says where it is none. See chapter 08.

:class:`gdl_utils.geodesics.mesh.Mesh` asks these questions when it is made. The plain case is fast;
only a table that fails is looked at again, to name what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from gdl_utils.geodesics.mesh import Mesh

FLAT = 1e-14
"""A face is degenerate if its area is at most this times the square of its longest edge."""
NEXT, LAST = [1, 2, 0], [2, 0, 1]
"""The corner after, and the corner before, each corner of a triangle."""
SMALLEST, LARGEST = 1e-70, 1e70
"""Longest edges of faces: beyond, fourth powers of lengths are not double numbers any more."""
CROWDED = 200
"""With more faces than this at a vertex, fans are counted by another algorithm."""


def check_triangles(mesh: Mesh) -> None:
    """Each face must be a triangle of its own. Chapter 08, *Geodesics*.

    Parameters
    ----------
    mesh : Mesh
        Its two tables have the right shapes and types.

    Raises
    ------
    ValueError
        If a number is not finite, or a face names a vertex that does not exist, names one twice,
        repeats another face or has no area; or if its longest edge is beyond the range in which
        double precision holds fourth powers.
    """
    verts, faces = mesh.verts.numpy(), mesh.faces.numpy()
    broken = ~np.isfinite(verts).all(1)
    if broken.any():
        raise ValueError(f"verts must be finite, got NaN or infinity at {_where(broken)}")
    if faces.min() < 0 or faces.max() >= len(verts):
        outside = (faces < 0) | (faces >= len(verts))
        raise ValueError(
            f"faces must name vertices 0 to {len(verts) - 1}, got "
            f"{some(faces[outside].tolist())} in faces {_where(outside.any(1))}"
        )
    i, j, k = faces.T
    same = (i == j) | (j == k) | (k == i)
    if same.any():
        raise ValueError(f"faces must have three different vertices, not so {_where(same)}")
    twice = _repeated(mesh)
    if twice.any():
        raise ValueError(f"faces must all differ, got the same triangle at {_where(twice)}")
    x = np.ascontiguousarray(verts.T)
    a, b, c = (x.take(corner, axis=1) for corner in (i, j, k))
    u, v, w = b - a, a - c, c - b
    longest = np.maximum(np.maximum(_square(u), _square(v)), _square(w))
    beyond = ((longest > 0) & (longest < SMALLEST**2)) | ~(longest <= LARGEST**2)
    if beyond.any():
        raise ValueError(
            f"verts must be in a unit in which edges are {SMALLEST:g} to {LARGEST:g} long, not so "
            f"in faces {_where(beyond)}"
        )
    normal = u[NEXT] * v[LAST] - u[LAST] * v[NEXT]
    flat = np.sqrt(_square(normal)) <= 2 * FLAT * longest
    if flat.any():
        raise ValueError(f"faces must have an area, got none at {_where(flat)}")


def check_surface(mesh: Mesh) -> None:
    """Together the faces must look like a disc, or half a disc, everywhere. Chapter 08.

    Parameters
    ----------
    mesh : Mesh
        Its faces are triangles of their own.

    Raises
    ------
    ValueError
        If a vertex has no face, an edge has more than two faces or two that run the same way
        along it, or the faces around a vertex are several fans.
    """
    faces, n = mesh.faces.numpy(), len(mesh.verts)
    alone = np.bincount(faces.ravel(), minlength=n) == 0
    if alone.any():
        raise ValueError(f"verts must all belong to a face, not so {_where(alone)}")
    if mesh._pairs is None:
        start, end = mesh.halfedges.numpy().T
        edges, count = np.unique(
            np.minimum(start, end) * n + np.maximum(start, end), return_counts=True
        )
        if count.max() > 2:
            raise ValueError(
                "faces must be manifold, with at most two at an edge, got more at the edges "
                f"{_pairs(edges[count > 2], n)}"
            )
        runs, count = np.unique(start * n + end, return_counts=True)
        twice = runs[count > 1]
        alike = np.unique(np.minimum(twice, twice % n * n + twice // n))
        raise ValueError(
            "faces must be oriented alike, got two that run the same way along the edges "
            f"{_pairs(alike, n)}"
        )
    several = _several_fans(mesh)
    if several.any():
        raise ValueError(
            "faces must be manifold, with one fan around a vertex, got more at vertices "
            f"{_where(several)}"
        )


def _repeated(mesh: Mesh) -> np.ndarray:
    """Which faces (F,) have the same three vertices as another."""
    if mesh._pairs is not None:  # then the other one is turned over, and shares all three edges
        a, b, c = np.where(mesh._twins < 0, -1, mesh._twins // 3).reshape(-1, 3).T
        return (a >= 0) & (a == b) & (b == c)
    three = np.sort(mesh.faces.numpy(), 1)
    _, of, count = np.unique(three, axis=0, return_inverse=True, return_counts=True)
    return count[of.reshape(-1)] > 1


def _several_fans(mesh: Mesh) -> np.ndarray:
    """Which vertices (V,) have faces in more than one fan.

    Walk around all vertices at once, from the border where there is one: who is back, or at the
    other border, before all corners were seen is in one fan of several.
    """
    start, following = mesh.faces.numpy().ravel(), mesh._following
    n = len(mesh.verts)
    degree = np.bincount(start, minlength=n)
    if degree.max() > CROWDED:
        going = np.flatnonzero(following >= 0)
        fan = connected(np.stack([going, following[going]], 1), len(start))
        _, one = np.unique(fan, return_index=True)
        return np.bincount(start[one], minlength=n) > 1
    seen, now, at = np.zeros(n, dtype=np.int64), mesh._first, np.arange(n)
    while len(now):
        seen[at] += 1
        now = following[now]
        on = (now >= 0) & (now != mesh._first[at])
        now, at = now[on], at[on]
    return seen < degree


def connected(pairs: np.ndarray, n: int) -> np.ndarray:
    """Label the connected components of n things joined by pairs (K, 2). Chapter 08."""
    graph = csr_array((np.ones(len(pairs), bool), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    return connected_components(graph, directed=False)[1]


def some(things: Iterable[Any]) -> str:
    """Write the first five, and how many more there are. Chapter 08, *Geodesics*."""
    held = list(things)
    more = f" and {len(held) - 5} more" if len(held) > 5 else ""
    return ", ".join(str(t) for t in held[:5]) + more


def _square(x: np.ndarray) -> np.ndarray:
    return x[0] * x[0] + x[1] * x[1] + x[2] * x[2]


def _pairs(keys: np.ndarray, n: int) -> str:
    return some(zip((keys // n).tolist(), (keys % n).tolist()))


def _where(mask: np.ndarray) -> str:
    return some(np.flatnonzero(mask).tolist())
