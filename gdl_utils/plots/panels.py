"""What a live figure shows: panels whose frames or values are computed beforehand.

``by`` names the controls that choose a frame; the leading axes of a panel's arrays run over these
controls' values in the same order. See :func:`gdl_utils.plots.live.live`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

import numpy as np

from gdl_utils.plots.png import colour_map, sprite_sheet
from gdl_utils.plots.style import array

Controls = Mapping[str, Any]
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


def names(by: str | Sequence[str]) -> tuple[str, ...]:
    """Bring ``by`` into a tuple of controls' names."""
    return (by,) if isinstance(by, str) else tuple(by)


def lead(panel: str, by: str | Sequence[str], controls: Controls) -> tuple[int, ...]:
    """Return the sizes of the leading axes, one a control."""
    for name in names(by):
        if name not in controls:
            raise ValueError(
                f"{panel}: by must name controls ({', '.join(controls)}), got {name!r}"
            )
    return tuple(len(controls[name].texts) for name in names(by))


def shaped(what: str, values: np.ndarray, shape: tuple[int | None, ...]) -> np.ndarray:
    """Check a shape; None stands for any length."""
    if values.ndim != len(shape) or any(n not in (None, m) for n, m in zip(shape, values.shape)):
        wanted = ", ".join("any" if n is None else str(n) for n in shape)
        raise ValueError(f"{what} must have the shape ({wanted}), got {values.shape}")
    return values


def texts(what: str, values: Any, shape: tuple[int | None, ...]) -> np.ndarray:
    """Check nested lists of texts."""
    held = np.array(values, dtype=object)
    if not all(isinstance(t, str) for t in held.flat):
        raise ValueError(f"{what} must hold texts in the shape {shape}")
    return shaped(what, held, shape)


def numbers(values: np.ndarray) -> list[float | None]:
    """Flatten into what JSON holds: four significant digits, whole numbers short."""
    short = (None if not np.isfinite(v) else float(f"{v:.4g}") for v in values.reshape(-1).tolist())
    return [int(v) if v is not None and v == int(v) and abs(v) < 1e6 else v for v in short]


def numeric(panel: str, name: str, controls: Controls) -> None:
    """Check that a control is a slider with numbers."""
    if name not in controls or getattr(controls[name], "numbers", None) is None:
        raise ValueError(f"{panel}: {name!r} must be a slider whose values are numbers")


@dataclass(frozen=True)
class Sprite:
    """Images that a control chooses, or one image that is rolled and dragged.

    Parameters
    ----------
    frames : array, (*by, H, W) or (*by, H, W, 3)
        uint8, or numbers within ``limits``. With ``cmap`` there is no colour axis.
    by : str or tuple of str
        Controls that choose the frame.
    label, alt : str
        The text above, and what a screen reader is told; one of them at least.
    roll : (str or None, str or None)
        Sliders whose values shift the image circularly, in pixels to the right and down. One frame
        is enough for every shift.
    drag : (str or None, str or None)
        Sliders that dragging to the right and down moves; by default those of ``roll``.
    pixels : bool
        A slider's values are pixels: the image follows the pointer. Otherwise a drag across the
        whole image sweeps the slider.
    cmap : str
        A colour map for (H, W) frames; grey by default.
    limits : (float, float)
        The values that are black and white; (0, 255) for uint8 and (0, 1) for others.
    size : int
        Width on the page, in CSS pixels, rounded down to whole multiples of W.
    """

    frames: Any
    _: KW_ONLY
    by: str | tuple[str, ...] = ()
    label: str = ""
    alt: str = ""
    roll: tuple[str | None, str | None] = (None, None)
    drag: tuple[str | None, str | None] | None = None
    pixels: bool = True
    cmap: str | None = None
    limits: tuple[float, float] | None = None
    size: int = 280

    def images(self, controls: Controls) -> np.ndarray:
        """Return the frames as uint8, (N, H, W) or (N, H, W, 3)."""
        shape = lead("Sprite", self.by, controls)
        raw = self.frames.detach().cpu() if hasattr(self.frames, "detach") else self.frames
        whole = np.asarray(raw).dtype == np.uint8
        values = array("frames", raw, (len(shape) + 2, len(shape) + 3))
        colour = values.ndim == len(shape) + 3
        shaped("frames", values, shape + (None, None) + ((3,) if colour else ()))
        low, high = self.limits or ((0, 255) if whole else (0, 1))
        if not low < high:
            raise ValueError(f"limits must rise, got {self.limits}")
        if self.limits is None and (values.min() < low or values.max() > high):
            raise ValueError(f"frames must lie in [{low}, {high}] unless limits are given")
        scaled = np.round(255 * np.clip((values - low) / (high - low), 0, 1)).astype(np.uint8)
        if self.cmap is not None:
            if colour:
                raise ValueError("cmap needs frames without a colour axis")
            scaled = colour_map(self.cmap, 256)[scaled]
            colour = True
        return scaled.reshape(-1, *scaled.shape[-3 if colour else -2 :])

    def payload(self, controls: Controls) -> dict[str, Any]:
        """Return what the page is given."""
        if not (self.label or self.alt).strip():
            raise ValueError("Sprite needs a label or an alt text")
        drag = self.roll if self.drag is None else self.drag
        for name in (*self.roll, *(drag if self.pixels else ())):
            if name is not None:
                numeric("Sprite", name, controls)
        lead("Sprite", [n for n in drag if n is not None], controls)
        frames = self.images(controls)
        source, columns = sprite_sheet(frames)
        return {
            "kind": "sprite", "by": names(self.by), "label": self.label,
            "alt": self.alt or self.label, "src": source, "cols": columns, "h": frames.shape[1],
            "w": frames.shape[2], "roll": self.roll, "drag": drag, "pixels": self.pixels,
            "size": self.size,
        }  # fmt: skip


@dataclass(frozen=True)
class Curves:
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
            "kind": "curves", "by": names(self.by), "label": self.label,
            "alt": self.alt or self.label or self.ylabel or "curves", "x": numbers(x),
            "names": list(held), "ys": [numbers(y) for y in held.values()], "cursor": self.cursor,
            "xlabel": self.xlabel, "ylabel": self.ylabel, "logx": self.logx, "logy": self.logy,
            "xlim": numbers(np.array([x.min(), x.max()])), "ylim": numbers(np.array([low, high])),
        }  # fmt: skip


@dataclass(frozen=True)
class Bars:
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
            "kind": "bars", "by": names(self.by), "label": self.label,
            "alt": self.alt or self.label or "bars", "n": values.shape[-1], "fixed": fixed,
            "names": labels.reshape(-1).tolist(), "values": numbers(values), "log": self.log,
            "lim": [low, high], "threshold": self.threshold, "words": list(self.words),
            "high": self.high, "xlabel": self.xlabel,
        }  # fmt: skip
