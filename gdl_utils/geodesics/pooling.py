"""From many vertices to few, and to none: sampling, coarser surfaces, integrals.

See chapter 08, *Geodesics*, and chapter 17, *Coarse-graining*.
"""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from gdl_utils.geodesics.distances import heat_distance
from gdl_utils.geodesics.mesh import Mesh
from gdl_utils.geodesics.operators import mass
from gdl_utils.geodesics.paths import straight_distance

TRIES = (7.0, 5.0, 3.0, 9.0, 2.0)
"""How eagerly edges are collapsed; the first that leaves a surface is taken."""


def farthest_points(
    mesh: Mesh, count: int, start: int = 0, *, on_surface: bool = True
) -> Int64[Tensor, " S"]:
    """Choose vertices one by one, each as far as can be from those chosen before.

    Parameters
    ----------
    mesh : Mesh
        V vertices.
    count : int
        How many, from 1 to V.
    start : int
        The first.
    on_surface : bool
        Measure geodesic distance, by the heat method; else straight lines through the air, which
        join what only nearly touches.

    Returns
    -------
    Tensor, (S,), int64
        In the order of choice; each piece of a surface in several is entered first. Of equally far
        vertices the one with the lowest number is taken, so that the choice depends on labels.

    Raises
    ------
    ValueError
        If ``count`` is out of its range, or ``start`` is no vertex.

    References
    ----------
    Gonzalez (1985), *Clustering to Minimize the Maximum Intercluster Distance*, section 2: the
    farthest remaining distance is at most twice the best possible. Chapter 08, *Geodesics*.
    """
    n = len(mesh.verts)
    if not 1 <= count <= n:
        raise ValueError(f"count must be between 1 and {n}, got {count}")
    measure = heat_distance if on_surface else straight_distance
    chosen = [start]
    distance = measure(mesh, start)
    while len(chosen) < count:
        distance[chosen[-1]] = -1.0  # never again, even where all distances are rounding
        chosen.append(int(distance.argmax()))
        distance = torch.minimum(distance, measure(mesh, chosen[-1]))
    return torch.tensor(chosen)


def coarsen(mesh: Mesh, count: int) -> tuple[Mesh, Float[Tensor, "K V"]]:
    """Collapse edges until about ``count`` vertices are left: the coarse surface and the pooling.

    Parameters
    ----------
    mesh : Mesh
        V vertices.
    count : int
        How many should be left, from 4 to V.

    Returns
    -------
    coarse : Mesh
        K vertices, where the collapsed edges' quadrics are least.
    P : Tensor, (K, V), float64, sparse
        Its rows sum to one: ``P @ x`` is the mean over the vertices that became one, weighted by
        their areas.

    Raises
    ------
    ValueError
        If ``count`` is out of its range, or so few vertices would not leave a surface.
    ModuleNotFoundError
        If the package ``fast-simplification`` is not installed.

    References
    ----------
    Garland, Heckbert (1997), *Surface Simplification Using Quadric Error Metrics*, in the
    implementation of ``fast-simplification``. Chapter 08, *Geodesics*.

    Notes
    -----
    It works in single precision, and its triangles can be long: see
    :func:`gdl_utils.geodesics.delaunay.intrinsic_delaunay`.
    """
    n = len(mesh.verts)
    if not 4 <= count <= n:
        raise ValueError(f"count must be between 4 and {n}, got {count}")
    if count == n:
        return mesh, _averages(np.arange(n), mass(mesh).numpy())
    try:
        import fast_simplification
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "Coarser meshes need the package fast-simplification: install it with "
            "`pip install fast-simplification`, or everything that figures use with "
            "`pip install 'gdl-utils[plots]'`."
        ) from error
    verts = mesh.verts.numpy().astype(np.float32)
    faces = mesh.faces.numpy().astype(np.int32)
    target = max(len(faces) - 2 * (n - count), 4)
    for eagerness in TRIES:
        *_, collapses = fast_simplification.simplify(
            verts, faces, target_count=target, agg=eagerness, return_collapses=True
        )
        left, joined, became = fast_simplification.replay_simplification(verts, faces, collapses)
        try:
            coarse = Mesh(left, joined)
        except ValueError as error:
            reason = str(error)
            continue
        if (np.bincount(became, minlength=len(left)) > 0).all():
            return coarse, _averages(became, mass(mesh).numpy())
        reason = "a vertex came from nowhere"
    raise ValueError(f"count must leave a surface, got {count}, which does not: {reason}")


def _averages(became: np.ndarray, m: np.ndarray) -> Tensor:
    """The sparse matrix of means, weighted by m (V,), over vertices that ``became`` (V,) one."""
    total = np.bincount(became, m)
    entries = torch.from_numpy(np.stack([became, np.arange(len(became))]).astype("i8"))
    share = torch.from_numpy(m / total[became])
    shape = (len(total), len(became))
    return torch.sparse_coo_tensor(entries, share, shape, check_invariants=True).coalesce()


class MeshPool(nn.Module):
    """Local pooling P: the signal on a coarser surface, by a matrix whose rows sum to one.

    Parameters
    ----------
    matrix : Tensor, (K, V), sparse or dense
        As from :func:`coarsen`.

    Raises
    ------
    ValueError
        If it is no matrix, or a row does not sum to one. In ``forward``: if x is not (V, C).

    Notes
    -----
    x (V, C) → (K, C). A constant stays what it is. Equivariant to those isometries of the surface
    that the coarsening shares. Chapter 08, *Geodesics*, and chapter 17, *Coarse-graining*.
    """

    def __init__(self, matrix: Float[Tensor, "K V"]) -> None:
        super().__init__()
        if matrix.ndim != 2:
            raise ValueError(f"matrix must be (K, V), got {tuple(matrix.shape)}")
        rows = matrix.sum(1).to_dense() if matrix.is_sparse else matrix.sum(1)
        if not bool((rows - 1).abs().max() <= 1e-6):
            raise ValueError(f"matrix must have rows that sum to 1, got sums from {rows.min():.3g}")
        self.register_buffer("matrix", matrix.to_sparse_coo().coalesce(), persistent=False)

    def forward(self, x: Float[Tensor, "V C"]) -> Float[Tensor, "K C"]:
        if x.ndim != 2 or len(x) != self.matrix.shape[1]:
            raise ValueError(f"x must be ({self.matrix.shape[1]}, C), got {tuple(x.shape)}")
        return torch.sparse.mm(self.matrix.to(x.dtype), x)

    def extra_repr(self) -> str:
        return "{1} → {0} vertices".format(*self.matrix.shape)


class SurfaceMean(nn.Module):
    r"""The mean over the surface: the invariant layer A, weighted by each vertex's area.

    .. math:: y = \sum_i m_i x_i \Big/ \sum_i m_i

    Notes
    -----
    x (V, C), mass (V,) → (C,). Weights make it a property of the surface: a mean over vertices
    moves when one region is meshed more finely. Chapter 08, *Geodesics*.

    Raises
    ------
    ValueError
        In ``forward``: if x is not (V, C), or the masses are not (V,) and positive.
    """

    def forward(self, x: Float[Tensor, "V C"], mass: Float[Tensor, " V"]) -> Float[Tensor, " C"]:
        if x.ndim != 2:
            raise ValueError(f"x must be (V, C), got {tuple(x.shape)}")
        if mass.shape != (len(x),):
            raise ValueError(f"mass must be ({len(x)},), got {tuple(mass.shape)}")
        if not bool((mass > 0).all()):
            raise ValueError("mass must be positive, got zero or less")
        return mass @ x / mass.sum()
