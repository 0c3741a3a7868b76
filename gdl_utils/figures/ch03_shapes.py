"""Pictures of chapter 03, *Data that is not flat*: a mesh as a graph, shapes, scores and costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gdl_utils.plots import style
from gdl_utils.plots.colors import rgb
from gdl_utils.plots.layout import finish, frame, legend_below, responsive
from gdl_utils.plots.seeds import interval
from gdl_utils.plots.style import array, titles, use_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@responsive
def side_views(
    rows: Sequence[Sequence[tuple[Any, Any]]],
    *,
    columns: Sequence[str],
    title: str | None = None,
) -> Figure:
    """Show surfaces from their right side, shaded, in a table; all at one scale.

    Parameters
    ----------
    rows : nested sequence of (array (V, 3), array (F, 3))
        Vertices and triangles of each surface, x forward, y to the left, z up.
    columns : sequence of str
        What each column shows.
    title : str
        The finding, a sentence.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is no surface, rows differ in length, columns are not named, or a triangle names a
        vertex that is not there.

    Notes
    -----
    Chapter 03, *Data that is not flat*. Far triangles are painted first.
    """
    if not rows or not rows[0] or any(len(row) != len(rows[0]) for row in rows):
        raise ValueError("rows must be a table of surfaces, as many in each row, and not empty")
    names = titles("columns", columns, len(rows[0]))
    surfaces = [[_surface(verts, faces) for verts, faces in row] for row in rows]
    boxes = [np.concatenate([verts[:, [0, 2]] for verts, _ in row]) for row in surfaces]
    left, right = (pick(pick(box[:, 0]) for box in boxes) for pick in (min, max))
    bottoms, tops = ([pick(box[:, 1]) for box in boxes] for pick in (np.min, np.max))
    heights = [(top - bottom) / (right - left) for bottom, top in zip(bottoms, tops)]
    from matplotlib.collections import PolyCollection
    from matplotlib.colors import to_rgb

    one = style.WIDTH / len(names)
    size = (style.WIDTH, 0.55 + 0.3 * bool(title) + sum(one * h + 0.05 for h in heights))
    color = np.array(to_rgb(style.SUBJECT))
    with use_style():
        fig, axes = frame(size, title, nrows=len(rows), ncols=len(names), height_ratios=heights)
        for line, row, bottom, top in zip(axes, surfaces, bottoms, tops):
            for ax, (verts, faces) in zip(line, row):
                corners = verts[faces]
                normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
                normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-30
                seen = normal[:, 1] < 0  # the viewer stands at the right, at y = −∞
                order = np.argsort(-corners[seen, :, 1].mean(1))
                light = np.clip(normal[seen] @ np.array([0.3, -0.7, 0.65]), 0, 1)[order, None]
                shade = color * (0.35 + 0.65 * light) + 0.45 * light * (1 - color)
                flat = corners[seen][order][:, :, [0, 2]]
                ax.add_collection(
                    PolyCollection(
                        flat,
                        facecolors=shade.clip(0, 1),
                        edgecolors="face",
                        lw=0.3,
                        rasterized=True,
                    )  # thousands of triangles
                )
                ax.set(xlim=(left, right), ylim=(bottom, top), aspect="equal")
                ax.axis("off")
        for ax, name in zip(axes[0], names):
            ax.set_title(name)
    return finish(fig)


@responsive
def scores_and_costs(
    scores: Mapping[str, Mapping[str, Any]],
    costs: Mapping[str, Mapping[str, float]],
    *,
    chance: float,
    title: str | None = None,
) -> Figure:
    """Show accuracies over seeds with their 95 % intervals, and beside them what learners cost.

    Parameters
    ----------
    scores : mapping of str to mapping of str to array, (S,)
        For each learner, and for each condition the accuracy of every seed, between 0 and 1. The
        first condition is filled, the second one hollow.
    costs : mapping of str to mapping of str to float
        For each kind of cost, such as "seconds", a positive number for each learner.
    chance : float
        The accuracy of guessing.
    title : str
        The finding, a sentence.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is no learner, conditions differ or are more than two, a condition has fewer than
        two seeds or accuracies outside [0, 1], or a cost is not positive or misses a learner.

    Notes
    -----
    Chapter 03, *Data that is not flat*. Intervals are Student's, over the seeds.
    """
    if not scores:
        raise ValueError("scores must hold at least one learner, got none")
    looks = list(next(iter(scores.values())))
    if not 1 <= len(looks) <= 2 or any(list(of) != looks for of in scores.values()):
        raise ValueError("scores must have one or two conditions, the same for every learner")
    for kind, of in costs.items():
        if set(of) != set(scores) or min(of.values()) <= 0:
            raise ValueError(f"costs[{kind!r}] must be positive, one for each learner")
    with use_style():
        size = (style.WIDTH, 1.5 + 0.45 * len(scores) + 0.3 * bool(title))
        ratios = [2.4] + [1] * len(costs)
        fig, axes = frame(size, title, ncols=1 + len(costs), sharey=True, width_ratios=ratios)
        ax = axes[0, 0]
        for j, look in enumerate(looks):
            color = (style.SUBJECT, style.CONTROL)[j]
            for i, (name, of) in enumerate(scores.items()):
                seeds = array(f"scores[{name!r}][{look!r}]", of[look], 1)
                if len(seeds) < 2 or seeds.min() < 0 or seeds.max() > 1:
                    raise ValueError(f"scores[{name!r}] must hold two or more seeds, 0 to 1 each")
                mean, low, _ = (float(100 * v[0]) for v in interval(seeds[:, None]))
                at = i + (0.32 * j - 0.16) * (len(looks) - 1)
                ax.plot(100 * seeds, np.full(len(seeds), at), "|", color=color, alpha=0.45, ms=8)
                ax.errorbar(
                    mean, at, xerr=mean - low, fmt="os"[j], color=color, capsize=3,
                    ms=7, mfc=(color, style.PAPER)[j], label=look if i == 0 else None, lw=2,
                )  # fmt: skip
        ax.axvline(100 * chance, color=style.NEUTRAL, ls=":", lw=1.5, label="guessing")
        ax.set(xlabel="right (%)", xlim=(0, 100))
        ax.set_yticks(range(len(scores)), list(scores))
        ax.set_ylim(len(scores) - 0.5, -0.5)
        for ax, (kind, of) in zip(axes[0, 1:], costs.items()):
            values = [of[name] for name in scores]
            ax.barh(range(len(values)), values, color="#BBBBBB", height=0.55)
            for i, value in enumerate(values):
                digits = ".0f" if value >= 10 else ".1f" if value >= 1 else ".1g"
                ax.text(value, i, f" {value:{digits}}", va="center", fontsize=10)
            ax.set(xlabel=kind, xlim=(0, 1.45 * max(values)), xticks=[])
            ax.spines["bottom"].set_visible(False)
        axes[0, 0].grid(axis="x")
        legend_below(fig, *axes[0, 0].get_legend_handles_labels(), 3)
    return finish(fig)


@responsive
def graph_and_matrix(
    places: Any,
    edges: Any,
    adjacency: Any,
    *,
    title: str,
    marked: int | None = None,
) -> Figure:
    """Draw a small graph beside its adjacency matrix, with one node and its neighbours marked.

    Parameters
    ----------
    places : array, (N, 2)
        Where the nodes are drawn.
    edges : array of int, (E, 2)
        Pairs of nodes.
    adjacency : array, (N, N)
        Zeros and ones.
    title : str
        The finding, a sentence.
    marked : int
        A node that stands out, with its neighbours and its row.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If shapes do not match, or a node does not exist.

    Notes
    -----
    Chapter 03, *Data that is not flat*.
    """
    at, ends = array("places", places, 2), array("edges", edges, 2).astype(int)
    matrix = array("adjacency", adjacency, 2)
    n = len(at)
    if at.shape[1] != 2 or ends.shape[1] != 2 or matrix.shape != (n, n):
        raise ValueError(
            f"places, edges, adjacency must be (N, 2), (E, 2), (N, N), got {at.shape}, "
            f"{ends.shape}, {matrix.shape}"
        )
    if ends.min() < 0 or ends.max() >= n:
        raise ValueError(f"edges must name nodes 0 to {n - 1}, got {ends.min()} to {ends.max()}")
    if marked is not None and not 0 <= marked < n:
        raise ValueError(f"marked must be a node, 0 to {n - 1}, got {marked}")
    near = [] if marked is None else np.flatnonzero(matrix[marked]).tolist()
    with use_style():
        fig, axes = frame((style.WIDTH, 3.7), title, ncols=2)
        ax = axes[0, 0]
        ax.plot(*at[ends].transpose(2, 1, 0), color=style.NEUTRAL, lw=1.4, ls="-", zorder=1)
        for k, (x, y) in enumerate(at):
            color = style.BLUE if k == marked else style.ORANGE if k in near else "#D5D5D5"
            ax.plot([x], [y], "o", ms=19, color=color, mec=style.BLACK, mew=0.8)
            ink = style.PAPER if k == marked else style.DARK
            ax.text(x, y, str(k), ha="center", va="center", color=ink, fontsize=11)
        ax.set(aspect="equal")
        ax.margins(0.15)
        ax.axis("off")
        ax = axes[0, 1]
        shown = matrix * 0.9
        if marked is not None:
            shown[marked] *= 0.6
        ax.pcolormesh(shown, cmap="Greys", vmin=0, vmax=1.2, edgecolors="#BBBBBB", linewidth=0.6)
        for i, j in zip(*np.nonzero(matrix)):
            color = rgb(style.ORANGE) if i == marked else rgb("#D5D5D5")
            ax.add_patch(_cell(j, i, color))
            ax.text(j + 0.5, i + 0.5, "1", ha="center", va="center", fontsize=10, color=style.DARK)
        ticks = {"xticks": np.arange(n) + 0.5, "yticks": np.arange(n) + 0.5}
        ax.set(**ticks, xticklabels=range(n), yticklabels=range(n), ylim=(n, 0), aspect="equal")
        ax.tick_params(length=0)
        ax.set_title("adjacency matrix A")
    return finish(fig)


def _cell(x: float, y: float, color: Any) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((x, y), 1, 1, facecolor=color, edgecolor="#BBBBBB", linewidth=0.6)


def _surface(verts: Any, faces: Any) -> tuple[np.ndarray, np.ndarray]:
    points, triangles = array("verts", verts, 2), array("faces", faces, 2).astype(int)
    if points.shape[1] != 3 or triangles.shape[1] != 3:
        raise ValueError(
            f"verts and faces must be (V, 3) and (F, 3), got {points.shape} and {triangles.shape}"
        )
    if triangles.min() < 0 or triangles.max() >= len(points):
        raise ValueError(f"faces must name vertices 0 to {len(points) - 1}")
    return points, triangles
