"""Figures of chapter 05: that they draw what they are given, and refuse what they cannot."""

import numpy as np
import pytest

from gdl_utils.figures.ch05_grids import aliasing, between, by_shift, detections


def wave(k, n=32, at=0.0):
    return np.cos(2 * np.pi * k * (np.arange(n) - at) / n)


@pytest.mark.parametrize("n", [31, 32])
def test_between_passes_through_the_samples(n):
    samples = np.random.default_rng(0).normal(size=n)
    places, values = between(samples, n + 1)
    assert np.allclose(places, np.arange(n + 1))
    assert np.allclose(values, np.append(samples, samples[0]))


def test_between_finds_the_low_alias():
    places, values = between(wave(13)[::2])
    assert np.allclose(values, np.cos(2 * np.pi * 3 * places / 16))


@pytest.mark.parametrize("bad", [np.zeros((2, 2)), [1.0, np.nan], []])
def test_between_refuses_what_is_no_signal(bad):
    with pytest.raises(ValueError, match="samples"):
        between(bad)
    with pytest.raises(ValueError, match="points"):
        between([1.0, 2.0], 1)


def test_aliasing_has_a_panel_for_each_wave():
    fig = aliasing({"one": wave(13), "two": wave(13, at=1)}, 2, title="It comes back low.")
    assert [ax.get_title(loc="left") for ax in fig.axes] == ["one", "two"]
    kept = fig.axes[0].lines[2]
    assert np.allclose(kept.get_ydata(), wave(13)[::2])
    assert fig.get_suptitle() == "It comes back low."


def test_aliasing_refuses():
    with pytest.raises(ValueError, match="at least one"):
        aliasing({}, 2)
    with pytest.raises(ValueError, match="multiple of 3"):
        aliasing({"a": wave(1)}, 3)


def test_detections_frame_only_what_is_found():
    image, response = np.zeros((9, 9)), np.zeros((9, 9))
    response[4, 6] = 0.9
    fig = detections(
        [image, image], [response, response / 2], threshold=0.8, size=3, titles=["a", "b"]
    )
    framed = [len(ax.patches) for ax in fig.axes]
    assert framed == [2, 0, 2, 0]
    assert fig.axes[0].patches[0].get_xy() == (4.5, 2.5)  # column 6, row 4
    assert fig.axes[2].get_xlabel().endswith("found")
    assert fig.axes[3].get_xlabel().endswith("missed")


def test_detections_refuse():
    a, b = np.zeros((3, 3)), np.zeros((2, 2))
    with pytest.raises(ValueError, match="as many responses"):
        detections([a], [], threshold=1, size=1, titles=["x"])
    with pytest.raises(ValueError, match="shapes"):
        detections([a], [b], threshold=1, size=1, titles=["x"])
    with pytest.raises(ValueError, match="titles"):
        detections([a], [a], threshold=1, size=1, titles=["x", "y"])


def test_by_shift_draws_points_and_bands():
    live = {"flatten": [0.5, 0.9, 0.5]}
    stored = {"flatten": [[0.4, 0.9, 0.4], [0.6, 0.9, 0.6]], "pooled": np.full((2, 3), 0.95)}
    panels = {"accuracy": (live, stored), "same": (live, {})}
    fig = by_shift([-1, 0, 1], panels, limits=[(0, 1), (0.9, 1)], title="One falls.")
    top, bottom = fig.axes
    assert (len(top.lines), len(top.collections)) == (3, 2)
    assert (len(bottom.lines), len(bottom.collections)) == (1, 0)
    assert top.lines[0].get_color() == bottom.lines[0].get_color()
    assert bottom.get_ylim() == (0.9, 1.0)
    assert [t.get_text() for t in fig.legends[0].get_texts()] == ["flatten", "pooled"]


def test_by_shift_refuses():
    with pytest.raises(ValueError, match="3 scores"):
        by_shift([-1, 0, 1], {"accuracy": ({"a": [1.0]}, {})}, limits=[(0, 1)])
    with pytest.raises(ValueError, match="3 scores"):
        by_shift([-1, 0, 1], {"accuracy": ({}, {})}, limits=[(0, 1)])
    with pytest.raises(ValueError, match="limits"):
        by_shift([-1, 0, 1], {"accuracy": ({}, {})}, limits=[])
