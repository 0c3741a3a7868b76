"""One style for every figure of the course: what a colour means, and how large text is.

Figures are drawn on paper, in ink. The book puts the theme's own in their place, and in the dark a
lighter blue for blue (:mod:`gdl_utils.plots.vector`). All other colors are data and stay as they
are: true black and white among them, and color maps.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

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

PAPER = "#FEFEFE"
"""What a figure is drawn on, and the edges that set marks apart; true white is data."""
SOFT, GRID, WASH = "#555555", "#DDDDDD", "#EEEEEE"
"""Axes and remarks, the lines behind curves, and the ground of what is unknown."""
WASHES = ("#F3E3C3", "#D7E8F5", "#D9EFE6", "#F1DDE9")
"""Grounds for text: sand, sky, mint and rose."""
DARK = "#111111"
"""Letters on a colored ground that is data and stays as it is, as ``colors.ink`` chooses it."""
THEMED = {
    color.lower(): name
    for name, color in {
        "blue": BLUE, "vermilion": VERMILION, "green": GREEN, "orange": ORANGE, "sky": SKY,
        "purple": PURPLE, "yellow": YELLOW, "ink": BLACK, "neutral": NEUTRAL, "paper": PAPER,
        "soft": SOFT, "grid": GRID, "wash": WASH,
        **dict(zip(("sand", "haze", "mint", "rose"), WASHES)),
    }.items()
}  # fmt: skip
"""Colors that follow the page's theme, and their names in its style sheet."""

CYCLE = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, BLACK)
"""Colours of curves, in this order; their line styles differ too."""
LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 2)), (0, (1, 1)))
SEQUENTIAL, DIVERGING, GREYS = "viridis", "RdBu_r", "Greys_r"
"""Colour maps: amounts, signed values, and images."""

WIDTH = 7.0
"""Width of a figure in inches; it fills the book's column."""
NARROW = 4.4
"""Width of the same figure on a phone."""
DPI = 110


def rc() -> dict[str, Any]:
    """matplotlib settings of the course's style, for ``rcParams.update``."""
    from cycler import cycler

    return {
        "figure.dpi": DPI,
        "savefig.dpi": DPI,
        "figure.facecolor": PAPER,
        "axes.facecolor": PAPER,
        "savefig.facecolor": PAPER,
        "figure.constrained_layout.use": True,
        "font.family": "sans-serif",
        "font.sans-serif": ["DejaVu Sans"],
        "text.color": BLACK,
        "axes.labelcolor": BLACK,
        "xtick.color": BLACK,
        "ytick.color": BLACK,
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
        "axes.edgecolor": SOFT,
        "axes.linewidth": 0.8,
        "axes.prop_cycle": cycler(color=CYCLE) + cycler(linestyle=LINES),
        "axes.grid": False,
        "grid.color": GRID,
        "grid.linewidth": 0.7,
        "lines.linewidth": 2.0,
        "lines.markersize": 5,
        "image.cmap": SEQUENTIAL,
        "image.interpolation": "none",
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
