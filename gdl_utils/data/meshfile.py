"""Triangle meshes from PLY, OBJ and OFF files, read here so that a damaged file is an error.

VTK's reader takes the whole process down at a PLY file that ends too early, and libraries made for
meshes drop what they do not understand. Chapter 03.
"""

from __future__ import annotations

import codecs
import gzip
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from gdl_utils.data.plyfile import NEWLINE, Arrays, check_digits, read_ply, whole_number

OFF = re.compile(r"((?:ST|C|N)*)(4?)(n?)OFF")
"""What an OFF file begins with: which numbers follow each position, and how many it has."""


class Triangles(NamedTuple):
    """A surface as it is read: positions (V, 3), and three vertices a triangle (F, 3)."""

    verts: Float[Tensor, "V 3"]
    faces: Int[Tensor, "F 3"]


def read_mesh(path: str | Path) -> Triangles:
    """Read the vertices and triangles of a mesh file, as they stand in it.

    Parameters
    ----------
    path : str or Path
        A file that ends in .ply (text or binary), .obj or .off, or in one of these and .gz.
        Colours, normals, texture coordinates and whatever else an exporter adds are skipped.

    Returns
    -------
    verts : Tensor, (V, 3), float64
        Positions, in the file's unit.
    faces : Tensor, (F, 3), int64
        The three vertices of each triangle, from 0.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is of another format, damaged, holds no faces, or one that is not a triangle.

    Notes
    -----
    Chapter 03, *Data that is not flat*. Whether the triangles form a surface is not checked here:
    ``Mesh(*read_mesh(path))`` does, and ``.require_closed()`` insists on one without boundary.
    """
    if not isinstance(path, str | Path):
        raise ValueError(f"path must be a name or a Path, got {path!r}")
    path = Path(path)
    readers: dict[str, Callable[[bytes], Arrays]] = {".ply": read_ply, ".obj": _obj, ".off": _off}
    *_, last = "", *(suffix.lower() for suffix in path.suffixes)
    packed = last == ".gz"
    last = Path(path.stem).suffix.lower() if packed else last
    if last not in readers:
        raise ValueError(f"path must end in {', '.join(readers)}, got {path.name!r}")
    if not path.is_file():
        raise FileNotFoundError(f"path must be a mesh file, but there is none at {path}")
    try:
        data = path.read_bytes()
        data = gzip.decompress(data) if packed else data
        verts, faces = readers[last](data)
        verts, faces = verts.reshape(-1, 3).astype("f8"), faces.reshape(-1, 3).astype("i8")
        if not np.isfinite(verts).all():
            raise ValueError("a position is not finite")
        if faces.size == 0:
            raise ValueError("it holds no faces")
        if faces.min() < 0 or faces.max() >= len(verts):
            raise ValueError(f"a face names a vertex that is none of the {len(verts)}")
    except (ValueError, OverflowError, gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise ValueError(f"path must hold a triangle mesh, got {path}: {error}") from error
    return Triangles(torch.from_numpy(verts), torch.from_numpy(faces))


def _off(data: bytes) -> Arrays:
    """Positions are the first three numbers of a line, whatever follows them."""
    text = "\n".join(_lines(data)).lstrip()
    mark = OFF.match(text)
    if not mark:
        raise ValueError("it does not begin with OFF, nor with COFF, NOFF or another of its kinds")
    if mark[2] or mark[3]:
        raise ValueError(f"{mark[0]} holds positions of other than three numbers")
    lines = [words for words in map(str.split, text[mark.end() :].split("\n")) if words]
    if not lines or lines[0][0] == "BINARY":
        raise ValueError("it is of the binary kind, or ends after its first word")
    counts, rest = lines[0], lines[1:]  # on the first line, or the next, or glued to OFF
    if len(counts) < 2:
        raise ValueError(f"it must say how many vertices and faces it has, got {counts}")
    n, m = _number(counts[0]), _number(counts[1])
    if len(rest) < n + m:
        raise ValueError(f"it ends after {len(rest)} of {n + m} vertices and faces")
    faces = []
    for words in rest[n : n + m]:
        corners = words[1 : 1 + _number(words[0])]
        if len(corners) < _number(words[0]):
            raise ValueError(f"a face says {words[0]} corners and names {len(corners)}")
        faces.append(corners)
    return _positions(rest[:n]), _triangles(faces)


def _obj(data: bytes) -> Arrays:
    text = "\n".join(_lines(data))
    text = re.sub(r"\\[ \t]*\n", " ", text)  # a line that goes on in the next
    verts, faces = [], []
    for words in map(str.split, text.split("\n")):
        if not words:
            continue
        if words[0] == "v":
            verts.append(words[1:])
        elif words[0] in ("f", "fo"):
            names = [whole_number(word.split("/")[0]) for word in words[1:]]
            if 0 in names:
                raise ValueError("a face names vertex 0, and the first one is 1")
            faces.append([n - 1 if n > 0 else len(verts) + n for n in names])  # −1 is the last
    return _positions(verts), _triangles(faces)


def _lines(data: bytes) -> list[str]:
    """The lines of a text, without comments."""
    return [line.split("#")[0] for line in NEWLINE.split(_text(data))]


def _text(data: bytes) -> str:
    """Text in the encoding that it says, else in UTF-8, else in any: only comments may need it."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _number(word: str) -> int:
    number = whole_number(word)
    if number < 0:
        raise ValueError(f"it counts {number} of something")
    return number


def _positions(rows: list[list[str]]) -> np.ndarray:
    for row in rows:
        if len(row) < 3:
            raise ValueError(f"a vertex has {len(row)} of 3 coordinates")
        check_digits(row[:3])
    return np.array([row[:3] for row in rows], dtype="f8")


def _triangles(corners: list) -> np.ndarray:
    for names in corners:
        if len(names) != 3:
            raise ValueError(f"a face has {len(names)} corners: cut it into triangles first")
        check_digits([name for name in names if isinstance(name, str)])
    return np.array(corners, dtype="i8").reshape(-1, 3)
