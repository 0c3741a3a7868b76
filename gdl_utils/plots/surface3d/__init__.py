"""Surfaces in 3D: a poster that turns when asked, offline in the book.

:func:`show_mesh` shows one, with paths, points and arrows on it. See chapter 03, *Data that is not
flat*, and chapters 04, 08 and 09.
"""

from gdl_utils.plots.surface3d.scale import Scale
from gdl_utils.plots.surface3d.viewer import MeshFigure, show_mesh

__all__ = ["MeshFigure", "Scale", "show_mesh"]
