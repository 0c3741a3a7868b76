"""How a figure opens, and how it is laid out twice: for the book's column, and for a phone.

A function that draws is marked ``@responsive``. It is then called twice, and the figure for the
column brings the one for the phone along. There, panels that stood in a row stand below one
another, and lines of text break earlier; the function need not know.
"""

from __future__ import annotations

import functools
import re
import textwrap
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, ParamSpec

from gdl_utils.plots import style
from gdl_utils.plots.style import sentence, use_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

P = ParamSpec("P")
_WIDTH: ContextVar[float | None] = ContextVar("width", default=None)
TITLE = 68 / style.WIDTH
"""Letters of a title to an inch."""


def is_narrow() -> bool:
    """Whether the figure that is being drawn is the one for a phone."""
    return _WIDTH.get() == style.NARROW


def width() -> float:
    """Inches that a figure may be wide: ``style.WIDTH``, or ``style.NARROW`` for a phone."""
    return _WIDTH.get() or style.WIDTH


def fitting_columns(count: int) -> int:
    """How many of ``count`` panels stand beside each other where panels are wrapped into rows."""
    return min(count, 2) if is_narrow() else count


def responsive(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Have a figure drawn for the book's column and for a phone.

    Parameters
    ----------
    draw : callable
        Returns a figure that it opened by :func:`frame`.

    Returns
    -------
    callable
        The same function. The figure that it returns is the one for the column; its attribute
        ``narrow`` is the other one.

    Notes
    -----
    All chapters.
    """

    @functools.wraps(draw)
    def twice(*args: P.args, **kwargs: P.kwargs) -> Figure:
        if _WIDTH.get() is not None:  # called by a function that is drawn twice itself
            return draw(*args, **kwargs)
        made = []
        for width in (style.WIDTH, style.NARROW):
            token = _WIDTH.set(width)
            try:
                made.append(draw(*args, **kwargs))
            finally:
                _WIDTH.reset(token)
        made[0].narrow = made[1]
        return made[0]

    return twice


@functools.cache
def figure_class() -> type[Figure]:
    """The class of the course's figures, which a notebook shows with their drawings."""
    from matplotlib.figure import Figure

    class Chart(Figure):
        """A figure that knows its form for a phone, and its drawings for the book."""

        narrow: Figure | None = None

        def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
            from gdl_utils.plots import vector

            return {"text/plain": repr(self), **vector.bundle(self, self.narrow)}

    return Chart


def frame(
    size: tuple[float, float],
    title: str | None,
    *,
    nrows: int = 1,
    ncols: int = 1,
    narrow: int | None = None,
    **kwargs: Any,
) -> tuple[Any, Any]:
    """Open a figure of the course's style, its title a finding, shown only by its caller.

    Parameters
    ----------
    size : (float, float)
        Width and height in inches.
    title : str or None
        The finding, a sentence.
    nrows, ncols : int
        Panels.
    narrow : int
        How many panels of a row stand beside each other on a phone: by default one of two, and two
        of more; of several rows, all.
    **kwargs
        For ``matplotlib.pyplot.subplots``.

    Returns
    -------
    (Figure, numpy.ndarray of Axes)
        The axes as a table (nrows, ncols), wherever they stand. Close with :func:`finish`.

    Raises
    ------
    ValueError
        If the title is empty.
    """
    import matplotlib.pyplot as plt

    (wide, height), lines = size, []
    beside = narrow or (ncols if nrows > 1 or ncols == 1 else 1 if ncols == 2 else 2)
    wraps = is_narrow() and beside < ncols
    if title is not None:
        room = min(wide, width())
        lines = textwrap.wrap(sentence("title", title), int(TITLE * max(room, 0.8 * style.NARROW)))
    if is_narrow():
        before = len(textwrap.wrap(title or "", 68))
        panel = (height - 0.24 * before) / nrows
        shape = (nrows * -(-ncols // beside), beside) if wraps else (nrows, ncols)
        shrink = min(1.0, style.NARROW / wide) if kwargs.pop("keep_aspect", False) else 1.0
        size = (min(wide, style.NARROW), panel * shape[0] * shrink + 0.24 * len(lines))
    kwargs.pop("keep_aspect", None)
    if not wraps:
        fig, axes = plt.subplots(nrows, ncols, figsize=size, squeeze=False,
                                 FigureClass=figure_class(), **kwargs)  # fmt: skip
    else:
        for ratios in ("width_ratios", "height_ratios"):
            kwargs.pop(ratios, None)
        kwargs.pop("gridspec_kw", None)
        fig, grid = plt.subplots(*shape, figsize=size, squeeze=False,
                                 FigureClass=figure_class(), **kwargs)  # fmt: skip
        rows = grid.reshape(nrows, -1)
        for ax in rows[:, ncols:].flat:
            ax.remove()
        axes = rows[:, :ncols]
        if kwargs.get("sharey"):
            for ax in grid.flat:
                ax.yaxis.set_tick_params(labelleft=ax in grid[:, 0])
    if lines:
        fig.suptitle("\n".join(lines), x=0.01, ha="left", weight="bold")
    plt.close(fig)
    return fig, axes


def legend_below(
    fig: Figure, handles: Sequence[Any], names: Sequence[str], columns: int, **kwargs: Any
) -> None:
    """Put a legend below all panels, in as many columns as have room.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
    handles : sequence of matplotlib artists
    names : sequence of str
    columns : int
        At most so many.
    **kwargs
        For ``fig.legend``.
    """
    for count in range(min(columns, len(names)), 0, -1):
        legend = fig.legend(handles, names, loc="outside lower center", ncols=count, **kwargs)
        room = legend.get_window_extent().width
        if count == 1 or room <= fig.bbox.width:
            return
        legend.remove()


def finish(fig: Figure) -> Figure:
    """Lay everything out while the style holds: matplotlib makes its ticks when it draws."""
    with use_style():
        if is_narrow():
            _break_lines(fig)
        fig.draw_without_rendering()
    return fig


def wrapped(text: str, letters: int) -> str:
    """Break a text into lines, but no formula in it."""
    held = re.sub(r"\$[^$]*\$", lambda m: m[0].replace(" ", "\0"), text)
    lines = [
        textwrap.wrap(line, max(letters, 6), break_long_words=False) for line in held.split("\n")
    ]
    return "\n".join(part for line in lines for part in line or [""]).replace("\0", " ")


NAMES = 20
"""Letters to a line in the names of rows, on a phone."""


def _break_lines(fig: Figure) -> None:
    """Break what is too long for a phone: names of rows, titles of panels and axes."""
    for ax in fig.axes:
        names = [label.get_text() for label in ax.get_yticklabels()]
        if any(len(name) > NAMES and "$" not in name for name in names) and ax.yaxis.get_visible():
            ax.set_yticks(ax.get_yticks(), [wrapped(name, NAMES) for name in names])
    fig.draw_without_rendering()
    for ax in fig.axes:
        box, spec = ax.get_window_extent(), ax.get_subplotspec()
        beside = spec.get_gridspec().ncols if spec is not None else 1
        column = fig.bbox.width / beside
        left = column * min(int((box.x0 + box.x1) / 2 // column), beside - 1)
        middle = 2 * min((box.x0 + box.x1) / 2 - left, left + column - (box.x0 + box.x1) / 2)
        _fit([ax.title, ax.xaxis.label], 0.98 * middle)
        _fit([ax._left_title], left + column - box.x0)
        if ax.name == "rectilinear":
            _fit([ax.yaxis.label], 1.05 * box.height)


def _fit(texts: Sequence[Any], room: float) -> None:
    """Break texts that are longer than their room, in pixels."""
    for text in texts:
        said = text.get_text()
        if not said:
            continue
        box = text.get_window_extent()
        long = box.height if text.get_rotation() else box.width
        if long > room:
            longest = max(len(line) for line in said.split("\n"))
            text.set_text(wrapped(said.replace("\n", " "), int(longest * room / long)))
