"""Isometries as permutations, folds as moves of positions."""

import math

import numpy as np
import pytest
import torch

from gdl_utils.data.animals import load_animal
from gdl_utils.geodesics.actions import Folds, Isometries, crease, fold, isometries
from gdl_utils.geodesics.mesh import Mesh
from gdl_utils.geodesics.operators import cotangent_laplacian, mass
from gdl_utils.geodesics.paths import exact_distance
from gdl_utils.geodesics.shapes import cylinder, icosphere, sheet, torus


@pytest.mark.parametrize(
    ("mesh", "all_of_them", "oriented"),
    [
        (icosphere(0), 120, 60),
        (icosphere(2), 120, 60),
        (torus(12, 8), 24, 24),  # turns and half-turns; the diagonals have one handedness
        (torus(7, 5), 14, 14),
        (sheet(2, 2), 4, 2),
        (sheet(4, 4), 4, 2),
        (sheet(4, 5), 2, 2),
        (cylinder(6, 4), 12, 12),
    ],
    ids=lambda x: repr(x),
)
def test_their_number(mesh, all_of_them, oriented):
    assert len(isometries(mesh)) == all_of_them
    assert len(isometries(mesh, mirrored=False)) == oriented


@pytest.mark.parametrize("mesh", [icosphere(1), torus(7, 5), sheet(4, 4)], ids=repr)
def test_they_keep_faces_and_lengths_and_form_a_group(mesh):
    group = isometries(mesh)
    faces = {tuple(sorted(f)) for f in mesh.faces.tolist()}
    laplacian = cotangent_laplacian(mesh).toarray()
    known = {tuple(g) for g in group.table.tolist()}
    for g in group.table:
        assert {tuple(sorted(f)) for f in g[mesh.faces].tolist()} == faces
        np.testing.assert_allclose(laplacian[g][:, g], laplacian, atol=1e-12)
        np.testing.assert_allclose(mass(mesh)[g], mass(mesh), atol=1e-12)
        assert tuple(group.compose(g, group.table[-1]).tolist()) in known
        assert tuple(group.inverse(g).tolist()) in known


def test_every_isometry_of_the_sphere_is_a_rotation_or_a_reflection():
    mesh = icosphere(1)
    signs = []
    for g in isometries(mesh).table:
        turn = torch.linalg.lstsq(mesh.verts, mesh.verts[g]).solution
        np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-12)
        np.testing.assert_allclose(mesh.verts @ turn, mesh.verts[g], atol=1e-12)
        signs.append(round(float(torch.linalg.det(turn))))
    assert signs.count(1) == signs.count(-1) == 60


def test_a_sheet_of_one_square_by_hand():
    """Vertices 0 1 / 2 3, cut from 0 to 3: the half-turn, and the mirrors in both diagonals."""
    found = isometries(sheet(2, 2)).table.tolist()
    assert found == [[0, 1, 2, 3], [0, 2, 1, 3], [3, 1, 2, 0], [3, 2, 1, 0]]


def test_the_dog_knows_its_mirror():
    animal = load_animal("dog")
    group = isometries(Mesh(animal.verts, animal.faces), tolerance=1e-5)
    assert len(group) == 2
    assert torch.equal(group.table[(group.table != torch.arange(len(animal.verts))).any(1)][0],
                       animal.mirror)  # fmt: skip


def test_shaking_leaves_the_identity():
    sphere = icosphere(1)
    noise = torch.randn(42, 3, generator=torch.Generator().manual_seed(0))
    assert len(isometries(Mesh(sphere.verts + 0.01 * noise, sphere.faces))) == 1


def test_fold_by_hand():
    flat = sheet(2, 4)
    right_angle = torch.tensor([math.pi / 2, 0.0], dtype=torch.float64)
    bent = fold(right_angle, flat.verts)
    np.testing.assert_allclose(bent[:4], [[0, 0, 0], [1, 0, 0], [1, 0, -1], [1, 0, -2]], atol=1e-15)
    one_line = crease(flat.verts, 1.0, math.pi / 2)
    np.testing.assert_allclose(one_line, bent, atol=1e-15)


def test_folds_keep_lengths_and_geodesics_and_creases_do_not():
    flat = sheet(5, 9, 0.25)
    rng = torch.Generator().manual_seed(0)
    for _ in range(3):
        bent = Mesh(fold(Folds(9).sample(rng), flat.verts), flat.faces)
        np.testing.assert_allclose(bent.edge_lengths, flat.edge_lengths, rtol=1e-12)
        np.testing.assert_allclose(exact_distance(bent, 3), exact_distance(flat, 3), atol=1e-10)
    off = Mesh(crease(flat.verts, 0.6, 1.0, 0.3), flat.faces)
    assert float((off.edge_lengths - flat.edge_lengths).abs().max()) > 0.01


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (torch.tensor([0, 1]), r"table must be \(N, V\) of int64, got \(2,\)"),
        (torch.tensor([[0.0, 1.0]]), "float32"),
        (torch.tensor([[0, 1], [1, 1]]), r"permutations, got none in rows \[1\]"),
        (torch.tensor([[1, 0]]), "table must hold the identity"),
    ],
)
def test_bad_table(table, words):
    with pytest.raises(ValueError, match=words):
        Isometries(table)


def test_bad_meshes_and_folds():
    two = torch.cat([icosphere(0).faces, icosphere(0).faces + 12])
    with pytest.raises(ValueError, match="mesh must be in one piece, got 2"):
        isometries(Mesh(icosphere(0).verts.repeat(2, 1), two))
    with pytest.raises(ValueError, match="tolerance must be positive"):
        isometries(icosphere(0), tolerance=0.0)
    with pytest.raises(ValueError, match="columns must be at least 3, got 2"):
        Folds(2)
    with pytest.raises(ValueError, match="most"):
        Folds(3, most=-1.0)
    with pytest.raises(ValueError, match=r"verts must be \(rows · 4, 3\), got \(6, 3\)"):
        fold(torch.zeros(2), torch.zeros(6, 3))
    with pytest.raises(ValueError, match="in the plane z = 0"):
        crease(icosphere(0).verts, 0.0, 1.0)
