"""The figures of chapter 21: boxes and triples, parts, weights, reliability diagrams."""

import numpy as np
import pytest

from gdl_utils.figures.ch21_diagnosis import knowledge, parts, reliabilities, weights

COLUMNS = {"patient": ["you"], "symptom": ["Tremor", "Chorea"], "disease": ["Wilson disease"]}
EDGES = [("you", "has", "Tremor"), ("Tremor", "of", "Wilson disease")]


def words(fig):
    return {t.get_text() for ax in fig.axes for t in ax.texts}


def test_a_piece_shows_every_entity_and_every_triple():
    fig = knowledge(COLUMNS, EDGES, title="A path.")
    assert words(fig) >= {"you", "Tremor", "Chorea", "Wilson disease", "patient", "disease"}
    arrows = [t for t in fig.axes[0].texts if getattr(t, "arrow_patch", None) is not None]
    assert len(arrows) == len(EDGES)
    assert [t.get_text() for t in fig.legends[0].get_texts()] == ["has", "of"]
    assert "A path." in fig.get_suptitle()


@pytest.mark.parametrize(
    ("columns", "edges", "message"),
    [
        ({}, [], "1 to 5"),
        ({"a": ["x"], "b": ["x"]}, [], "different names"),
        (COLUMNS, [("you", "has", "Fever")], "got .'Fever'."),
        (COLUMNS, [("you", str(k), "Tremor") for k in range(8)], "at most 7 relations"),
    ],
)
def test_wrong_pieces_are_refused(columns, edges, message):
    with pytest.raises(ValueError, match=message):
        knowledge(columns, edges)


def test_parts_fill_their_bar():
    fig = parts({"a": [0.25, 0.75], "b": [0.96, 0.04]}, ["x", "y"], title="Cut.")
    bars = fig.axes[0].patches
    assert [round(float(b.get_width()), 2) for b in bars] == [0.25, 0.96, 0.75, 0.04]
    assert [round(float(b.get_x()), 2) for b in bars] == [0, 0, 0.25, 0.96]
    assert words(fig) == {"25", "75", "96"}  # a part too narrow for its number has none


@pytest.mark.parametrize(
    ("rows", "names", "message"),
    [
        ({}, ["x"], "rows and 1 to 7 names"),
        ({"a": [1.0]}, [], "rows and 1 to 7 names"),
        ({"a": [0.5, 0.4]}, ["x", "y"], "sum 1"),
        ({"a": [1.0]}, ["x", "y"], "2 shares"),
        ({"a": [1.5, -0.5]}, ["x", "y"], "sum 1"),
    ],
)
def test_wrong_parts_are_refused(rows, names, message):
    with pytest.raises(ValueError, match=message):
        parts(rows, names)


def test_true_values_are_bars_and_learnt_ones_dots():
    fig = weights({"r": ([0.6, 0.4], [0.5, 0.5])}, ["up", "down"], title="Close.")
    ax = fig.axes[0]
    assert [b.get_width() for b in ax.patches] == [0.6, 0.4]
    np.testing.assert_allclose(ax.lines[0].get_xdata(), [0.5, 0.5])
    assert [t.get_text() for t in ax.get_yticklabels()] == ["up", "down"]


@pytest.mark.parametrize("panels", [{}, {"r": ([1.0], [1.0, 2.0])}])
def test_wrong_weights_are_refused(panels):
    with pytest.raises(ValueError, match="panel"):
        weights(panels, ["up"])


def test_a_reliability_diagram_has_its_diagonal_and_the_mean_of_the_seeds():
    said, right = np.array([[0.2, 0.8], [0.4, 0.6]]), np.array([[0.1, 0.9], [0.3, 0.7]])
    fig = reliabilities({"seen": (said, right), "one": ([0.5], [0.5])}, title="Right.")
    first = fig.axes[0].lines
    np.testing.assert_allclose(first[0].get_xydata(), [[0, 0], [1, 1]])
    np.testing.assert_allclose(first[-1].get_xydata(), [[0.3, 0.2], [0.7, 0.8]])
    assert [ax.get_title() for ax in fig.axes] == ["seen", "one"]


@pytest.mark.parametrize("panels", [{}, {"a": ([0.5], [0.5, 0.5])}, {"a": ([1.5], [0.5])}])
def test_wrong_reliabilities_are_refused(panels):
    with pytest.raises(ValueError, match=r"panel|shares"):
        reliabilities(panels)
