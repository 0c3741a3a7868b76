"""Bands end where a level lies, and pictures of surfaces hang in a row or move."""

import base64
import io
import re

import numpy as np
import pytest
import torch

from gdl_utils.geodesics.shapes import icosphere, sheet
from gdl_utils.plots.geodesics import gallery, picture, show_levels, side_by_side
from gdl_utils.plots.levels import banded, even_levels
from gdl_utils.plots.moving import FRAME, moving_surface

BALL = icosphere(2)
TRIANGLE = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]])


def area(verts, faces):
    a, b, c = (verts[faces[:, k], :3] for k in range(3))
    return np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2


def test_a_triangle_is_cut_at_its_level():
    verts, faces, bands = banded(TRIANGLE, [[0, 1, 2]], [0.0, 1, 0], [0.5])
    pieces = area(verts, faces)
    of_face = bands[faces]
    assert (of_face == of_face[:, :1]).all()
    assert pieces[of_face[:, 0] == 1].sum() == pytest.approx(1 / 8)
    assert pieces[of_face[:, 0] == 0].sum() == pytest.approx(3 / 8)
    a, b, c = (verts[faces[:, k]] for k in range(3))
    assert (np.cross(b - a, c - a)[:, 2] > 0).all()  # turned as before


def test_bands_of_a_sphere_have_archimedes_areas():
    ball = icosphere(4)
    levels = even_levels(-1, 1, 4)
    verts, faces, bands = banded(ball.verts, ball.faces, ball.verts[:, 2], levels)
    pieces = area(verts, faces)
    assert pieces.sum() == pytest.approx(float(ball.face_areas.sum()))  # nothing lost
    for band in range(4):  # slices of equal height have equal areas
        assert pieces[bands[faces[:, 0]] == band].sum() == pytest.approx(np.pi, rel=0.01)
    low = np.concatenate([[-1], levels])[bands]
    assert (verts[:, 2] >= low - 1e-12).all()
    assert (verts[:, 2] <= low + 0.5 + 1e-12).all()


def test_what_else_is_given_is_interpolated():
    points = np.column_stack([BALL.verts.numpy(), 2 * BALL.verts[:, 0].numpy()])
    verts, _, _ = banded(points, BALL.faces, BALL.verts[:, 2], [-0.3, 0.1])
    np.testing.assert_allclose(verts[:, 3], 2 * verts[:, 0], atol=1e-12)


def test_a_level_through_vertices_only_parts_the_bands():
    verts, faces, bands = banded(TRIANGLE, [[0, 1, 2]], [0.0, 1, 0], [0.0, 1.0])
    assert len(faces) >= 1
    assert area(verts, faces).sum() == pytest.approx(0.5)
    assert set(bands[faces[area(verts, faces) > 1e-12]].ravel()) == {1}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"values": [0.0, 1]}, r"values must be \(3,\)"),
        ({"faces": [[0, 1, 3]]}, "faces must name three of 3 points"),
        ({"levels": [0.5, 0.5]}, "levels must rise"),
    ],
)
def test_what_cannot_be_banded_is_refused(change, message):
    given = {"points": TRIANGLE, "faces": [[0, 1, 2]], "values": [0.0, 1, 0], "levels": [0.5]}
    with pytest.raises(ValueError, match=message):
        banded(**(given | change))


def test_even_levels():
    np.testing.assert_allclose(even_levels(0, 1, 4), [0.25, 0.5, 0.75])
    with pytest.raises(ValueError, match="low must be below high"):
        even_levels(1, 1, 4)
    with pytest.raises(ValueError, match="bands must be at least 2"):
        even_levels(0, 1, 1)


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
    assert figure.html.count("gdl-mesh3d-scale") >= 1
    assert ">height<" in figure.html
    assert ">−1<" in figure.html
    with pytest.raises(ValueError, match="one function for each of 1 surfaces"):
        show_levels([(BALL.verts, BALL.faces)], [], title="None", alt="Nothing at all.")


def test_a_picture_is_on_white_and_banded():
    image = picture(BALL.verts, BALL.faces, values=BALL.verts[:, 2], levels=[0.0])
    assert image.shape == (560, 800, 3)
    assert (image[0, 0] == 255).all()
    top, bottom = image[180, 400].astype(int), image[380, 400].astype(int)
    assert top[0] > bottom[0]  # viridis: yellow above, blue below
    far = picture(BALL.verts, BALL.faces, around=3 * BALL.verts)
    assert (far < 250).any(2).sum() < 0.3 * (image < 250).any(2).sum()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"values": BALL.verts[:, 0]}, "values must come with levels"),
        ({"colors": torch.ones(3, 3)}, r"colors must be \(162, 3\)"),
        ({"colors": 2 * torch.ones(162, 3)}, r"colors must be \(162, 3\) in \[0, 1\]"),
    ],
)
def test_what_cannot_be_pictured_is_refused(given, message):
    with pytest.raises(ValueError, match=message):
        picture(BALL.verts, BALL.faces, **given)


def test_a_gallery_crops_all_pictures_alike():
    image = np.full((50, 80, 3), 255)
    image[20:30, 10:40] = 0
    other = np.full((50, 80, 3), 255)
    other[25:40, 30:50] = 100
    fig = gallery({"one": image, "two": other}, finding="Two boxes")
    shapes = [ax.images[0].get_array().shape for ax in fig.axes]
    assert shapes == [(20, 40, 3)] * 2
    assert [ax.get_title() for ax in fig.axes] == ["one", "two"]
    with pytest.raises(ValueError, match="at least one"):
        gallery({})
    with pytest.raises(ValueError, match=r"pictures must be \(H, W, 3\)"):
        gallery({"grey": np.ones((4, 4, 4))})


def film(steps=3):
    paper = sheet(5, 5)
    poses = []
    for k in range(steps):
        x = paper.verts.clone()
        x[:, 2] = 0.3 * k * (2 * x[:, 0]).sin()
        poses.append(x)
    return poses, paper.faces, [x[:, 0] for x in poses]


def test_a_moving_surface_has_a_frame_for_each_moment():
    poses, faces, values = film()
    figure = moving_surface(
        poses, faces, {"left": values, "right": values}, {"moved": [0, 1, 2]},
        title="A sheet waves", alt="A sheet that waves in three frames.", ylabel="height",
    )  # fmt: skip
    sheets = re.findall(r"data:image/png;base64,([A-Za-z0-9+/=]+)", figure.html)
    from PIL import Image

    held = [np.array(Image.open(io.BytesIO(base64.b64decode(s))).convert("RGB")) for s in sheets]
    strips = [s for s in held if s.shape == (2 * FRAME[1], 2 * FRAME[0], 3)]
    assert len(strips) == 2
    first, second = strips[0][: FRAME[1], : FRAME[0]], strips[0][: FRAME[1], FRAME[0] :]
    assert (first != second).any()
    assert (first == strips[1][: FRAME[1], : FRAME[0]]).all()


def test_a_film_of_one_frame_or_with_frames_missing_is_refused():
    poses, faces, values = film()
    words = {"title": "A sheet", "alt": "A sheet that waves.", "ylabel": "height"}
    with pytest.raises(ValueError, match="poses must be at least two, got 1"):
        moving_surface(poses[:1], faces, {"a": values[:1]}, {"b": [0]}, **words)
    with pytest.raises(ValueError, match="start of 'moment' must be one of"):
        moving_surface(poses, faces, {"a": values}, {"b": [0, 1, 2]}, start=3, **words)
    with pytest.raises(ValueError, match="'a' must hold 3 functions, got 2"):
        moving_surface(poses, faces, {"a": values[:2]}, {"b": [0, 1, 2]}, **words)
