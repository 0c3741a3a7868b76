"""A graph prepared for layers: sums over neighbours as sparse products, both ways.

See chapter 07, *Graphs*.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import torch
from jaxtyping import Float, Int64
from scipy.sparse import csr_array
from torch import Tensor
from torch.autograd import Function
from torch.nn import functional as F

from gdl_utils.graphs.actions import check_edges


class Adjacency:
    r"""The edges of a graph, sorted by target, with what layers ask of them.

    A layer that is given an ``edge_index`` makes one of these and drops it; whoever applies
    layers to the same graph many times makes it once and passes it instead. Forward and
    backward passes are sparse products: the gradient of :math:`A x` is :math:`A^\top` times the
    gradient, so the transpose is kept as well, from the first backward pass on.

    Parameters
    ----------
    edge_index : Tensor, (2, E), int64
        Row 0 the source and row 1 the target of each edge. Parallel edges count as often as they
        occur, a self-loop makes a node its own neighbour, and E may be 0.
    n : int
        Number of nodes; those that no edge names are isolated.

    Attributes
    ----------
    edge_index : Tensor, (2, E), int64
        The same edges, sorted by target.
    order : Tensor, (E,), int64
        Which of the given edges each one is: ``values[order]`` sorts the values of edges.
    n : int

    Raises
    ------
    ValueError
        If ``edge_index`` is not (2, E) of int64, or names a node outside 0 … n − 1.

    Notes
    -----
    Chapter 07, *Graphs*. Values of edges (``weight``, ``logits``, messages) go into the methods,
    and come out of them, in the sorted order.
    """

    def __init__(self, edge_index: Int64[Tensor, "2 e"], n: int) -> None:
        check_edges(edge_index, n)
        self.n = n
        order, start = _sorted_by(edge_index[1], n)
        self.order, self._start = order.to(edge_index.device), start.to(edge_index.device)
        self.edge_index = edge_index[:, self.order]

    @cached_property
    def transposed(self) -> Adjacency:
        """The same edges turned round; its ``order`` refers to this one's."""
        return Adjacency(self.edge_index.flip(0), self.n)

    @cached_property
    def looped(self) -> Adjacency:
        """The same graph with exactly one self-loop at every node."""
        source, target = self.edge_index
        others = self.edge_index[:, source != target]
        loops = torch.arange(self.n, device=others.device).expand(2, -1)
        return Adjacency(torch.cat([others, loops], 1), self.n)

    @property
    def degree(self) -> Int64[Tensor, " n"]:
        """Number of edges into each node."""
        return self._start.diff()

    def sum(
        self, x: Float[Tensor, "n c"], weight: Float[Tensor, " e"] | None = None
    ) -> Float[Tensor, "n c"]:
        r"""The product :math:`A x`: :math:`y_i = \sum_{j \to i} w_{ji} x_j`, zero without edges.

        Parameters
        ----------
        x : Tensor, (n, C)
        weight : Tensor, (E,), optional
            One number an edge, in the sorted order; 1 unless given.

        Returns
        -------
        Tensor, (n, C)
            Differentiable in both, any number of times in ``x``.

        Raises
        ------
        ValueError
            If ``x`` is not (n, C), or ``weight`` is not (E,).
        """
        self._check("x", x, self.n)
        if weight is not None and weight.shape != self.order.shape:
            raise ValueError(f"weight must be ({len(self.order)},), got {tuple(weight.shape)}")
        return _Product.apply(x, weight, self)

    def at_sources(self, x: Float[Tensor, "n c"]) -> Float[Tensor, "e c"]:
        """Give every edge the features of its source: ``x[source]``. (n, C) → (E, C)."""
        self._check("x", x, self.n)
        return _Gather.apply(x, self, True)

    def at_targets(self, x: Float[Tensor, "n c"]) -> Float[Tensor, "e c"]:
        """Give every edge the features of its target: ``x[target]``. (n, C) → (E, C)."""
        self._check("x", x, self.n)
        return _Gather.apply(x, self, False)

    def reduce(self, messages: Float[Tensor, "e c"], how: str = "sum") -> Float[Tensor, "n c"]:
        """Aggregate the messages on the edges into each node; zero where there are none.

        Parameters
        ----------
        messages : Tensor, (E, C)
            In the sorted order.
        how : {"sum", "mean", "max"}
            "max" goes channel by channel.

        Returns
        -------
        Tensor, (n, C)

        Raises
        ------
        ValueError
            If ``messages`` is not (E, C), or ``how`` is none of the three.
        """
        self._check("messages", messages, len(self.order))
        check_how(how)
        if how == "max":
            reached = (self.degree > 0)[:, None]
            if not len(messages):
                return messages.new_zeros(self.n, messages.shape[1])
            largest = torch.segment_reduce(messages, "max", offsets=self._start, axis=0)
            return torch.where(reached, largest, torch.zeros_like(largest))
        total = _Scatter.apply(messages, self, False)
        return total if how == "sum" else total / self.degree.clamp(min=1)[:, None]

    def softmax(self, logits: Float[Tensor, "e h"]) -> Float[Tensor, "e h"]:
        """Positive weights that sum to one over the edges into each node, column by column.

        Parameters
        ----------
        logits : Tensor, (E, H)
            In the sorted order.

        Returns
        -------
        Tensor, (E, H)

        Raises
        ------
        ValueError
            If ``logits`` is not (E, H).
        """
        largest = self.at_targets(self.reduce(logits.detach(), "max"))
        positive = (logits - largest).exp()
        return positive / self.at_targets(self.reduce(positive))

    def _check(self, name: str, x: Tensor, rows: int) -> None:
        if x.ndim != 2 or len(x) != rows:
            raise ValueError(f"{name} must be ({rows}, C), got {tuple(x.shape)}")

    def __repr__(self) -> str:
        return f"Adjacency({self.n} nodes, {len(self.order)} edges)"


Edges = Int64[Tensor, "2 e"] | Adjacency
"""Row 0 the source and row 1 the target of each edge; prepared, if many layers use them."""


def check_how(how: str) -> None:
    """Raise ``ValueError`` unless ``how`` names an aggregation. Chapter 07."""
    if how not in ("sum", "mean", "max"):
        raise ValueError(f"how must be 'sum', 'mean' or 'max', got {how!r}")


def as_adjacency(edges: Edges, n: int) -> Adjacency:
    """Prepare the edges of a graph of n nodes, unless that has been done. Chapter 07.

    Raises
    ------
    ValueError
        If ``edges`` is neither an ``Adjacency`` of n nodes, nor (2, E) of their labels.
    """
    if not isinstance(edges, Adjacency):
        return Adjacency(edges, n)
    if edges.n != n:
        raise ValueError(f"edges must join {n} nodes, got an Adjacency of {edges.n}")
    return edges


def _sorted_by(ends: Tensor, n: int) -> tuple[Tensor, Tensor]:
    """The edges in the order of one of their ends, and where each node's begin: (E,), (n + 1,).

    The transpose of the E × n incidence matrix, by counting; far cheaper than a sort.
    """
    rows = np.arange(len(ends) + 1)
    incidence = csr_array((np.ones(len(ends), "i1"), ends.cpu().numpy(), rows), (len(ends), n))
    by_node = incidence.tocsc()
    return tuple(torch.from_numpy(a.astype("i8")) for a in (by_node.indices, by_node.indptr))


def _bag(x: Tensor, index: Tensor, start: Tensor, weight: Tensor | None = None) -> Tensor:
    """Row i is the weighted sum of ``x[index[start[i] : start[i + 1]]]``: a product in CSR.

    PyTorch's name for it is an embedding bag; in float32 that is compiled for the width of x,
    three times as fast as ``torch.sparse.mm``. In float64 it is fast with weights only.
    """
    if not len(index):
        return x.new_zeros(len(start) - 1, x.shape[1])
    if weight is None and x.dtype == torch.float64:
        weight = x.new_ones(len(index))
    return F.embedding_bag(
        index, x.detach().contiguous(), start, mode="sum",
        per_sample_weights=None if weight is None else weight.detach().contiguous(),
        include_last_offset=True,
    )  # fmt: skip


class _Product(Function):
    """A x, whose gradient is Aᵀ times the gradient."""

    @staticmethod
    def forward(ctx, x, weight, a):
        ctx.save_for_backward(x, weight)
        ctx.a = a
        return _bag(x, a.edge_index[0], a._start, weight)

    @staticmethod
    def backward(ctx, grad):
        x, weight = ctx.saved_tensors
        back, to_x, to_weight = ctx.a.transposed, None, None
        if ctx.needs_input_grad[0]:
            to_x = _Product.apply(grad, None if weight is None else weight[back.order], back)
        if ctx.needs_input_grad[1]:
            to_weight = _dots(ctx.a, grad, x)
        return to_x, to_weight, None


class _Gather(Function):
    """x at the sources, or the targets, of the edges; the transpose of ``_Scatter``."""

    @staticmethod
    def forward(ctx, x, a, sources):
        ctx.a, ctx.sources = a, sources
        return x.index_select(0, a.edge_index[0 if sources else 1])

    @staticmethod
    def backward(ctx, grad):
        return _Scatter.apply(grad, ctx.a, ctx.sources), None, None


class _Scatter(Function):
    """Sums over the edges at each source, or target; the transpose of ``_Gather``."""

    @staticmethod
    def forward(ctx, messages, a, sources):
        ctx.a, ctx.sources = a, sources
        if sources:
            return _bag(messages, a.transposed.order, a.transposed._start)
        return _bag(messages, torch.arange(len(messages), device=messages.device), a._start)

    @staticmethod
    def backward(ctx, grad):
        return _Gather.apply(grad, ctx.a, ctx.sources), None, None


def _dots(a: Adjacency, at_target: Tensor, at_source: Tensor) -> Tensor:
    """The inner product of the two ends' features, for each edge: (E,)."""
    source, target = a.edge_index
    return (at_target[target] * at_source[source]).sum(1)
