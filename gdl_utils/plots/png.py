"""Small PNGs as data addresses: sprite sheets and stills."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np


def colour_map(name: str, count: int) -> np.ndarray:
    """Sample a colour map of matplotlib's.

    Parameters
    ----------
    name : str
        Its name, such as ``"viridis"``.
    count : int
        How many colours.

    Returns
    -------
    numpy.ndarray, (count, 3), uint8
        sRGB colours.

    Raises
    ------
    ValueError
        If there is no such colour map.
    """
    import matplotlib as mpl

    if name not in mpl.colormaps:
        raise ValueError(f"cmap must be one of matplotlib's colour maps, got {name!r}")
    return np.round(255 * mpl.colormaps[name](np.linspace(0, 1, count))[:, :3]).astype(np.uint8)


def encode(image: Any, colours: int | None = None) -> bytes:
    """Write an image as PNG, with a palette of ``colours`` if given."""
    from PIL import Image

    if not isinstance(image, Image.Image):
        image = Image.fromarray(image)
    if colours is not None:
        image = image.convert("RGB").quantize(colours, dither=Image.Dither.NONE)
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def data_address(png: bytes) -> str:
    """Put a PNG into the address of an image."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def sprite_sheet(frames: np.ndarray, levels: int = 32) -> tuple[str, int]:
    """Lay frames out in one image.

    Parameters
    ----------
    frames : numpy.ndarray, (N, H, W) or (N, H, W, 3), uint8
        Images of one size.
    levels : int
        Grey levels that are kept, so that the file is small.

    Returns
    -------
    address : str
        The sheet as a PNG in a ``data:`` address.
    columns : int
        Frames in a row.
    """
    n, h, w = frames.shape[:3]
    columns = int(np.ceil(np.sqrt(n)))
    rows = -(-n // columns)
    sheet = np.zeros((rows * columns, *frames.shape[1:]), np.uint8)
    sheet[:n] = frames
    sheet = sheet.reshape(rows, columns, h, w, -1).swapaxes(1, 2).reshape(rows * h, columns * w, -1)
    if frames.ndim == 3:
        step = 255 / (levels - 1)
        grey = np.round(np.round(sheet[..., 0] / step) * step).astype(np.uint8)
        return data_address(encode(grey)), columns
    return data_address(encode(sheet, 256)), columns
