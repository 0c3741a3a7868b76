"""Colour refinement: what message passing can tell apart, and the ladder above it.

See chapter 07, *Graphs*.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Int64
from torch import Tensor
from torch.nn import functional as F

from gdl_utils.arguments import indices, whole
from gdl_utils.graphs.actions import as_edges

MOST_TUPLES = 20_000


def refine_colours(
    edge_index: Int64[Tensor, "2 e"],
    n: int,
    colours: Int64[Tensor, " n"] | None = None,
    rounds: int | None = None,
) -> Int64[Tensor, "r n"]:
    """Refine colours until they are stable: the test of Weisfeiler and Leman (1-WL).

    In each round, nodes keep the same colour if they had the same one, and as many neighbours of
    each colour. What they are called does not matter: relabelling the nodes moves the colours
    with them. To compare graphs, refine their union (``batch_graphs``): equal colours then mean
    the same in all of them, in each round.

    Parameters
    ----------
    edge_index : Tensor, (2, E)
        A node's neighbours are the sources of the edges into it, as in a layer.
    n : int
        Number of nodes.
    colours : Tensor, (n,), int64, optional
        To start from; all nodes alike unless given.
    rounds : int, optional
        How many; until nothing changes unless given.

    Returns
    -------
    Tensor, (rounds + 1, n), int64
        The colours before the first round, and after each. They are 0 … k − 1, in the order of
        what they stand for: of the colour before, then of the neighbours' sorted colours.

    Raises
    ------
    ValueError
        If ``edge_index`` or ``colours`` does not fit ``n``, or ``rounds`` is negative.

    References
    ----------
    Weisfeiler, Leman (1968), *The Reduction of a Graph to Canonical Form*. Xu et al. (2019), *How
    Powerful are Graph Neural Networks?*, section 3. Chapter 07, *Graphs*.
    """
    n = whole("n", n, 0)
    edge_index = as_edges(edge_index, n)
    if rounds is not None and whole("rounds", rounds) < 0:
        raise ValueError(f"rounds must not be negative, got {rounds}")
    colours = indices("colours", [0] * n if colours is None else colours, (n,))
    source, target = edge_index.tolist()
    history = [_named(colours.tolist())]
    while rounds is None or len(history) <= rounds:
        now = history[-1]
        seen = [[] for _ in range(n)]
        for j, i in zip(source, target):
            seen[i].append(now[j])
        after = _named([(own, *sorted(others)) for own, others in zip(now, seen)])
        if rounds is None and len(set(after)) == len(set(now)):
            break
        history.append(after)
    return torch.tensor(history, dtype=torch.int64, device=edge_index.device).reshape(-1, n)


def refine_tuples(graphs: Sequence[tuple[Tensor, int]], k: int = 2) -> list[Tensor]:
    r"""Stable colours of all k-tuples of nodes: the **folklore** test of dimension k (k-FWL).

    Begins with what a tuple looks like: which of its nodes are equal, which are joined. In each
    round, the colour of :math:`(v_1, \dots, v_k)` becomes its old one and the multiset, over all
    nodes w, of the k colours of the tuple with w in place of :math:`v_1`, … , of :math:`v_k`.

    Parameters
    ----------
    graphs : sequence of (edge_index, n)
        Refined together, so that equal colours mean the same in all.
    k : int
        At least 2. Folklore dimension k tells apart what the plain ("oblivious") test of
        dimension k + 1 does, and plain dimension 2 no more than colour refinement.

    Returns
    -------
    list of Tensor, (n^k,), int64
        For each graph, row by row: the tuple (i, j) of n nodes is number i n + j.

    Raises
    ------
    ValueError
        If k is below 2, an edge_index does not fit its n, or the graphs have more than 20,000
        tuples in all.

    References
    ----------
    Cai, Fürer, Immerman (1992), *An Optimal Lower Bound on the Number of Variables for Graph
    Identification*, theorem 5.2. Morris et al. (2023), *Weisfeiler and Leman go Machine
    Learning*. Chapter 07, *Graphs*.
    """
    k = whole("k", k, 2)
    graphs = [_graph(*graph) for graph in graphs]
    tuples = sum(n**k for _, n in graphs)
    if not 0 < tuples <= MOST_TUPLES:
        raise ValueError(f"graphs must have 1 to {MOST_TUPLES} {k}-tuples in all, got {tuples}")
    sizes = [n**k for _, n in graphs]
    colours = _number(torch.cat([_patterns(edge_index, n, k) for edge_index, n in graphs]))
    while True:
        seen, most = [], max(n for _, n in graphs)
        for (_, n), own in zip(graphs, colours.split(sizes)):
            cube = own.reshape([n] * k)
            # for each place p: the colour of tuple v with w in place p, as (v, w)
            replaced = [
                cube.movedim(p, -1).unsqueeze(p).expand([n] * (k + 1)).reshape(-1, n)
                for p in range(k)
            ]
            none = (0, 0, 0, most - n)  # graphs of fewer nodes see fewer w
            seen.append(F.pad(torch.stack(replaced, -1), none, value=-1))
        around = _number(torch.cat(seen).flatten(0, 1)).reshape(-1, most).sort(1)[0]
        after = _number(torch.cat([colours[:, None], around], 1))
        if after.max() == colours.max():
            return list(colours.split(sizes))
        colours = after


def tells_apart(first: tuple[Tensor, int], second: tuple[Tensor, int], k: int = 1) -> bool:
    """Whether two graphs end with different numbers of some colour: then they differ.

    If not, they may still differ: no test of this kind knows every pair.

    Parameters
    ----------
    first, second : (edge_index, n)
    k : int
        1 is colour refinement, as strong as message passing; from 2 on, k-FWL.

    Returns
    -------
    bool

    Raises
    ------
    ValueError
        If an edge_index does not fit its n, ``k`` is not positive, or the graphs are too large.

    Notes
    -----
    Chapter 07, *Graphs*.
    """
    first, second = _graph(*first), _graph(*second)
    if whole("k", k, 1) > 1:
        a, b = refine_tuples([first, second], k)
    else:
        union = torch.cat([first[0], second[0] + first[1]], 1)
        a, b = refine_colours(union, first[1] + second[1])[-1].split([first[1], second[1]])
    return not torch.equal(a.msort(), b.msort())


def _graph(edge_index: Any, n: int) -> tuple[Tensor, int]:
    n = whole("n", n, 0)
    return as_edges(edge_index, n), n


def _named(signatures: list) -> list[int]:
    """Number the signatures in ascending order, equal ones alike."""
    names = {s: k for k, s in enumerate(sorted(set(signatures)))}
    return [names[s] for s in signatures]


def _number(rows: Tensor) -> Tensor:
    """Number the rows in ascending order, equal ones alike."""
    return torch.unique(rows, dim=0, return_inverse=True)[1]


def _patterns(edge_index: Tensor, n: int, k: int) -> Tensor:
    """For each k-tuple: which of its nodes are equal, and how many edges join them."""
    device = edge_index.device
    edges = torch.zeros(n, n, dtype=torch.int64, device=device)
    edges.index_put_(tuple(edge_index), torch.ones_like(edge_index[0]), accumulate=True)
    tuples = torch.cartesian_prod(*[torch.arange(n, device=device)] * k)
    i, j = torch.cartesian_prod(*[torch.arange(k, device=device)] * 2).T
    equal = (tuples[:, i] == tuples[:, j]).long()
    return torch.cat([equal, edges[tuples[:, i], tuples[:, j]]], 1)
