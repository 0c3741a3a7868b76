"""What stands beside the network: naive Bayes, the exact posterior, matching, vectors."""

import math
from itertools import combinations, product

import pytest
import torch

from gdl_utils.cases.diagnosis.bayes import (
    InformationContent,
    NaiveBayes,
    ancestors,
    clean_posterior,
)
from gdl_utils.cases.diagnosis.factors import BagOfSymptoms, GraphFactors
from gdl_utils.cases.diagnosis.paths import Paths
from gdl_utils.data.patients import CLEAN, NOISY, Patients, Reliability, Simulation, Simulator
from gdl_utils.data.phenotypes import MIDPOINTS, PhenotypeGraph
from gdl_utils.metrics import hits, ranks
from gdl_utils.training import seeded

F = torch.tensor(MIDPOINTS, dtype=torch.float64)
GRAPH = PhenotypeGraph(
    ("ORPHA:1", "ORPHA:2", "ORPHA:3"), ("a", "b", "c"),
    tuple(f"HP:{i}" for i in range(6)), tuple("uvwxyz"), ((),) * 6, {},
    torch.tensor([[0, 0, 0, 0, 1, 1, 2], [1, 2, 4, 5, 4, 5, 5]]),
    torch.tensor([1, 2, 3, 4, 2, 1, 0]),
    torch.tensor([[1, 2, 3, 4, 4, 5], [0, 1, 1, 2, 3, 0]]), "v", "v", 7,
)  # fmt: skip
"""0 the root; 1 and 5 under it; 2 and 3 under 1; 4 under 2 and 3."""
PATHS = Paths(GRAPH)


def patients(*reports, n=1):
    owner, term, present, reporter = (torch.tensor(x) for x in zip(*reports))
    return Patients(torch.zeros(n, dtype=torch.int64), owner, term, present.bool(), reporter)


@pytest.mark.parametrize("propagated", [False, True])
def test_naive_bayes_by_hand(propagated):
    """Present: 2 by the clinician; absent: 1 by the patient. Disease 1 has only 4, a kind of 2."""
    model = NaiveBayes(GRAPH, PATHS, propagated)
    model.doubt, model.size = torch.tensor([0.5, 0.2]), 1
    scores = model(patients((0, 2, 1, 1), (0, 1, 0, 0)))[0].double()
    n = torch.stack([F[1] + F[2] + F[3] + F[4], F[2] + F[1]])
    if propagated:
        q = torch.stack([1 - (1 - F[2]) * (1 - F[3]), F[2]]) / n
        denied = torch.stack([1 - (1 - F[1]) * (1 - F[2]) * (1 - F[3]), F[2]])
    else:
        q, denied = torch.stack([F[2], 0 * F[2]]) / n, torch.stack([F[1], 0 * F[1]])
    yes = torch.log1p(0.8 / 0.2 * q / (q.sum() / 3))
    no = torch.log1p(-(1 - NOISY.reliability[0].missed) * denied)
    torch.testing.assert_close(scores[:2], yes + no, rtol=1e-5, atol=1e-5)
    assert scores[2] == 0


def exact(f, how):
    """All that can be told of a disease, and how likely: every state, every choice."""
    likely = {}
    for state in product((0, 1), repeat=len(f)):
        there = [t for t, s in zip(f, state) if s]
        p = math.prod(f[t] if s else 1 - f[t] for t, s in zip(f, state))
        for r in range(how.fewest, how.most + 1):
            told = list(combinations(there, min(r, len(there))))
            for some in told:
                likely[some] = likely.get(some, 0) + p / len(told) / (how.most - how.fewest + 1)
    none = math.prod(1 - x for x in f.values())
    return {k: v / (1 - none) for k, v in likely.items() if k}


def test_the_exact_posterior_is_that_of_all_cases():
    """Oracle: every state of each disease and every choice of what is told, counted."""
    how = Simulation(2, 3, 0, reliability=(Reliability(),) * 2)
    links = list(zip(*GRAPH.edge_index.tolist(), GRAPH.frequency.tolist()))
    tables = [exact({t: MIDPOINTS[c] for d, t, c in links if d == i}, how) for i in range(3)]
    cases = sorted({k for table in tables for k in table})
    reports = [(i, t, 1, 0) for i, case in enumerate(cases) for t in case]
    found = clean_posterior(GRAPH, patients(*reports, n=len(cases)), how).exp()
    likely = torch.tensor([[t.get(c, 0.0) for t in tables] for c in cases], dtype=torch.float64)
    torch.testing.assert_close(found, likely / likely.sum(1, keepdim=True), rtol=1e-6, atol=1e-9)
    assert all(abs(sum(t.values()) - 1) < 1e-12 for t in tables)


def test_the_exact_posterior_wants_clean_patients():
    with pytest.raises(ValueError, match="must only have present reports without errors"):
        clean_posterior(GRAPH, patients((0, 2, 0, 1)), CLEAN)
    with pytest.raises(ValueError, match="must only have present reports without errors"):
        clean_posterior(GRAPH, patients((0, 2, 1, 1)), NOISY)


def test_information_content_by_hand():
    """2 is in diseases 0 and 1 (by its kind 4): ln 3/2. Its best term above in disease 2: none."""
    model = InformationContent(GRAPH, PATHS)
    model.weight = {"clinician": 2.0, "absent": 0.5, "size": 0.0}
    content = math.log(3 / 2)
    assert model(patients((0, 2, 1, 0)))[0].tolist() == pytest.approx([content, content, 0])
    assert model(patients((0, 2, 1, 1)))[0].tolist() == pytest.approx([2 * content] * 2 + [0])
    assert model(patients((0, 4, 0, 1)))[0].tolist() == pytest.approx([-content / 2] * 2 + [0])
    assert model(patients((0, 3, 1, 0)))[0].tolist() == pytest.approx([content, content, 0])


def test_tuning_does_not_harm_where_it_looks():
    simulator = Simulator(GRAPH)
    found = simulator.draw(300, NOISY, rng=torch.Generator().manual_seed(0))
    for model in (NaiveBayes(GRAPH, PATHS, True), InformationContent(GRAPH, PATHS)):
        before = hits(ranks(model(found), found.disease), 1)
        model.tune(found)
        assert hits(ranks(model(found), found.disease), 1) >= before


def test_terms_above_each_term():
    start, above = ancestors(GRAPH)
    rows = [above[start[t] : start[t + 1]].tolist() for t in range(6)]
    assert rows == [[0], [0, 1], [0, 1, 2], [0, 1, 3], [0, 1, 2, 3, 4], [0, 5]]


def test_the_bag_is_linear_in_its_reports():
    """Identity: scores of two reports are those of each, less one bias."""
    with seeded(0):
        model = BagOfSymptoms(GRAPH, rank=4)
    both = model(patients((0, 2, 1, 1), (0, 5, 0, 0)))[0]
    each = model(patients((0, 2, 1, 1), (1, 5, 0, 0), n=2)).sum(0) - model.diseases.bias
    torch.testing.assert_close(both, each)
    other = model(patients((0, 2, 1, 0), (0, 5, 0, 0)))[0]
    assert (both - other).abs().max() > 1e-4


def test_factors_find_the_links():
    """A disease's own term scores higher for it than for one that lacks the term."""
    with seeded(0) as rng:
        model = GraphFactors(GRAPH, rank=8)
        model.fit(rng, steps=150, batch=32, lr=0.05)
    scores = model(patients((0, 1, 1, 0)))[0]
    assert scores.argmax() == 0
    found = patients((0, 1, 1, 0), (1, 5, 1, 0), n=2)
    model.tune(found)
    assert model(found).shape == (2, 3)
