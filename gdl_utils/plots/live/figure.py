"""A live figure: its controls, its panels and its still, put together for the page.

See chapters 04, *The blueprint*, and 05, *Grids*.
"""

from __future__ import annotations

import hashlib
import html
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gdl_utils.plots import page, vector
from gdl_utils.plots.live.controls import Choice, Slider, checked
from gdl_utils.plots.live.panel import Panel, State
from gdl_utils.plots.live.still import as_png, draw_still
from gdl_utils.plots.style import sentence

HERE = Path(__file__).parent


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
    drawing : dict
        The still once more, as :mod:`gdl_utils.plots.vector` draws it for the book.
    """

    def __init__(self, markup: str, still: bytes, alt: str, drawing: dict[str, Any]) -> None:
        self.html, self.still, self.alt, self.drawing = markup, still, alt, drawing

    def __repr__(self) -> str:
        return self.alt

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {**page.bundle(self.html, self.still, self.alt), **self.drawing}


def live(
    *,
    controls: Sequence[Slider | Choice],
    panels: Sequence[Panel],
    title: str,
    alt: str,
) -> LiveFigure:
    """Make a figure that readers move themselves.

    Parameters
    ----------
    controls : sequence of Slider or Choice
        What can be changed; names are unique.
    panels : sequence of Panel
        What is shown, in this order: Sprite, Curves, Bars, Text, Graph, or a chapter's own kind.
    title : str
        The finding, a sentence.
    alt : str
        What the figure shows and its finding, for those who do not see it.

    Returns
    -------
    LiveFigure
        To stand as a cell's last expression. Where no script runs, its first state is shown, drawn
        by matplotlib.

    Raises
    ------
    ValueError
        If a control or panel is wrong (the message says which), a control moves nothing, two kinds
        of panels have one name, or the figure is larger than 200 kB.

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
    held = checked(controls)
    scripts = _scripts(panels)
    shown = [{"kind": panel.kind, **panel.payload(held)} for panel in panels]
    used = {name for panel in panels for name in panel.follows()}
    idle = [name for name in held if name not in used]
    if idle:
        raise ValueError(f"every control must move something, but no panel uses {idle}")
    drawn = draw_still(title, State(held), panels, shown)
    png = as_png(drawn)
    data = {"controls": [c.payload() for c in held.values()], "panels": shown}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    text = text.replace("<", "\\u003c")  # nothing in it can end the script
    name = "gdl-live-" + hashlib.sha256((title + alt + text).encode()).hexdigest()[:10]
    script = page.source(HERE / "runtime.js").replace("FIGURE", name)
    script = script.replace("var PANELS = {}", "var PANELS = {" + ",".join(scripts) + "}")
    markup = (
        f'<figure class="gdl-live" data-gdl="{name}" role="group" '
        f'aria-label="{page.quoted(title)}">'
        f"<style>{page.source(HERE / 'live.css')}</style>"
        f'<figcaption class="gdl-live-title">{html.escape(title)}</figcaption>'
        f'<img class="gdl-live-still" alt="{page.quoted(alt)}" src="{page.data_address(png)}">'
        '<div class="gdl-live-app tex2jax_ignore mathjax_ignore" hidden></div>'
        f'<script type="application/json">{text}</script>'
        f"<script>{script}</script></figure>"
    )
    size = len(markup.encode())
    if size > page.LIMIT:
        raise ValueError(
            f"a live figure may take {page.LIMIT:,} bytes, got {size:,}: use fewer frames"
        )
    return LiveFigure(markup, png, alt, vector.bundle(drawn, drawn.narrow))


def _scripts(panels: Sequence[Panel]) -> list[str]:
    """The function of each kind of panel, after its name."""
    if not panels:
        raise ValueError("panels must hold at least one panel, got none")
    found: dict[str, Path] = {}
    for panel in panels:
        if not isinstance(panel, Panel):
            raise ValueError(f"panels must be panels, such as Curves, got {type(panel).__name__}")
        if found.setdefault(panel.kind, panel.script()) != panel.script():
            raise ValueError(f"two kinds of panels are called {panel.kind!r}")
    return [f'"{kind}":{page.source(path)}' for kind, path in found.items()]
