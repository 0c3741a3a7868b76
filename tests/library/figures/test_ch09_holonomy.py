"""Chapter 09's portrait, the arrow transported over it, and the panel that shows both."""

import base64
import io
import json
import re

import numpy as np
import pytest
from PIL import Image

from gdl_utils.figures.ch09_holonomy import Transport, Transported, transported
from gdl_utils.figures.ch09_portraits import portrait
from gdl_utils.geodesics.shapes import icosphere
from gdl_utils.plots.live import Choice, Slider, live
from gdl_utils.plots.live.panel import State

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


def test_a_portrait_as_a_file_keeps_its_transparency(pictures):
    found = np.array(Image.open(io.BytesIO(pictures[0].file())).convert("RGBA"))
    given = pictures[0].pixels[..., 3]
    assert found[given == 0, 3].max() == 0
    assert found[given == 255, 3].min() > 240
    assert len(pictures[0].file()) < pictures[0].pixels.size / 4


def steps(picture, gauges=2):
    """A loop about z with three stops on the front and one behind."""
    points = np.array([[[0.5, 0, 0.87], [0, 0.5, 0.87], [-0.5, 0, 0.87], [0, 0, -1]]])
    vectors = np.tile([1.0, 0, 0], (1, 4, 1))
    frames = np.tile(np.eye(3)[:2], (1, gauges, 4, 1, 1))
    return transported(picture, points, vectors, frames, points, scale=0.4)


def test_transported_arrows_lie_in_the_portrait(pictures):
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
        transported(pictures[0], **given)


CONTROLS = [
    Slider("way", [0, 1, 2, 3], label="Way", start=3),
    Choice("l", ["one", "two"], label="Loop"),
    Choice("g", ["a", "b"], label="Gauge"),
    Choice("n", ["x", "y"], label="Network"),
]
BY = ("way", "l", "g", "n")


def panel(pictures, **changes):
    same, other = pictures
    one = changes.pop("one", None) or steps(same)
    two = Transported(*(np.concatenate([part] * 2) for part in vars(one).values()))
    given = {"by": BY, "label": "an arrow", **changes}
    return Transport([[same, same], [same, other]], two, **given)


def test_the_page_is_given_each_picture_once(pictures):
    figure = live(controls=CONTROLS, panels=[panel(pictures)], title="It turns.", alt="A ball.")
    text = re.search(r'<script type="application/json">(.*?)</script>', figure.html)[1]
    [given] = json.loads(text)["panels"]
    assert given["image"] == [[0, 0], [0, 1]]
    assert np.array(given["axes"]).shape == (2, 2, 4, 2, 2)
    stored = [Image.open(io.BytesIO(base64.b64decode(f.split(",")[1]))) for f in given["files"]]
    assert [image.size for image in stored] == [(120, 112)] * 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"by": ("way", "l", "g")}, "stop, loop, gauge, network; got"),
        ({"by": "way"}, "stop, loop, gauge, network; got 'way'"),
        ({"by": ("way", "l", "g", "z")}, "by must name controls"),
        ({"by": ("l", "way", "g", "n")}, "moved and pictures must fit"),
        ({"label": ""}, "label must say"),
    ],
)
def test_wrong_panels_are_refused(pictures, change, message):
    with pytest.raises(ValueError, match=message):
        panel(pictures, **change).payload({c.name: c for c in CONTROLS})
    with pytest.raises(ValueError, match="moved and pictures must fit"):
        panel(pictures, one=steps(pictures[0], gauges=3)).payload({c.name: c for c in CONTROLS})


def test_the_still_shows_the_loop_where_the_controls_start(pictures):
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots()
    held = {c.name: c for c in CONTROLS}
    one = panel(pictures)
    one.draw(ax, one.payload(held), State(held))
    plt.close(fig)
    ends = [(t.xyann, t.xy) for t in ax.texts]  # at the first stop, where it sets out, and now
    moved = one.moved
    np.testing.assert_allclose(ends[1], [moved.stops[0, 0], moved.stops[0, 0] + moved.arrows[0, 0]])
    np.testing.assert_allclose(ends[2], [moved.stops[0, 3], moved.stops[0, 3] + moved.arrows[0, 3]])


@pytest.mark.browser
def test_the_arrow_goes_along_the_loop_and_the_picture_follows_the_network(pictures, open_page):
    one = panel(pictures)
    page = open_page(live(controls=CONTROLS, panels=[one], title="It turns.", alt="A ball.").html)
    arrow = page.locator("svg > line").last

    def ends():
        return [float(arrow.get_attribute(k)) for k in ("x1", "y1", "x2", "y2")]

    def wanted(k):
        at = one.moved.stops[0, k].round(1)
        return [*at, *at + one.moved.arrows[0, k].round(1)]

    assert ends() == pytest.approx(wanted(3))
    assert arrow.evaluate("e => e.style.opacity") == "0.3"  # behind the ball
    page.get_by_role("slider").press("ArrowLeft")
    assert ends() == pytest.approx(wanted(2))
    assert arrow.evaluate("e => e.style.opacity") == "1"

    def shown():
        return page.locator("svg > image").evaluate_all("all => all.map(e => e.style.display)")

    assert shown() == ["", "none"]
    page.get_by_role("radio", name="a", exact=True).press("ArrowRight")
    assert shown() == ["", "none"]  # the first network's picture is the same in all gauges
    page.get_by_role("radio", name="x").press("ArrowRight")
    assert shown() == ["none", ""]
