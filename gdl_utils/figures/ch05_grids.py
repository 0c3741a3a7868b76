"""Pictures of chapter 05, *Grids*: aliasing, a detector's responses, scores against shifts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gdl_utils.plots import style
from gdl_utils.plots.layout import finish, frame, legend_below, responsive
from gdl_utils.plots.seeds import interval
from gdl_utils.plots.style import array, use_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def between(samples: Any, points: int = 600) -> tuple[np.ndarray, np.ndarray]:
    """Draw the one smooth periodic curve through samples that has no higher frequencies.

    Parameters
    ----------
    samples : array, (N,)
        Values at 0, 1, …, N − 1 of a signal with period N.
    points : int
        How many values of the curve are returned.

    Returns
    -------
    places, values : numpy.ndarray, (points,)
        Places from 0 to N, and the trigonometric polynomial there.

    Raises
    ------
    ValueError
        If the samples are not a finite vector, or ``points`` is less than 2.

    Notes
    -----
    Chapter 05, *Grids*.
    """
    y = array("samples", samples, 1)
    if points < 2:
        raise ValueError(f"points must be at least 2, got {points}")
    spectrum = np.fft.rfft(y) / len(y)
    weight = np.full(len(spectrum), 2.0)
    weight[0] = 1.0
    if len(y) % 2 == 0:
        weight[-1] = 1.0  # the highest frequency stands for itself and its mirror image
    places = np.linspace(0, len(y), points)
    waves = np.exp(2j * np.pi * np.outer(places, np.arange(len(spectrum))) / len(y))
    return places, (waves * (weight * spectrum)).sum(1).real


@responsive
def aliasing(waves: Mapping[str, Any], stride: int, *, title: str | None = None) -> Figure:
    """Show what is left of waves of which only every ``stride``-th sample is kept.

    Parameters
    ----------
    waves : mapping of str to array, (N,)
        A title and the samples of a periodic signal each; one panel for each of them.
    stride : int
        N is a multiple of it.
    title : str
        The finding, a sentence.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is no wave, one is not a finite vector, or its length no multiple of ``stride``.

    Notes
    -----
    Chapter 05, *Grids*. Thin: the smooth curve through all samples. Thick: the smoothest one
    through those that were kept.
    """
    if not waves:
        raise ValueError("waves must hold at least one wave, got none")
    held = {name: array(f"waves[{name!r}]", y, 1) for name, y in waves.items()}
    for name, y in held.items():
        if stride < 1 or len(y) % stride:
            raise ValueError(f"{name!r} must have a multiple of {stride} samples, got {len(y)}")
    size = (style.WIDTH, 1.45 * len(held) + 0.9)
    with use_style():
        fig, axes = frame(size, title, nrows=len(held), sharex=True)
        for ax, (name, y) in zip(axes[:, 0], held.items()):
            thin = ax.plot(*between(y), color=style.NEUTRAL, lw=1, ls="-")[0]
            places, coarse = between(y[::stride])
            thick = ax.plot(stride * places, coarse, color=style.CONTROL, lw=2.2, ls="-")[0]
            at = np.arange(0, len(y), stride)
            kept = ax.plot(at, y[at], "o", color=style.BLACK, ls="")[0]
            ax.set_title(name, loc="left")
            ax.set(yticks=[], xlim=(0, len(y)))
        axes[-1, 0].set_xlabel("place (fine pixels)")
        words = ["the fine signal", "pixels that are kept", "what they look like"]
        legend_below(fig, [thin, kept, thick], words, 3)
    return finish(fig)


@responsive
def detections(
    images: Sequence[Any],
    responses: Sequence[Any],
    *,
    threshold: float,
    size: int,
    titles: Sequence[str],
    title: str | None = None,
) -> Figure:
    """Show images above a detector's responses; what passes the threshold is framed.

    Parameters
    ----------
    images, responses : sequences of array, (H, W)
        An image and its response map each.
    threshold : float
        The largest response is framed if it is at least this.
    size : int
        Side of the frame, in pixels.
    titles : sequence of str
        One for each image.
    title : str
        The finding, a sentence.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If numbers or shapes differ, or something is not finite.

    Notes
    -----
    Chapter 05, *Grids*.
    """
    count = len(images)
    if count == 0 or len(responses) != count:
        raise ValueError(f"need as many responses as images, got {len(responses)} and {count}")
    texts = style.titles("titles", titles, count)
    x = [array(f"images[{i}]", v, 2) for i, v in enumerate(images)]
    r = [array(f"responses[{i}]", v, 2) for i, v in enumerate(responses)]
    if any(a.shape != b.shape for a, b in zip(x, r)):
        raise ValueError("responses must have the shapes of their images")
    with use_style():
        fig, axes = frame((style.WIDTH, 5.4), title, nrows=2, ncols=count)
        for top, bottom, picture, response, text in zip(axes[0], axes[1], x, r, texts):
            top.imshow(picture, cmap=style.GREYS)
            bottom.imshow(response, cmap=style.SEQUENTIAL, vmin=0.2, vmax=1)
            row, col = np.unravel_index(response.argmax(), response.shape)
            peak = response[row, col]
            top.set_title(text)
            for ax in (top, bottom):
                ax.set(xticks=[], yticks=[])
                ax.spines[:].set_visible(False)
            found = peak >= threshold
            bottom.set_xlabel(f"peak {peak:.2f}: {'found' if found else 'missed'}")
            if found:
                _frame(top, row, col, size)
                _frame(bottom, row, col, size)
        axes[0, 0].set_ylabel("image")
        axes[1, 0].set_ylabel("response")
    return finish(fig)


def _frame(ax: Any, row: int, col: int, size: int) -> None:
    from matplotlib.patches import Rectangle

    corner = (col - size / 2, row - size / 2)
    for width, color in ((4, "#FFFFFF"), (2, style.CONTROL)):
        ax.add_patch(Rectangle(corner, size, size, fill=False, lw=width, ec=color))


@responsive
def by_shift(
    shifts: Any,
    panels: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]],
    *,
    limits: Sequence[tuple[float, float]],
    title: str | None = None,
) -> Figure:
    """Show scores against shift: one seed as points, several as mean and 95 % interval.

    Parameters
    ----------
    shifts : array, (N,)
        Pixels.
    panels : mapping of str to (live, stored)
        The label of an axis, then two mappings from names of networks: to one seed's scores, (N,),
        and to those of several seeds, (S, N). Either may be empty.
    limits : sequence of (float, float)
        The range of each panel's axis.
    title : str
        The finding, a sentence.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is no curve, a curve does not fit ``shifts``, or limits are missing.

    Notes
    -----
    Chapter 05, *Grids*.
    """
    x = array("shifts", shifts, 1)
    if not panels or len(limits) != len(panels):
        raise ValueError(f"limits must be given for {len(panels)} panels, got {len(limits)}")
    held = [
        (
            {name: array(f"live[{name!r}]", y, 1) for name, y in live.items()},
            {name: interval(y) for name, y in stored.items()},
        )
        for live, stored in panels.values()
    ]
    curves = [
        y for live, stored in held for y in (*live.values(), *(b[0] for b in stored.values()))
    ]
    if not curves or any(len(y) != len(x) for y in curves):
        raise ValueError(f"every network needs {len(x)} scores, one a shift")
    order = list(dict.fromkeys(name for pair in held for part in reversed(pair) for name in part))
    size = (style.WIDTH, 2.4 * len(held) + 0.9)
    with use_style():
        fig, axes = frame(size, title, nrows=len(held), sharex=True)
        for ax, label, ylim, (live, stored) in zip(axes[:, 0], panels, limits, held):
            for i, name in enumerate(order):
                color, dash = style.CYCLE[i], style.LINES[i]
                if name in stored:
                    mean, low, high = stored[name]
                    ax.plot(x, mean, color=color, ls=dash, label=name)
                    ax.fill_between(x, low, high, color=color, alpha=0.18, lw=0)
                if name in live:
                    text = "" if name in stored else name
                    ax.plot(x, live[name], "o", color=color, ls="", ms=4, label=text)
            ax.set(ylabel=label, ylim=ylim)
            ax.grid(axis="y")
        axes[-1, 0].set_xlabel("shift to the right (px)")
        handles, names = axes[0, 0].get_legend_handles_labels()
        legend_below(fig, handles, names, 4)
    return finish(fig)
