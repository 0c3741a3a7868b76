"""Live figures: pictures that move in the page, without a kernel and without a network.

Everything is computed beforehand. The figure carries its values as JSON, its images as one small
sheet, and the runtime (``live.js``) that lets sliders, choices and drags pick what is shown; where
no script runs, its still stands. See chapters 04, *The blueprint*, and 05, *Grids*.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gdl_utils.plots.nodes import Graph, Text
from gdl_utils.plots.panels import Bars, Curves, Sprite, numbers
from gdl_utils.plots.png import data_address
from gdl_utils.plots.still import draw_still, png_of
from gdl_utils.plots.style import array, sentence

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Bars", "Choice", "Curves", "Graph", "LiveFigure", "Slider", "Sprite", "Text", "live"]

LIMIT = 200_000
"""Bytes of a figure, still included."""


@dataclass(frozen=True)
class Slider:
    """A slider over a few values; arrow keys move it.

    Parameters
    ----------
    name : str
        What panels call it.
    values : sequence of float or of str
        At least two.
    label : str
        What the reader sees, with the unit.
    start : object
        One of the values; the first by default.
    play : bool
        Add a button that steps through the values.
    format : str
        How a number is written, such as ``"{:.0%}"``.
    """

    name: str
    values: Sequence[Any]
    _: KW_ONLY
    label: str
    start: Any = None
    play: bool = False
    format: str = "{:g}"

    @cached_property
    def numbers(self) -> list[float] | None:
        """The values as numbers, or None if they are texts."""
        if any(isinstance(v, str) for v in self.values):
            return None
        return array(f"values of {self.name!r}", self.values, 1).tolist()

    @cached_property
    def texts(self) -> list[str]:
        """The values as the reader sees them."""
        if self.numbers is None:
            return list(self.values)
        return [self.format.format(v).replace("-", "−") for v in self.numbers]

    @property
    def at(self) -> int:
        """Where it starts."""
        return _start(self.name, list(self.values), self.start)

    def payload(self) -> dict[str, Any]:
        """Return what the page is given."""
        values = None if self.numbers is None else numbers(array("values", self.numbers))
        return {"kind": "slider", "name": self.name, "label": self.label, "texts": self.texts,
                "values": values, "start": self.at, "play": self.play}  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """A few options of which one holds; a click or the arrow keys choose.

    Parameters
    ----------
    name : str
        What panels call it.
    options : sequence of str
        At least two, short.
    label : str
        What the reader sees above them.
    start : str
        One of the options; the first by default.
    """

    name: str
    options: Sequence[str]
    _: KW_ONLY
    label: str
    start: str | None = None

    @property
    def texts(self) -> list[str]:
        """The options."""
        return list(self.options)

    @property
    def at(self) -> int:
        """Where it starts."""
        return _start(self.name, self.texts, self.start)

    def payload(self) -> dict[str, Any]:
        """Return what the page is given."""
        return {"kind": "choice", "name": self.name, "label": self.label, "texts": self.texts,
                "values": None, "start": self.at}  # fmt: skip


def _start(name: str, values: list[Any], start: Any) -> int:
    if start is None:
        return 0
    if start not in values:
        raise ValueError(f"start of {name!r} must be one of {values}, got {start!r}")
    return values.index(start)


class LiveFigure:
    """What :func:`live` returns: a notebook shows it as a figure, anything else as its alt text.

    Parameters
    ----------
    markup : str
        The ``<figure>``.
    still : bytes
        The still, a PNG.
    alt : str
        What the figure shows.
    """

    def __init__(self, markup: str, still: bytes, alt: str) -> None:
        self.html, self.still, self.alt = markup, still, alt

    def __repr__(self) -> str:
        return self.alt

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        png = base64.b64encode(self.still).decode("ascii")
        return {"text/html": self.html, "image/png": png, "text/plain": self.alt}


def live(
    *,
    controls: Sequence[Slider | Choice],
    panels: Sequence[Sprite | Curves | Bars | Text | Graph],
    title: str,
    alt: str,
    still: Figure | None = None,
) -> LiveFigure:
    """Make a figure that readers move themselves.

    Parameters
    ----------
    controls : sequence of Slider or Choice
        What can be changed; names are unique.
    panels : sequence of Sprite, Curves, Bars, Text or Graph
        What is shown, in this order.
    title : str
        The finding, a sentence.
    alt : str
        What the figure shows and its finding, for those who do not see it.
    still : matplotlib.figure.Figure
        Shown where no script runs; by default the first state, drawn by matplotlib.

    Returns
    -------
    LiveFigure
        To stand as a cell's last expression.

    Raises
    ------
    ValueError
        If a control or panel is wrong (the message says which), a control moves nothing, or the
        figure is larger than 200 kB.

    Notes
    -----
    Chapter 05, *Grids*.

    Examples
    --------
    >>> shift = Slider("shift", [-1, 0, 1], label="Shift (px)", start=0)
    >>> lines = Curves([-1, 0, 1], {"pooled": [1, 1, 1]}, cursor="shift", ylabel="accuracy")
    >>> live(
    ...     controls=[shift],
    ...     panels=[lines],
    ...     title="Pooling forgets the place.",
    ...     alt="Accuracy stays at 1 for every shift.",
    ... )
    Accuracy stays at 1 for every shift.
    """
    title, alt = sentence("title", title), sentence("alt", alt)
    held = _checked(controls)
    if not panels:
        raise ValueError("panels must hold at least one panel, got none")
    shown = [panel.payload(held) for panel in panels]
    used = {name for p in shown for key in ("by", "roll") for name in p.get(key, ())}
    used |= {p.get("cursor") for p in shown}
    idle = [name for name in held if name not in used]
    if idle:
        raise ValueError(f"every control must move something, but no panel uses {idle}")
    png = png_of(still) if still is not None else draw_still(title, held, panels, shown)
    data = {"controls": [c.payload() for c in held.values()], "panels": shown}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    text = text.replace("<", "\\u003c")  # nothing in it can end the script
    name = "gdl-live-" + hashlib.sha256((title + alt + text).encode()).hexdigest()[:10]
    markup = (
        f'<figure class="gdl-live" data-gdl="{name}" role="group" aria-label="{_quote(title)}">'
        f"<style>{_source('live.css')}</style>"
        f'<figcaption class="gdl-live-title">{html.escape(title)}</figcaption>'
        f'<img class="gdl-live-still" alt="{_quote(alt)}" src="{data_address(png)}">'
        '<div class="gdl-live-app tex2jax_ignore mathjax_ignore" hidden></div>'
        f'<script type="application/json">{text}</script>'
        f"<script>{_source('live.js').replace('ID', name)}</script></figure>"
    )
    size = len(markup.encode())
    if size > LIMIT:
        raise ValueError(f"a live figure may take {LIMIT:,} bytes, got {size:,}: use fewer frames")
    return LiveFigure(markup, png, alt)


def _checked(controls: Sequence[Slider | Choice]) -> dict[str, Slider | Choice]:
    held: dict[str, Slider | Choice] = {}
    for control in controls:
        if control.name in held:
            raise ValueError(f"controls must have names of their own, got {control.name!r} twice")
        sentence(f"label of {control.name!r}", control.label)
        if not all(isinstance(t, str) and t for t in control.texts):
            raise ValueError(f"{control.name!r} must hold numbers, or texts, not both")
        if len(set(control.texts)) != len(control.texts) or len(control.texts) < 2:
            raise ValueError(f"{control.name!r} needs at least two values, all different in print")
        _ = control.at
        held[control.name] = control
    if not held:
        raise ValueError("controls must hold at least one control, got none")
    return held


def _source(name: str) -> str:
    """Read a file of the runtime, without comments and indentation."""
    text = (Path(__file__).parent / name).read_text(encoding="utf-8")
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def _quote(text: str) -> str:
    return html.escape(" ".join(text.split()), quote=True)
