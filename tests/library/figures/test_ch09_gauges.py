"""Chapter 09's triangles, kernels and logarithmic maps lie in the plane as they should."""

import numpy as np
import pytest

from gdl_utils.figures.ch09_gauges import kernels, log_charts, unfolded


def test_an_unfolded_cube_corner_has_a_gap_of_a_quarter():
    fig = unfolded({"corner": ([np.pi / 2] * 3, [1.0] * 3)}, title="A gap.")
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
