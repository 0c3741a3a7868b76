"""Signals on grids: rows of images, and small matrices. See chapters 04 and 05."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gdl_utils.plots import style
from gdl_utils.plots.layout import finish, fitting_columns, frame, is_narrow, responsive, width
from gdl_utils.plots.style import array, use_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@responsive
def images(
    rows: Sequence[Sequence[Any]],
    *,
    titles: Sequence[Sequence[str]] | None = None,
    row_labels: Sequence[str] | None = None,
    title: str | None = None,
    limits: tuple[float, float] | None = None,
    cmap: str | None = None,
) -> Figure:
    """Show rows of images, all on one grey scale.

    Parameters
    ----------
    rows : sequence of sequences of array, (H, W) or (H, W, 3)
        Images; the rows may have different lengths. With three channels, values lie in [0, 1].
    titles : sequence of sequences of str
        A short text above each image.
    row_labels : sequence of str
        A short text to the left of each row.
    title : str
        The finding, a sentence.
    limits : (float, float)
        Values shown as black and as white; by default the smallest and largest of all.
    cmap : str
        A colour map; by default white on black, and the diverging map if there are values below 0.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is no image, one is not finite or not (H, W) or (H, W, 3), or texts do not match.

    Notes
    -----
    Chapters 04, *The blueprint*, and 05, *Grids*.
    """
    if not rows or any(len(row) == 0 for row in rows):
        raise ValueError("rows must hold at least one image each, got an empty row")
    pictures = [
        [array(f"rows[{i}][{j}]", x, (2, 3)) for j, x in enumerate(row)]
        for i, row in enumerate(rows)
    ]
    flat = [x for row in pictures for x in row]
    for x in flat:
        if x.ndim == 3 and (x.shape[2] != 3 or x.min() < 0 or x.max() > 1):
            raise ValueError(f"colour images must be (H, W, 3) in [0, 1], got {x.shape}")
    low, high = limits or (min(x.min() for x in flat), max(x.max() for x in flat))
    if limits is None and low < 0:
        high = max(-low, high)
        low, cmap = -high, cmap or style.DIVERGING
    labels = style.titles("row_labels", row_labels, len(rows))
    columns = max(len(row) for row in rows)
    lines = style.titles("titles", titles, len(rows)) if titles is not None else [None] * len(rows)
    many = is_narrow() and len(rows) > 1 and columns > 6
    beside = -(-columns // 2) if many else None
    room = style.WIDTH if len(rows) == 1 else width()
    side = min(room / (beside or columns), 2.2)
    across = room if many or columns * side > 4 else columns * side + 2
    height = len(rows) * (side + 0.28 * (titles is not None)) + 0.55 * (title is not None)
    with use_style():
        fig, axes = frame((across, height), title, nrows=len(rows), ncols=columns, narrow=beside)
        for i, row in enumerate(pictures):
            texts = style.titles(f"titles[{i}]", lines[i], len(row))
            for j, ax in enumerate(axes[i]):
                ax.set(xticks=[], yticks=[])
                ax.spines[:].set_visible(False)
                if j < len(row):
                    ax.imshow(row[j], cmap=cmap or style.GREYS, vmin=low, vmax=high)
                    ax.set_title(texts[j])
            axes[i, 0].set_ylabel(labels[i])
    return finish(fig)


@responsive
def matrices(
    items: Mapping[str, Any],
    *,
    title: str | None = None,
    columns: int = 4,
    annotate: bool = False,
    cells: bool = True,
) -> Figure:
    """Show small matrices side by side, on one scale that is symmetric about zero.

    Parameters
    ----------
    items : mapping of str to array, (R, C)
        A title and a matrix each.
    title : str
        The finding, a sentence.
    columns : int
        How many matrices stand in a row.
    annotate : bool
        Write each value into its cell, to two significant digits.
    cells : bool
        Draw the lines between cells.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is no matrix, or one is not finite and two-dimensional.

    Notes
    -----
    Chapter 05, *Grids*: bases of equivariant maps, and circulant matrices.
    """
    if not items:
        raise ValueError("items must hold at least one matrix, got none")
    if columns < 1:
        raise ValueError(f"columns must be at least 1, got {columns}")
    arrays = {name: array(f"items[{name!r}]", value, 2) for name, value in items.items()}
    few = 3 if columns > 4 and is_narrow() else fitting_columns(columns)
    columns = min(few, len(arrays))
    rows = -(-len(arrays) // columns)
    top = max(float(np.abs(m).max()) for m in arrays.values()) or 1.0
    side = min(width() / columns, 2.4)
    size = (max(columns * side, 3.5), rows * (side + 0.3) + 0.5 * (title is not None))
    with use_style():
        fig, axes = frame(size, title, nrows=rows, ncols=columns, narrow=columns)
        for ax in axes.flat:
            ax.axis("off")
        for ax, (name, m) in zip(axes.flat, arrays.items()):
            look = {"cmap": style.DIVERGING, "vmin": -1.3 * top, "vmax": 1.3 * top}
            if cells:
                ax.pcolormesh(m, edgecolors="#BBBBBB", linewidth=0.6, **look)
            else:
                ax.imshow(m, extent=(0, m.shape[1], m.shape[0], 0), **look)
            ax.set(title=name, aspect="equal", ylim=(m.shape[0], 0), xlim=(0, m.shape[1]))
            for (i, j), value in np.ndenumerate(m) if annotate else ():
                dark = abs(value) > 0.75 * top
                text = f"{value + 0.0:.2g}"  # no -0
                ax.text(j + 0.5, i + 0.5, text, ha="center", va="center", fontsize=10,
                        color="#FFFFFF" if dark else style.DARK)  # fmt: skip
    return finish(fig)
