"""Arguments of a wrong kind: a table where a mesh was meant, and other mix-ups, are named."""

import numpy as np
import pytest
import torch

from gdl_utils import gauges, geodesics
from gdl_utils.gauges import GaugeConv, parallel_transport, vertex_connection
from gdl_utils.geodesics import DiffusionBlock, DiffusionNet, Mesh, MeshPool, icosphere, sheet

BALL = icosphere(1)
TABLES = (BALL.verts, BALL.faces)
OF_A_MESH = {
    "straight_distance": (0,), "edge_graph": (), "edge_distance": (0,), "edge_path": (0, 1),
    "exact_distance": (0,), "exact_path": (0, 1), "cotangent_laplacian": (), "mass": (),
    "gradient": (), "divergence": (), "tangent_gradient": (), "intrinsic": (),
    "intrinsic_delaunay": (), "HeatMethod": (), "heat_distance": (0,), "eigenpairs": (3,),
    "isometries": (), "surface_operators": (3,), "farthest_points": (3,), "coarsen": (10,),
    "remesh": (20, torch.Generator()), "corner_angles": (), "cone_angles": (),
    "angle_defects": (), "one_rings": (), "vertex_normals": (), "vertex_frames": (),
    "face_frames": (), "vertex_connection": (), "face_connection": (), "faces_around": (0,),
    "VectorHeat": (), "vector_heat": (), "log_map": (0,),
    "triangle_curvatures": (vertex_connection(BALL),),
}  # fmt: skip


@pytest.mark.parametrize("name", OF_A_MESH)
def test_bad_mesh(name):
    function = getattr(geodesics, name, None) or getattr(gauges, name)
    function(BALL, *OF_A_MESH[name])
    with pytest.raises(ValueError, match="mesh must be a Mesh, got tuple"):
        function(TABLES, *OF_A_MESH[name])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda c: parallel_transport(c, 3), "path must hold at least one frame, got 3"),
        (lambda c: parallel_transport(c, iter([0])), "path must hold at least one frame, got <"),
        (lambda c: parallel_transport(c, {0}), r"path must hold at least one frame, got \{0\}"),
        (lambda c: parallel_transport(c, []), "path must hold at least one frame, got none"),
        (lambda c: parallel_transport(c, [0], float("nan")), "angle must be finite, got nan"),
        (lambda c: parallel_transport(c, [0], "a"), "angle must be a real number, got 'a'"),
        (lambda c: gauges.holonomy(c, 3), "loop must hold at least two frames, got 3"),
        (lambda c: gauges.holonomy(c, [3]), "loop must hold at least two frames, got 1"),
        (lambda c: gauges.vector_heat(BALL).carried(0, float("inf")), "angle must be finite"),
        (
            lambda c: gauges.Connection(42, c.edge_index, c.transports.numpy(), c.directions),
            "transports must be a Tensor, got ndarray",
        ),
        (
            lambda c: gauges.Connection(42, c.edge_index, c.transports, c.directions.long()),
            r"directions must be 240 finite angles, got \(240,\) torch.int64",
        ),
        (
            lambda c: GaugeConv(1, 1, 0, 0)(torch.ones(42, 1, 1), BALL),
            "connection must be a Connection, got Mesh",
        ),
        (
            lambda c: DiffusionBlock(4)(torch.ones(42, 4), BALL),
            "operators must be SurfaceOperators, got Mesh",
        ),
        (
            lambda c: DiffusionNet(4, 4)(torch.ones(42, 4), c),
            "operators must be SurfaceOperators, got Connection",
        ),
        (lambda c: MeshPool(np.eye(3)), "matrix must be a Tensor, got ndarray"),
        (lambda c: MeshPool(torch.ones(0, 3)), r"matrix must be \(K, V\), got \(0, 3\)"),
        (lambda c: MeshPool(torch.eye(3) + 0j), "matrix must hold real numbers"),
        (
            lambda c: geodesics.SurfaceMean()(torch.ones(2, 1), torch.tensor([1.0, torch.inf])),
            "mass must be positive and finite",
        ),
        (lambda c: geodesics.remesh(BALL, 20, 0), "rng must be a torch.Generator, got int"),
        (lambda c: geodesics.path_length([[0, 0, 0]]), "points must be a Tensor, got list"),
        (
            lambda c: Mesh(BALL.verts.to("meta"), BALL.faces),
            "verts must hold numbers, got a tensor",
        ),
        (lambda c: Mesh(BALL.verts * 1e90, BALL.faces), "verts must be in a unit in which edges"),
        (lambda c: Mesh(BALL.verts * 1e-90, BALL.faces), "verts must be in a unit in which edges"),
    ],
)
def test_bad_kinds(call, words):
    with pytest.raises(ValueError, match=words):
        call(vertex_connection(BALL))


def test_positions_of_any_type():
    for verts in (BALL.verts.bfloat16(), BALL.verts.half(), BALL.verts.float().requires_grad_()):
        found = Mesh(verts, BALL.faces.to(torch.uint8))
        assert torch.equal(found.verts, verts.detach().double())
    assert torch.equal(Mesh(BALL.verts.to_sparse(), BALL.faces).verts, BALL.verts)
    mean = geodesics.SurfaceMean()(torch.ones(42, 1), geodesics.mass(BALL))
    assert mean.dtype == torch.float32
    assert mean == pytest.approx(1)


def test_exact_distances_on_every_piece():
    """A closed piece and an open one, and a source on either or on both."""
    flat = sheet(5, 5)
    both = Mesh(torch.cat([BALL.verts, flat.verts + 9]), torch.cat([BALL.faces, flat.faces + 42]))
    straight = (flat.verts - flat.verts[7]).norm(dim=1)
    curved = geodesics.exact_distance(BALL, 3)
    for source, ball, plane in ((3, 1, 0), (42 + 7, 0, 1), ([42 + 7, 3], 1, 1)):
        found = geodesics.exact_distance(both, source)
        for part, here, true in ((found[:42], ball, curved), (found[42:], plane, straight)):
            assert torch.allclose(part, true, atol=1e-9) if here else part.isinf().all()
    path = geodesics.exact_path(both, 42, 42 + 24)
    assert geodesics.path_length(path) == pytest.approx(4 * 2**0.5)
    assert torch.equal(path[[0, -1]], both.verts[[42, 42 + 24]])
