"""Who has what? A graph network and its baselines on simulated patients. Five seeds. Chapter 21.

    python experiments/21_diagnosis.py

writes ``book/results/21_diagnosis.json``. Every network is trained on patients of its simulation,
new ones in each step, from one draw of patients and initial weights that are the same for all. The
baselines' settings are chosen on the validation patients, by hits@1. All see the same reports of
the same test patients: of the simulation they were made for, with errors 0, 0.5 and 1.5 times as
likely, of a shifted simulation, and without errors, where the exact posterior is known. Another
network sees patients of four fifths of the diseases, and is tested on those of the others, ranked
among all. Two more see patients whose two reporters err alike. The temperature is fitted on the
validation patients. Nothing is chosen on test patients; the last step counts.
"""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import torch
from beginnings import beginning
from record import save, stamped
from seeds import run_seeds
from torch import Tensor

from gdl_utils.cases.diagnosis.bayes import InformationContent, NaiveBayes, clean_posterior
from gdl_utils.cases.diagnosis.factors import BagOfSymptoms, GraphFactors
from gdl_utils.cases.diagnosis.kgcn import (
    BATCH,
    KGCN,
    RATE,
    STEPS,
    bayes_network,
    fit_patients,
    predict,
)
from gdl_utils.cases.diagnosis.paths import Paths
from gdl_utils.data.patients import ALIKE, CLEAN, NOISY, SHIFTED, Patients, Simulator, erring
from gdl_utils.data.phenotypes import load_phenotypes
from gdl_utils.metrics import (
    expected_calibration_error,
    fit_temperature,
    hits,
    mean_reciprocal_rank,
    negative_log_likelihood,
    ranks,
    reliability,
    risk_coverage,
)
from gdl_utils.training import count_parameters, seeded

SEEDS = (0, 1, 2, 3, 4)
SETTINGS = {
    "steps": STEPS, "batch": BATCH, "lr": RATE, "validation": 500, "test": 2000, "other": 1000,
    "levels": 250, "unseen": 0.2, "bins": 15, "bag": {"steps": 200, "batch": 1024, "lr": 0.02},
    "factors": {"steps": 300, "batch": 512, "lr": 0.02},
}  # fmt: skip
LEVELS = {"errors x 0": 0.0, "errors x 0.5": 0.5, "errors x 1.5": 1.5}
BEGINNING = 16
"""How many steps of each training are stored as its beginning."""
TOLD = {"1 to 3": (1, 3), "4 or 5": (4, 5), "6 to 8": (6, 8)}


@cache
def prepared():
    """The graph, its simulator and its paths."""
    graph = load_phenotypes()
    return graph, Simulator(graph), Paths(graph)


def rng(seed: int, what: int) -> torch.Generator:
    """Draws of a seed that nothing else shares."""
    return torch.Generator().manual_seed(1000 * (seed + 1) + what)


def unseen(seed: int) -> tuple[Tensor, Tensor]:
    """Diseases to train on, and the others."""
    _, simulator, _ = prepared()
    order = torch.randperm(simulator.diseases, generator=rng(seed, 0))
    held = round(SETTINGS["unseen"] * simulator.diseases)
    return order[held:].sort().values, order[:held].sort().values


def validation(seed: int, how=NOISY) -> Patients:
    """Patients on whom settings are chosen."""
    return prepared()[1].draw(SETTINGS["validation"], how, rng=rng(seed, 1))


def tests(seed: int) -> dict[str, Patients]:
    """All test patients."""
    simulator, n, few = prepared()[1], SETTINGS["other"], SETTINGS["levels"]
    draw = simulator.draw
    return {
        "noisy": draw(SETTINGS["test"], NOISY, rng=rng(seed, 2)),
        "clean": draw(n // 2, CLEAN, rng=rng(seed, 3)),
        "shifted": draw(n, SHIFTED, rng=rng(seed, 4)),
        "unseen diseases": draw(n, NOISY, rng=rng(seed, 5), diseases=unseen(seed)[1]),
        **{k: draw(few, erring(NOISY, x), rng=rng(seed, 6 + i)) for i, (k, x) in
           enumerate(LEVELS.items())},
    }  # fmt: skip


def trained(seed: int, how=NOISY, *, sources: bool = True, diseases: Tensor | None = None) -> KGCN:
    """Train one network from one seed; the last step counts."""
    graph, simulator, _ = prepared()
    network = KGCN(graph, sources=sources)
    fit_patients(
        network, simulator, how, rng=torch.Generator().manual_seed(seed), steps=STEPS,
        batch=BATCH, lr=RATE, diseases=diseases,
    )  # fmt: skip
    return network


def measured(scores: Tensor, patients: Patients) -> dict[str, float]:
    """Hits@1, hits@10 and the mean reciprocal rank."""
    rank = ranks(scores, patients.disease)
    found = {"hits@1": hits(rank, 1), "hits@10": hits(rank, 10), "mrr": mean_reciprocal_rank(rank)}
    return {k: round(v, 5) for k, v in found.items()}


def over(model, sets: dict[str, Patients], kept: dict[str, Tensor] | None = None) -> dict:
    """Measure a model on several sets, and on the noisy one by how many symptoms were told."""
    found = {}
    for name, patients in sets.items():
        scores = predict(model, patients)
        if kept is not None and name in ("noisy", "shifted"):
            kept[name] = scores
        found[name] = measured(scores, patients)
        if name == "noisy":
            for group, (low, high) in TOLD.items():
                some = (patients.told >= low) & (patients.told <= high)
                found[f"told {group}"] = measured(scores[some], patients[some])
    return found


def baselines(seed: int) -> dict[str, object]:
    """Every baseline at its best."""
    graph, simulator, paths = prepared()
    patients = validation(seed)
    found = {
        "naive Bayes": NaiveBayes(graph, paths, propagated=False),
        "naive Bayes, propagated": NaiveBayes(graph, paths, propagated=True),
        "information content": InformationContent(graph, paths),
    }
    with seeded(seed) as draws:
        found["bag of symptoms"] = BagOfSymptoms(graph)
        fit_patients(found["bag of symptoms"], simulator, rng=draws, **SETTINGS["bag"])
        found["graph factors"] = GraphFactors(graph)
        found["graph factors"].fit(draws, **SETTINGS["factors"])
    for name, model in found.items():
        if name != "bag of symptoms":
            model.tune(patients)
    return found


def unseen_bag(seed: int) -> dict[str, float]:
    """The bag of symptoms on diseases that it never saw."""
    graph, simulator, _ = prepared()
    settings = {**SETTINGS["bag"], "steps": 60}
    with seeded(seed) as draws:
        model = BagOfSymptoms(graph)
        fit_patients(model, simulator, rng=draws, diseases=unseen(seed)[0], **settings)
    patients = tests(seed)["unseen diseases"]
    return measured(predict(model, patients), patients)


def calibration(scores: Tensor, patients: Patients, temperature: float) -> dict[str, object]:
    """What probabilities are worth, with a temperature."""
    logits = scores.double() / temperature
    confidence, answer = logits.softmax(1).max(1)
    right = answer == patients.disease
    bins = reliability(confidence, right, SETTINGS["bins"])
    coverage, risk = risk_coverage(confidence, right)
    at = [round(len(right) * k / 20) - 1 for k in range(1, 21)]
    listed = lambda x: [round(v, 4) for v in x.tolist()]  # noqa: E731
    return {
        "temperature": round(temperature, 5),
        "hits@1": round(float(right.double().mean()), 5),
        "confidence": round(float(confidence.mean()), 5),
        "ece": round(expected_calibration_error(confidence, right, SETTINGS["bins"]), 5),
        "nll": round(negative_log_likelihood(logits, patients.disease), 5),
        "bin_confidence": listed(bins.confidence),
        "bin_accuracy": listed(bins.accuracy),
        "coverage": listed(coverage[at]),
        "risk": listed(risk[at]),
    }


def calibrated(model, seed: int, kept: dict[str, Tensor]) -> dict[str, dict]:
    """Before and after scaling, on the test patients and on those of the shifted simulation."""
    sets = tests(seed)
    tau = fit_temperature(predict(model, validation(seed)), validation(seed).disease)
    other = validation(seed, SHIFTED)
    new = fit_temperature(predict(model, other), other.disease)
    return {
        "noisy, raw": calibration(kept["noisy"], sets["noisy"], 1.0),
        "noisy": calibration(kept["noisy"], sets["noisy"], tau),
        "shifted": calibration(kept["shifted"], sets["shifted"], tau),
        "shifted, fitted anew": calibration(kept["shifted"], sets["shifted"], new),
    }


def alike(seed: int) -> dict[str, dict[str, float]]:
    """The control: both reporters err alike, with and without the source."""
    patients = prepared()[1].draw(SETTINGS["test"], ALIKE, rng=rng(seed, 9))
    found = {}
    for name, sources in (("network", True), ("source ignored", False)):
        model = trained(seed, ALIKE, sources=sources)
        found[name] = measured(predict(model, patients), patients)
    return found


def scores_of(seed: int) -> dict[str, dict]:
    """Train and measure everything from one seed."""
    graph, _, paths = prepared()
    sets = tests(seed)
    models = {
        "network": trained(seed),
        "network, source ignored": trained(seed, sources=False),
        "naive Bayes, told the errors": bayes_network(graph, NOISY),
    }
    found: dict[str, dict] = {}
    for name, model in models.items():
        found[name] = over(model, sets, kept := {})
        if name == "network":
            found[name]["calibration"] = calibrated(model, seed, kept)
    some = trained(seed, diseases=unseen(seed)[0])
    found["network"]["trained on other diseases"] = over(
        some, {"unseen diseases": sets["unseen diseases"]}
    )["unseen diseases"]
    clean = {"clean": sets["clean"]}
    found["network"]["trained on clean"] = over(trained(seed, CLEAN), clean)["clean"]
    told = NaiveBayes(graph, paths, propagated=False, simulation=CLEAN)
    told.doubt = torch.full((2,), 1e-9)
    exact = clean_posterior(graph, sets["clean"], CLEAN)
    found["naive Bayes, told that nobody errs"] = over(told, clean)
    found["exact posterior"] = {"clean": measured(exact, sets["clean"])}
    for name, model in baselines(seed).items():
        found[name] = over(model, sets, kept := {})
        if name == "naive Bayes, propagated":
            found[name]["calibration"] = calibrated(model, seed, kept)
    found["bag of symptoms"]["trained on other diseases"] = unseen_bag(seed)
    found["reporters alike"] = alike(seed)
    return found


def beginnings(seed: int) -> dict[str, list[float]]:
    """What the networks, each trained in its own way, answer in their first steps."""
    ways = {
        "network": {},
        "network, source ignored": {"sources": False},
        "network, trained on other diseases": {"diseases": unseen(seed)[0]},
        "network, trained on clean": {"how": CLEAN},
        "reporters alike: network": {"how": ALIKE},
        "reporters alike: source ignored": {"how": ALIKE, "sources": False},
    }
    return {name: beginning(partial(trained, seed, **how), BEGINNING) for name, how in ways.items()}


def of_seed(seed: int) -> dict[str, Any]:
    """Everything, from one seed."""
    return {"scores": scores_of(seed), "beginnings": beginnings(seed)}


def main() -> None:
    """Run all seeds, and store every score."""
    run = run_seeds(of_seed, SEEDS)
    graph, _, _ = prepared()
    path = save(
        __file__,
        run,
        "Ranking 4,281 diseases by the reports of simulated patients; chapter 21.",
        settings={**SETTINGS, "dtype": "float32", "threads": 1},
        graph={"version": graph.version, "ontology": graph.ontology_version},
        parameters={
            "network": count_parameters(KGCN(graph)),
            "network, source ignored": count_parameters(KGCN(graph, sources=False)),
            "bag of symptoms": count_parameters(BagOfSymptoms(graph)),
            "graph factors": count_parameters(GraphFactors(graph).model),
        },
        scores=run.by_name("scores"),
        beginnings=stamped(run.code_sha256, run.by_name("beginnings")),
    )
    print(path)


if __name__ == "__main__":
    main()
