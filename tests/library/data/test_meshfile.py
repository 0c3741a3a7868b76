"""Mesh files say what they hold, and damaged ones what is wrong with them."""

import gzip
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


def rows(more="", faces_more=""):
    """Vertices and faces of the text formats, with more numbers on each line."""
    verts = "".join(f"{a} {b} {c}{more}\n" for a, b, c in VERTS)
    return verts + "".join(f"3 {a} {b} {c}{faces_more}\n" for a, b, c in FACES)


def header(form, vertex="", face="", before="", between=""):
    return (
        f"ply\nformat {form} 1.0\n{before}element vertex 4\nproperty float x\nproperty float y\n"
        f"property float z\n{vertex}{between}element face 4\n"
        f"property list uchar int vertex_indices\n{face}end_header\n"
    )


TEXCOORD = "property list uchar float texcoord\nproperty int texnumber\n"


def meshlab(form):
    """What MeshLab writes of a textured mesh: behind each face six numbers, or none."""
    order, floats = ("<" if "little" in form else ">"), [0.0, 0.5, 1.0, 0.25, 0.125, 2.0]
    head = header(form, "property uchar red\nproperty float quality\n", TEXCOORD)
    verts = [[*v, 255, 0.5] for v in VERTS]
    uneven = [floats if k % 2 else [] for k in range(4)]
    if form == "ascii":
        body = "".join(" ".join(map(str, v)) + "\n" for v in verts)
        for f, t in zip(FACES, uneven):
            body += " ".join(map(str, [3, *f, len(t), *t, -1])) + "\n"
        return (head + body).encode()
    body = b"".join(struct.pack(order + "fffBf", *v) for v in verts)
    for f, t in zip(FACES, uneven):
        body += struct.pack(f"{order}B3iB{len(t)}fi", 3, *f, len(t), *t, -1)
    return head.encode() + body


NAMED = "# modèle de René, par l’élève …\n"  # cp1252 has an end of line of Python's in it
PLAIN = "OFF\n4 4 6\n" + rows()
WRITTEN = {
    "COFF, colours as whole numbers": ("a.off", "COFF\n4 4 6\n" + rows(" 255 0 0 255", " 1 0 0")),
    "NOFF": ("a.off", "NOFF\n4 4 0\n" + rows(" 0 0 1")),
    "STOFF": ("a.off", "STOFF\n4 4 0\n" + rows(" 0.5 0.5")),
    "CNOFF, comments between": (
        "a.off", "# first\nCNOFF # made\n# by hand\n\n4 4 0\n" + rows(" 0 0 1 9 9 9"),
    ),
    "ModelNet: counts glued to OFF": ("a.off", "OFF4 4 6\n" + rows()),
    "ModelNet: counts on the line of OFF": ("a.off", "OFF 4 4 6\n" + rows()),
    "colours of faces, two counts, blank lines": (
        "a.off", "OFF\n\n4 4\n" + rows("", " 3") + "\n\n",
    ),
    "Windows' ends of lines and its mark": ("a.off", "\ufeff" + PLAIN.replace("\n", "\r\n")),
    "an old Macintosh": ("a.off", PLAIN.replace("\n", "\r")),
    "UTF-16": ("a.off", PLAIN.encode("utf-16")),
    "names in Latin letters": ("a.off", PLAIN.replace("4 4", NAMED + "4 4").encode("cp1252")),
    "OBJ, names in Latin letters": ("a.obj", (NAMED + OBJ).encode("cp1252")),
    "OBJ, lines that go on": ("a.obj", OBJ.replace("f 1 2 3\n", "f 1 \\\n2 \\\r\n 3\n")),
    "OBJ, a path that ends in a backslash": ("a.obj", "# C:\\models\\\n" + OBJ),
    "OBJ, colours and weights of vertices": (
        "a.obj",
        "".join(f"v {a} {b} {c} 0.1 0.2 0.3\n" for a, b, c in VERTS[:3])
        + "v -1 -1 0.5 1.0\n" + OBJ[OBJ.index("vt") :],
    ),
    "OBJ, Blender": (
        "a.obj", "# Blender 4.2\nmtllib a.mtl\no Tetra\n" + OBJ[OBJ.index("v 1") :]
        .replace("f 1 2 3", "s off\nusemtl None\nl 1 2\nf 1 2 3"),
    ),
    "OBJ, faces before their vertices": (
        "a.obj",
        "".join("f {} {} {}\n".format(*(v + 1 for v in f)) for f in FACES)
        + "".join("v {} {} {}\n".format(*v) for v in VERTS),
    ),
    "PLY, MeshLab, text": ("a.ply", meshlab("ascii")),
    "PLY, MeshLab, little": ("a.ply", meshlab("binary_little_endian")),
    "PLY, MeshLab, big": ("a.ply", meshlab("binary_big_endian")),
    "PLY, a comment with end_header": (
        "a.ply",
        header("ascii", before="comment end_header\nobj_info no end_header here\n") + rows(),
    ),
    "PLY, a comment in Latin letters": (
        "a.ply", (header("ascii", before="comment modèle …\n") + rows()).encode("cp1252"),
    ),
    "PLY, edges and lists between": (
        "a.ply",
        header("ascii", between="element edge 2\nproperty int a\nproperty list int int b\n")
        .replace("element vertex 4", "element camera 1\nproperty float f\nelement vertex 4")
        + "1.5\n" + rows().replace("3 0 1 2\n", "0 2 5 5\n1 0\n3 0 1 2\n", 1),
    ),
    "PLY, faces before vertices": (
        "a.ply",
        "ply\nformat ascii 1.0\nelement face 4\nproperty list uchar uint vertex_index\n"
        "element vertex 4\nproperty double z\nproperty double x\nproperty double y\nend_header\n"
        + "".join("3 {} {} {}\n".format(*f) for f in FACES)
        + "".join(f"{c} {a} {b}\n" for a, b, c in VERTS),
    ),
    "PLY, whole numbers of 16 bits": (
        "a.ply",
        header("binary_little_endian").replace("uchar int", "ushort short").encode()
        + b"".join(struct.pack("<fff", *v) for v in VERTS)
        + b"".join(struct.pack("<Hhhh", 3, *f) for f in FACES),
    ),
    "PLY, spaces at the end, junk behind": (
        "a.ply", header("ascii").replace("\n", " \n") + rows() + "\n\nand more\n",
    ),
    "PLY, binary whose first byte ends a line": (
        "a.ply",
        header("binary_little_endian").replace("\n", "\r").encode()
        + b"".join(struct.pack("<fff", *v) for v in VERTS)
        + b"".join(struct.pack("<Biii", 3, *f) for f in FACES),
    ),
    "packed": ("a.ply.gz", gzip.compress(LITTLE, mtime=0)),
    "packed, in capitals": ("A.OFF.GZ", gzip.compress(OFF.encode(), mtime=0)),
}  # fmt: skip


@pytest.mark.parametrize("name", WRITTEN)
def test_what_programs_write_is_the_same_tetrahedron(tmp_path, name):
    file, content = WRITTEN[name]
    path = tmp_path / file
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    verts, found = read_mesh(path)
    assert verts.tolist() == VERTS
    assert found.tolist() == FACES


def test_a_first_byte_that_looks_like_the_end_of_a_line(tmp_path):
    """A coordinate whose lowest byte is a line feed, behind a header that ends in one."""
    odd = struct.unpack("<f", b"\x0a\x00\x80\x3f")[0]
    for end in ("\n", "\r", "\r\n"):
        path = tmp_path / "a.ply"
        path.write_bytes(
            header("binary_little_endian").replace("\n", end).encode()
            + b"".join(struct.pack("<fff", *v) for v in [(odd, 1, 1), *VERTS[1:]])
            + b"".join(struct.pack("<Biii", 3, *f) for f in FACES)
        )
        assert float(read_mesh(path)[0][0, 0]) == odd


def test_a_large_file_with_uneven_lists_is_read_row_by_row(tmp_path):
    verts, found = load_spot()
    head = header("ascii", face=TEXCOORD).replace("vertex 4", f"vertex {len(verts)}")
    body = "".join("{} {} {}\n".format(*v) for v in verts.tolist())
    for k, f in enumerate(found.tolist()):
        body += "3 {} {} {} ".format(*f) + ("0 0\n" if k % 3 else "2 0.5 0.5 1\n")
    path = tmp_path / "a.ply"
    path.write_text(head.replace("face 4", f"face {len(found)}") + body)
    ours = read_mesh(path)
    assert torch.equal(ours[0], verts.double())
    assert torch.equal(ours[1], found)


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
        ("a.ply", LITTLE[:-1], "it ends within its element 'face'"),
        ("a.ply", LITTLE[: len(HEAD) - 40], "no header"),
        ("a.ply", LITTLE[:-60], "it ends within its element 'vertex'"),
        (
            "a.ply",
            HEAD.format("binary_little_endian").encode() + faces("<"),
            "it ends within its element 'vertex'",
        ),
        ("a.ply", ASCII[:-30], "it ends within its element 'face'"),
        ("a.ply", ASCII.replace("1 1 1 255", "1 nan 1 255"), "not finite"),
        ("a.ply", ASCII.replace("7 3 1 3 2", "7 3 1 3 9"), "a vertex that is none of the 4"),
        ("a.ply", ASCII.replace("7 3 1 3 2", "7 4 1 3 2"), "corners: cut it"),
        ("a.ply", HEAD.format("ascii").replace("4\nprop", "0\nprop"), "holds no faces"),
        ("a.ply", ASCII.replace("ascii", "binary_pdp_endian"), "binary_pdp_endian"),
        ("a.ply", ASCII.replace("vertex_indices", "strips"), "have a property 'vertex_indices'"),
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
        ("a.obj", OBJ.replace("v 1 1 1", "v 1 1"), "a vertex has 2 of 3 coordinates"),
        ("a.obj", b"\xff\xfe\x00", "can't decode"),
        ("a.off", OFF.replace("OFF", "4OFF"), "4OFF holds positions of other than three"),
        ("a.off", OFF.replace("OFF", "nOFF"), "nOFF holds positions of other than three"),
        ("a.off", OFF.replace("OFF", "OFF BINARY"), "of the binary kind"),
        ("a.off", "OFF\n", "ends after its first word"),
        ("a.off", OFF.replace("4 4 6", "4"), "must say how many vertices and faces"),
        ("a.off", OFF.replace("4 4 6", "-4 4 6"), "it counts -4"),
        ("a.off", OFF.replace("1 1 1\n", "1 1\n"), "a vertex has 2 of 3 coordinates"),
        ("a.off", OFF.replace("3 1 3 2", "3 1 3"), "a face says 3 corners and names 2"),
        ("a.obj", OBJ + "f 1 2 -9\n", "a vertex that is none of the 4"),
        ("a.obj", OBJ + "f 1 2\n", "2 corners: cut it"),
        ("a.ply", "ply\nformat ascii 1.0\nelement vertex 4\nend_header\n", "must have a property"),
        ("a.ply", ASCII.replace("format ascii 1.0\n", ""), "format must be one of"),
        ("a.ply", ASCII.replace("element face", "element tristrips"), "no element 'face'"),
        ("a.ply", ASCII.replace("float z", "float depth"), "must have a property 'z'"),
        ("a.ply", ASCII.replace("uchar flag", "half flag"), "the type 'half' of property 'flag'"),
        ("a.ply", ASCII.replace("vertex 4", "vertex -1"), "it counts -1 of element 'vertex'"),
        ("a.ply", ASCII.replace("vertex 4", "vertex"), "'element vertex' of its header is damaged"),
        ("a.ply", "ply\nproperty int x\nend_header\n", "before the first element"),
        ("a.ply", ASCII.replace("7 3 1 3 2", "7 3 1 3 1.5"), "not a whole number"),
        ("a.ply", ASCII.replace("7 3 1 3 2", "7 -3 1 3 2"), "says that it has -3"),
        ("a.ply", LITTLE.replace(b"end_header", b"and_header"), "no header"),
        ("a.ply.gz", LITTLE, "gzip"),
        ("a.ply.gz", gzip.compress(LITTLE, mtime=0)[:-20], "end-of-stream|ended before"),
        ("a.ply.gz", gzip.compress(LITTLE, mtime=0)[:30] + b"junk" * 9, "path must hold"),
        ("a.gz", b"", "path must end in"),
        (
            "a.ply",
            ASCII.replace("float x", "list uchar float x"),
            "'x' of its element 'vertex' must be a single",
        ),
        (
            "a.ply",
            ASCII.replace("list uchar int v", "int v"),
            "of its element 'face' must be a list",
        ),
        ("a.ply", ASCII.replace("double y", "float x"), "property 'x' stands twice in one element"),
        ("a.ply", ASCII.replace("element face", "element vertex"), "two elements 'vertex'"),
        ("a.ply", ASCII.replace("vertex 4", "vertex 0_4"), "'0_4' is not a number"),
        ("a.ply", ASCII.replace("7 3 1 3 2", "7 3 1 3 0_2"), "'0_2' is not a number"),
        ("a.off", OFF.replace("4 4 6", "4 4_0 6"), "'4_0' is not a number"),
        ("a.off", OFF.replace("3 1 3 2", "3 1 3 0_2"), "'0_2' is not a number"),
        ("a.obj", OBJ + "f 1 2 0_3\n", "'0_3' is not a number"),
        ("a.obj", OBJ.replace("v 1", "v 1_0", 1), "'1_0' is not a number"),
        ("a.obj", OBJ + "f 1 2 ٣\n", "'٣' is not a number"),
    ],
)
def test_bad_files_are_refused(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ValueError, match=message) as caught:
        read_mesh(path)
    assert "path must" in str(caught.value)
    assert name in str(caught.value)


@pytest.mark.parametrize("path", [None, 3, b"a.ply"])
def test_a_bad_path(path):
    with pytest.raises(ValueError, match="path must be a name or a Path, got"):
        read_mesh(path)


def test_an_open_file_and_one_that_is_no_surface(tmp_path):
    path = tmp_path / "a.off"
    path.write_text(OFF.replace("4 4 6", "4 3 6").replace("3 1 3 2\n", ""))
    with pytest.raises(ValueError, match=r"close the surface, got 3 edges .*\(1, 2\)"):
        Mesh(*read_mesh(path)).require_closed()
    path.write_text("OFF\n5 3 0\n0 0 0\n1 0 0\n0 1 0\n0 -1 0\n0 0 1\n3 0 1 2\n3 1 0 3\n3 0 1 4\n")
    with pytest.raises(ValueError, match=r"faces must be manifold, .*\(0, 1\)"):
        Mesh(*read_mesh(path))
