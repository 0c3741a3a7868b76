"""Tangent planes unrolled from lengths, and gradients in them."""

import cmath
import math

import numpy as np
import pytest
import torch

from gdl_utils.data.spot import load_spot
from gdl_utils.gauges.frames import vertex_frames
from gdl_utils.geodesics.actions import Folds, fold, isometries
from gdl_utils.geodesics.mesh import Mesh
from gdl_utils.geodesics.shapes import icosphere, sheet, torus
from gdl_utils.geodesics.tangent import edge_vectors, tangent_gradient


def test_the_tip_of_a_pyramid_by_hand():
    """Four right triangles meet at the tip with 60° each: stretched to 90°."""
    verts = [[0, 0, math.sqrt(0.5)], [0.5, 0.5, 0], [-0.5, 0.5, 0], [-0.5, -0.5, 0], [0.5, -0.5, 0]]
    tip = Mesh(verts, [[0, 1, 2], [0, 2, 3], [0, 3, 4], [0, 4, 1]])
    found = edge_vectors(tip).toarray()
    np.testing.assert_allclose(found[0, 1:], [1, 1j, -1, -1j], atol=1e-12)
    # at the rim nothing is stretched: from 1, the edges to 2, 0 and 4 are 60° apart
    turn = [cmath.phase(z) for z in found[1, [2, 0, 4]]]
    np.testing.assert_allclose(turn, [0, math.pi / 3, 2 * math.pi / 3], atol=1e-12)


def test_angles_fill_the_circle():
    mesh = Mesh(*load_spot())
    vectors = edge_vectors(mesh)
    for v in range(0, len(mesh.verts), 97):
        angles = np.sort(np.angle(vectors[[v]].data) % (2 * np.pi))
        assert np.diff(angles).min() > 0
        assert angles[0] == pytest.approx(0, abs=1e-12)
    lengths = abs(vectors).toarray()
    a, b = mesh.edges.T
    np.testing.assert_allclose(lengths[a, b], mesh.edge_lengths, rtol=1e-12)
    np.testing.assert_allclose(lengths[b, a], mesh.edge_lengths, rtol=1e-12)


def test_linear_functions_on_a_plane_have_their_slope():
    mesh = sheet(5, 6, 0.5)
    slope = tangent_gradient(mesh) @ (mesh.verts @ torch.tensor([1.0, 2, 0]).double()).numpy()
    np.testing.assert_allclose(abs(slope), 5**0.5, rtol=1e-12)
    np.testing.assert_allclose(tangent_gradient(mesh) @ np.ones(30), 0, atol=1e-12)


def test_directions_agree_with_space():
    """On the unit sphere ∇z has the length sin θ, and grows towards the pole."""
    mesh = icosphere(4)
    height = mesh.verts[:, 2].numpy()
    slope = tangent_gradient(mesh) @ height
    np.testing.assert_allclose(abs(slope), np.sqrt(1 - height**2), atol=0.02)
    uphill = (slope[:, None].conj() * edge_vectors(mesh).toarray()).real  # ⟨∇z, e⟩ ≈ z_j − z_i
    rise = (height[None] - height[:, None]) * (edge_vectors(mesh).toarray() != 0)
    assert np.abs(uphill - rise).max() < 0.01


def test_only_lengths_enter():
    flat = sheet(4, 6)
    bent = Mesh(fold(Folds(6).sample(torch.Generator().manual_seed(0)), flat.verts), flat.faces)
    assert abs(tangent_gradient(bent) - tangent_gradient(flat)).max() <= 1e-12


def test_a_mirror_conjugates_the_gradient():
    """Lengths and inner products stay; the sense of rotation turns round."""
    mesh = icosphere(1)
    x = np.random.default_rng(0).standard_normal((42, 2))
    z = tangent_gradient(mesh) @ x
    product = z[:, 0].conj() * z[:, 1]  # dot + i · cross
    turns = isometries(mesh, mirrored=False).table
    known = {tuple(g) for g in turns.tolist()}
    for g in isometries(mesh).table[::7]:
        moved = np.empty_like(x)
        moved[g] = x
        w = tangent_gradient(mesh) @ moved
        after = (w[:, 0].conj() * w[:, 1])[g]
        turned = tuple(g.tolist()) in known
        np.testing.assert_allclose(after, product if turned else product.conj(), atol=1e-12)


def test_edges_that_point_one_way():
    """A needle's far corner: the gradient along it is found, the one across is 0, not NaN."""
    needle = Mesh([[0.0, 0, 0], [1, 1e-9, 0], [1, -1e-9, 0]], [[0, 2, 1]])
    slope = tangent_gradient(needle) @ np.array([0.0, 3.0, 3.0])
    assert abs(slope[0]) == pytest.approx(3.0)
    assert np.isfinite(tangent_gradient(needle).data).all()


def test_bad_mesh():
    for function in (edge_vectors, tangent_gradient):
        with pytest.raises(ValueError, match="mesh must be a Mesh"):
            function(torus)


@pytest.mark.parametrize("height", [1.0, 1e-4, 1e-6, 1e-9, 1e-12])
def test_linear_functions_on_needles(height):
    """However thin its triangles, a flat surface has the gradient of a linear function."""
    flat = sheet(5, 4)
    verts = flat.verts * torch.tensor([1.0, height, 0.0]) + torch.tensor([0.0, 0.0, 3.0])
    mesh = Mesh(verts, flat.faces)
    axes = vertex_frames(mesh)[:, :, :2].numpy()
    for k in range(2):
        found = tangent_gradient(mesh) @ verts[:, k].numpy()
        true = axes[:, 0, k] + 1j * axes[:, 1, k]
        assert np.abs(found - true).max() < 1e-15 / height + 1e-13
