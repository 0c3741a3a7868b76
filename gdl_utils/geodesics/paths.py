"""How far apart two points of a surface are: straight, along edges, and on the surface.

See chapter 03, *Data that is not flat*.
"""

from __future__ import annotations

from typing import Any, SupportsIndex

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from torch import Tensor

from gdl_utils.geodesics.indices import Sources, vertex_index, vertex_indices
from gdl_utils.geodesics.mesh import Mesh, require_mesh
from gdl_utils.tensors import wide


def edge_graph(mesh: Mesh) -> csr_array:
    """The mesh as a graph: its vertices are nodes, its edges are weighted by their lengths.

    Parameters
    ----------
    mesh : Mesh
        V vertices and E edges.

    Returns
    -------
    scipy.sparse.csr_array, (V, V)
        Symmetric, with 2E entries: the lengths, in the unit of ``mesh.verts``.

    Notes
    -----
    Chapter 03, *Data that is not flat*.
    """
    a, b = (
        require_mesh(mesh).edges.T.int().numpy()
    )  # what scipy's graph algorithms take, in every version
    length = mesh.edge_lengths.numpy()
    n = len(mesh.verts)
    ends = (np.concatenate([a, b]), np.concatenate([b, a]))
    return csr_array((np.concatenate([length, length]), ends), shape=(n, n))


def straight_distance(mesh: Mesh, sources: Sources) -> Float[Tensor, " V"]:
    """Distance through the air, d(v) = minₛ ‖x_v − x_s‖: what a flat space would say.

    Parameters
    ----------
    mesh : Mesh
        The surface.
    sources : int or sequence of int
        One vertex, or several of which the nearest counts.

    Returns
    -------
    Tensor, (V,), float64
        In the unit of ``mesh.verts``.

    Raises
    ------
    ValueError
        If there is no source, or one is no vertex of the mesh.

    Notes
    -----
    Chapter 03, *Data that is not flat*.
    """
    at = vertex_indices("sources", sources, len(require_mesh(mesh).verts))
    return torch.stack([(mesh.verts - x).norm(dim=1) for x in mesh.verts[at]]).min(0).values


def edge_distance(mesh: Mesh, sources: Sources) -> Float[Tensor, " V"]:
    """Length of the shortest path along edges, by Dijkstra's algorithm.

    Parameters
    ----------
    mesh : Mesh
        The surface.
    sources : int or sequence of int
        One vertex, or several of which the nearest counts.

    Returns
    -------
    Tensor, (V,), float64
        In the unit of ``mesh.verts``; infinite in pieces without a source.

    Raises
    ------
    ValueError
        If there is no source, or one is no vertex of the mesh.

    References
    ----------
    Dijkstra, *A note on two problems in connexion with graphs* (1959), problem 2.

    Notes
    -----
    Chapter 03, *Data that is not flat*. It does not tend to the geodesic distance when the mesh
    is refined: directions that no edge has stay detours.
    """
    at = vertex_indices("sources", sources, len(require_mesh(mesh).verts))
    return torch.from_numpy(dijkstra(edge_graph(mesh), indices=at, min_only=True))


def edge_path(mesh: Mesh, source: SupportsIndex, target: SupportsIndex) -> Int[Tensor, " K"]:
    """The vertices of a shortest path along edges, from source to target.

    Parameters
    ----------
    mesh : Mesh
        The surface.
    source, target : int
        Its two ends; equal ends give a path of one vertex.

    Returns
    -------
    Tensor, (K,), int64
        Each is a neighbour of the one before.

    Raises
    ------
    ValueError
        If an end is not a vertex of the mesh, or both lie in different pieces.

    References
    ----------
    Dijkstra, *A note on two problems in connexion with graphs* (1959), problem 2.

    Notes
    -----
    Chapter 03, *Data that is not flat*.
    """
    start, end = _ends(source, target, mesh)
    _, before = dijkstra(edge_graph(mesh), indices=start, return_predecessors=True)
    path = [end]
    while path[-1] != start:
        path.append(int(before[path[-1]]))
    return torch.tensor(path[::-1])


def exact_distance(mesh: Mesh, sources: Sources) -> Float[Tensor, " V"]:
    """Geodesic distance on the polyhedron: the shortest path on the surface, exact to rounding.

    Parameters
    ----------
    mesh : Mesh
        The surface.
    sources : int or sequence of int
        One vertex, or several of which the nearest counts.

    Returns
    -------
    Tensor, (V,), float64
        In the unit of ``mesh.verts``; infinite in pieces without a source.

    Raises
    ------
    ValueError
        If there is no source, or one is no vertex of the mesh.
    ModuleNotFoundError
        If the package ``pygeodesic`` is not installed.

    References
    ----------
    Mitchell, Mount, Papadimitriou, *The discrete geodesic problem* (1987), section 4, in the
    implementation by Kirsanov that ``pygeodesic`` wraps.

    Notes
    -----
    Chapter 03, *Data that is not flat*. Spot takes 0.15 s a source.
    """
    at = vertex_indices("sources", sources, len(require_mesh(mesh).verts))
    piece = mesh.components.numpy()
    found = np.full(len(piece), np.inf)
    for number in np.unique(piece[at]).tolist():  # pygeodesic fails where no source is
        here, unit = _piece(mesh, number)
        start = np.searchsorted(here, at[piece[at] == number])
        reach, _ = _solver(mesh, here, unit).geodesicDistances(start.astype(np.int32), None)
        found[here] = np.array(reach) * unit
    return torch.from_numpy(found)


def exact_path(mesh: Mesh, source: SupportsIndex, target: SupportsIndex) -> Float[Tensor, "K 3"]:
    """The corners of a shortest path on the surface, from source to target.

    Parameters
    ----------
    mesh : Mesh
        The surface.
    source, target : int
        Its two ends, different vertices.

    Returns
    -------
    Tensor, (K, 3), float64
        Points where the path enters a new face: it is straight between them, and in the unfolded
        faces also across edges.

    Raises
    ------
    ValueError
        If an end is not a vertex of the mesh, both are the same, or lie in different pieces.
    ModuleNotFoundError
        If the package ``pygeodesic`` is not installed.

    References
    ----------
    Mitchell, Mount, Papadimitriou, *The discrete geodesic problem* (1987), section 4.

    Notes
    -----
    Chapter 03, *Data that is not flat*.
    """
    start, end = _ends(source, target, mesh)
    if start == end:
        raise ValueError(f"source and target must differ, got {start} twice")
    here, unit = _piece(mesh, int(mesh.components[start]))
    ends = np.searchsorted(here, [start, end]).tolist()
    _, points = _solver(mesh, here, unit).geodesicDistance(*ends)
    path = torch.from_numpy(unit * np.array(points, dtype=float))
    near_start = (path[[0, -1]] - mesh.verts[start]).norm(dim=1)
    return path if near_start[0] < near_start[1] else path.flip(0)


def path_length(points: Float[Tensor, "K 3"]) -> float:
    """Length of the polyline through the points, ∑ ‖p_{k+1} − p_k‖, in their unit.

    Parameters
    ----------
    points : Tensor, (K, 3)
        Corners in order; one alone has length 0.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If it is not a tensor, or the shape is another.

    Notes
    -----
    Chapter 03, *Data that is not flat*.
    """
    if not isinstance(points, Tensor):
        raise ValueError(f"points must be a Tensor, got {type(points).__name__}")
    if points.ndim != 2 or points.shape[1] != 3 or len(points) == 0:
        raise ValueError(f"points must be (K, 3) with K ≥ 1, got {tuple(points.shape)}")
    return float(wide(points).diff(dim=0).norm(dim=1).sum())


def _ends(source: SupportsIndex, target: SupportsIndex, mesh: Mesh) -> tuple[int, int]:
    count = len(require_mesh(mesh).verts)
    start, end = vertex_index("source", source, count), vertex_index("target", target, count)
    if mesh.components[start] != mesh.components[end]:
        raise ValueError(f"source and target must be connected, got vertices {start} and {end}")
    return start, end


def _piece(mesh: Mesh, number: int) -> tuple[np.ndarray, float]:
    """The vertices of a piece, and its unit.

    That is a power of two in which edges are about a thousand long: pygeodesic has tolerances in 1.
    """
    of_edge = mesh.components[mesh.edges[:, 0]] == number
    unit = 2.0 ** np.floor(np.log2(float(mesh.edge_lengths[of_edge].mean())) - 10)
    return np.flatnonzero(mesh.components.numpy() == number), unit


def _solver(mesh: Mesh, here: np.ndarray, unit: float) -> Any:
    try:
        from pygeodesic.geodesic import PyGeodesicAlgorithmExact
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "Exact geodesics need the package pygeodesic: install it with "
            "`pip install pygeodesic`, or everything that the chapters use with "
            "`pip install 'gdl-utils[chapters]'`."
        ) from error
    faces = mesh.faces.numpy()
    faces = np.searchsorted(here, faces[np.isin(faces[:, 0], here)]).astype(np.int32)
    return PyGeodesicAlgorithmExact(mesh.verts.numpy()[here] / unit, faces)
