"""What voxels, point clouds and coarse meshes keep of a herd of shapes. Chapter 03."""

from __future__ import annotations

import functools

import numpy as np
import torch
from jaxtyping import Float, Int64
from scipy.sparse.csgraph import dijkstra
from torch import Tensor

from gdl_utils.cases.shapes.menagerie import KINDS, Herd, triangle_areas
from gdl_utils.data.animals import load_animal
from gdl_utils.geodesics.mesh import Mesh
from gdl_utils.geodesics.paths import edge_graph
from gdl_utils.geodesics.pooling import farthest_points


def sample_points(herd: Herd, count: int, rng: torch.Generator) -> Float[Tensor, "N P 3"]:
    """Draw points on every surface, evenly by area.

    Parameters
    ----------
    herd : Herd
    count : int
        P, the number of points of a shape.
    rng : torch.Generator
        The only source of chance.

    Returns
    -------
    Tensor, (N, P, 3), float64
        In no order.

    Raises
    ------
    ValueError
        If ``count`` is less than 1.

    References
    ----------
    Osada, Funkhouser, Chazelle, Dobkin (2002), *Shape Distributions*, equation 1. Chapter 03,
    *Data that is not flat*.
    """
    if count < 1:
        raise ValueError(f"count must be at least 1, got {count}")
    clouds = []
    for i, skin in enumerate(herd.skins):
        corners = skin[herd.faces(i)]
        chosen = corners[torch.multinomial(triangle_areas(corners), count, True, generator=rng)]
        u, v = torch.rand(2, count, 1, generator=rng, dtype=skin.dtype)
        a, b, c = chosen.unbind(1)
        clouds.append((1 - u.sqrt()) * a + u.sqrt() * (1 - v) * b + u.sqrt() * v * c)
    return torch.stack(clouds)


def voxelise(herd: Herd, resolution: int) -> Float[Tensor, "N 1 R R R"]:
    """Mark the voxels of the cube [−1, 1]³ that a surface passes through.

    Parameters
    ----------
    herd : Herd
    resolution : int
        R, the number of voxels along an edge of the cube.

    Returns
    -------
    Tensor, (N, 1, R, R, R), float64
        1 at voxels of the surface and 0 elsewhere; the axes are x, y, z.

    Raises
    ------
    ValueError
        If ``resolution`` is less than 1, or so large that the marks would leave gaps: more than 48.

    Notes
    -----
    Chapter 03, *Data that is not flat*. A voxel is marked if it holds a vertex, the midpoint of an
    edge, or the centroid of a triangle: quick, and without holes as long as triangles are smaller
    than voxels. A voxel of which the surface cuts off a corner only can be missed: at R = 20 some
    2 % of them, with 0.1 % of the area.
    """
    if not 1 <= resolution <= 48:
        raise ValueError(f"resolution must be between 1 and 48, got {resolution}")
    grids = torch.zeros(len(herd), resolution**3, dtype=torch.float64)
    for i, skin in enumerate(herd.skins):
        corners = skin[herd.faces(i)]
        middles = (corners + corners.roll(1, 1)) / 2
        marks = torch.cat([skin, middles.flatten(0, 1), corners.mean(1)])
        cell = ((marks + 1) / 2 * resolution).long().clamp(0, resolution - 1)
        grids[i, (cell[:, 0] * resolution + cell[:, 1]) * resolution + cell[:, 2]] = 1
    return grids.view(-1, 1, resolution, resolution, resolution)


def coarse_meshes(
    herd: Herd, count: int
) -> tuple[Float[Tensor, "N V 3"], tuple[Int64[Tensor, "2 E"], ...]]:
    """Keep some vertices of every mesh, and join those whose surroundings touch.

    Parameters
    ----------
    herd : Herd
    count : int
        V, the number of vertices that are kept: the same ones for all shapes of an animal.

    Returns
    -------
    verts : Tensor, (N, V, 3), float64
        Their positions.
    edges : tuple of Tensor, (2, E), int64
        For each of ``KINDS`` the edges of its coarse mesh, in both directions.

    Raises
    ------
    ValueError
        If ``count`` is less than 4, or more than an animal has vertices.

    Notes
    -----
    Chapter 03, *Data that is not flat*. See :func:`coarse_edges` for how they are chosen.
    """
    keep, edges = zip(*(coarse_edges(name, count) for name in KINDS), strict=True)
    verts = [skin[keep[k]] for skin, k in zip(herd.skins, herd.animals.tolist(), strict=True)]
    return torch.stack(verts), edges


@functools.cache
def coarse_edges(name: str, count: int) -> tuple[Int64[Tensor, " V"], Int64[Tensor, "2 E"]]:
    """Coarsen an animal's mesh: evenly spread vertices, joined where their cells touch.

    In the rest pose, every vertex of the animal is given to the kept one that is nearest along the
    edges. Two kept vertices are joined if an edge runs from the cell of one to that of the other.

    Parameters
    ----------
    name : {"dog", "rat"}
        Which animal.
    count : int
        V, the number of vertices to keep.

    Returns
    -------
    keep : Tensor, (V,), int64
        Which vertices of the animal are kept: each farthest from those before it.
    edge_index : Tensor, (2, E), int64
        Edges in both directions, as indices into ``keep``; one connected graph. Do not write into
        either: they are cached.

    Raises
    ------
    ValueError
        If the animal is unknown, or ``count`` is less than 4 or more than it has vertices.

    References
    ----------
    Peyré, Cohen (2006), *Geodesic Remeshing Using Front Propagation*, sections 2 and 3, where the
    cells' triangles are kept as well. Chapter 03, *Data that is not flat*.
    """
    animal = load_animal(name)
    mesh, n = Mesh(animal.verts, animal.faces), len(animal.verts)
    if not 4 <= count <= n:
        raise ValueError(f"count must be between 4 and the {name}'s {n} vertices, got {count}")
    keep = farthest_points(mesh, count, on_surface=False)
    _, _, nearest = dijkstra(
        edge_graph(mesh), indices=keep.numpy(), min_only=True, return_predecessors=True
    )
    cell = torch.from_numpy(np.argsort(keep.numpy())[np.searchsorted(np.sort(keep), nearest)])
    ends = cell[torch.cat([mesh.edges, mesh.edges.flip(1)])].T
    return keep, ends[:, ends[0] != ends[1]].unique(dim=1)


def extents(herd: Herd) -> Float[Tensor, "N 6"]:
    """Six numbers of every shape, for a baseline that needs no network.

    Parameters
    ----------
    herd : Herd

    Returns
    -------
    Tensor, (N, 6), float64
        The standard deviations along the three principal axes, largest first, and the height, in
        units of the farthest vertex's distance; the area and the volume in its powers.

    Notes
    -----
    Chapter 03, *Data that is not flat*. The first three weigh the vertices alike.
    """
    rows = []
    for i, skin in enumerate(herd.skins):
        corners = skin[herd.faces(i)]
        a, b, c = corners.unbind(1)
        volume = (a * torch.linalg.cross(b, c)).sum() / 6  # the divergence theorem
        height = skin[:, 2].max() - skin[:, 2].min()
        sigma = torch.linalg.svdvals(skin - skin.mean(0)) / len(skin) ** 0.5
        rows.append(
            torch.cat([sigma, torch.stack([height, triangle_areas(corners).sum(), volume])])
        )
    return torch.stack(rows)
