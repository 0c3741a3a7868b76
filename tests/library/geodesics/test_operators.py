"""Gradient, divergence, Laplacian and mass: by hand, by their laws, and against igl's formulas."""

import gc
import weakref

import numpy as np
import potpourri3d
import pytest
import torch

from gdl_utils.data.spot import load_spot
from gdl_utils.geodesics.actions import Folds, crease, fold
from gdl_utils.geodesics.mesh import Mesh
from gdl_utils.geodesics.operators import (
    cotangent_laplacian,
    divergence,
    gradient,
    mass,
)
from gdl_utils.geodesics.shapes import cylinder, icosphere, sheet, torus

SHAPES = [icosphere(2), torus(9, 6), sheet(4, 5, 0.5), cylinder(6, 4)]
OPERATORS = [cotangent_laplacian, mass, gradient, divergence]


@pytest.fixture(scope="module")
def spot():
    return Mesh(*load_spot())


def test_one_right_triangle_by_hand():
    mesh = Mesh([[0.0, 0, 0], [2, 0, 0], [0, 2, 0]], [[0, 1, 2]])
    # angles 90°, 45°, 45° with cotangents 0, 1, 1, each for the side opposite
    hand = np.array([[1, -0.5, -0.5], [-0.5, 0.5, 0], [-0.5, 0, 0.5]])
    np.testing.assert_allclose(cotangent_laplacian(mesh).toarray(), hand, atol=1e-15)
    np.testing.assert_allclose(mass(mesh), [2 / 3] * 3)
    slope = gradient(mesh) @ np.array([1.0, 5.0, 2.0])  # 4 over 2 along x, 1 over 2 along y
    np.testing.assert_allclose(slope, [2, 0.5, 0], atol=1e-15)


@pytest.mark.parametrize("mesh", SHAPES, ids=repr)
def test_the_laplacian_is_minus_the_divergence_of_the_gradient(mesh):
    difference = cotangent_laplacian(mesh) + divergence(mesh) @ gradient(mesh)
    assert abs(difference).max() <= 1e-12


@pytest.mark.parametrize("mesh", SHAPES, ids=repr)
def test_laws_of_the_laplacian(mesh):
    laplacian = cotangent_laplacian(mesh).toarray()
    np.testing.assert_array_equal(laplacian, laplacian.T)
    np.testing.assert_allclose(laplacian.sum(1), 0, atol=1e-13)
    values = np.linalg.eigvalsh(laplacian)
    assert values[0] >= -1e-13
    assert values[1] > 1e-3  # only constants have no gradient


def test_gradients_of_positions(spot):
    """∇x is the projection of the x axis onto each face's plane."""
    slope = (gradient(spot) @ spot.verts.numpy()).reshape(-1, 3, 3)  # face, component, which of xyz
    n = spot.face_normals.numpy()
    np.testing.assert_allclose(slope, np.eye(3) - n[:, :, None] * n[:, None], atol=1e-10)


def test_the_laplacian_of_positions_is_minus_the_gradient_of_area(spot):
    """L x = ∂A/∂x: the mean curvature vector (Pinkall and Polthier)."""
    verts = spot.verts.clone().requires_grad_()
    a, b, c = verts[spot.faces.T]
    (torch.linalg.cross(b - a, c - a).norm(dim=1).sum() / 2).backward()
    np.testing.assert_allclose(
        cotangent_laplacian(spot) @ spot.verts.numpy(), verts.grad, atol=1e-12
    )


def test_against_potpourri3d(spot):
    verts, faces = spot.verts.numpy(), spot.faces.numpy()
    theirs = potpourri3d.cotan_laplacian(verts, faces)
    assert abs(cotangent_laplacian(spot) - theirs).max() <= 1e-9
    np.testing.assert_allclose(mass(spot), potpourri3d.vertex_areas(verts, faces), rtol=1e-12)
    assert float(mass(spot).sum()) == pytest.approx(float(spot.face_areas.sum()), rel=1e-12)


def test_scaling(spot):
    """In two dimensions the Laplacian has no unit; areas have its square."""
    large = Mesh(1000 * spot.verts, spot.faces)
    assert abs(cotangent_laplacian(large) - cotangent_laplacian(spot)).max() <= 1e-9
    np.testing.assert_allclose(mass(large), 1e6 * mass(spot), rtol=1e-12)


def test_folding_along_edges_changes_nothing_and_off_edges_much():
    flat = sheet(6, 8, 0.3)
    angles = Folds(8).sample(torch.Generator().manual_seed(0))
    bent = Mesh(fold(angles, flat.verts), flat.faces)
    assert float(bent.verts[:, 2].abs().max()) > 0.1
    assert abs(cotangent_laplacian(bent) - cotangent_laplacian(flat)).max() <= 1e-12
    assert float((mass(bent) - mass(flat)).abs().max()) <= 1e-12
    off = Mesh(crease(flat.verts, 1.0, 1.0, 0.2), flat.faces)
    assert abs(cotangent_laplacian(off) - cotangent_laplacian(flat)).max() > 0.05


def test_nothing_flows_out_at_a_boundary():
    """Neumann: ∫ Δu over any part is what flows through its rim; over all of a sheet, nothing."""
    mesh = sheet(5, 5)
    u = np.random.default_rng(0).standard_normal(25)
    assert abs((cotangent_laplacian(mesh) @ u).sum()) < 1e-12
    inner = ~mesh.boundary.numpy()
    linear = mesh.verts.numpy() @ [1.0, 2, 0]
    np.testing.assert_allclose((cotangent_laplacian(mesh) @ linear)[inner], 0, atol=1e-13)


@pytest.mark.parametrize("operator", OPERATORS)
def test_made_once_and_kept_no_longer_than_the_mesh(operator):
    mesh = icosphere(0)
    first = operator(mesh)
    assert operator(mesh) is first
    alive = weakref.ref(mesh)
    del mesh
    gc.collect()
    assert alive() is None


def test_matrices_are_read_only():
    laplacian = cotangent_laplacian(icosphere(0))
    with pytest.raises(ValueError, match="read-only"):
        laplacian.data[0] = 1.0


@pytest.mark.parametrize("operator", OPERATORS)
def test_bad_mesh(operator):
    with pytest.raises(ValueError, match="mesh must be a Mesh, got Triangles"):
        operator(load_spot())
