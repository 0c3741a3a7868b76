"""Three builds of two animals, as voxels, points and coarse meshes. See chapter 03.

``from gdl_utils.cases.shapes import draw_herd, sample_points, voxelise, coarse_meshes``.
"""

from gdl_utils.cases.shapes.encodings import (
    coarse_edges,
    coarse_meshes,
    extents,
    sample_points,
    voxelise,
)
from gdl_utils.cases.shapes.menagerie import (
    BUILDS,
    KINDS,
    Herd,
    draw_herd,
    draw_plan,
    quick_plan,
    triangle_areas,
    unit_size,
)

__all__ = [
    "BUILDS",
    "KINDS",
    "Herd",
    "coarse_edges",
    "coarse_meshes",
    "draw_herd",
    "draw_plan",
    "extents",
    "quick_plan",
    "sample_points",
    "triangle_areas",
    "unit_size",
    "voxelise",
]
