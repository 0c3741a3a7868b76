"""Diagnosis by vectors: a linear model on a bag of symptoms, and factors of the graph. Chapter 21.

Both have numbers that belong to single terms and diseases, unlike the network.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from gdl_utils.cases.diagnosis.bayes import ancestors
from gdl_utils.data.ontology import ragged
from gdl_utils.data.patients import Patients
from gdl_utils.data.phenotypes import MIDPOINTS, PhenotypeGraph
from gdl_utils.graphs.relational import ComplEx
from gdl_utils.metrics import hits, ranks
from gdl_utils.training import fit_steps

ABSENT = (0.0, 0.1, 0.25, 0.5)
SHARPNESS = (0.0, 0.5, 1.0)


class BagOfSymptoms(nn.Module):
    """A linear classifier on the set of reported terms with all terms above them.

    Each term has four rows, for present or absent reports of the patient or the clinician; the
    matrix (4 T, D) has the given rank, and each disease a bias.

    Parameters
    ----------
    graph : PhenotypeGraph
    rank : int

    Notes
    -----
    Patients → (N, D) scores. Chapter 21.
    """

    def __init__(self, graph: PhenotypeGraph, rank: int = 128) -> None:
        super().__init__()
        self.terms = len(graph.term_ids)
        self.start, self.above = ancestors(graph)
        self.rows = nn.EmbeddingBag(4 * self.terms, rank, mode="sum", include_last_offset=True)
        nn.init.normal_(self.rows.weight, std=0.05)
        self.diseases = nn.Linear(rank, len(graph.disease_ids))

    def forward(self, patients: Patients) -> Float[Tensor, "n d"]:
        report, at = ragged(self.start, patients.term)
        kind = 2 * patients.present.long() + patients.reporter
        row = kind[report] * self.terms + self.above[at]
        owner = patients.owner[report]
        start = torch.searchsorted(owner, torch.arange(len(patients) + 1))
        return self.diseases(self.rows(row, start))


class GraphFactors:
    """Factors of the knowledge graph, trained on its links alone; a patient is a mean of terms.

    Parameters
    ----------
    graph : PhenotypeGraph
    rank : int
        Complex numbers of each entity.

    Notes
    -----
    Patients → (N, D) scores. Every link of the graph is a training triple (term, of, disease),
    weighted by its frequency, and every is-a edge one (kind, is a, term). The initial numbers come
    from torch's own state: see ``training.seeded``. Chapter 21.

    References
    ----------
    Trouillon et al. (2016), *Complex Embeddings for Simple Link Prediction*.
    """

    def __init__(self, graph: PhenotypeGraph, rank: int = 32) -> None:
        self.graph, self.terms = graph, len(graph.term_ids)
        self.model = ComplEx(self.terms + len(graph.disease_ids), 2, rank)
        self.absent, self.sharpness, self.content = 0.25, 0.0, None

    def fit(self, rng: torch.Generator, steps: int = 500, batch: int = 512, lr: float = 0.02):
        """Train by softmax over the diseases of a term, and over the parents of others' terms."""
        disease, term = self.graph.edge_index
        rate = torch.tensor(MIDPOINTS)[self.graph.frequency]
        total = torch.zeros(self.terms).index_add(0, term, rate)
        self.content = -(total / rate.sum()).clamp(min=1e-6).log()
        order = term.argsort(stable=True)
        start = torch.searchsorted(term[order], torch.arange(self.terms + 1))
        listed = (total > 0).nonzero()[:, 0]
        child, parent = self.graph.is_a
        diseases = torch.arange(len(self.graph.disease_ids)) + self.terms

        def loss_of_next() -> Tensor:
            some = listed[torch.randint(len(listed), (batch,), generator=rng)]
            row, link = ragged(start, some)
            link = order[link]
            target = torch.zeros(batch, len(diseases))
            target[row, disease[link]] = rate[link]
            of = torch.zeros_like(some)
            scores = self.model.all(some, of, diseases)
            loss = F.cross_entropy(scores, target / target.sum(1, keepdim=True))
            edge = torch.randint(len(child), (batch,), generator=rng)
            up = self.model.all(child[edge], torch.ones_like(edge), parent[edge])
            same = parent[edge][:, None] == parent[edge]
            up = up.masked_fill(same & ~torch.eye(batch, dtype=torch.bool), -1e9)
            return loss + F.cross_entropy(up, torch.arange(batch))

        fit_steps(self.model, loss_of_next, steps, lr=lr)

    @torch.no_grad()
    def prepare(self, patients: Patients) -> tuple[Tensor, ...]:
        """Sums over the present and the absent reports."""
        diseases = torch.arange(len(self.graph.disease_ids)) + self.terms
        parts = []
        for sharpness in SHARPNESS:
            weight = self.content[patients.term] ** sharpness
            for sign in (True, False):
                which = (patients.present == sign).nonzero()[:, 0]
                term, owner = patients.term[which], patients.owner[which]
                x = self.model.entities.weight[term] * weight[which, None]
                mean = x.new_zeros(len(patients), x.shape[1]).index_add(0, owner, x)
                of = torch.zeros(len(patients), dtype=torch.int64)
                parts.append(self.model.product(mean, of) @ self.model.entities(diseases).T)
        return tuple(parts)

    def scores(self, parts: tuple[Tensor, ...], absent: float, sharpness: float) -> Tensor:
        """Score prepared patients."""
        at = 2 * SHARPNESS.index(sharpness)
        return parts[at] - absent * parts[at + 1]

    def __call__(self, patients: Patients) -> Float[Tensor, "n d"]:
        return self.scores(self.prepare(patients), self.absent, self.sharpness)

    def tune(self, patients: Patients) -> None:
        """Choose the weights of absent reports and of rare terms by hits@1."""
        parts = self.prepare(patients)
        value = lambda w: hits(ranks(self.scores(parts, *w), patients.disease), 1)  # noqa: E731
        tried = [(a, s) for a in ABSENT for s in SHARPNESS]
        self.absent, self.sharpness = max(tried, key=value)
