"""Portraits for chapter 09, *Gauges*: pictures of surfaces that say where points lie in them."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np

from gdl_utils.plots import style
from gdl_utils.plots.colors import color_map, encoded, linear
from gdl_utils.plots.style import array
from gdl_utils.plots.surface3d.camera import SIZE, Camera, camera, light
from gdl_utils.plots.surface3d.poster import draw_pixels

QUALITY = 60
"""Of a portrait's file, up to 100."""


@dataclass(frozen=True, eq=False)
class Portrait:
    """A picture of a surface, and where points of space lie in it.

    Attributes
    ----------
    pixels : numpy.ndarray, (H, W, 4), uint8
        The surface on a transparent ground.
    lens : Camera
        What looked at it, y upwards.
    box : (int, int, int, int)
        Left, top, right, bottom: the part of the camera's picture that is kept, in its pixels.

    Notes
    -----
    Chapter 09, *Gauges*.
    """

    pixels: np.ndarray
    lens: Camera
    box: tuple[int, int, int, int]

    def place(self, points: Any) -> np.ndarray:
        """Where points (…, 3) lie in the picture, in pixels to the right and down, (…, 2)."""
        places, _ = self.lens.place(np.asarray(points, dtype=float))
        whole = (0.5 + [0.5, -0.5] * places) * SIZE
        scale = self.pixels.shape[1] / (self.box[2] - self.box[0])
        return (whole - self.box[:2]) * scale

    def file(self) -> bytes:
        """The picture as a WebP, which keeps its transparency."""
        from PIL import Image

        file = io.BytesIO()
        Image.fromarray(self.pixels).save(file, "WEBP", quality=QUALITY, method=6)
        return file.getvalue()


def portrait(
    verts: Any,
    faces: Any,
    values: Any,
    *,
    limits: tuple[float, float],
    view: tuple[float, float],
    box: tuple[int, int, int, int],
    width: int = 360,
) -> Portrait:
    """Draw a surface through viridis, and keep a part of the picture.

    Parameters
    ----------
    verts, faces : array, (V, 3), (F, 3)
        The surface, y upwards.
    values : array, (V,)
    limits : (float, float)
        Values at the ends of the colour map.
    view : (float, float)
        As for :func:`~gdl_utils.plots.surface3d.show_mesh`.
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

    xyz, triangles = array("verts", verts, 2), array("faces", faces, 2).astype(int)
    v, (low, high), (left, top, right, bottom) = array("values", values, 1), limits, box
    if len(v) != len(xyz):
        raise ValueError(f"values must be ({len(xyz)},), one a vertex, got {v.shape}")
    if not low < high:
        raise ValueError(f"limits must rise, got {limits}")
    if not (0 <= left < right <= SIZE[0] and 0 <= top < bottom <= SIZE[1]):
        raise ValueError(f"box must rise within {SIZE[0]} × {SIZE[1]} pixels, got {box}")
    index = np.round(255 * np.clip((v - low) / (high - low), 0, 1)).astype(int)
    lamp = 1 - 0.75 * (1 - light(xyz, triangles, view))
    colors = encoded(linear(color_map(style.SEQUENTIAL, 256)[index] / 255) * lamp[:, None])
    image = Image.fromarray(draw_pixels(xyz, triangles, colors, view)).crop(box)
    height = round(width * (bottom - top) / (right - left))
    small = image.resize((width, height), Image.Resampling.LANCZOS)
    return Portrait(np.array(small), camera(xyz, view), box)
