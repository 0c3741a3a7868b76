"""Pictures of chapter 01, *Why geometry?*: a contest's errors by year, and gradients as strokes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gdl_utils.plots import style
from gdl_utils.plots.layout import finish, frame, is_narrow, responsive
from gdl_utils.plots.style import array, use_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STROKE, CELL = "#00669F", "#D6D6D6"
"""Colors of strokes and of the lines between cells, on a picture that is pale in every theme."""


@responsive
def contest(
    years: Sequence[int],
    errors: Any,
    learnt: Sequence[bool],
    names: Sequence[str],
    *,
    human: float,
    title: str | None = None,
) -> Figure:
    """Show the winners' errors by year, with features made by hand and learnt told apart.

    Parameters
    ----------
    years : sequence of int, (N,)
    errors : array, (N,)
        In per cent.
    learnt : sequence of bool, (N,)
        Whether the features were learnt.
    names : sequence of str, (N,)
        A short text over each bar; may be empty.
    human : float
        A person's error in per cent, drawn as a line.
    title : str
        The finding, a sentence.

    Raises
    ------
    ValueError
        If lengths differ, or an error is not between 0 and 100.

    Notes
    -----
    Chapter 01, *Why geometry?*
    """
    values = array("errors", errors, 1)
    if not len(years) == len(values) == len(learnt) == len(names):
        raise ValueError(f"years, errors, learnt, names must have one length, got {len(years)}, "
                         f"{len(values)}, {len(learnt)}, {len(names)}")  # fmt: skip
    if values.min() < 0 or values.max() > 100:
        raise ValueError(f"errors must be 0 to 100 %, got {values.min()} to {values.max()}")
    from matplotlib.patches import Patch

    with use_style():
        fig, axes = frame((style.WIDTH, 3.6), title)
        ax = axes[0, 0]
        looks = {False: (style.NEUTRAL, "///"), True: (style.SUBJECT, "")}
        for year, value, kind, name in zip(years, values, learnt, names):
            color, hatch = looks[bool(kind)]
            ax.bar(year, value, color=color, hatch=hatch, edgecolor=style.PAPER, width=0.75)
            text = f"{value:.1f}" + (f"\n{name}" if name else "")
            ax.text(year, value + 0.5, text, ha="center", va="bottom", fontsize=10,
                    bbox={"facecolor": style.PAPER, "edgecolor": "none", "pad": 1})  # fmt: skip
        ax.axhline(human, color=style.BLACK, ls=":", lw=1.4, zorder=1)
        says = f" one trained\n person: {human:.1f} %"
        box = {"facecolor": style.PAPER, "edgecolor": "none", "pad": 1}
        beside = 0.8 if is_narrow() else 0.5  # clear of the last bar's name
        ax.text(years[-1] + beside, human, says, va="center", fontsize=10, bbox=box)
        ax.set(ylabel="top-5 error (%)", ylim=(0, 1.22 * values.max()))
        ax.set_xlim(years[0] - 0.6, years[-1] + 1.2 + (2.0 if is_narrow() else 0.4))
        ax.set_xticks(list(years))
        keys = [("features made by hand", False), ("features learnt", True)]
        handles = [
            Patch(facecolor=looks[k][0], hatch=looks[k][1], edgecolor=style.PAPER, label=t)
            for t, k in keys
        ]
        ax.legend(handles=handles, loc="upper right")
    return finish(fig)


@responsive
def strokes(image: Any, votes: Any, *, titles: tuple[str, str], title: str | None = None) -> Figure:
    """Show an image, and the directions that its gradients vote for, as strokes along the edges.

    Parameters
    ----------
    image : array, (H, W)
    votes : array, (K, R, C)
        For each of R × C cells, the votes for K gradient directions from 0° to 180°,
        counterclockwise from the right, where rows grow **downwards**: an angle of
        ``atan2(dy, dx)``. An edge runs across its gradient.
    titles : (str, str)
        Above the image, and above the strokes.
    title : str
        The finding, a sentence.

    Raises
    ------
    ValueError
        If a shape is wrong, or a vote is negative.

    Notes
    -----
    Chapter 01, *Why geometry?*
    """
    picture, shares = array("image", image, 2), array("votes", votes, 3)
    if shares.min() < 0:
        raise ValueError(f"votes must be at least 0, got {shares.min()}")
    bins, rows, columns = shares.shape
    with use_style():
        fig, axes = frame((style.WIDTH * 0.9, 3.5), title, ncols=2)
        left, right = axes[0]
        left.imshow(picture, cmap=style.GREYS)
        extent = (-0.5, columns - 0.5, rows - 0.5, -0.5)
        faint = 1 - 0.25 * picture / (picture.max() or 1.0)
        right.imshow(faint, cmap=style.GREYS, vmin=0, vmax=1, extent=extent)
        top = shares.max() or 1.0
        for k, i, j in np.argwhere(shares > 0.04 * top):
            angle = np.pi * (k / bins + 0.5)  # along the edge
            step = 0.55 * np.array([np.cos(angle), np.sin(angle)])
            share = shares[k, i, j] / top
            right.plot([j - step[0], j + step[0]], [i - step[1], i + step[1]],
                       color=STROKE, lw=0.5 + 2.5 * share, ls="-",
                       alpha=0.25 + 0.75 * share, solid_capstyle="round")  # fmt: skip
        for k in range(1, max(rows, columns)):
            right.axvline(k - 0.5, color=CELL, lw=0.5, ls="-")
            right.axhline(k - 0.5, color=CELL, lw=0.5, ls="-")
        for ax, text in zip((left, right), titles):
            ax.set(xticks=[], yticks=[], title=text)
            ax.spines[:].set_visible(False)
        right.set(xlim=extent[:2], ylim=extent[2:])
    return finish(fig)
