"""Figures of chapter 06, *Groups*: tiles of a lattice, and accuracy around the circle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from gdl_utils.plots import style
from gdl_utils.plots.style import array, finish, frame, use_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def tiles(
    points: Any,
    items: Mapping[str, Any],
    *,
    sides: int = 6,
    mask: Any = None,
    texts: Mapping[str, Any] | None = None,
    finding: str | None = None,
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
    finding : str
        What the figure shows, as a sentence.
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
    columns = min(columns, len(held))
    rows = -(-len(held) // columns)
    side = min(style.WIDTH / columns, 3.2)
    size = (
        max(columns * side, 3.5 if finding is None else 5.0),
        rows * (side * span[1] / span[0] + 0.32) + 0.5 * (finding is not None),
    )
    with use_style():
        fig, axes = frame(size, finding, nrows=rows, ncols=columns)
        for ax in axes.flat:
            ax.axis("off")
        for ax, (name, values) in zip(axes.flat, held.items()):
            drawn = PolyCollection(
                polygons,
                array=values[shown],
                cmap=cmap or style.GREYS,
                edgecolors="#999999",
                lw=0.5,
            )
            drawn.set_clim(low, high)
            ax.add_collection(drawn)
            ax.set(title=name, aspect="equal")
            ax.set_xlim(polygons[..., 0].min() - 0.1, polygons[..., 0].max() + 0.1)
            ax.set_ylim(polygons[..., 1].min() - 0.1, polygons[..., 1].max() + 0.1)
            if texts and name in texts:
                words = np.array(texts[name], dtype=object).reshape(shape)[shown]
                for (x, y), word, colour in zip(
                    centres, words, drawn.cmap(drawn.norm(values[shown]))
                ):
                    dark = colour[:3] @ [0.299, 0.587, 0.114] < 0.55
                    ax.text(x, y, word, ha="center", va="center", fontsize=10,
                            color="white" if dark else style.BLACK)  # fmt: skip
    return finish(fig)


def petals(
    degrees: Any,
    panels: Mapping[str, Mapping[str, Any]],
    *,
    finding: str | None = None,
    columns: int = 2,
) -> Figure:
    """Show accuracy against the angle of a turn, in polar coordinates: upright is at the top.

    Parameters
    ----------
    degrees : array, (N,)
        Angles of the turn, counterclockwise, going once round without the last one.
    panels : mapping of str to mapping of str to array, (S, N) or (N,)
        For each panel its curves: accuracies between 0 and 1, of several seeds (shown as mean and
        95 % interval) or of one. The first curve of a panel is filled.
    finding : str
        What the figure shows, as a sentence.
    columns : int
        How many panels stand in a row.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If a panel is empty, a curve does not fit the angles, or an accuracy is not within [0, 1].

    Notes
    -----
    Chapter 06, *Groups*.
    """
    from gdl_utils.plots.grids import interval

    angle = array("degrees", degrees, 1)
    theta = np.radians(np.append(angle, angle[0] + 360))
    if not panels or not all(panels.values()):
        raise ValueError("panels must hold at least one curve each, got none")
    held = {}
    for title, curves in panels.items():
        held[title] = {}
        for name, y in curves.items():
            scores = accuracies(name, y, len(angle))
            bands = interval(scores) if len(scores) > 1 else (scores[0],)
            held[title][name] = [np.append(b, b[0]) for b in bands]
    columns = min(columns, len(held))
    rows = -(-len(held) // columns)
    side = style.WIDTH / columns
    size = (style.WIDTH, rows * (side + 0.2) + 0.5 * (finding is not None))
    with use_style():
        fig, axes = frame(
            size, finding, nrows=rows, ncols=columns, subplot_kw={"projection": "polar"}
        )
        for ax in axes.flat[len(held) :]:
            ax.axis("off")
        for i, (ax, (title, curves)) in enumerate(zip(axes.flat, held.items())):
            polar(ax)
            for k, (name, (mean, *ends)) in enumerate(curves.items()):
                colour = style.CYCLE[i] if k == 0 else style.BLACK
                ax.plot(theta, mean, color=colour, ls=style.LINES[k], label=name)
                if k == 0:
                    ax.fill(theta, mean, color=colour, alpha=0.18, lw=0)
                if ends:
                    ax.fill_between(theta, *ends, color=colour, alpha=0.35, lw=0)
            ax.set_title(title, weight="bold")
            if len(curves) > 1:
                ax.legend(loc="lower center", bbox_to_anchor=(0.5, -0.3))
    return finish(fig)


def accuracies(name: str, y: Any, count: int) -> np.ndarray:
    """Bring accuracies of one seed, (N,), or several, (S, N), into (S, N).

    Raises ``ValueError`` if N is not ``count``, or a value is not within [0, 1].
    """
    scores = np.atleast_2d(array(f"curve {name!r}", y, (1, 2)))
    if scores.shape[1] != count:
        raise ValueError(f"{name!r} must have {count} accuracies, one an angle, got {scores.shape}")
    if scores.min() < 0 or scores.max() > 1:
        raise ValueError(f"{name!r} must lie in [0, 1], got {scores.min()} to {scores.max()}")
    return scores


def polar(ax: Any) -> None:
    """Put 0° at the top, count counterclockwise, and label the rings."""
    ax.set_theta_zero_location("N")
    ax.set_ylim(0, 1)
    ax.set_yticks((0.25, 0.5, 0.75, 1.0), ["", "50 %", "", "100 %"])
    ax.set_rlabel_position(-90)
    ax.set_xticks(np.radians(np.arange(0, 360, 60)), [f"{a}°" for a in range(0, 360, 60)])
    ax.tick_params(labelsize=9, pad=1)
    ax.grid(True, color="#CCCCCC", linestyle="-", linewidth=0.7)
    ax.spines["polar"].set_color("#CCCCCC")
