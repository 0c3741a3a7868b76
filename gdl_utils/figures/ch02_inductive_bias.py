"""Pictures of chapter 02, *Inductive bias*: verdicts, necklaces by orbit, and who hears whom."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gdl_utils.plots import style
from gdl_utils.plots.layout import finish, frame, is_narrow, responsive
from gdl_utils.plots.style import array, use_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

OPEN = style.WASH


@responsive
def verdicts(
    learners: Mapping[str, Sequence[Sequence[str]]],
    *,
    rows: Sequence[str],
    columns: Sequence[str],
    seen: Collection[tuple[int, int]] = (),
    marked: str = "",
    title: str | None = None,
) -> Figure:
    """Show what learners conclude about every case of a table; seen cases have a thick frame.

    Parameters
    ----------
    learners : mapping of str to nested sequences of str, (rows, columns)
        One word for each case.
    rows, columns : sequence of str
        Names of the cases' two attributes.
    seen : collection of (int, int)
        Cases (row, column) that are examples.
    marked : str
        The word whose cases are filled; other words stand on white, ``"?"`` on grey.
    title : str
        The finding, a sentence.

    Raises
    ------
    ValueError
        If there is no learner, a table has another shape, or a seen case is outside it.

    Notes
    -----
    Chapter 02, *Inductive bias*.
    """
    if not learners:
        raise ValueError("learners must hold at least one table, got none")
    shape = (len(rows), len(columns))
    for name, table in learners.items():
        if len(table) != shape[0] or any(len(line) != shape[1] for line in table):
            raise ValueError(f"learners[{name!r}] must be {shape[0]} × {shape[1]} words")
    if any(not (0 <= i < shape[0] and 0 <= j < shape[1]) for i, j in seen):
        raise ValueError(f"seen must name cases of a {shape[0]} × {shape[1]} table, got {seen}")
    from matplotlib.patches import Rectangle

    with use_style():
        size = (style.WIDTH, 0.62 * shape[0] + 0.7 + 0.5 * (title is not None))
        fig, axes = frame(size, title, ncols=len(learners), sharey=True)
        for ax, (name, table) in zip(axes[0], learners.items()):
            for i, j in np.ndindex(shape):
                word = table[i][j]
                full, is_seen = word == marked, (i, j) in seen
                paper = style.SUBJECT if full else OPEN if word == "?" else style.PAPER
                edge, width = (style.BLACK, 3) if is_seen else ("#AAAAAA", 1)
                box = Rectangle((j + 0.06, i + 0.08), 0.88, 0.84, fc=paper, ec=edge, lw=width)
                ax.add_patch(box)
                ax.text(j + 0.5, i + 0.5, word, ha="center", va="center", fontsize=11,
                        color=style.PAPER if full else style.BLACK)  # fmt: skip
            ax.set(xlim=(0, shape[1]), ylim=(shape[0], 0), title=name)
            ax.set_xticks(np.arange(shape[1]) + 0.5, columns)
            ax.set_yticks(np.arange(shape[0]) + 0.5, rows)
            ax.tick_params(length=0)
            ax.spines[:].set_visible(False)
    return finish(fig)


@responsive
def necklaces(
    groups: Sequence[Sequence[Sequence[int]]],
    *,
    seen: Collection[tuple[int, ...]] = (),
    title: str | None = None,
) -> Figure:
    """Show necklaces of black and white beads, one row for each orbit; seen ones are framed.

    Parameters
    ----------
    groups : sequence of sequences of words
        Orbits of words of 0 (white) and 1 (black), all of one length. The first bead is on top.
    seen : collection of words
        Those to be framed.
    title : str
        The finding, a sentence.

    Raises
    ------
    ValueError
        If there is no orbit, one is empty, a word is not of 0 and 1 or of another length, or a
        seen word is in no orbit.

    Notes
    -----
    Chapter 02, *Inductive bias*.
    """
    words = [tuple(int(b) for b in word) for group in groups for word in group]
    if not words or any(len(group) == 0 for group in groups):
        raise ValueError("groups must hold at least one word each, got an empty one")
    if len({len(w) for w in words}) != 1 or not set().union(*words) <= {0, 1} or not words[0]:
        raise ValueError("groups must hold words of 0 and 1 of one length")
    seen = {tuple(int(b) for b in word) for word in seen}
    if not seen <= set(words):
        raise ValueError(f"seen must be words of the orbits, got {sorted(seen - set(words))}")
    from matplotlib.patches import Circle, FancyBboxPatch

    length, widest = len(words[0]), max(len(group) for group in groups)
    angles = np.pi / 2 - 2 * np.pi * np.arange(length) / length
    columns = 2 if len(groups) > 3 and not is_narrow() else 1
    high = -(-len(groups) // columns)
    with use_style():
        size = (style.WIDTH, 0.8 * high + 0.2 + 0.45 * (title is not None))
        fig, axes = frame(size, title)
        ax = axes[0, 0]
        for k, group in enumerate(groups):
            left, y = (k // high) * (widest + 0.9), k % high
            for j, word in enumerate(group):
                x, word = left + j, tuple(int(b) for b in word)
                if word in seen:
                    how = {"fc": style.WASHES[1], "ec": style.SUBJECT, "lw": 2}
                    corner = (x - 0.36, y - 0.36)
                    ax.add_patch(
                        FancyBboxPatch(corner, 0.72, 0.72, boxstyle="round,pad=0.06", **how)
                    )
                ax.add_patch(Circle((x, y), 0.27, fc="none", ec=style.NEUTRAL, lw=1))
                for angle, bead in zip(angles, word):
                    spot = (x + 0.27 * np.cos(angle), y - 0.27 * np.sin(angle))
                    fill = "#000000" if bead else "#FFFFFF"
                    ax.add_patch(Circle(spot, 0.105, fc=fill, ec=style.NEUTRAL, lw=1))
        ax.set(xlim=(-0.6, columns * (widest + 0.9) - 1.2), ylim=(high - 0.45, -0.55))
        ax.set_aspect("equal")
        ax.axis("off")
    return finish(fig)


@responsive
def wiring(patterns: Mapping[str, Any], *, title: str | None = None) -> Figure:
    """Show which entity's input reaches which entity's output: one square pattern a component.

    Parameters
    ----------
    patterns : mapping of str to array of bool, (n, n)
        Row i is the output of entity i, column j the input of entity j.
    title : str
        The finding, a sentence.

    Raises
    ------
    ValueError
        If there is no pattern, or one is not square.

    Notes
    -----
    Chapter 02, *Inductive bias*.
    """
    if not patterns:
        raise ValueError("patterns must hold at least one pattern, got none")
    squares = {name: array(f"patterns[{name!r}]", p, 2) for name, p in patterns.items()}
    for name, p in squares.items():
        if p.shape[0] != p.shape[1]:
            raise ValueError(f"patterns[{name!r}] must be square, got {p.shape}")
    from matplotlib.colors import ListedColormap

    colors = ListedColormap(["#F2F2F2", style.SUBJECT])
    side = style.WIDTH / len(squares)
    with use_style():
        size = (style.WIDTH, side + 0.6 + 0.4 * (title is not None))
        fig, axes = frame(size, title, ncols=len(squares))
        for ax, (name, p) in zip(axes[0], squares.items()):
            ax.imshow(p != 0, cmap=colors, vmin=0, vmax=1)
            ax.set(title=name, xticks=[], yticks=[], xlabel="input j")
            ax.spines[:].set_visible(False)
        axes[0, 0].set_ylabel("output i")
    return finish(fig)
