"""Live figures: pictures that move in the page, without a kernel and without a network.

Everything is computed beforehand. A figure carries its values as JSON, its images as small sheets,
and the script that lets sliders, choices and drags pick what is shown; where no script runs, its
still stands. :func:`live` makes one from controls and panels; a chapter that wants to show
something else derives a panel of its own from :class:`Panel`. See chapters 04, *The blueprint*, and
05, *Grids*.
"""

from gdl_utils.plots.live.bars import Bars
from gdl_utils.plots.live.controls import Choice, Slider
from gdl_utils.plots.live.curves import Curves
from gdl_utils.plots.live.figure import LiveFigure, live
from gdl_utils.plots.live.graph import Graph
from gdl_utils.plots.live.panel import Panel
from gdl_utils.plots.live.sketch import Dot, Line, Picture, Sketch, Word
from gdl_utils.plots.live.sprite import Sprite
from gdl_utils.plots.live.text import Text

__all__ = [
    "Bars",
    "Choice",
    "Curves",
    "Dot",
    "Graph",
    "Line",
    "LiveFigure",
    "Panel",
    "Picture",
    "Sketch",
    "Slider",
    "Sprite",
    "Text",
    "Word",
    "live",
]
