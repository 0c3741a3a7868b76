"""Pictures of chapter 03 show what they are given, and refuse what they cannot."""

import numpy as np
import pytest
import torch

from gdl_utils.figures.ch03_shapes import graph_and_matrix, scores_and_costs, side_views
from gdl_utils.plots import style

TETRAHEDRON = (
    np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 2]]),
    np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]]),
)
SCORES = {
    "points": {"as it was": [0.5, 0.6, 0.7], "turned": [0.2, 0.3, 0.4]},
    "mesh": {"as it was": [0.8, 0.8, 0.8], "turned": [0.1, 0.2, 0.3]},
}
COSTS = {"seconds": {"points": 3.0, "mesh": 12.0}}


def test_side_views_paint_what_faces_the_viewer():
    fig = side_views([[TETRAHEDRON, TETRAHEDRON]], columns=["one", "two"], title="Two")
    assert [ax.get_title() for ax in fig.axes] == ["one", "two"]
    for ax in fig.axes:
        [painted] = ax.collections
        assert len(painted.get_paths()) == 1  # of four triangles only (0, 1, 3) has y < 0
        corners = painted.get_paths()[0].vertices[:3]
        assert sorted(map(tuple, corners.tolist())) == [(0, 0), (0, 2), (1, 0)]
        assert ax.get_ylim() == (0, 2)


def test_far_triangles_are_painted_first():
    near = TETRAHEDRON[0] - np.array([0, 5, 0])
    verts = np.concatenate([near, TETRAHEDRON[0] + np.array([0, 0, 3])])
    faces = np.concatenate([TETRAHEDRON[1], TETRAHEDRON[1] + 4])
    [painted] = side_views([[(verts, faces)]], columns=["both"]).axes[0].collections
    heights = [path.vertices[:3, 1].min() for path in painted.get_paths()]
    assert heights == [3, 0]


@pytest.mark.parametrize(
    ("rows", "columns", "said"),
    [
        ([], [], "must be a table"),
        ([[]], [], "must be a table"),
        ([[TETRAHEDRON], [TETRAHEDRON] * 2], ["a"], "must be a table"),
        ([[TETRAHEDRON]], ["a", "b"], "columns must hold 1 texts"),
        ([[(TETRAHEDRON[0][:3], TETRAHEDRON[1])]], ["a"], "faces must name vertices 0 to 2"),
        ([[(TETRAHEDRON[0][:, :2], TETRAHEDRON[1])]], ["a"], r"must be \(V, 3\) and \(F, 3\)"),
    ],
)
def test_side_views_refuse(rows, columns, said):
    with pytest.raises(ValueError, match=said):
        side_views(rows, columns=columns)


def test_scores_stand_at_their_means_with_students_interval():
    fig = scores_and_costs(SCORES, COSTS, chance=0.25, title="Meshes")
    scores, seconds = fig.axes
    assert [t.get_text() for t in scores.get_yticklabels()] == ["points", "mesh"]
    labels = [container.get_label() or "_" for container in scores.containers]
    assert [label for label in labels if label[0] != "_"] == ["as it was", "turned"]
    points = scores.containers[0]
    assert points.lines[0].get_xdata().tolist() == pytest.approx([60])
    low, high = points.lines[2][0].get_segments()[0][:, 0]
    half = 4.302653 * 10 / 3**0.5  # t of two degrees of freedom
    assert (low, high) == pytest.approx((60 - half, 60 + half), abs=1e-4)
    assert scores.containers[2].lines[0].get_markerfacecolor() == style.PAPER
    assert scores.containers[2].lines[0].get_color() == style.CONTROL
    assert [bar.get_width() for bar in seconds.patches] == [3, 12]
    assert [t.get_text() for t in seconds.texts] == [" 3.0", " 12"]


@pytest.mark.parametrize(
    ("scores", "costs", "said"),
    [
        ({}, {}, "at least one learner"),
        ({"a": {"x": [0.1, 0.2]}, "b": {"y": [0.1, 0.2]}}, {}, "the same for every learner"),
        ({"a": {k: [0.1, 0.2] for k in "xyz"}}, {}, "one or two conditions"),
        ({"a": {"x": [0.5]}}, {}, "two or more seeds"),
        ({"a": {"x": [50.0, 60.0]}}, {}, "two or more seeds, 0 to 1"),
        ({"a": {"x": [0.5, np.nan]}}, {}, "must be finite"),
        (SCORES, {"bytes": {"points": 1.0}}, "one for each learner"),
        (SCORES, {"bytes": {"points": 1.0, "mesh": 0.0}}, "must be positive"),
    ],
)
def test_scores_and_costs_refuse(scores, costs, said):
    with pytest.raises(ValueError, match=said):
        scores_and_costs(scores, costs, chance=0.25)


def test_a_graph_and_its_matrix():
    square = [[0, 0], [1, 0], [1, 1], [0, 1]]
    edges = torch.tensor([[0, 1], [1, 2], [2, 3], [0, 3]])
    matrix = torch.zeros(4, 4)
    matrix[edges[:, 0], edges[:, 1]] = matrix[edges[:, 1], edges[:, 0]] = 1
    figure = graph_and_matrix(square, edges, matrix, marked=0, title="A ring of four.")
    drawing, table = figure.axes
    segments = [line for line in drawing.lines if len(line.get_xdata()) == 2]
    assert len(segments) == 4
    assert sorted(t.get_text() for t in drawing.texts) == ["0", "1", "2", "3"]
    ones = {(p.get_x(), p.get_y()): p.get_facecolor()[:3] for p in table.patches}
    assert set(ones) == {(j, i) for i, j in zip(*np.nonzero(matrix.numpy()))}
    assert ones[1, 0] != ones[0, 1]  # the marked row stands out
    assert graph_and_matrix(square, edges, matrix, title="None is marked.") is not None


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: graph_and_matrix(np.ones((2, 2)), [[0, 1]], np.ones((3, 3)), title="a"),
            r"must be \(N, 2\), \(E, 2\), \(N, N\)",
        ),
        (
            lambda: graph_and_matrix(np.ones((2, 2)), [[0, 2]], np.ones((2, 2)), title="a"),
            "edges must name nodes 0 to 1",
        ),
        (
            lambda: graph_and_matrix(
                np.ones((2, 2)), [[0, 1]], np.ones((2, 2)), title="a", marked=2
            ),
            "marked must be a node, 0 to 1, got 2",
        ),
    ],
)
def test_graphs_that_do_not_fit_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
