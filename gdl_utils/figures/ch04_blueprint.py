"""Pictures of chapter 04, *The blueprint*: signals on domains, moves that commute, arrows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gdl_utils.plots import style
from gdl_utils.plots.layout import finish, frame, responsive
from gdl_utils.plots.style import array, use_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@responsive
def image_and_graph(
    image: Any,
    nodes: Any,
    edges: Any,
    values: Any,
    *,
    label: str = "",
    title: str | None = None,
) -> Figure:
    """Show two signals side by side: one on pixels, one on the nodes of a graph.

    Parameters
    ----------
    image : array, (H, W)
    nodes : array, (n, 2)
        Where each node is drawn.
    edges : array of int, (2, E)
    values : array, (n,)
        The signal on the nodes.
    label : str
        What the signal on the nodes is, with its unit.
    title : str
        The finding, a sentence.

    Raises
    ------
    ValueError
        If shapes do not match, or an edge names a node that is not there.

    Notes
    -----
    Chapter 04, *The blueprint*.
    """
    picture, spots = array("image", image, 2), array("nodes", nodes, 2)
    ends, color = _edges(edges, spots), array("values", values, 1)
    if len(color) != len(spots):
        raise ValueError(f"values must be ({len(spots)},), got {color.shape}")
    from matplotlib.ticker import MaxNLocator

    with use_style():
        ratio = {"width_ratios": [3, 4]}
        fig, axes = frame((style.WIDTH, 3.1), title, ncols=2, gridspec_kw=ratio)
        left, right = axes[0]
        left.imshow(picture, cmap=style.GREYS)
        left.set(title=f"Ω: {picture.shape[0]} × {picture.shape[1]} pixels", xticks=[], yticks=[])
        for i, j in ends.T:
            right.plot(*spots[[i, j]].T, color="#BBBBBB", lw=0.8, ls="-", zorder=1)
        shown = right.scatter(
            *spots.T, c=color, s=70, edgecolors=style.BLACK, linewidths=0.6, zorder=2
        )
        right.set(title=f"Ω: {len(spots)} nodes", aspect="equal")
        right.axis("off")
        left.spines[:].set_visible(False)
        fig.colorbar(shown, ax=right, label=label, shrink=0.8).locator = MaxNLocator(
            6, integer=True
        )
    return finish(fig)


@responsive
def commuting_moves(maps: Mapping[str, Any], *, title: str | None = None) -> Figure:
    """Show for which moves of a periodic grid two transformations can be swapped.

    Parameters
    ----------
    maps : mapping of str to array of bool, (n, n)
        A title, and whether the move (dy, dx) can be swapped; index 0 is not a move.
    title : str
        The finding, a sentence.

    Raises
    ------
    ValueError
        If there is no map, or one is not square.

    Notes
    -----
    Chapter 04, *The blueprint*.
    """
    if not maps:
        raise ValueError("maps must hold at least one array, got none")
    with use_style():
        fig, axes = frame((style.WIDTH, 3.6), title, ncols=len(maps), sharey=True)
        for ax, (name, value) in zip(axes[0], maps.items()):
            grid = array(f"maps[{name!r}]", value, 2)
            if grid.shape[0] != grid.shape[1]:
                raise ValueError(f"maps[{name!r}] must be square, got {grid.shape}")
            n = len(grid)
            dy, dx = np.nonzero(grid)
            wrapped = [(k + n // 2 - 1) % n - n // 2 + 1 for k in (dx, dy)]
            ax.axhline(0, color=style.GRID, lw=1, ls="-")
            ax.axvline(0, color=style.GRID, lw=1, ls="-")
            ax.scatter(*wrapped, s=22, color=style.SUBJECT, zorder=3, clip_on=False)
            side = n // 2 + 1
            ax.set(title=name, aspect="equal", xlim=(-side, side), ylim=(side, -side))
            ax.set(xlabel="dx (pixels to the right)")
        axes[0, 0].set_ylabel("dy (pixels down)")
    return finish(fig)


@responsive
def square(
    corners: Sequence[Any],
    *,
    across: str,
    down: tuple[str, str],
    title: str | None = None,
) -> Figure:
    """Show two ways round a square: map, then move, and move, then map.

    Parameters
    ----------
    corners : sequence of four arrays, (H, W)
        ``x``, ``f(x)``, ``g·x`` and ``f(g·x)``.
    across, down : str, (str, str)
        The names of the map, and of the move on the left and on the right.
    title : str
        The finding, a sentence.

    Raises
    ------
    ValueError
        If there are not four images.

    Notes
    -----
    Chapter 04, *The blueprint*.
    """
    if len(corners) != 4:
        raise ValueError(f"corners must hold four images, got {len(corners)}")
    from matplotlib.patches import ConnectionPatch

    pictures = [array(f"corners[{k}]", c, 2) for k, c in enumerate(corners)]
    titles = ("x", "f(x)", "g·x", "f(g·x)  =  g·f(x)")
    with use_style():
        fig, axes = frame((5.2, 4.9), title, nrows=2, ncols=2)
        fig.get_layout_engine().set(wspace=0.3, hspace=0.12)
        for ax, picture, text in zip(axes.flat, pictures, titles):
            ax.imshow(picture, cmap=style.GREYS)
            ax.set(title=text, xticks=[], yticks=[])
            ax.spines[:].set_visible(False)
        for ax, to, start, end in (
            (axes[0, 0], axes[0, 1], (1.04, 0.5), (-0.04, 0.5)),
            (axes[1, 0], axes[1, 1], (1.04, 0.5), (-0.04, 0.5)),
            (axes[0, 0], axes[1, 0], (0.5, -0.03), (0.5, 1.16)),
            (axes[0, 1], axes[1, 1], (0.5, -0.03), (0.5, 1.16)),
        ):
            arrow = ConnectionPatch(
                start, end, ax.transAxes, to.transAxes, arrowstyle="-|>", mutation_scale=14,
                color=style.SUBJECT, lw=2,
            )  # fmt: skip
            fig.add_artist(arrow).set_in_layout(False)
        for row in axes:
            row[0].text(1.42, 0.56, across, transform=row[0].transAxes, ha="center")
        for ax, text in zip(axes[0], down):
            ax.text(0.55, -0.14, text, transform=ax.transAxes, va="center")
    return finish(fig)


@responsive
def arrows(fields: Mapping[str, Any], *, title: str | None = None) -> Figure:
    """Show fans of plane vectors, each drawn from the origin; a colour is one vector throughout.

    Parameters
    ----------
    fields : mapping of str to array, (n, 2)
        A title, and n vectors (x, y).
    title : str
        The finding, a sentence.

    Raises
    ------
    ValueError
        If there is no fan, or one is not (n, 2).

    Notes
    -----
    Chapter 04, *The blueprint*.
    """
    if not fields:
        raise ValueError("fields must hold at least one fan, got none")
    fans = {name: array(f"fields[{name!r}]", v, 2) for name, v in fields.items()}
    for name, v in fans.items():
        if v.shape[1] != 2:
            raise ValueError(f"fields[{name!r}] must be (n, 2), got {v.shape}")
    from matplotlib.colors import hsv_to_rgb

    side = 1.1 * max(np.hypot(*v.T).max() for v in fans.values())
    with use_style():
        height = style.WIDTH / len(fans) + 0.7
        fig, axes = frame((style.WIDTH, height), title, ncols=len(fans))
        for ax, (name, v) in zip(axes[0], fans.items()):
            zero, hue = np.zeros(len(v)), np.arange(len(v)) / len(v)
            color = hsv_to_rgb(np.stack([hue, 0.9 + 0 * hue, 0.7 + 0 * hue], axis=1))
            ax.quiver(
                zero, zero, *v.T, color=color,
                angles="xy", scale_units="xy", scale=1, width=0.014,
            )  # fmt: skip
            ax.axhline(0, color=style.GRID, lw=0.8, ls="-", zorder=0)
            ax.axvline(0, color=style.GRID, lw=0.8, ls="-", zorder=0)
            ax.set(title=name, aspect="equal", xlim=(-side, side), ylim=(-side, side))
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set_visible(False)
    return finish(fig)


def crossed(image: Any, at: tuple[float, float]) -> np.ndarray:
    """Return an image in colours, with a cross at the point ``at`` (row, column).

    Parameters
    ----------
    image : array, (H, W)
        Values in [0, 1]; what lies outside is cut.
    at : (float, float)
        Whole or half pixels; at a half, the cross is two pixels thick.

    Returns
    -------
    numpy.ndarray, (H, W, 3)

    Raises
    ------
    ValueError
        If the cross is not inside the image.

    Notes
    -----
    Chapter 04, *The blueprint*.
    """
    grey = np.clip(array("image", image, 2), 0, 1)
    rows, cols = (np.abs(np.arange(n) - c) for n, c in zip(grey.shape, at))
    if max(rows.min(), cols.min()) > 0.5:
        raise ValueError(f"at must lie inside the image {grey.shape}, got {at}")
    thin, arm = 0.5, max(grey.shape) / 12
    cross = (rows[:, None] <= thin) & (cols <= arm) | (rows[:, None] <= arm) & (cols <= thin)
    color = [int(style.ORANGE[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    return np.where(cross[..., None], color, grey[..., None])


def _edges(edges: Any, nodes: np.ndarray) -> np.ndarray:
    ends = array("edges", edges, 2).astype(int)
    if nodes.shape[1] != 2 or len(ends) != 2:
        raise ValueError(
            f"nodes must be (n, 2) and edges (2, E), got {nodes.shape} and {ends.shape}"
        )
    if ends.min() < 0 or ends.max() >= len(nodes):
        raise ValueError(f"edges must name nodes 0 to {len(nodes) - 1}, got {ends.max()}")
    return ends
