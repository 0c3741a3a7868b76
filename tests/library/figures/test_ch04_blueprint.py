"""Chapter 04's pictures show what they are given, and refuse what they cannot draw."""

import json
import re

import numpy as np
import pytest
import torch

from gdl_utils.figures import ch04_blueprint as blueprint
from gdl_utils.figures import ch04_five_g as five_g
from gdl_utils.plots import style

IMAGE = torch.eye(8)
NODES, EDGES = [[0, 0], [1, 0], [0, 1]], [[0, 1], [1, 2]]


def test_a_graph_is_drawn_with_its_edges_and_values():
    fig = blueprint.image_and_graph(IMAGE, NODES, EDGES, [1, 2, 5], label="age", title="Two.")
    left, right = fig.axes[:2]
    assert left.images[0].get_array().shape == (8, 8)
    assert len(right.lines) == 2
    assert right.collections[0].get_array().tolist() == [1, 2, 5]


@pytest.mark.parametrize(
    ("nodes", "edges", "values", "said"),
    [
        (NODES, EDGES, [1, 2], "values must be"),
        (NODES, [[0], [3]], [1, 2, 3], "edges must name nodes 0 to 2"),
        (NODES, [[0, 1, 2]], [1, 2, 3], "edges"),
        ([[0, 0, 0]], [[0], [0]], [1], "nodes must be"),
    ],
)
def test_a_graph_that_does_not_fit_is_refused(nodes, edges, values, said):
    with pytest.raises(ValueError, match=said):
        blueprint.image_and_graph(IMAGE, nodes, edges, values)


def test_moves_beyond_half_the_grid_are_drawn_as_negative():
    grid = torch.zeros(6, 6, dtype=torch.bool)
    grid[1, 4] = grid[3, 0] = True
    fig = blueprint.commuting_moves({"a": grid})
    points = fig.axes[0].collections[0].get_offsets()
    assert sorted(map(tuple, points.tolist())) == [(-2, 1), (0, 3)]


@pytest.mark.parametrize("maps", [{}, {"a": torch.zeros(2, 3)}])
def test_maps_of_moves_must_be_square(maps):
    with pytest.raises(ValueError, match="maps"):
        blueprint.commuting_moves(maps)


def test_the_square_shows_its_corners_in_order():
    corners = [k * IMAGE for k in range(1, 5)]
    fig = blueprint.square(corners, across="f", down=("g", "h"), title="Both ways.")
    assert [ax.images[0].get_array().max() for ax in fig.axes] == [1, 2, 3, 4]
    assert len(fig.artists) == 4
    with pytest.raises(ValueError, match="four images"):
        blueprint.square(corners[:3], across="f", down=("g", "h"))


def test_arrows_are_the_vectors():
    fig = blueprint.arrows({"one": [[1, 2], [3, 4]]})
    quiver = fig.axes[0].collections[0]
    assert quiver.U.tolist() == [1, 3]
    assert quiver.V.tolist() == [2, 4]


@pytest.mark.parametrize("fields", [{}, {"a": torch.zeros(2, 3)}])
def test_arrows_must_lie_in_the_plane(fields):
    with pytest.raises(ValueError, match="fields"):
        blueprint.arrows(fields)


def test_a_cross_is_where_it_should_be():
    marked = blueprint.crossed(torch.zeros(9, 9), (4, 4))
    orange = [int(style.ORANGE[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    assert marked.shape == (9, 9, 3)
    assert np.allclose(marked[4, 4], orange)
    assert marked[0].max() == 0
    with pytest.raises(ValueError, match="inside the image"):
        blueprint.crossed(torch.zeros(9, 9), (4, 12))


def test_bending_keeps_lengths_along_the_sheet_and_shortens_chords():
    path = np.linspace(0, 1, 400)[:, None] * [1.0, 0.5]
    assert five_g.length(five_g.bent(path, 0)) == pytest.approx(np.hypot(1, 0.5))
    assert five_g.length(five_g.bent(path, 3)) == pytest.approx(np.hypot(1, 0.5), rel=1e-5)
    chord = five_g.length(five_g.bent(path[[0, -1]], 3))
    assert chord == pytest.approx(np.hypot(2 * np.sin(1.5) / 3, 0.5))
    with pytest.raises(ValueError, match="points must be"):
        five_g.bent(np.zeros((2, 3)), 1)


def test_on_the_map_of_five_something_moves_and_something_stays():
    image = np.random.default_rng(0).uniform(size=(8, 8))
    figure = five_g.five_g(image, title="Five.", alt="Five domains.")
    data = json.loads(re.search(r'application/json">(.*?)</script>', figure.html)[1])
    panels = data["panels"]
    names = [panel["label"] for panel in panels]
    assert names == ["Grids", "Groups", "Graphs", "Geodesics", "Gauges"]
    for panel in panels:
        words = [[part[3] for part in frame if part[0] == "w"] for frame in panel["frames"]]
        changes, stays = zip(*words, strict=True)
        assert len(words) == five_g.STEPS
        assert len(set(changes)) > 2, panel["label"]
        assert len(set(stays)) == 1, panel["label"]
    assert len(figure.html.encode()) < 150_000
    with pytest.raises(ValueError, match=r"image must lie in \[0, 1\], got 0.0 to 2.0"):
        five_g.five_g(2 * np.eye(8), title="Five.", alt="Five domains.")
