"""Curves over one axis, with a cursor where a slider stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

import numpy as np

from gdl_utils.plots import style
from gdl_utils.plots.live.panel import Controls, Panel, State, lead, names, numbers, numeric, shaped
from gdl_utils.plots.style import array


@dataclass(frozen=True)
class Curves(Panel):
    """Curves over one axis, with a cursor where a slider stands.

    Parameters
    ----------
    x : array, (N,)
        Where the curves are known.
    ys : mapping of str to array, (*by, N)
        At most seven curves; NaN is a gap.
    by : str or tuple of str
        Controls that choose the curves.
    cursor : str
        A slider whose value is marked; the legend shows the values there.
    label, xlabel, ylabel, alt : str
        The text above, the axes with units, and what a screen reader is told.
    logx, logy : bool
        Logarithmic axes.
    ylim : (float, float)
        The vertical range; by default that of all values.
    """

    kind: ClassVar[str] = "curves"

    x: Any
    ys: Mapping[str, Any]
    _: KW_ONLY
    by: str | tuple[str, ...] = ()
    cursor: str | None = None
    label: str = ""
    xlabel: str = ""
    ylabel: str = ""
    alt: str = ""
    logx: bool = False
    logy: bool = False
    ylim: tuple[float, float] | None = None

    def follows(self) -> tuple[str, ...]:
        """Names of the controls that choose the curves, and of the cursor."""
        return (*names(self.by), *([] if self.cursor is None else [self.cursor]))

    def payload(self, controls: Controls) -> dict[str, Any]:
        """Return what the page is given."""
        x = array("x", self.x, 1)
        shape = (*lead("Curves", self.by, controls), len(x))
        if not 1 <= len(self.ys) <= 7:
            raise ValueError(f"ys must hold 1 to 7 curves, got {len(self.ys)}")
        if self.cursor is not None:
            numeric("Curves", self.cursor, controls)
        held = {}
        for name, y in self.ys.items():
            y = np.asarray(y.detach().cpu() if hasattr(y, "detach") else y, dtype=float)
            held[name] = shaped(f"ys[{name!r}]", y, shape)
        every = np.concatenate([y.reshape(-1) for y in held.values()])
        known = every[~np.isnan(every)]
        if known.size == 0 or np.isinf(known).any():
            raise ValueError("ys must hold finite values (NaN is a gap)")
        low, high = self.ylim or (float(known.min()), float(known.max()))
        if low == high and self.ylim is None:
            low, high = (low / 2, high * 2) if self.logy else (low - 0.5, high + 0.5)
        if not low < high:
            raise ValueError(f"ylim must rise, got {self.ylim}")
        if (self.logx and x.min() <= 0) or (self.logy and min(low, known.min()) <= 0):
            raise ValueError("a logarithmic axis needs positive values")
        return {
            "by": names(self.by), "label": self.label,
            "alt": self.alt or self.label or self.ylabel or "curves", "x": numbers(x),
            "names": list(held), "ys": [numbers(y) for y in held.values()], "cursor": self.cursor,
            "xlabel": self.xlabel, "ylabel": self.ylabel, "logx": self.logx, "logy": self.logy,
            "xlim": numbers(np.array([x.min(), x.max()])), "ylim": numbers(np.array([low, high])),
        }  # fmt: skip

    def draw(self, ax: Any, payload: dict[str, Any], state: State) -> None:
        """Draw the first curves, with the cursor."""
        n, at = len(payload["x"]), state.at(payload["by"])
        for i, (name, y) in enumerate(zip(payload["names"], payload["ys"])):
            values = np.array(y[at * n : (at + 1) * n], dtype=float)
            ax.plot(payload["x"], values, color=style.CYCLE[i], ls=style.LINES[i], label=name)
        if payload["cursor"] is not None:
            ax.axvline(state.value(payload["cursor"]), color=style.NEUTRAL, ls=":", lw=1.5)
        ax.set(xlabel=payload["xlabel"], ylabel=payload["ylabel"])
        ax.set_xscale("log" if payload["logx"] else "linear")
        ax.set_yscale("log" if payload["logy"] else "linear")
        low, high = payload["ylim"]
        room = 1.15 if payload["logy"] else 0.04 * (high - low)
        ax.set_ylim((low / room, high * room) if payload["logy"] else (low - room, high + room))
        ax.grid(axis="y")
        ax.legend(loc="best")
