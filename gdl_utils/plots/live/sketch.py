"""A drawing of pictures, lines, dots, arrows and words that changes with the controls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

import numpy as np

from gdl_utils.plots import style
from gdl_utils.plots.live.panel import Controls, Panel, State, lead, names
from gdl_utils.plots.page import data_address, encode
from gdl_utils.plots.style import array

ROLES = {
    "soft": style.NEUTRAL,
    "subject": style.SUBJECT,
    "control": style.CONTROL,
    "ink": style.BLACK,
}
"""What a part of a sketch is; colors follow the page's theme."""


@dataclass(frozen=True)
class Line:
    """A line through points (n, 2), y up; with an arrow's head at its end if ``arrow``."""

    points: Any
    role: str = "soft"
    width: float = 1.5
    arrow: bool = False


@dataclass(frozen=True)
class Dot:
    """A dot at (x, y), or a disc with a word in it; ``radius`` is in the units of the points."""

    at: Any
    radius: float = 0.05
    role: str = "subject"
    text: str = ""
    color: str | None = None


@dataclass(frozen=True)
class Word:
    """A word about the point (x, y)."""

    at: Any
    text: str
    role: str = "ink"


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture (H, W) of uint8, white is 255, or (H, W, 3 or 4), in a box of the drawing."""

    pixels: Any
    box: tuple[float | int, ...]


Part = Line | Dot | Word | Picture


@dataclass(frozen=True)
class Sketch(Panel):
    """A drawing of pictures, lines, dots, arrows and words that changes with the controls.

    Parameters
    ----------
    frames : sequence of sequence of Line, Dot, Word or Picture
        What is drawn, for each place of the controls in their order; the last one runs fastest.
    by : str or tuple of str
        Controls that choose the frame.
    box : (float, float, float, float)
        Left, right, bottom and top of what is shown.
    label, alt : str
        The text above, and what a screen reader is told; one of them at least.
    size : int
        Width on the page, in CSS pixels, at most.

    Notes
    -----
    Chapter 04, *The blueprint*.
    """

    kind: ClassVar[str] = "sketch"
    inches: ClassVar[tuple[float, float]] = (2.2, 2.3)

    frames: Sequence[Sequence[Part]]
    _: KW_ONLY
    by: str | tuple[str, ...]
    box: tuple[float | int, ...] = (-1, 1, -1, 1)
    label: str = ""
    alt: str = ""
    size: int = 280

    def payload(self, controls: Controls) -> dict[str, Any]:
        """Return what the page is given."""
        if not (self.label or self.alt).strip():
            raise ValueError("Sketch needs a label or an alt text")
        count = int(np.prod(lead("Sketch", self.by, controls)))
        if len(self.frames) != count:
            raise ValueError(f"Sketch: frames must be {count}, one a place, got {len(self.frames)}")
        left, right, bottom, top = self.box
        if not (left < right and bottom < top):
            raise ValueError(f"Sketch: box must rise, got {self.box}")
        scale = 200 / (right - left)

        def place(points: Any) -> list[float]:
            p = array("points", points, 2)
            if p.shape[1] != 2:
                raise ValueError(f"Sketch: points must be (n, 2), got {p.shape}")
            return np.round(scale * ((p - [left, top]) * [1, -1]), 1).ravel().tolist()

        frames = [[self._part(part, place, scale) for part in frame] for frame in self.frames]
        return {
            "by": names(self.by), "label": self.label, "alt": self.alt or self.label,
            "w": 200, "h": round(scale * (top - bottom)), "size": self.size, "frames": frames,
        }  # fmt: skip

    @staticmethod
    def _part(part: Part, place: Any, scale: float) -> list[Any]:
        if isinstance(part, Picture):
            left, right, bottom, top = part.box
            corner = place([[left, top]])
            size = [round(scale * (right - left), 1), round(scale * (top - bottom), 1)]
            return ["p", corner, *size, data_address(encode(np.asarray(part.pixels), 64))]
        if not isinstance(part, Line | Dot | Word):
            raise ValueError(f"Sketch: frames must hold Line, Dot, Word or Picture, got {part!r}")
        if part.role not in ROLES:
            raise ValueError(f"Sketch: role must be one of {', '.join(ROLES)}, got {part.role!r}")
        if isinstance(part, Line):
            return ["l", place(part.points), part.role, part.width, int(part.arrow)]
        if isinstance(part, Dot):
            look = [part.text, part.color or ""]
            return ["d", place([part.at]), part.role, round(scale * part.radius, 1), *look]
        return ["w", place([part.at]), part.role, part.text]

    def draw(self, ax: Any, payload: dict[str, Any], state: State) -> None:
        """Draw the first frame."""
        for part in self.frames[state.at(payload["by"])]:
            color = ROLES[part.role] if not isinstance(part, Picture) else ""
            if isinstance(part, Picture):
                how = {"cmap": style.GREYS, "vmin": 0, "vmax": 255, "zorder": 0}
                ax.imshow(part.pixels, extent=part.box, **how)
            elif isinstance(part, Line):
                points = np.asarray(part.points, dtype=float)
                ax.plot(*points.T, color=color, lw=0.8 * part.width, ls="-")
                if part.arrow:
                    how = {"arrowstyle": "-|>", "color": color, "lw": 0.8 * part.width}
                    ax.annotate("", points[-1], points[-2], arrowprops=how)
            elif isinstance(part, Dot):
                from matplotlib.patches import Circle

                ax.add_patch(Circle(part.at, part.radius, color=part.color or color, zorder=2))
                how = {"ha": "center", "va": "center_baseline", "fontsize": 10, "weight": "bold"}
                ax.text(*part.at, part.text, color=style.DARK, zorder=3, **how)
            else:
                ax.text(*part.at, part.text, color=color, ha="center", va="center", fontsize=10)
        left, right, bottom, top = self.box
        ax.set(xlim=(left, right), ylim=(bottom, top), aspect="equal")
        ax.axis("off")
