"""Paths, points and arrows are in the file, and named in the page where they are."""

import base64
import gzip
import io
import json
import re
import struct

import numpy as np
import pytest
import torch

from gdl_utils.data.spot import load_spot
from gdl_utils.geodesics.shapes import icosphere
from gdl_utils.plots.surface3d import poster, show_mesh
from gdl_utils.plots.surface3d.glb import STEPS
from gdl_utils.plots.surface3d.marks import draw_marks

TETRA = np.array([[1.0, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
FACES = np.array([[0, 1, 2], [0, 3, 1], [0, 2, 3], [1, 3, 2]])
BEND = np.array([[0.0, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 0], [1, 1, 2]])


def spot_with(**marks):
    verts, faces = load_spot()
    return show_mesh(verts, faces, alt="Spot.", **marks)


PATHS = {"straight": TETRA[:2] * 0.2, "on <it>": BEND * 0.3}


def test_a_view_with_marks_holds_them():
    plain, marked = spot_with(), spot_with(paths=PATHS, points={"A": TETRA[0] * 0.2})
    packed = re.search(r'<script type="application/gzip">(.*?)</script>', marked.html)[1]
    glb = gzip.decompress(base64.b64decode(packed))
    size = struct.unpack("<I", glb[12:16])[0]
    document, body = json.loads(glb[20 : 20 + size]), glb[28 + size :]
    marks = draw_marks(PATHS, {"A": TETRA[0] * 0.2}, 1.718)
    assert document["accessors"][0]["count"] == 2930 + len(marks.verts)
    assert document["accessors"][2]["count"] == 3 * (5856 + len(marks.faces))
    view = document["bufferViews"][0]
    data = body[view["byteOffset"] : view["byteOffset"] + view["byteLength"]]
    node = document["nodes"][0]
    last = np.frombuffer(data, "<u2").reshape(-1, 4)[-len(marks.verts) :, :3]
    found = last * node["scale"] + node["translation"]
    np.testing.assert_allclose(found, marks.verts, atol=2 * 1.72 / STEPS)
    assert len(marked.html.encode()) <= 200_000
    assert "gdl-mesh3d-key" not in plain.html.split("</style>")[1]
    key = re.search(r'<ul class="gdl-mesh3d-key">(.*?)</ul>', marked.html)[1]
    assert key.count("<li>") == 2
    assert "on &lt;it&gt;" in key
    assert 'data-at="0.2 0.2 0.2"' in marked.html
    assert repr(marked) == "<mesh: 2930 vertices, 5856 faces>"


@pytest.mark.parametrize("render", [True, False])
def test_the_poster_shows_the_mark_under_its_label(monkeypatch, render):
    """The label's place, in per cent, is where the ball is drawn."""
    from PIL import Image

    if not render:
        monkeypatch.setattr(poster, "can_render", lambda: False)
        monkeypatch.setattr(poster, "_say_once", lambda: None)
    figure = show_mesh(TETRA, FACES, points={"A": [1.5, 1.4, 0.3]}, shading=0, alt="A point.")
    x, y = map(float, re.search(r"left:([\d.]+)%;top:([\d.]+)%", figure.html).groups())
    sharp = re.search(r"data:image/webp;base64,([^\"]+)", figure.html)[1]
    with Image.open(io.BytesIO(base64.b64decode(sharp))) as image:
        pixels = np.asarray(image.convert("RGBA"))
    drawn = np.abs(pixels[..., :3].astype(int) - [0xCC, 0x79, 0xA7]).max(2) < 12
    rows, columns = np.nonzero(drawn & (pixels[..., 3] > 200))
    assert len(rows) > 30
    assert np.mean(columns) / pixels.shape[1] == pytest.approx(x / 100, abs=0.01)
    assert np.mean(rows) / pixels.shape[0] == pytest.approx(y / 100, abs=0.01)


def test_z_up_turns_the_marks_with_the_surface():
    figure = show_mesh(TETRA, FACES, points={"top": [0.0, 0, 1]}, up="z", alt="A point.")
    assert 'data-at="0 1 0"' in figure.html


def test_a_large_surface_keeps_its_marks():
    verts, faces = (x.numpy() for x in load_spot())
    verts = np.concatenate([verts + [2 * k, 0, 0] for k in range(6)])
    faces = np.concatenate([faces + 2930 * k for k in range(6)])
    figure = show_mesh(verts, faces, values=verts[:, 1], paths={"long": verts[:9]}, alt="Cows.")
    assert len(figure.html.encode()) <= 200_000
    assert "The turning view shows" in figure.html
    assert "long</li>" in figure.html


@pytest.mark.parametrize(
    ("marks", "message"),
    [
        ({"paths": {"a": TETRA[:1]}}, r"paths\['a'\] must hold two different points"),
        ({"paths": {"a": TETRA[[0, 0]]}}, r"paths\['a'\] must hold two different points"),
        ({"paths": {"a": TETRA[:, :2]}}, r"paths\['a'\] must be \(K, 3\)"),
        ({"paths": {"a": TETRA * np.nan}}, r"paths\['a'\] must be finite"),
        ({"paths": {" ": TETRA}}, "must have names"),
        ({"paths": {c: TETRA for c in "abcdef"}}, "at most 5, got 6"),
        ({"points": {"a": TETRA}}, r"points\['a'\] must have 1 axes"),
        ({"points": {"a": [1, 2]}}, r"points\['a'\] must be \(3,\)"),
        ({"points": {"": [1, 2, 3]}}, "must have names"),
    ],
)
def test_bad_marks_are_refused(marks, message):
    with pytest.raises(ValueError, match=message):
        show_mesh(TETRA, FACES, alt="a", **marks)


def test_a_view_names_its_arrows_and_draws_them():
    ball = icosphere(1)
    field = ball.verts, torch.linalg.cross(torch.tensor([[0.0, 1, 0]]).double(), ball.verts)
    plain = show_mesh(ball.verts, ball.faces, alt="A ball.")
    shown = show_mesh(ball.verts, ball.faces, arrows={"wind": field}, alt="A ball with wind.")
    assert re.search(r"</i>wind</li>", shown.html)
    assert shown.poster != plain.poster
    assert repr(shown) == repr(plain)
    six = {str(k): field for k in range(6)}
    with pytest.raises(ValueError, match="at most 5 sets, got 6"):
        show_mesh(ball.verts, ball.faces, arrows=six, alt="A ball.")


def test_a_poster_that_is_told_to_be_small_is():
    ball = icosphere(3)
    full = show_mesh(ball.verts, ball.faces, alt="A ball.")
    small = show_mesh(ball.verts, ball.faces, alt="A ball.", poster_bytes=10_000)
    assert len(small.poster) < len(full.poster)
    from PIL import Image

    with Image.open(io.BytesIO(small.poster)) as image:
        assert image.convert("RGBA").getpixel((0, 0))[3] == 0
