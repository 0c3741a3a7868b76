"""Colour refinement and its ladder, against networkx and a definition with dictionaries."""

from collections import Counter
from itertools import chain, product

import networkx as nx
import pytest
import torch

from gdl_utils.graphs.actions import Permutations, relabel, relabel_edges
from gdl_utils.graphs.features import cycle_counts
from gdl_utils.graphs.layers import GINConv
from gdl_utils.graphs.pairs import (
    decalin_and_bicyclopentyl,
    hexagon_and_triangles,
    rook_and_shrikhande,
)
from gdl_utils.graphs.refinement import refine_colours, refine_tuples, tells_apart
from gdl_utils.training import seeded

PAIRS = {
    "hexagon": (hexagon_and_triangles, 6),
    "decalin": (decalin_and_bicyclopentyl, 10),
    "rook": (rook_and_shrikhande, 16),
}
PATH = torch.tensor([[0, 1, 1, 2, 2, 3], [1, 0, 2, 1, 3, 2]])


def both_ways(graph):
    edges = torch.tensor(list(graph.edges), dtype=torch.int64).reshape(-1, 2).T
    return torch.cat([edges, edges.flip(0)], 1)


def as_networkx(edge_index, n):
    graph = nx.empty_graph(n)
    graph.add_edges_from(edge_index.T.tolist())
    return graph


def test_a_path_by_hand():
    """Ends and middle part in the first round; then nothing more."""
    assert refine_colours(PATH, 4).tolist() == [[0, 0, 0, 0], [0, 1, 1, 0]]
    assert refine_colours(PATH, 4, rounds=3).tolist()[2:] == [[0, 1, 1, 0]] * 2


def test_refinement_by_hand_from_given_colours():
    """One marked end makes every node of a path different, one round at a time."""
    marked = torch.tensor([7, 0, 0, 0])
    assert refine_colours(PATH, 4, marked).tolist() == [[1, 0, 0, 0], [3, 2, 1, 0]]


def test_directed_edges_are_read_as_layers_do():
    """Along 0 → 1 → 2, node 0 hears nothing."""
    assert refine_colours(torch.tensor([[0, 1], [1, 2]]), 3)[-1].tolist() == [0, 1, 2]


@pytest.mark.parametrize("seed", range(6))
def test_refinement_against_networkx(seed):
    """The same partition of a random sparse graph as its Weisfeiler-Lehman hashes."""
    graph = nx.gnp_random_graph(14, 0.12, seed=seed)
    history = refine_colours(both_ways(graph), 14, rounds=4)
    nx.set_node_attributes(graph, "alike", "start")
    hashes = nx.weisfeiler_lehman_subgraph_hashes(graph, node_attr="start", iterations=4)
    for r in range(1, 5):
        pairs = {(int(history[r, v]), hashes[v][r - 1]) for v in graph}
        assert len(pairs) == len({c for c, _ in pairs}) == len({h for _, h in pairs})


def test_colours_move_with_the_nodes():
    group, rng = Permutations(10), torch.Generator().manual_seed(0)
    first, _ = decalin_and_bicyclopentyl()
    for _ in range(5):
        g = group.sample(rng)
        there = refine_colours(relabel_edges(g, first), 10)
        assert torch.equal(there.T, relabel(g, refine_colours(first, 10).T))


def test_the_ladder():
    """Which folklore dimension tells which pair apart: the table of chapter 07."""
    found = {
        name: [tells_apart(*((e, n) for e in pair()), k=k) for k in (1, 2, 3)]
        for name, (pair, n) in PAIRS.items()
    }
    assert found == {
        "hexagon": [False, True, True],
        "decalin": [False, True, True],
        "rook": [False, False, True],
    }


@pytest.mark.parametrize("name", PAIRS)
def test_the_pairs_differ_and_look_alike(name):
    pair, n = PAIRS[name]
    first, second = (as_networkx(e, n) for e in pair())
    assert not nx.is_isomorphic(first, second)
    assert sorted(d for _, d in first.degree) == sorted(d for _, d in second.degree)
    for edges in pair():
        assert sorted(edges.T.tolist()) == sorted(edges.flip(0).T.tolist())


def test_the_pairs_are_what_they_are_called():
    hexagon, triangles = (as_networkx(e, 6) for e in hexagon_and_triangles())
    assert nx.is_isomorphic(hexagon, nx.cycle_graph(6))
    assert nx.is_isomorphic(triangles, nx.disjoint_union(nx.cycle_graph(3), nx.cycle_graph(3)))
    decalin, bicyclopentyl = decalin_and_bicyclopentyl()
    assert cycle_counts(decalin, 10, (5, 6))[[0, 5]].tolist() == [[0, 2], [0, 2]]
    assert cycle_counts(bicyclopentyl, 10, (5, 6))[[0, 5]].tolist() == [[1, 0], [1, 0]]
    rook, shrikhande = rook_and_shrikhande()
    board = nx.line_graph(nx.complete_bipartite_graph(4, 4))
    assert nx.is_isomorphic(as_networkx(rook, 16), board)
    for edges in (rook, shrikhande):
        a = torch.zeros(16, 16)
        a[tuple(edges)] = 1
        assert torch.equal(a @ a, 4 * torch.eye(16) + 2)


def test_message_passing_agrees_where_refinement_does():
    """Constant features: two layers give every node of the hexagon what the triangles' get."""
    with seeded(0):
        layers = [GINConv(torch.nn.Linear(1, 4)), GINConv(torch.nn.Linear(4, 4))]
    outputs = []
    for edges in hexagon_and_triangles():
        x = torch.ones(6, 1)
        for layer in layers:
            x = torch.tanh(layer(x, edges))
        outputs.append(x)
    assert torch.equal(*outputs)


def folklore_by_definition(graphs, k):
    """Dictionaries of tuples; six rounds are enough for the graphs below."""
    colours = []
    for edge_index, n in graphs:
        edges = {tuple(e) for e in edge_index.T.tolist()}
        looks = lambda v, edges=edges: tuple((a == b, (a, b) in edges) for a in v for b in v)  # noqa: E731
        colours.append({v: looks(v) for v in product(range(n), repeat=k)})
    for _ in range(6):
        after = []
        for (_, n), c in zip(graphs, colours):
            swapped = lambda v, w, c=c: tuple(c[v[:p] + (w,) + v[p + 1 :]] for p in range(k))  # noqa: E731
            after.append({v: (c[v], *sorted(swapped(v, w) for w in range(n))) for v in c})
        names = {s: i for i, s in enumerate(sorted({s for a in after for s in a.values()}))}
        colours = [{v: names[s] for v, s in a.items()} for a in after]
    return [list(c.values()) for c in colours]


@pytest.mark.parametrize(("k", "sizes"), [(2, (7, 6)), (3, (4, 5))])
def test_tuples_against_the_definition(k, sizes):
    graphs = [(both_ways(nx.gnp_random_graph(n, 0.4, seed=n)), n) for n in sizes]
    ours = torch.cat(refine_tuples(graphs, k)).tolist()
    theirs = [*chain(*folklore_by_definition(graphs, k))]
    pairs = Counter(zip(ours, theirs))
    assert len(pairs) == len(set(ours)) == len(set(theirs))


def test_tuples_of_one_graph_twice():
    first = (decalin_and_bicyclopentyl()[0], 10)
    g = Permutations(10).sample(torch.Generator().manual_seed(3))
    moved = (relabel_edges(g, first[0]), 10)
    a, b = (c.reshape(10, 10) for c in refine_tuples([first, moved]))
    assert torch.equal(b[g][:, g], a)
    assert not tells_apart(first, moved, 1)
    assert not tells_apart(first, moved, 2)


def test_loops_and_parallel_edges_count():
    plain, one = torch.tensor([[0, 1], [1, 0]]), torch.tensor([[0, 1, 0], [1, 0, 0]])
    twice = torch.cat([plain, plain], 1)
    for k in (1, 2):
        assert tells_apart((plain, 2), (one, 2), k)
        assert tells_apart((plain, 2), (twice, 2), k)
        assert tells_apart((plain, 2), (plain, 3), k)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: refine_colours(PATH, 3), "must name nodes 0 to 2, got 0 to 3"),
        (lambda: refine_colours(PATH, 4, rounds=-1), "rounds must not be negative, got -1"),
        (lambda: refine_colours(PATH, 4, torch.zeros(3).long()), r"colours must be \(4,\)"),
        (lambda: refine_colours(PATH, 4, torch.zeros(4)), "of whole numbers, got"),
        (lambda: refine_tuples([(PATH, 4)], 1), "k must be at least 2, got 1"),
        (lambda: refine_tuples([(PATH, 30)], 3), "1 to 20000 3-tuples in all, got 27000"),
        (lambda: refine_tuples([], 2), "got 0"),
        (lambda: refine_tuples([(PATH, 3)], 2), "must name nodes"),
        (lambda: tells_apart((PATH, 4), (PATH, 4), 0), "k must be at least 1, got 0"),
        (lambda: tells_apart((PATH, 3), (PATH, 4)), "must name nodes 0 to 2"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
