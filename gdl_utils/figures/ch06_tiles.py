"""A picture of chapter 06, *Groups*: signals on lattices, one tile a position."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from gdl_utils.plots import style
from gdl_utils.plots.layout import finish, fitting_columns, frame, responsive, width
from gdl_utils.plots.style import array, use_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MANY = 300
"""Tiles that are too many for lines between them."""


@responsive
def tiles(
    points: Any,
    items: Mapping[str, Any],
    *,
    sides: int = 6,
    mask: Any = None,
    texts: Mapping[str, Any] | None = None,
    title: str | None = None,
    columns: int = 3,
    limits: tuple[float, float] | None = None,
    cmap: str | None = None,
) -> Figure:
    """Show signals on a lattice of squares or hexagons, one tile a position, on one scale.

    Parameters
    ----------
    points : array, (..., 2)
        Where the tiles lie: x to the right, y upwards, neighbours at distance 1.
    items : mapping of str to array, (...)
        A title and one value for each position.
    sides : {4, 6}
        Squares, or hexagons that stand on a corner.
    mask : array of bool, (...)
        Which positions are shown; all by default.
    texts : mapping of str to sequence of str
        For some titles, what is written into the tiles, one text for each position.
    title : str
        The finding, a sentence.
    columns : int
        How many panels stand in a row.
    limits : (float, float)
        Values at the ends of the colour map; by default the extremes, symmetric about zero if
        there are values below it.
    cmap : str
        A colour map; by default white on black, and the diverging map for values below zero.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is nothing to show, a signal does not fit the points, is not finite where it is
        shown, or ``sides`` is neither 4 nor 6.

    Notes
    -----
    Chapter 06, *Groups*.
    """
    from matplotlib.collections import PolyCollection

    if sides not in (4, 6):
        raise ValueError(f"sides must be 4 or 6, got {sides}")
    if not items or columns < 1:
        raise ValueError(f"items must hold at least one signal in {columns} columns, got none")
    where = array("points", points)
    if where.shape[-1] != 2:
        raise ValueError(f"points must be (..., 2), got {where.shape}")
    shape = where.shape[:-1]
    shown = np.ones(shape, bool) if mask is None else array("mask", mask).astype(bool)
    held = {name: array(f"items[{name!r}]", value) for name, value in items.items()}
    for name, values in [("mask", shown), *held.items()]:
        if values.shape != shape:
            raise ValueError(f"{name!r} must have the shape {shape}, got {values.shape}")
    every = np.concatenate([values[shown] for values in held.values()])
    low, high = limits or (every.min(), every.max())
    if limits is None and low < 0:
        high = max(-low, high)
        low, cmap = -high, cmap or style.DIVERGING
    turn = np.pi / sides if sides == 4 else np.pi / 2
    angles = turn + 2 * np.pi * np.arange(sides) / sides
    corners = np.stack([np.cos(angles), np.sin(angles)], -1) / (2 * np.cos(np.pi / sides))
    centres = where[shown]
    polygons = centres[:, None] + corners
    span = np.ptp(polygons.reshape(-1, 2), axis=0)
    columns = min(fitting_columns(columns), len(held))
    rows = -(-len(held) // columns)
    side = min(width() / columns, 3.2)
    size = (
        max(columns * side, 3.5 if title is None else 5.0),
        rows * (side * span[1] / span[0] + 0.32) + 0.5 * (title is not None),
    )
    with use_style():
        fig, axes = frame(size, title, nrows=rows, ncols=columns)
        for ax in axes.flat:
            ax.axis("off")
        for ax, (name, values) in zip(axes.flat, held.items()):
            drawn = PolyCollection(
                polygons,
                array=values[shown],
                cmap=cmap or style.GREYS,
                edgecolors="#999999" if len(centres) < MANY else "face",
                lw=0.5,
            )
            drawn.set_clim(low, high)
            ax.add_collection(drawn)
            ax.set(title=name, aspect="equal")
            ax.set_xlim(polygons[..., 0].min() - 0.1, polygons[..., 0].max() + 0.1)
            ax.set_ylim(polygons[..., 1].min() - 0.1, polygons[..., 1].max() + 0.1)
            if texts and name in texts:
                words = np.array(texts[name], dtype=object).reshape(shape)[shown]
                for (x, y), word, color in zip(
                    centres, words, drawn.cmap(drawn.norm(values[shown]))
                ):
                    dark = color[:3] @ [0.299, 0.587, 0.114] < 0.55
                    ax.text(x, y, word, ha="center", va="center", fontsize=10,
                            color="#FFFFFF" if dark else style.DARK)  # fmt: skip
    return finish(fig)
