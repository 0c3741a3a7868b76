"""Charts: curves with intervals, and the waterfall of an audit. See chapters 04 and 05."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gdl_utils.plots import style
from gdl_utils.plots.layout import finish, frame, legend_below, responsive
from gdl_utils.plots.style import array, use_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@responsive
def curves(
    x: Any,
    ys: Mapping[str, Any],
    *,
    title: str | None = None,
    xlabel: str = "",
    ylabel: str = "",
    intervals: Mapping[str, tuple[Any, Any]] | None = None,
    logx: bool = False,
    logy: bool = False,
    colors: Mapping[str, str] | None = None,
    markers: bool = False,
    hollow: Collection[str] = (),
    ylim: tuple[float, float] | None = None,
) -> Figure:
    """Draw curves over one axis, each labelled at its end; styles differ as well as colours.

    Parameters
    ----------
    x : array, (N,)
        Where the curves are known.
    ys : mapping of str to array, (N,)
        The curves.
    title : str
        The finding, a sentence.
    xlabel, ylabel : str
        What the axes are, with units.
    intervals : mapping of str to (array, array)
        Lower and upper ends, (N,) each, of a band around curves of these names.
    logx, logy : bool
        Logarithmic axes.
    colors : mapping of str to str
        Colours of curves by name, such as ``style.SUBJECT``.
    markers : bool
        Mark the points.
    hollow : collection of str
        Curves that are shown as open squares without a line, such as bounds of other curves.
    ylim : (float, float)
        Range of the vertical axis.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If lengths differ, values are not finite, a logarithm is asked of what is not positive, or
        an interval has no curve.

    Notes
    -----
    Chapters 04, *The blueprint*, and 05, *Grids*.
    """
    xs = array("x", x, 1)
    if not ys:
        raise ValueError("ys must hold at least one curve, got none")
    lines = {name: array(f"ys[{name!r}]", y, 1) for name, y in ys.items()}
    bands = {
        name: tuple(array(f"intervals[{name!r}]", end, 1) for end in ends)
        for name, ends in (intervals or {}).items()
    }
    for name, ends in [*((n, (y,)) for n, y in lines.items()), *bands.items()]:
        if name not in lines or any(len(end) != len(xs) for end in ends):
            raise ValueError(f"{name!r} must be a curve of {len(xs)} values, as x is")
        if logy and min(end.min() for end in ends) <= 0:
            raise ValueError(f"logy needs positive values, got {name!r} with one that is not")
    if logx and xs.min() <= 0:
        raise ValueError("logx needs positive x, got one that is not")
    if not set(colors or {}) <= set(lines):
        raise ValueError(f"colors must name curves, got {sorted(set(colors) - set(lines))}")
    if not set(hollow) <= set(lines):
        raise ValueError(f"hollow must name curves, got {sorted(set(hollow) - set(lines))}")
    with use_style():
        fig, axes = frame((style.WIDTH, 3.7), title)
        ax = axes[0, 0]
        for i, (name, y) in enumerate(lines.items()):
            color = (colors or {}).get(name, style.CYCLE[i % len(style.CYCLE)])
            dash = style.LINES[i % len(style.LINES)]
            look = {"ls": dash, "marker": "o" if markers else ""}
            if name in hollow:
                look = {"ls": "none", "marker": "s", "ms": 11, "mfc": "none"}
            ax.plot(xs, y, color=color, label=name, **look)
            if name in bands:
                ax.fill_between(xs, *bands[name], color=color, alpha=0.2, lw=0)
        ax.set(xlabel=xlabel, ylabel=ylabel)
        ax.set(xscale="log" if logx else "linear", yscale="log" if logy else "linear")
        if ylim is not None:
            ax.set_ylim(*ylim)
        ax.grid(axis="y")
        if len(lines) > 1:
            legend_below(fig, *ax.get_legend_handles_labels(), 3)
    return finish(fig)


@responsive
def waterfall(
    rows: Sequence[Any],
    *,
    threshold: float = 1e-10,
    title: str | None = None,
    floor: float = 1e-16,
) -> Figure:
    """Show an audit: the equivariance error after each stage, from rounding up to one.

    Parameters
    ----------
    rows : sequence of AuditRow
        What :func:`gdl_utils.audit` returns: anything with ``stage``, ``role`` and ``error``.
    threshold : float
        Errors up to here count as exact.
    title : str
        The finding, a sentence.
    floor : float
        Where bars begin; an error of 0 is a bar without length.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is no row, an error is negative or NaN, or the floor is not below the threshold.

    Notes
    -----
    Chapter 04, *The blueprint*.
    """
    if not rows:
        raise ValueError("rows must hold at least one stage, got none")
    if not 0 < floor < threshold:
        raise ValueError(f"need 0 < floor < threshold, got {floor} and {threshold}")
    errors = np.array([float(row.error) for row in rows])
    if np.isnan(errors).any() or (errors < 0).any():
        raise ValueError(f"errors must be at least 0, got {errors.min()}")
    names = [f"{row.stage}  [{row.role}]" if row.role else row.stage for row in rows]
    with use_style():
        fig, axes = frame((style.WIDTH, 0.8 + 0.34 * len(rows) + 0.3 * bool(title)), title)
        ax = axes[0, 0]
        top = max(10.0, 10 * errors[np.isfinite(errors)].max(initial=0))
        for i, error in enumerate(errors):
            broken = error > threshold
            color = style.BROKEN if broken else style.EXACT
            length = min(max(error, floor), top)
            ax.barh(i, length - floor, left=floor, color=color, hatch="///" if broken else "",
                    edgecolor=style.PAPER, height=0.7)  # fmt: skip
            text = "broken" if broken else "exact"
            ax.text(length * 1.6, i, text, va="center", color=color, fontsize=10)
        ax.axvline(threshold, color=style.NEUTRAL, ls=":", lw=1.2)
        ax.set(xscale="log", xlim=(floor, top * 300), xlabel="equivariance error")
        ax.set_xticks([t for t in (1e-16, 1e-12, 1e-8, 1e-4, 1.0) if t >= floor])
        ax.minorticks_off()
        ax.set_yticks(range(len(rows)), names)
        ax.invert_yaxis()
        ax.tick_params(axis="y", length=0)
    return finish(fig)


def plain_ticks(fig: Figure, *, x: Sequence[float] = (), y: Sequence[float] = ()) -> Figure:
    """Write given numbers, and no powers of ten, along logarithmic axes, also on a phone.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        Of one pair of axes, such as ``curves`` returns.
    x, y : sequence of float
        Where ticks stand; an axis without any is left as it is.

    Raises
    ------
    ValueError
        If a tick is not positive.

    Notes
    -----
    Chapters 01, 06, 08 and 09.
    """
    with use_style():
        for drawn in filter(None, (fig, getattr(fig, "narrow", None))):
            for axis, ticks in ((drawn.axes[0].xaxis, x), (drawn.axes[0].yaxis, y)):
                if len(ticks) == 0:
                    continue
                if min(ticks) <= 0:
                    raise ValueError(
                        f"ticks of a logarithmic axis must be positive, got {min(ticks)}"
                    )
                axis.set_ticks(list(ticks), [f"{t:,g}" for t in ticks])
                axis.set_ticks([], minor=True)
            finish(drawn)
    return fig
