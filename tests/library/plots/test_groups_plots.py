"""The figures of chapter 06."""

import numpy as np
import pytest
import torch

from gdl_utils.plots.groups import accuracies, petals, tiles
from gdl_utils.plots.live import Slider, Sprite
from gdl_utils.plots.petals import MIDDLE, RADIUS, petals_live, petals_still

DEGREES = (0, 90, 180, 270)
POINTS = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.5, 3**0.5 / 2]])


def test_tiles_are_hexagons_around_their_points_that_touch():
    fig = tiles(POINTS, {"a": [1.0, 2.0, 3.0]}, finding="Three cells touch.")
    (drawn,) = fig.axes[0].collections
    paths = [path.vertices[:6] for path in drawn.get_paths()]
    assert len(paths) == 3
    np.testing.assert_allclose([p.mean(0) for p in paths], POINTS, atol=1e-12)
    shared = {tuple(v) for v in paths[0].round(9)} & {tuple(v) for v in paths[1].round(9)}
    assert len(shared) == 2  # neighbours share a side
    assert fig._suptitle.get_text() == "Three cells touch."


def test_squares_have_side_one():
    fig = tiles([[0.0, 0.0]], {"a": [1.0]}, sides=4)
    corners = fig.axes[0].collections[0].get_paths()[0].vertices[:4]
    assert sorted(map(tuple, corners.round(9))) == [
        (-0.5, -0.5),
        (-0.5, 0.5),
        (0.5, -0.5),
        (0.5, 0.5),
    ]


def test_what_is_masked_is_not_drawn_and_texts_stand_in_their_tiles():
    texts = {"a": ["x", "y", "z"]}
    fig = tiles(POINTS, {"a": [1.0, 9.0, 3.0]}, mask=[True, False, True], texts=texts)
    ax = fig.axes[0]
    assert len(ax.collections[0].get_paths()) == 2
    assert [t.get_text() for t in ax.texts] == ["x", "z"]
    assert ax.collections[0].get_clim() == (1, 3)


@pytest.mark.parametrize(
    ("points", "items", "options", "message"),
    [
        (POINTS, {"a": [1, 2, 3]}, {"sides": 5}, "sides must be 4 or 6, got 5"),
        (POINTS, {}, {}, "at least one signal"),
        (POINTS.T, {"a": [1, 2, 3]}, {}, "points must be"),
        (POINTS, {"a": [1, 2]}, {}, r"'a' must have the shape \(3,\), got \(2,\)"),
        (POINTS, {"a": [1, 2, 3]}, {"mask": [True]}, "'mask' must have the shape"),
    ],
)
def test_tiles_refuses_what_does_not_fit(points, items, options, message):
    with pytest.raises(ValueError, match=message):
        tiles(points, items, **options)


def test_petals_put_upright_at_the_top_and_count_counterclockwise():
    fig = petals(DEGREES, {"net": {"a": [1.0, 0.5, 0.25, 0.125]}})
    ax = fig.axes[0]
    theta, r = ax.lines[0].get_data()
    np.testing.assert_allclose(r, [1, 0.5, 0.25, 0.125, 1])  # closed
    corners = ax.transData.transform(np.stack([theta, r], 1))
    middle = ax.transData.transform([(0, 0)])[0]
    steps = (corners - middle) / (corners[0] - middle)[1]
    np.testing.assert_allclose(steps[0], [0, 1], atol=1e-9)  # up
    np.testing.assert_allclose(steps[1], [-0.5, 0], atol=1e-9)  # 90°: to the left


def test_petals_show_the_mean_over_seeds():
    fig = petals(DEGREES, {"net": {"a": [[1.0, 1, 1, 1], [0.5, 0.5, 0.5, 0.5]]}})
    assert set(fig.axes[0].lines[0].get_data()[1]) == {0.75}


@pytest.mark.parametrize(
    ("panels", "message"),
    [
        ({}, "at least one curve"),
        ({"net": {}}, "at least one curve"),
        ({"net": {"a": [1.0, 0.5]}}, "'a' must have 4 accuracies"),
        ({"net": {"a": [1.0, 0.5, 2.0, 0]}}, r"must lie in \[0, 1\]"),
    ],
)
def test_petals_refuses_what_does_not_fit(panels, message):
    with pytest.raises(ValueError, match=message):
        petals(DEGREES, panels)


def test_accuracies_of_one_seed_become_one_row():
    assert accuracies("a", [0.5, 1], 2).shape == (1, 2)


ANGLE = Slider("angle", DEGREES, label="Turn (degrees)")
DIGIT = Sprite(np.zeros((4, 2, 2)), by="angle", label="digit")


def circle(curves, slider=ANGLE):
    return petals_live(
        curves, slider, panels=[DIGIT], label="accuracy", title="It turns.", alt="It turns."
    )


def test_the_live_circle_holds_its_curves_and_finds_its_figure():
    figure = circle({"a": [1.0, 0.5, 0.5, 0.5], "b & c": [0.5] * 4})
    assert figure.html.count("<figure") == figure.html.count("</figure>") == 1
    start, quarter = (MIDDLE, MIDDLE - RADIUS), (MIDDLE - RADIUS / 2, MIDDLE)
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in (start, quarter))
    assert f'd="M{path}L' in figure.html
    assert "b &amp; c" in figure.html
    name = figure.html.split('data-gdl="')[1].split('"')[0]
    assert f'data-gdl="{name}"]' in figure.html.split('class="gdl-live-panel gdl-petals"')[1]
    assert repr(figure) == "It turns."


@pytest.mark.parametrize(
    ("curves", "slider", "message"),
    [
        ({}, ANGLE, "1 to 5 curves"),
        ({"a": [1.0]}, ANGLE, "'a' must have 4 accuracies"),
        ({"a": [1.0] * 4}, Slider("angle", list("abcd"), label="Turn"), "angles in degrees"),
    ],
)
def test_the_live_circle_refuses_what_does_not_fit(curves, slider, message):
    with pytest.raises(ValueError, match=message):
        circle(curves, slider)


def test_the_live_circle_keeps_to_its_size(monkeypatch):
    monkeypatch.setattr("gdl_utils.plots.petals.LIMIT", 1000)
    with pytest.raises(ValueError, match="may take 1,000 bytes"):
        circle({"a": [1.0] * 4})


WORDS = {"image": np.eye(3), "bars": {"a": 0.25, "b": 1.0}}


def test_the_still_shows_dots_on_their_curves_and_the_bars():
    curves = {"a": [1.0, 0.5, 0.25, 0.125], "b": [0.5] * 4}
    fig = petals_still(DEGREES, curves, 90, finding="It turns.", **WORDS)
    digit, bars, around = fig.axes
    dots = [line.get_data() for line in around.lines[1::2]]
    np.testing.assert_allclose([float(np.ravel(r)[0]) for _, r in dots], [0.5, 0.5])
    np.testing.assert_allclose([float(np.ravel(t)[0]) for t, _ in dots], np.pi / 2)
    assert [p.get_height() for p in bars.patches] == [0.25, 1.0]
    np.testing.assert_array_equal(digit.images[0].get_array(), np.eye(3))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"curves": {}}, "1 to 5 curves"),
        ({"curves": {"a": [1.0]}}, "'a' must have 4 accuracies"),
        ({"angle": 45}, "angle must be one of"),
        ({"bars": {}}, "bars must be one or more"),
        ({"bars": {"a": 1.5}}, "bars must be one or more"),
    ],
)
def test_the_still_refuses_what_does_not_fit(changes, message):
    given = {"degrees": DEGREES, "curves": {"a": [1.0] * 4}, "angle": 90, **WORDS, **changes}
    with pytest.raises(ValueError, match=message):
        petals_still(**given)
