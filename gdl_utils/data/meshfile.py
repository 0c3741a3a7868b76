"""Triangle meshes from PLY, OBJ and OFF files, read here so that a damaged file is an error.

VTK's reader takes the whole process down at a PLY file that ends too early. Chapter 03.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

TYPES = {
    "char": "i1", "int8": "i1", "uchar": "u1", "uint8": "u1", "short": "i2", "int16": "i2",
    "ushort": "u2", "uint16": "u2", "int": "i4", "int32": "i4", "uint": "u4", "uint32": "u4",
    "float": "f4", "float32": "f4", "double": "f8", "float64": "f8",
}  # fmt: skip
"""PLY's names of types, old and new, and numpy's."""
ORDERS = {"binary_little_endian": "<", "binary_big_endian": ">"}
Arrays = tuple[np.ndarray, np.ndarray]


def read_mesh(path: str | Path) -> tuple[Float[Tensor, "V 3"], Int[Tensor, "F 3"]]:
    """Read the vertices and triangles of a mesh file, as they stand in it.

    Parameters
    ----------
    path : str or Path
        A file that ends in .ply (text or binary), .obj or .off. Colours, normals and texture
        coordinates are skipped.

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
        If it is of another format, damaged, holds no faces, or one that is no triangle.

    Notes
    -----
    Chapter 03, *Data that is not flat*. Whether the triangles form a surface is not checked here:
    ``Mesh(*read_mesh(path))`` does, and ``.require_closed()`` insists on one without boundary.
    """
    path = Path(path)
    readers: dict[str, Callable[[bytes], Arrays]] = {".ply": _ply, ".obj": _obj, ".off": _off}
    if path.suffix.lower() not in readers:
        raise ValueError(f"path must end in {', '.join(readers)}, got {path.name!r}")
    if not path.is_file():
        raise FileNotFoundError(f"path must be a mesh file, but there is none at {path}")
    try:
        verts, faces = readers[path.suffix.lower()](path.read_bytes())
        verts, faces = verts.reshape(-1, 3).astype("f8"), faces.reshape(-1, 3).astype("i8")
        if not np.isfinite(verts).all():
            raise ValueError("a position is not finite")
        if faces.size == 0:
            raise ValueError("it holds no faces")
        if faces.min() < 0 or faces.max() >= len(verts):
            raise ValueError(f"a face names a vertex that is none of the {len(verts)}")
    except (ValueError, KeyError, IndexError, OverflowError) as error:
        raise ValueError(f"path must hold a triangle mesh, got {path}: {error}") from error
    return torch.from_numpy(verts), torch.from_numpy(faces)


def _triangles(corners: list[list[str]]) -> np.ndarray:
    for names in corners:
        if len(names) != 3:
            raise ValueError(f"a face has {len(names)} corners: cut it into triangles first")
    return np.array(corners, dtype="i8").reshape(-1, 3)


def _lines(data: bytes) -> list[list[str]]:
    """Words of each line, without comments and empty lines."""
    lines = (line.split("#")[0].split() for line in data.decode("utf-8").splitlines())
    return [words for words in lines if words]


def _off(data: bytes) -> Arrays:
    lines = _lines(data)
    if not lines or lines[0][0] != "OFF":
        raise ValueError("it does not begin with OFF")
    first = lines[0][1:] or lines[1]  # some writers put the counts on the first line
    rest = lines[1:] if lines[0][1:] else lines[2:]
    n, m = int(first[0]), int(first[1])
    if len(rest) < n + m:
        raise ValueError(f"it ends after {len(rest)} of {n + m} vertices and faces")
    faces = [words[1 : 1 + int(words[0])] for words in rest[n : n + m]]
    return np.array([words[:3] for words in rest[:n]], dtype="f8"), _triangles(faces)


def _obj(data: bytes) -> Arrays:
    verts, faces = [], []
    for words in _lines(data):
        if words[0] == "v":
            verts.append(words[1:4])
        elif words[0] == "f":
            names = [int(word.split("/")[0]) for word in words[1:]]
            if 0 in names:
                raise ValueError("a face names vertex 0, and the first one is 1")
            faces.append([n - 1 if n > 0 else len(verts) + n for n in names])  # −1 is the last
    return np.array(verts, dtype="f8"), _triangles(faces)


def _ply(data: bytes) -> Arrays:
    head, mark, body = data.partition(b"end_header")
    lines = [line.split() for line in head.decode("utf-8").splitlines()]
    if not mark or not lines or lines[0] != ["ply"]:
        raise ValueError("it has no header that begins with ply and ends with end_header")
    body = body[2:] if body.startswith(b"\r\n") else body[1:]
    form = next(words[1] for words in lines if words[:1] == ["format"])
    elements: dict[str, tuple[int, list[list[str]]]] = {}
    for words in lines:
        if words[:1] == ["element"]:
            elements[name := words[1]] = (int(words[2]), [])
        elif words[:1] == ["property"]:
            elements[name][1].append(words[1:])
    tables = {}
    tokens = body.decode("utf-8").split() if form == "ascii" else []
    order = "" if form == "ascii" else ORDERS[form]
    for name, (count, properties) in elements.items():
        dtype = _dtype(properties, order or "=")
        if form == "ascii":
            width = sum(int(np.prod(dtype[k].shape)) for k in range(len(dtype)))
            rows, tokens = tokens[: count * width], tokens[count * width :]
            table = np.array(rows, dtype="f8").reshape(count, width)
            starts = np.cumsum([0] + [int(np.prod(dtype[k].shape)) for k in range(len(dtype))])
            columns = {key: table[:, starts[k]] for k, key in enumerate(dtype.names)}
            if "corners" in columns:
                k = starts[dtype.names.index("corners")]
                columns["corners"] = table[:, k : k + 3]
        else:
            columns = np.frombuffer(body, dtype, count)
            body = body[count * dtype.itemsize :]
        if "sides" in dtype.names and not (np.asarray(columns["sides"]) == 3).all():
            raise ValueError("a face has more or less than 3 corners: cut it into triangles first")
        tables[name] = columns
        if {"vertex", "face"} <= set(tables):
            break
    verts, faces = tables["vertex"], tables["face"]["corners"]
    return np.stack([verts[axis] for axis in "xyz"], 1), np.asarray(faces)


def _dtype(properties: list[list[str]], order: str) -> np.dtype:
    """One row of a PLY element whose only list has three members."""
    fields: list[tuple] = []
    for words in properties:
        if words[0] != "list":
            fields.append((words[1], order + TYPES[words[0]]))
        elif words[3] in ("vertex_indices", "vertex_index"):
            fields += [("sides", order + TYPES[words[1]]), ("corners", order + TYPES[words[2]], 3)]
        else:
            raise ValueError(f"lists of {words[3]} are not read")
    return np.dtype(fields)
