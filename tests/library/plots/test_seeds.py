"""Scores seed by seed are drawn with the right interval, and refused where there is none."""

import numpy as np
import pytest

from gdl_utils.plots.seeds import interval, paired, scores
from gdl_utils.plots.style import CONTROL, SUBJECT


def test_interval_by_hand():
    """Two values 0 and 2: mean 1, standard error 1, and Student's t of one degree 12.706."""
    mean, low, high = interval([[0.0], [2.0]])
    assert mean[0] == 1
    assert np.allclose([low[0], high[0]], [1 - 12.7062, 1 + 12.7062], atol=1e-4)
    with pytest.raises(ValueError, match="two rows"):
        interval([[1.0]])


def test_scores_show_each_seed_and_their_interval():
    fig = scores({"A": [0.5, 0.5], "B": [0.8, 1.0]}, bound=(0.5, "ceiling"), marked=["A"])
    dots, band, mean = fig.axes[0].lines[3:6]
    assert list(dots.get_xdata()) == [0.8, 1.0]
    assert float(np.ravel(mean.get_xdata())[0]) == pytest.approx(0.9)
    high = band.get_xdata()[1]
    assert high - 0.9 == pytest.approx(12.706 * 0.1, rel=1e-3)  # t of one degree of freedom
    assert fig.axes[0].lines[0].get_color() == CONTROL
    assert dots.get_color() == SUBJECT


@pytest.mark.parametrize(
    ("rows", "marked", "said"),
    [({}, [], "marked must name rows"), ({"A": [1, 2]}, ["B"], "marked must name rows"),
     ({"A": [1]}, [], "at least two rows")],
)  # fmt: skip
def test_scores_refuse(rows, marked, said):
    with pytest.raises(ValueError, match=said):
        scores(rows, marked=marked)


def test_paired_colours_by_the_interval():
    fig = paired({"a": [1, 2], "b": [-1, 1]}, {"a": (0.5, 2.5), "b": (-1, 1)})
    dots = [line for line in fig.axes[0].lines if line.get_marker() == "o"]
    assert [list(line.get_xdata()) for line in dots] == [[1, 2], [-1, 1]]
    assert dots[0].get_color() != dots[1].get_color()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: paired({}, {}), "intervals must be given"),
        (lambda: paired({"a": [1]}, {"b": (0, 1)}), r"given for \['a'\], got \['b'\]"),
    ],
)
def test_paired_refuses(call, message):
    with pytest.raises(ValueError, match=message):
        call()
