"""A picture of chapter 07, *Graphs*: the three flavours of graph layers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from gdl_utils.plots import style
from gdl_utils.plots.layout import finish, frame, responsive
from gdl_utils.plots.style import use_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

AROUND = np.deg2rad([140, 200, 262, 330, 35])
"""Where the neighbours stand around a node."""


@responsive
def flavours(panels: Mapping[str, tuple[str, str]], *, title: str | None = None) -> Figure:
    """Draw a node and five neighbours, and what comes along each edge.

    Parameters
    ----------
    panels : mapping of str to (str, str)
        A title; then what an edge carries, as text with ``{v}`` for the neighbour's number, and
        how edges are drawn: "equal", "weighted" (widths differ) or "vectors" (a box on each).
    title : str
        The finding, a sentence.

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
        fig, axes = frame((style.WIDTH, 2.9), title, ncols=len(panels))
        for ax, (name, (text, way)) in zip(axes[0], panels.items()):
            for v, angle in enumerate(AROUND, 1):
                at = np.array([np.cos(angle), np.sin(angle)])
                wide = {"equal": 2.0, "weighted": (0.8, 5.0, 1.6, 3.2, 2.2)[v - 1]}.get(way, 2.0)
                how = {"arrowstyle": "-|>,head_width=0.35", "lw": wide, "color": style.SUBJECT,
                       "shrinkA": 0, "shrinkB": 15, "mutation_scale": 13}  # fmt: skip
                ax.annotate("", (0, 0), 0.83 * at, arrowprops=how, zorder=1)
                _disc(ax, at, f"$x_{v}$", style.PAPER)
                side = 0.2 * np.array([-at[1], at[0]])
                box = {
                    "boxstyle": "square,pad=0.25",
                    "fc": style.WASHES[0],
                    "ec": style.BLACK,
                    "lw": 0.7,
                }
                plain = {"boxstyle": "square,pad=0.05", "fc": style.PAPER, "ec": "none"}
                place = 0.54 * at if way == "vectors" else 0.55 * at + side
                ax.text(*place, text.format(v=v), ha="center", va="center", fontsize=10,
                        bbox=box if way == "vectors" else plain, zorder=3)  # fmt: skip
            _disc(ax, np.zeros(2), "$x_u$", style.WASHES[1])
            ax.set(title=name, xlim=(-1.25, 1.25), ylim=(-1.25, 0.95), aspect="equal")
            ax.axis("off")
    return finish(fig)


def _disc(ax: Any, at: np.ndarray, text: str, color: str) -> None:
    ax.plot(*at, "o", ms=23, mfc=color, mec=style.BLACK, mew=1, zorder=2)
    ax.text(*at, text, ha="center", va="center", zorder=4)
