"""Graphs are laid out and drawn as given, and refused where they cannot be."""

import itertools

import numpy as np
import pytest
import torch

from gdl_utils.data.mutag import load_mutag
from gdl_utils.plots import style
from gdl_utils.plots.colors import CATEGORIES
from gdl_utils.plots.graphs import Drawing, _scaled, graphs, layout

RING = torch.tensor([[0, 1, 2, 3, 1, 2, 3, 0], [1, 2, 3, 0, 0, 1, 2, 3]])
PAIRS = torch.tensor([[0, 2], [1, 3]])


def test_letters_on_paper_are_ink_and_letters_on_a_color_stay():
    plain = graphs({"": Drawing(4, RING, texts=list("abcd"))}).axes[0].texts
    assert {t.get_color() for t in plain} == {style.BLACK}
    classes = graphs({"": Drawing(4, RING, texts=list("abcd"), colors=[0, 1, 2, 3])}).axes[0].texts
    assert style.BLACK not in {t.get_color() for t in classes}


def lengths(pos, ends):
    return np.linalg.norm(pos[ends[0]] - pos[ends[1]], axis=1)


def test_layout_of_an_edge_a_ring_and_two_parts():
    assert np.allclose(lengths(layout(2, [[0], [1]]), [[0], [1]]), 1)
    square = layout(4, RING)
    assert np.ptp(lengths(square, RING.numpy())) < 1e-6
    parts = layout(4, PAIRS)
    assert parts[:2, 0].max() < parts[2:, 0].min()
    assert layout(1, np.zeros((2, 0), int)).shape == (1, 2)
    assert np.array_equal(layout(4, RING), layout(4, RING))


def test_layout_lowers_the_stress_of_a_path_to_that_of_a_line():
    ends = np.array([[0, 1, 2, 3], [1, 2, 3, 4]])
    pos = layout(5, ends)
    apart = np.abs(np.subtract.outer(np.arange(5), np.arange(5)))
    drawn = np.linalg.norm(pos[:, None] - pos, axis=-1)
    assert np.abs(drawn - apart).max() < 0.15


def crossings(pos, ends):
    """How many pairs of edges without a common node cross."""

    def side(a, b, q):
        return np.sign(np.linalg.det([b - a, q - a]))

    found = 0
    for (i, j), (k, m) in itertools.combinations({tuple(sorted(e)) for e in ends.T.tolist()}, 2):
        a, b, p, q = pos[[i, j, k, m]]
        found += (
            len({i, j, k, m}) == 4
            and side(a, b, p) * side(a, b, q) < 0
            and side(p, q, a) * side(p, q, b) < 0
        )
    return found


def test_molecules_do_not_tangle():
    """These are flat: a layout without crossings exists, and some begun on a circle miss it."""
    for molecule in load_mutag()[::9]:
        ends = molecule.edge_index.numpy()
        assert crossings(layout(len(molecule.x), ends), ends) == 0


def test_layout_does_not_turn_with_rounding():
    """A ring's plane may be turned freely; another processor must not draw it otherwise."""
    rng = np.random.default_rng(0)
    ring = np.stack([np.arange(9), (np.arange(9) + 1) % 9])
    apart = np.minimum(np.abs(ring[0][:, None] - ring[0]), 9 - np.abs(ring[0][:, None] - ring[0]))
    noise = 1e-12 * rng.normal(size=(9, 9))
    np.testing.assert_allclose(_scaled(apart + noise + noise.T), _scaled(apart), atol=1e-6)
    assert _scaled(np.zeros((1, 1))).shape == (1, 2)


def test_graphs_draw_edges_once_and_colours_as_given():
    items = {
        "classes": Drawing(4, RING, colors=torch.tensor([0, 1, 0, 1]), texts=list("abcd")),
        "amounts": Drawing(4, PAIRS, colors=[0.0, 0.5, 1.0, 2.0], bold=[[0, 0], [1, 2]]),
    }
    fig = graphs(items, label="amount", title="Two graphs")
    left, right = fig.axes[:2]
    assert len(left.lines) == 4
    assert [t.get_text() for t in left.texts] == list("abcd")
    faces = left.collections[0].get_facecolor()
    assert np.allclose(faces[0], faces[2])
    assert not np.allclose(faces[0], faces[1])
    assert len(right.lines) == 2 + 2
    assert [ln.get_linestyle() for ln in right.lines[2:]] == ["-", ":"]  # a pair, and no edge
    assert right.collections[0].get_clim() == (0.0, 2.0)
    assert len(fig.axes) == 3  # with the scale
    assert items["classes"].paint[:2] == list(CATEGORIES[:2])


def test_graphs_with_matrices_below():
    fig = graphs({"a": Drawing(4, RING)}, matrices={"a": np.eye(4)}, title="One graph")
    assert np.array_equal(fig.axes[1].collections[0].get_array().reshape(4, 4), np.eye(4))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Drawing(3, RING), "edge_index must name nodes 0 to 2"),
        (lambda: Drawing(4, [[0.5], [1.0]]), r"edge_index must be \(2, E\) integers"),
        (lambda: Drawing(4, RING, bold=[[0], [9]]), "bold must name nodes"),
        (lambda: Drawing(4, RING, pos=np.zeros((3, 2))), r"pos must be \(4, 2\)"),
        (lambda: Drawing(4, RING, texts=["a"]), "texts must hold 4 entries, got 1"),
        (lambda: graphs({}), "must hold a graph"),
        (lambda: graphs({"a": Drawing(4, RING)}, label="x"), "label needs a graph with amounts"),
        (lambda: graphs({"a": Drawing(4, RING)}, matrices={"b": np.eye(4)}), "matrices need"),
    ],
)
def test_graphs_refuse(make, said):
    with pytest.raises(ValueError, match=said):
        make()
