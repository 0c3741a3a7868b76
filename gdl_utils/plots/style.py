"""One style for every figure of the course: what a colour means, and how large text is.

Figures are drawn on white. In the dark theme the book inverts PNGs and turns the hue back, so that
blue stays blue; colours of equal role therefore read the same in both.
"""

from __future__ import annotations

import contextlib
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Okabe and Ito's colours, which people with any colour vision tell apart.
BLUE, VERMILION, GREEN, ORANGE = "#0072B2", "#D55E00", "#009E73", "#E69F00"
SKY, PURPLE, YELLOW, BLACK = "#56B4E9", "#CC79A7", "#F0E442", "#222222"

SUBJECT = BLUE
"""What a claim is about."""
CONTROL = VERMILION
"""The control that must fail."""
NEUTRAL = "#767676"
"""Reference lines, bounds, whatever is neither."""
EXACT, BROKEN = SUBJECT, CONTROL
"""A symmetry that holds to rounding, and one that does not."""

CYCLE = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, BLACK)
"""Colours of curves, in this order; their line styles differ too."""
LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 2)), (0, (1, 1)))
SEQUENTIAL, DIVERGING, GREYS = "viridis", "RdBu_r", "Greys_r"
"""Colour maps: amounts, signed values, and images."""

WIDTH = 7.0
"""Width of a figure in inches; at 110 dpi it fills the book's column."""
DPI = 110


def rc() -> dict[str, Any]:
    """matplotlib settings of the course's style, for ``rcParams.update``."""
    from cycler import cycler

    return {
        "figure.dpi": DPI,
        "savefig.dpi": DPI,
        "figure.facecolor": "white",
        "axes.facecolor": "white",
        "savefig.facecolor": "white",
        "figure.constrained_layout.use": True,
        "font.family": "sans-serif",
        "font.sans-serif": ["DejaVu Sans"],
        "font.size": 11,
        "axes.titlesize": 11,
        "figure.titlesize": 12.5,
        "axes.labelsize": 11,
        "xtick.labelsize": 10,
        "ytick.labelsize": 10,
        "legend.fontsize": 10,
        "legend.frameon": False,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.edgecolor": "#555555",
        "axes.linewidth": 0.8,
        "axes.prop_cycle": cycler(color=CYCLE) + cycler(linestyle=LINES),
        "axes.grid": False,
        "grid.color": "#DDDDDD",
        "grid.linewidth": 0.7,
        "lines.linewidth": 2.0,
        "lines.markersize": 5,
        "image.cmap": SEQUENTIAL,
        "image.interpolation": "nearest",
    }


@contextlib.contextmanager
def use_style() -> Iterator[None]:
    """Draw with the course's style inside ``with use_style(): ...``, and leave no trace."""
    import matplotlib as mpl

    with mpl.rc_context(rc()):
        yield


def array(name: str, value: Any, ndim: int | tuple[int, ...] | None = None) -> np.ndarray:
    """Bring tensors, lists and arrays into a finite, non-empty float array.

    Parameters
    ----------
    name : str
        What an error calls it.
    value : Tensor or array_like
        Real numbers or booleans.
    ndim : int or tuple of int
        How many axes it may have; any if None.

    Returns
    -------
    numpy.ndarray
        float64.

    Raises
    ------
    ValueError
        If it is not numeric, empty, not finite, or has another number of axes.
    """
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    try:
        values = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{name} must be an array, got rows of different lengths") from error
    if values.dtype.kind not in "biuf":
        raise ValueError(f"{name} must hold real numbers, got {values.dtype}")
    values = values.astype(float)
    allowed = (ndim,) if isinstance(ndim, int) else ndim
    if allowed is not None and values.ndim not in allowed:
        wanted = " or ".join(f"{n}" for n in allowed)
        raise ValueError(f"{name} must have {wanted} axes, got the shape {values.shape}")
    if values.size == 0:
        raise ValueError(f"{name} must not be empty, got the shape {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError(f"{name} must be finite, got NaN or infinity")
    return values


def sentence(name: str, text: Any) -> str:
    """Check that a text which readers rely on is there: a finding, or alt text.

    Raises
    ------
    ValueError
        If it is not a text, or an empty one.
    """
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"{name} must say what the figure shows, got {text!r}")
    return text.strip()


def frame(size: tuple[float, float], title: str | None, **kwargs: Any) -> tuple[Any, Any]:
    """Open a figure of the course's style, its title a finding, shown only by its caller.

    Parameters
    ----------
    size : (float, float)
        Width and height in inches.
    title : str or None
        The finding, a sentence.
    **kwargs
        For ``matplotlib.pyplot.subplots``.

    Returns
    -------
    (Figure, numpy.ndarray of Axes)
        The axes as a table of rows and columns. Close with :func:`finish`.

    Raises
    ------
    ValueError
        If the title is empty.
    """
    import matplotlib.pyplot as plt

    fig, axes = plt.subplots(figsize=size, squeeze=False, **kwargs)
    if title is not None:
        fig.suptitle(
            "\n".join(textwrap.wrap(sentence("title", title), 68)),
            x=0.01,
            ha="left",
            weight="bold",
        )
    plt.close(fig)
    return fig, axes


def finish(fig: Figure) -> Figure:
    """Lay everything out while the style holds: matplotlib makes its ticks when it draws."""
    with use_style():
        fig.draw_without_rendering()
    return fig


def titles(name: str, texts: Sequence[str] | None, count: int) -> Sequence[str]:
    """Check that there is one text for each panel; none at all means empty ones.

    Raises
    ------
    ValueError
        If their number is another.
    """
    if texts is None:
        return [""] * count
    if isinstance(texts, str) or len(texts) != count:
        raise ValueError(f"{name} must hold {count} texts, got {texts!r}")
    return texts
