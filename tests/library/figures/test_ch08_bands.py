"""Chapter 08's bands end where a level lies."""

import numpy as np
import pytest

from gdl_utils.figures.ch08_bands import banded, show_levels, side_by_side
from gdl_utils.geodesics.shapes import icosphere

BALL = icosphere(2)
TRIANGLE = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]])


def area(verts, faces):
    a, b, c = (verts[faces[:, k], :3] for k in range(3))
    return np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2


def test_a_triangle_is_cut_at_its_level():
    verts, faces, bands, _ = banded(TRIANGLE, [[0, 1, 2]], [0.0, 1, 0], (0, 1), 2)
    pieces = area(verts, faces)
    of_face = bands[faces]
    assert (of_face == of_face[:, :1]).all()
    assert pieces[of_face[:, 0] == 1].sum() == pytest.approx(1 / 8)
    assert pieces[of_face[:, 0] == 0].sum() == pytest.approx(3 / 8)
    a, b, c = (verts[faces[:, k]] for k in range(3))
    assert (np.cross(b - a, c - a)[:, 2] > 0).all()  # turned as before


def test_bands_of_a_sphere_have_archimedes_areas():
    ball = icosphere(4)
    verts, faces, bands, _ = banded(ball.verts, ball.faces, ball.verts[:, 2], (-1, 1), 4)
    pieces = area(verts, faces)
    assert pieces.sum() == pytest.approx(float(ball.face_areas.sum()))  # nothing lost
    for band in range(4):  # slices of equal height have equal areas
        assert pieces[bands[faces[:, 0]] == band].sum() == pytest.approx(np.pi, rel=0.01)
    low = np.array([-1, -0.5, 0, 0.5])[bands]
    assert (verts[:, 2] >= low - 1e-6).all()
    assert (verts[:, 2] <= low + 0.5 + 1e-6).all()


def test_what_else_is_given_is_interpolated():
    """pyvista's contour_banded would do the cutting, but it does not interpolate."""
    more = 2 * BALL.verts[:, 0].numpy()
    verts, _, _, found = banded(BALL.verts, BALL.faces, BALL.verts[:, 2], (-0.7, 0.5), 3, more)
    np.testing.assert_allclose(found, 2 * verts[:, 0], atol=1e-12)


def test_values_beyond_the_limits_join_the_last_bands():
    verts, faces, bands, _ = banded(BALL.verts, BALL.faces, BALL.verts[:, 2], (-0.1, 0.1), 2)
    assert area(verts, faces).sum() == pytest.approx(float(BALL.face_areas.sum()))
    assert set(bands) == {0, 1}
    assert (verts[bands == 0, 2] <= 1e-6).all()


@pytest.mark.parametrize("limits", [(-1, 3), (-3, 1), (-3, 3), (2, 3), (-3, -2)])
def test_bands_in_which_nothing_lies_are_left_out(limits):
    verts, faces, bands, more = banded(BALL.verts, BALL.faces, BALL.verts[:, 2], limits, 6)
    assert area(verts, faces).sum() == pytest.approx(float(BALL.face_areas.sum()))
    assert len(verts) == len(bands) == len(more)
    ends = np.linspace(*limits, 7)
    low = np.append(-np.inf, ends[1:-1])[bands]
    assert (verts[:, 2] >= low - 1e-6).all()
    assert (verts[:, 2] <= np.append(ends[1:-1], np.inf)[bands] + 1e-6).all()


def test_a_function_with_a_gap_leaves_the_bands_between_empty():
    pair = np.concatenate([TRIANGLE, TRIANGLE + [5, 0, 0]])
    values = [0.0, 0.1, 0.2, 0.8, 0.9, 1.0]
    _, _, bands, _ = banded(pair, [[0, 1, 2], [3, 4, 5]], values, (0, 1), 4)
    assert set(bands) == {0, 3}


def test_a_level_through_vertices_only_parts_the_bands():
    verts, faces, bands, _ = banded(TRIANGLE, [[0, 1, 2]], [0.0, 1, 0], (-1, 2), 3)
    pieces = area(verts, faces)
    assert pieces.sum() == pytest.approx(0.5)
    assert set(bands[faces[pieces > 1e-12]].ravel()) == {1}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"values": [0.0, 1]}, r"values must be \(3,\)"),
        ({"faces": [[0, 1, 3]]}, "faces must name three of 3 vertices"),
        ({"limits": (1, 1)}, "limits must rise"),
        ({"bands": 1}, "bands be at least 2"),
    ],
)
def test_what_cannot_be_banded_is_refused(change, message):
    given = {"verts": TRIANGLE, "faces": [[0, 1, 2]], "values": [0.0, 1, 0]}
    with pytest.raises(ValueError, match=message):
        banded(**({**given, "limits": (0, 1), "bands": 2} | change))


def test_surfaces_stand_beside_one_another():
    view = (60.0, 75.0)
    one, two = side_by_side([BALL.verts.numpy(), 2 * BALL.verts.numpy()], view)
    theta = np.deg2rad(view[0])
    right = np.array([-np.sin(theta), np.cos(theta), 0])  # z up: x is up's next but one
    gaps = [x @ right for x in (one, two)]
    assert gaps[0].max() < gaps[1].min() or gaps[1].max() < gaps[0].min()
    assert one[:, 2].min() == pytest.approx(two[:, 2].min())


def test_levels_in_3d_carry_their_scale():
    figure = show_levels(
        [(BALL.verts, BALL.faces)] * 2, [BALL.verts[:, 2]] * 2, bands=6, label="height",
        title="Two balls", alt="Two balls with stripes.",
    )  # fmt: skip
    assert figure.html.count('class="gdl-mesh3d-scale"') == 1
    assert ">height<" in figure.html
    assert ">−1<" in figure.html
    with pytest.raises(ValueError, match="one function for each of 1 surfaces"):
        show_levels([(BALL.verts, BALL.faces)], [], title="None", alt="Nothing at all.")
