"""New triangles on an old surface, and where they lie on it."""

import numpy as np
import pytest
import torch

from gdl_utils.data.animals import load_animal, random_pose
from gdl_utils.geodesics.delaunay import intrinsic_delaunay
from gdl_utils.geodesics.mesh import Mesh
from gdl_utils.geodesics.remeshing import _turned, remesh
from gdl_utils.geodesics.shapes import icosphere, sheet, torus
from gdl_utils.geodesics.spectrum import eigenpairs


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def dog():
    animal = load_animal("dog")
    return Mesh(animal.pose(random_pose(animal, rng(1))), animal.faces)


@pytest.fixture(scope="module")
def remeshed_dog(dog):
    return remesh(dog, 900, rng(2))


def test_new_points_lie_on_old_triangles(dog, remeshed_dog):
    new, interpolation = remeshed_dog
    interpolation = interpolation.to_dense()
    torch.testing.assert_close(interpolation @ dog.verts, new.verts, rtol=0, atol=1e-12)
    torch.testing.assert_close(
        interpolation.sum(1), torch.ones(len(interpolation), dtype=torch.float64)
    )
    assert (interpolation >= 0).all()
    faces = {frozenset(f) for f in dog.faces.tolist()}
    for row in interpolation[:200]:
        corners = set(row.nonzero()[:, 0].tolist())
        assert any(corners <= f for f in faces)


def test_nothing_of_the_old_mesh_is_left(dog, remeshed_dog):
    """Neither triangles nor, but for a few at sharp tips, vertices."""
    new, interpolation = remeshed_dog
    old = interpolation.to_dense().max(1).values > 1 - 1e-9
    assert old.float().mean() < 0.03
    assert not old[new.faces].all(1).any()


def test_triangles_are_good(dog, remeshed_dog):
    new, _ = remeshed_dog
    assert len(new.verts) == 900
    assert (new.is_closed, new.euler_characteristic) == (True, 2)
    assert intrinsic_delaunay(new).flips < 60
    corner = new.verts[new.faces]
    sides = (corner.roll(-1, 1) - corner).norm(dim=2)
    quality = 4 * 3**0.5 * new.face_areas / sides.square().sum(1)
    assert quality.mean() > 0.8
    assert new.edge_lengths.std() < 0.4 * new.edge_lengths.mean()
    assert 0.9 < new.face_areas.sum() / dog.face_areas.sum() <= 1.0


def test_it_keeps_what_a_surface_is():
    """The topology of a torus, and the first eigenvalues of a sphere."""
    ring, _ = remesh(torus(24, 12), 200, rng())
    assert ring.euler_characteristic == 0
    sphere, interpolation = remesh(icosphere(3), 600, rng())
    np.testing.assert_allclose(eigenpairs(sphere, 4).values[1:], 2, rtol=0.03)
    x = torch.randn(642, 2, generator=rng(), dtype=torch.float64)
    assert torch.sparse.mm(interpolation, x).shape == (600, 2)


def test_chance_comes_from_the_generator(dog):
    ball = icosphere(2)
    one, same, other = (remesh(ball, 60, rng(s))[0] for s in (0, 0, 1))
    assert torch.equal(one.verts, same.verts)
    assert torch.equal(one.faces, same.faces)
    assert not torch.equal(one.verts, other.verts)


def test_more_points_than_before():
    fine, interpolation = remesh(icosphere(1), 400, rng())
    assert len(fine.verts) == 400
    assert interpolation.shape == (400, 42)


def test_points_in_line_make_no_triangle():
    """Their normal is rounding: it may agree with the old one, and is refused all the same."""
    before = np.array([[0.0, 0.0, 1e-4]] * 3)
    after = np.array([[0.0, 0.0, 1e-4], [0.0, 0.0, 1e-19], [0.0, 1e-4, 0.0]])
    assert _turned(before, after).tolist() == [False, True, True]


@pytest.mark.parametrize(
    ("mesh", "count", "message"),
    [
        (sheet(4, 4), 20, "faces must close the surface"),
        (icosphere(1), 11, "count must be at least 12, got 11"),
        ("a dog", 20, "mesh must be a Mesh, got str"),
    ],
)
def test_bad_arguments(mesh, count, message):
    with pytest.raises(ValueError, match=message):
        remesh(mesh, count, rng())
