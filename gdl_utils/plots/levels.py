"""Cut a mesh along the level sets of a function, so that bands have sharp borders.

See chapter 08, *Geodesics*. Between two vertices a function is linear, so a level set crosses each
triangle in a straight line: the triangles are cut there, and each piece has one colour.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gdl_utils.plots.style import array


def banded(
    points: Any, faces: Any, values: Any, levels: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cut triangles along level sets, so that no piece has values on both sides of a level.

    Parameters
    ----------
    points : array, (V, D)
        Positions, and whatever else is to be interpolated along.
    faces : array of int, (F, 3)
        Vertices of each triangle.
    values : array, (V,)
        The function.
    levels : array, (L,)
        Rising.

    Returns
    -------
    points : numpy.ndarray, (V', D)
        The old points and those on level sets, a copy for each band.
    faces : numpy.ndarray, (F', 3)
        Pieces, turned as before.
    bands : numpy.ndarray of int, (V',)
        How many levels lie below each vertex's piece: 0 to L.

    Raises
    ------
    ValueError
        If shapes do not match, or the levels do not rise.

    Notes
    -----
    Chapter 08, *Geodesics*.
    """
    x, f = array("points", points, 2), array("faces", faces, 2).astype(np.int64)
    v, steps = array("values", values, 1), array("levels", levels, 1)
    if len(v) != len(x):
        raise ValueError(f"values must be ({len(x)},), one a point, got {v.shape}")
    if f.shape[1] != 3 or f.min() < 0 or f.max() >= len(x):
        raise ValueError(f"faces must name three of {len(x)} points each, got {f.shape}")
    if (np.diff(steps) <= 0).any():
        raise ValueError(f"levels must rise, got {steps.tolist()}")
    held = np.column_stack([x, v])
    for level in steps:
        held, f = _cut(held, f, level)
    middle = held[f, -1].mean(1)
    band = np.searchsorted(steps, middle)
    keys, index = np.unique(
        np.stack([f.ravel(), np.repeat(band, 3)], 1), axis=0, return_inverse=True
    )
    return held[keys[:, 0], :-1], index.reshape(-1, 3), keys[:, 1]


def _cut(held: np.ndarray, faces: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Cut every triangle that one level crosses into a triangle and a quadrangle."""
    above = held[:, -1] >= level
    up = above[faces]
    crossed = (up.sum(1) == 1) | (up.sum(1) == 2)
    if not crossed.any():
        return held, faces
    f, up = faces[crossed], up[crossed]
    alone = np.where(up.sum(1) == 1, up.argmax(1), (~up).argmax(1))
    a, b, c = (f[np.arange(len(f)), (alone + k) % 3] for k in range(3))
    ends = np.sort(np.concatenate([np.stack([a, b], 1), np.stack([a, c], 1)]), 1)
    edges, index = np.unique(ends, axis=0, return_inverse=True)
    low, high = held[edges[:, 0]], held[edges[:, 1]]
    share = ((level - low[:, -1]) / (high[:, -1] - low[:, -1]))[:, None]
    p, q = index.reshape(2, -1) + len(held)
    pieces = [(a, p, q), (p, b, c), (p, c, q)]
    new = np.concatenate([np.stack(piece, 1) for piece in pieces])
    return np.concatenate([held, low + share * (high - low)]), np.concatenate(
        [faces[~crossed], new]
    )


def even_levels(low: float, high: float, bands: int) -> np.ndarray:
    """Levels that cut the range from low to high into bands of equal height, (bands − 1,).

    Raises
    ------
    ValueError
        If the range does not rise, or there are fewer than two bands.
    """
    if not low < high:
        raise ValueError(f"low must be below high, got {low} and {high}")
    if bands < 2:
        raise ValueError(f"bands must be at least 2, got {bands}")
    return np.linspace(low, high, bands + 1)[1:-1]
