"""A triangle mesh that is a surface: checked once, when it is made, and never changed.

See chapter 03, *Data that is not flat*, and chapter 08, *Geodesics*.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from torch import Tensor

FLAT = 1e-14
"""A face is degenerate if its area is at most this times the square of its longest edge."""


@dataclass(frozen=True, eq=False)
class Mesh:
    """An oriented triangle surface, with or without boundary, in one piece or in several.

    Near each of its points it looks like a disc, or like half a disc at the boundary: an edge has
    one or two faces, the two run along it in opposite directions, and the faces around a vertex
    form one fan.

    Parameters
    ----------
    verts : Tensor or array, (V, 3)
        Positions, in a unit of the caller's. They are copied, as float64.
    faces : Tensor or array of int, (F, 3)
        The three vertices of each triangle, counterclockwise seen from outside. Copied, as int64.

    Raises
    ------
    ValueError
        If shapes or types are wrong, a number is not finite, a face names a vertex that does not
        exist, names one twice, repeats another face or has no area, a vertex has no face, or the
        faces are no oriented surface. The message names the first faces or vertices concerned.

    Notes
    -----
    Chapter 03, *Data that is not flat*. What is derived is computed on first use and kept.

    Examples
    --------
    >>> from gdl_utils.data.spot import load_spot
    >>> Mesh(*load_spot()).euler_characteristic
    2
    """

    verts: Float[Tensor, "V 3"] | np.ndarray | list  # a Tensor once it is made
    faces: Int[Tensor, "F 3"] | np.ndarray | list

    def __post_init__(self) -> None:
        verts, faces = _table("verts", self.verts, "fiu"), _table("faces", self.faces, "iu")
        object.__setattr__(self, "verts", torch.from_numpy(verts.astype("f8")))
        object.__setattr__(self, "faces", torch.from_numpy(faces.astype("i8")))
        self._check_triangles()
        self._check_surface()

    def __repr__(self) -> str:
        return f"Mesh({len(self.verts)} vertices, {len(self.faces)} faces)"

    # ----------------------------------------------------------------------------- edges
    @cached_property
    def halfedges(self) -> Int[Tensor, "H 2"]:
        """Directed edges (H, 2), H = 3F: the one numbered 3f + k leaves corner k of face f."""
        return torch.stack([self.faces, self.faces.roll(-1, 1)], 2).view(-1, 2)

    @cached_property
    def _edge_table(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Keys of the edges in rising order, how many faces each has, and each half-edge's edge."""
        ends = self.halfedges.numpy()
        key = ends.min(1) * len(self.verts) + ends.max(1)
        keys, edge, count = np.unique(key, return_inverse=True, return_counts=True)
        return keys, count, edge

    @cached_property
    def edges(self) -> Int[Tensor, "E 2"]:
        """Edges (E, 2), smaller vertex first, in lexicographic order."""
        keys, n = self._edge_table[0], len(self.verts)
        return torch.from_numpy(np.stack([keys // n, keys % n], 1))

    @cached_property
    def edge_faces(self) -> Int[Tensor, "E 2"]:
        """The faces at each edge (E, 2): left of its direction, then right; −1 where there is none.

        The left one has the edge's two vertices in the order of ``edges``.
        """
        ends, edge = self.halfedges.numpy(), self._edge_table[2]
        found = np.full((len(self.edges), 2), -1)
        found[edge, (ends[:, 0] > ends[:, 1]).astype(int)] = np.arange(len(ends)) // 3
        return torch.from_numpy(found)

    @cached_property
    def edge_lengths(self) -> Float[Tensor, " E"]:
        """Lengths of the edges (E,), in the unit of ``verts``."""
        a, b = self.verts[self.edges.T]
        return (b - a).norm(dim=1)

    # -------------------------------------------------------------------------- topology
    @cached_property
    def boundary_edges(self) -> Int[Tensor, "K 2"]:
        """Half-edges (K, 2) whose edge has no second face, in the direction of their face."""
        _, count, edge = self._edge_table
        return self.halfedges[torch.from_numpy(count[edge] == 1)]

    @cached_property
    def boundary(self) -> Bool[Tensor, " V"]:
        """Which vertices lie on the boundary (V,)."""
        on = torch.zeros(len(self.verts), dtype=torch.bool)
        on[self.boundary_edges.reshape(-1)] = True
        return on

    @property
    def is_closed(self) -> bool:
        """Whether the surface has no boundary."""
        return len(self.boundary_edges) == 0

    def require_closed(self) -> Mesh:
        """Return the mesh itself if it has no boundary.

        Raises
        ------
        ValueError
            If it has one; the message names the first of its edges.
        """
        if not self.is_closed:
            raise ValueError(
                f"faces must close the surface, got {len(self.boundary_edges)} edges with one face "
                f"only: {_some(map(tuple, self.boundary_edges.tolist()))}"
            )
        return self

    @cached_property
    def components(self) -> Int[Tensor, " V"]:
        """The number of each vertex's connected piece (V,), from 0."""
        found = _connected(self.edges.numpy(), len(self.verts))
        return torch.from_numpy(found.astype("i8"))

    @property
    def euler_characteristic(self) -> int:
        """χ = V − E + F: 2 for a sphere, 0 for a torus, 1 for a disc; pieces add up."""
        return len(self.verts) - len(self.edges) + len(self.faces)

    # -------------------------------------------------------------------------- geometry
    @cached_property
    def _area_vectors(self) -> Tensor:
        a, b, c = self.verts[self.faces.T]
        return torch.linalg.cross(b - a, c - a) / 2

    @cached_property
    def face_areas(self) -> Float[Tensor, " F"]:
        """Areas of the faces (F,), in the square of the unit of ``verts``."""
        return self._area_vectors.norm(dim=1)

    @cached_property
    def face_normals(self) -> Float[Tensor, "F 3"]:
        """Unit normals of the faces (F, 3), outwards."""
        return self._area_vectors / self.face_areas[:, None]

    # ---------------------------------------------------------------------------- checks
    def _check_triangles(self) -> None:
        verts, faces = self.verts.numpy(), self.faces.numpy()
        broken = ~np.isfinite(verts).all(1)
        if broken.any():
            raise ValueError(f"verts must be finite, got NaN or infinity at {_where(broken)}")
        outside = (faces < 0) | (faces >= len(verts))
        if outside.any():
            raise ValueError(
                f"faces must name vertices 0 to {len(verts) - 1}, got "
                f"{_some(faces[outside].tolist())} in faces {_where(outside.any(1))}"
            )
        same = (faces == np.roll(faces, 1, 1)).any(1)
        if same.any():
            raise ValueError(f"faces must have three different vertices, not so {_where(same)}")
        _, of, count = np.unique(np.sort(faces, 1), axis=0, return_inverse=True, return_counts=True)
        twice = count[of.reshape(-1)] > 1
        if twice.any():
            raise ValueError(f"faces must all differ, got the same triangle at {_where(twice)}")
        a, b, c = verts[faces.T]
        longest = (np.stack([b - a, c - b, a - c]) ** 2).sum(2).max(0)
        flat = np.linalg.norm(np.cross(b - a, c - a), axis=1) <= 2 * FLAT * longest
        if flat.any():
            raise ValueError(f"faces must have an area, got none at {_where(flat)}")

    def _check_surface(self) -> None:
        verts, faces = self.verts.numpy(), self.faces.numpy()
        alone = np.bincount(faces.reshape(-1), minlength=len(verts)) == 0
        if alone.any():
            raise ValueError(f"verts must all belong to a face, not so {_where(alone)}")
        count = self._edge_table[1]
        if count.max() > 2:
            raise ValueError(
                "faces must be manifold, with at most two at an edge, got more at the edges "
                f"{_some(map(tuple, self.edges[torch.from_numpy(count > 2)].tolist()))}"
            )
        left, right = self.edge_faces.T.numpy()
        turned = (count == 2) & ((left < 0) | (right < 0))
        if turned.any():
            raise ValueError(
                "faces must be oriented alike, got two that run the same way along the edges "
                f"{_some(map(tuple, self.edges[torch.from_numpy(turned)].tolist()))}"
            )
        fans = self._fans()
        if fans.max() > 1:
            raise ValueError(
                "faces must be manifold, with one fan around a vertex, got more at vertices "
                f"{_where(fans > 1)}"
            )

    def _fans(self) -> np.ndarray:
        """How many fans of faces each vertex has (V,); corners join across shared edges."""
        corner = np.arange(3 * len(self.faces))
        start = corner
        end = corner - corner % 3 + (corner + 1) % 3  # of the half-edge, as corners
        edge = self._edge_table[2]
        order = np.argsort(edge, kind="stable")
        first = order[:-1][edge[order[:-1]] == edge[order[1:]]]
        second = order[1:][edge[order[:-1]] == edge[order[1:]]]
        joined = np.concatenate(
            [np.stack([start[first], end[second]], 1), np.stack([end[first], start[second]], 1)]
        )
        fan = _connected(joined, len(corner))
        _, one = np.unique(fan, return_index=True)
        return np.bincount(self.faces.numpy().reshape(-1)[one], minlength=len(self.verts))


def _table(name: str, value: Any, kinds: str) -> np.ndarray:
    """Bring a tensor, array or nested list into an array of three columns."""
    if isinstance(value, Tensor):
        value = value.detach().cpu().numpy()
    try:
        found = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{name} must be a table, got rows of different lengths") from error
    if found.ndim != 2 or found.shape[1] != 3 or len(found) == 0:
        letter = name[0].upper()
        raise ValueError(f"{name} must be ({letter}, 3) with {letter} ≥ 1, got {found.shape}")
    if found.dtype.kind not in kinds:
        wanted = "real numbers" if "f" in kinds else "integers"
        raise ValueError(f"{name} must hold {wanted}, got {found.dtype}")
    return found


def _connected(pairs: np.ndarray, n: int) -> np.ndarray:
    """Label the connected components of n things joined by pairs (K, 2)."""
    graph = coo_array((np.ones(len(pairs), bool), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    return connected_components(graph, directed=False)[1]


def _where(mask: np.ndarray) -> str:
    return _some(np.flatnonzero(mask).tolist())


def _some(things: Iterable[Any]) -> str:
    """Write the first five, and how many more there are."""
    held = list(things)
    more = f" and {len(held) - 5} more" if len(held) > 5 else ""
    return ", ".join(str(t) for t in held[:5]) + more
