"""A graph whose nodes change colour, and letter, with the controls."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

import numpy as np

from gdl_utils.plots import style
from gdl_utils.plots.colors import CATEGORIES, color_map, ink
from gdl_utils.plots.live.panel import Controls, Panel, State, lead, names, shaped, texts
from gdl_utils.plots.style import array


@dataclass(frozen=True)
class Graph(Panel):
    """A graph whose nodes change colour, and letter, with the controls.

    Parameters
    ----------
    pos : array, (N, 2)
        Positions, y up; scaled to the panel.
    edges : array of int, (E, 2)
        Pairs of nodes, each edge once.
    colors : array, (*by, N)
        Integers are classes, lettered A, B, C …; other numbers are amounts on a colour map.
    by : str or tuple of str
        Controls that choose the colours.
    texts : nested sequence of str, (*by, N)
        What stands in the nodes instead of letters: three characters at most.
    label, alt : str
        The text above, and what a screen reader is told; one of them at least.
    limits : (float, float)
        Amounts at the ends of the colour map; by default the extremes.
    """

    kind: ClassVar[str] = "graph"
    inches: ClassVar[tuple[float, float]] = (2.6, 2.9)

    pos: Any
    edges: Any
    colors: Any
    _: KW_ONLY
    by: str | tuple[str, ...] = ()
    texts: Any = None
    label: str = ""
    alt: str = ""
    limits: tuple[float, float] | None = None

    def payload(self, controls: Controls) -> dict[str, Any]:
        """Return what the page is given."""
        if not (self.label or self.alt).strip():
            raise ValueError("Graph needs a label or an alt text")
        pos = shaped("pos", array("pos", self.pos, 2), (None, 2))
        edges = np.asarray(self.edges)
        edges = edges.reshape(-1, 2) if edges.size == 0 else shaped("edges", edges, (None, 2))
        if edges.size and (
            edges.dtype.kind not in "iu" or edges.min() < 0 or edges.max() >= len(pos)
        ):
            raise ValueError(f"edges must hold integers from 0 to {len(pos) - 1}")
        shape = (*lead("Graph", self.by, controls), len(pos))
        raw = self.colors.detach().cpu() if hasattr(self.colors, "detach") else self.colors
        classes = np.asarray(raw).dtype.kind in "iu"
        colors = shaped("colors", array("colors", raw, len(shape)), shape)
        words = (
            None if self.texts is None else texts("texts", self.texts, shape).reshape(-1).tolist()
        )
        if classes:
            index = colors.astype(int)
            if index.min() < 0 or index.max() > 25:
                raise ValueError("classes must lie in 0 to 25; give floats for amounts")
            words = words or [chr(65 + k) for k in index.reshape(-1)]
            palette = [CATEGORIES[k % len(CATEGORIES)] for k in range(index.max() + 1)]
        else:
            low, high = self.limits or (colors.min(), colors.max())
            index = np.round(63 * np.clip((colors - low) / ((high - low) or 1), 0, 1)).astype(int)
            palette = ["#" + bytes(c).hex() for c in color_map(style.SEQUENTIAL, 64)]
        span = np.maximum(np.ptp(pos, axis=0), 1e-9)
        radius, width = 15, 300.0
        height = float(np.clip(width * span[1] / span[0], 60, 340))
        scale = min(width / span[0], height / span[1])
        places = (pos - pos.min(0)) * scale * [1, -1] + [0, span[1] * scale] + radius + 2
        box = np.ceil(span * scale) + 2 * radius + 4
        return {
            "by": names(self.by), "label": self.label,
            "alt": self.alt or self.label, "pos": np.round(places, 1).tolist(),
            "edges": edges.tolist(), "r": radius,
            "w": int(box[0]), "h": int(box[1]), "colors": index.reshape(-1).tolist(),
            "texts": words, "palette": [[c, ink(c)] for c in palette],
        }  # fmt: skip

    def draw(self, ax: Any, payload: dict[str, Any], state: State) -> None:
        """Draw the graph in its first colours."""
        n, at = len(payload["pos"]), state.at(payload["by"])
        pos = np.array(payload["pos"])
        for a, b in payload["edges"]:
            ax.plot(*pos[[a, b]].T, color=style.NEUTRAL, lw=1.5, ls="-", zorder=1)
        paint = [payload["palette"][k] for k in payload["colors"][at * n : (at + 1) * n]]
        ax.scatter(
            *pos.T, s=150, c=[p[0] for p in paint], edgecolors=style.BLACK, zorder=2, clip_on=False
        )
        words = (payload["texts"] or [""] * len(payload["colors"]))[at * n : (at + 1) * n]
        for (x, y), word, (_, dark) in zip(pos, words, paint):
            ax.text(x, y, word, ha="center", va="center", color=dark, fontsize=10, weight="bold")
        ax.invert_yaxis()
        ax.margins(0.12)
        ax.set_aspect("equal")
        ax.axis("off")
