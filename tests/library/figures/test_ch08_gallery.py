"""Chapter 08's pictures of surfaces hang in a row, or move."""

import base64
import io
import re

import numpy as np
import pytest
import torch

from gdl_utils.figures.ch08_gallery import FRAME, gallery, moving_surface, picture
from gdl_utils.geodesics.shapes import icosphere, sheet

BALL = icosphere(2)


def test_a_picture_is_on_a_transparent_ground_and_banded():
    image = picture(BALL.verts, BALL.faces, values=BALL.verts[:, 2], bands=2)
    assert image.shape == (560, 800, 4)
    assert image[0, 0, 3] == 0
    top, bottom = image[180, 400].astype(int), image[380, 400].astype(int)
    assert top[0] > bottom[0]  # viridis: yellow above, blue below
    far = picture(BALL.verts, BALL.faces, around=3 * BALL.verts)
    assert (far[..., 3] > 0).sum() < 0.3 * (image[..., 3] > 0).sum()


def test_what_is_marked_is_painted_over():
    values, left = BALL.verts[:, 2], BALL.verts[:, 1] > 0
    plain = picture(BALL.verts, BALL.faces, values=values, view=(0, 90)).astype(int)
    image = picture(BALL.verts, BALL.faces, values=values, marked=left, view=(0, 90)).astype(int)
    changed = np.abs(image - plain).max(2) > 30
    assert 0.4 < changed.sum() / (plain[..., 3] > 0).sum() < 0.6
    red, green, blue = image[changed][:, :3].T
    assert (red > 1.5 * green).mean() > 0.8  # the rest is a rim
    assert (green > blue).mean() > 0.8


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"values": BALL.verts[:, 0], "colors": torch.ones(162, 3)}, "not both"),
        ({"colors": torch.ones(3, 3)}, r"colors must be \(162, 3\)"),
        ({"marked": [True]}, r"marked must be \(162,\), one a vertex"),
        ({"colors": 2 * torch.ones(162, 3)}, r"colors must be \(162, 3\) in \[0, 1\]"),
    ],
)
def test_what_cannot_be_pictured_is_refused(given, message):
    with pytest.raises(ValueError, match=message):
        picture(BALL.verts, BALL.faces, **given)


def test_a_gallery_crops_all_pictures_alike():
    image, other = np.zeros((2, 50, 80, 4))
    image[20:30, 10:40] = 255
    other[25:40, 30:50] = 100
    fig = gallery({"one": image, "two": other}, title="Two boxes")
    shapes = [ax.images[0].get_array().shape for ax in fig.axes]
    assert shapes == [(20, 40, 4)] * 2
    assert [ax.get_title() for ax in fig.axes] == ["one", "two"]
    with pytest.raises(ValueError, match="at least one"):
        gallery({})
    with pytest.raises(ValueError, match=r"pictures must be \(H, W, 4\)"):
        gallery({"no ground": np.ones((4, 4, 3))})


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
    sheets = re.findall(r"data:image/webp;base64,([A-Za-z0-9+/=]+)", figure.html)
    from PIL import Image

    held = [np.array(Image.open(io.BytesIO(base64.b64decode(s))).convert("RGBA")) for s in sheets]
    strips = [s for s in held if s.shape == (2 * FRAME[1], 2 * FRAME[0], 4)]
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
    for marked in ({"b": [None] * 3}, {"a": [None]}):
        with pytest.raises(ValueError, match="marked must hold 3 masks"):
            moving_surface(poses, faces, {"a": values}, {"b": [0, 1, 2]}, marked=marked, **words)
