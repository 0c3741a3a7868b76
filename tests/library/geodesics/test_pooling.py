"""Fewer vertices: farthest points, collapsed edges, integrals."""

import math
import sys

import numpy as np
import pytest
import torch

from gdl_utils.data.animals import load_animal
from gdl_utils.data.spot import load_spot
from gdl_utils.geodesics.distances import HeatMethod
from gdl_utils.geodesics.mesh import Mesh
from gdl_utils.geodesics.operators import mass
from gdl_utils.geodesics.pooling import MeshPool, SurfaceMean, coarsen, farthest_points
from gdl_utils.geodesics.shapes import cylinder, icosphere, sheet, torus


@pytest.fixture(scope="module")
def spot():
    return Mesh(*load_spot())


def test_farthest_points_by_hand():
    """On a strip of eleven columns: the far end, then the middle."""
    strip = sheet(2, 11)
    straight = farthest_points(strip, 3, on_surface=False).tolist()
    assert straight == [0, 21, 5]
    assert farthest_points(icosphere(0), 2).tolist() == [0, 3]  # the antipode


def test_they_cover_the_surface(spot):
    chosen = farthest_points(spot, 40, 7)
    assert chosen[0] == 7
    assert len(chosen.unique()) == 40
    columns = HeatMethod(spot).distances(chosen.tolist())
    radius = columns.min(1).values.max()
    apart = columns[chosen] + torch.eye(40) * 9
    assert float(apart.min()) >= 0.9 * float(radius)  # Gonzalez, up to the method's error
    rng = np.random.default_rng(0)
    other = HeatMethod(spot).distances(rng.choice(len(spot.verts), 40, replace=False).tolist())
    assert radius < other.min(1).values.max()


def test_each_piece_is_entered_and_all_vertices_can_be_had():
    sphere = icosphere(0)
    two = Mesh(sphere.verts.repeat(2, 1), torch.cat([sphere.faces, sphere.faces + 12]))
    assert farthest_points(two, 2, 3)[1] >= 12
    assert sorted(farthest_points(two, 24).tolist()) == list(range(24))


def test_coarsening(spot):
    coarse, pool = coarsen(spot, 700)
    assert len(coarse.verts) == 700
    assert coarse.is_closed
    assert coarse.euler_characteristic == 2
    dense = pool.to_dense()
    assert dense.shape == (len(coarse.verts), len(spot.verts))
    np.testing.assert_allclose(dense.sum(1), 1, atol=1e-12)
    assert ((dense > 0).sum(0) == 1).all()  # each vertex became one
    near = dense @ spot.verts - coarse.verts
    assert float(near.norm(dim=1).max()) < 3 * float(coarse.edge_lengths.mean())
    assert float(coarse.face_areas.sum()) == pytest.approx(float(spot.face_areas.sum()), rel=0.02)


def test_the_mean_survives_pooling(spot):
    """Areas of what was merged weigh the coarse vertices: then the integral is the same."""
    _, pool = coarsen(spot, 500)
    x = torch.randn(len(spot.verts), 2, generator=torch.Generator().manual_seed(0)).double()
    m = mass(spot)
    merged = (pool.to_dense() > 0).double() @ m
    np.testing.assert_allclose(merged @ MeshPool(pool)(x), m @ x, atol=1e-12)


@pytest.mark.parametrize("count", [1800, 900, 450, 150])
@pytest.mark.parametrize("name", ["dog", "rat"])
def test_animals_stay_spheres(name, count):
    animal = load_animal(name)
    coarse, pool = coarsen(Mesh(animal.verts, animal.faces), count)
    assert coarse.euler_characteristic == 2
    assert len(coarse.verts) == count
    assert pool.shape == (len(coarse.verts), len(animal.verts))


def test_boundaries_holes_and_pieces_stay():
    ring, flat = torus(16, 12), sheet(12, 12)
    both = Mesh(torch.cat([ring.verts, flat.verts + 9]), torch.cat([ring.faces, flat.faces + 192]))
    for mesh, characteristic in ((ring, 0), (flat, 1), (cylinder(16, 10), 0), (both, 1)):
        coarse, _ = coarsen(mesh, len(mesh.verts) // 3)
        assert coarse.euler_characteristic == characteristic
        assert int(coarse.components.max()) == int(mesh.components.max())


def test_nothing_to_do():
    mesh = icosphere(1)
    same, pool = coarsen(mesh, 42)
    assert same is mesh
    assert torch.equal(pool.to_dense(), torch.eye(42, dtype=torch.float64))


def test_without_the_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "fast_simplification", None)
    with pytest.raises(ModuleNotFoundError, match="pip install fast-simplification"):
        coarsen(icosphere(1), 20)


def test_mean_over_the_surface_not_over_its_vertices():
    """A sphere with half of it meshed finely: the mean height is 0, the vertices' is not."""
    ball = icosphere(3)
    u = ball.verts.clone()
    lifted = torch.stack([u[:, 0], u[:, 1], u[:, 2] + 0.6], 1)
    skew = Mesh(lifted / lifted.norm(dim=1, keepdim=True), ball.faces)
    height = skew.verts[:, 2:]
    assert abs(float(SurfaceMean()(height, mass(skew)))) < 0.01
    assert float(height.mean()) > 0.3
    ones = torch.ones(642, 2).double()
    np.testing.assert_allclose(SurfaceMean()(ones, mass(skew)), 1)
    square = SurfaceMean()(height.square(), mass(skew))
    assert float(square) == pytest.approx(1 / 3, abs=0.01)
    assert math.isclose(float(mass(skew).sum()), 4 * math.pi, rel_tol=0.02)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: farthest_points(icosphere(0), 0), "count must be between 1 and 12, got 0"),
        (lambda: farthest_points(icosphere(0), 13), "count must be between 1 and 12, got 13"),
        (lambda: farthest_points(icosphere(0), 2, 12), "0 to 11"),
        (lambda: coarsen(icosphere(0), 3), "count must be between 4 and 12, got 3"),
        (lambda: coarsen(icosphere(0), 13), "count must be between 4 and 12, got 13"),
        (lambda: coarsen(torus(4, 3), 4), "count must leave a surface, got 4: 12 is the least"),
        (lambda: MeshPool(torch.ones(3)), r"matrix must be \(K, V\), got \(3,\)"),
        (lambda: MeshPool(torch.ones(2, 3)), "rows that sum to 1, got sums from 3"),
        (lambda: MeshPool(torch.eye(3))(torch.ones(4, 1)), r"x must be \(3, C\), got \(4, 1\)"),
        (lambda: SurfaceMean()(torch.ones(3), torch.ones(3)), r"x must be \(V, C\), got \(3,\)"),
        (lambda: SurfaceMean()(torch.ones(3, 1), torch.ones(4)), r"mass must be \(3,\)"),
        (lambda: SurfaceMean()(torch.ones(3, 1), torch.zeros(3)), "mass must be positive"),
    ],
)  # fmt: skip
def test_bad_arguments(call, words):
    with pytest.raises(ValueError, match=words):
        call()
