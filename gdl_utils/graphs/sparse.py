"""A graph prepared for layers: sums over neighbours as sparse products, both ways.

See chapter 07, *Graphs*.
"""

from __future__ import annotations

from functools import cached_property

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from gdl_utils.graphs.actions import check_edges
from gdl_utils.graphs.products import Gather, Product, Scatter, Softmax, sorted_by


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
    start : Tensor, (n + 1,), int64
        The edges into node i are those from ``start[i]`` up to ``start[i + 1]``.
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
        self.order, self.start = sorted_by(edge_index[1], n)
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
        return self.start.diff()

    @cached_property
    def symmetric(self) -> Float[Tensor, " e"]:
        r"""The weights :math:`1 / \sqrt{d_i d_j}` of the edges, in the sorted order; float64.

        With d the number of edges into a node; 0 where the source has none.
        """
        scale = self.degree.double().rsqrt()
        scale[self.degree == 0] = 0
        return scale[self.edge_index[0]] * scale[self.edge_index[1]]

    def sum(self, x: Tensor, weight: Tensor | None = None) -> Tensor:
        r"""The product :math:`A x`: :math:`y_i = \sum_{j \to i} w_{ji} x_j`, zero without edges.

        Parameters
        ----------
        x : Tensor, (n, C) or (n, H, C)
        weight : Tensor, (E,) or (E, H), optional
            One number an edge (and head), in the sorted order; 1 unless given. Needed for heads.

        Returns
        -------
        Tensor
            Of the shape of ``x``, and differentiable in both arguments.

        Raises
        ------
        ValueError
            If ``x`` is not (n, C), or ``weight`` is not (E,); nor (n, H, C) and (E, H).
        """
        edges = len(self.order)
        if x.ndim == 3 and weight is None:
            raise ValueError(f"weight must be ({edges}, {x.shape[1]}) for x with heads, got None")
        if x.ndim not in (2, 3) or len(x) != self.n:
            raise ValueError(f"x must be ({self.n}, C) or ({self.n}, H, C), got {tuple(x.shape)}")
        if weight is not None and weight.shape != (edges, *x.shape[1:-1]):
            raise ValueError(f"weight must be {(edges, *x.shape[1:-1])}, got {tuple(weight.shape)}")
        return Product.apply(x, weight, self)

    def at_sources(self, x: Float[Tensor, "n c"]) -> Float[Tensor, "e c"]:
        """Give every edge the features of its source: ``x[source]``. (n, C) → (E, C)."""
        self._check("x", x, self.n)
        return Gather.apply(x, self, True)

    def at_targets(self, x: Float[Tensor, "n c"]) -> Float[Tensor, "e c"]:
        """Give every edge the features of its target: ``x[target]``. (n, C) → (E, C)."""
        self._check("x", x, self.n)
        return Gather.apply(x, self, False)

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
            largest = torch.segment_reduce(messages, "max", offsets=self.start, axis=0)
            return torch.where(reached, largest, torch.zeros_like(largest))
        total = Scatter.apply(messages, self, False)
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
        self._check("logits", logits, len(self.order))
        return Softmax.apply(logits, self)

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
