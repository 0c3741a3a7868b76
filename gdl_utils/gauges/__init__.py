"""Gauges: frames on a surface, parallel transport, layers that do not care who chose the frames.

See chapter 09, *Gauges*.

``from gdl_utils.gauges import GaugeConv, Gate, log_map, vertex_connection``
"""

from gdl_utils.gauges.actions import Gauges, change_connection, change_features, rotate_features
from gdl_utils.gauges.frames import (
    angle_defects,
    cone_angles,
    corner_angles,
    face_frames,
    one_rings,
    vertex_frames,
    vertex_normals,
)
from gdl_utils.gauges.layers import GaugeConv, IsotropicConv, kernel_basis
from gdl_utils.gauges.logarithm import VectorHeat, connection_laplacian, log_map, vector_heat
from gdl_utils.gauges.networks import GaugeNet, OddUnderReflection, batch_connections, mirrored
from gdl_utils.gauges.nonlinearities import Gate, NormReLU, SampledReLU
from gdl_utils.gauges.pooling import Invariants
from gdl_utils.gauges.transport import (
    Connection,
    face_connection,
    faces_around,
    holonomy,
    parallel_transport,
    triangle_curvatures,
    vertex_connection,
)

__all__ = [  # noqa: RUF022  (in the order in which one learns them)
    "corner_angles", "cone_angles", "angle_defects", "one_rings", "vertex_normals",
    "vertex_frames", "face_frames",
    "Connection", "vertex_connection", "face_connection", "parallel_transport", "holonomy",
    "triangle_curvatures", "faces_around",
    "connection_laplacian", "VectorHeat", "vector_heat", "log_map",
    "Gauges", "rotate_features", "change_features", "change_connection",
    "kernel_basis", "GaugeConv", "IsotropicConv",
    "Gate", "NormReLU", "SampledReLU",
    "Invariants",
    "GaugeNet", "OddUnderReflection", "mirrored", "batch_connections",
]  # fmt: skip
