"""From a reported term to every disease: the paths that messages take. Chapter 21."""

from __future__ import annotations

import torch
from jaxtyping import Int64
from torch import Tensor, nn

from gdl_utils.data.ontology import closure, ragged
from gdl_utils.data.phenotypes import MIDPOINTS, PhenotypeGraph

WAYS = ("itself", "1 step", "2 steps", "3 steps", "4 steps", "5 or more", "a kind of it")
"""How a reported term stands to the one in a disease's list: the same, so many *is a* steps above
it, or one of its kinds, a step below."""
DOWN = len(WAYS) - 1


class Paths(nn.Module):
    r"""All paths reported term a → listed term t → disease d of a knowledge graph.

    A path has a *way* from a to t (one of ``WAYS``), the class of frequency of the link from t to
    d, and a share: of the walks up from t, each parent being equally likely, those through a; or,
    for a kind a of t, one over the number of t's kinds.

    Parameters
    ----------
    graph : PhenotypeGraph

    Attributes
    ----------
    start : Tensor, (T + 1,), int64
        The paths of term a are those from ``start[a]`` up to ``start[a + 1]``, by disease.
    disease, way, frequency : Tensor, (P,), int64
    share : Tensor, (P,), float32
    background : Tensor, (T, 7), float32
        Mean over all diseases of the paths' share × middle of the class of frequency / expected
        symptoms, for each way.
    log_expected : Tensor, (D,), float32
        Logarithm of the number of symptoms that a patient of each disease has on average.

    Notes
    -----
    Buffers that are not part of a ``state_dict``: they are the graph, not weights. Chapter 21.
    """

    def __init__(self, graph: PhenotypeGraph) -> None:
        super().__init__()
        self.terms, self.diseases = len(graph.term_ids), len(graph.disease_ids)
        disease, term = graph.edge_index
        rate = torch.tensor(MIDPOINTS)[graph.frequency]
        expected = torch.zeros(self.diseases).index_add(0, disease, rate)
        pairs = closure(graph.is_a, self.terms)
        kind, of = graph.is_a
        kinds = of.bincount(minlength=self.terms)
        above = torch.cat([pairs.above, kind])
        listed = torch.cat([pairs.below, of])
        way = torch.cat([pairs.steps.clamp(max=DOWN - 1), torch.full_like(kind, DOWN)])
        share = torch.cat([pairs.share, 1 / kinds[of].double()]).float()
        by_term = term.argsort(stable=True)
        links = torch.searchsorted(term[by_term], torch.arange(self.terms + 1))
        pair, link = ragged(links, listed)
        link = by_term[link]
        order = (above[pair] * self.diseases + disease[link]).argsort(stable=True)
        pair, link = pair[order], link[order]
        background = torch.zeros(self.terms * len(WAYS), dtype=torch.float64).index_add(
            0,
            above[pair] * len(WAYS) + way[pair],
            (share[pair] * rate[link] / expected[disease[link]] / self.diseases).double(),
        )
        start = torch.searchsorted(above[pair], torch.arange(self.terms + 1))
        new = torch.ones(len(link), dtype=torch.bool)
        new[1:] = (above[pair].diff() != 0) | (disease[link].diff() != 0)
        for name, value in {
            "start": start,
            "disease": disease[link],
            "way": way[pair],
            "frequency": graph.frequency[link],
            "share": share[pair],
            "entry": new.cumsum(0) - 1,
            "background": background.reshape(self.terms, len(WAYS)).float(),
            "log_expected": expected.log(),
        }.items():
            self.register_buffer(name, value, persistent=False)

    def forward(self, term: Int64[Tensor, " r"]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Find the paths of some reports, and the pairs (report, disease) that they join.

        Parameters
        ----------
        term : Tensor, (R,), int64

        Returns
        -------
        path : Tensor, (p,), int64
            Index of each path into ``disease``, ``way`` …
        pair : Tensor, (p,), int64
            Which of the E pairs each path is of.
        report, disease : Tensor, (E,), int64
            The pairs.
        """
        report, path = ragged(self.start, term)
        entry = self.entry[path]
        new = torch.ones(len(path), dtype=torch.bool, device=path.device)
        new[1:] = (entry.diff() != 0) | (report.diff() != 0)
        pair = new.cumsum(0) - 1
        return path, pair, report[new], self.disease[path[new]]
