"""A picture of chapter 09, *Gauges*: an arrow goes around a surface, in a live figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

import numpy as np

from gdl_utils.figures.ch09_portraits import Portrait
from gdl_utils.plots import style
from gdl_utils.plots.live import Panel
from gdl_utils.plots.live.panel import Controls, State, lead
from gdl_utils.plots.page import data_address
from gdl_utils.plots.style import array, sentence

LENGTH, AXIS = 46.0, 30.0
"""Lengths of the arrow and of the axes where they lie across the view, in pixels."""
INKS = {"first": style.DARK, "e1": "#FFFFFF", "e2": style.SKY, "now": style.VERMILION}
"""Colours of the arrow that sets out, of the two axes, and of the arrow on its way."""
NAMES = {"first": "sets out", "now": "is carried", "e1": "first axis", "e2": "second axis"}
"""What the legend calls them."""
GROUND = "#E4E4E4"
"""Of the still's legend, on which a black arrow can be seen in the dark too."""


@dataclass(frozen=True, eq=False)
class Transported:
    """Arrows transported along loops, as they lie in a portrait.

    Attributes
    ----------
    stops, arrows : numpy.ndarray, (L, S, 2)
        For each of L loops and S stops: where the arrow begins and its vector, in pixels.
    axes : numpy.ndarray, (L, N, S, 2, 2)
        The two axes of the frame at the stop, in each of N gauges.
    front : numpy.ndarray, (L, S), bool
        Whether the stop is on the side that is seen.

    Notes
    -----
    Chapter 09, *Gauges*.
    """

    stops: np.ndarray
    arrows: np.ndarray
    axes: np.ndarray
    front: np.ndarray


def transported(
    picture: Portrait, points: Any, vectors: Any, frames: Any, normals: Any, scale: float
) -> Transported:
    """Bring arrows and axes in space into a portrait.

    Parameters
    ----------
    picture : Portrait
    points, vectors, normals : array, (L, S, 3)
        Stops on each loop, the unit vector there, and the surface's unit normal.
    frames : array, (L, N, S, 2, 3)
        Unit axes at the stops in each of N gauges.
    scale : float
        Length in space of what is drawn :data:`LENGTH` pixels long across the view; positive.

    Returns
    -------
    Transported

    Raises
    ------
    ValueError
        If shapes do not fit or the scale is not positive.

    Notes
    -----
    Chapter 09, *Gauges*.
    """
    p, v, n = (array("points, vectors, normals", x, 3) for x in (points, vectors, normals))
    axes = array("frames", frames, 5)
    if not (p.shape == v.shape == n.shape and p.shape[2] == 3):
        raise ValueError(f"points, vectors, normals must be (L, S, 3), got {p.shape}, {v.shape}")
    if axes.shape[0] != len(p) or axes.shape[2:] != (p.shape[1], 2, 3):
        raise ValueError(f"frames must be (L, N, S, 2, 3) for points {p.shape}, got {axes.shape}")
    if not scale > 0:
        raise ValueError(f"scale must be positive, got {scale}")
    stops = picture.place(p)
    tips = picture.place(p + scale * v) - stops
    ends = picture.place(p[:, None, :, None] + scale * AXIS / LENGTH * axes)
    front = ((picture.lens.eye - p) * n).sum(-1) > 0
    return Transported(stops, tips, ends - stops[:, None, :, None], front)


@dataclass(frozen=True, eq=False)
class Transport(Panel):
    """A portrait of a surface, and over it an arrow and axes that follow the controls.

    Parameters
    ----------
    pictures : nested sequence of Portrait, (N, M)
        The surface coloured by the output of M networks in N gauges. Equal ones are stored once.
    moved : Transported
        Arrows for L loops, S stops, N gauges.
    by : (str, str, str, str)
        Controls: of the stop (S values), of the loop (L), of the gauge (N), of the network (M).
    label : str
        The text above.
    """

    kind: ClassVar[str] = "transport"
    inches: ClassVar[tuple[float, float]] = (style.WIDTH, 4.9)

    pictures: Sequence[Sequence[Portrait]]
    moved: Transported
    _: KW_ONLY
    by: tuple[str, str, str, str]
    label: str

    def payload(self, controls: Controls) -> dict[str, Any]:
        """Return what the page is given."""
        sentence("label", self.label)
        if isinstance(self.by, str) or len(self.by) != 4:
            raise ValueError(f"by must name four: stop, loop, gauge, network; got {self.by!r}")
        stops, loops, gauges, networks = lead("Transport", self.by, controls)
        shape = (loops, gauges, stops, 2, 2)
        if self.moved.axes.shape != shape or [len(r) for r in self.pictures] != [networks] * gauges:
            raise ValueError(f"moved and pictures must fit {shape}, got {self.moved.axes.shape}")
        held = [[picture.file() for picture in row] for row in self.pictures]
        files = list(dict.fromkeys(file for row in held for file in row))
        height, width = self.pictures[0][0].pixels.shape[:2]
        return {
            "label": self.label, "by": self.by, "w": width, "h": height,
            "files": [data_address(file) for file in files],
            "image": [[files.index(file) for file in row] for row in held],
            "stops": self.moved.stops.round(1).tolist(),
            "arrows": self.moved.arrows.round(1).tolist(),
            "axes": self.moved.axes.round(1).tolist(),
            "front": self.moved.front.astype(int).tolist(), "inks": INKS, "names": NAMES,
        }  # fmt: skip

    def draw(self, ax: Any, payload: dict[str, Any], state: State) -> None:
        """Draw one loop, its arrow at each third stop: black sets out, orange has come so far."""
        stop, loop, gauge, network = (state.at([name]) for name in self.by)
        pixels = self.pictures[gauge][network].pixels
        grey = pixels[..., :3].mean(-1, keepdims=True).repeat(3, -1)
        # Light enough for a black arrow, and few greys: a small palette keeps its reds.
        grey = 255 - 8 * np.round(0.55 * (255 - grey) / 8)
        ax.imshow(np.concatenate([grey.astype(np.uint8), pixels[..., 3:]], -1))
        stops, arrows = self.moved.stops[loop], self.moved.arrows[loop]
        ax.plot(*stops.T, color="#FFFFFF", lw=2, ls="-")
        for k in range(0, stop, 3):
            if self.moved.front[loop, k]:
                _arrow(ax, stops[k], arrows[k], style.GREEN)
        _arrow(ax, stops[0], arrows[0], INKS["first"])
        _arrow(ax, stops[stop], arrows[stop], INKS["now"])
        said = {
            "sets out": INKS["first"],
            "on its way": style.GREEN,
            "has come so far": INKS["now"],
        }
        for name, color in said.items():
            ax.plot([], [], color=color, lw=4, ls="-", label=name)
        ax.legend(loc="lower left", frameon=True, facecolor=GROUND, edgecolor="none",
                  framealpha=1, labelcolor=style.DARK)  # fmt: skip
        ax.axis("off")


def _arrow(ax: Any, at: np.ndarray, vector: np.ndarray, color: str) -> None:
    look = {"fc": color, "ec": style.DARK, "lw": 0.6, "width": 3, "headwidth": 10, "shrink": 0}
    ax.annotate("", at + vector, at, arrowprops=look)
