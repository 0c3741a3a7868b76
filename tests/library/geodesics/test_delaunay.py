"""Intrinsic triangulations: one flip by hand, laws, and what they mend."""

import numpy as np
import pytest
import torch

from gdl_utils.data.spot import load_spot
from gdl_utils.geodesics.actions import crease
from gdl_utils.geodesics.delaunay import _Flips, doubled, intrinsic, intrinsic_delaunay
from gdl_utils.geodesics.mesh import Mesh
from gdl_utils.geodesics.operators import cotangent_laplacian, mass
from gdl_utils.geodesics.pooling import coarsen
from gdl_utils.geodesics.shapes import cylinder, icosphere, sheet, torus

KITE = Mesh([[0.0, 0, 0], [4, 0, 0], [2, 1, 0], [2, -1, 0]], [[0, 1, 2], [1, 0, 3]])


def bad(seed: int, n: int = 9) -> Mesh:
    """A sheet whose vertices were shaken, then squeezed to a tenth: a plane of needles."""
    mesh = sheet(n, n)
    shake = torch.rand(n * n, 2, generator=torch.Generator().manual_seed(seed)) - 0.5
    verts = mesh.verts.clone()
    verts[:, :2] += 0.4 * shake.double()
    verts[:, 0] *= 0.1
    return Mesh(verts, mesh.faces)


def inner_weights(triangulation) -> np.ndarray:
    """cot α + cot β of the edges with two faces."""
    opposite = np.roll(triangulation.cotangents(), 1, axis=1).ravel()
    inner = np.flatnonzero(triangulation.twins >= 0)
    return opposite[inner] + opposite[triangulation.twins[inner]]


def test_one_flip_by_hand():
    """A flat kite, 4 long and 2 wide, is cut along its length; the short diagonal is better."""
    flat = intrinsic(KITE)
    found = intrinsic_delaunay(KITE)
    assert flat.flips == 0
    assert found.flips == 1
    assert sorted(map(sorted, found.faces.tolist())) == [[0, 2, 3], [1, 2, 3]]
    ends = np.stack([found.faces, np.roll(found.faces, -1, 1)], 2)
    new = np.sort(ends, 2).reshape(-1, 2).tolist()
    assert [found.lengths.ravel()[h] for h, e in enumerate(new) if e == [2, 3]] == pytest.approx(
        [2.0, 2.0]
    )


def test_flipping_twice_comes_back():
    spot = intrinsic(Mesh(*load_spot()))
    work = _Flips(spot)
    work.flip(np.array([0]))
    once = work.result()
    new = np.flatnonzero(once.lengths.ravel() != spot.lengths.ravel())
    (pair,) = [h for h in new if h % 3 == 2 and h < once.twins[h]]  # the diagonal's two halves
    work = _Flips(once)
    work.flip(np.array([pair]))
    twice = work.result()
    rolled = lambda t: sorted(  # noqa: E731
        tuple(np.roll(f, -int(np.argmin(f)))) for f in t.faces.tolist()
    )
    assert rolled(once) != rolled(spot)
    assert rolled(twice) == rolled(spot)
    np.testing.assert_allclose(np.sort(twice.lengths.ravel()), np.sort(spot.lengths.ravel()))


@pytest.mark.parametrize(
    "mesh", [icosphere(2), torus(12, 8), sheet(4, 5), cylinder(6, 4)], ids=repr
)
def test_lengths_alone_give_the_same_operators(mesh):
    flat = intrinsic(mesh)
    assert abs(flat.laplacian() - cotangent_laplacian(mesh)).max() <= 1e-12
    assert float((flat.mass() - mass(mesh)).abs().max()) <= 1e-13
    slope = flat.gradient()
    weighted = slope.T @ (np.repeat(flat.areas(), 2)[:, None] * slope.toarray())
    np.testing.assert_allclose(weighted, flat.laplacian().toarray(), atol=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_laws_after_flipping(seed):
    mesh = bad(seed)
    found = intrinsic_delaunay(mesh)
    assert found.flips > 20
    half = np.arange(len(found.twins))
    inner = found.twins >= 0
    assert (found.twins[found.twins[inner]] == half[inner]).all()
    start = found.faces.ravel()
    end = np.roll(found.faces, -1, 1).ravel()
    assert (start[inner] == end[found.twins[inner]]).all()
    np.testing.assert_allclose(
        found.lengths.ravel()[inner], found.lengths.ravel()[found.twins[inner]]
    )
    area = float(found.areas().sum()) / found.sheets
    assert area == pytest.approx(float(mesh.face_areas.sum()), rel=1e-12)
    assert inner_weights(found).min() >= -1e-9
    assert inner_weights(intrinsic(mesh)).min() < -0.1


@pytest.mark.parametrize("seed", range(4))
def test_it_lowers_every_dirichlet_energy(seed):
    """Rippa's theorem: among triangulations of the same points, Delaunay has the least energy."""
    mesh = bad(seed)
    u = np.random.default_rng(seed).standard_normal((len(mesh.verts), 5))
    before = (u * (cotangent_laplacian(mesh) @ u)).sum(0)
    after = (u * (intrinsic_delaunay(mesh).laplacian() @ u)).sum(0)
    assert (after < before).all()


def test_in_the_plane_it_is_the_delaunay_triangulation():
    """scipy's qhull agrees on points whose hull is the sheet's own border."""
    from scipy.spatial import Delaunay

    rng = np.random.default_rng(0)
    square = sheet(8, 8)
    verts = square.verts.numpy().copy()
    inner = ~square.boundary.numpy()
    verts[inner, :2] += rng.uniform(-0.3, 0.3, (inner.sum(), 2))
    mesh = Mesh(verts, square.faces)
    found = {tuple(sorted(f)) for f in intrinsic_delaunay(mesh).faces.tolist()}
    theirs = {tuple(sorted(f)) for f in Delaunay(verts[:, :2]).simplices.tolist()}
    border = {f for f in found ^ theirs if not all(square.boundary[list(f)])}
    assert not border


def test_bending_does_not_change_it():
    flat = bad(0)
    bent = Mesh(crease(flat.verts, 0.4, 1.0), flat.faces)  # off the edges: other lengths
    rolled = intrinsic_delaunay(
        Mesh(
            flat.verts
            @ torch.linalg.qr(
                torch.rand(3, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
            )[0],
            flat.faces,
        )
    )
    assert abs(rolled.laplacian() - intrinsic_delaunay(flat).laplacian()).max() <= 1e-9
    assert abs(intrinsic_delaunay(bent).laplacian() - rolled.laplacian()).max() > 0.01


def test_good_triangles_stay():
    for mesh in (icosphere(3), torus(16, 8), sheet(5, 5)):
        assert intrinsic_delaunay(mesh).flips == 0


def test_a_needle_gets_an_area():
    """A triangle that lengths do not tell from none is given a height; others stay as they are."""
    needle = Mesh([[0.0, 0, 0], [1, 0, 0], [0.5, 1e-12, 0], [0.5, -1, 0]], [[0, 1, 2], [1, 0, 3]])
    assert np.isfinite(intrinsic(needle).cotangents()).all()
    np.testing.assert_allclose(intrinsic(needle).areas(), [0.5e-7, 0.5], rtol=1e-12)
    np.testing.assert_array_equal(intrinsic(needle).lengths[0], [1.0, 0.5, 0.5])
    np.testing.assert_array_equal(intrinsic(KITE).lengths[0], [4, 5**0.5, 5**0.5])


@pytest.mark.parametrize("size", [1e-9, 1.0, 1e6])
@pytest.mark.parametrize("stretch", [1e2, 1e4, 1e6])
def test_a_stretched_sphere_keeps_its_area(stretch, size):
    """Triangles a million times as long as wide: nothing is added to a surface to be safe."""
    ball = icosphere(3)
    long = Mesh(size * ball.verts * torch.tensor([1.0, 1.0, stretch]), ball.faces)
    area = float(long.face_areas.sum())
    assert float(intrinsic(long).areas().sum()) == pytest.approx(area, rel=1e-12)
    found = intrinsic_delaunay(long)
    assert found.flips > 1000
    assert float(found.areas().sum()) == pytest.approx(area, rel=1e-9)
    assert float(found.mass().sum()) == pytest.approx(area, rel=1e-9)


def test_a_decimated_cow_gets_a_maximum_principle():
    """On a closed surface no weight is negative: a row of the inverse of M + t L is a mean."""
    coarse, _ = coarsen(Mesh(*load_spot()), 400)
    found = intrinsic_delaunay(coarse)
    assert found.flips > 50
    assert float(found.mass().sum()) == pytest.approx(float(coarse.face_areas.sum()), rel=1e-9)
    reach = {}
    for name, t in {"Delaunay": found, "as it came": intrinsic(coarse)}.items():
        m = np.diag(t.mass())
        reach[name] = np.linalg.solve(m + 0.01 * t.laplacian().toarray(), m).min()
    assert reach["Delaunay"] > 0
    assert reach["as it came"] < 0


@pytest.mark.parametrize("squeeze", [1e-2, 1e-4, 1e-6])
@pytest.mark.parametrize("shear", [0.0, 37.3])
def test_needles_everywhere(squeeze, shear):
    """A sheet squeezed to nothing and sheared: flips come to an end, and weights stay numbers."""
    flat = sheet(15, 15)
    turn = torch.linalg.qr(torch.rand(3, 3, generator=torch.Generator().manual_seed(0)).double())[0]
    verts = flat.verts.clone()
    verts[:, 1] *= squeeze
    verts[:, 0] += shear * verts[:, 1]
    noise = torch.randn(225, 3, generator=torch.Generator().manual_seed(1))
    mesh = Mesh(verts @ turn + 1e-3 * squeeze * noise, flat.faces)
    found = intrinsic_delaunay(mesh)
    assert np.isfinite(found.laplacian().data).all()
    after = float(found.areas().sum()) / found.sheets
    assert after == pytest.approx(float(mesh.face_areas.sum()), rel=1e-6, abs=1e-5)
    assert inner_weights(found).min() > -1e-9 * inner_weights(found).max()


def test_a_surface_is_doubled_where_its_rim_is_obtuse():
    """One flat triangle, 4 wide and 1 high: the base lies opposite its obtuse angle."""
    roof = Mesh([[0.0, 0, 0], [4, 0, 0], [2, 1, 0]], [[0, 1, 2]])
    assert cotangent_laplacian(roof).toarray()[0, 1] > 0.3  # a negative weight
    found = intrinsic_delaunay(roof)
    assert (found.sheets, found.flips, len(found.faces)) == (2, 1, 2)
    # The base has become the altitude and its mirror image: a function has the tip's value along
    # it, and falls linearly to the corners, 2 away, each on half of the triangle, of area 1.
    expected = np.array([[1, 0, -1], [0, 1, -1], [-1, -1, 2]]) / 4
    np.testing.assert_allclose(found.laplacian().toarray(), expected, atol=1e-12)
    assert float(found.mass().sum()) == pytest.approx(2.0)
    acute = Mesh([[0.0, 0, 0], [4, 0, 0], [2, 3, 0]], [[0, 1, 2]])
    assert intrinsic_delaunay(acute) is intrinsic(acute)


@pytest.mark.parametrize("mesh", [sheet(4, 5), cylinder(6, 4), bad(0)], ids=repr)
def test_the_double(mesh):
    """Closed, mirrored, and with twice everything."""
    one = intrinsic(mesh)
    two = doubled(one)
    half = np.arange(len(two.twins))
    assert (two.twins[two.twins] == half).all()
    start, end = two.faces.ravel(), np.roll(two.faces, -1, 1).ravel()
    assert (start == end[two.twins]).all()
    np.testing.assert_array_equal(two.lengths.ravel(), two.lengths.ravel()[two.twins])
    vertices = 2 * two.n - int(mesh.boundary.sum())
    assert vertices - len(half) // 2 + len(two.faces) == 2 * mesh.euler_characteristic
    assert abs(two.laplacian() - one.laplacian()).max() <= 1e-13
    np.testing.assert_allclose(two.mass(), one.mass(), rtol=1e-13)
    with pytest.raises(ValueError, match="t must be one sheet with a boundary"):
        doubled(two)


def sheared(shear: float) -> Mesh:
    flat = sheet(8, 9)
    verts = flat.verts.clone()
    verts[:, 0] += shear * verts[:, 1]
    return Mesh(verts, flat.faces)


@pytest.mark.parametrize("mesh", [bad(1), sheared(3.0), sheared(20.0)], ids=["bad", "3", "20"])
def test_no_negative_weight_is_left_up_to_the_rim(mesh):
    found = intrinsic_delaunay(mesh)
    assert found.sheets == 2
    weights = found.laplacian().tocoo()
    assert weights.data[weights.row != weights.col].max() <= 1e-9
    before = cotangent_laplacian(mesh).tocoo()
    assert before.data[before.row != before.col].max() > 0.1
    u = np.random.default_rng(0).standard_normal((len(mesh.verts), 5))
    energy = (u * (found.laplacian() @ u)).sum(0)
    assert (energy < (u * (cotangent_laplacian(mesh) @ u)).sum(0)).all()  # Rippa's theorem
    assert float(found.mass().sum()) == pytest.approx(float(mesh.face_areas.sum()), rel=1e-9)


def test_a_disc_squeezed_ten_thousand_times():
    """Lengths alone would have lost its areas: twice each is a root of what rounding leaves."""
    rng = np.random.default_rng(0)
    radius, angle = np.sqrt(rng.random(200)), 2 * np.pi * rng.random(200)
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1)
    from scipy.spatial import Delaunay

    faces = Delaunay(points).simplices
    a, b, c = (points[faces[:, k]] for k in range(3))
    turned = np.linalg.det(np.stack([b - a, c - a], 1)) < 0
    faces[turned] = faces[turned][:, ::-1]
    thin = Mesh(np.stack([1e4 * points[:, 0], points[:, 1], 0 * points[:, 0]], 1), faces)
    found = intrinsic_delaunay(thin)
    weights = found.laplacian().tocoo()
    assert weights.data[weights.row != weights.col].max() <= 1e-9 * weights.data.max()
    assert float(found.mass().sum()) == pytest.approx(float(thin.face_areas.sum()), rel=1e-6)


def test_a_mesh_that_rounding_keeps_from_being_delaunay(monkeypatch):
    from gdl_utils.geodesics import delaunay

    monkeypatch.setattr(delaunay, "ROUNDS", 1)
    with pytest.raises(ValueError, match=r"mesh must become Delaunay .* after 1 rounds"):
        intrinsic_delaunay(bad(2))


def test_bad_mesh():
    with pytest.raises(ValueError, match="mesh must be a Mesh, got int"):
        intrinsic_delaunay(3)
