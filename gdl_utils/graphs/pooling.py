"""Many graphs in one, a graph made coarser (P), and one vector a graph (A).

See chapter 07, *Graphs*.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from gdl_utils.arguments import check_range, indices, signal, whole
from gdl_utils.graphs.actions import as_edges
from gdl_utils.graphs.sparse import check_reduce
from gdl_utils.tensors import wide


def batch_graphs(
    graphs: Sequence[tuple],
) -> tuple[Float[Tensor, "n c"], Int64[Tensor, "2 e"], Int64[Tensor, " n"]]:
    """Put graphs side by side: one large graph in which none is joined to another.

    A layer on the union does to each graph what it would do alone.

    Parameters
    ----------
    graphs : sequence of tuples
        Each begins with x (n_g, C) and edge_index (2, E_g); further entries are ignored.

    Returns
    -------
    x : Tensor, (n, C)
    edge_index : Tensor, (2, E), int64
    batch : Tensor, (n,), int64
        The graph that each node is of, counted from 0.

    Raises
    ------
    ValueError
        If there are no graphs, widths differ, or an edge_index does not fit its x.

    Notes
    -----
    Chapter 07, *Graphs*.
    """
    graphs = list(graphs)
    if not graphs:
        raise ValueError("graphs must hold at least one graph, got none")
    features, edges, start = [], [], 0
    for k, graph in enumerate(graphs):
        if not isinstance(graph, tuple | list) or len(graph) < 2:
            raise ValueError(
                f"graphs must be tuples (x, edge_index), got {type(graph).__name__} for graph {k}"
            )
        x, edge_index, *_ = graph
        signal(f"x of graph {k}", x)
        if x.ndim != 2 or x.shape[1] != graphs[0][0].shape[1]:
            raise ValueError(
                f"graphs must have x of one width, (n, {graphs[0][0].shape[-1]}), "
                f"got {tuple(x.shape)} for graph {k}"
            )
        features.append(x)
        edges.append(as_edges(edge_index, len(x), x.device) + start)
        start += len(x)
    sizes = torch.tensor([len(x) for x in features], device=features[0].device)
    batch = torch.repeat_interleave(torch.arange(len(sizes), device=sizes.device), sizes)
    return torch.cat(features), torch.cat(edges, 1), batch


class GlobalPool(nn.Module):
    """Sum, mean or maximum over the nodes of each graph: the invariant layer A.

    Parameters
    ----------
    reduce : {"sum", "mean", "max"}
        The sum tells multisets of features apart, the mean their proportions, the maximum
        only which occur.

    Raises
    ------
    ValueError
        If ``reduce`` is none of the three. In ``forward``: if ``x`` is not (n, C), or
        ``batch`` is not (n,) of numbers below ``graphs``.

    Notes
    -----
    x (n, C), batch (n,) from ``batch_graphs`` → (graphs, C); without it, all nodes are one
    graph. ``graphs`` counts those without nodes at the end, too; such a graph gives zeros.

    References
    ----------
    Xu et al. (2019), *How Powerful are Graph Neural Networks?*, sections 5.2 to 5.4.
    Chapter 07, *Graphs*.
    """

    def __init__(self, reduce: str = "sum") -> None:
        super().__init__()
        check_reduce(reduce)
        self.reduce = reduce

    def forward(
        self,
        x: Float[Tensor, "n c"],
        batch: Int64[Tensor, " n"] | None = None,
        graphs: int | None = None,
    ) -> Float[Tensor, "g c"]:
        signal("x", x, floating=self.reduce == "mean")
        if x.ndim != 2:
            raise ValueError(f"x must be (n, C), got {tuple(x.shape)}")
        if batch is None:
            batch, graphs = torch.zeros(len(x), dtype=torch.int64, device=x.device), 1
        batch, graphs = parts("batch", batch, len(x), graphs, x.device)
        zeros, values = wide(x.new_zeros(graphs, x.shape[1])), wide(x)
        if self.reduce == "max":
            to = batch[:, None].expand_as(x)
            return zeros.scatter_reduce(0, to, values, "amax", include_self=False).to(x.dtype)
        total = zeros.index_add(0, batch, values)
        if self.reduce == "mean":
            size = zeros.new_zeros(graphs).index_add(0, batch, values.new_ones(len(x)))
            total = total / size.clamp(min=1)[:, None]
        return total.to(x.dtype)

    def extra_repr(self) -> str:
        return f"reduce={self.reduce!r}"


def coarsen(
    edge_index: Int64[Tensor, "2 e"], cluster: Int64[Tensor, " n"]
) -> tuple[Int64[Tensor, "2 f"], Float[Tensor, "k n"]]:
    r"""Merge each cluster of nodes into one: the coarse graph and the pooling P.

    Clusters a and b are joined if any edge leads from a node of a to one of b. ``P @ x`` is the
    mean over each cluster, and ``P.T @ y`` (times the clusters' sizes) spreads it out again.

    Parameters
    ----------
    edge_index : Tensor, (2, E)
    cluster : Tensor, (n,), int64
        The cluster of each node, 0 … k − 1, none of them empty.

    Returns
    -------
    coarse : Tensor, (2, F), int64
        Each edge between two clusters once, without self-loops, in ascending order.
    P : Tensor, (k, n), float64, sparse
        Its rows sum to one.

    Raises
    ------
    ValueError
        If ``edge_index`` does not fit ``cluster``, or a cluster is empty.

    Notes
    -----
    Relabelling the nodes, and their clusters with them, leaves the coarse graph as it is and
    permutes the columns of P. Chapter 07, *Graphs*.
    """
    cluster = indices("cluster", cluster, ("n",))
    cluster, k = parts("cluster", cluster, len(cluster), None)
    edge_index = as_edges(edge_index, len(cluster), cluster.device)
    size = torch.bincount(cluster, minlength=k)
    if not size.all():
        raise ValueError(f"cluster must have no empty clusters, got {int(size.argmin())} empty")
    coarse = torch.unique(cluster[edge_index], dim=1)
    entries = torch.stack([cluster, torch.arange(len(cluster), device=cluster.device)])
    share = 1 / size.double()[cluster]
    pool = torch.sparse_coo_tensor(entries, share, (k, len(cluster)), check_invariants=True)
    return coarse[:, coarse[0] != coarse[1]], pool.coalesce()


def parts(
    name: str,
    index: Any,
    n: int,
    count: int | None = None,
    device: torch.device | None = None,
    counted: str = "graphs",
) -> tuple[Int64[Tensor, " n"], int]:
    """Return the part that each of n nodes is of, and the number of parts.

    Parameters
    ----------
    name : str
        What the caller's argument is called.
    index : Tensor, numpy array or sequence of whole numbers, (n,)
    n : int
    count : int, optional
        How many parts there are; as many as are named, unless given.
    device : torch.device, optional
        Where a tensor is made of what is none yet.
    counted : str
        What the caller's argument for the number of parts is called.

    Raises
    ------
    ValueError
        If ``index`` is not (n,) of whole numbers from 0 to ``count`` − 1; or if the count is not
        given where tensors have no values: on the meta device and within ``torch.compile``.

    Notes
    -----
    Chapter 07, *Graphs*.
    """
    index = indices(name, index, (n,), device)
    if count is None:
        if index.is_meta or torch.compiler.is_compiling():
            raise ValueError(
                f"{counted} must be given where {name} has no values yet: on the meta device and "
                "within torch.compile"
            )
        count = int(index.max()) + 1 if n else 0
    count = whole(counted, count, 0)
    check_range(f"{name} must be from", index, count)
    return index, count
