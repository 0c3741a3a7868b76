"""Chapter 06, *Groups*: accuracy around the circle, in a live figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

import numpy as np

from gdl_utils.plots import style
from gdl_utils.plots.live import Panel
from gdl_utils.plots.live.panel import Controls, State, numeric
from gdl_utils.plots.style import array, sentence


@dataclass(frozen=True)
class Petals(Panel):
    """Accuracy around the circle, with dots that follow a slider.

    Parameters
    ----------
    curves : mapping of str to array, (N,)
        One to five curves of accuracies between 0 and 1, one value for each angle.
    cursor : str
        A slider whose values are the N angles in degrees, counterclockwise; 0° is at the top.
    label : str
        The text above.
    """

    kind: ClassVar[str] = "petals"
    inches: ClassVar[tuple[float, float]] = (4.4, 3.9)
    projection: ClassVar[str] = "polar"

    curves: Mapping[str, Any]
    _: KW_ONLY
    cursor: str
    label: str

    def follows(self) -> tuple[str, ...]:
        """The name of the slider."""
        return (self.cursor,)

    def payload(self, controls: Controls) -> dict[str, Any]:
        """Return what the page is given."""
        sentence("label", self.label)
        numeric("Petals", self.cursor, controls)
        degrees = controls[self.cursor].numbers
        if not 1 <= len(self.curves) <= 5:
            raise ValueError(f"curves must hold 1 to 5 curves, got {len(self.curves)}")
        ys = [accuracies(name, y, len(degrees))[0] for name, y in self.curves.items()]
        return {
            "label": self.label, "cursor": self.cursor, "degrees": degrees,
            "names": list(self.curves), "ys": [[round(float(r), 3) for r in y] for y in ys],
        }  # fmt: skip

    def draw(self, ax: Any, payload: dict[str, Any], state: State) -> None:
        """Draw the curves, and the dots where the slider stands."""
        polar(ax)
        at = state.at([self.cursor])
        theta = np.radians([*payload["degrees"], payload["degrees"][0] + 360])
        for k, (name, y) in enumerate(zip(payload["names"], payload["ys"])):
            ax.plot(theta, [*y, y[0]], color=style.CYCLE[k], ls=style.LINES[k], label=name)
            ax.plot(theta[at], y[at], "o", color=style.CYCLE[k])
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.08), ncols=len(payload["ys"]),
                  handlelength=1.4, columnspacing=0.8)  # fmt: skip


def accuracies(name: str, y: Any, count: int) -> np.ndarray:
    """Bring accuracies of one seed, (N,), or several, (S, N), into (S, N).

    Raises ``ValueError`` if N is not ``count``, or a value is not within [0, 1].
    """
    scores = np.atleast_2d(array(f"curve {name!r}", y, (1, 2)))
    if scores.shape[1] != count:
        raise ValueError(f"{name!r} must have {count} accuracies, one an angle, got {scores.shape}")
    if scores.min() < 0 or scores.max() > 1:
        raise ValueError(f"{name!r} must lie in [0, 1], got {scores.min()} to {scores.max()}")
    return scores


def polar(ax: Any) -> None:
    """Put 0° at the top, count counterclockwise, and label the rings."""
    ax.set_theta_zero_location("N")
    ax.set_ylim(0, 1)
    ax.set_yticks((0.25, 0.5, 0.75, 1.0), ["", "50 %", "", "100 %"])
    ax.set_rlabel_position(-90)
    ax.set_xticks(np.radians(np.arange(0, 360, 60)), [f"{a}°" for a in range(0, 360, 60)])
    ax.tick_params(labelsize=10, pad=1)
    ax.grid(True, color=style.GRID, linestyle="-", linewidth=0.7)
    ax.spines["polar"].set_color(style.GRID)
