"""Arrows on a surface in 3D, as triangles like the surface. See chapter 09, *Gauges*."""

from __future__ import annotations

from typing import Any

import numpy as np

from gdl_utils.plots import style
from gdl_utils.plots.style import array

COLOURS = (style.VERMILION, style.BLUE, style.GREEN, style.ORANGE, style.PURPLE)
"""Colours of sets of arrows, in this order: a frame's first axis is red, its second one blue."""
CORNERS = 5
"""Corners of an arrow's round."""
THICK, HEAD, NECK = 0.055, 2.6, 0.62
"""Radius of the shaft as a share of the longest arrow, of the head in shafts, where it begins."""


def arrow_field(name: str, value: Any) -> tuple[np.ndarray, np.ndarray]:
    """Make solid arrows.

    Parameters
    ----------
    name : str
        What an error calls them.
    value : (array (K, 3), array (K, 3))
        Where they begin, and their vectors.

    Returns
    -------
    verts, faces : numpy.ndarray, (V, 3), (F, 3)
        A closed surface for each arrow that is longer than a thousandth of the longest.

    Raises
    ------
    ValueError
        If there are not two arrays (K, 3) with K ≥ 1, or all vectors are zero.

    Notes
    -----
    Chapter 09, *Gauges*.
    """
    try:
        start, vector = value
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{name} must be points and vectors, got {type(value).__name__}"
        ) from error
    start, vector = array(f"{name}, points", start, 2), array(f"{name}, vectors", vector, 2)
    if start.shape != vector.shape or start.shape[1] != 3:
        raise ValueError(f"{name} must be (K, 3) twice, got {start.shape} and {vector.shape}")
    length = np.linalg.norm(vector, axis=1)
    if length.max() == 0:
        raise ValueError(f"{name} must have a vector that is not zero")
    kept = length > 1e-3 * length.max()
    start, vector, length = start[kept], vector[kept], length[kept]
    ahead = vector / length[:, None]
    side = np.cross(ahead, np.eye(3)[np.abs(ahead).argmin(1)])
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    other = np.cross(ahead, side)
    turn = 2 * np.pi * np.arange(CORNERS) / CORNERS
    around = np.cos(turn)[:, None] * side[:, None] + np.sin(turn)[:, None] * other[:, None]
    thick = THICK * np.minimum(length, np.median(length))[:, None, None]
    foot, neck = start[:, None], (start + NECK * vector)[:, None]
    rings = [foot + thick * around, neck + thick * around, neck + HEAD * thick * around]
    verts = np.concatenate([*rings, (start + vector)[:, None]], 1)
    k = np.arange(CORNERS)
    after = (k + 1) % CORNERS
    one = [np.stack([0 * k[2:], k[2:], k[1:-1]], 1)]  # the foot, seen from behind
    for low, high in ((0, 1), (1, 2)):
        a, b = low * CORNERS, high * CORNERS
        one.append(np.stack([a + k, a + after, b + after], 1))
        one.append(np.stack([a + k, b + after, b + k], 1))
    one.append(np.stack([2 * CORNERS + k, 2 * CORNERS + after, 3 * CORNERS + 0 * k], 1))
    faces = np.concatenate(one) + verts.shape[1] * np.arange(len(verts))[:, None, None]
    return verts.reshape(-1, 3), faces.reshape(-1, 3)
