"""The still of a live figure: its first state, drawn by matplotlib for where no script runs."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gdl_utils.plots import style
from gdl_utils.plots.layout import TITLE, figure_class, finish, responsive, width
from gdl_utils.plots.live.panel import Panel, State
from gdl_utils.plots.page import encode

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLORS = 64
"""How many a still has."""


@responsive
def draw_still(
    title: str, state: State, panels: Sequence[Panel], payloads: Sequence[dict[str, Any]]
) -> Figure:
    """Draw every panel in the controls' first state, in rows, and what they say below."""
    import matplotlib.pyplot as plt

    both = list(zip(panels, payloads))
    rows = _rows([item for item in both if item[0].inches[0] > 0])
    where = "   ".join(f"{c.label}: {c.texts[c.at]}" for c in state.controls.values())
    said = [text for panel, payload in both if (text := panel.said(payload, state))]
    foot = textwrap.wrap("   ".join([where, *said]), int(92 / style.WIDTH * width()))
    head = textwrap.wrap(title, int(TITLE * width()))
    heights = [max(panel.inches[1] for panel, _ in row) for row in rows]
    total = sum(heights) + 0.24 * (len(head) + len(foot)) + 0.1
    with style.use_style():
        fig = plt.figure(figsize=(width(), total), FigureClass=figure_class())
        plt.close(fig)
        fig.suptitle("\n".join(head), x=0.01, ha="left", weight="bold")
        fig.supxlabel("\n".join(foot), x=0.01, ha="left", fontsize=10)
        parts = fig.subfigures(len(rows), 1, squeeze=False, height_ratios=heights) if rows else []
        for row, (part,) in zip(rows, parts):
            grid = part.add_gridspec(1, len(row), width_ratios=[p.inches[0] for p, _ in row])
            for place, (panel, payload) in zip(grid, row):
                ax = part.add_subplot(place, projection=panel.projection)
                ax.set_title(payload["label"], loc="left")
                panel.draw(ax, payload, state)
    return finish(fig)


def as_png(fig: Figure) -> bytes:
    """The still where no drawing is shown: outside the book."""
    from PIL import Image

    file = io.BytesIO()
    with style.use_style():
        fig.savefig(file, format="png", dpi=style.DPI)
    file.seek(0)
    with Image.open(file) as image:
        return encode(image.convert("RGB"), COLORS)


def _rows(items: list[tuple[Panel, dict[str, Any]]]) -> list[list[tuple[Panel, dict[str, Any]]]]:
    """Break panels into rows of a figure's width."""
    rows: list[list[tuple[Panel, dict[str, Any]]]] = []
    room = 0.0
    for item in items:
        need = item[0].inches[0]
        if not rows or need > room + 0.2:
            rows.append([])
            room = width()
        rows[-1].append(item)
        room -= need
    return rows
