"""From many vertices to few, and to none: sampling, coarser surfaces, integrals.

See chapter 08, *Geodesics*, and chapter 17, *Coarse-graining*.
"""

from __future__ import annotations

from typing import SupportsIndex

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from gdl_utils.arguments import whole
from gdl_utils.geodesics.distances import heat_distance
from gdl_utils.geodesics.indices import vertex_index
from gdl_utils.geodesics.mesh import Mesh, require_mesh
from gdl_utils.geodesics.operators import mass
from gdl_utils.geodesics.paths import straight_distance
from gdl_utils.tensors import lasting, wide


def farthest_points(
    mesh: Mesh, count: int, start: SupportsIndex = 0, *, on_surface: bool = True
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
        vertices rounding chooses one: the same one at each call, perhaps another elsewhere.

    Raises
    ------
    ValueError
        If ``count`` is out of its range, or ``start`` is not a vertex.

    References
    ----------
    Gonzalez (1985), *Clustering to Minimize the Maximum Intercluster Distance*: the
    farthest remaining distance is at most twice the best possible. Chapter 08, *Geodesics*.
    """
    n = len(require_mesh(mesh).verts)
    count = whole("count", count, 1, n)
    measure = heat_distance if on_surface else straight_distance
    chosen = [vertex_index("start", start, n)]
    distance = measure(mesh, chosen[0])
    while len(chosen) < count:
        distance[chosen[-1]] = -1.0  # never again, even where all distances are rounding
        chosen.append(int(distance.argmax()))
        distance = torch.minimum(distance, measure(mesh, chosen[-1]))
    return torch.tensor(chosen)


def coarsen(mesh: Mesh, count: int) -> tuple[Mesh, Float[Tensor, "K V"]]:
    """Collapse edges until ``count`` vertices are left: the coarse surface and the pooling.

    Parameters
    ----------
    mesh : Mesh
        V vertices.
    count : int
        How many should be left, from 4 to V (a triangle alone keeps its 3).

    Returns
    -------
    coarse : Mesh
        K = ``count`` vertices, of the same topology.
    P : Tensor, (K, V), float64, sparse
        Its rows sum to one: ``P @ x`` is the mean over the vertices that became one, weighted by
        their areas.

    Raises
    ------
    ValueError
        If ``count`` is out of its range, so few vertices cannot keep the topology, or a face that
        is left has no area.
    ModuleNotFoundError
        If the package ``fast-simplification`` is not installed.

    References
    ----------
    Garland, Heckbert (1997), *Surface Simplification Using Quadric Error Metrics*, in the
    implementation of ``fast-simplification``; Dey, Edelsbrunner, Guha, Nekhayev (1999), *Topology
    Preserving Edge Contraction*, for the collapses that it must not make. Chapter 08, *Geodesics*.

    Notes
    -----
    It works in single precision, about the mesh's middle and in units of the root of its area:
    neither a unit nor an offset makes a difference. Its triangles can be long: see
    :func:`gdl_utils.geodesics.delaunay.intrinsic_delaunay`.
    """
    n = len(require_mesh(mesh).verts)
    count = whole("count", count, min(4, n), n)
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
    middle, unit = mesh.verts.mean(0), mesh.face_areas.sum().sqrt()
    coarse, became = Mesh((mesh.verts - middle) / unit, mesh.faces), np.arange(n)
    while (left := len(coarse.verts)) > count:
        verts = coarse.verts.numpy().astype(np.float32)
        faces = coarse.faces.numpy().astype(np.int32)
        goal = max(len(faces) - 2 * left + count, 4)  # beyond what is asked, as some are refused
        *_, collapses = fast_simplification.simplify(
            verts, faces, target_count=goal, return_collapses=True
        )
        allowed = _allowed(coarse, collapses)[: left - count]
        if len(allowed) == 0:
            raise ValueError(
                f"count must leave a surface, got {count}: {left} is the least here, as a collapse "
                "must not tear it, turn a face over or leave a corner below 2.6°"
            )
        *table, step = fast_simplification.replay_simplification(verts, faces, allowed)
        try:
            coarse, became = Mesh(*table), step[became]
        except ValueError as error:
            raise ValueError(f"count must leave a surface, got {count}, but {error}") from error
    coarse = Mesh(middle + unit * coarse.verts, coarse.faces)
    return coarse, _averages(became, mass(mesh).numpy())


def _allowed(mesh: Mesh, collapses: np.ndarray) -> np.ndarray:
    """Leave out collapses (a, b) that would tear or pinch the surface: the link condition.

    The vertices joined to both ends must be the two corners opposite the edge. All vertices of the
    boundary are joined to one more vertex, so that the condition reads the same there.
    """
    outside = len(mesh.verts)
    near: list[set[int]] = [set() for _ in range(outside + 1)]
    rim = [[v, outside] for v in torch.nonzero(mesh.boundary).flatten().tolist()]
    for a, b in mesh.edges.tolist() + rim:
        near[a].add(b)
        near[b].add(a)
    kept = []
    for k, (a, b) in enumerate(collapses.tolist()):
        both = near[a] & near[b]
        if b not in near[a] or len(both) != 2 or len(near[a] | near[b]) <= 4:
            continue
        kept.append(k)
        for c in near[b] - {a}:
            near[c].discard(b)
            near[c].add(a)
        near[a] = (near[a] | near[b]) - {a, b}
        near[b] = set()
    return collapses[kept]


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
        If it is not a matrix, or a row does not sum to one. In ``forward``: if x is not (V, C).

    Notes
    -----
    x (V, C) → (K, C). A constant stays what it is. Equivariant to those isometries of the surface
    that the coarsening shares. Chapter 08, *Geodesics*, and chapter 17, *Coarse-graining*.
    """

    def __init__(self, matrix: Float[Tensor, "K V"]) -> None:
        super().__init__()
        if not isinstance(matrix, Tensor):
            raise ValueError(f"matrix must be a Tensor, got {type(matrix).__name__}")
        if matrix.ndim != 2 or not matrix.numel():
            raise ValueError(f"matrix must be (K, V), got {tuple(matrix.shape)}")
        if matrix.is_complex():
            raise ValueError(f"matrix must hold real numbers, got {matrix.dtype}")
        matrix = matrix.to_sparse_coo()
        rows = matrix.sum(1).to_dense() if matrix.is_sparse else matrix.sum(1)
        if not bool((rows - 1).abs().max() <= 1e-6):
            raise ValueError(f"matrix must have rows that sum to 1, got sums from {rows.min():.3g}")
        matrix = matrix.coalesce()
        self.shape = tuple(matrix.shape)
        self.register_buffer("entries", lasting(matrix.indices()))
        self.register_buffer("shares", lasting(matrix.values()))

    def forward(self, x: Float[Tensor, "V C"]) -> Float[Tensor, "K C"]:
        coarse, fine = self.shape
        if x.ndim != 2 or len(x) != fine:
            raise ValueError(f"x must be ({fine}, C), got {tuple(x.shape)}")
        rows, columns = self.entries
        moved = wide(x)[columns] * self.shares.to(wide(x).dtype)[:, None]
        return moved.new_zeros(coarse, x.shape[1]).index_add(0, rows, moved).to(x.dtype)

    def extra_repr(self) -> str:
        return "{1} → {0} vertices".format(*self.shape)


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
        In ``forward``: if x is not (V, C), or the masses are not (V,), positive and finite.
    """

    def forward(self, x: Float[Tensor, "V C"], mass: Float[Tensor, " V"]) -> Float[Tensor, " C"]:
        if x.ndim != 2:
            raise ValueError(f"x must be (V, C), got {tuple(x.shape)}")
        if mass.shape != (len(x),):
            raise ValueError(f"mass must be ({len(x)},), got {tuple(mass.shape)}")
        valued = not (mass.is_meta or torch.compiler.is_compiling())
        if valued and not bool(((mass > 0) & (mass < torch.inf)).all()):
            raise ValueError("mass must be positive and finite, got zero or less, NaN or infinity")
        mass = mass.to(x.dtype) if x.is_floating_point() else mass
        return mass @ x / mass.sum()
