"""Vertices and triangles from the text and binary forms of the PLY format. See chapter 03.

A header names elements (vertices, faces, and what else a program likes), each with properties: one
number, or a list whose length is written before it. Only positions and the faces' vertices are
kept; everything else must still be counted, so as to be skipped.
"""

from __future__ import annotations

import re

import numpy as np

TYPES = {
    "char": "i1", "int8": "i1", "uchar": "u1", "uint8": "u1", "short": "i2", "int16": "i2",
    "ushort": "u2", "uint16": "u2", "int": "i4", "int32": "i4", "uint": "u4", "uint32": "u4",
    "float": "f4", "float32": "f4", "double": "f8", "float64": "f8",
}  # fmt: skip
"""PLY's names of types, old and new, and numpy's."""
ORDERS = {"ascii": "=", "binary_little_endian": "<", "binary_big_endian": ">"}
CORNERS = ("vertex_indices", "vertex_index")
NEWLINE = re.compile("\r\n|\n|\r")
"""Nothing else ends a line: some bytes of a comment in another encoding would, to Python."""

Arrays = tuple[np.ndarray, np.ndarray]
Property = tuple[str, str, str | None]
"""Name, type, and the type of the length for a list."""


def read_ply(data: bytes) -> Arrays:
    """Return the vertices (V, 3) and faces (F, 3) of a PLY file. Chapter 03.

    Raises
    ------
    ValueError
        If it is damaged, or a face is no triangle.
    """
    form, elements, body = _header(data.removeprefix(b"\xef\xbb\xbf"))
    for name, needed in (("vertex", [("x",), ("y",), ("z",)]), ("face", [CORNERS])):
        if name not in elements:
            raise ValueError(f"it has no element {name!r}")
        have = [key for key, _, _ in elements[name][1]]
        for keys in needed:
            if not set(keys) & set(have):
                raise ValueError(f"its element {name!r} must have a property {keys[0]!r}")
    source = _Words(body) if form == "ascii" else _Bytes(body, ORDERS[form])
    tables: dict[str, dict[str, np.ndarray]] = {}
    for name, (count, properties) in elements.items():
        tables[name] = source.table(name, count, properties)
        if {"vertex", "face"} <= set(tables):
            break
    corners = next(tables["face"][key] for key in CORNERS if key in tables["face"])
    return np.stack([tables["vertex"][axis] for axis in "xyz"], 1), corners


def _header(data: bytes) -> tuple[str, dict[str, tuple[int, list[Property]]], bytes]:
    """The form, the elements in their order, and what comes after the header."""
    first = re.match(rb"ply[ \t]*(\r\n|\n|\r)", data)
    if not first:
        raise ValueError("it has no header that begins with ply and ends with end_header")
    newline, form, start = first[1], None, first.end()
    elements: dict[str, tuple[int, list[Property]]] = {}
    while True:
        stop = data.find(newline, start)
        line = data[start : len(data) if stop < 0 else stop].decode("latin-1")
        words, start = line.split(), stop + len(newline)
        if words == ["end_header"]:
            break
        if stop < 0:
            raise ValueError("it has no header that begins with ply and ends with end_header")
        if words[:1] == ["format"] and len(words) > 1:
            form = words[1]
        elif words[:1] == ["element"]:
            name, count = _named(words, 3)
            if int(count) < 0:
                raise ValueError(f"it counts {count} of element {name!r}")
            elements[name] = (int(count), [])
        elif words[:1] == ["property"]:
            if not elements:
                raise ValueError("a property stands before the first element")
            is_list = words[1:2] == ["list"]
            parts = _named(words, 5)[1:] if is_list else (None, *_named(words, 3))
            for kind in parts[:-1]:
                if kind is not None and kind not in TYPES:
                    raise ValueError(f"the type {kind!r} of property {parts[-1]!r} is not known")
            *_, properties = elements.values()
            properties[1].append((parts[2], parts[1], parts[0]))
    if form not in ORDERS:
        raise ValueError(f"its format must be one of {', '.join(ORDERS)}, got {form}")
    return form, elements, b"" if stop < 0 else data[start:]


def _named(words: list[str], count: int) -> tuple[str, ...]:
    if len(words) != count:
        raise ValueError(f"the line {' '.join(words)!r} of its header is damaged")
    return tuple(words[1:])


class _Source:
    """What follows the header, read element by element.

    The lists of most files have one length each: then a whole element is one table. Where the
    first row's lengths do not hold for all, it is read row by row.
    """

    def table(self, name: str, count: int, properties: list[Property]) -> dict[str, np.ndarray]:
        """The columns that are numbers, and the corners of faces; other lists are skipped."""
        if not count or not properties:
            return {key: np.empty((0, 3)[: 1 + (key in CORNERS)]) for key, _, _ in properties}
        here = self.mark()
        lengths = self.lengths(properties)
        rows = self.rows(name, count, properties, lengths)
        same = all(
            (rows[f"n{k}"] == length).all()
            for k, length in enumerate(lengths)
            if length is not None
        )
        if not same:
            self.back_to(here)
            return self.row_by_row(name, count, properties)
        columns = {}
        for k, (key, _, _) in enumerate(properties):
            if key in CORNERS and name == "face":
                _check_triangle(lengths[k])
            columns[key] = rows[f"p{k}"]
        return columns

    def row_by_row(self, name: str, count: int, properties: list[Property]) -> dict:
        found: dict[str, list] = {key: [] for key, _, of in properties if of is None}
        found |= {key: [] for key, _, _ in properties if key in CORNERS}
        for _ in range(count):
            lengths = self.lengths(properties)
            row = self.rows(name, 1, properties, lengths)
            for k, (key, _, _) in enumerate(properties):
                if key in CORNERS and name == "face":
                    _check_triangle(lengths[k])
                if key in found:
                    found[key].append(row[f"p{k}"][0])
        return {key: np.array(values) for key, values in found.items()}
