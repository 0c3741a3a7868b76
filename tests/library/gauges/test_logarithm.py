"""The logarithmic map: on planes and spheres it is known, on animals potpourri3d says it too."""

import math

import numpy as np
import potpourri3d
import pytest
import torch

from gdl_utils.data.spot import load_spot
from gdl_utils.gauges.frames import vertex_frames
from gdl_utils.gauges.logarithm import VectorHeat, connection_laplacian, log_map, vector_heat
from gdl_utils.gauges.transport import vertex_connection
from gdl_utils.geodesics.mesh import Mesh
from gdl_utils.geodesics.operators import cotangent_laplacian
from gdl_utils.geodesics.shapes import icosphere, sheet


def turn_between(a, b):
    """Angles between directions, in radians from 0 to π."""
    return torch.angle(torch.exp(1j * (a - b))).abs()


def on_the_sphere(mesh, source):
    """The exact angle of departure, and how far it is."""
    frame = vertex_frames(mesh)[source]
    x = mesh.verts
    far = torch.acos((x @ x[source]).clamp(-1, 1))
    return torch.atan2(x @ frame[1], x @ frame[0]), far


def test_on_a_flat_sheet_it_is_the_difference_of_positions():
    flat = sheet(21, 21, spacing=0.05)
    source = 10 * 21 + 10
    p = log_map(flat, source)
    frame = vertex_frames(flat)[source]
    true = (flat.verts - flat.verts[source]) @ frame.T
    inner = (true.norm(dim=1) > 0.12) & (true.norm(dim=1) < 0.4)
    error = (p - true).norm(dim=1)[inner] / true.norm(dim=1)[inner]
    assert float(error.mean()) < 0.03
    assert p[source].tolist() == [0, 0]


@pytest.mark.parametrize("source", [0, 100])
def test_departures_on_the_sphere_are_great_circles(source):
    mesh = icosphere(4)
    true, far = on_the_sphere(mesh, source)
    clear = (far > 0.3) & (far < 2.5)
    away = vector_heat(mesh).log_map_angles(source)
    assert float(turn_between(away, true)[clear].mean()) < 0.01
    assert float(turn_between(-away, true)[clear].mean()) > 0.5  # the control: the other way round


def test_it_keeps_the_ring_of_neighbours():
    mesh = icosphere(3)
    connection = vertex_connection(mesh)
    out = connection.edge_index[1] == 50  # directions in the frame of 50
    ring, directions = connection.edge_index[0, out], connection.directions[out]
    away = vector_heat(mesh).log_map_angles(50)[ring]
    assert float(turn_between(away, directions).max()) < 0.1


def test_carrying_is_transport_on_the_first_ring():
    mesh = icosphere(3)
    connection = vertex_connection(mesh)
    from_source = connection.edge_index[0] == 7
    ring, steps = connection.edge_index[1, from_source], connection.transports[from_source]
    there = vector_heat(mesh).carried(7, angle=0.4)[ring]
    assert float(turn_between(there, steps + 0.4).max()) < 0.02


def test_a_turned_vector_arrives_turned():
    heat = vector_heat(icosphere(2))
    a, b = heat.carried(3), heat.carried(3, angle=1.0)
    mesh = icosphere(2)
    sure = (mesh.verts + mesh.verts[3]).norm(dim=1) > 0.1  # at the antipode all directions meet
    assert int((~sure).sum()) == 1
    assert float((turn_between(a, b) - 1).abs()[sure].max()) < 1e-9


def test_potpourri3d_departs_in_the_same_directions():
    spot = Mesh(*load_spot())
    peer = potpourri3d.MeshVectorHeatSolver(spot.verts.numpy(), spot.faces.numpy())
    for source in (2222, 1900):
        p = torch.view_as_complex(log_map(spot, source))
        q = torch.view_as_complex(torch.from_numpy(peer.compute_log_map(source)).contiguous())
        near = (p.abs() > 0) & (p.abs() < 10 * spot.edge_lengths.mean())
        p, q = p[near] / p[near].abs(), q[near] / q[near].abs()

        def disagreement(q, p=p):
            """Mean angle after the best common turn: the peer's frame is its own."""
            turn = (p * q.conj()).sum()
            return float(torch.angle(p * (q * turn).conj()).abs().mean())

        assert disagreement(q) < 0.08
        assert disagreement(q.conj()) > 0.5  # the control: the mirror image


def test_the_connection_laplacian_is_hermitian_and_knows_the_curvature():
    mesh = icosphere(2)
    weights, connection = cotangent_laplacian(mesh), vertex_connection(mesh)
    laplacian = connection_laplacian(weights, connection)
    assert abs(laplacian - laplacian.conj().T).max() < 1e-12
    lowest = np.linalg.eigvalsh(laplacian.toarray())[0]
    plain = connection_laplacian(weights, connection, transport=False)
    assert np.linalg.eigvalsh(plain.toarray())[0] == pytest.approx(0, abs=1e-12)
    assert lowest > 1e-3  # no field on the sphere is parallel everywhere


def test_on_a_flat_sheet_parallel_fields_exist():
    flat = sheet(5, 5)
    field = np.exp(-1j * math.pi / 7) * np.conj(
        np.exp(1j * np.arctan2(*vertex_frames(flat)[:, 0, [1, 0]].T.numpy()))
    )
    inner = ~flat.boundary.numpy()
    laplacian = connection_laplacian(cotangent_laplacian(flat), vertex_connection(flat))
    # The boundary's fans are stretched to half a turn: inside, the field is parallel.
    neighbours = inner & ~np.isin(
        np.arange(25), flat.edges[flat.boundary[flat.edges].any(1)].flatten().numpy()
    )
    assert neighbours.sum() == 1
    assert np.abs((laplacian @ field)[neighbours]).max() < 1e-12


def test_other_pieces_are_out_of_reach():
    one = icosphere(1)
    n = len(one.verts)
    two = Mesh(torch.cat([one.verts, one.verts + 5]), torch.cat([one.faces, one.faces + n]))
    p = log_map(two, 3)
    assert bool(torch.isfinite(p[:n]).all())
    assert not bool(torch.isfinite(p[n:]).any())


@pytest.mark.parametrize("source", [-1, 42, 1.0, True, "0"])
def test_bad_sources_are_refused(source):
    with pytest.raises(ValueError, match=r"source must be a (vertex 0 to 41|whole number)"):
        log_map(icosphere(1), source)


def test_bad_meshes_are_refused():
    with pytest.raises(ValueError, match="mesh must be a Mesh, got str"):
        log_map("sphere", 0)
    with pytest.raises(ValueError, match="mesh must be a Mesh"):
        VectorHeat(None)
    with pytest.raises(ValueError, match="t must be positive"):
        VectorHeat(icosphere(1), t=0.0)
    with pytest.raises(ValueError, match=r"weights must be \(42, 42\)"):
        connection_laplacian(cotangent_laplacian(icosphere(2)), vertex_connection(icosphere(1)))
