"""Portraits of surfaces: small pictures that say where points of space lie in them.

See chapter 09, *Gauges*.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np

from gdl_utils.plots import style
from gdl_utils.plots.glb import encoded, linear
from gdl_utils.plots.poster import FIELD, SIZE, camera, direction, draw_pixels, light
from gdl_utils.plots.style import array

PALETTE = 80
"""Colours of a portrait."""


@dataclass(frozen=True, eq=False)
class Portrait:
    """A picture of a surface, and where points of space lie in it.

    Attributes
    ----------
    pixels : numpy.ndarray, (H, W, 4), uint8
        The surface on a transparent ground.
    view : (float, float)
        As for :func:`~gdl_utils.plots.mesh3d.show_mesh`, y upwards.
    framed : numpy.ndarray, (V, 3)
        What the camera was pointed at.
    box : (int, int, int, int)
        Left, top, right, bottom: the part of the camera's picture that is kept, in its pixels.

    Notes
    -----
    Chapter 09, *Gauges*.
    """

    pixels: np.ndarray
    view: tuple[float, float]
    framed: np.ndarray
    box: tuple[int, int, int, int]

    def place(self, points: Any) -> np.ndarray:
        """Where points (…, 3) lie in the picture, in pixels to the right and down, (…, 2)."""
        at = np.asarray(points, dtype=float)
        eye, target, distance = camera(self.framed, self.view)
        ahead, top = (target - eye) / distance, np.tan(np.deg2rad(FIELD / 2))
        right = np.cross(-direction(self.view), [0.0, 1.0, 0.0])
        right /= np.linalg.norm(right)
        depth = (at - eye) @ ahead
        x = (at - eye) @ right / depth / (top * SIZE[0] / SIZE[1])
        y = (at - eye) @ np.cross(right, ahead) / depth / top
        whole = np.stack([(0.5 + 0.5 * x) * SIZE[0], (0.5 - 0.5 * y) * SIZE[1]], -1)
        scale = self.pixels.shape[1] / (self.box[2] - self.box[0])
        return (whole - self.box[:2]) * scale


def portrait(
    verts: Any,
    faces: Any,
    values: Any,
    *,
    limits: tuple[float, float],
    view: tuple[float, float],
    box: tuple[int, int, int, int],
    width: int = 360,
    shading: float = 0.75,
) -> Portrait:
    """Draw a surface through viridis, and keep a part of the picture.

    Parameters
    ----------
    verts, faces : array, (V, 3), (F, 3)
        The surface, y upwards.
    values : array, (V,)
    limits : (float, float)
        Values at the ends of the colour map.
    view, shading
        As for :func:`~gdl_utils.plots.mesh3d.show_mesh`.
    box : (int, int, int, int)
        Left, top, right, bottom of what is kept of 800 × 560 pixels.
    width : int
        Of the picture, in pixels.

    Returns
    -------
    Portrait

    Raises
    ------
    ValueError
        If there is not one finite value a vertex, or the limits or the box do not rise.

    Notes
    -----
    Chapter 09, *Gauges*.
    """
    from PIL import Image

    from gdl_utils.plots.png import colour_map

    xyz, triangles = array("verts", verts, 2), array("faces", faces, 2).astype(int)
    v, (low, high), (left, top, right, bottom) = array("values", values, 1), limits, box
    if len(v) != len(xyz):
        raise ValueError(f"values must be ({len(xyz)},), one a vertex, got {v.shape}")
    if not low < high:
        raise ValueError(f"limits must rise, got {limits}")
    if not (0 <= left < right <= SIZE[0] and 0 <= top < bottom <= SIZE[1]):
        raise ValueError(f"box must rise within {SIZE[0]} × {SIZE[1]} pixels, got {box}")
    index = np.round(255 * np.clip((v - low) / (high - low), 0, 1)).astype(int)
    lamp = 1 - shading * (1 - light(xyz, triangles, view))
    colours = encoded(linear(colour_map(style.SEQUENTIAL, 256)[index] / 255) * lamp[:, None])
    image = Image.fromarray(draw_pixels(xyz, triangles, colours, view)).crop(box)
    height = round(width * (bottom - top) / (right - left))
    small = image.resize((width, height), Image.Resampling.LANCZOS)
    return Portrait(np.array(small), view, xyz, box)


def small_png(pixels: np.ndarray) -> bytes:
    """Write RGBA (H, W, 4) as a PNG with a small palette that keeps transparency."""
    from PIL import Image

    file = io.BytesIO()
    image = Image.fromarray(pixels).quantize(
        PALETTE, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
    )
    image.save(file, "PNG", optimize=True)
    return file.getvalue()
