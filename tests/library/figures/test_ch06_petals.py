"""Chapter 06's petals, in a live figure."""

import json
import re

import numpy as np
import pytest

from gdl_utils.figures.ch06_petals import Petals, accuracies
from gdl_utils.plots.live import Slider, live
from gdl_utils.plots.live.panel import State

DEGREES = (0, 90, 180, 270)


def test_petals_put_upright_at_the_top_and_count_counterclockwise():
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(subplot_kw={"projection": "polar"})
    plt.close(fig)
    panel = Petals({"a": [1.0, 0.5, 0.25, 0.125]}, cursor="angle", label="accuracy")
    controls = {"angle": Slider("angle", DEGREES, label="Turn (degrees)")}
    panel.draw(ax, panel.payload(controls), State(controls))
    fig.draw_without_rendering()  # which makes the circle round
    theta, r = ax.lines[0].get_data()
    np.testing.assert_allclose(r, [1, 0.5, 0.25, 0.125, 1])  # closed
    corners = ax.transData.transform(np.stack([theta, r], 1))
    middle = ax.transData.transform([(0, 0)])[0]
    steps = (corners - middle) / (corners[0] - middle)[1]
    np.testing.assert_allclose(steps[0], [0, 1], atol=1e-9)  # up
    np.testing.assert_allclose(steps[1], [-0.5, 0], atol=1e-9)  # 90°: to the left


def test_accuracies_of_one_seed_become_one_row():
    assert accuracies("a", [0.5, 1], 2).shape == (1, 2)


ANGLE = Slider("angle", DEGREES, label="Turn (degrees)", start=90)


def circle(curves, slider=ANGLE, **words):
    panel = Petals(curves, cursor="angle", **{"label": "accuracy", **words})
    return live(controls=[slider], panels=[panel], title="It turns.", alt="A circle.")


def test_the_live_circle_is_given_its_curves_and_angles():
    figure = circle({"a": [1.0, 0.5, 0.25, 0.1234], "b & c": [0.5] * 4})
    text = re.search(r'<script type="application/json">(.*?)</script>', figure.html)[1]
    [given] = json.loads(text)["panels"]
    assert given["degrees"] == list(DEGREES)
    assert given["names"] == ["a", "b & c"]
    assert given["ys"] == [[1, 0.5, 0.25, 0.123], [0.5] * 4]


def test_the_still_has_dots_where_the_slider_starts():
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(subplot_kw={"projection": "polar"})
    panel = Petals({"a": [1.0, 0.5, 0.25, 0.125]}, cursor="angle", label="accuracy")
    held = {"angle": ANGLE}
    panel.draw(ax, panel.payload(held), State(held))
    plt.close(fig)
    curve, dot = ax.lines
    np.testing.assert_allclose(curve.get_data()[1], [1, 0.5, 0.25, 0.125, 1])
    assert [float(np.ravel(x)[0]) for x in dot.get_data()] == pytest.approx([np.pi / 2, 0.5])


@pytest.mark.parametrize(
    ("curves", "given", "message"),
    [
        ({}, {}, "1 to 5 curves"),
        ({"a": [1.0]}, {}, "'a' must have 4 accuracies"),
        ({"a": [1.0] * 4}, {"slider": Slider("angle", list("abcd"), label="Turn")}, "are numbers"),
        ({"a": [1.0] * 4}, {"label": " "}, "label must say"),
    ],
)
def test_the_live_circle_refuses_what_does_not_fit(curves, given, message):
    with pytest.raises(ValueError, match=message):
        circle(curves, **given)


@pytest.mark.browser
def test_the_dots_run_along_their_curves(open_page):
    page = open_page(circle({"a": [1.0, 0.5, 0.25, 0.75], "b & c": [0.5] * 4}).html)
    svg, dot = page.get_by_role("img"), page.locator("circle.gdl-live-d0")
    assert svg.get_attribute("aria-label") == "accuracy, 90°: a 50 %, b & c 50 %"
    at = [float(dot.get_attribute(k)) for k in ("cx", "cy")]
    assert at == pytest.approx([160 - 118 / 2, 160])  # 90° counterclockwise: to the left
    page.get_by_role("slider").press("ArrowRight")
    at = [float(dot.get_attribute(k)) for k in ("cx", "cy")]
    assert at == pytest.approx([160, 160 + 118 / 4])  # below
    assert page.locator(".gdl-live-legend b").all_inner_texts() == ["25 %", "50 %"]
    path = page.locator("svg > path.gdl-live-c0").last.get_attribute("d")
    assert path.startswith("M160.0 42.0L101.0 160.0L")
