"""Structural features, by hand and against networkx and scipy; permutations as matrices."""

import networkx as nx
import numpy as np
import pytest
import scipy.linalg
import scipy.sparse.csgraph
import torch

from gdl_utils import equivariance_error
from gdl_utils.equivariant_maps import equivariant_basis
from gdl_utils.graphs import features
from gdl_utils.graphs.actions import Permutations, relabel, relabel_edges, relabel_matrix
from gdl_utils.graphs.features import (
    cycle_counts,
    heat_diagonal,
    laplacian,
    return_probabilities,
    simple_adjacency,
)
from gdl_utils.graphs.pairs import decalin_and_bicyclopentyl, hexagon_and_triangles
from gdl_utils.graphs.representations import (
    generators,
    on_matrices,
    on_nodes,
    on_simple,
    on_symmetric,
)

GRAPH = nx.gnp_random_graph(12, 0.35, seed=3)
GRAPH.add_node(12)
EDGES = torch.tensor(list(GRAPH.edges)).T  # one direction each: they are read as undirected
ADJACENCY = nx.to_numpy_array(GRAPH)
SQUARE = torch.tensor([[0, 1, 2, 3, 0, 0, 1], [1, 2, 3, 0, 2, 0, 0]])  # a chord, a loop, a double


def test_a_square_with_a_chord_by_hand():
    assert simple_adjacency(SQUARE, 5)[0].tolist() == [0, 1, 1, 1, 0]
    assert laplacian(SQUARE, 5)[0].tolist() == [3, -1, -1, -1, 0]
    assert cycle_counts(SQUARE, 5, (3, 4)).tolist() == [[2, 1], [1, 1], [2, 1], [1, 1], [0, 0]]
    third = return_probabilities(SQUARE, 5, 2)[:, 1]
    torch.testing.assert_close(third, torch.tensor([4 / 9, 1 / 3, 4 / 9, 1 / 3, 0]).double())


def test_cycles_against_networkx():
    counts = np.zeros((13, 8), int)
    for cycle in nx.simple_cycles(GRAPH, length_bound=7):
        counts[cycle, len(cycle)] += 1
    ours = cycle_counts(EDGES, 13, (3, 4, 5, 6, 7))
    assert ours.tolist() == counts[:, 3:].tolist()


def test_triangles_and_squares_by_their_formulas():
    a = torch.from_numpy(ADJACENCY)
    degree, power = a.sum(1), a @ a
    triangles = (power @ a).diagonal() / 2
    squares = ((power @ power).diagonal() - degree**2 - a @ (degree - 1)) / 2
    assert torch.equal(
        cycle_counts(EDGES, 13, (3, 4)).double(), torch.stack([triangles, squares], 1)
    )


def test_cycles_of_a_complete_graph():
    """Through each node of K7: (n-1)(n-2) … (n-l+1) / 2 cycles of length l."""
    edges = torch.triu_indices(7, 7, 1)
    assert cycle_counts(edges, 7)[0].tolist() == [15, 60, 180, 360]


@pytest.mark.parametrize("normalised", [False, True])
def test_laplacian_against_scipy(normalised):
    theirs = scipy.sparse.csgraph.laplacian(ADJACENCY, normed=normalised)
    np.testing.assert_allclose(laplacian(EDGES, 13, normalised), theirs, atol=1e-12)


def test_heat_against_scipy():
    lap = laplacian(EDGES, 13, normalised=True).numpy()
    ours = heat_diagonal(EDGES, 13, (0.0, 0.7, 5.0))
    for k, t in enumerate((0.0, 0.7, 5.0)):
        np.testing.assert_allclose(ours[:, k], scipy.linalg.expm(-t * lap).diagonal(), atol=1e-12)
    torch.testing.assert_close(ours[12], torch.ones(3).double())


def test_heat_does_not_depend_on_the_eigenvectors(monkeypatch):
    """A hexagon's eigenvalues are double: turned eigenvectors, other signs, the same features."""
    hexagon = hexagon_and_triangles()[0]
    before = heat_diagonal(hexagon, 6)
    solve = torch.linalg.eigh

    def turned(matrix):
        values, vectors = solve(matrix)
        c, s = 0.6, 0.8
        pair = vectors[:, 1:3] @ torch.tensor([[c, -s], [s, c]], dtype=torch.float64)
        return values, torch.cat([-vectors[:, :1], pair, -vectors[:, 3:]], 1)

    monkeypatch.setattr(features.torch.linalg, "eigh", turned)
    torch.testing.assert_close(heat_diagonal(hexagon, 6), before)


def test_walks_against_a_loop():
    walk = ADJACENCY / np.maximum(ADJACENCY.sum(1, keepdims=True), 1)
    ours = return_probabilities(EDGES, 13, 5)
    for k in range(1, 6):
        np.testing.assert_allclose(ours[:, k - 1], np.linalg.matrix_power(walk, k).diagonal())


@pytest.mark.parametrize("feature", [return_probabilities, heat_diagonal, cycle_counts])
def test_features_move_with_the_nodes(feature):
    moved = equivariance_error(
        lambda edges: feature(edges, 13).double(), Permutations(13), relabel_edges, relabel, EDGES
    )
    assert moved <= 1e-10
    with pytest.raises(AssertionError):
        torch.testing.assert_close(feature(EDGES, 13)[:6], feature(EDGES, 13)[6:12])


@pytest.mark.parametrize("feature", [return_probabilities, heat_diagonal, cycle_counts])
@pytest.mark.parametrize("pair", [hexagon_and_triangles, decalin_and_bicyclopentyl])
def test_features_see_what_refinement_does_not(feature, pair):
    first, second = (feature(e, int(e.max()) + 1).double().sum(0) for e in pair())
    assert (first - second).abs().max() > 0.01


@pytest.mark.parametrize("n", [4, 5])
def test_dimensions_of_all_equivariant_maps(n):
    sets, matrices, symmetric, simple = (
        f(n) for f in (on_nodes, on_matrices, on_symmetric, on_simple)
    )
    assert len(equivariant_basis(sets, sets)) == 2
    assert len(equivariant_basis(matrices, matrices)) == 15
    assert len(equivariant_basis(symmetric, symmetric)) == 9
    assert len(equivariant_basis(simple, simple)) == 3
    assert len(equivariant_basis(sets, matrices)) == 5


def test_the_three_maps_of_simple_graphs_by_hand():
    """The edge itself, the edges that share one node with it, and those that share none."""
    basis = equivariant_basis(on_simple(4), on_simple(4))
    pairs = torch.triu_indices(4, 4, 1).T.tolist()
    shared = torch.tensor([[len({*p} & {*q}) for q in pairs] for p in pairs])
    assert sorted(b.tolist() for b in basis) == sorted(
        (shared == k).double().tolist() for k in (0, 1, 2)
    )


def test_two_generators_stand_for_all():
    """What commutes with them commutes with permutations that were never shown."""
    rng = torch.Generator().manual_seed(0)
    a = torch.randn(5, 5, generator=rng, dtype=torch.float64)
    for matrix in equivariant_basis(on_matrices(5), on_matrices(5)):
        apply = lambda m, b=matrix: (b @ m.flatten()).reshape(5, 5)  # noqa: E731
        for _ in range(3):
            g = Permutations(5).sample(rng)
            there = apply(relabel_matrix(g, a))
            torch.testing.assert_close(there, relabel_matrix(g, apply(a)))


def test_generators_by_hand():
    exchange, cycle = generators(4)
    assert exchange.tolist() == [1, 0, 2, 3]
    assert cycle.tolist() == [1, 2, 3, 0]
    x = torch.tensor([5.0, 6, 7, 8]).double()
    assert torch.equal(on_nodes(4)[1] @ x, relabel(cycle, x))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: simple_adjacency(EDGES, 5), "must name nodes 0 to 4"),
        (lambda: laplacian(EDGES.T, 13), r"edge_index must be \(2, E\)"),
        (
            lambda: heat_diagonal(EDGES, 13, (1.0, -2.0)),
            r"times must not be negative, got \[1.0, -2.0",
        ),
        (lambda: return_probabilities(EDGES, 13, 0), "steps must be at least 1, got 0"),
        (lambda: cycle_counts(EDGES, 13, (2, 3)), r"lengths must be at least 3, got \[2, 3\]"),
        (lambda: cycle_counts(EDGES, 13, ()), r"got \[\]"),
        (lambda: cycle_counts(EDGES, 3), "must name nodes 0 to 2"),
        (lambda: generators(1), "n must be at least 2, got 1"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
