"""Frames, transport and holonomy against hand-computed cases, identities, and spheres."""

import math

import numpy as np
import pytest
import torch
from contract.gauges import pebble

from gdl_utils.data.animals import load_animal
from gdl_utils.data.spot import load_spot
from gdl_utils.gauges.actions import Gauges, change_connection, change_features
from gdl_utils.gauges.frames import (
    angle_defects,
    cone_angles,
    corner_angles,
    face_frames,
    one_rings,
    vertex_frames,
    vertex_normals,
)
from gdl_utils.gauges.transport import (
    Connection,
    face_connection,
    faces_around,
    holonomy,
    parallel_transport,
    triangle_curvatures,
    vertex_connection,
)
from gdl_utils.geodesics.mesh import Mesh


def cube() -> Mesh:
    """A unit cube of twelve triangles: a quarter turn of curvature at every corner."""
    verts = [(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)]
    squares = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    faces = [t for a, b, c, d in squares for t in ((a, b, c), (a, c, d))]
    return Mesh(np.array(verts, float), np.array(faces))


def sheet(n: int = 5, bend: float = 0.0) -> Mesh:
    """A square lattice of n × n vertices, rolled around an axis if ``bend`` is not 0."""
    u, v = np.meshgrid(np.arange(n), np.arange(n), indexing="ij")
    if bend:
        r = 1 / (2 * math.sin(bend / 2))  # chords of length 1
        verts = np.stack([r * np.sin(u * bend), v, r * np.cos(u * bend)], -1)
    else:
        verts = np.stack([u, v, 0 * u], -1).astype(float)
    at = u * n + v
    a, b, c, d = at[:-1, :-1], at[1:, :-1], at[1:, 1:], at[:-1, 1:]
    faces = np.concatenate([np.stack(t, -1).reshape(-1, 3) for t in ((a, b, c), (a, c, d))])
    return Mesh(verts.reshape(-1, 3), faces)


def bowl() -> Mesh:
    """Half of a rough ball, open at the top."""
    whole = pebble()
    low = (whole.verts[:, 2] < 0.2)[whole.faces].all(1)
    used, new = torch.unique(whole.faces[low], return_inverse=True)
    return Mesh(whole.verts[used], new)


def spot() -> Mesh:
    return Mesh(*load_spot())


def dog() -> Mesh:
    found = load_animal("dog")
    return Mesh(found.verts, found.faces)


def test_corner_angles_of_a_cube():
    assert torch.allclose(corner_angles(cube()).sum(1), torch.tensor(math.pi).double())
    assert torch.allclose(cone_angles(cube()), torch.tensor(3 * math.pi / 2).double())
    assert torch.allclose(angle_defects(cube()), torch.tensor(math.pi / 2).double())


def test_corner_angles_of_a_sliver():
    thin = Mesh([[0.0, 0, 0], [1, 0, 0], [0.5, 1e-6, 0]], [[0, 1, 2]])
    expected = math.atan(2e-6)
    assert corner_angles(thin)[0, 0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("make", [cube, sheet, pebble, spot, dog])
def test_gauss_bonnet(make):
    """Inner defects and the boundary's turning make 2πχ."""
    mesh = make()
    total = float(angle_defects(mesh).sum())
    assert abs(total - 2 * math.pi * mesh.euler_characteristic) <= 1e-9
    if not mesh.is_closed:  # without the boundary's term it fails
        inside = float(angle_defects(mesh)[~mesh.boundary].sum())
        assert abs(inside - 2 * math.pi * mesh.euler_characteristic) > 1


def test_fans_of_a_flat_sheet():
    """In the plane the angles between neighbours are those of the lattice."""
    mesh = sheet(3)
    around = one_rings(mesh)
    centre = 4
    at = around.edge_index[1] == centre
    offsets = (mesh.verts[around.edge_index[0, at]] - mesh.verts[centre])[:, :2]
    true = torch.atan2(offsets[:, 1], offsets[:, 0])
    difference = torch.remainder(true - around.angles[at] + 1e-9, 2 * math.pi)
    assert at.sum() == 6
    assert torch.allclose(difference, difference[:1].expand_as(difference), atol=1e-9)
    assert around.angles[at].min() == 0


def test_fans_know_their_twins():
    for mesh in (sheet(4), pebble()):
        around = one_rings(mesh)
        assert torch.equal(around.edge_index[:, around.twins], around.edge_index.flip(0))
        assert around.edge_index.shape[1] == 2 * len(mesh.edges)


def sheared(shear: float, n: int = 6) -> Mesh:
    """A flat sheet whose rim meets at sharp and blunt corners."""
    flat = sheet(n)
    verts = flat.verts.clone()
    verts[:, 0] += shear * verts[:, 1]
    return Mesh(verts, flat.faces)


def with_a_hole() -> Mesh:
    """A flat sheet without its middle: at the hole's corners the surface fills three quarters."""
    flat = sheet(7)
    middle = {16, 17, 18, 23, 24, 25, 30, 31, 32}
    left = [f for f in flat.faces.tolist() if not set(f) & {24} and not set(f) <= middle]
    used, new = np.unique(left, return_inverse=True)
    return Mesh(flat.verts[torch.from_numpy(used)], new.reshape(-1, 3))


FLAT = {
    "sheet": sheet(6), "rolled": sheet(6, bend=0.3), "sheared": sheared(1.5),
    "very sheared": sheared(20.0), "with a hole": with_a_hole(),
}  # fmt: skip


def test_a_boundary_fan_is_not_stretched():
    """A straight rim spans π, and a corner what it spans in the plane."""
    mesh = sheet(4)
    around = one_rings(mesh)
    for vertex, angle in ((1, math.pi), (3, math.pi / 2), (0, math.pi / 2)):
        at = around.edge_index[1] == vertex
        assert around.angles[at].max() == pytest.approx(angle)
        assert float(cone_angles(mesh)[vertex]) == pytest.approx(angle)
    assert around.angles.min() == 0
    inner = around.edge_index[1] == 5
    assert around.angles[inner].max() == pytest.approx(2 * math.pi - math.pi / 4)


@pytest.mark.parametrize("mesh", FLAT.values(), ids=FLAT)
def test_on_a_flat_surface_a_linear_function_has_a_parallel_gradient(mesh):
    """Up to the rim: gradients and connection speak of the same tangent planes."""
    from gdl_utils.geodesics.tangent import tangent_gradient

    place = sheet(6).verts if mesh is FLAT["rolled"] else mesh.verts  # where it was in the plane
    slope = torch.from_numpy(tangent_gradient(mesh) @ (place @ torch.tensor([1.0, 2, 0]).double()))
    assert (slope.abs() - 5**0.5).abs().max() <= 1e-10
    c = vertex_connection(mesh)
    source, target = c.edge_index
    carried = slope[source] * torch.exp(1j * c.transports)
    assert (carried - slope[target]).abs().max() <= 1e-10
    rim = mesh.boundary[source] & mesh.boundary[target]
    assert rim.sum() >= 20
    assert triangle_curvatures(mesh, c).abs().max() <= 1e-10


def test_stretched_to_half_a_turn_the_gradient_would_not_be_parallel():
    """The control: what was done at the rim before, and what is done inside."""
    mesh = FLAT["sheared"]
    around, theta = one_rings(mesh), cone_angles(mesh)
    stretch = torch.where(mesh.boundary, math.pi / theta, 1.0)
    angles = around.angles * stretch[around.edge_index[1]]
    rho = angles + math.pi - angles[around.twins]
    wrong = Connection(len(theta), around.edge_index, rho, angles)
    assert triangle_curvatures(mesh, wrong).abs().max() > 1


@pytest.mark.parametrize("make", [lambda: FLAT["sheet"], with_a_hole, bowl], ids=range(3))
def test_gauss_bonnet_of_triangles_with_a_boundary(make):
    """What turns around all triangles and along the rim is 2πχ."""
    mesh = make()
    inside = float(triangle_curvatures(mesh, vertex_connection(mesh)).sum())
    turning = float(angle_defects(mesh)[mesh.boundary].sum())
    assert inside + turning == pytest.approx(2 * math.pi * mesh.euler_characteristic, abs=1e-9)
    assert not mesh.is_closed


def test_frames_are_orthonormal_and_lie_in_their_planes():
    mesh = spot()
    eye = torch.eye(2, dtype=torch.float64)
    for frames, normals in (
        (vertex_frames(mesh), vertex_normals(mesh)),
        (face_frames(mesh), mesh.face_normals),
    ):
        assert (frames @ frames.mT - eye).abs().max() <= 1e-12
        assert (torch.linalg.cross(frames[:, 0], frames[:, 1]) - normals).abs().max() <= 1e-12


@pytest.mark.parametrize("connect", [vertex_connection, face_connection])
def test_there_and_back_is_nothing(connect):
    c = connect(pebble())
    for j, i in c.edge_index.T[::7].tolist():
        assert abs(math.remainder(c.step(j, i) + c.step(i, j), 2 * math.pi)) <= 1e-12


@pytest.mark.parametrize("mesh", [sheet(5), sheet(5, bend=0.3)], ids=["flat", "rolled"])
@pytest.mark.parametrize("connect", [vertex_connection, face_connection])
def test_no_curvature_no_holonomy(mesh, connect):
    """A rolled sheet is as flat as the sheet: its curvature can be unrolled."""
    c = connect(mesh)
    loop = faces_around(mesh, 12) if connect is face_connection else [6, 11, 16, 17, 18, 13, 8, 7]
    assert abs(holonomy(c, loop)) <= 1e-9


def test_a_vector_on_a_flat_sheet_keeps_its_direction_in_space():
    mesh = sheet(5)
    c, frames = vertex_connection(mesh), vertex_frames(mesh)
    path = [6, 12, 17, 18]
    for stop, angle in zip(path, parallel_transport(c, path, 0.7)):
        arrow = math.cos(angle) * frames[stop, 0] + math.sin(angle) * frames[stop, 1]
        if stop == path[0]:
            start = arrow
        assert torch.allclose(arrow, start, atol=1e-9)


def test_hinge_unfolding_around_a_vertex_gives_its_defect():
    """The sign too: round a counterclockwise loop a vector turns with positive curvature."""
    for mesh in (cube(), pebble()):
        c, defects = face_connection(mesh), angle_defects(mesh)
        for v in range(len(mesh.verts)):
            turned = holonomy(c, faces_around(mesh, v))
            assert abs(math.remainder(turned - float(defects[v]), 2 * math.pi)) <= 1e-9
            backwards = holonomy(c, faces_around(mesh, v)[::-1])
            assert abs(math.remainder(backwards + float(defects[v]), 2 * math.pi)) <= 1e-9


def test_holonomy_does_not_depend_on_the_frames_or_the_start():
    mesh = pebble()
    c = face_connection(mesh)
    theta = Gauges(c.n).sample(torch.Generator().manual_seed(0))
    loop = faces_around(mesh, 5)
    for other, way in ((change_connection(theta, c), loop), (c, loop[2:] + loop[:2])):
        assert holonomy(other, way) == pytest.approx(holonomy(c, loop), abs=1e-12)


@pytest.mark.parametrize("make", [pebble, spot, dog])
def test_triangle_curvatures_sum_to_gauss_bonnet(make):
    mesh = make()
    total = triangle_curvatures(mesh, vertex_connection(mesh)).sum()
    assert abs(float(total) - 2 * math.pi * mesh.euler_characteristic) <= 1e-9


def test_an_octant_of_the_sphere_turns_a_vector_by_a_quarter():
    """The enclosed curvature, by area: an eighth of 4π."""
    octahedron = Mesh(
        np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]], float),
        [[0, 2, 4], [2, 1, 4], [1, 3, 4], [3, 0, 4], [2, 0, 5], [1, 2, 5], [3, 1, 5], [0, 3, 5]],
    )
    c = vertex_connection(octahedron)
    assert holonomy(c, [0, 2, 4]) == pytest.approx(math.pi / 2, abs=1e-12)
    # The same, round a loop of four: half the sphere, and half a turn twice is none.
    assert abs(math.remainder(holonomy(c, [0, 2, 1, 3]), 2 * math.pi)) <= 1e-12


def test_carrying_a_field_is_what_features_do():
    c = vertex_connection(pebble())
    path = [int(c.edge_index[0, 0]), int(c.edge_index[1, 0])]
    here, there = parallel_transport(c, path, 0.4)
    x = torch.tensor([[[0.0, math.cos(here), math.sin(here)]]], dtype=torch.float64)
    moved = change_features(-torch.tensor([c.step(*path)], dtype=torch.float64), x)
    assert torch.allclose(
        moved[0, 0, 1:], torch.tensor([math.cos(there), math.sin(there)]).double()
    )


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda c: Connection(c.n, c.edge_index.float(), c.transports, c.directions), "float32"),
        (lambda c: Connection(3, c.edge_index, c.transports, c.directions), "frames 0 to 2"),
        (lambda c: Connection(c.n, c.edge_index, c.transports[1:], c.directions), "transports"),
        (lambda c: Connection(c.n, c.edge_index, c.transports, c.directions / 0), "directions"),
        (lambda c: c.step(0, 0), "a step from 0 to 0"),
        (lambda c: parallel_transport(c, []), "at least one"),
        (lambda c: parallel_transport(c, [60]), "path must be a frame 0 to 59, got 60"),
        (lambda c: parallel_transport(c, [0.0]), "path must be a whole number, got 0.0"),
        (lambda c: parallel_transport(c, [True, 2]), "path must be a whole number, got True"),
        (lambda c: faces_around(sheet(4), 5.0), "vertex must be a whole number, got 5.0"),
        (lambda c: holonomy(c, [3]), "at least two"),
        (lambda c: faces_around(sheet(4), 0), "boundary"),
        (lambda c: faces_around(sheet(4), 16), "a vertex 0 to 15, got 16"),
        (lambda c: triangle_curvatures(sheet(4), c), "16 vertices, got 60"),
        (lambda c: change_connection(torch.zeros(3), c), r"theta must be \(60,\)"),
        (lambda c: Gauges(0), "at least 1"),
    ],
)
def test_bad_input_is_named(wrong, message):
    with pytest.raises(ValueError, match=message):
        wrong(vertex_connection(pebble()))


def test_any_kind_of_integer_names_a_frame():
    c = vertex_connection(pebble())
    j, i = (int(v) for v in c.edge_index[:, 0])
    expected = c.step(j, i)
    assert c.step(np.int32(j), torch.tensor(i)) == expected
    assert (
        parallel_transport(c, torch.tensor([j, i]))[-1]
        == parallel_transport(c, np.array([j, i]))[-1]
        == expected
    )
    assert faces_around(sheet(4), np.int64(5)) == faces_around(sheet(4), 5)


def test_a_connection_without_the_meshs_edges_is_refused():
    mesh = sheet(4)
    c = vertex_connection(mesh)
    keep = c.edge_index[1] != 5
    less = Connection(c.n, c.edge_index[:, keep], c.transports[keep], c.directions[keep])
    with pytest.raises(ValueError, match="some are missing"):
        triangle_curvatures(mesh, less)
