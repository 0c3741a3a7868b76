"""Simulated patients: by hand on a small graph, and their rates against what is promised."""

import pytest
import torch

from gdl_utils.data.ontology import closure
from gdl_utils.data.patients import (
    ALIKE,
    CLEAN,
    NOISY,
    SHIFTED,
    Patients,
    Reliability,
    Simulation,
    Simulator,
    erring,
)
from gdl_utils.data.phenotypes import MIDPOINTS, PhenotypeGraph, load_phenotypes


def small(edge_index, frequency, is_a, terms=6):
    diseases = max(edge_index[0]) + 1
    return PhenotypeGraph(
        tuple(f"ORPHA:{i}" for i in range(diseases)), ("",) * diseases,
        tuple(f"HP:{i}" for i in range(terms)), ("",) * terms, ((),) * terms, {},
        torch.tensor(edge_index), torch.tensor(frequency), torch.tensor(is_a), "v", "v", 0,
    )  # fmt: skip


@pytest.fixture(scope="module")
def chain():
    """0 is the root; 1 under it; 2, 3 under 1; 4 under 2; 5 under 0. One disease has 4 always."""
    return small([[0, 0, 1], [3, 4, 5]], [4, 0, 0], [[1, 2, 3, 4, 5], [0, 1, 1, 2, 0]])


@pytest.fixture(scope="module")
def real():
    graph = load_phenotypes()
    return graph, Simulator(graph)


def draws(simulator, n, how, seed=0, **more):
    return simulator.draw(n, how, rng=torch.Generator().manual_seed(seed), **more)


def test_obligate_symptoms_are_always_told(chain):
    how = Simulation(fewest=5, most=5, asked=0, reliability=(Reliability(),) * 2)
    found = draws(Simulator(chain), 4000, how, diseases=torch.tensor([0]))
    told = torch.zeros(4000, 6).index_put((found.owner, found.term), torch.ones(()))
    assert told[:, 4].all()
    assert 0.015 < told[:, 3].mean() < 0.035  # very rare: 2.5 %
    assert told[:, [0, 1, 2, 5]].sum() == 0
    assert found.present.all()
    assert 0.45 < found.reporter.double().mean() < 0.55


def test_vague_reports_climb(chain):
    """By hand: from term 4 to 2 with 1 − climb, else to 1, whose parent is the root: it stays."""
    how = Simulation(fewest=5, most=5, asked=0, climb=0.25, reliability=(Reliability(vague=1),) * 2)
    found = draws(Simulator(chain), 4000, how, diseases=torch.tensor([0]))
    share = (found.term[:, None] == torch.arange(6)).double().mean(0)
    assert share[4] == share[0] == 0
    assert abs(share[2] - 0.75) < 0.03


def test_exact_reports_name_a_kind(chain):
    graph = small([[0], [1]], [0], chain.is_a.tolist())
    how = Simulation(fewest=1, most=1, asked=0, reliability=(Reliability(exact=1),) * 2)
    found = draws(Simulator(graph), 2000, how)
    share = (found.term[:, None] == torch.arange(6)).double().mean(0)
    assert abs(share[2] - 0.5) < 0.04
    assert share[2] + share[3] == 1


def test_noise_is_a_symptom_of_anyone(chain):
    """By hand: a disease counts alike whatever its number of symptoms: half of the noise is 5."""
    how = Simulation(fewest=1, most=1, asked=0, reliability=(Reliability(noise=1),) * 2)
    found = draws(Simulator(chain), 4000, how, diseases=torch.tensor([0]))
    share = (found.term[:, None] == torch.arange(6)).double().mean(0)
    assert abs(share[5] - 0.5) < 0.03
    assert abs(share[3] - 0.5 * 0.025 / 1.025) < 0.01


@pytest.mark.parametrize("missed", [0.0, 0.5])
def test_absent_findings_are_not_there_unless_missed(chain, missed):
    """Disease 1 has 5, always: it is reported absent only where it was missed and is not told."""
    graph = small([[0, 1, 1], [4, 5, 4]], [0, 0, 0], chain.is_a.tolist())
    how = Simulation(1, 1, 3, reliability=(Reliability(missed=missed),) * 2)
    found = draws(Simulator(graph), 3000, how)
    no = found.present.logical_not()
    ill = found.disease[found.owner] == 1
    assert (no & ~ill).any()
    assert (no & ill).any() == (missed > 0)
    assert not (no & ~ill & (found.term == 4)).any()


def test_frequencies_are_those_of_the_graph(real):
    """Told without limit and without errors, a symptom is there with its midpoint."""
    graph, simulator = real
    how = Simulation(fewest=200, most=200, asked=0, reliability=(Reliability(),) * 2)
    some = torch.tensor([graph.disease("ORPHA:558")])  # Marfan syndrome
    found = draws(simulator, 4000, how, diseases=some)
    rate = torch.zeros(len(graph.term_ids)).index_add(0, found.term, torch.ones(len(found.term)))
    mine = graph.edge_index[0] == some
    wanted = torch.tensor(MIDPOINTS)[graph.frequency[mine]]
    assert (rate[graph.edge_index[1][mine]] / 4000 - wanted).abs().max() < 0.035
    assert rate.sum() == rate[graph.edge_index[1][mine]].sum()


@pytest.mark.parametrize("how", [NOISY, CLEAN, ALIKE, SHIFTED])
def test_patients_are_consistent(real, how):
    graph, simulator = real
    found = draws(simulator, 1500, how)
    assert found.told.min() >= 1
    assert found.told.max() <= how.most
    assert (found.owner.diff() >= 0).all()
    pairs = found.owner * len(graph.term_ids) + found.term
    assert len(pairs.unique()) == len(pairs)
    listed = graph.edge_index[0][graph.edge_index[1] == 0]  # a few diseases list the root itself
    assert len(listed) == 8
    assert (found.term == 0).double().mean() < 0.002
    below = closure(graph.is_a, len(graph.term_ids))
    kinds = set(zip(below.above.tolist(), below.below.tolist()))
    for i in range(200):
        one = found[i : i + 1]
        yes, no = one.term[one.present].tolist(), one.term[~one.present].tolist()
        assert not any((a, t) in kinds for a in no for t in yes)
    assert abs(found.reporter.double().mean() - how.clinician) < 0.03


def test_seeds_repeat_and_differ(real):
    _, simulator = real
    a, b, c = (draws(simulator, 50, NOISY, seed) for seed in (3, 3, 4))
    assert all(torch.equal(getattr(a, x), getattr(b, x)) for x in ("disease", "term", "reporter"))
    assert not torch.equal(a.disease, c.disease)


def test_some_of_the_patients(real):
    """Identity: parts hold the same reports, in the order that was asked for."""
    _, simulator = real
    found = draws(simulator, 20, NOISY)
    some = found[torch.tensor([7, 2])]
    assert torch.equal(some.disease, found.disease[[7, 2]])
    assert torch.equal(some.term[some.owner == 0], found.term[found.owner == 7])
    assert torch.equal(some.reporter[some.owner == 1], found.reporter[found.owner == 2])
    mask = torch.arange(20) == 2
    assert torch.equal(found[mask].term, found[2:3].term)
    assert len(found[:5]) == 5


def test_erring_more():
    """By hand: probabilities are multiplied and stop at 1."""
    more = erring(NOISY, 2.0).reliability
    assert more[0] == Reliability(noise=0.7, vague=1.0, exact=0.0, missed=0.5)
    assert more[1] == Reliability(noise=0.1, vague=0.4, exact=0.2, missed=0.06)
    assert erring(NOISY, 0.0).reliability == CLEAN.reliability
    assert erring(NOISY, 1.0) == NOISY


def test_both_reporters_of_the_control_err_as_often_as_the_two_on_average():
    one, other = NOISY.reliability
    for name in ("noise", "vague", "exact", "missed"):
        mean = (getattr(one, name) + getattr(other, name)) / 2
        assert getattr(ALIKE.reliability[0], name) == pytest.approx(mean, abs=1e-9)
    assert ALIKE.reliability[0] == ALIKE.reliability[1]


def test_bad_arguments(real):
    _, simulator = real
    with pytest.raises(ValueError, match=r"noise must be from 0 to 1, got 1\.1"):
        Reliability(noise=1.1)
    with pytest.raises(ValueError, match=r"vague \+ exact must be at most 1, got 1\.2"):
        Reliability(vague=0.6, exact=0.6)
    with pytest.raises(ValueError, match="1 ≤ fewest ≤ most must hold, got 0 and 8"):
        Simulation(fewest=0)
    with pytest.raises(ValueError, match="asked must not be negative, got -1"):
        Simulation(asked=-1)
    with pytest.raises(ValueError, match="climb must be from 0 to 1, got 2"):
        Simulation(climb=2)
    with pytest.raises(ValueError, match="reliability must have 2 entries, got 1"):
        Simulation(reliability=(Reliability(),))
    with pytest.raises(ValueError, match="n must be positive, got 0"):
        draws(simulator, 0, NOISY)
    for diseases in (torch.tensor([4281]), torch.tensor([-1]), torch.tensor([], dtype=torch.int64)):
        with pytest.raises(ValueError, match="diseases must be some of 0 to 4280, got"):
            draws(simulator, 3, NOISY, diseases=diseases)
    with pytest.raises(ValueError, match="factor must not be negative, got -1"):
        erring(NOISY, -1)
    assert isinstance(draws(simulator, 3, NOISY), Patients)
