"""Surfaces: the file says what was given, the poster shows it, and a browser turns it."""

import base64
import gzip
import io
import json
import re
import struct
from pathlib import Path

import numpy as np
import pytest
import torch

from gdl_utils.data.spot import load_spot
from gdl_utils.plots.colors import color_map, encoded
from gdl_utils.plots.surface3d import Scale, poster, show_mesh
from gdl_utils.plots.surface3d.glb import write_glb
from gdl_utils.plots.surface3d.solids import ball, joined

VIEWER = Path(__file__).resolve().parents[4] / "book/_static/model-viewer"
TETRA = np.array([[1.0, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
FACES = np.array([[0, 1, 2], [0, 3, 1], [0, 2, 3], [1, 3, 2]])


def parts(glb):
    magic, version, total = struct.unpack("<4sII", glb[:12])
    assert (magic, version, total) == (b"glTF", 2, len(glb))
    size = struct.unpack("<I", glb[12:16])[0]
    assert len(glb) % 4 == size % 4 == 0
    return json.loads(glb[20 : 20 + size]), glb[28 + size :]


def model(figure):
    packed = re.search(r'<script type="application/gzip">(.*?)</script>', figure.html)[1]
    return parts(gzip.decompress(base64.b64decode(packed)))


@pytest.fixture(scope="module")
def spot():
    verts, faces = load_spot()
    return show_mesh(verts, faces, values=verts[:, 1], title="Height.", label="height", alt="Spot.")


def test_a_wide_view_is_the_middle_and_has_no_names():
    figure = show_mesh(TETRA, FACES, alt="A tetrahedron.", wide=True)
    assert '<div class="gdl-mesh3d-view gdl-mesh3d-wide">' in figure.html
    assert "gdl-mesh3d-wide" not in show_mesh(TETRA, FACES, alt="A.").html.partition("</style>")[2]
    with pytest.raises(ValueError, match=r"no place for names, got points \['a'\]"):
        show_mesh(TETRA, FACES, alt="A tetrahedron.", wide=True, points={"a": TETRA[0]})


def test_the_file_holds_positions_linear_colours_and_faces():
    colours = np.array([[0.0, 0.5, 1.0]] * 4)
    document, body = parts(write_glb(TETRA, FACES, colours))
    assert document["extensionsRequired"] == ["KHR_mesh_quantization"]
    assert "KHR_materials_unlit" in document["materials"][0]["extensions"]
    views = document["bufferViews"]
    data = [body[v["byteOffset"] : v["byteOffset"] + v["byteLength"]] for v in views]
    node = document["nodes"][0]
    position = np.frombuffer(data[0], "<u2").reshape(4, 4)[:, :3]
    np.testing.assert_allclose(position * node["scale"] + node["translation"], TETRA, atol=1e-3)
    colour = np.frombuffer(data[1], "<u2").reshape(4, 4) / 65535
    np.testing.assert_allclose(encoded(colour[0, :3]), [0, 0.5, 1], atol=2e-3)
    assert colour[0, 1] == pytest.approx(0.2140, abs=3e-3)  # half of sRGB is a fifth of the light
    np.testing.assert_array_equal(np.frombuffer(data[2], "<u2").reshape(-1, 3), FACES)


def test_the_bundle(spot):
    bundle = spot._repr_mimebundle_()
    assert set(bundle) == {"text/html", "image/png", "text/plain"}
    assert bundle["text/plain"] == repr(spot) == "<mesh: 2930 vertices, 5856 faces>"
    html = bundle["text/html"]
    assert re.fullmatch(r'<figure class="gdl-mesh3d" .*</figure>', html, re.DOTALL)
    assert len(html.encode()) <= 200_000
    assert 'alt="Spot."' in html
    assert "Turn it in 3D" in html
    assert len(spot.poster) < 100_000
    document, _ = model(spot)
    assert document["accessors"][0]["count"] == 2930


def test_the_same_every_time(spot):
    verts, faces = load_spot()
    again = show_mesh(
        verts, faces, values=verts[:, 1], title="Height.", label="height", alt="Spot."
    )
    assert model(again) == model(spot)


def colours_of(png):
    from PIL import Image

    with Image.open(io.BytesIO(png)) as image:
        pixels = np.asarray(image.convert("RGBA"))
    return pixels[pixels[..., 3] == 255][:, :3].astype(int)


def distance_to_map(pixels):
    table = color_map("viridis", 256).astype(int)
    sample = pixels[:: max(1, len(pixels) // 2000)]
    return np.abs(sample[:, None] - table[None]).max(2).min(1)


def test_without_shading_the_posters_colours_are_the_maps():
    verts, faces = load_spot()
    figure = show_mesh(verts, faces, values=verts[:, 1] + 1, shading=0, alt="Spot.")
    pixels = colours_of(figure.poster)
    assert len(pixels) > 20_000
    assert np.median(distance_to_map(pixels)) <= 4


def test_a_large_surface_is_decimated_for_turning_only():
    t = torch.linspace(0, 2 * torch.pi, 161)[:-1]
    u, v = (x.reshape(-1) for x in torch.meshgrid(t, t, indexing="ij"))
    r = 2 + torch.cos(v)
    torus = torch.stack([r * torch.cos(u), torch.sin(v), r * torch.sin(u)], 1)
    i = torch.arange(160 * 160)
    right = i // 160 * 160 + (i + 1) % 160
    down, both = (i + 160) % (160 * 160), (right + 160) % (160 * 160)
    faces = torch.cat([torch.stack([i, right, both], 1), torch.stack([i, both, down], 1)])
    figure = show_mesh(torus, faces, values=torch.sin(3 * u), alt="A torus.")
    assert repr(figure) == "<mesh: 25600 vertices, 51200 faces>"
    assert len(figure.html.encode()) <= 200_000
    document, _ = model(figure)
    shown = document["accessors"][2]["count"] // 3
    assert 4_000 < shown < 51_200
    assert f"shows {shown:,} of 51,200 faces" in figure.html


def test_without_opengl_a_simpler_poster_is_drawn_and_says_so_once(monkeypatch):
    monkeypatch.setattr(poster, "can_render", lambda: False)
    poster._say_once.cache_clear()
    with pytest.warns(UserWarning, match="apt-get install libegl1") as caught:
        simple = show_mesh(TETRA, FACES, values=[0, 1, 2, 3], shading=0, alt="A tetrahedron.")
    assert len(caught) == 1
    show_mesh(TETRA, FACES, alt="A tetrahedron.")  # a second warning would be an error
    assert len(colours_of(simple.poster)) > 10_000


def test_the_probe_survives_a_crash(monkeypatch):
    monkeypatch.setattr(poster, "_PROBE", "import os; os.abort()")
    poster.can_render.cache_clear()
    try:
        assert not poster.can_render()
    finally:
        poster.can_render.cache_clear()


def test_both_posters_look_from_the_same_place():
    verts, faces = (x.numpy() for x in load_spot())
    rgb = np.ones((len(verts), 3)) * [1, 0, 0]
    view = (215.0, 70.0)
    from PIL import Image

    with Image.open(io.BytesIO(poster._by_matplotlib(verts, faces, rgb, view, 1))) as image:
        simple = np.asarray(image.convert("RGBA"))[..., 3] > 128
    rendered = poster._by_pyvista(verts, faces, rgb, view, 1)[..., 3] > 128
    assert (simple & rendered).sum() / (simple | rendered).sum() > 0.97


def test_z_up_turns_the_surface_upright():
    document, _ = model(show_mesh(TETRA * [1, 1, 5], FACES, up="z", alt="Tall."))
    assert document["accessors"][0]["max"][1] == 4095
    assert document["accessors"][0]["max"][0] < 1000


def test_colours_and_plain_surfaces():
    assert 'class="gdl-mesh3d-scale"' not in show_mesh(TETRA, FACES, alt="a").html
    assert (
        'class="gdl-mesh3d-scale"'
        not in show_mesh(TETRA, FACES, colors=np.eye(4)[:, :3], alt="a").html
    )
    signed = show_mesh(TETRA, FACES, values=[-1, 0, 1, 2], alt="a", label="curvature (1/m)")
    assert "curvature (1/m)" in signed.html
    assert "−2" in signed.html


def test_colors_may_have_a_scale():
    scale = Scale(0.0, 4.0, label="depth (mm)")
    paint = scale.colors(np.array([-1.0, 0, 4, 9]))
    np.testing.assert_array_equal(paint[0], paint[1])  # beyond the ends: those of the ends
    np.testing.assert_array_equal(paint[2:], color_map("viridis", 2)[[1, 1]] / 255)
    shown = show_mesh(TETRA, FACES, colors=paint, scale=scale, alt="a")
    assert "depth (mm)" in shown.html
    assert shown.html.count('class="gdl-mesh3d-scale"') == 1


def test_a_title_is_quoted_once():
    shown = show_mesh(TETRA, FACES, title="Up & down", alt="a")
    assert ">Up &amp; down</figcaption>" in shown.html
    assert 'aria-label="Up &amp; down"' in shown.html


def test_a_poster_in_the_page_is_sharp():
    from PIL import Image

    verts, faces = (x.numpy() for x in load_spot())
    page, png = poster.draw_poster(verts, faces, np.ones(verts.shape) * 0.5, (215.0, 70.0))
    for packed, size in ((page, poster.SHARP), (png, poster.SMALL)):
        with Image.open(io.BytesIO(packed)) as image:
            assert image.size == size


def test_a_busy_poster_is_drawn_in_fewer_colours():
    """The limit of a view is kept for the surface, not for its poster."""
    rng = np.random.default_rng(0)
    middles = rng.uniform(-1, 1, (800, 3))
    verts, faces = joined(ball(middle, 0.05) for middle in middles)
    page, png = poster.draw_poster(verts, faces, rng.uniform(size=verts.shape), (215.0, 70.0))
    assert max(len(page), len(png)) <= poster.ENOUGH
    from PIL import Image

    for packed in (page, png):
        with Image.open(io.BytesIO(packed)) as image:
            assert image.size == poster.SMALL  # it would be too large otherwise
            pixels = np.asarray(image.convert("RGBA"))
        assert pixels[0, 0, 3] == 0
        assert pixels[..., 3].max() >= 250


def broken(**changes):
    given = {"verts": TETRA, "faces": FACES, "alt": "a"} | changes
    return show_mesh(given.pop("verts"), given.pop("faces"), **given)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"alt": " "}, "alt must say"),
        ({"title": ""}, "title must say"),
        ({"verts": TETRA[:, :2]}, r"verts must be \(V, 3\)"),
        ({"verts": TETRA * np.nan}, "verts must be finite"),
        ({"verts": np.zeros((0, 3))}, "verts must not be empty"),
        ({"faces": np.zeros((0, 3), int)}, "faces must not be empty"),
        ({"faces": FACES[:, :2]}, r"faces must be \(V, 3\)"),
        ({"faces": FACES + 1}, "faces must name vertices 0 to 3"),
        ({"faces": FACES - 1}, "faces must name vertices 0 to 3"),
        ({"faces": FACES + 0.5}, "whole numbers"),
        ({"values": [1, 2, 3]}, r"values must be \(4,\)"),
        ({"values": [1, 2, 3, np.nan]}, "values must be finite"),
        ({"values": np.eye(4)}, "values must have 1 axes"),
        ({"colors": np.eye(3)}, r"colors must be \(4, 3\)"),
        ({"colors": np.full((4, 3), 255)}, r"in \[0, 1\]"),
        ({"values": [0, 1, 2, 3], "colors": np.zeros((4, 3))}, "not both"),
        ({"values": [0, 1, 2, 3], "scale": Scale(0.0, 1.0)}, "not both"),
        ({"values": [0, 1, 2, 3], "limits": (1, 1)}, "limits must rise"),
        ({"values": [0, 1, 2, 3], "cmap": "no such map"}, "colour maps"),
        ({"up": "x"}, "up must be"),
        ({"shading": 2}, "shading must lie"),
        ({"view": (0, 0)}, "view must be"),
    ],
)
def test_what_is_wrong_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        broken(**changes)


@pytest.mark.browser
def test_a_key_press_brings_the_surface_to_life_in_its_colours(browser, tmp_path):
    from PIL import Image

    verts, faces = load_spot()
    figure = show_mesh(verts, faces, values=verts[:, 1] + 1, shading=0, alt="Spot.")
    (tmp_path / "_static").mkdir()
    (tmp_path / "_static/model-viewer").symlink_to(VIEWER)
    path = tmp_path / "page.html"
    head = '<meta charset="utf-8"><title>Spot</title>'
    path.write_text(
        f'<!doctype html><html lang="en" data-content_root="./"><head>{head}</head>'
        f"<body>{figure.html}{figure.html}</body></html>"
    )
    page = browser.new_page(viewport={"width": 800, "height": 700})
    page.set_default_timeout(30_000)
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    page.on("request", lambda r: problems.append(r.url) if r.url.startswith("http") else None)
    page.goto(path.as_uri())
    assert page.locator("model-viewer").count() == 0
    for count in (1, 2):  # the second figure uses the viewer that is there
        page.get_by_role("button", name="Turn it in 3D").first.press("Enter")
        page.wait_for_function(f"document.querySelectorAll('figure[data-live]').length === {count}")
    page.wait_for_timeout(800)
    shot = page.locator("model-viewer").first.screenshot()
    with Image.open(io.BytesIO(shot)) as image:
        pixels = np.asarray(image.convert("RGB")).reshape(-1, 3).astype(int)
    inside = pixels[pixels.min(1) < 235]
    assert len(inside) > 15_000
    assert np.median(distance_to_map(inside)) <= 4
    assert problems == []
    page.close()


@pytest.mark.browser
def test_paths_and_names_turn_with_the_surface(browser, tmp_path):
    """In the viewer a path has its colour, and a point's name stands where the point is."""
    from PIL import Image

    verts, faces = load_spot()
    paths = {"over the back": [[0, 0.9, -0.6], [0, 1.05, 0.2], [0, 0.9, 0.9]]}
    figure = show_mesh(
        verts, faces, paths=paths, points={"A": paths["over the back"][0]}, shading=0, alt="Spot."
    )
    (tmp_path / "_static").mkdir()
    (tmp_path / "_static/model-viewer").symlink_to(VIEWER)
    path = tmp_path / "page.html"
    path.write_text(f'<html lang="en" data-content_root="./"><body>{figure.html}</body></html>')
    page = browser.new_page(viewport={"width": 800, "height": 700})
    page.set_default_timeout(30_000)
    page.goto(path.as_uri())
    label = page.locator(".gdl-mesh3d-mark")
    before = label.bounding_box()
    page.get_by_role("button").press("Enter")
    page.wait_for_function("document.querySelector('figure[data-live]')")
    page.wait_for_timeout(800)
    after = label.bounding_box()
    assert abs(after["x"] - before["x"]) < 12  # poster and viewer have the same camera
    assert abs(after["y"] - before["y"]) < 12
    with Image.open(io.BytesIO(page.locator("model-viewer").screenshot())) as image:
        pixels = np.asarray(image.convert("RGB")).astype(int)
    blue = np.abs(pixels - [0x00, 0x72, 0xB2]).max(2) < 24
    assert blue.sum() > 150
    page.locator("model-viewer").evaluate("v => { v.cameraOrbit = '90deg 70deg auto'; }")
    page.wait_for_timeout(1200)
    assert abs(label.bounding_box()["x"] - after["x"]) > 30
    page.close()


@pytest.mark.browser
def test_without_the_viewer_the_poster_stands(browser, tmp_path):
    figure = show_mesh(TETRA, FACES, alt="A tetrahedron.")
    path = tmp_path / "page.html"
    path.write_text(f'<html lang="en" data-content_root="./"><body>{figure.html}</body></html>')
    page = browser.new_page()
    page.goto(path.as_uri())
    page.get_by_role("button").click()
    page.get_by_text("could not be loaded").wait_for()
    assert page.get_by_role("img", name="A tetrahedron.").is_visible()
    page.close()
