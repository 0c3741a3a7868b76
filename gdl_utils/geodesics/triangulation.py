"""A surface that knows only its edges' lengths, and operators made of them.

See chapter 08, *Geodesics*. What is intrinsic of a mesh is who is joined to whom, and by how long
an edge: that is enough for areas, angles, gradients and the Laplacian.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from scipy.sparse import csr_array
from torch import Tensor

from gdl_utils.geodesics.mesh import Mesh
from gdl_utils.geodesics.operators import (
    LAST,
    NEXT,
    _cross,
    _dot,
    assemble_laplacian,
    assemble_mass,
    face_matrix,
    once_per_mesh,
)

THIN = 1e-3
"""Of triangles with less area than this, times the square of the longest side, lengths say little:
twice the area is the root of a difference of nearly equal numbers."""
FLATTEST = 1e-7
"""No triangle is taken to be flatter: its least height, as a share of its longest side."""


@dataclass(frozen=True, eq=False)
class Triangulation:
    """What of a mesh is intrinsic: who is joined to whom, and how the triangles are shaped.

    Made by :func:`intrinsic`, or by :func:`~gdl_utils.geodesics.delaunay.intrinsic_delaunay`.
    Half-edge 3f + k leaves corner k of face f, as in :class:`~gdl_utils.geodesics.mesh.Mesh`.

    Parameters
    ----------
    faces : array of int32, (F, 3)
        Vertices of the faces. After flips, a face may name a vertex twice.
    lengths : array, (F, 3)
        Of the half-edges.
    shapes : array, (F, 4)
        Area of each face, and the cotangents of the angles at its corners.
    twins : array of int, (3F,)
        The half-edge that runs the other way; −1 at a boundary.
    n : int
        How many vertices there are.
    flips : int
        How many edges were flipped to come here.
    sheets : int
        How often the faces cover the surface: 2 if it was doubled along its boundary. Then an area
        on the surface is half the sum over faces, and so is every integral.
    signposts : Signposts, optional
        Where the half-edges point, if any differs from the mesh's.

    Notes
    -----
    Chapter 08, *Geodesics*.
    """

    faces: np.ndarray
    lengths: np.ndarray
    shapes: np.ndarray
    twins: np.ndarray
    n: int
    flips: int = 0
    sheets: int = 1
    signposts: Signposts | None = None

    def areas(self) -> np.ndarray:
        """Areas of the faces (F,)."""
        return self.shapes[:, 0]

    def cotangents(self) -> np.ndarray:
        """Of the angles at the corners, (F, 3)."""
        return self.shapes[:, 1:]

    def mean_edge(self) -> float:
        """The mean length of the edges, each counted once."""
        return float(self.lengths.ravel()[self.twins < np.arange(len(self.twins))].mean())

    def laplacian(self) -> csr_array:
        """The cotangent Laplacian (V, V), positive semidefinite, as in ``operators``."""
        return assemble_laplacian(self.faces.T, self.cotangents().T / self.sheets, self.n)

    def mass(self) -> Float[Tensor, " V"]:
        """A third of the areas around each vertex (V,)."""
        return torch.from_numpy(assemble_mass(self.faces.T, self.areas() / self.sheets, self.n))

    def gradient(self) -> csr_array:
        """Gradients (2F, V) on each face unfolded into the plane, its first edge along x."""
        double_area = 2 * self.areas()
        along = self.lengths[:, 0]
        height = double_area / along
        foot = self.cotangents()[:, 0] * height  # corner 2 lies at (foot, height)
        zero = np.zeros_like(along)
        x = np.stack([-height, height, zero])
        y = np.stack([foot - along, -foot, along])
        return face_matrix(self.faces.T, np.stack([x, y], 1) / double_area, self.n)


@dataclass(frozen=True, eq=False)
class Signposts:
    """Where half-edges point after flips: how far from an edge of the mesh at the same vertex.

    Parameters
    ----------
    anchors : array of int, (H,)
        Edges of the mesh, as :func:`~gdl_utils.geodesics.tangent.directed_edges` numbers them.
    turns : array, (H,)
        Angles from there, in radians, counterclockwise on the mesh, in faces laid flat: not
        stretched. On a second sheet beyond the rim they go on.
    sense : array of int8, (H,)
        −1 where counterclockwise on the second sheet is clockwise on the mesh, else 1.
    side : array of int8, (H,)
        Where the half-edge begins: inside the first sheet, 1, or the second, −1; on the rim, 0.

    Notes
    -----
    Chapter 09, *Gauges*.

    References
    ----------
    Sharp, Soliman, Crane (2019), *Navigating Intrinsic Triangulations*, section 3.
    """

    anchors: np.ndarray
    turns: np.ndarray
    sense: np.ndarray
    side: np.ndarray

    @classmethod
    def of(cls, count: int) -> Signposts:
        """Those of a mesh with so many half-edges, before any flip."""
        one = np.ones(count, dtype=np.int8)
        return cls(np.arange(count), np.zeros(count), one, one.copy())

    def parts(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """All four arrays."""
        return self.anchors, self.turns, self.sense, self.side

    def copy(self) -> Signposts:
        """The same, to be changed."""
        return Signposts(*(part.copy() for part in self.parts()))


def shapes_of(lengths: np.ndarray, areas: np.ndarray, products: np.ndarray) -> np.ndarray:
    """Areas and cotangents of triangles, (F, 4), none of them quite flat.

    Parameters
    ----------
    lengths : array, (F, 3)
        Of the sides; corner k lies between sides k − 1 and k.
    areas : array, (F,)
        Known in another way: used for thin triangles.
    products : array, (F, 3)
        Inner product of the two sides at each corner: used for thin triangles.

    Notes
    -----
    By Heron's formula in Kahan's order, and (b² + c² − a²) / 4A, a being the side opposite. To give
    a triangle a height of 10⁻⁷ of its longest side changes that side by 10⁻¹⁴ of its length, about
    as much as rounding may. Chapter 08, *Geodesics*.
    """
    x, y, z = lengths.T
    low, high = np.minimum(x, y), np.maximum(x, y)
    a, c = np.maximum(high, z), np.minimum(low, z)
    b = np.maximum(low, np.minimum(high, z))
    product = (a + (b + c)) * (c - (a - b)) * (c + (a - b)) * (a + (b - c))
    area = np.sqrt(np.maximum(product, 0)) / 4
    square = lengths**2
    double = square[:, LAST] + square - square[:, NEXT]
    if (thin := area < THIN * a * a).any():
        area[thin] = np.maximum(areas[thin], FLATTEST / 2 * a[thin] ** 2)
        double[thin] = 2 * products[thin]
    return np.concatenate([area[:, None], double / (4 * area[:, None])], 1)


@once_per_mesh
def intrinsic(mesh: Mesh) -> Triangulation:
    """Forget where a mesh lies in space, and keep its edges' lengths and its triangles' shapes.

    Parameters
    ----------
    mesh : Mesh
        V vertices and F faces.

    Returns
    -------
    Triangulation
        The same surface. Only triangles whose height is less than 10⁻⁷ of their longest side, which
        their lengths hardly tell from none in double precision, are given this height: it adds to
        each of them an area of less than 10⁻⁷ of the side's square, and changes no length.

    References
    ----------
    Sharp, Crane (2020), *A Laplacian for Nonmanifold Triangle Meshes*, section 4.5 (intrinsic
    mollification, which lengthens all edges for the same end). Chapter 08, *Geodesics*.
    """
    faces = mesh.faces.numpy().astype(np.int32)
    x = np.ascontiguousarray(mesh.verts.numpy().T)
    a, b, c = (x.take(corner, axis=1) for corner in faces.T)
    u, v, w = b - a, c - b, a - c  # the half-edges 0, 1, 2
    lengths = np.sqrt(np.stack([_dot(u, u), _dot(v, v), _dot(w, w)], 1))
    products = -np.stack([_dot(u, w), _dot(v, u), _dot(w, v)], 1)
    normal = _cross(u, v)
    shapes = shapes_of(lengths, np.sqrt(_dot(normal, normal)) / 2, products)
    return Triangulation(faces, lengths, shapes, mesh._twins, len(mesh.verts))
