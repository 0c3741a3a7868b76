"""Painted surfaces, surfaces side by side, and networks that answer for each."""

import math

import pytest
import torch

from gdl_utils.cases.spirals.painting import bumpy_sphere, spirals, wide_places
from gdl_utils.gauges.layers import GaugeConv
from gdl_utils.gauges.networks import GaugeNet, OddUnderReflection, batch_connections, mirrored
from gdl_utils.gauges.transport import vertex_connection
from gdl_utils.geodesics.distances import heat_distance
from gdl_utils.geodesics.mesh import Mesh
from gdl_utils.geodesics.shapes import icosphere, sheet
from gdl_utils.training import seeded


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


# --------------------------------------------------------------------------------- the paint
def test_without_height_the_bumpy_sphere_is_the_sphere():
    flat = bumpy_sphere(rng(), level=2, height=0.0)
    assert torch.equal(flat.verts, icosphere(2).verts)


def test_bumps_are_drawn_and_repeat():
    a, b, c = bumpy_sphere(rng(0)), bumpy_sphere(rng(0)), bumpy_sphere(rng(1))
    assert torch.equal(a.verts, b.verts)
    assert not torch.equal(a.verts, c.verts)
    radius = a.verts.norm(dim=1)
    assert 0.05 < float(radius.std()) < 0.4
    assert len(a.verts) == 642


def test_wide_places_are_apart_and_wide():
    ball = icosphere(3)
    places, distances = wide_places(ball, 4, 0.5, rng())
    assert len(places) == 4
    assert distances.shape == (642, 4)
    for i, place in enumerate(places):
        assert torch.equal(distances[:, i], heat_distance(ball, place))
        assert all(float(distances[other, i]) >= 0.74 for other in places if other != place)


def test_a_narrow_strip_has_no_wide_place():
    strip = sheet(2, 60, spacing=0.1)
    with pytest.raises(ValueError, match="radius must leave room"):
        wide_places(strip, 1, 0.5, rng())


def test_pieces_without_a_spiral_are_dark():
    one = icosphere(3)
    two = Mesh(torch.cat([one.verts, one.verts + 5]), torch.cat([one.faces, one.faces + 642]))
    f = spirals(two, 1, rng(), count=1)
    assert bool(torch.isfinite(f).all())
    assert sorted([float(f[:642].max()), float(f[642:].max())])[0] == 0.0
    assert float(f.max()) > 0.5


def test_arms_turn_the_way_they_say():
    """On a flat sheet, around the middle: constant phase is where s θ + ln r is."""
    flat = sheet(40, 40, spacing=0.1)
    edge = float(flat.edge_lengths.mean())
    for hand in (1, -1):
        f = spirals(flat, hand, rng(3), count=1, radius=10.0)
        (place,), distances = wide_places(flat, 1, 10 * edge, rng(3))
        x = flat.verts - flat.verts[place]
        up = torch.linalg.cross(
            flat.verts[flat.faces[0, 1]] - flat.verts[flat.faces[0, 0]],
            flat.verts[flat.faces[0, 2]] - flat.verts[flat.faces[0, 0]],
        )
        axis = flat.verts[flat.faces[0, 1]] - flat.verts[flat.faces[0, 0]]
        axis = axis / axis.norm()
        other = torch.linalg.cross(up / up.norm(), axis)
        theta, r = torch.atan2(x @ other, x @ axis), distances[:, 0] / edge
        ring = (r > 3) & (r < 8)
        wave = 2 * f / torch.exp(-((r / 8) ** 2)) - 1
        match = []
        for guess in (1, -1):
            phase = 2 * (guess * theta + r.clamp(min=0.3).log())
            match.append(float((wave * torch.exp(1j * phase))[ring].mean().abs()))
        right, wrong = match if hand == 1 else match[::-1]
        assert right > 0.45
        assert wrong < 0.3


def test_paint_is_between_0_and_1_and_fades():
    ball = icosphere(3)
    f = spirals(ball, 1, rng())
    assert 0 <= float(f.min()) <= float(f.max()) <= 1
    assert float(f.max()) > 0.5


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: spirals(icosphere(2), 2, rng()), "hand must be 1 or -1, got 2"),
        (lambda: spirals(icosphere(2), 1, rng(), arms=0), "arms must be at least 1, got 0"),
        (lambda: wide_places(icosphere(2), 0, 0.5, rng()), "count must be at least 1, got 0"),
        (lambda: wide_places(icosphere(2), 1, -1.0, rng()), "radius must be positive and finite"),
        (lambda: bumpy_sphere(rng(), height=-1.0), "height must not be negative"),
        (lambda: bumpy_sphere(rng(), height=math.inf), "height must not be negative"),
    ],
)
def test_bad_paint_is_refused(call, match):
    with pytest.raises(ValueError, match=match):
        call()


# ------------------------------------------------------------------------------ the networks
def painted(seed):
    mesh = bumpy_sphere(rng(seed), level=2)
    return torch.randn(len(mesh.verts), 1, 1, generator=rng(seed)).double(), mesh


def net(order=2, seed=0):
    with seeded(seed):
        return GaugeNet(4, order).double().requires_grad_(False)


def test_side_by_side_is_one_by_one():
    surfaces = [painted(seed) for seed in (1, 2, 3)]
    connections = [vertex_connection(mesh) for _, mesh in surfaces]
    whole, piece = batch_connections(connections)
    assert whole.n == sum(c.n for c in connections) == len(piece)
    together = net()(torch.cat([x for x, _ in surfaces]), whole, piece)
    alone = [
        net()(x, c, torch.zeros(c.n, dtype=torch.int64)) for (x, _), c in zip(surfaces, connections)
    ]
    assert float((together - torch.cat(alone)).abs().max()) < 1e-12
    assert float(together.std()) > 1e-4


def test_the_mirrored_connection_is_that_of_the_mirrored_mesh():
    """Up to the choice of frames, which no network sees."""
    x, mesh = painted(4)
    flip = torch.tensor([-1.0, 1, 1], dtype=torch.float64)
    image = vertex_connection(Mesh(mesh.verts * flip, mesh.faces.flip(1)))
    piece = torch.zeros(len(x), dtype=torch.int64)
    a = net()(x, image, piece)
    b = net()(x, mirrored(vertex_connection(mesh)), piece)
    assert float((a - b).abs().max()) < 1e-12
    c = net()(x, vertex_connection(mesh), piece)
    assert float((a - c).abs().max()) > 1e-6  # the control: the network sees the difference


def test_an_isotropic_network_cannot_tell_the_mirror_image():
    x, mesh = painted(5)
    connection, piece = vertex_connection(mesh), torch.zeros(len(x), dtype=torch.int64)
    blind = net(order=0)
    assert torch.equal(blind(x, connection, piece), blind(x, mirrored(connection), piece))
    assert float(OddUnderReflection(blind)(x, connection, piece).abs()) == 0


def test_handed_is_odd():
    x, mesh = painted(6)
    connection, piece = vertex_connection(mesh), torch.zeros(len(x), dtype=torch.int64)
    handed = OddUnderReflection(net())
    there, back = handed(x, connection, piece), handed(x, mirrored(connection), piece)
    assert float((there + back).abs().max()) < 1e-12
    assert float(there.abs()) > 1e-6


def test_the_edges_turn_has_the_right_gradient():
    _, mesh = painted(7)
    connection = vertex_connection(mesh)
    with seeded(0):
        layer = GaugeConv(1, 2, 1, 1).double()
    x = torch.randn(connection.n, 1, 3, generator=rng(), dtype=torch.float64).requires_grad_()
    probe = torch.randn(connection.n, 2, 3, generator=rng(1), dtype=torch.float64)
    way = torch.randn(x.shape, generator=rng(2), dtype=torch.float64)
    (slope,) = torch.autograd.grad((layer(x, connection) * probe).sum(), x)
    # The layer is affine: a finite difference is exact.
    with torch.no_grad():
        step = ((layer(x + way, connection) - layer(x, connection)) * probe).sum()
    assert float((slope * way).sum()) == pytest.approx(float(step), rel=1e-9)


def test_bad_networks_are_refused():
    with pytest.raises(ValueError, match="layers must not be negative, got -1"):
        GaugeNet(4, 1, -1)
    with pytest.raises(ValueError, match="connections must hold at least one"):
        batch_connections([])
    x, mesh = painted(8)
    with pytest.raises(ValueError, match=r"batch must be \(162,\) of whole numbers"):
        net()(x, vertex_connection(mesh), torch.zeros(3, dtype=torch.int64))
