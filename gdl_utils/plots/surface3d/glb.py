"""A surface as binary glTF: quantised positions, linear vertex colours, unlit.

glTF 2.0 with ``KHR_mesh_quantization`` (16-bit positions) and
``KHR_materials_unlit``. ``COLOR_0`` is **linear**: a colour map's bytes are sRGB and are brought
there first, or cyan and magenta come out.
"""

from __future__ import annotations

import json
import struct

import numpy as np

from gdl_utils.plots.colors import linear

USHORT, UINT = 5123, 5125
VERTICES, INDICES = 34962, 34963
STEPS = 4095
"""Positions along the longest side."""


def write_glb(verts: np.ndarray, faces: np.ndarray, colors: np.ndarray) -> bytes:
    """Write a coloured triangle mesh as one GLB file.

    Parameters
    ----------
    verts : numpy.ndarray, (V, 3)
        Positions, y up.
    faces : numpy.ndarray, (F, 3)
        Vertices of each triangle, counterclockwise from outside.
    colors : numpy.ndarray, (V, 3)
        sRGB in [0, 1].

    Returns
    -------
    bytes
        The file. Positions are rounded to 1/4095 of the longest side and colours to 1/255:
        equal numbers pack well.
    """
    low = verts.min(0)
    extent = float((verts.max(0) - low).max()) or 1.0
    position = np.zeros((len(verts), 4), "<u2")  # a stride of 8: accessors are aligned to 4 bytes
    position[:, :3] = np.round((verts - low) / extent * STEPS)
    color = np.zeros((len(verts), 4), "<u2")
    color[:, :3] = np.round(linear(np.round(np.clip(colors, 0, 1) * 255) / 255) * 65535)
    color[:, 3] = 65535
    small = len(verts) <= 65535
    index = np.ascontiguousarray(faces, "<u2" if small else "<u4").reshape(-1)
    chunks = [position.tobytes(), color.tobytes(), index.tobytes()]
    views, offset = [], 0
    for data, target in zip(chunks, (VERTICES, VERTICES, INDICES)):
        view = {"buffer": 0, "byteOffset": offset, "byteLength": len(data), "target": target}
        if target == VERTICES:
            view["byteStride"] = 8
        views.append(view)
        offset += len(data)
    body = b"".join(chunks)
    body += b"\0" * (-len(body) % 4)
    bounds = {"min": position[:, :3].min(0).tolist(), "max": position[:, :3].max(0).tolist()}
    accessors = [
        {"bufferView": 0, "componentType": USHORT, "count": len(verts), "type": "VEC3", **bounds},
        {"bufferView": 1, "componentType": USHORT, "normalized": True, "count": len(verts),
         "type": "VEC4"},
        {"bufferView": 2, "componentType": USHORT if small else UINT, "count": index.size,
         "type": "SCALAR"},
    ]  # fmt: skip
    primitive = {"attributes": {"POSITION": 0, "COLOR_0": 1}, "indices": 2, "material": 0}
    node = {"mesh": 0, "scale": [extent / STEPS] * 3, "translation": [float(x) for x in low]}
    document = {
        "asset": {"version": "2.0", "generator": "gdl_utils"},
        "extensionsUsed": ["KHR_mesh_quantization", "KHR_materials_unlit"],
        "extensionsRequired": ["KHR_mesh_quantization"],
        "scene": 0, "scenes": [{"nodes": [0]}], "nodes": [node],
        "meshes": [{"primitives": [primitive]}],
        "materials": [{"doubleSided": True, "extensions": {"KHR_materials_unlit": {}}}],
        "accessors": accessors, "bufferViews": views, "buffers": [{"byteLength": len(body)}],
    }  # fmt: skip
    head = json.dumps(document, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 4)
    total = 12 + 8 + len(head) + 8 + len(body)
    return (
        struct.pack("<4sII", b"glTF", 2, total)
        + struct.pack("<I4s", len(head), b"JSON") + head
        + struct.pack("<I4s", len(body), b"BIN\0") + body
    )  # fmt: skip
