"""The figures of chapter 09: arrows, fans, kernels, charts, and the arrow that is carried."""

import base64
import io
import json
import re

import numpy as np
import pytest
import torch
from PIL import Image

from gdl_utils.geodesics.mesh import Mesh
from gdl_utils.geodesics.shapes import icosphere
from gdl_utils.plots.arrows import CORNERS, arrow_field
from gdl_utils.plots.gauges import kernels, log_charts, unfolded
from gdl_utils.plots.holonomy import Carried, carried, carried_live, carried_still
from gdl_utils.plots.live import Choice, Slider
from gdl_utils.plots.mesh3d import show_mesh
from gdl_utils.plots.portraits import portrait, small_png


# --------------------------------------------------------------------------------- arrows
def test_an_arrow_is_a_closed_surface_that_ends_in_its_tip():
    start, vector = np.array([[1.0, 2, 3], [0, 0, 0]]), np.array([[0.0, 0, 2], [1, 1, 0]])
    verts, faces = arrow_field("a", (start, vector))
    mesh = Mesh(verts, faces).require_closed()
    assert mesh.euler_characteristic == 4  # two spheres
    a, b, c = mesh.verts[mesh.faces.T]
    assert (a * torch.linalg.cross(b, c)).sum() > 0  # seen from outside
    tips = verts.reshape(2, -1, 3)[:, -1]
    np.testing.assert_allclose(tips, start + vector)
    foot = verts.reshape(2, -1, 3)[:, :CORNERS].mean(1)
    np.testing.assert_allclose(foot, start, atol=1e-12)


def test_arrows_without_length_are_left_out():
    vectors = np.array([[0.0, 0, 1], [0, 0, 0]])
    assert len(arrow_field("a", (np.zeros((2, 3)), vectors))[0]) == 3 * CORNERS + 1


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
    with Image.open(io.BytesIO(small.poster)) as image:
        assert image.convert("RGBA").getpixel((0, 0))[3] == 0


# ------------------------------------------------------------------------------ in a plane
def test_an_unfolded_cube_corner_has_a_gap_of_a_quarter():
    fig = unfolded({"corner": ([np.pi / 2] * 3, [1.0] * 3)}, finding="A gap.")
    ax = fig.axes[0]
    assert ax.get_title() == "corner\ngap 90°"
    rim = np.concatenate([patch.get_xy() for patch in ax.patches])
    assert np.abs(rim - [0, -1]).sum(1).min() < 1e-9  # the last edge points down
    assert len(ax.texts) == 3


def test_an_overlap_and_no_gap_are_named():
    fans = {"flat": ([np.pi / 3] * 6, [1.0] * 6), "saddle": ([np.pi / 3] * 7, [1.0] * 7)}
    titles = [ax.get_title() for ax in unfolded(fans).axes]
    assert titles == ["flat\nno gap", "saddle\noverlap 60°"]


@pytest.mark.parametrize(
    ("fans", "message"),
    [({}, "at least one vertex"), ({"a": ([1.0, 2], [1.0])}, "k positive"),
     ({"a": ([1.0, -2], [1.0, 1])}, "k positive")],
)  # fmt: skip
def test_wrong_fans_are_refused(fans, message):
    with pytest.raises(ValueError, match=message):
        unfolded(fans)


def test_kernels_point_where_their_numbers_say():
    phi = np.arange(4) * np.pi / 2
    out = np.stack([np.cos(phi), np.sin(phi)], 1)
    double = np.stack([np.cos(2 * phi), np.sin(2 * phi)], 1)
    fig = kernels(phi, {"dots": (0, [1, -1, 1, 1]), "arrows": (1, out), "lines": (2, double)})
    dots, arrows, lines = fig.axes
    colours = dots.collections[0].get_facecolor()
    assert (colours[0] == colours[2]).all()
    assert (colours[0] != colours[1]).any()
    heads = np.array([t.xy for t in arrows.texts])
    np.testing.assert_allclose(heads, 1.21 * out, atol=1e-9)
    ends = [line.get_xydata() for line in lines.lines[1:]]
    for at, (a, b) in zip(out, ends):  # a line of order 2 lies at half its angle: outwards
        assert abs(np.cross(np.append(b - a, 0), np.append(at, 0))[2]) < 1e-9


@pytest.mark.parametrize(
    ("fields", "message"),
    [({}, "at least one kernel"), ({"a": (3, np.ones((4, 2)))}, "order 0 to 2"),
     ({"a": (1, np.ones(4))}, r"\(4, 2\), got 1 and \(4,\)")],
)  # fmt: skip
def test_wrong_kernels_are_refused(fields, message):
    with pytest.raises(ValueError, match=message):
        kernels(np.arange(4.0), fields)


def test_a_chart_shows_what_lies_within_reach():
    points = np.array([[0.0, 0], [1, 0], [0, 1], [9, 9]])
    faces, values = np.array([[0, 1, 2], [1, 3, 2]]), np.array([0.0, 1, -1, 5])
    fig = log_charts({"a": (points, faces, values)}, reach=2, unit="mm", label="depth")
    ax, bar = fig.axes
    assert [t.get_text() for t in ax.texts] == ["1 mm", "1 mm", "2 mm"]
    assert bar.get_ylabel() == "depth"
    assert bar.get_ylim() == (-1, 1)  # the far vertex does not count


@pytest.mark.parametrize(
    ("charts", "reach", "message"),
    [({}, 1, "must not be empty"), ({"a": (np.zeros((2, 2)), [[0, 1, 2]], [1.0, 2])}, 1, "must be"),
     ({"a": (np.zeros((3, 2)), [[0, 1, 2]], [1.0, 2, 3])}, -1, "reach be positive")],
)  # fmt: skip
def test_wrong_charts_are_refused(charts, reach, message):
    with pytest.raises(ValueError, match=message):
        log_charts(charts, reach=reach)


# ----------------------------------------------------------------------------- the picture
BOX = (100, 0, 700, 560)


@pytest.fixture(scope="module")
def pictures():
    ball = icosphere(2)

    def draw(values):
        return portrait(
            ball.verts, ball.faces, values, limits=(-1, 1), view=(0, 90), box=BOX, width=120
        )

    return [draw(ball.verts[:, 1]), draw(-ball.verts[:, 1])]


def test_a_portrait_knows_where_points_lie(pictures):
    """Seen from +z, +x is to the right and +y is up; the middle is the middle."""
    picture = pictures[0]
    assert picture.pixels.shape == (112, 120, 4)
    middle, right, up = picture.place([[0.0, 0, 1], [0.5, 0, 1], [0, 0.5, 1]])
    np.testing.assert_allclose(middle, [60, 56], atol=1e-6)
    assert right[0] > middle[0] + 10
    assert abs(right[1] - middle[1]) < 1e-6
    assert up[1] < middle[1] - 10
    row, column = np.round(up[::-1]).astype(int)
    low_row = np.round(112 - up[1]).astype(int)
    high, low = picture.pixels[row, column], picture.pixels[low_row, column]
    assert int(high[1]) > int(low[1]) + 60  # viridis: high is green, low is violet
    assert picture.pixels[0, 0, 3] == 0  # transparent beside it


@pytest.mark.parametrize(
    ("change", "message"),
    [({"values": [1.0]}, "one a vertex"), ({"limits": (1, 1)}, "limits must rise"),
     ({"box": (0, 0, 900, 20)}, "box must rise within")],
)  # fmt: skip
def test_wrong_portraits_are_refused(change, message):
    ball = icosphere(0)
    given = {"values": ball.verts[:, 0], "limits": (0, 1), "view": (0, 90), "box": BOX} | change
    with pytest.raises(ValueError, match=message):
        portrait(ball.verts, ball.faces, given.pop("values"), **given)


def steps(picture, gauges=2):
    """A loop about z with three stops on the front and one behind."""
    points = np.array([[[0.5, 0, 0.87], [0, 0.5, 0.87], [-0.5, 0, 0.87], [0, 0, -1]]])
    vectors = np.tile([1.0, 0, 0], (1, 4, 1))
    frames = np.tile(np.eye(3)[:2], (1, gauges, 4, 1, 1))
    return carried(picture, points, vectors, frames, points, scale=0.4)


def test_carried_arrows_lie_in_the_portrait(pictures):
    moved = steps(pictures[0])
    assert moved.front.tolist() == [[True, True, True, False]]
    assert (moved.arrows[0, :3, 0] > 5).all()
    assert np.abs(moved.arrows[0, :3, 1]).max() < 1e-6
    assert (moved.axes[0, 1, :3, 1, 1] < -2).all()  # the second axis points up


@pytest.mark.parametrize(
    ("change", "message"),
    [(("points", np.zeros((1, 4, 2))), "must be"),
     (("frames", np.zeros((1, 2, 3, 2, 3))), "frames must be"),
     (("scale", 0.0), "scale must be positive")],
)  # fmt: skip
def test_wrong_steps_are_refused(pictures, change, message):
    given = {"points": np.zeros((1, 4, 3)), "vectors": np.zeros((1, 4, 3)),
             "frames": np.zeros((1, 2, 4, 2, 3)), "normals": np.zeros((1, 4, 3)),
             "scale": 1.0}  # fmt: skip
    given[change[0]] = change[1]
    with pytest.raises(ValueError, match=message):
        carried(pictures[0], **given)


def make(pictures, moved=None, choices=None):
    same, other = pictures
    options = [("l", ["one", "two"]), ("g", ["a", "b"]), ("n", ["x", "y"])]
    moved = moved or steps(same)
    two = Carried(*(np.concatenate([part] * 2) for part in vars(moved).values()))
    return carried_live(
        [[same, same], [same, other]],
        two,
        Slider("way", [0, 1, 2, 3], label="Way"),
        choices or [Choice(name, of, label=name) for name, of in options],
        said=[[["turned"] * 2] * 4] * 2,
        output=[["same"] * 2] * 2,
        label="an arrow",
        title="It turns.",
        alt="An arrow on a ball.",
    )


def test_equal_pictures_are_stored_once(pictures):
    found = make(pictures)
    assert found.html.count("<image ") == 2
    data = json.loads(re.search(r"var d=(\{.*?\}),svg", found.html)[1])
    assert data["image"] == [[0, 0], [0, 1]]
    assert np.array(data["axes"]).shape == (2, 2, 4, 2, 2)
    assert found.html.count('class="gdl-carried-way"') == 2
    assert repr(found) == "An arrow on a ball."
    address = re.search(r'<image href="data:image/png;base64,([^"]+)"', found.html)[1]
    stored = Image.open(io.BytesIO(base64.b64decode(address)))
    assert stored.size == (120, 112)


def test_wrong_live_figures_are_refused(pictures):
    with pytest.raises(ValueError, match="three: loop, gauge, network; got 1"):
        make(pictures, choices=[Choice("l", ["one", "two"], label="l")])
    with pytest.raises(ValueError, match="moved and pictures must fit"):
        make(pictures, moved=steps(pictures[0], gauges=3))


def test_the_still_shows_one_loop(pictures):
    fig = carried_still(pictures[0], steps(pictures[0]), finding="It turns.")
    assert fig._suptitle.get_text() == "It turns."
    assert len(fig.axes[0].texts) == 3  # the first stop, and where it sets out and comes home
    with pytest.raises(ValueError, match="loop must be 0 to 0, got 1"):
        carried_still(pictures[0], steps(pictures[0]), loop=1)


def test_a_small_png_keeps_transparency():
    pixels = np.zeros((4, 4, 4), np.uint8)
    pixels[1:3, 1:3] = (200, 10, 10, 255)
    found = np.array(Image.open(io.BytesIO(small_png(pixels))).convert("RGBA"))
    np.testing.assert_array_equal(found[..., 3], pixels[..., 3])
