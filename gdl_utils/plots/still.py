"""The still of a live figure: its first state, drawn by matplotlib for where no script runs."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from gdl_utils.plots import style
from gdl_utils.plots.png import encode

STILL_COLOURS = 64
SPRITE, WIDE = 2.6, 4.6
"""Widths of panels in inches."""


def png_of(fig: Any) -> bytes:
    """Render a matplotlib figure as a PNG with a small palette."""
    from PIL import Image

    file = io.BytesIO()
    with style.use_style():
        fig.savefig(file, format="png", dpi=style.DPI)
    file.seek(0)
    with Image.open(file) as image:
        return encode(image, STILL_COLOURS)


def draw_still(
    title: str, controls: Mapping[str, Any], panels: Sequence[Any], payloads: Sequence[dict]
) -> bytes:
    """Draw every panel in the controls' first state, panels below one another in rows."""
    import matplotlib.pyplot as plt

    state = {name: control.at for name, control in controls.items()}
    wide = [p for p in zip(panels, payloads) if p[1]["kind"] != "text"]
    rows: list[list[tuple[Any, dict]]] = []
    room = 0.0
    for item in wide:
        need = SPRITE if item[1]["kind"] in ("sprite", "graph") else WIDE
        if not rows or need > room + 0.2:
            rows.append([])
            room = style.WIDTH
        rows[-1].append(item)
        room -= need
    said = [p["frames"][_at(p["by"], state, controls)] for p in payloads if p["kind"] == "text"]
    where = "   ".join(f"{c.label}: {c.texts[c.at]}" for c in controls.values())
    foot = textwrap.wrap("   ".join([where, *said]), 92)
    head = textwrap.wrap(title, 68)
    heights = [2.9] * len(rows)
    total = sum(heights) + 0.24 * (len(head) + len(foot)) + 0.1
    with style.use_style():
        fig = plt.figure(figsize=(style.WIDTH, total))
        plt.close(fig)
        fig.suptitle("\n".join(head), x=0.01, ha="left", weight="bold")
        fig.supxlabel("\n".join(foot), x=0.01, ha="left", fontsize=10)
        grid = fig.subfigures(len(rows), 1, squeeze=False) if rows else []
        for row, sub in zip(rows, grid):
            small = [p["kind"] in ("sprite", "graph") for _, p in row]
            ratios = [SPRITE if s else WIDE for s in small]
            axes = sub[0].subplots(1, len(row), squeeze=False, width_ratios=ratios)[0]
            for ax, (panel, payload) in zip(axes, row):
                ax.set_title(payload["label"], loc="left")
                _DRAW[payload["kind"]](
                    ax, panel, payload, _at(payload["by"], state, controls), controls
                )
    return png_of(fig)


def _at(by: Sequence[str], state: Mapping[str, int], controls: Mapping[str, Any]) -> int:
    index = 0
    for name in by:
        index = index * len(controls[name].texts) + state[name]
    return index


def _sprite(ax: Any, panel: Any, payload: dict, at: int, controls: Mapping[str, Any]) -> None:
    frame = panel.images(controls)[at]
    for axis, name in ((1, payload["roll"][0]), (0, payload["roll"][1])):
        if name is not None:
            control = controls[name]
            frame = np.roll(frame, round(control.numbers[control.at]), axis)
    ax.imshow(frame, cmap=style.GREYS, vmin=0, vmax=255)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)


def _curves(ax: Any, panel: Any, payload: dict, at: int, controls: Mapping[str, Any]) -> None:
    n = len(payload["x"])
    for i, (name, y) in enumerate(zip(payload["names"], payload["ys"])):
        values = np.array(y[at * n : (at + 1) * n], dtype=float)
        ax.plot(payload["x"], values, color=style.CYCLE[i], ls=style.LINES[i], label=name)
    if payload["cursor"] is not None:
        control = controls[payload["cursor"]]
        ax.axvline(control.numbers[control.at], color=style.NEUTRAL, ls=":", lw=1.5)
    ax.set(xlabel=payload["xlabel"], ylabel=payload["ylabel"])
    ax.set_xscale("log" if payload["logx"] else "linear")
    ax.set_yscale("log" if payload["logy"] else "linear")
    low, high = payload["ylim"]
    room = 1.15 if payload["logy"] else 0.04 * (high - low)
    ax.set_ylim((low / room, high * room) if payload["logy"] else (low - room, high + room))
    ax.grid(axis="y")
    ax.legend(loc="best", fontsize=9)


def _bars(ax: Any, panel: Any, payload: dict, at: int, controls: Mapping[str, Any]) -> None:
    n, (low, high) = payload["n"], payload["lim"]
    names = payload["names"] if payload["fixed"] else payload["names"][at * n : (at + 1) * n]
    values = payload["values"][at * n : (at + 1) * n]
    kept = [(name, high if v is None else v) for name, v in zip(names, values) if name]
    bound = payload["threshold"]
    for i, (_, v) in enumerate(kept):
        bad = bound is not None and (v < bound if payload["high"] else v > bound)
        ax.barh(i, max(min(v, high) - low, 0), left=low, height=0.7, edgecolor="white",
                hatch="///" if bad else "", color=style.BROKEN if bad else style.EXACT)  # fmt: skip
    if bound is not None:
        ax.axvline(bound, color=style.NEUTRAL, ls=":", lw=1.5)
    ax.set_xscale("log" if payload["log"] else "linear")
    ax.set_xlim(low, high)
    ax.set_xlabel(payload["xlabel"])
    ax.minorticks_off()
    ax.set_yticks(range(len(kept)), [name for name, _ in kept])
    ax.invert_yaxis()


def _graph(ax: Any, panel: Any, payload: dict, at: int, controls: Mapping[str, Any]) -> None:
    n = len(payload["pos"])
    pos = np.array(payload["pos"])
    for a, b in payload["edges"]:
        ax.plot(*pos[[a, b]].T, color=style.NEUTRAL, lw=1.5, ls="-", zorder=1)
    paint = [payload["palette"][k] for k in payload["colours"][at * n : (at + 1) * n]]
    ax.scatter(
        *pos.T, s=150, c=[p[0] for p in paint], edgecolors=style.BLACK, zorder=2, clip_on=False
    )
    words = (payload["texts"] or [""] * len(payload["colours"]))[at * n : (at + 1) * n]
    for (x, y), word, (_, ink) in zip(pos, words, paint):
        ax.text(x, y, word, ha="center", va="center", color=ink, fontsize=9, weight="bold")
    ax.invert_yaxis()
    ax.margins(0.12)
    ax.set_aspect("equal")
    ax.axis("off")


_DRAW: dict[str, Callable[..., None]] = {
    "sprite": _sprite, "curves": _curves, "bars": _bars, "graph": _graph,
}  # fmt: skip
