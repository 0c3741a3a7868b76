"""Geodesics: signals on surfaces, and what bending leaves alone. See chapter 03, *Data that is not
flat*, and chapter 08, *Geodesics*.

``from gdl_utils.geodesics import DiffusionNet, Mesh, heat_distance, surface_operators``
"""

from gdl_utils.geodesics.actions import Folds, Isometries, crease, fold, isometries
from gdl_utils.geodesics.delaunay import flipped, intrinsic, intrinsic_delaunay
from gdl_utils.geodesics.distances import HeatMethod, heat_distance
from gdl_utils.geodesics.layers import (
    DiffusionBlock,
    DiffusionNet,
    SurfaceOperators,
    surface_operators,
)
from gdl_utils.geodesics.mesh import Mesh
from gdl_utils.geodesics.operators import cotangent_laplacian, divergence, gradient, mass
from gdl_utils.geodesics.paths import (
    edge_distance,
    edge_graph,
    edge_path,
    exact_distance,
    exact_path,
    path_length,
    straight_distance,
)
from gdl_utils.geodesics.pooling import MeshPool, SurfaceMean, coarsen, farthest_points
from gdl_utils.geodesics.remeshing import remesh
from gdl_utils.geodesics.shapes import cylinder, icosphere, sheet, torus
from gdl_utils.geodesics.spectrum import (
    Spectrum,
    eigenpairs,
    heat_kernel_signature,
    wave_kernel_signature,
)
from gdl_utils.geodesics.tangent import tangent_gradient

__all__ = [  # noqa: RUF022  (in the order in which one learns them)
    "Mesh",
    "icosphere", "torus", "sheet", "cylinder",
    "straight_distance", "edge_graph", "edge_distance", "edge_path", "exact_distance",
    "exact_path", "path_length",
    "cotangent_laplacian", "mass", "gradient", "divergence",
    "tangent_gradient",
    "intrinsic", "flipped", "intrinsic_delaunay",
    "HeatMethod", "heat_distance",
    "Spectrum", "eigenpairs", "heat_kernel_signature", "wave_kernel_signature",
    "Isometries", "isometries", "Folds", "fold", "crease",
    "SurfaceOperators", "surface_operators", "DiffusionBlock", "DiffusionNet",
    "farthest_points", "coarsen", "MeshPool", "SurfaceMean",
    "remesh",
]  # fmt: skip
