"""A mesh is a surface or an error that says where it is none."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from gdl_utils.data.spot import load_spot
from gdl_utils.geodesics.mesh import Mesh

CUBE = torch.tensor([[x, y, z] for x in (0.0, 1) for y in (0.0, 1) for z in (0.0, 1)])
SIDES = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
CUBE_FACES = torch.tensor([t for a, b, c, d in SIDES for t in ((a, b, c), (a, c, d))])
TETRA = np.array([[1.0, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
FACES = np.array([[0, 1, 2], [0, 3, 1], [0, 2, 3], [1, 3, 2]])


def sheet(n=4, m=4):
    """A flat sheet of n × m squares, each cut into two triangles."""
    i, j = np.meshgrid(np.arange(n + 1), np.arange(m + 1), indexing="ij")
    verts = np.stack([i, j, 0 * i], -1).reshape(-1, 3).astype(float)
    a = (i[:-1, :-1] * (m + 1) + j[:-1, :-1]).reshape(-1)
    b, c, d = a + m + 1, a + m + 2, a + 1
    faces = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])
    return Mesh(torch.tensor(verts), torch.tensor(faces))


def test_a_cube_by_hand():
    cube = Mesh(CUBE, CUBE_FACES)
    assert repr(cube) == "Mesh(8 vertices, 12 faces)"
    assert cube.verts.dtype == torch.float64
    assert cube.faces.dtype == torch.int64
    assert len(cube.edges) == 18  # 12 of the cube, 6 diagonals
    assert cube.euler_characteristic == 2
    assert cube.is_closed
    assert cube.require_closed() is cube
    assert not cube.boundary.any()
    assert cube.components.tolist() == [0] * 8
    assert sorted(cube.edge_lengths.tolist()) == pytest.approx([1.0] * 12 + [2**0.5] * 6)
    assert cube.face_areas.tolist() == pytest.approx([0.5] * 12)
    middle = cube.verts[cube.faces].mean(1) - 0.5
    outwards = (cube.face_normals * middle).sum(1)
    assert (outwards > 0.4).all()
    assert cube.face_normals.abs().max(1).values.tolist() == [1.0] * 12


def test_halfedges_and_the_two_faces_at_an_edge():
    mesh = Mesh(torch.tensor(TETRA), torch.tensor(FACES))
    assert mesh.halfedges[:3].tolist() == [[0, 1], [1, 2], [2, 0]]
    assert mesh.edges.tolist() == [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]]
    # Face 0 = (0, 1, 2) runs along 0 → 1, so it is left of that edge; face 1 = (0, 3, 1) is right.
    assert mesh.edge_faces[0].tolist() == [0, 1]
    for (a, b), (left, right) in zip(mesh.edges.tolist(), mesh.edge_faces.tolist()):
        ring = mesh.faces[left].tolist() * 2
        assert (a, b) in pairwise(ring)
        ring = mesh.faces[right].tolist() * 2
        assert (b, a) in pairwise(ring)


def test_a_sheet_has_a_boundary():
    flat = sheet(3, 2)
    assert flat.euler_characteristic == 1
    assert not flat.is_closed
    assert len(flat.boundary_edges) == 10  # the perimeter
    assert int(flat.boundary.sum()) == 10
    assert int((flat.edge_faces < 0).sum()) == 10
    assert float(flat.face_areas.sum()) == pytest.approx(6)
    with pytest.raises(ValueError, match=r"close the surface, got 10 edges .*\(0, 3\)"):
        flat.require_closed()


def test_pieces_add_up():
    verts, faces = torch.tensor(TETRA), torch.tensor(FACES)
    two = Mesh(torch.cat([verts, verts + 5]), torch.cat([faces, faces + 4]))
    assert two.components.tolist() == [0] * 4 + [1] * 4
    assert two.euler_characteristic == 4
    assert two.is_closed


def test_a_torus_has_characteristic_zero():
    n = 8
    t = 2 * np.pi * np.arange(n) / n
    u, v = (x.reshape(-1) for x in np.meshgrid(t, t, indexing="ij"))
    r = 2 + np.cos(v)
    i = np.arange(n * n)
    right = i // n * n + (i + 1) % n
    down, both = (i + n) % (n * n), (right + n) % (n * n)
    faces = np.concatenate([np.stack([i, down, both], 1), np.stack([i, both, right], 1)])
    verts = np.stack([r * np.cos(u), r * np.sin(u), np.sin(v)], 1)
    torus = Mesh(torch.tensor(verts), torch.tensor(faces))
    assert torus.euler_characteristic == 0
    assert torus.is_closed


def test_the_same_counts_as_vtk():
    import pyvista as pv

    verts, faces = load_spot()
    peer = pv.PolyData.from_regular_faces(verts.numpy(), faces.numpy())
    mesh = Mesh(verts, faces)
    assert len(mesh.edges) == peer.extract_all_edges().n_cells
    assert mesh.is_closed
    assert peer.n_open_edges == 0
    assert float(mesh.face_areas.sum()) == pytest.approx(peer.area)
    # Numbering the vertices afresh changes no property of the surface.
    order = torch.randperm(len(verts), generator=torch.Generator().manual_seed(0))
    again = Mesh(verts[order], torch.argsort(order)[faces])
    assert again.euler_characteristic == mesh.euler_characteristic == 2
    torch.testing.assert_close(again.edge_lengths.sum(), mesh.edge_lengths.sum())


def test_a_mesh_does_not_change_with_what_it_was_made_from():
    verts, faces = torch.tensor(TETRA), torch.tensor(FACES)
    mesh = Mesh(verts, faces)
    verts += 1
    faces += 1
    assert mesh.verts.tolist() == TETRA.tolist()
    assert mesh.faces.tolist() == FACES.tolist()
    with pytest.raises(AttributeError):
        mesh.verts = verts


def test_arrays_and_lists_are_not_bad():
    for verts, faces in ((TETRA, FACES), (TETRA.tolist(), FACES.tolist())):
        mesh = Mesh(verts, faces)
        assert mesh.verts.dtype == torch.float64
        assert mesh.euler_characteristic == 2


def changed(table, row, new):
    table = table.copy()
    table[row] = new
    return table


BOW_TIE = np.concatenate([TETRA, TETRA[1:] + 5])  # two tetrahedra that share vertex 0
BOW_TIE_FACES = np.concatenate([FACES, np.where(FACES > 0, FACES + 3, 0)])
OPEN_BOW_TIE = np.array([[0, 1, 2], [0, 3, 4]])
BOOK = np.array([[0, 1, 2], [1, 0, 3], [0, 1, 4]])  # three pages at the edge (0, 1)
FIVE = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, -1, 0], [0.3, 0, 1]])


@pytest.mark.parametrize(
    ("verts", "faces", "message"),
    [
        (TETRA[:, :2], FACES, r"verts must be \(V, 3\) with V ≥ 1, got \(4, 2\)"),
        (TETRA[:0], FACES, r"verts must be \(V, 3\) with V ≥ 1, got \(0, 3\)"),
        (TETRA, FACES[:, :2], r"faces must be \(F, 3\) with F ≥ 1, got \(4, 2\)"),
        (TETRA, FACES[:0], r"faces must be \(F, 3\) with F ≥ 1, got \(0, 3\)"),
        (TETRA, [[0, 1, 2], [0, 1]], "faces must be a table"),
        (TETRA, FACES.astype(float), "faces must hold integers, got float64"),
        (TETRA.astype(complex), FACES, "verts must hold real numbers, got complex128"),
        (TETRA.astype(str), FACES, "verts must hold real numbers, got <U"),
        (changed(TETRA, 2, np.nan), FACES, "verts must be finite, got NaN or infinity at 2"),
        (TETRA, changed(FACES, 1, [0, 3, 4]), r"vertices 0 to 3, got 4 in faces 1"),
        (TETRA, changed(FACES, 1, [0, 3, -1]), r"vertices 0 to 3, got -1 in faces 1"),
        (TETRA, changed(FACES, 3, [1, 3, 1]), "three different vertices, not so 3"),
        (TETRA, np.concatenate([FACES, FACES[:1, [1, 2, 0]]]), "same triangle at 0, 4"),
        (changed(TETRA, 2, (TETRA[0] + TETRA[1]) / 2), FACES, "must have an area, got none at 0"),
        (np.concatenate([TETRA, TETRA + 9]), FACES, "belong to a face, not so 4, 5, 6, 7"),
        (FIVE, BOOK, r"manifold, with at most two at an edge, .*edges \(0, 1\)"),
        (
            TETRA,
            changed(FACES, 3, [1, 2, 3]),
            r"oriented alike, .*edges \(1, 2\), \(1, 3\), \(2, 3",
        ),
        (BOW_TIE, BOW_TIE_FACES, "manifold, with one fan around a vertex, got more at vertices 0"),
        (FIVE, OPEN_BOW_TIE, "one fan around a vertex, got more at vertices 0"),
    ],
)
def test_bad_surfaces_are_refused(verts, faces, message):
    with pytest.raises(ValueError, match=message):
        Mesh(verts, faces)


def test_a_long_list_of_bad_vertices_is_cut():
    verts = np.concatenate([TETRA, TETRA + 9, TETRA + 99])
    with pytest.raises(ValueError, match="not so 4, 5, 6, 7, 8 and 3 more"):
        Mesh(verts, FACES)
