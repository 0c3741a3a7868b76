"""Values on a surface as colours, and the scale that says which is which."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any

import numpy as np

from gdl_utils.plots import style
from gdl_utils.plots.colors import color_map
from gdl_utils.plots.style import array


@dataclass(frozen=True)
class Scale:
    """A colour map between two values.

    Parameters
    ----------
    low, high : float
        Values at its ends.
    cmap : str
        A colour map of matplotlib's.
    label : str
        What the values are, with the unit.
    """

    low: float
    high: float
    cmap: str = style.SEQUENTIAL
    label: str = ""

    def colors(self, values: np.ndarray) -> np.ndarray:
        """Colours of values (V,), (V, 3) sRGB in [0, 1]; beyond the ends, those of the ends."""
        share = np.clip((values - self.low) / ((self.high - self.low) or 1), 0, 1)
        return color_map(self.cmap, 256)[np.round(255 * share).astype(int)] / 255

    def markup(self) -> str:
        """The scale as it stands below a figure."""
        stops = ",".join("#" + bytes(c).hex() for c in color_map(self.cmap, 13))
        ends = [f"{end:.3g}".replace("-", "−") for end in (self.low, self.high)]
        return (
            f'<div class="gdl-mesh3d-scale"><span>{html.escape(self.label)}</span>'
            f'<span>{ends[0]}</span><i style="background:linear-gradient(90deg,{stops})"></i>'
            f"<span>{ends[1]}</span></div>"
        )


def scale_of(
    values: Any, count: int, cmap: str | None, limits: tuple[float, float] | None, label: str
) -> tuple[np.ndarray, Scale]:
    """Check values, one for each of ``count`` vertices, and choose their scale.

    Without limits and a colour map, values of both signs get the diverging map, white at zero.

    Raises
    ------
    ValueError
        If there is not one finite value a vertex, or the limits do not rise.
    """
    v = array("values", values, 1)
    if len(v) != count:
        raise ValueError(f"values must be ({count},), one a vertex, got {v.shape}")
    low, high = limits or (float(v.min()), float(v.max()))
    signed = limits is None and low < 0 < high and cmap is None
    if signed:
        high = max(-low, high)
        low = -high
    if limits is not None and not low < high:
        raise ValueError(f"limits must rise, got {limits}")
    return v, Scale(low, high, cmap or (style.DIVERGING if signed else style.SEQUENTIAL), label)
