"""Colours as numbers: hexadecimal names, colour maps, linear light, and ink on them.

What a colour means is decided in :mod:`gdl_utils.plots.style`.
"""

from __future__ import annotations

import numpy as np

CATEGORIES = (
    "#56B4E9",
    "#E69F00",
    "#00A878",
    "#F0E442",
    "#CC79A7",
    "#E3703A",
    "#4C8FC9",
    "#B8B8B8",
)
"""Colours of classes, of which the ninth is the first again: the letters differ."""


def rgb(color: str) -> np.ndarray:
    """Bring a colour such as ``"#0072B2"`` into sRGB in [0, 1], (3,)."""
    return np.array([int(color[k : k + 2], 16) / 255 for k in (1, 3, 5)])


def ink(color: str) -> str:
    """Black or white, whichever reads better on a colour such as ``"#0072B2"``."""
    r, g, b = (int(color[k : k + 2], 16) for k in (1, 3, 5))
    return "#111" if 0.299 * r + 0.587 * g + 0.114 * b > 120 else "#fff"


def color_map(name: str, count: int) -> np.ndarray:
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


def linear(colors: np.ndarray) -> np.ndarray:
    """Bring sRGB colours in [0, 1] into linear light (IEC 61966-2-1)."""
    c = np.asarray(colors, dtype=float)
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def encoded(colors: np.ndarray) -> np.ndarray:
    """Undo :func:`linear`."""
    c = np.asarray(colors, dtype=float)
    return np.where(c <= 0.0031308, 12.92 * c, 1.055 * np.maximum(c, 0) ** (1 / 2.4) - 0.055)
