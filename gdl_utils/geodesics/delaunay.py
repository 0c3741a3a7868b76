"""The same surface in better triangles: lengths instead of positions, and edges that flip.

See chapter 08, *Geodesics*. A triangulation that knows only its edges' lengths can be changed
without moving the surface, as any two faces that share an edge unfold into the plane.
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
    _dot,
    assemble_laplacian,
    assemble_mass,
    face_matrix,
    once_per_mesh,
)

TOLERANCE = 1e-9
"""An edge is flipped if its two cotangents sum to less than minus this."""
SLACK = 1e-6
"""The least excess of two sides of a triangle over the third, in mean edge lengths."""
THIN = 1e-12
"""No area is taken for less than this times the square of the longest edge."""
ROUNDS = 10_000
"""Far more than any mesh needs: what rounding might flip back and forth comes to an end."""


@dataclass(frozen=True, eq=False)
class Triangulation:
    """What of a mesh is intrinsic: who is joined to whom, and by how long an edge.

    Made by :func:`intrinsic` or :func:`intrinsic_delaunay`. Half-edge 3f + k leaves corner k of
    face f, as in :class:`~gdl_utils.geodesics.mesh.Mesh`.

    Parameters
    ----------
    faces : array of int32, (F, 3)
        Vertices of the faces. After flips, a face may name a vertex twice.
    lengths : array, (F, 3)
        Of the half-edges.
    twins : array of int, (3F,)
        The half-edge that runs the other way; −1 at a boundary.
    n : int
        How many vertices there are.
    flips : int
        How many edges were flipped to come here.

    Notes
    -----
    Chapter 08, *Geodesics*.
    """

    faces: np.ndarray
    lengths: np.ndarray
    twins: np.ndarray
    n: int
    flips: int = 0

    def areas(self) -> np.ndarray:
        """Areas of the faces (F,), by Heron's formula in Kahan's order, stable for needles."""
        x, y, z = self.lengths.T
        low, high = np.minimum(x, y), np.maximum(x, y)
        a, c = np.maximum(high, z), np.minimum(low, z)
        b = np.maximum(low, np.minimum(high, z))
        product = (a + (b + c)) * (c - (a - b)) * (c + (a - b)) * (a + (b - c))
        return np.maximum(np.sqrt(np.maximum(product, 0)) / 4, THIN * a * a)

    def cotangents(self) -> np.ndarray:
        """Of the angles at the corners, (F, 3): (b² + c² − a²) / 4A, a being the side opposite."""
        square = self.lengths**2
        return (square[:, LAST] + square - square[:, NEXT]) / (4 * self.areas()[:, None])

    def mean_edge(self) -> float:
        """The mean length of the edges, each counted once."""
        return float(self.lengths.ravel()[self.twins < np.arange(len(self.twins))].mean())

    def laplacian(self) -> csr_array:
        """The cotangent Laplacian (V, V), positive semidefinite, as in ``operators``."""
        return assemble_laplacian(self.faces.T, self.cotangents().T, self.n)

    def mass(self) -> Float[Tensor, " V"]:
        """A third of the areas around each vertex (V,)."""
        return torch.from_numpy(assemble_mass(self.faces.T, self.areas(), self.n))

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

    def not_delaunay(self) -> np.ndarray:
        """One half-edge of each inner edge whose opposite angles sum to more than π, worst last."""
        opposite = self.cotangents()[:, LAST].ravel()
        inner = np.flatnonzero(self.twins > np.arange(len(self.twins)))
        twin = self.twins[inner]
        total = opposite[inner] + opposite[twin]
        bad = (total < -TOLERANCE) & (inner // 3 != twin // 3)
        return inner[bad][np.argsort(-total[bad], kind="stable")]


@once_per_mesh
def intrinsic(mesh: Mesh) -> Triangulation:
    """Forget the positions of a mesh, and keep its edges and their lengths.

    Parameters
    ----------
    mesh : Mesh
        V vertices and F faces.

    Returns
    -------
    Triangulation
        If two sides of a triangle exceed the third by less than a millionth of the mean edge
        length, all lengths are made longer by what is lacking.

    References
    ----------
    Sharp, Crane (2020), *A Laplacian for Nonmanifold Triangle Meshes* (intrinsic
    mollification: the longer lengths). Chapter 08, *Geodesics*.
    """
    verts, faces = mesh.verts.numpy(), mesh.faces.numpy().astype(np.int32)
    start, end = faces.ravel(), faces[:, NEXT].ravel()
    x = np.ascontiguousarray(verts.T)
    along = x.take(end, axis=1) - x.take(start, axis=1)
    lengths = np.sqrt(_dot(along, along)).reshape(-1, 3)
    excess = lengths[:, NEXT] + lengths[:, LAST] - lengths
    lengths += max(0.0, SLACK * lengths.mean() - excess.min())
    number = np.arange(1.0, 1 + len(start))  # of the half-edge, from 1: absent entries are 0
    forth = csr_array((number, (start, end)), shape=(len(verts), len(verts)))
    pairs = (forth + 1j * forth.T.tocsr()).data
    pairs = pairs[pairs.real > 0]
    twins = np.empty(len(start), dtype=np.int64)
    twins[pairs.real.astype(int) - 1] = pairs.imag.astype(int) - 1
    return Triangulation(faces, lengths, twins, len(verts))


@once_per_mesh
def intrinsic_delaunay(mesh: Mesh) -> Triangulation:
    """Flip edges of the unfolded surface until no two opposite angles sum to more than π.

    The surface and all distances on it stay as they are. The Laplacian's weights become
    nonnegative, except along a boundary: heat flows from hot to cold, and on a closed surface no
    value leaves the range that it started in.

    Parameters
    ----------
    mesh : Mesh
        V vertices and F faces.

    Returns
    -------
    Triangulation
        Of the same vertices, and as many faces. Unique but for points on a common circle.

    Raises
    ------
    ValueError
        If ``mesh`` is no Mesh.

    References
    ----------
    Bobenko, Springborn (2007), *A Discrete Laplace–Beltrami Operator for Simplicial Surfaces*.
    Fisher, Springborn, Schröder, Bobenko (2007), *An Algorithm for the Construction
    of Intrinsic Delaunay Triangulations*. Chapter 08, *Geodesics*.

    Notes
    -----
    Edges that share no face flip at the same time: a few tens of rounds for any mesh we met.
    """
    now = intrinsic(mesh)
    for _ in range(ROUNDS):
        bad = now.not_delaunay()
        if len(bad) == 0:
            break
        now = _flip(now, _apart(bad, now.twins))
    return now


def _apart(edges: np.ndarray, twins: np.ndarray) -> np.ndarray:
    """Choose edges no two of which share a face: a later one takes its faces from an earlier."""
    f, g = edges // 3, twins[edges] // 3
    claim, rank = np.full(len(twins) // 3, -1), np.arange(len(edges))
    np.maximum.at(claim, np.concatenate([f, g]), np.concatenate([rank, rank]))
    return edges[(claim[f] == rank) & (claim[g] == rank)]


def _flip(t: Triangulation, edges: np.ndarray) -> Triangulation:
    """Replace the diagonal i–j of each quadrangle i, q, j, p by p–q.

    Faces f = (i, j, p) and g = (j, i, q) become (p, i, q) and (q, j, p).
    """
    ij, ji = edges, t.twins[edges]
    f, g = ij // 3, ji // 3
    jp, pi = 3 * f + (ij + 1 - 3 * f) % 3, 3 * f + (ij + 2 - 3 * f) % 3
    iq, qj = 3 * g + (ji + 1 - 3 * g) % 3, 3 * g + (ji + 2 - 3 * g) % 3
    where = np.arange(len(t.twins))  # each half-edge's new number
    where[pi], where[iq], where[ij] = 3 * f, 3 * f + 1, 3 * f + 2
    where[qj], where[jp], where[ji] = 3 * g, 3 * g + 1, 3 * g + 2
    start, length = t.faces.ravel(), t.lengths.ravel()
    p, q = start[pi], start[qj]
    along, area = length[ij], t.areas()
    foot = (length[pi] ** 2 - length[jp] ** 2 - length[iq] ** 2 + length[qj] ** 2) / (2 * along)
    diagonal = np.hypot(foot, 2 * (area[f] + area[g]) / along)
    new_start, new_length, new_twins = (np.empty_like(v) for v in (start, length, t.twins))
    new_start[where], new_length[where] = start, length
    new_twins[where] = np.where(t.twins < 0, -1, where[t.twins])
    new_start[3 * f + 2], new_start[3 * g + 2] = q, p
    new_length[3 * f + 2] = new_length[3 * g + 2] = diagonal
    return Triangulation(
        new_start.reshape(-1, 3), new_length.reshape(-1, 3), new_twins, t.n, t.flips + len(edges)
    )
