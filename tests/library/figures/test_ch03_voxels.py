"""Voxels and beads are drawn where they are, and what cannot be drawn is refused."""

import base64
import io
import re

import numpy as np
import pytest
import torch

from gdl_utils.data.spot import load_spot
from gdl_utils.figures.ch03_voxels import beads, boxes, three_ways, voxel_picture, voxel_slider
from gdl_utils.geodesics.mesh import Mesh
from gdl_utils.plots.surface3d import poster

CORNER = np.zeros((3, 3, 3), bool)
CORNER[0, 0, 0] = CORNER[0, 0, 1] = True  # two voxels, one behind the other along z


def volume(verts, faces):
    a, b, c = (verts[faces[:, k]] for k in range(3))
    return (a * np.cross(b, c)).sum() / 6


def area(verts, faces):
    a, b, c = (verts[faces[:, k]] for k in range(3))
    return np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2


def test_two_voxels_show_ten_sides():
    verts, faces = boxes(CORNER)
    assert verts.shape == (40, 3)
    assert faces.shape == (20, 3)
    side = 2 / 3
    assert volume(verts, faces) == pytest.approx(2 * side**3)  # all sides look outwards
    assert area(verts, faces) == pytest.approx(10 * side**2)
    np.testing.assert_allclose(verts.min(0), -1)
    np.testing.assert_allclose(verts.max(0), [-1 / 3, -1 / 3, 1 / 3])


def test_the_sides_of_a_full_cube_are_its_surface():
    verts, faces = boxes(torch.ones(4, 4, 4))
    assert len(faces) == 2 * 6 * 16
    assert volume(verts, faces) == pytest.approx(8)
    assert area(verts, faces) == pytest.approx(24)


def test_voxels_with_a_hole_inside():
    grid = np.ones((3, 3, 3))
    grid[1, 1, 1] = 0
    verts, faces = boxes(grid)
    assert len(faces) == 2 * (54 + 6)
    assert volume(verts, faces) == pytest.approx(8 - (2 / 3) ** 3)


def test_beads_are_closed_and_in_their_places():
    places = torch.tensor([[0.0, 0, 0], [1, 2, 3]])
    verts, faces = beads(places, 0.1)
    mesh = Mesh(verts, faces).require_closed()
    assert mesh.components.tolist() == [0] * 6 + [1] * 6
    assert volume(verts, faces) == pytest.approx(2 * 4 / 3 * 0.1**3)
    np.testing.assert_allclose(verts[6:].mean(0), [1, 2, 3])


def test_three_ways_fit_into_one_figure():
    verts, faces = load_spot()
    grid = np.zeros((8, 8, 8), bool)
    grid[2:6, 2:6, 2:6] = True
    figure = three_ways(verts, faces, grid, verts[:100], title="Three.", alt="Three cows.")
    assert repr(figure) == f"<mesh: {2930 + 4 * 96 + 600} vertices, {5856 + 192 + 800} faces>"
    assert len(figure.html.encode()) <= 200_000
    assert "The turning view shows" not in figure.html


@pytest.mark.parametrize("render", [True, False])
def test_a_picture_of_voxels(monkeypatch, render):
    if not render:
        monkeypatch.setattr(poster, "can_render", lambda: False)
        monkeypatch.setattr(poster, "_say_once", lambda: None)
    picture = voxel_picture(CORNER)
    assert picture.shape == (210, 300, 4)
    assert picture.dtype == np.uint8
    assert picture[0, 0, 3] == 0
    orange = (picture[..., 0] > 150) & (picture[..., 2] < 60)
    assert 0.02 < orange.mean() < 0.8


def test_the_slider_has_a_frame_for_each_resolution():
    grids = {3: CORNER, 5: np.ones((5, 5, 5), bool)}
    figure = voxel_slider(
        grids, {"surface": [0.5, 0.2]}, ["few", "many"], title="Finer.", alt="Voxels."
    )
    assert len(figure.html.encode()) <= 200_000
    data = re.search(r'<script type="application/json">(.*?)</script>', figure.html)[1]
    assert '"texts":["3","5"]' in data
    assert "many" in data
    from PIL import Image

    sheet = re.search(r"data:image/webp;base64,([^\"]+)", data)[1]
    with Image.open(io.BytesIO(base64.b64decode(sheet))) as image:
        pixels = np.asarray(image.convert("RGBA")).astype(int)
    left, right = pixels[:, :300], pixels[:, 300:]
    assert np.abs(left - right).max() > 100


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: boxes(np.ones((2, 3, 2))), r"grid must be an occupied cube \(R, R, R\)"),
        (lambda: boxes(np.zeros((2, 2, 2))), "grid must be an occupied cube"),
        (lambda: boxes(np.ones((2, 2))), "grid must have 3 axes"),
        (lambda: beads(np.ones((2, 2)), 1), r"points must be \(N, 3\)"),
        (lambda: beads(np.ones((2, 3)), 0), "radius must be positive"),
    ],
)
def test_bad_pictures_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
