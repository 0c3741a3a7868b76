"""Diagnosis by counting: naive Bayes, the exact posterior, and information content. Chapter 21.

The baselines that stand beside the network, each with settings that are chosen on patients.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from gdl_utils.cases.diagnosis.paths import DOWN, Paths
from gdl_utils.data.ontology import closure, ragged
from gdl_utils.data.patients import NOISY, Patients, Simulation
from gdl_utils.data.phenotypes import MIDPOINTS, PhenotypeGraph
from gdl_utils.metrics import hits, ranks

DOUBTS = (1e-9, 0.01, 0.03, 0.06, 0.12, 0.25, 0.4, 0.6, 0.8)
"""Probabilities of a noise symptom that are tried."""
WEIGHTS = {
    "clinician": (1.0, 1.5, 2.0, 3.0),
    "absent": (0.0, 0.1, 0.25, 0.5),
    "size": (0.0, 0.5, 1),
}
"""Weights of information-content matching that are tried."""


class NaiveBayes:
    r"""Naive Bayes on the frequencies of the graph.

    .. math::
        \text{score}_d = \sum_{\text{present}} \ln\Bigl(1 +
        \frac{1 - \varepsilon_r}{\varepsilon_r} \frac{q_{ad}}{\bar q_a}\Bigr)
        + \sum_{\text{absent}} \ln(1 - (1 - \mu_r) F_{ad})

    with :math:`F_{ad}` the frequency of term a in disease d, :math:`q_{ad} = F_{ad} / n_d^\sigma`,
    and :math:`\bar q_a` its mean over the diseases. Up to a constant of the reports that is the
    logarithm of their probability, if a report is noise with probability ε and a present finding
    is missed with probability μ.

    Parameters
    ----------
    graph : PhenotypeGraph
    paths : Paths
        Of the same graph.
    propagated : bool
        Whether a disease has a term with :math:`F = 1 - \prod (1 - f)` over all kinds of it, or
        only with its own frequency f.
    simulation : Simulation
        Whose rates of missing, by reporter, are used: the simulator's own.

    Notes
    -----
    Patients → (N, D) scores. Chapter 21.
    """

    def __init__(
        self, graph: PhenotypeGraph, paths: Paths, propagated: bool, simulation: Simulation = NOISY
    ) -> None:
        self.paths, self.propagated = paths, propagated
        self.rate = -torch.log1p(-torch.tensor(MIDPOINTS).clamp(max=1 - 1e-6))
        self.missed = torch.tensor([r.missed for r in simulation.reliability])
        self.doubt, self.size = torch.full((2,), 0.1), 1
        term, disease, found = self._found(torch.arange(paths.terms))
        self.mean = []
        for size in (0, 1):
            q = found * (-size * paths.log_expected[disease]).exp()
            self.mean.append(torch.zeros(paths.terms).index_add(0, term, q) / paths.diseases)

    def _found(self, term: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Pairs of a report and a disease, and F of each."""
        path, pair, report, disease = self.paths(term)
        way = self.paths.way[path]
        other = (way == DOWN) if self.propagated else (way > 0)
        weight = self.rate[self.paths.frequency[path]].masked_fill(other, 0)
        found = -torch.expm1(-torch.zeros(len(report)).index_add(0, pair, weight))
        kept = found > 0
        return report[kept], disease[kept], found[kept]

    def prepare(self, patients: Patients) -> list[tuple[Tensor, ...]]:
        """What the scores need of the patients, whatever the settings."""
        parts = []
        for sign in (True, False):
            which = (patients.present == sign).nonzero()[:, 0]
            report, disease, found = self._found(patients.term[which])
            at = patients.owner[which][report] * self.paths.diseases + disease
            term, by = patients.term[which][report], patients.reporter[which][report]
            parts.append((at, disease, found, term, by))
        return parts

    def scores(self, n: int, prepared: list[tuple[Tensor, ...]]) -> Float[Tensor, "n d"]:
        """Score n prepared patients."""
        (at, disease, found, term, by), (no, _, denied, _, no_by) = prepared
        q = found * (-self.size * self.paths.log_expected[disease]).exp()
        odds = ((1 - self.doubt) / self.doubt)[by]
        message = torch.log1p(odds * q / self.mean[self.size][term])
        against = torch.log1p(-(1 - self.missed)[no_by] * denied)
        scores = torch.zeros(n * self.paths.diseases)
        return scores.index_add_(0, at, message).index_add_(0, no, against).reshape(n, -1)

    def __call__(self, patients: Patients) -> Float[Tensor, "n d"]:
        return self.scores(len(patients), self.prepare(patients))

    def tune(self, patients: Patients) -> None:
        """Choose σ and ε, then ε for each reporter, by hits@1 on validation patients."""
        prepared, n = self.prepare(patients), len(patients)

        def value(size: int, doubt: tuple[float, float]) -> float:
            self.size, self.doubt = size, torch.tensor(doubt)
            return hits(ranks(self.scores(n, prepared), patients.disease), 1)

        size, doubt = max(((s, (e, e)) for s in (0, 1) for e in DOUBTS), key=lambda x: value(*x))
        for r in (0, 1, 0):
            tried = [tuple(e if i == r else doubt[i] for i in (0, 1)) for e in DOUBTS]
            doubt = max(tried, key=lambda e: value(size, e))
        self.size, self.doubt = size, torch.tensor(doubt)


class InformationContent:
    r"""Matching by information content, best for each report.

    The likeness of a reported term a and a disease is the largest information content
    :math:`-\ln(\text{share of diseases that have the term or a kind of it})` of a term above both
    a and one of the disease's terms.

    Parameters
    ----------
    graph : PhenotypeGraph
    paths : Paths
        Of the same graph.

    References
    ----------
    Resnik (1995), *Using Information Content to Evaluate Semantic Similarity in a Taxonomy*,
    equation 1; Köhler et al. (2009), *Clinical Diagnostics in Human Genetics with Semantic
    Similarity Searches in Ontologies*. Chapter 21.
    """

    def __init__(self, graph: PhenotypeGraph, paths: Paths) -> None:
        self.log_expected = paths.log_expected
        owner, path = ragged(paths.start, torch.arange(paths.terms))
        own = paths.way[path] != DOWN
        has = torch.zeros(paths.terms, paths.diseases)
        has[owner[own], paths.disease[path[own]]] = 1
        content = -(has.sum(1) / paths.diseases).log()
        self.own = has * content[:, None]
        best = self.own.clone()
        child, parent = graph.is_a
        start = torch.searchsorted(child, torch.arange(paths.terms + 1)).tolist()
        for t in range(paths.terms):  # parents come first
            for p in parent[start[t] : start[t + 1]].tolist():
                torch.maximum(best[t], best[p], out=best[t])
        self.best = best
        self.weight = {"clinician": 1.0, "absent": 0.5, "size": 0.0}

    def prepare(self, patients: Patients) -> list[Tensor]:
        """Likeness by reporter, and what speaks against: three (N, D)."""
        parts = []
        for table, which in (
            (self.best, patients.present & (patients.reporter == 0)),
            (self.best, patients.present & (patients.reporter == 1)),
            (self.own, ~patients.present),
        ):
            start = torch.searchsorted(patients.owner[which], torch.arange(len(patients)))
            parts.append(torch.nn.functional.embedding_bag(
                patients.term[which], table, start, mode="sum"))  # fmt: skip
        return parts

    def scores(self, prepared: list[Tensor], weight: dict[str, float]) -> Float[Tensor, "n d"]:
        """Score prepared patients."""
        patient, clinician, absent = prepared
        likeness = patient + weight["clinician"] * clinician - weight["absent"] * absent
        return likeness - weight["size"] * self.log_expected

    def __call__(self, patients: Patients) -> Float[Tensor, "n d"]:
        return self.scores(self.prepare(patients), self.weight)

    def tune(self, patients: Patients) -> None:
        """Choose the three weights by hits@1 on validation patients."""
        prepared = self.prepare(patients)
        tried = [
            dict(zip(WEIGHTS, (c, a, s)))
            for c in WEIGHTS["clinician"]
            for a in WEIGHTS["absent"]
            for s in WEIGHTS["size"]
        ]
        value = lambda w: hits(ranks(self.scores(prepared, w), patients.disease), 1)  # noqa: E731
        self.weight = max(tried, key=value)


def clean_posterior(
    graph: PhenotypeGraph, patients: Patients, simulation: Simulation
) -> Float[Tensor, "n d"]:
    r"""Logarithm of the exact posterior where nobody errs and nothing is asked: the ceiling.

    The K symptoms that are told are R drawn ones of those that are there, or all if there are
    fewer. With f the frequencies, S what is told, and M the number of further symptoms,

    .. math:: P(S \mid d) \propto \prod_S f \Bigl(P(R = K)\, \mathbb{E} \binom{K + M}{K}^{-1}
        + P(R > K) P(M = 0)\Bigr) / P(\text{any symptom}), \qquad
        \binom{n}{K}^{-1} = (n + 1) \int_0^1 u^K (1 - u)^{n - K} du,

    and the expectation under the integral is a product over the symptoms.

    Parameters
    ----------
    graph : PhenotypeGraph
    patients : Patients
        Drawn with ``simulation``; every report present and exact.
    simulation : Simulation
        Without noise, vagueness or questions.

    Returns
    -------
    Tensor, (N, D), float64
        −∞ where a report is not in the disease's list.

    Raises
    ------
    ValueError
        If a report is absent, or ``simulation`` has errors.

    Notes
    -----
    Chapter 21.
    """
    errs = any(r.noise or r.vague or r.exact for r in simulation.reliability)
    if errs or not patients.present.all():
        raise ValueError(
            f"patients must only have present reports without errors, got {simulation}"
        )
    x, weight = (torch.from_numpy(a) for a in np.polynomial.legendre.leggauss(48))
    u, weight = (x + 1) / 2, weight / 2
    disease, term = graph.edge_index
    d = len(graph.disease_ids)
    f = torch.tensor(MIDPOINTS, dtype=torch.float64)[graph.frequency]
    log_g = torch.log1p(-f[:, None] * u)  # of each link, at each u
    slope = f[:, None] * (1 - u) / (1 - f[:, None] * u)
    none = torch.log1p(-f.clamp(max=1 - 1e-12))
    whole = lambda x: x.new_zeros(d, *x.shape[1:]).index_add(0, disease, x)  # noqa: E731
    by_term = term.argsort(stable=True)
    start = torch.searchsorted(term[by_term], torch.arange(len(graph.term_ids) + 1))
    report, link = ragged(start, patients.term)
    link = by_term[link]
    key = patients.owner[report] * d + disease[link]
    pairs, place, count = key.unique(return_inverse=True, return_counts=True)
    whole_set = count == patients.told[pairs // d]
    link, place = link[whole_set[place]], (whole_set.cumsum(0) - 1)[place[whole_set[place]]]
    pairs = pairs[whole_set]
    owner, which = pairs // d, pairs % d
    told = lambda x: x.new_zeros(len(pairs), *x.shape[1:]).index_add(0, place, x[link])  # noqa: E731
    k = patients.told[owner].double()
    rest = whole(log_g)[which] - told(log_g)
    further = whole(slope)[which] - told(slope)
    inner = (rest + k[:, None] * u.log()).exp() * (k[:, None] + 1 + further)
    last = (whole(none)[which] - told(none)).exp()
    equal = ((k >= simulation.fewest) & (k <= simulation.most)).double()
    larger = (simulation.most - k.clamp(min=simulation.fewest - 1)).clamp(min=0)
    total = (equal * (inner @ weight) + larger * last) / (simulation.most - simulation.fewest + 1)
    value = told(f.log()) + total.log() - torch.log(-torch.expm1(whole(none)[which]))
    scores = value.new_full((len(patients) * d,), -math.inf)
    scores[pairs] = value
    return scores.reshape(-1, d).log_softmax(1)


def ancestors(graph: PhenotypeGraph) -> tuple[Tensor, Tensor]:
    """All terms above each term, itself included, as rows: (T + 1,) and (p,). Chapter 21."""
    pairs = closure(graph.is_a, len(graph.term_ids))
    order = pairs.below.argsort(stable=True)
    start = torch.searchsorted(pairs.below[order], torch.arange(len(graph.term_ids) + 1))
    return start, pairs.above[order]
