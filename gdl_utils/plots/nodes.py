"""More panels of a live figure: sentences, and graphs whose nodes change colour."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any

import numpy as np

from gdl_utils.plots import style
from gdl_utils.plots.panels import Controls, lead, names, shaped, texts
from gdl_utils.plots.png import colour_map
from gdl_utils.plots.style import array

CATEGORIES = (
    "#56B4E9",
    "#E69F00",
    "#00A878",
    "#F0E442",
    "#CC79A7",
    "#E3703A",
    "#4C8FC9",
    "#B8B8B8",
)
"""Colours of classes, of which the ninth is the first again: the letters differ."""


@dataclass(frozen=True)
class Text:
    """A sentence that the controls choose.

    Parameters
    ----------
    frames : nested sequence of str, (*by)
        The sentences.
    by : str or tuple of str
        Controls that choose one.
    label : str
        The text above.
    """

    frames: Any
    _: KW_ONLY
    by: str | tuple[str, ...]
    label: str = ""

    def payload(self, controls: Controls) -> dict[str, Any]:
        """Return what the page is given."""
        held = texts("frames", self.frames, lead("Text", self.by, controls))
        return {"kind": "text", "by": names(self.by), "label": self.label,
                "frames": held.reshape(-1).tolist()}  # fmt: skip


@dataclass(frozen=True)
class Graph:
    """A graph whose nodes change colour, and letter, with the controls.

    Parameters
    ----------
    pos : array, (N, 2)
        Positions, y up; scaled to the panel.
    edges : array of int, (E, 2)
        Pairs of nodes, each edge once.
    colours : array, (*by, N)
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

    pos: Any
    edges: Any
    colours: Any
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
        raw = self.colours.detach().cpu() if hasattr(self.colours, "detach") else self.colours
        classes = np.asarray(raw).dtype.kind in "iu"
        colours = shaped("colours", array("colours", raw, len(shape)), shape)
        words = (
            None if self.texts is None else texts("texts", self.texts, shape).reshape(-1).tolist()
        )
        if classes:
            index = colours.astype(int)
            if index.min() < 0 or index.max() > 25:
                raise ValueError("classes must lie in 0 to 25; give floats for amounts")
            words = words or [chr(65 + k) for k in index.reshape(-1)]
            palette = [CATEGORIES[k % len(CATEGORIES)] for k in range(index.max() + 1)]
        else:
            low, high = self.limits or (colours.min(), colours.max())
            index = np.round(63 * np.clip((colours - low) / ((high - low) or 1), 0, 1)).astype(int)
            palette = ["#" + bytes(c).hex() for c in colour_map(style.SEQUENTIAL, 64)]
        span = np.maximum(np.ptp(pos, axis=0), 1e-9)
        radius, width = 15, 300.0
        height = float(np.clip(width * span[1] / span[0], 60, 340))
        scale = min(width / span[0], height / span[1])
        places = (pos - pos.min(0)) * scale * [1, -1] + [0, span[1] * scale] + radius + 2
        box = np.ceil(span * scale) + 2 * radius + 4
        return {
            "kind": "graph", "by": names(self.by), "label": self.label,
            "alt": self.alt or self.label, "pos": np.round(places, 1).tolist(),
            "edges": edges.tolist(), "r": radius,
            "w": int(box[0]), "h": int(box[1]), "colours": index.reshape(-1).tolist(),
            "texts": words, "palette": [[c, _ink(c)] for c in palette],
        }  # fmt: skip


def _ink(colour: str) -> str:
    """Black or white, whichever reads better on a colour."""
    r, g, b = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return "#111" if 0.299 * r + 0.587 * g + 0.114 * b > 120 else "#fff"
