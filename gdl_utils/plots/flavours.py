"""More pictures of chapter 07: the three flavours of graph layers, and scores by seed.

Every function returns a closed matplotlib figure, as those of :mod:`gdl_utils.plots.fields` do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gdl_utils.plots import style
from gdl_utils.plots.grids import interval
from gdl_utils.plots.style import array, finish, frame, use_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

AROUND = np.deg2rad([140, 200, 262, 330, 35])
"""Where the neighbours stand around a node."""


def flavours(panels: Mapping[str, tuple[str, str]], *, finding: str | None = None) -> Figure:
    """Draw a node and five neighbours, and what comes along each edge.

    Parameters
    ----------
    panels : mapping of str to (str, str)
        A title; then what an edge carries, as text with ``{v}`` for the neighbour's number, and
        how edges are drawn: "equal", "weighted" (widths differ) or "vectors" (a box on each).
    finding : str
        What the figure shows, as a sentence.

    Raises
    ------
    ValueError
        If there is no panel, or a way of drawing is unknown.

    Notes
    -----
    Chapter 07, *Graphs*; after Bronstein et al. (2021), *Geometric Deep Learning*, figure 17.
    """
    ways = {way for _, way in panels.values()}
    if not panels or not ways <= {"equal", "weighted", "vectors"}:
        raise ValueError(f"panels must be drawn equal, weighted or vectors, got {sorted(ways)}")
    with use_style():
        fig, axes = frame((style.WIDTH, 2.9), finding, ncols=len(panels))
        for ax, (title, (text, way)) in zip(axes[0], panels.items()):
            for v, angle in enumerate(AROUND, 1):
                at = np.array([np.cos(angle), np.sin(angle)])
                wide = {"equal": 2.0, "weighted": (0.8, 5.0, 1.6, 3.2, 2.2)[v - 1]}.get(way, 2.0)
                how = {"arrowstyle": "-|>,head_width=0.35", "lw": wide, "color": style.SUBJECT,
                       "shrinkA": 0, "shrinkB": 15, "mutation_scale": 13}  # fmt: skip
                ax.annotate("", (0, 0), 0.83 * at, arrowprops=how, zorder=1)
                _disc(ax, at, f"$x_{v}$", "#FFFFFF")
                side = 0.2 * np.array([-at[1], at[0]])
                box = {"boxstyle": "square,pad=0.25", "fc": "#FFF3C4", "ec": style.BLACK, "lw": 0.7}
                plain = {"boxstyle": "square,pad=0.05", "fc": "white", "ec": "none"}
                place = 0.54 * at if way == "vectors" else 0.55 * at + side
                ax.text(*place, text.format(v=v), ha="center", va="center", fontsize=10,
                        bbox=box if way == "vectors" else plain, zorder=3)  # fmt: skip
            _disc(ax, np.zeros(2), "$x_u$", "#D7E8F5")
            ax.set(title=title, xlim=(-1.25, 1.25), ylim=(-1.25, 0.95), aspect="equal")
            ax.axis("off")
    return finish(fig)


def _disc(ax: Any, at: np.ndarray, text: str, colour: str) -> None:
    ax.plot(*at, "o", ms=23, mfc=colour, mec=style.BLACK, mew=1, zorder=2)
    ax.text(*at, text, ha="center", va="center", zorder=4)


def scores(
    rows: Mapping[str, Any],
    *,
    bound: tuple[float, str] | None = None,
    marked: Sequence[str] = (),
    xlabel: str = "",
    xlim: tuple[float, float] | None = None,
    finding: str | None = None,
) -> Figure:
    """Show scores seed by seed as dots, with their mean and its 95 % interval, a learner a row.

    Parameters
    ----------
    rows : mapping of str to array, (S,)
        A name, and one score a seed.
    bound : (float, str)
        A vertical line, and what it is.
    marked : sequence of str
        Rows in the control's colour, with diamonds for the means.
    xlabel : str
        What the scores are, with their unit.
    xlim : (float, float)
        The range of the axis.
    finding : str
        What the figure shows, as a sentence.

    Raises
    ------
    ValueError
        If there is no row, a row has fewer than two scores, or a mark names no row.

    Notes
    -----
    Chapter 07, *Graphs*.
    """
    if not rows or not set(marked) <= set(rows):
        raise ValueError(
            f"marked must name rows, got {sorted(set(marked) - set(rows))} of {len(rows)}"
        )
    held = {name: array(f"rows[{name!r}]", s, 1) for name, s in rows.items()}
    with use_style():
        fig, axes = frame((style.WIDTH, 1.2 + 0.52 * len(rows)), finding)
        ax = axes[0, 0]
        for row, (name, s) in enumerate(held.items()):
            mean, low, high = (float(v[0]) for v in interval(s[:, None]))
            colour = style.CONTROL if name in marked else style.SUBJECT
            ax.plot(s, np.full(len(s), row - 0.12), "o", color=colour, ms=6, alpha=0.5, mec="white")
            ax.plot([low, high], [row + 0.2] * 2, color=colour, lw=3, ls="-")
            ax.plot(
                mean, row + 0.2, "D" if name in marked else "s", color=colour, ms=7, mec="white"
            )
        if bound is not None:
            ax.axvline(bound[0], color=style.NEUTRAL, lw=1.4, ls="--", zorder=0)
            ax.annotate(bound[1], (bound[0], -0.62), (4, 0), textcoords="offset points",
                        va="center", fontsize=10, color="#555555")  # fmt: skip
        ax.set_yticks(range(len(rows)), list(held))
        ax.set(xlabel=xlabel, ylim=(len(rows) - 0.4, -0.8), xlim=xlim)
        ax.tick_params(axis="y", length=0)
        ax.grid(axis="x")
    return finish(fig)
