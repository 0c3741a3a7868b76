"""Shapes with known answers."""

import math

import numpy as np
import pytest
import torch

from gdl_utils.geodesics.shapes import cylinder, icosphere, sheet, torus


def volume(mesh) -> float:
    """Enclosed, positive if the faces look outwards."""
    a, b, c = mesh.verts[mesh.faces.T]
    return float((a * torch.linalg.cross(b, c)).sum()) / 6


def test_the_icosahedron_by_hand():
    mesh = icosphere(0)
    assert (len(mesh.verts), len(mesh.edges), len(mesh.faces)) == (12, 30, 20)
    np.testing.assert_allclose(mesh.edge_lengths, 4 / math.sqrt(10 + 2 * math.sqrt(5)))


@pytest.mark.parametrize("level", [1, 2, 3])
def test_icosphere(level):
    mesh = icosphere(level)
    assert len(mesh.verts) == 10 * 4**level + 2
    assert mesh.is_closed
    assert mesh.euler_characteristic == 2
    np.testing.assert_allclose(mesh.verts.norm(dim=1), 1)
    below = icosphere(level - 1)
    assert torch.equal(mesh.verts[: len(below.verts)], below.verts)
    missing = [4 * math.pi / 3 - volume(m) for m in (below, mesh)]
    assert 3 < missing[0] / missing[1] < 5  # second order


def test_torus():
    mesh = torus(60, 40, 3.0, 1.0)
    assert mesh.is_closed
    assert mesh.euler_characteristic == 0
    assert float(mesh.face_areas.sum()) == pytest.approx(4 * math.pi**2 * 3, rel=0.01)
    assert volume(mesh) == pytest.approx(2 * math.pi**2 * 3, rel=0.01)
    assert mesh.verts[0].tolist() == [4, 0, 0]
    assert mesh.verts[10].tolist() == pytest.approx([3, 0, 1])


def test_sheet():
    mesh = sheet(3, 5, 0.5)
    assert mesh.euler_characteristic == 1
    assert mesh.verts[7].tolist() == [1.0, 0.5, 0.0]
    assert float(mesh.face_areas.sum()) == pytest.approx(2 * 4 * 0.25)
    np.testing.assert_allclose(mesh.face_normals, np.tile([0.0, 0, 1], (16, 1)))


def test_cylinder():
    mesh = cylinder(64, 5, 2.0, 3.0)
    assert mesh.euler_characteristic == 0
    assert int(mesh.boundary.sum()) == 128
    assert float(mesh.face_areas.sum()) == pytest.approx(2 * math.pi * 2 * 3, rel=0.01)
    outwards = (mesh.face_normals * mesh.verts[mesh.faces].mean(1))[:, :2].sum(1)
    assert float(outwards.min()) > 1


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: icosphere(-1), "level must be between 0 and 8, got -1"),
        (lambda: icosphere(9), "level"),
        (lambda: torus(2, 5), "around and across must be at least 3, got 2 and 5"),
        (lambda: torus(5, 5, 1.0, 1.0), "tube must lie between 0 and radius"),
        (lambda: sheet(1, 5), "rows and columns must be at least 2, got 1 and 5"),
        (lambda: sheet(2, 2, 0.0), "spacing"),
        (lambda: cylinder(2, 5), "around, along must be at least 3 and 2, got 2 and 5"),
        (lambda: cylinder(3, 2, -1.0), "radius, height"),
    ],
)
def test_bad_sizes(make, words):
    with pytest.raises(ValueError, match=words):
        make()
