"""A graph prepared for layers: sums over neighbours as sparse products, both ways.

See chapter 07, *Graphs*.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int, Int64
from torch import Tensor

from gdl_utils.arguments import whole
from gdl_utils.graphs import indexed, products
from gdl_utils.graphs.actions import as_edges
from gdl_utils.tensors import kept, remembered, wide


class Adjacency:
    r"""The edges of a graph, sorted by target, with what layers ask of them.

    A layer that is given an ``edge_index`` makes one of these and drops it; whoever applies
    layers to the same graph many times makes it once and passes it instead. Forward and
    backward passes are sparse products: the gradient of :math:`A x` is :math:`A^\top` times the
    gradient, so the transpose is kept as well, from the first backward pass on.

    Parameters
    ----------
    edge_index : Tensor, numpy array, or two rows of numbers, (2, E)
        Row 0 the source and row 1 the target of each edge, as whole numbers of any width. Parallel
        edges count as often as they occur, a self-loop makes a node its own neighbour, and E may
        be 0.
    n : int
        Number of nodes; those that no edge names are isolated.
    device : torch.device, optional
        Where it lies, unless ``edge_index`` is a tensor, which stays where it is.

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
        If ``edge_index`` is not (2, E) of whole numbers, or names a node outside 0 … n − 1.

    Notes
    -----
    Chapter 07, *Graphs*. Values of edges (``weight``, ``logits``, messages) go into the methods,
    and come out of them, in the sorted order. Half precision comes out as it went in, but sums are
    made in single precision. The fast products are those of a CPU; on other devices, and within
    ``torch.compile``, messages are gathered and added step by step.
    """

    def __init__(
        self,
        edge_index: Int[Tensor, "2 e"] | Int[np.ndarray, "2 e"] | list | tuple,
        n: int,
        device: torch.device | str | None = None,
    ) -> None:
        self.n = whole("n", n, 0)
        self.counted: Tensor | None = None  # which edges count; all, unless made by ``looped``
        kept(self._sort, as_edges(edge_index, self.n, device))

    def _sort(self, edge_index: Tensor) -> None:
        self.order, self.start = self._ways(edge_index).sorted_by(edge_index[1], self.n)
        self.edge_index = edge_index[:, self.order]

    def to(self, *args: Any, **kwargs: Any) -> Adjacency:
        """The same graph on another device. Takes what ``Tensor.to`` takes; a type is ignored."""
        device = torch.empty(0, device=self.start.device).to(*args, **kwargs).device
        if device == self.start.device:
            return self
        moved = object.__new__(Adjacency)
        moved.n = self.n
        for name in ("edge_index", "order", "start", "counted"):
            value = getattr(self, name)
            setattr(moved, name, None if value is None else value.to(device))
        return moved

    @remembered
    def transposed(self) -> Adjacency:
        """The same edges turned round; its ``order`` refers to this one's."""
        back = Adjacency(self.edge_index.flip(0), self.n)
        back.counted = None if self.counted is None else self.counted[back.order]
        return back

    @remembered
    def looped(self) -> Adjacency:
        """The same graph with exactly one self-loop at every node."""
        return kept(self._looped, self.edge_index)

    def _looped(self, edge_index: Tensor) -> Adjacency:
        between = edge_index[0] != edge_index[1]
        loops = torch.arange(self.n, device=edge_index.device).expand(2, -1)
        if self._ways(edge_index) is products:
            return Adjacency(torch.cat([edge_index[:, between], loops], 1), self.n)
        # How many loops there are is a value: leave them in, and do not count them.
        looped = Adjacency(torch.cat([edge_index, loops], 1), self.n)
        looped.counted = torch.cat([between, torch.ones_like(loops[0], dtype=torch.bool)])
        looped.counted = looped.counted[looped.order]
        return looped

    @property
    def degree(self) -> Int64[Tensor, " n"]:
        """Number of edges into each node."""
        if self.counted is None:
            return self.start.diff()
        return torch.zeros_like(self.start[1:]).index_add(
            0, self.edge_index[1], self.counted.long()
        )

    @remembered
    def symmetric(self) -> Float[Tensor, " e"]:
        r"""The weights :math:`1 / \sqrt{d_i d_j}` of the edges, in the sorted order; float64.

        With d the number of edges into a node; 0 where the source has none.
        """
        return kept(self._symmetric, self.start)

    def _symmetric(self, _: Tensor) -> Tensor:
        scale = self.degree.double().rsqrt()
        scale = scale.masked_fill(self.degree == 0, 0)
        return scale[self.edge_index[0]] * scale[self.edge_index[1]]

    def _ways(self, x: Tensor) -> ModuleType:
        """The fast products where they are: on a CPU, outside of what a compiler follows."""
        slow = torch.compiler.is_compiling() or x.device.type != "cpu" or self.counted is not None
        return indexed if slow else products

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
        self._check_kind("x", x)
        x_wide = wide(x)
        weight = None if weight is None else weight.to(x_wide.dtype)
        return self._ways(x).product(x_wide, weight, self).to(x.dtype)

    def at_sources(self, x: Float[Tensor, "n c"]) -> Float[Tensor, "e c"]:
        """Give every edge the features of its source: ``x[source]``. (n, C) → (E, C)."""
        self._check("x", x, self.n)
        return self._ways(x).gather(x, self, True)

    def at_targets(self, x: Float[Tensor, "n c"]) -> Float[Tensor, "e c"]:
        """Give every edge the features of its target: ``x[target]``. (n, C) → (E, C)."""
        self._check("x", x, self.n)
        return self._ways(x).gather(x, self, False)

    def aggregate(
        self, messages: Float[Tensor, "e c"], reduce: str = "sum"
    ) -> Float[Tensor, "n c"]:
        """Aggregate the messages on the edges into each node; zero where there are none.

        Parameters
        ----------
        messages : Tensor, (E, C)
            In the sorted order.
        reduce : {"sum", "mean", "max"}
            "max" goes channel by channel.

        Returns
        -------
        Tensor, (n, C)

        Raises
        ------
        ValueError
            If ``messages`` is not (E, C), or ``reduce`` is none of the three.
        """
        self._check("messages", messages, len(self.order))
        check_reduce(reduce)
        ways = self._ways(messages)
        if reduce == "max":
            return ways.largest(wide(messages), self).to(messages.dtype)
        total = ways.scatter(wide(messages), self)
        if reduce == "mean":
            total = total / self.degree.clamp(min=1)[:, None]
        return total.to(messages.dtype)

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
        return self._ways(logits).softmax(wide(logits), self).to(logits.dtype)

    def _check(self, name: str, x: Tensor, rows: int) -> None:
        if x.ndim != 2 or len(x) != rows:
            raise ValueError(f"{name} must be ({rows}, C), got {tuple(x.shape)}")
        self._check_kind(name, x)

    def _check_kind(self, name: str, x: Tensor) -> None:
        if not x.is_floating_point():
            raise ValueError(f"{name} must be floating point, got {x.dtype}")
        if x.device != self.start.device:
            raise ValueError(
                f"edges must be on the device of {name}, {x.device}, got {self.start.device}"
            )

    def __repr__(self) -> str:
        return f"Adjacency({self.n} nodes, {len(self.order)} edges)"


Edges = Int[Tensor, "2 e"] | Int[np.ndarray, "2 e"] | list | tuple | Adjacency
"""Row 0 the source and row 1 the target of each edge; prepared, if many layers use them."""


def check_reduce(reduce: str) -> None:
    """Raise ``ValueError`` unless ``reduce`` names an aggregation. Chapter 07."""
    if reduce not in ("sum", "mean", "max"):
        raise ValueError(f"reduce must be 'sum', 'mean' or 'max', got {reduce!r}")


def as_adjacency(edges: Edges, n: int, device: torch.device | str | None = None) -> Adjacency:
    """Prepare the edges of a graph of n nodes, unless that has been done. Chapter 07.

    Raises
    ------
    ValueError
        If ``edges`` is neither an ``Adjacency`` of n nodes, nor (2, E) of their labels.
    """
    if not isinstance(edges, Adjacency):
        return Adjacency(edges, n, device)
    if edges.n != n:
        raise ValueError(f"edges must join {n} nodes, got an Adjacency of {edges.n}")
    return edges
