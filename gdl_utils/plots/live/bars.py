"""Bars that change with the controls; a threshold parts them in two kinds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

import numpy as np

from gdl_utils.plots import style
from gdl_utils.plots.live.panel import Controls, Panel, State, lead, names, numbers, shaped, texts


@dataclass(frozen=True)
class Bars(Panel):
    """Bars that change with the controls; a threshold parts them in two kinds, in words too.

    Parameters
    ----------
    labels : sequence of str, (K,) or (*by, K)
        Names of the bars. An empty name hides a bar where a choice has fewer of them.
    values : array, (*by, K)
        Their lengths; infinity fills the bar.
    by : str or tuple of str
        Controls that choose the values.
    label, xlabel, alt : str
        The text above, the axis, and what a screen reader is told.
    log : bool
        A logarithmic axis.
    limits : (float, float)
        Both ends of the axis. By default (1e-16, 1) for a logarithm, and from 0 up otherwise.
    threshold : float
        The bound. Bars on its right side are of the first of ``words``, others of the second.
    words : (str, str)
        Names of the two kinds.
    high : bool
        High values are the good ones.
    """

    kind: ClassVar[str] = "bars"

    labels: Sequence[Any]
    values: Any
    _: KW_ONLY
    by: str | tuple[str, ...] = ()
    label: str = ""
    xlabel: str = ""
    alt: str = ""
    log: bool = False
    limits: tuple[float, float] | None = None
    threshold: float | None = None
    words: tuple[str, str] = ("exact", "broken")
    high: bool = False

    @property
    def inches(self) -> tuple[float, float]:
        """Low if there are few bars."""
        return 4.6, min(2.9, 0.9 + 0.4 * np.shape(self.values)[-1])

    def payload(self, controls: Controls) -> dict[str, Any]:
        """Return what the page is given."""
        shape = lead("Bars", self.by, controls)
        raw = self.values.detach().cpu() if hasattr(self.values, "detach") else self.values
        values = shaped("values", np.asarray(raw, dtype=float), (*shape, None))
        fixed = all(isinstance(t, str) for t in self.labels)
        wanted = (*(() if fixed else shape), values.shape[-1])
        labels = texts("labels", self.labels, wanted)
        shown = values[np.broadcast_to(labels != "", values.shape)]
        if shown.size == 0 or np.isnan(shown).any() or (shown < 0).any():
            raise ValueError("values must be at least 0 wherever a bar has a name, and not NaN")
        top = float(shown[np.isfinite(shown)].max(initial=0)) or 1.0
        low, high = self.limits or ((1e-16, max(1.0, top)) if self.log else (0.0, top))
        if not low < high or (self.log and low <= 0):
            raise ValueError(
                f"limits must rise, and be positive for a logarithm, got {self.limits}"
            )
        if self.threshold is not None and not low <= self.threshold <= high:
            raise ValueError(
                f"threshold must lie within {low:g} and {high:g}, got {self.threshold}"
            )
        return {
            "by": names(self.by), "label": self.label,
            "alt": self.alt or self.label or "bars", "n": values.shape[-1], "fixed": fixed,
            "names": labels.reshape(-1).tolist(), "values": numbers(values), "log": self.log,
            "lim": [low, high], "threshold": self.threshold, "words": list(self.words),
            "high": self.high, "xlabel": self.xlabel,
        }  # fmt: skip

    def draw(self, ax: Any, payload: dict[str, Any], state: State) -> None:
        """Draw the first bars."""
        n, (low, high), at = payload["n"], payload["lim"], state.at(payload["by"])
        words = payload["names"] if payload["fixed"] else payload["names"][at * n : (at + 1) * n]
        values = payload["values"][at * n : (at + 1) * n]
        kept = [(name, high if v is None else v) for name, v in zip(words, values) if name]
        bound = payload["threshold"]
        for i, (_, v) in enumerate(kept):
            bad = bound is not None and (v < bound if payload["high"] else v > bound)
            hatch, color = ("///", style.BROKEN) if bad else ("", style.EXACT)
            length = max(min(v, high) - low, 0)
            ax.barh(
                i, length, left=low, height=0.7, edgecolor=style.PAPER, hatch=hatch, color=color
            )
        if bound is not None:
            ax.axvline(bound, color=style.NEUTRAL, ls=":", lw=1.5)
        ax.set_xscale("log" if payload["log"] else "linear")
        ax.set_xlim(low, high)
        ax.set_xlabel(payload["xlabel"])
        ax.minorticks_off()
        ax.set_yticks(range(len(kept)), [name for name, _ in kept])
        ax.invert_yaxis()
