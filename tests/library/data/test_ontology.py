"""Ancestors of the terms of an ontology: by hand, as an identity, and against networkx."""

import networkx as nx
import pytest
import torch

from gdl_utils.data.ontology import closure, ragged

DIAMOND = torch.tensor([[1, 2, 3, 3, 4, 4], [0, 0, 1, 2, 3, 0]])


def test_by_hand():
    """3 is a kind of 1 and of 2, 4 of 3 and of 0: half of the walks from 4 go to 0 at once."""
    found = closure(DIAMOND, 5)
    table = {(a, b): (s, w) for a, b, s, w in zip(*(x.tolist() for x in found))}
    assert table[0, 0] == table[4, 4] == (0, 1.0)
    assert table[0, 3] == (2, 1.0)
    assert table[1, 3] == (1, 0.5)
    assert table[1, 4] == (2, 0.25)
    assert table[0, 4] == (1, 1.0)
    assert len(table) == 5 + 1 + 1 + 3 + 4


def random_order(n=60, seed=0):
    rng = torch.Generator().manual_seed(seed)
    pairs = [(i, j) for i in range(1, n) for j in range(i)]
    kept = (torch.rand(len(pairs), generator=rng) < 0.06).tolist()
    return torch.tensor([p for p, k in zip(pairs, kept) if k]).T.contiguous()


def test_against_networkx():
    is_a = random_order()
    graph = nx.DiGraph(is_a.T.tolist())
    graph.add_nodes_from(range(60))
    found = closure(is_a, 60)
    steps = {(b, a): s for a, b, s in zip(*(x.tolist() for x in found[:3]))}
    far = {(b, a): s for b, row in nx.all_pairs_shortest_path_length(graph) for a, s in row.items()}
    assert steps == far


def test_walks_end_somewhere():
    """Identity: every walk comes through exactly one root."""
    is_a = random_order()
    found = closure(is_a, 60)
    roots = is_a[0].bincount(minlength=60) == 0
    ends = torch.zeros(60, dtype=torch.float64)
    ends.index_add_(0, found.below, torch.where(roots[found.above], found.share, 0.0))
    torch.testing.assert_close(ends, torch.ones(60, dtype=torch.float64))


def test_pairs_are_sorted_and_no_edges_is_fine():
    found = closure(random_order(), 60)
    assert ((found.above * 60 + found.below).diff() > 0).all()
    alone = closure(torch.zeros(2, 0, dtype=torch.int64), 3)
    assert alone.above.tolist() == alone.below.tolist() == [0, 1, 2]


def test_entries_of_rows():
    """By hand: rows of 2, 0 and 3 entries."""
    which, entry = ragged(torch.tensor([0, 2, 2, 5]), torch.tensor([2, 0, 1, 2]))
    assert which.tolist() == [0, 0, 0, 1, 1, 3, 3, 3]
    assert entry.tolist() == [2, 3, 4, 0, 1, 2, 3, 4]


def test_bad_arguments():
    with pytest.raises(ValueError, match=r"is_a must be \(2, A\) of int64, got \(3, 2\)"):
        closure(torch.zeros(3, 2, dtype=torch.int64), 3)
    with pytest.raises(ValueError, match=r"torch\.float32"):
        closure(torch.zeros(2, 2), 3)
    with pytest.raises(ValueError, match="must name terms from 0 to 3, got 0 to 4"):
        closure(DIAMOND, 4)
    with pytest.raises(ValueError, match="must have no circle, got one among 2 terms"):
        closure(torch.tensor([[0, 1], [1, 0]]), 2)
