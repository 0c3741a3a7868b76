"""Diagnosis as a missing relation of a knowledge graph. See chapter 21.

Three lines::

    graph = load_phenotypes()
    network = load_diagnosis(graph)
    diagnose(network, graph, [("HP:0001250", True, "patient")])

Teaching material, trained on simulated patients: no medical advice.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import torch

from gdl_utils.cases.diagnosis.kgcn import KGCN
from gdl_utils.data.ontology import closure
from gdl_utils.data.patients import REPORTERS, Patients
from gdl_utils.data.phenotypes import PhenotypeGraph
from gdl_utils.data.shipped import ASSETS, load_arrays

ASSET = ASSETS / "diagnosis.npz"


def load_diagnosis(graph: PhenotypeGraph, path: str | Path = ASSET) -> KGCN:
    """Load the network with its stored weights, made by ``tools/make_assets/diagnosis.py``.

    Raises
    ------
    FileNotFoundError
        If the file is missing.
    ValueError
        If it does not hold the network's weights.

    Notes
    -----
    Chapter 21.
    """
    arrays = load_arrays(path, "the network", made_by="diagnosis.py")
    network = KGCN(graph)
    wanted = {name: tuple(x.shape) for name, x in network.state_dict().items()}
    try:
        weights = {name: torch.from_numpy(value).float() for name, value in arrays.items()}
    except TypeError as error:  # an array of words
        raise ValueError(f"path must hold the weights {wanted}, got others: {path}") from error
    if {name: tuple(x.shape) for name, x in weights.items()} != wanted or not all(
        x.isfinite().all() for x in weights.values()
    ):
        raise ValueError(f"path must hold the weights {wanted}, got others: {path}")
    network.load_state_dict(weights)
    return network.eval()


class Diagnosis(NamedTuple):
    """One disease of a ranking. Chapter 21."""

    id: str
    name: str
    probability: float
    evidence: tuple[float, ...]
    """The message of each report: above 0 it speaks for the disease, below 0 against it."""


def one_patient(graph: PhenotypeGraph, reports: Iterable[tuple[str, bool, str]]) -> Patients:
    """Make a patient of reports: (identifier of a term, present or absent, reporter).

    A report given twice counts once. The disease is unknown: −1.

    Raises
    ------
    ValueError
        If there is no report, a term or a reporter is unknown, or a term is reported absent while
        it, or a kind of it, is reported present.

    Notes
    -----
    Chapter 21.
    """
    found = []
    for term, present, reporter in dict.fromkeys(tuple(r) for r in reports):
        if reporter not in REPORTERS:
            raise ValueError(f"reports must be by one of {REPORTERS}, got {reporter!r}")
        found.append((graph.term(term), bool(present), REPORTERS.index(reporter)))
    found = list(dict.fromkeys(found))
    if not found:
        raise ValueError("reports must hold at least one report, got none")
    pairs = closure(graph.is_a, len(graph.term_ids))
    for term in {t for t, present, _ in found if not present}:
        kinds = set(pairs.below[pairs.above == term].tolist())
        both = [t for t, present, _ in found if present and t in kinds]
        if both:
            names = f"{graph.term_names[term]!r} absent and {graph.term_names[both[0]]!r} present"
            raise ValueError(f"reports must not contradict each other, got {names}")
    term, present, reporter = (torch.tensor(x) for x in zip(*found))
    return Patients(torch.tensor([-1]), torch.zeros(len(found)).long(), term, present, reporter)


@torch.no_grad()
def diagnose(
    network: KGCN, graph: PhenotypeGraph, reports: Iterable[tuple[str, bool, str]], k: int = 10
) -> list[Diagnosis]:
    """Rank the diseases for one patient's reports, with what speaks for and against each.

    Parameters
    ----------
    network, graph
    reports : iterable of (str, bool, str)
        As for :func:`one_patient`, whose errors this raises.
    k : int
        How many diseases, the most probable first.

    Raises
    ------
    ValueError
        If k is not from 1 to the number of diseases, or as :func:`one_patient`.

    Notes
    -----
    Chapter 21. Teaching material: no medical advice.
    """
    if not 1 <= k <= network.paths.diseases:
        raise ValueError(f"k must be from 1 to {network.paths.diseases}, got {k}")
    patient = one_patient(graph, reports)
    probability, best = network(patient)[0].softmax(0).topk(k)
    evidence = torch.zeros(len(patient.term), network.paths.diseases)
    for sign in (True, False):
        which = (patient.present == sign).nonzero()[:, 0]
        report, disease, message = network.messages(
            patient.term[which], patient.reporter[which], present=sign
        )
        evidence[which[report], disease] = message.float()
    return [
        Diagnosis(graph.disease_ids[d], graph.disease_names[d], p, tuple(evidence[:, d].tolist()))
        for p, d in zip(probability.tolist(), best.tolist())
    ]
