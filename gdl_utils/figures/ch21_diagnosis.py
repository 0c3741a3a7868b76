"""Pictures of chapter 21, *Diagnosis on a knowledge graph*: triples, reporters, probabilities."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gdl_utils.plots import style
from gdl_utils.plots.layout import finish, frame, legend_below, responsive
from gdl_utils.plots.style import array, use_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FILLS = (*style.WASHES, style.WASH)
"""Backgrounds of boxes, a column each."""


@responsive
def knowledge(
    columns: Mapping[str, Sequence[str]],
    edges: Sequence[tuple[str, str, str]],
    *,
    title: str | None = None,
) -> Figure:
    """Draw entities as boxes in columns by type, and triples as arrows by relation.

    Parameters
    ----------
    columns : mapping of str to sequence of str
        The heading of each column, and the names of its boxes from top to bottom; all different.
    edges : sequence of (str, str, str)
        Triples: from which box, of which relation, to which box.
    title : str
        The finding, a sentence.

    Raises
    ------
    ValueError
        If there are no columns or more than five, a name stands twice, an edge names no box, or
        there are more than seven relations.

    Notes
    -----
    Chapter 21, *Diagnosis on a knowledge graph*.
    """
    names = [name for column in columns.values() for name in column]
    if not 1 <= len(columns) <= len(FILLS) or len(set(names)) != len(names) or not names:
        raise ValueError(f"columns must be 1 to 5 with boxes of different names, got {columns}")
    relations = list(dict.fromkeys(r for _, r, _ in edges))
    lost = {n for a, _, b in edges for n in (a, b)} - set(names)
    if lost or len(relations) > len(style.CYCLE):
        raise ValueError(f"edges must join boxes by at most 7 relations, got {sorted(lost)}")
    tall = max(len(c) for c in columns.values())
    at = {
        name: (x, (len(column) - 1) / 2 - y if len(column) > 1 else 0.0)
        for x, column in enumerate(columns.values())
        for y, name in enumerate(column)
    }
    with use_style():
        fig, axes = frame((style.WIDTH, 1.6 + 0.95 * tall), title)
        ax = axes[0, 0]
        boxes = {}
        for x, (heading, column) in enumerate(columns.items()):
            ax.text(x, tall / 2 + 0.2, heading, ha="center", weight="bold")
            for name in column:
                box = {"boxstyle": "round,pad=0.4", "fc": FILLS[x], "ec": style.SOFT}
                words = ax.text(*at[name], "\n".join(textwrap.wrap(name, 14)), ha="center",
                                va="center", zorder=3, linespacing=1.1, bbox=box)  # fmt: skip
                boxes[name] = words.get_bbox_patch()
        for a, relation, b in edges:
            k = relations.index(relation)
            bend = -0.5 if abs(at[a][0] - at[b][0]) > 2 else 0
            ax.annotate("", at[b], at[a], zorder=1, arrowprops={
                "arrowstyle": "-|>", "color": style.CYCLE[k], "lw": 1.8, "ls": style.LINES[k],
                "shrinkA": 2, "shrinkB": 4, "patchA": boxes[a], "patchB": boxes[b],
                "connectionstyle": f"arc3,rad={bend}"})  # fmt: skip
        for k, relation in enumerate(relations):
            ax.plot([], [], color=style.CYCLE[k], ls=style.LINES[k], label=relation)
        if relations:
            legend_below(fig, *ax.get_legend_handles_labels(), 3, handlelength=2.6)
        ax.set(xlim=(-0.5, len(columns) - 0.5), ylim=(-tall / 2 - 0.05, tall / 2 + 0.45))
        ax.axis("off")
    return finish(fig)


@responsive
def parts(
    rows: Mapping[str, Any],
    names: Sequence[str],
    *,
    xlabel: str = "",
    title: str | None = None,
) -> Figure:
    """Show how wholes are made up: a bar for each, cut into the same parts.

    Parameters
    ----------
    rows : mapping of str to array, (K,)
        A name, and the shares of the K parts; at least 0, with the sum 1.
    names : sequence of str
        What the parts are; at most seven.
    xlabel, title : str
        The axis, and what the figure shows, as a sentence.

    Raises
    ------
    ValueError
        If there is no row, or shares do not match the names or sum to 1.

    Notes
    -----
    Chapter 21, *Diagnosis on a knowledge graph*.
    """
    held = {name: array(f"rows[{name!r}]", row, 1) for name, row in rows.items()}
    if not held or not 1 <= len(names) <= len(style.CYCLE):
        raise ValueError(f"rows and 1 to 7 names must be given, got {len(held)} and {len(names)}")
    for name, row in held.items():
        if len(row) != len(names) or row.min() < 0 or abs(row.sum() - 1) > 1e-6:
            raise ValueError(f"{name!r} must hold {len(names)} shares with the sum 1, got {row}")
    colors = (style.BLUE, style.SKY, style.GREEN, style.YELLOW, style.ORANGE, style.VERMILION)
    with use_style():
        fig, axes = frame((style.WIDTH, 1.9 + 0.6 * len(held)), title)
        ax = axes[0, 0]
        left = np.zeros(len(held))
        for k, part in enumerate(names):
            width = np.array([row[k] for row in held.values()])
            dark = k in (0, 5)
            ax.barh(range(len(held)), width, left=left, color=(*colors, style.PURPLE)[k],
                    ec=style.PAPER, label=part, height=0.7)  # fmt: skip
            for y, (x, w) in enumerate(zip(left, width)):
                if w >= 0.055:
                    ax.text(x + w / 2, y, f"{100 * w:.0f}", ha="center", va="center",
                            color=style.PAPER if dark else style.DARK)  # fmt: skip
            left += width
        ax.set_yticks(range(len(held)), list(held))
        ax.set(xlim=(0, 1), ylim=(len(held) - 0.5, -0.5), xlabel=xlabel, xticks=[])
        ax.tick_params(axis="y", length=0)
        ax.spines[:].set_visible(False)
        legend_below(fig, *ax.get_legend_handles_labels(), 3)
    return finish(fig)


@responsive
def weights(
    panels: Mapping[str, tuple[Any, Any]],
    names: Sequence[str],
    *,
    labels: tuple[str, str] = ("true", "learnt"),
    xlabel: str = "",
    title: str | None = None,
) -> Figure:
    """Compare what is true, as bars, with what was learnt, as dots: a panel for each reporter.

    Parameters
    ----------
    panels : mapping of str to (array, array), (K,) each
        A title; true and learnt values.
    names : sequence of str
        What the K values are of.
    labels : (str, str)
        What bars and dots are called.
    xlabel, title : str
        The axis, and what the figure shows, as a sentence.

    Raises
    ------
    ValueError
        If there is no panel, or values do not match the names.

    Notes
    -----
    Chapter 21, *Diagnosis on a knowledge graph*.
    """
    if not panels:
        raise ValueError("panels must hold at least one panel, got none")
    held = {t: [array(f"panels[{t!r}]", v, 1) for v in pair] for t, pair in panels.items()}
    if any(len(v) != len(names) for pair in held.values() for v in pair):
        raise ValueError(f"every panel must hold two times {len(names)} values, one for each name")
    with use_style():
        fig, axes = frame((style.WIDTH, 1.4 + 0.36 * len(names)), title,
                          ncols=len(held), sharey=True, sharex=True)  # fmt: skip
        y = np.arange(len(names))
        for ax, (name, (true, learnt)) in zip(axes[0], held.items()):
            ax.barh(y, true, color="#CFCFCF", height=0.72, label=labels[0])
            ax.plot(learnt, y, "o", color=style.SUBJECT, ms=8, mec=style.PAPER, label=labels[1])
            ax.set(title=name, xlabel=xlabel, ylim=(len(names) - 0.5, -0.5))
            ax.tick_params(axis="y", length=0)
        axes[0, 0].set_yticks(y, list(names))
        axes[0, -1].legend(loc="lower right")
    return finish(fig)


@responsive
def reliabilities(
    panels: Mapping[str, tuple[Any, Any]],
    *,
    title: str | None = None,
) -> Figure:
    """Draw reliability diagrams: how often answers were right against the probability given.

    Parameters
    ----------
    panels : mapping of str to (array, array), (B,) or (S, B) each
        A title; mean probability and share of right answers of each bin, of one seed or of S.
    title : str
        The finding, a sentence.

    Raises
    ------
    ValueError
        If there is no panel, a pair differs in shape, or a value is not from 0 to 1.

    Notes
    -----
    Chapter 21, *Diagnosis on a knowledge graph*.
    """
    if not panels:
        raise ValueError("panels must hold at least one panel, got none")
    with use_style():
        fig, axes = frame((style.WIDTH, 3.2), title, ncols=len(panels), sharey=True)
        for i, (ax, (name, pair)) in enumerate(zip(axes[0], panels.items())):
            said, right = (np.atleast_2d(array(f"panels[{name!r}]", v, (1, 2))) for v in pair)
            both = np.stack([said, right]) if said.shape == right.shape else np.array([2.0])
            if both.min() < 0 or both.max() > 1:
                raise ValueError(f"{name!r} must hold two tables of shares, got {pair}")
            ax.plot([0, 1], [0, 1], color=style.NEUTRAL, lw=1.2, ls="--")
            ax.plot(said.T, right.T, "o", color=style.CYCLE[i], ms=5, alpha=0.45, mec=style.PAPER)
            ax.plot(said.mean(0), right.mean(0), color=style.CYCLE[i], ls="-")
            ax.set(title=name, aspect="equal", xlim=(-0.03, 1.03), ylim=(-0.03, 1.03))
            ax.set(xticks=[0, 0.5, 1], yticks=[0, 0.5, 1], xlabel="probability given")
        axes[0, 0].set_ylabel("share right")
    return finish(fig)
