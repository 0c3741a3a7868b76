"""The heat method against known answers, exact distances, and potpourri3d."""

import gc
import weakref

import numpy as np
import potpourri3d
import pytest
import torch
from scipy.sparse import csr_array, eye_array
from scipy.sparse.linalg import splu

from gdl_utils.data.animals import load_animal
from gdl_utils.data.spot import load_spot
from gdl_utils.gauges.logarithm import VectorHeat
from gdl_utils.geodesics.actions import Folds, fold, isometries
from gdl_utils.geodesics.distances import HeatMethod, heat_distance
from gdl_utils.geodesics.elimination import factorise, nested_dissection, order_of
from gdl_utils.geodesics.mesh import Mesh
from gdl_utils.geodesics.operators import cotangent_laplacian, mass
from gdl_utils.geodesics.paths import exact_distance, straight_distance
from gdl_utils.geodesics.pooling import coarsen
from gdl_utils.geodesics.shapes import cylinder, icosphere, sheet, torus

SOURCES = [0, 500, 1000, 1500, 2000, 2500]


def share_off(found, true, source) -> float:
    """The mean of |d − d*| / d*, without the source."""
    keep = torch.arange(len(true)) != source
    return float(((torch.as_tensor(found) - true).abs() / true)[keep].mean())


@pytest.fixture(scope="module")
def dog():
    animal = load_animal("dog")
    mesh = Mesh(animal.verts, animal.faces)
    return mesh, [exact_distance(mesh, s) for s in SOURCES]


def test_a_strip_by_hand():
    """Along a thin strip the distance is the position; the direction of ∇u is all that counts."""
    strip = sheet(2, 40, 0.5)
    d = heat_distance(strip, [0, 40])  # both corners of one end
    np.testing.assert_allclose(d, strip.verts[:, 0], atol=0.06)
    assert float(d.min()) == 0.0


def test_on_a_sphere_the_error_falls_with_the_edges():
    errors = []
    for level in (2, 3, 4):
        sphere = icosphere(level)
        true = torch.arccos((sphere.verts @ sphere.verts[0]).clamp(-1, 1))
        errors.append(float((heat_distance(sphere, 0) - true).abs().mean()))
    assert errors[0] > 1.5 * errors[1] > 2.25 * errors[2]
    assert errors[2] < 0.015


def test_within_three_percent_on_the_dog(dog):
    mesh, exact = dog
    method = HeatMethod(mesh)
    ours = np.mean([share_off(method.distance(s), e, s) for s, e in zip(SOURCES, exact)])
    peer = potpourri3d.MeshHeatMethodDistanceSolver(mesh.verts.numpy(), mesh.faces.numpy())
    theirs = np.mean([share_off(peer.compute_distance(s), e, s) for s, e in zip(SOURCES, exact)])
    assert ours <= 0.03
    assert ours <= 1.1 * theirs


def test_bad_triangles_need_delaunay(dog):
    coarse, _ = coarsen(dog[0], 1000)
    robust, plain, peers = [], [], []
    ours, naive = HeatMethod(coarse), HeatMethod(coarse, delaunay=False)
    peer = potpourri3d.MeshHeatMethodDistanceSolver(coarse.verts.numpy(), coarse.faces.numpy())
    for s in (0, 100, 300, 400, 700):
        true = exact_distance(coarse, s)
        robust.append(share_off(ours.distance(s), true, s))
        plain.append(share_off(naive.distance(s), true, s))
        peers.append(share_off(peer.compute_distance(s), true, s))
    assert np.mean(robust) <= 1.1 * np.mean(peers)
    assert np.mean(plain) > 2 * np.mean(robust)


def test_several_sources_at_once_and_one_by_one():
    mesh = icosphere(3)
    method = HeatMethod(mesh)
    together = method.distances([3, 77, 200])
    for k, s in enumerate((3, 77, 200)):
        np.testing.assert_allclose(together[:, k], method.distance(s), atol=1e-12)
    nearest = method.distance([3, 77, 200])
    assert float((nearest - together.min(1).values).abs().mean()) < 0.06
    np.testing.assert_array_equal(heat_distance(mesh, 3), heat_distance(mesh, [3]))


def test_symmetries_of_the_surface_are_symmetries_of_the_distance():
    mesh = icosphere(2)
    d = HeatMethod(mesh).distances(range(162))
    for g in isometries(mesh).table[::17]:
        np.testing.assert_allclose(d[g][:, g], d, atol=1e-10)


def test_folding_changes_straight_lines_but_not_distances():
    flat = sheet(8, 12, 0.3)
    angles = Folds(12).sample(torch.Generator().manual_seed(0))
    bent = Mesh(fold(angles, flat.verts), flat.faces)
    np.testing.assert_allclose(heat_distance(bent, 5), heat_distance(flat, 5), atol=1e-10)
    assert float((straight_distance(bent, 5) - straight_distance(flat, 5)).abs().max()) > 0.1


@pytest.mark.parametrize("size", [1e-5, 1e5])
def test_scaling(size):
    mesh = icosphere(2)
    large = Mesh(size * mesh.verts, mesh.faces)
    np.testing.assert_allclose(heat_distance(large, 0) / size, heat_distance(mesh, 0), atol=1e-9)


def test_pieces_without_a_source_are_infinitely_far():
    a, b = icosphere(2), cylinder(9, 5)
    both = Mesh(torch.cat([a.verts, b.verts + 5]), torch.cat([a.faces, b.faces + 162]))
    d = heat_distance(both, 3)
    np.testing.assert_allclose(d[:162], heat_distance(a, 3), atol=0.05)  # t is of both meshes
    assert torch.isinf(d[162:]).all()
    each = heat_distance(both, [3, 170])
    assert torch.isfinite(each).all()
    assert float(each[[3, 170]].abs().max()) < 1e-9
    columns = HeatMethod(both).distances([170, 3])
    assert torch.isinf(columns[:162, 0]).all()
    assert torch.isfinite(columns[:162, 1]).all()


def test_long_surfaces():
    """Heat falls e-fold with each edge: its squares underflow after 350 edges, itself after 700."""
    long = sheet(3, 601)
    d = heat_distance(long, [0, 601, 1202])
    np.testing.assert_allclose(d, long.verts[:, 0], atol=0.5)
    too_long = sheet(3, 1000)
    with pytest.raises(ValueError, match="t must let heat reach every vertex"):
        heat_distance(too_long, 0)
    d = HeatMethod(too_long, t=9.0).distance(0)
    assert float((d - too_long.verts[:, 0]).abs().max()) < 10


def test_every_vertex_a_source():
    mesh = icosphere(1)
    d = heat_distance(mesh, range(42))
    assert torch.isfinite(d).all()
    assert float(d.max()) < 0.5


def test_a_mesh_and_its_factors_can_be_forgotten():
    mesh = icosphere(1)
    heat_distance(mesh, 0)
    alive = weakref.ref(mesh)
    del mesh
    gc.collect()
    assert alive() is None


def test_nested_dissection_is_a_permutation_with_little_fill():
    mesh = icosphere(5)
    laplacian = cotangent_laplacian(mesh)
    order = nested_dissection(mesh.verts.numpy(), laplacian)
    assert sorted(order.tolist()) == list(range(len(mesh.verts)))
    shifted = (laplacian + eye_array(len(order))).tocsr()
    options = {"permc_spec": "NATURAL", "diag_pivot_thresh": 0.0}
    fill = splu(shifted[order][:, order].tocsc(), options={"SymmetricMode": True}, **options).nnz
    default = splu(shifted.tocsc()).nnz
    assert fill < 0.75 * default


def test_the_order_of_elimination_makes_no_difference_to_the_solution():
    few, many = icosphere(3), torus(90, 60)
    assert order_of(few.verts.numpy(), cotangent_laplacian(few)) is None
    for mesh in (few, many):
        points, laplacian = mesh.verts.numpy(), cotangent_laplacian(mesh)
        matrix = (laplacian + eye_array(len(points))).tocsr()
        given = np.stack([points[:, 0], np.arange(len(points))], 1)
        orders = [None, nested_dissection(points, laplacian), order_of(points, laplacian)]
        for order in orders:
            x = factorise(matrix, order)(given)
            np.testing.assert_allclose(matrix @ x, given, atol=1e-8)
    assert (orders[1] == orders[2]).all()


def test_nested_dissection_separates_a_path():
    """Seven points in a row: the one beside the middle parts them, and comes last."""
    path = csr_array(np.eye(7) + np.eye(7, k=1) + np.eye(7, k=-1))
    order = nested_dissection(np.arange(7.0)[:, None], path, leaf=3)
    assert sorted(order.tolist()) == list(range(7))
    assert order[-1] == 2  # the left half is 0, 1, 2, and 2 touches 3


@pytest.mark.parametrize(
    ("sources", "words"),
    [
        ([], "sources"),
        (162, "0 to 161"),
        (-1, "0 to 161"),
        (0.5, "whole number"),
        ([[0]], "sources"),
    ],
)
def test_bad_sources(sources, words):
    method = HeatMethod(icosphere(2))
    with pytest.raises(ValueError, match=words):
        method.distance(sources)
    with pytest.raises(ValueError, match=words):
        method.distances(sources)


@pytest.mark.parametrize("t", [0.0, -1.0, float("nan"), float("inf")])
def test_bad_time(t):
    with pytest.raises(ValueError, match="t must be positive and finite"):
        HeatMethod(icosphere(0), t)


def test_bad_mesh():
    with pytest.raises(ValueError, match="mesh must be a Mesh, got Triangles"):
        HeatMethod(load_spot())


def test_a_source_is_at_no_distance_from_the_sources():
    mesh = sheet(12, 12)
    assert heat_distance(mesh, range(144)).abs().max() == 0
    rim = mesh.boundary.nonzero().flatten()
    found = heat_distance(mesh, rim)
    assert (found[rim] == 0).all()
    assert (found[~mesh.boundary] > 0.3).all()
    assert (found - exact_distance(mesh, rim)).abs().mean() < 0.5


@pytest.mark.parametrize("size", [1e3, 1e5])
def test_a_small_piece_beside_a_large_one(size):
    """The time follows the large one; for the small one it is long, and distances are right."""
    ball = icosphere(3)
    both = Mesh(
        torch.cat([ball.verts, size * (ball.verts + 3)]), torch.cat([ball.faces, ball.faces + 642])
    )
    true = exact_distance(ball, 0)
    for source, piece, unit in ((0, slice(642), 1.0), (642, slice(642, None), size)):
        found = HeatMethod(both).distance(source)
        assert (found[piece] / unit - true).abs().mean() < 0.02 * true.mean()


def test_bad_times():
    ball = icosphere(2)
    for t in ("a", 1j, True, [0.1], torch.ones(2), None.__class__):
        with pytest.raises(ValueError, match="t must be a real number"):
            HeatMethod(ball, t)
    for t in (torch.tensor(0.25), np.float32(0.25), np.float64(0.25)):
        assert torch.equal(HeatMethod(ball, t).distance(0), HeatMethod(ball, 0.25).distance(0))


def test_bad_time_that_leaves_no_differences():
    """Up to 10¹¹ squares of the size distances are right; beyond they would be rounding."""
    ball = icosphere(2)
    true = exact_distance(ball, 0)
    assert (HeatMethod(ball, 1e11).distance(0) - true).abs().mean() < 0.05 * true.mean()
    with pytest.raises(ValueError, match="t must leave some places warmer than others, got 1e"):
        HeatMethod(ball, 1e13).distance(0)
    for call in (VectorHeat(ball, 1e13).carried, VectorHeat(ball, 1e13).log_map_angles):
        with pytest.raises(ValueError, match="t must leave some places warmer"):
            call(0)
    needle = Mesh([[0, 0, 0], [1, 0, 0], [0.5, 1e-12, 0]], [[0, 1, 2]])  # small only in area
    assert HeatMethod(needle).distance(0).isfinite().all()


def test_heat_is_neither_made_nor_lost_and_reaches_all():
    mesh = icosphere(2)
    start = np.zeros((len(mesh.verts), 2))
    start[0, 0], start[[5, 9], 1] = 1.0, 2.0
    heat = HeatMethod(mesh).reaching(start)
    assert (heat > 0).all()
    np.testing.assert_allclose(mass(mesh).numpy() @ heat, start.sum(0), rtol=1e-12)
