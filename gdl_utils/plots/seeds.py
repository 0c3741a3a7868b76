"""Scores seed by seed: as dots, with their mean and its interval.

Every study runs several seeds, and shows each of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gdl_utils.plots import style
from gdl_utils.plots.layout import finish, frame, responsive
from gdl_utils.plots.style import array, use_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def interval(scores: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean of each column over the rows, with its 95 % interval by Student's t.

    Parameters
    ----------
    scores : array, (S, N)
        A row for each seed; at least two.

    Returns
    -------
    mean, low, high : numpy.ndarray, (N,)

    Raises
    ------
    ValueError
        If there are fewer than two rows.

    Notes
    -----
    Chapters 02, 03, 05, 06 and 21.
    """
    from scipy.stats import t

    s = array("scores", scores, 2)
    if len(s) < 2:
        raise ValueError(f"scores must have at least two rows, got {len(s)}")
    mean, error = s.mean(0), s.std(0, ddof=1) / np.sqrt(len(s))
    reach = t.ppf(0.975, len(s) - 1) * error
    return mean, mean - reach, mean + reach


@responsive
def scores(
    rows: Mapping[str, Any],
    *,
    bound: tuple[float, str] | None = None,
    marked: Sequence[str] = (),
    xlabel: str = "",
    xlim: tuple[float, float] | None = None,
    title: str | None = None,
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
    title : str
        The finding, a sentence.

    Raises
    ------
    ValueError
        If there is no row, a row has fewer than two scores, or a mark names no row.

    Notes
    -----
    Chapters 07, 08, 09 and 21.
    """
    if not rows or not set(marked) <= set(rows):
        raise ValueError(
            f"marked must name rows, got {sorted(set(marked) - set(rows))} of {len(rows)}"
        )
    held = {name: array(f"rows[{name!r}]", s, 1) for name, s in rows.items()}
    with use_style():
        fig, axes = frame((style.WIDTH, 1.2 + 0.52 * len(rows)), title)
        ax = axes[0, 0]
        for row, (name, s) in enumerate(held.items()):
            mean, low, high = (float(v[0]) for v in interval(s[:, None]))
            color = style.CONTROL if name in marked else style.SUBJECT
            ax.plot(
                s, np.full(len(s), row - 0.12), "o", color=color, ms=6, alpha=0.5, mec=style.PAPER
            )
            ax.plot([low, high], [row + 0.2] * 2, color=color, lw=3, ls="-")
            ax.plot(
                mean, row + 0.2, "D" if name in marked else "s", color=color, ms=7, mec=style.PAPER
            )
        if bound is not None:
            ax.axvline(bound[0], color=style.NEUTRAL, lw=1.4, ls="--", zorder=0)
            ax.annotate(bound[1], (bound[0], -0.62), (4, 0), textcoords="offset points",
                        va="center", fontsize=10, color=style.SOFT)  # fmt: skip
        ax.set_yticks(range(len(rows)), list(held))
        ax.set(xlabel=xlabel, ylim=(len(rows) - 0.4, -0.8), xlim=xlim)
        ax.tick_params(axis="y", length=0)
        ax.grid(axis="x")
    return finish(fig)


@responsive
def paired(
    differences: Mapping[str, Any],
    intervals: Mapping[str, tuple[float, float]],
    *,
    xlabel: str = "",
    title: str | None = None,
) -> Figure:
    """Show differences seed by seed as dots, with an interval of their mean below each row.

    Parameters
    ----------
    differences : mapping of str to array, (S,)
        A name and one difference a seed.
    intervals : mapping of str to (float, float)
        Ends of the interval of the mean, for the same names.
    xlabel : str
        What the differences are, with their unit.
    title : str
        The finding, a sentence.

    Raises
    ------
    ValueError
        If there is nothing to show, or a name has no interval.

    Notes
    -----
    Chapters 01, *Why geometry?*, and 21, *Diagnosis on a knowledge graph*.
    """
    if not differences or set(differences) != set(intervals):
        raise ValueError(
            f"intervals must be given for {sorted(differences)}, got {sorted(intervals)}"
        )
    with use_style():
        fig, axes = frame((style.WIDTH, 1.3 + 0.75 * len(differences)), title)
        ax = axes[0, 0]
        for row, (name, values) in enumerate(differences.items()):
            dots = array(f"differences[{name!r}]", values, 1)
            low, high = intervals[name]
            color = style.SUBJECT if low > 0 else style.CONTROL
            ax.plot(
                dots, np.full(len(dots), row), "o", color=color, ms=8, alpha=0.6, mec=style.PAPER
            )
            ax.plot([low, high], [row + 0.3] * 2, color=color, lw=3, ls="-")
            ax.plot(dots.mean(), row + 0.3, "D", color=color, ms=7, mec=style.PAPER)
        ax.axvline(0, color=style.NEUTRAL, lw=1.2, ls=":")
        ax.set_yticks(range(len(differences)), list(differences))
        ax.set(xlabel=xlabel, ylim=(len(differences) - 0.4, -0.5))
        ax.tick_params(axis="y", length=0)
    return finish(fig)
