"""Mesh files say what they hold, and damaged ones what is wrong with them."""

import struct

import numpy as np
import pytest
import torch

from gdl_utils.data.meshfile import read_mesh
from gdl_utils.data.spot import load_spot
from gdl_utils.geodesics.mesh import Mesh

VERTS = [[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 0.5]]
FACES = [[0, 1, 2], [0, 3, 1], [0, 2, 3], [1, 3, 2]]
V = "\n".join(" ".join(map(str, v)) for v in VERTS) + "\n"
F = "\n".join("3 " + " ".join(map(str, f)) for f in FACES) + "\n"
OFF = "OFF # a comment\n4 4 6\n" + V + F
OBJ = (
    "# a comment\nmtllib none.mtl\n"
    + "".join(f"v {a} {b} {c}\n" for a, b, c in VERTS)
    + "vt 0 0\nvn 0 0 1\nf 1 2 3\nf 1/1 4/1 2/1\nf 1/1/1 3/1/1 4/1/1\nf -3//1 -1//1 -2//1\n"
)
HEAD = (
    "ply\nformat {} 1.0\ncomment made by hand\nelement vertex 4\n"
    "property float x\nproperty double y\nproperty float z\nproperty uchar red\n"
    "element face 4\nproperty uchar flag\nproperty list uchar int vertex_indices\nend_header\n"
)
ASCII = (
    HEAD.format("ascii")
    + "".join(f"{a} {b} {c} 255\n" for a, b, c in VERTS)
    + "".join(f"7 3 {a} {b} {c}\n" for a, b, c in FACES)
)


def binary(order, name):
    body = b"".join(struct.pack(order + "fdfB", *v, 255) for v in VERTS)
    return HEAD.format(name).encode() + body + faces(order)


def faces(order):
    return b"".join(struct.pack(order + "BBiii", 7, 3, *f) for f in FACES)


LITTLE = binary("<", "binary_little_endian")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.off", OFF),
        ("b.off", "OFF 4 4 6\n" + V + F),
        ("a.obj", OBJ),
        ("A.OBJ", OBJ),
        ("a.ply", ASCII),
        ("b.ply", LITTLE),
        ("c.ply", binary(">", "binary_big_endian")),
        ("d.ply", ASCII.replace("\n", "\r\n")),
    ],
)
def test_the_same_tetrahedron_in_every_format(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    verts, found = read_mesh(path)
    assert verts.tolist() == VERTS
    assert found.tolist() == FACES
    assert verts.dtype == torch.float64
    assert found.dtype == torch.int64
    assert Mesh(verts, found).require_closed().euler_characteristic == 2


def test_what_vtk_writes_is_read_as_vtk_reads_it(tmp_path):
    import pyvista as pv

    verts, found = load_spot()
    peer = pv.PolyData.from_regular_faces(verts.numpy(), found.numpy())
    for name, text in (("a.ply", True), ("b.ply", False)):
        peer.save(tmp_path / name, binary=text)
        again = pv.read(tmp_path / name)
        ours = read_mesh(tmp_path / name)
        np.testing.assert_allclose(ours[0], again.points, rtol=1e-6)
        np.testing.assert_array_equal(ours[1], again.regular_faces)


def test_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none at .*nothing\.ply"):
        read_mesh(tmp_path / "nothing.ply")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.stl", "solid", "path must end in .ply, .obj, .off"),
        ("a.ply", "", "no header"),
        ("a.ply", "junk" * 20, "no header"),
        ("a.ply", LITTLE[:-1], "buffer is smaller"),
        ("a.ply", LITTLE[: len(HEAD) - 40], "no header"),
        ("a.ply", LITTLE[:-60], "buffer is smaller"),
        ("a.ply", HEAD.format("binary_little_endian").encode() + faces("<"), "buffer is smaller"),
        ("a.ply", ASCII[:-30], "cannot reshape"),
        ("a.ply", ASCII.replace("1 1 1 255", "1 nan 1 255"), "not finite"),
        ("a.ply", ASCII.replace("7 3 1 3 2", "7 3 1 3 9"), "a vertex that is none of the 4"),
        ("a.ply", ASCII.replace("7 3 1 3 2", "7 4 1 3 2"), "corners: cut it"),
        ("a.ply", HEAD.format("ascii").replace("4\nprop", "0\nprop"), "holds no faces"),
        ("a.ply", ASCII.replace("ascii", "binary_pdp_endian"), "binary_pdp_endian"),
        ("a.ply", ASCII.replace("vertex_indices", "strips"), "lists of strips"),
        ("a.off", "", "does not begin with OFF"),
        ("a.off", OBJ, "does not begin with OFF"),
        ("a.off", OFF[:60], "ends after"),
        ("a.off", OFF.replace("3 1 3 2", "4 1 3 2 0"), "4 corners: cut it"),
        ("a.off", OFF.replace("3 1 3 2", "3 1 3 x"), "invalid literal"),
        ("a.obj", "v 0 0 0\nv 1 1 1\n", "holds no faces"),
        ("a.obj", OBJ + "f 1 2 9\n", "a vertex that is none of the 4"),
        ("a.obj", OBJ + "f 1 2 0\n", "vertex 0, and the first one is 1"),
        ("a.obj", OBJ + "f 1 2 3 4\n", "4 corners: cut it"),
        ("a.obj", OBJ.replace("v 1 1 1", "v 1 1 x"), "could not convert"),
        ("a.obj", OBJ.replace("v 1 1 1", "v 1 1"), "inhomogeneous|rows"),
        ("a.obj", b"\xff\xfe\x00", "can't decode"),
    ],
)
def test_bad_files_are_refused(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ValueError, match=message) as caught:
        read_mesh(path)
    assert "path must" in str(caught.value)
    assert name in str(caught.value)


def test_an_open_file_and_one_that_is_no_surface(tmp_path):
    path = tmp_path / "a.off"
    path.write_text(OFF.replace("4 4 6", "4 3 6").replace("3 1 3 2\n", ""))
    with pytest.raises(ValueError, match=r"close the surface, got 3 edges .*\(1, 2\)"):
        Mesh(*read_mesh(path)).require_closed()
    path.write_text("OFF\n5 3 0\n0 0 0\n1 0 0\n0 1 0\n0 -1 0\n0 0 1\n3 0 1 2\n3 1 0 3\n3 0 1 4\n")
    with pytest.raises(ValueError, match=r"faces must be manifold, .*\(0, 1\)"):
        Mesh(*read_mesh(path))
