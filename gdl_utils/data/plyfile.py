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
    "int64": "i8", "uint64": "u8",
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
        If it is damaged, or a face is not a triangle.
    """
    form, elements, body = _header(data.removeprefix(b"\xef\xbb\xbf"))
    for name, needed in (("vertex", [("x",), ("y",), ("z",)]), ("face", [CORNERS])):
        if name not in elements:
            raise ValueError(f"it has no element {name!r}")
        lists = {key: of is not None for key, _, of in elements[name][1]}
        for keys in needed:
            found = [key for key in keys if key in lists]
            if not found:
                raise ValueError(f"its element {name!r} must have a property {keys[0]!r}")
            if lists[found[0]] != (name == "face"):
                kind = "a list" if name == "face" else "a single number"
                raise ValueError(
                    f"the property {found[0]!r} of its element {name!r} must be {kind}"
                )
    source = _Words(body) if form == "ascii" else _Bytes(body, ORDERS[form])
    tables: dict[str, dict[str, np.ndarray]] = {}
    for name, (count, properties) in elements.items():
        tables[name] = source.table(name, count, properties)
        if {"vertex", "face"} <= set(tables):
            break
    corners = next(tables["face"][key] for key in CORNERS if key in tables["face"])
    if not (corners == np.floor(corners)).all():
        raise ValueError("a face names a vertex by what is not a whole number")
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
            if whole_number(count) < 0:
                raise ValueError(f"it counts {count} of element {name!r}")
            if name in elements:
                raise ValueError(f"it has two elements {name!r}")
            elements[name] = (whole_number(count), [])
        elif words[:1] == ["property"]:
            if not elements:
                raise ValueError("a property stands before the first element")
            is_list = words[1:2] == ["list"]
            parts = _named(words, 5)[1:] if is_list else (None, *_named(words, 3))
            for kind in parts[:-1]:
                if kind is not None and kind not in TYPES:
                    raise ValueError(f"the type {kind!r} of property {parts[-1]!r} is not known")
            *_, properties = elements.values()
            if parts[-1] in [key for key, _, _ in properties[1]]:
                raise ValueError(f"the property {parts[-1]!r} stands twice in one element")
            properties[1].append((parts[2], parts[1], parts[0]))
    if form not in ORDERS:
        raise ValueError(f"its format must be one of {', '.join(ORDERS)}, got {form}")
    return form, elements, b"" if stop < 0 else data[start:]


def whole_number(word: str) -> int:
    """A whole number in the digits of a file. Chapter 03.

    Raises
    ------
    ValueError
        If it is not one: Python itself would read ``1_0`` as 10, and the digits of any script.
    """
    check_digits([word])
    return int(word)


def check_digits(words: list[str]) -> None:
    """Raise ``ValueError`` for what only Python would read as a number: ``1_0``. Chapter 03."""
    together = "".join(words)
    if "_" in together or not together.isascii():
        wrong = next(word for word in words if "_" in word or not word.isascii())
        raise ValueError(f"{wrong!r} is not a number")


def _named(words: list[str], count: int) -> tuple[str, ...]:
    if len(words) != count:
        raise ValueError(f"the line {' '.join(words)!r} of its header is damaged")
    return tuple(words[1:])


class _Source:
    """What follows the header, element by element.

    The lists of most files have one length each: then a whole element is one table. Where the
    lengths of its first row do not hold for all, it is read row by row.
    """

    def table(self, name: str, count: int, properties: list[Property]) -> dict[str, np.ndarray]:
        """The columns of an element that are numbers or corners; other lists are passed over."""
        if not count or not properties:
            return {key: np.empty((0, 3)) for key, _, _ in properties}
        columns = self._uniform(name, count, properties)
        if columns is None:
            rows = [self._uniform(name, 1, properties) for _ in range(count)]
            columns = {key: np.concatenate([row[key] for row in rows]) for key in rows[0]}
        return columns

    def _uniform(self, name: str, count: int, properties: list[Property]) -> dict | None:
        """Read rows whose lists are as long as those of the first; None if they are not."""
        lengths = self.lengths(name, properties)
        for (key, _, _), length in zip(properties, lengths):
            if _is_face(name, key) and length != 3:
                raise ValueError(f"a face has {length} corners: cut it into triangles first")
        values, sizes, size = self.rows(count, properties, lengths)
        for k, length in enumerate(lengths):
            if length is not None and (sizes[k] != length).any():
                return None
        if len(values[0]) < count:
            raise ValueError(f"it ends within its element {name!r}")
        columns = {}
        for (key, _, _), length, column in zip(properties, lengths, values):
            if length is None or _is_face(name, key):
                columns[key] = column
        self.at += count * size
        return columns

    def lengths(self, name: str, properties: list[Property]) -> list[int | None]:
        """How long the lists of the next row are; None for numbers."""
        at, found = self.at, []
        for _, kind, of in properties:
            length = None
            if of is not None:
                length, at = self.number(name, at, of)
                if length < 0:
                    raise ValueError(f"a list of its element {name!r} says that it has {length}")
            found.append(length)
            at += (1 if length is None else length) * self.width(kind)
        return found


def _is_face(element: str, name: str) -> bool:
    return element == "face" and name in CORNERS


class _Words(_Source):
    """Numbers as text, between any spaces and ends of lines."""

    def __init__(self, body: bytes) -> None:
        self.words, self.at = body.decode("latin-1").split(), 0

    def width(self, kind: str) -> int:
        return 1

    def number(self, name: str, at: int, kind: str) -> tuple[int, int]:
        if at >= len(self.words):
            raise ValueError(f"it ends within its element {name!r}")
        return whole_number(self.words[at]), at + 1

    def rows(self, count: int, properties: list[Property], lengths: list) -> tuple:
        size = sum(1 if length is None else 1 + length for length in lengths)
        fit = min(count, (len(self.words) - self.at) // size)
        words = self.words[self.at : self.at + fit * size]
        check_digits(words)
        table = np.array(words, dtype="f8").reshape(fit, size)
        values, sizes, k = [], [], 0
        for length in lengths:
            sizes.append(table[:, k])
            k += length is not None
            values.append(table[:, k] if length is None else table[:, k : k + length])
            k += 1 if length is None else length
        return values, sizes, size


class _Bytes(_Source):
    """Numbers as they lie in memory, in one order of bytes or the other."""

    def __init__(self, body: bytes, order: str) -> None:
        self.body, self.order, self.at = body, order, 0

    def width(self, kind: str) -> int:
        return np.dtype(TYPES[kind]).itemsize

    def number(self, name: str, at: int, kind: str) -> tuple[int, int]:
        if at + self.width(kind) > len(self.body):
            raise ValueError(f"it ends within its element {name!r}")
        number = np.frombuffer(self.body, self.order + TYPES[kind], 1, at)[0]
        return int(number), at + self.width(kind)

    def rows(self, count: int, properties: list[Property], lengths: list) -> tuple:
        fields: list[tuple] = []
        for k, ((_, kind, of), length) in enumerate(zip(properties, lengths)):
            if of is not None:
                fields.append((f"n{k}", self.order + TYPES[of]))
            fields.append((f"p{k}", self.order + TYPES[kind], () if length is None else (length,)))
        row = np.dtype(fields)
        fit = min(count, (len(self.body) - self.at) // row.itemsize)
        table = np.frombuffer(self.body, row, fit, self.at) if fit else np.empty(0, row)
        sizes = [None if of is None else table[f"n{k}"] for k, (_, _, of) in enumerate(properties)]
        return [table[f"p{k}"] for k in range(len(lengths))], sizes, row.itemsize
