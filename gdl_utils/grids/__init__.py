"""Grids: signals on a periodic lattice, and shifts. See chapter 05, *Grids*.

``from gdl_utils.grids import CircularConv2d, PolyphasePool2d, Translations, shift``
"""

from gdl_utils.grids.actions import (
    Translations,
    coarse_fourier_shift,
    coarse_shift,
    flattened,
    fourier_shift,
    shift,
)
from gdl_utils.grids.layers import CircularConv2d, circulant, fourier_convolve, wrap
from gdl_utils.grids.pooling import (
    BlurPool2d,
    CircularMaxPool2d,
    GlobalPool2d,
    PolyphasePool2d,
    Subsample2d,
)

__all__ = [  # noqa: RUF022  (in the order in which one learns them)
    "Translations", "shift", "fourier_shift", "coarse_shift", "coarse_fourier_shift",
    "flattened",
    "circulant", "fourier_convolve", "wrap", "CircularConv2d",
    "Subsample2d", "CircularMaxPool2d", "BlurPool2d", "PolyphasePool2d", "GlobalPool2d",
]  # fmt: skip
