"""The pictures of chapter 01 show what they were given, and refuse what they cannot show."""

import numpy as np
import pytest

from gdl_utils.figures.ch01_why_geometry import contest, strokes

TITLES = ("pixels", "cells")


def test_contest_has_a_bar_a_year_and_tells_the_kinds_apart():
    fig = contest([2010, 2011], [28.2, 16.4], [False, True], ["", "net"], human=5.1)
    bars = fig.axes[0].patches
    assert [bar.get_height() for bar in bars] == [28.2, 16.4]
    assert bars[0].get_hatch() != bars[1].get_hatch()
    assert "16.4\nnet" in [t.get_text() for t in fig.axes[0].texts]


def test_strokes_run_along_the_edge():
    votes = np.zeros((4, 2, 2))
    votes[0, 0, 0] = 1  # the gradient points to the right: the edge is upright
    votes[2, 1, 1] = 1  # the gradient points down: the edge is level
    lines = [line for line in strokes(np.ones((8, 8)), votes, titles=TITLES).axes[1].lines]
    drawn = [line.get_xydata() for line in lines if line.get_linewidth() > 1]
    (upright, level) = drawn
    assert np.allclose(upright[:, 0], 0)
    assert np.ptp(upright[:, 1]) > 1
    assert np.allclose(level[:, 1], 1)
    assert np.ptp(level[:, 0]) > 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: contest([1], [1, 2], [True], [""], human=1), "one length, got 1, 2, 1, 1"),
        (lambda: contest([1], [101], [True], [""], human=1), "errors must be 0 to 100 %"),
        (lambda: strokes(np.ones((4, 4)), np.ones((2, 2)), titles=TITLES), "votes must have 3"),
        (lambda: strokes(np.ones((4, 4)), -np.ones((2, 2, 2)), titles=TITLES), "at least 0"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
