"""Tubes, balls and arrows: in their place, closed, and facing outwards."""

import numpy as np
import pytest

from gdl_utils.geodesics.mesh import Mesh
from gdl_utils.plots.surface3d.solids import CORNERS, SHAFT, arrow_field, ball, joined, tube

BEND = np.array([[0.0, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 0], [1, 1, 2]])


def volume(mesh):
    a, b, c = mesh.verts[mesh.faces.T].numpy()
    return float((a * np.cross(b, c)).sum() / 6)


def distance_to_line(x, points):
    a, d = points[:-1], np.diff(points, axis=0)
    t = np.clip(((x[:, None] - a) * d).sum(2) / (d**2).sum(1), 0, 1)
    return np.linalg.norm(a + t[..., None] * d - x[:, None], axis=2).min(1)


def test_a_straight_tube_by_hand():
    verts, faces = tube("p", np.array([[0.0, 0, 0], [0, 0, 3]]), 0.5)
    mesh = Mesh(verts, faces).require_closed()
    assert mesh.euler_characteristic == 2
    octagon = 8 / 2 * 0.25 * np.sin(np.pi / 4)
    assert volume(mesh) == pytest.approx(3 * octagon)  # positive: faces look outwards
    np.testing.assert_allclose(np.linalg.norm(verts[:, :2], axis=1), 0.5, rtol=1e-6)


def test_a_bent_tube_is_closed_and_near_its_path():
    verts, faces = tube("p", BEND, 0.1)
    mesh = Mesh(verts, faces).require_closed()
    assert mesh.euler_characteristic == 2
    assert volume(mesh) > 0
    assert distance_to_line(verts, BEND[[0, 1, 2, 4]]).max() <= 0.1 + 1e-6


def test_dashes_are_as_long_as_asked():
    line = np.array([[0.0, 0, 0], [10, 0, 0]])
    mesh = Mesh(*tube("p", line, 0.1, dash=(6, 3)))
    assert int(mesh.components.max()) == 11  # twelve: 10 / (9 · 0.1) begins a twelfth
    first = mesh.verts[mesh.components == 0][:, 0]
    assert (float(first.min()), float(first.max())) == pytest.approx((0, 0.6))
    assert float(mesh.verts[:, 0].max()) == pytest.approx(10)


def test_a_path_that_turns_back_has_no_hole():
    there_and_back = np.array([[0.0, 0, 0], [1, 0, 0], [0, 0, 0]])
    verts, _ = tube("p", there_and_back, 0.1)
    assert np.isfinite(verts).all()
    assert distance_to_line(verts, there_and_back).max() <= 0.1 + 1e-6


def test_a_ball_is_round_and_where_it_should_be():
    mesh = Mesh(*ball(np.array([1.0, 2, 3]), 0.5)).require_closed()
    np.testing.assert_allclose(
        np.linalg.norm(mesh.verts.numpy() - [1, 2, 3], axis=1), 0.5, rtol=1e-6
    )
    assert volume(mesh) == pytest.approx(4 / 3 * np.pi / 8, rel=0.11)


def test_arrows_are_closed_and_lead_from_foot_to_tip():
    start, vector = np.array([[1.0, 2, 3], [0, 0, 0]]), np.array([[0.0, 0, 2], [1, 1, 0]])
    mesh = Mesh(*arrow_field("a", (start, vector))).require_closed()
    assert mesh.euler_characteristic == 8  # a shaft and a head, twice
    assert volume(mesh) > 0  # seen from outside
    for one, (at, along) in zip(mesh.verts.numpy().reshape(2, -1, 3), zip(start, vector)):
        length = np.linalg.norm(along)
        ahead = (one - at) @ along / length
        np.testing.assert_allclose(one[ahead.argmax()], at + along, atol=1e-6)
        foot = one[np.abs(ahead) < 1e-6]
        assert len(foot) == CORNERS
        np.testing.assert_allclose(foot.mean(0), at, atol=1e-6)
        np.testing.assert_allclose(np.linalg.norm(foot - at, axis=1), SHAFT * length, rtol=1e-5)


def test_arrows_without_length_are_left_out():
    vectors = np.array([[0.0, 0, 1], [0, 0, 0]])
    alone = arrow_field("a", (np.zeros((1, 3)), vectors[:1]))
    np.testing.assert_array_equal(arrow_field("a", (np.zeros((2, 3)), vectors))[0], alone[0])


@pytest.mark.parametrize(
    "make",
    [
        lambda at: tube("p", at + BEND, 0.1),
        lambda at: arrow_field("a", (at + BEND, np.ones((5, 3)))),
        lambda at: ball(at, 0.1),
    ],
)
def test_solids_far_from_the_origin_keep_their_shape(make):
    """pyvista's own are in single precision, which far out is coarser than a tube is thick."""
    (near, faces), (far, same) = make(np.zeros(3)), make(np.full(3, 1e7))
    np.testing.assert_array_equal(faces, same)
    np.testing.assert_allclose(far - 1e7, near, atol=1e-5)


def test_joined_meshes_keep_their_own_vertices():
    one = (np.eye(3), np.array([[0, 1, 2]]))
    verts, faces = joined([one, one])
    np.testing.assert_array_equal(verts, np.concatenate([np.eye(3)] * 2))
    np.testing.assert_array_equal(faces, [[0, 1, 2], [3, 4, 5]])
    assert [x.shape for x in joined([])] == [(0, 3), (0, 3)]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (3, "must be points and vectors, got int"),
        ((np.zeros((2, 3)), np.ones((3, 3))), r"must be \(K, 3\) twice, got \(2, 3\) and \(3, 3\)"),
        ((np.zeros((2, 2)), np.ones((2, 2))), r"must be \(K, 3\) twice"),
        ((np.zeros((2, 3)), np.zeros((2, 3))), "a vector that is not zero"),
    ],
)
def test_wrong_arrows_are_refused(value, message):
    with pytest.raises(ValueError, match=message):
        arrow_field("a", value)
