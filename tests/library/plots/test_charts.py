"""Charts hold what they are given, and refuse what they cannot draw."""

from types import SimpleNamespace

import numpy as np
import pytest

from gdl_utils.plots import style
from gdl_utils.plots.charts import curves, plain_ticks, waterfall

ROWS = [
    SimpleNamespace(stage="conv", role="B", error=3e-16),
    SimpleNamespace(stage="flatten", role="", error=0.0),
    SimpleNamespace(stage="dense", role="", error=0.8),
]
X = np.arange(1.0, 6.0)
NAN = np.array([1.0, np.nan, 1.0, 1.0, 1.0])
row = SimpleNamespace


def test_curves_hold_what_was_given():
    fig = curves(X, {"a": 2 * X}, intervals={"a": (X, 3 * X)}, colors={"a": style.CONTROL})
    line = fig.axes[0].lines[0]
    np.testing.assert_array_equal(line.get_ydata(), 2 * X)
    assert line.get_color() == style.CONTROL


def test_waterfall_says_exact_and_broken_in_words():
    fig = waterfall(ROWS)
    assert [text.get_text() for text in fig.axes[0].texts] == ["exact", "exact", "broken"]
    ends = [bar.get_x() + bar.get_width() for bar in fig.axes[0].patches]
    np.testing.assert_allclose(ends, [3e-16, 1e-16, 0.8])
    labels = [t.get_text() for t in fig.axes[0].get_yticklabels()]
    assert labels == ["conv  [B]", "flatten", "dense"]


def test_a_broken_stage_may_be_infinite():
    waterfall([row(stage="a", role="", error=float("inf"))])


def test_plain_ticks():
    fig = curves([1, 10, 1000], {"a": [1, 2, 3]}, logx=True)
    plain_ticks(fig, x=[1, 1000])
    for drawn in (fig, fig.narrow):
        assert [t.get_text() for t in drawn.axes[0].get_xticklabels()] == ["1", "1,000"]


def test_a_hollow_curve_is_squares_without_a_line():
    fig = curves(X, {"a": X, "bound": X + 1}, hollow=["bound"])
    line, bound = fig.axes[0].lines
    assert (line.get_linestyle(), bound.get_linestyle()) == ("-", "None")
    assert (bound.get_marker(), bound.get_markerfacecolor()) == ("s", "none")


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: curves(X, {}), "at least one curve"),
        (lambda: curves(X, {"a": X[1:]}), "curve of 5 values"),
        (lambda: curves(X, {"a": NAN}), "must be finite"),
        (lambda: curves(X, {"a": X}, intervals={"b": (X, X)}), "curve of 5 values"),
        (lambda: curves(X, {"a": X}, intervals={"a": (X, X[1:])}), "curve of 5 values"),
        (lambda: curves(X, {"a": X}, colors={"b": "red"}), "must name curves"),
        (lambda: curves(X, {"a": X}, hollow=["b"]), "hollow must name curves"),
        (lambda: curves(X, {"a": X - 1}, logy=True), "logy needs positive"),
        (lambda: curves(X - 1, {"a": X}, logx=True), "logx needs positive"),
        (lambda: waterfall([]), "at least one stage"),
        (lambda: waterfall([row(stage="a", role="", error=np.nan)]), "at least 0"),
        (lambda: waterfall([row(stage="a", role="", error=-1)]), "at least 0"),
        (lambda: waterfall(ROWS, threshold=1e-17), "floor < threshold"),
        (lambda: plain_ticks(curves([1, 2], {"a": [1, 2]}), y=[0]), "must be positive, got 0"),
    ],
)
def test_what_cannot_be_drawn_is_refused(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()
