"""A triangle mesh that is a surface: checked once, when it is made, and never changed.

See chapter 03, *Data that is not flat*, and chapter 08, *Geodesics*.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float, Int, Integer
from scipy.sparse import csr_array
from torch import Tensor

from gdl_utils.geodesics.surface_checks import (
    LAST,
    NEXT,
    check_surface,
    check_triangles,
    connected,
    some,
)


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
        exist, names one twice, repeats another face or has no area, its longest edge is not
        between 10⁻⁷⁰ and 10⁷⁰, a vertex has no face, or the faces form no oriented surface. The
        message names the first faces or vertices concerned.

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
    faces: Integer[Tensor, "F 3"] | np.ndarray | list

    def __post_init__(self) -> None:
        verts, faces = _table("verts", self.verts, "fiu"), _table("faces", self.faces, "iu")
        object.__setattr__(self, "verts", torch.from_numpy(verts.astype("f8")))
        object.__setattr__(self, "faces", torch.from_numpy(faces.astype("i8")))
        check_triangles(self)
        check_surface(self)

    def __repr__(self) -> str:
        return f"Mesh({len(self.verts)} vertices, {len(self.faces)} faces)"

    # ----------------------------------------------------------------------------- edges
    @cached_property
    def halfedges(self) -> Int[Tensor, "H 2"]:
        """Directed edges (H, 2), H = 3F: the one numbered 3f + k leaves corner k of face f."""
        return torch.stack([self.faces, self.faces.roll(-1, 1)], 2).view(-1, 2)

    @cached_property
    def _pairs(self) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
        """Edges (E, 2) in rising order, and the half-edge along each and against it, or −1.

        None if the faces are not oriented alike, or an edge has more than two. A sparse matrix
        sorts the half-edges: at row i and column j > i it holds a + b·i, where a counts the
        half-edge from i to j and b the one from j to i, both from 1.
        """
        start, end = self.faces.numpy().ravel(), self.faces.numpy()[:, NEXT].ravel()
        number, n = np.arange(1.0, 1 + len(start)), len(self.verts)
        along = np.where(start < end, number, 1j * number)
        low, high = np.minimum(start, end).astype("i4"), np.maximum(start, end).astype("i4")
        table = csr_array((along, (low, high)), shape=(n, n))
        left, right = table.data.real.astype(np.int64) - 1, table.data.imag.astype(np.int64) - 1
        if np.count_nonzero(left >= 0) + np.count_nonzero(right >= 0) < len(start):
            return None  # two numbers were added
        row = np.repeat(np.arange(n), np.diff(table.indptr))
        return np.stack([row, table.indices], 1), left, right

    @cached_property
    def _twins(self) -> np.ndarray:
        """The half-edge that runs the other way (H,); −1 at the boundary."""
        _, left, right = self._pairs
        twins = np.full(3 * len(self.faces), -1)
        both = (left >= 0) & (right >= 0)
        twins[left[both]], twins[right[both]] = right[both], left[both]
        twins.setflags(write=False)
        return twins

    @cached_property
    def edges(self) -> Int[Tensor, "E 2"]:
        """Edges (E, 2), smaller vertex first, in lexicographic order."""
        return torch.from_numpy(self._pairs[0])

    @cached_property
    def edge_faces(self) -> Int[Tensor, "E 2"]:
        """The faces at each edge (E, 2): left of its direction, then right; −1 where there is none.

        The left one has the edge's two vertices in the order of ``edges``.
        """
        sides = np.stack(self._pairs[1:], 1)
        return torch.from_numpy(np.where(sides < 0, -1, sides // 3))

    @cached_property
    def edge_lengths(self) -> Float[Tensor, " E"]:
        """Lengths of the edges (E,), in the unit of ``verts``."""
        a, b = self.verts[self.edges.T]
        return (b - a).norm(dim=1)

    # -------------------------------------------------------------------------- topology
    @cached_property
    def boundary_edges(self) -> Int[Tensor, "K 2"]:
        """Half-edges (K, 2) whose edge has no second face, in the direction of their face."""
        return self.halfedges[torch.from_numpy(self._twins < 0)]

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
                f"only: {some(map(tuple, self.boundary_edges.tolist()))}"
            )
        return self

    @cached_property
    def components(self) -> Int[Tensor, " V"]:
        """The number of each vertex's connected piece (V,), from 0."""
        found = connected(self.edges.numpy(), len(self.verts))
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

    @cached_property
    def _first(self) -> np.ndarray:
        """The half-edge from which to walk around each vertex counterclockwise (V,).

        The lowest that leaves it; at the boundary, the one that has nothing on its right.
        """
        start = self.faces.numpy().ravel()
        first = np.empty(len(self.verts), dtype=np.int64)
        first[start[::-1]] = np.arange(len(start))[::-1]
        border = np.flatnonzero(self._twins < 0)
        first[start[border]] = border
        first.setflags(write=False)
        return first

    @cached_property
    def _following(self) -> np.ndarray:
        """The next half-edge counterclockwise around the same vertex (H,); −1 after the last."""
        half = np.arange(3 * len(self.faces)).reshape(-1, 3)
        following = self._twins[half[:, LAST].ravel()]
        following.setflags(write=False)
        return following


def require_mesh(value: Any) -> Mesh:
    """Return the mesh itself, or raise ``ValueError`` if it is none. Chapter 08, *Geodesics*."""
    if not isinstance(value, Mesh):
        raise ValueError(f"mesh must be a Mesh, got {type(value).__name__}")
    return value


def _table(name: str, value: Any, kinds: str) -> np.ndarray:
    """Bring a tensor, array or nested list into an array of three columns."""
    if isinstance(value, Tensor):
        if value.is_meta:
            raise ValueError(f"{name} must hold numbers, got a tensor on the meta device")
        value = value.detach().to_dense().cpu()
        value = (value.double() if value.is_floating_point() else value).numpy()
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
