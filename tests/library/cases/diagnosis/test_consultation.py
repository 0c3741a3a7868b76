"""The stored network, three lines from reports to a ranking, and reports that make no sense."""

import json
import shutil
from itertools import pairwise

import numpy as np
import pytest
import torch
from nbtools import ROOT

from gdl_utils.cases.diagnosis.consultation import ASSET, diagnose, load_diagnosis, one_patient
from gdl_utils.cases.diagnosis.kgcn import predict
from gdl_utils.data.patients import NOISY, Simulator
from gdl_utils.data.phenotypes import load_phenotypes
from gdl_utils.metrics import hits, ranks

SEIZURE, FOCAL, DELAY = "HP:0001250", "HP:0007359", "HP:0001263"


@pytest.fixture(scope="module")
def graph():
    return load_phenotypes()


@pytest.fixture(scope="module")
def network(graph):
    return load_diagnosis(graph)


def test_three_lines(graph, network):
    """Arachnodactyly, a dislocated lens and a wide aortic root: Marfan syndrome comes first."""
    reports = [("HP:0001166", True, "patient"), ("HP:0001083", True, "clinician")]
    reports += [("HP:0002616", True, "clinician"), (SEIZURE, False, "patient")]
    found = diagnose(network, graph, reports, 4281)
    assert found[0].name == "Marfan syndrome"
    assert found[0].id == "ORPHA:558"
    assert sum(d.probability for d in found) == pytest.approx(1, abs=1e-5)
    assert all(a.probability >= b.probability for a, b in pairwise(found))
    assert all(x > 0 for x in found[0].evidence[:3])
    assert found[0].evidence[3] <= 0


def test_evidence_is_what_the_scores_are_made_of(graph, network):
    """Identity: the messages and the readout add up to the score."""
    reports = [
        (SEIZURE, True, "patient"),
        (DELAY, True, "clinician"),
        ("HP:0000252", False, "patient"),
    ]
    scores = network(one_patient(graph, reports))[0].detach()
    found = diagnose(network, graph, reports, 50)
    size = network.paths.log_expected - 2
    rho = network.readout.detach()
    bare = size * (rho[0] + rho[1] * np.log(2) + rho[2] * size)
    for one in found:
        d = graph.disease(one.id)
        total = (sum(one.evidence) + bare[d]) / network.temperature
        torch.testing.assert_close(total, scores[d], rtol=1e-4, atol=1e-4)


def test_the_order_of_reports_does_not_matter(graph, network):
    reports = [
        (SEIZURE, True, "patient"),
        (DELAY, True, "clinician"),
        ("HP:0000252", False, "patient"),
    ]
    ids = [d.id for d in diagnose(network, graph, reports)]
    assert ids == [d.id for d in diagnose(network, graph, reports[::-1])]
    assert ids == [d.id for d in diagnose(network, graph, reports + reports)]


def test_who_reports_matters(graph, network):
    said = [diagnose(network, graph, [(FOCAL, True, by)], 1)[0] for by in ("patient", "clinician")]
    assert said[0].evidence != said[1].evidence


def test_former_identifiers_are_understood(graph):
    former, term = next(iter(graph.alternatives.items()))
    assert one_patient(graph, [(former, True, "patient")]).term.tolist() == [term]
    today = graph.term_ids[term]
    both = one_patient(graph, [(former, True, "patient"), (today, True, "patient")])
    assert len(both.term) == 1


@pytest.mark.parametrize(
    ("reports", "words"),
    [
        ([], "at least one report, got none"),
        ([("HP:9999999", True, "patient")], "name must be a term of the graph"),
        ([("<script>", True, "patient")], "name must be a term of the graph"),
        ([(SEIZURE, True, "nurse")], "must be by one of .*got 'nurse'"),
        (
            [(SEIZURE, True, "patient"), (SEIZURE, False, "clinician")],
            "must not contradict each other, got 'Seizure' absent and 'Seizure' present",
        ),
        (
            [(FOCAL, True, "patient"), (SEIZURE, False, "patient")],
            "'Seizure' absent and 'Focal-onset seizure' present",
        ),
    ],
)
def test_reports_that_make_no_sense(graph, network, reports, words):
    with pytest.raises(ValueError, match=words):
        diagnose(network, graph, reports)


def test_a_kind_may_be_absent(graph):
    found = one_patient(graph, [(SEIZURE, True, "patient"), (FOCAL, False, "patient")])
    assert found.present.tolist() == [True, False]


def test_how_many_are_wanted(graph, network):
    for k in (0, 4282):
        with pytest.raises(ValueError, match=f"k must be from 1 to 4281, got {k}"):
            diagnose(network, graph, [(SEIZURE, True, "patient")], k)


def test_many_reports(graph, network):
    """All that 500 terms say, present or absent, is finite."""
    rng = torch.Generator().manual_seed(0)
    terms = [t for t in range(5000, 9567) if not (graph.is_a[1] == t).any()]
    some = [terms[i] for i in torch.randperm(len(terms), generator=rng)[:500].tolist()]
    reports = [(graph.term_ids[t], i % 2 == 0, "patient") for i, t in enumerate(some)]
    found = diagnose(network, graph, reports)
    assert len(found[0].evidence) == 500
    assert 0 < found[0].probability <= 1


def test_missing_and_damaged_weights(graph, tmp_path):
    with pytest.raises(FileNotFoundError, match="is missing"):
        load_diagnosis(graph, tmp_path / "no.npz")
    file = tmp_path / "x.npz"
    file.write_bytes(ASSET.read_bytes()[:700])
    with pytest.raises(ValueError, match="path must be the network as shipped, got a damaged"):
        load_diagnosis(graph, file)
    with np.load(ASSET) as asset:
        weights = dict(asset)
    for name, value in {"way": weights["way"][:1], "gain": weights["gain"] * np.nan}.items():
        np.savez(file, **{**weights, name: value})
        with pytest.raises(ValueError, match="path must hold the weights"):
            load_diagnosis(graph, file)


def test_the_stored_network_is_that_of_the_study(graph, network):
    """Hits@1 of seed 0 on its test patients, and its temperature."""
    stored = json.loads((ROOT / "book/results/21_diagnosis.json").read_text(encoding="utf-8"))
    scores = stored["scores"]["network"]["0"]
    rng = torch.Generator().manual_seed(1002)  # as the study draws them
    test = Simulator(graph).draw(stored["settings"]["test"], NOISY, rng=rng)
    rank = ranks(predict(network, test), test.disease)
    assert hits(rank, 1) == pytest.approx(scores["noisy"]["hits@1"], abs=0.003)
    assert float(network.temperature) == pytest.approx(
        scores["calibration"]["noisy"]["temperature"], abs=0.005
    )


@pytest.mark.slow
def test_the_script_makes_the_weights_again(graph, network, tmp_path):
    """Another processor rounds otherwise: what the network says is compared, not its weights."""
    import runpy

    script = runpy.run_path(str(ROOT / "tools/make_assets/diagnosis.py"))
    shutil.copy(ASSET, tmp_path)
    script["main"](tmp_path)
    fresh = load_diagnosis(graph, tmp_path / ASSET.name)
    test = Simulator(graph).draw(500, NOISY, rng=torch.Generator().manual_seed(3))
    a, b = (predict(x, test).softmax(1) for x in (network, fresh))
    assert (a - b).abs().sum(1).mean() < 0.02
    assert (a.argmax(1) == b.argmax(1)).double().mean() > 0.98
