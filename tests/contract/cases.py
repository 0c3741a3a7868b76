"""The contract of the use cases: names of entities and the order of reports mean nothing."""

from dataclasses import replace

import torch
from contract.table import Row, generator
from torch import nn

from gdl_utils.cases.diagnosis.factors import BagOfSymptoms
from gdl_utils.cases.diagnosis.kgcn import KGCN
from gdl_utils.cases.diagnosis.paths import Paths
from gdl_utils.data.patients import Patients
from gdl_utils.data.phenotypes import PhenotypeGraph
from gdl_utils.graphs.actions import Permutations, relabel, relabel_edges
from gdl_utils.groups.elements import Product

RNG = generator("cases")
# Term 0 is the root; 1 and 5 are kinds of it, 2 and 3 of 1, and 4 of both 2 and 3. Each of the
# three diseases has two terms.
GRAPH = PhenotypeGraph(
    ("ORPHA:1", "ORPHA:2", "ORPHA:3"), ("a", "b", "c"),
    tuple(f"HP:{i}" for i in range(6)), tuple("uvwxyz"), ((),) * 6, {},
    torch.tensor([[0, 0, 1, 1, 2, 2], [2, 4, 4, 5, 1, 5]]), torch.tensor([1, 2, 3, 4, 1, 0]),
    torch.tensor([[1, 2, 3, 4, 4, 5], [0, 1, 1, 2, 3, 0]]), "v", "v", 6,
)  # fmt: skip
PATIENTS = Patients(  # two of them, with four reports each
    torch.tensor([0, 2]), torch.tensor([0] * 4 + [1] * 4), torch.tensor([2, 4, 5, 1, 1, 5, 3, 2]),
    torch.tensor([1, 1, 0, 1, 1, 1, 0, 1]).bool(), torch.tensor([0, 1, 1, 0, 1, 0, 0, 0]),
)  # fmt: skip
LOG_PRIOR = torch.randn(3, generator=RNG, dtype=torch.float64)


class OnGraph(nn.Module):
    """A network whose paths are those of the graph that it is given, or of one from before."""

    def __init__(self, frozen: bool = False):
        super().__init__()
        self.network, self.frozen = KGCN(GRAPH), frozen
        for x in self.network.parameters():  # they start alike, and some as zeros
            nn.init.normal_(x, std=0.3)

    def forward(self, log_prior, patients, graph):
        self.network.paths = Paths(GRAPH if self.frozen else graph).to(log_prior)
        return self.network(patients, log_prior)


class ForgetsTheFirst(nn.Module):
    """Overlooks what each patient says first."""

    def __init__(self, model: nn.Module):
        super().__init__()
        self.model = model

    def forward(self, *inputs):
        *before, patients = inputs
        first = torch.searchsorted(patients.owner, torch.arange(len(patients)))
        kept = torch.ones(len(patients.owner), dtype=torch.bool)
        kept[first] = False
        return self.model(*before, some_reports(patients, kept.nonzero()[:, 0]))


class OnPatients(nn.Module):
    """The network on the one graph, called as the other models are."""

    def __init__(self):
        super().__init__()
        self.on = OnGraph()

    def forward(self, patients):
        return self.on(self.on.network.way.new_zeros(3), patients, GRAPH)


def some_reports(patients, which):
    parts = (patients.owner, patients.term, patients.present, patients.reporter)
    return Patients(patients.disease, *(x[which] for x in parts))


def reorder(g, patients):
    """The same permutation of each patient's four reports."""
    old = torch.argsort(g)
    return some_reports(patients, torch.cat([old, 4 + old]))


def rename_in_reports(g, patients):
    return replace(patients, term=g[0][patients.term])


def rename_in_graph(g, graph):
    """Term i is called g[0][i] and disease i g[1][i]; the links stand in their new order."""
    terms, diseases = g
    links = torch.stack([diseases[graph.edge_index[0]], terms[graph.edge_index[1]]])
    order = (links[0] * len(terms) + links[1]).argsort()
    return replace(
        graph, edge_index=links[:, order], frequency=graph.frequency[order],
        is_a=relabel_edges(terms, graph.is_a),
    )  # fmt: skip


NAMES = Product(Permutations(6), Permutations(3))
ROWS = {
    "KGCN, other names of terms and diseases": Row(
        (KGCN, Paths), OnGraph, lambda: OnGraph(frozen=True), NAMES,
        (lambda g, x: relabel(g[1], x), rename_in_reports, rename_in_graph),
        lambda g, y: relabel(g[1], y.T).T, (LOG_PRIOR, PATIENTS, GRAPH),
    ),
    "KGCN, reports in another order": Row(
        (KGCN,), OnPatients, lambda: ForgetsTheFirst(OnPatients()), Permutations(4),
        reorder, None, (PATIENTS,),
    ),
    "BagOfSymptoms, reports in another order": Row(
        (BagOfSymptoms,), lambda: BagOfSymptoms(GRAPH, 4),
        lambda: ForgetsTheFirst(BagOfSymptoms(GRAPH, 4)), Permutations(4),
        reorder, None, (PATIENTS,),
    ),
}  # fmt: skip

GROUPS = {"names of terms and diseases": NAMES}
ACTIONS = {}

MUTANTS = {  # what goes wrong: (file, the line's text, what it becomes)
    "messages to the disease of the link before": (
        "cases/diagnosis/kgcn.py",
        "at = patients.owner[which][report] * d + disease",
        "at = patients.owner[which][report] * d + disease.roll(1)",
    ),
    "a background of the term with the next number": (
        "cases/diagnosis/kgcn.py",
        "b[term[report], by]",
        "b[term[report] - 1, by]",
    ),
    "links in the order of the file": (
        "cases/diagnosis/paths.py",
        "link = by_term[link]",
        "link = link",
    ),
    "a reporter of the report before": (
        "cases/diagnosis/factors.py",
        "kind = 2 * patients.present.long() + patients.reporter",
        "kind = 2 * patients.present.long() + patients.reporter.roll(1)",
    ),
}
