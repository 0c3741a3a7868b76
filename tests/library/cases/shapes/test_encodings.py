"""Voxels, points, coarse meshes and six numbers of a herd."""

import math

import pytest
import torch
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from gdl_utils.cases.shapes.encodings import (
    coarse_edges,
    coarse_meshes,
    extents,
    sample_points,
    voxelise,
)
from gdl_utils.cases.shapes.menagerie import KINDS, Herd, draw_herd, triangle_areas
from gdl_utils.data.animals import load_animal


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def herd():
    return draw_herd(rng(5), 1)


class Box(Herd):
    """One box of given sides around the origin: a surface whose answers are known."""

    def faces(self, i):
        quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
        return torch.tensor([t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))])


def box(*sides):
    corner = torch.tensor([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
    skin = corner * torch.tensor(sides).double() / 2
    return Box((skin,), torch.zeros(1).long(), torch.zeros(1).long())


def test_extents_of_a_box():
    shape = box(1.2, 0.8, 0.4)
    want = [0.6, 0.4, 0.2, 0.4, 2 * (1.2 * 0.8 + 1.2 * 0.4 + 0.8 * 0.4), 1.2 * 0.8 * 0.4]
    torch.testing.assert_close(extents(shape), torch.tensor([want]).double())


def test_extents_do_not_see_a_turn_about_the_vertical(herd):
    turned = herd.turned((0.0, 0.0, 1.1))
    torch.testing.assert_close(extents(turned), extents(herd), rtol=0, atol=1e-10)
    lying = extents(herd.turned((math.pi / 2, 0.0, 0.0))) - extents(herd)
    assert float(lying[:, 3].abs().max()) > 0.5  # the height does change
    assert float(lying[:, [0, 1, 2, 4, 5]].abs().max()) < 1e-10
    assert (extents(herd) > 0).all()


def test_points_lie_on_the_surface_evenly():
    points = sample_points(box(1.0, 1.0, 0.5), 6000, rng())[0]
    outside = points.abs() / torch.tensor([0.5, 0.5, 0.25]).double()
    torch.testing.assert_close(outside.amax(1), torch.ones(6000).double(), rtol=0, atol=1e-12)
    lid = (points[:, 2].abs() > 0.25 - 1e-9).double().mean()  # 2 of 4 units of area
    assert abs(float(lid) - 0.5) < 0.03
    inner = points[points[:, 2] > 0.25 - 1e-9][:, :2]
    assert float(inner.mean(0).abs().max()) < 0.04
    assert abs(float((inner.abs().amax(1) < 0.25).double().mean()) - 0.25) < 0.05


def test_points_repeat_and_turn_with_the_shape(herd):
    points = sample_points(herd, 64, rng())
    assert points.shape == (8, 64, 3)
    assert torch.equal(points, sample_points(herd, 64, rng()))
    turned = sample_points(herd.turned((0.0, 0.0, math.pi)), 64, rng())
    torch.testing.assert_close(turned, points * torch.tensor([-1, -1, 1]), rtol=0, atol=1e-9)


def test_voxels_by_hand():
    # Corners, midpoints and centroids of a box with sides 1.9: in a grid of 4³ over [-1, 1]³
    # every corner voxel is marked, none of the inner eight.
    grid = voxelise(box(1.9, 1.9, 1.9), 4)
    assert grid.shape == (1, 1, 4, 4, 4)
    assert set(grid.unique().tolist()) == {0.0, 1.0}
    assert (grid[0, 0][[0, 0, 0, 0, 3, 3, 3, 3], [0, 0, 3, 3] * 2, [0, 3] * 4] == 1).all()
    assert not grid[0, 0, 1:3, 1:3, 1:3].any()
    thin = voxelise(box(0.9, 0.9, 0.9), 4)[0, 0]  # all corners in the inner eight
    assert float(thin.sum()) == float(thin[1:3, 1:3, 1:3].sum()) == 8


def test_voxels_hold_nearly_all_of_the_surface(herd):
    for resolution, share in ((20, 0.99), (48, 0.96)):
        grid = voxelise(herd, resolution)[:, 0]
        points = sample_points(herd, 5000, rng())
        cell = ((points + 1) / 2 * resolution).long().clamp(max=resolution - 1)
        inside = [grid[i][tuple(cell[i].T)].mean() for i in range(len(herd))]
        assert min(inside) > share
        assert 0.005 < float(grid.mean()) < 0.05  # and they are few
    axes = voxelise(herd.turned((0.0, 0.0, math.pi)), 20)
    assert float((axes - voxelise(herd, 20).flip(2, 3)).abs().mean()) < 1e-3


@pytest.mark.parametrize("name", KINDS)
def test_a_coarse_mesh_is_one_piece_of_spread_vertices(name):
    animal = load_animal(name)
    keep, edges = coarse_edges(name, 256)
    assert len(keep.unique()) == 256
    assert (edges[0] != edges[1]).all()
    flipped = edges.flip(0)
    assert torch.equal(flipped[:, (flipped[0] * 256 + flipped[1]).argsort()], edges)
    ones = torch.ones(edges.shape[1]).numpy()
    graph = coo_matrix((ones, tuple(edges.numpy())), shape=(256, 256))
    assert connected_components(graph)[0] == 1
    assert 5 < edges.shape[1] / 256 < 6.5  # a triangulated surface has nearly six each
    far = torch.cdist(animal.verts[keep], animal.verts[keep]) + 9 * torch.eye(256)
    other = torch.randperm(len(animal.verts), generator=rng())[:256]
    near = torch.cdist(animal.verts[other], animal.verts[other]) + 9 * torch.eye(256)
    assert float(far.min()) > 3 * float(near.min())


@pytest.mark.parametrize("name", KINDS)
def test_all_vertices_kept_give_the_mesh_itself(name):
    animal = load_animal(name)
    keep, edges = coarse_edges(name, len(animal.verts))
    assert torch.equal(keep.sort().values, torch.arange(len(keep)))
    old = {tuple(e) for e in keep[edges].T.tolist()}
    around = [animal.faces.roll(k, 1).flatten() for k in (0, 1, 2)]
    want = torch.cat([torch.stack([around[0], other], 1) for other in around[1:]])
    assert old == {tuple(e) for e in want.tolist()}


def test_coarse_meshes_keep_positions(herd):
    verts, edges = coarse_meshes(herd, 128)
    assert verts.shape == (8, 128, 3)
    assert len(edges) == len(KINDS)
    for i, kind in enumerate(herd.animals.tolist()):
        keep, found = coarse_edges(KINDS[kind], 128)
        assert torch.equal(verts[i], herd.skins[i][keep])
        assert torch.equal(edges[kind], found)


def test_what_is_refused(herd):
    with pytest.raises(ValueError, match="count must be at least 1, got 0"):
        sample_points(herd, 0, rng())
    for resolution in (0, 49):
        with pytest.raises(ValueError, match=f"between 1 and 48, got {resolution}"):
            voxelise(herd, resolution)
    for count in (3, 5000):
        with pytest.raises(ValueError, match=f"count must be between 4 and .* got {count}"):
            coarse_meshes(herd, count)
    with pytest.raises(ValueError, match="name must be one of"):
        coarse_edges("cat", 10)


def test_areas_add_up():
    shape = box(1.0, 2.0, 3.0)
    areas = triangle_areas(shape.skins[0][shape.faces(0)])
    assert math.isclose(float(areas.sum()), 22)
