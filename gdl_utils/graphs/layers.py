"""Layers on sets and graphs that commute with relabelling. See chapters 04 and 07, *Graphs*."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from gdl_utils.arguments import positive, signal
from gdl_utils.graphs.sparse import Edges, as_adjacency, check_reduce
from gdl_utils.tensors import wide


class DeepSets(nn.Module):
    r"""Each element's own features, plus all elements' together.

    .. math:: y_i = x_i A + \Big(\tfrac1n \sum_j x_j\Big) B + b

    These are **all** linear maps that commute with every permutation.

    Parameters
    ----------
    in_channels, out_channels : int
    reduce : {"mean", "sum", "max"}
        What all elements contribute; a maximum is equivariant too, but not linear.

    Raises
    ------
    ValueError
        If a number of channels is not positive, or ``reduce`` is none of the three. In ``forward``:
        if ``x`` is not (…, n, in_channels) with n ≥ 1.

    Notes
    -----
    x (…, n, in_channels) → (…, n, out_channels): one set, or a batch of sets of one size.

    References
    ----------
    Zaheer et al. (2017), *Deep Sets*, lemma 3. Chapter 07, *Graphs*.
    """

    def __init__(self, in_channels: int, out_channels: int, reduce: str = "mean") -> None:
        super().__init__()
        check_reduce(reduce)
        self.own = _weights(in_channels, out_channels)
        self.others = _weights(in_channels, out_channels)
        self.bias = nn.Parameter(torch.zeros(out_channels))
        self.reduce = reduce

    def forward(self, x: Float[Tensor, "*b n c"]) -> Float[Tensor, "*b n o"]:
        signal("x", x, floating=True)
        if x.ndim < 2 or x.shape[-1] != len(self.own) or not x.shape[-2]:
            raise ValueError(f"x must be (…, n, {len(self.own)}), n ≥ 1, got {tuple(x.shape)}")
        pool = {"mean": torch.mean, "sum": torch.sum, "max": torch.amax}[self.reduce]
        return x @ self.own + pool(x, -2, keepdim=True) @ self.others + self.bias

    def extra_repr(self) -> str:
        return f"{len(self.own)}, {len(self.bias)}, reduce={self.reduce!r}"


class GraphConv(nn.Module):
    r"""Each node's own features, plus the sum over its neighbours'.

    .. math:: y_i = x_i W_1 + \sum_{j \to i} x_j W_2 + b

    Parameters
    ----------
    in_channels, out_channels : int

    Raises
    ------
    ValueError
        If a number of channels is not positive. In ``forward``: if ``x`` is not
        (n, in_channels), or ``edges`` does not fit it.

    Notes
    -----
    x (n, in_channels), edges (2, E) or an ``Adjacency`` → (n, out_channels). A node without
    neighbours keeps its own term.

    References
    ----------
    Morris et al. (2019), *Weisfeiler and Leman Go Neural*, equation 5. Chapters 04 and 07.
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.own = _weights(in_channels, out_channels)
        self.others = _weights(in_channels, out_channels)
        self.bias = nn.Parameter(torch.zeros(out_channels))

    def forward(self, x: Float[Tensor, "n c"], edges: Edges) -> Float[Tensor, "n o"]:
        _check_features(x, len(self.own))
        edges = as_adjacency(edges, len(x), x.device)
        return x @ self.own + edges.sum(x) @ self.others + self.bias

    def extra_repr(self) -> str:
        return f"{len(self.own)}, {len(self.bias)}"


class GCNConv(nn.Module):
    r"""The convolutional flavour: neighbours count by a constant of the graph.

    .. math:: y_i = b + \sum_{j \to i} \frac{1}{\sqrt{d_i d_j}}\, x_j W

    over the neighbours and the node itself; :math:`d` counts both.

    Parameters
    ----------
    in_channels, out_channels : int

    Raises
    ------
    ValueError
        If a number of channels is not positive. In ``forward``: if ``x`` is not
        (n, in_channels), or ``edges`` does not fit it.

    Notes
    -----
    x (n, in_channels), edges (2, E) or an ``Adjacency`` → (n, out_channels). Every node gets
    exactly one self-loop, whether ``edges`` has it or not: an isolated node gives x_i W + b.
    For directed edges, d is the number of edges **into** a node.

    References
    ----------
    Kipf, Welling (2017), *Semi-Supervised Classification with Graph Convolutional Networks*,
    equation 2. Chapter 07.
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.weight = _weights(in_channels, out_channels)
        self.bias = nn.Parameter(torch.zeros(out_channels))

    def forward(self, x: Float[Tensor, "n c"], edges: Edges) -> Float[Tensor, "n o"]:
        _check_features(x, len(self.weight))
        edges = as_adjacency(edges, len(x), x.device).looped
        return edges.sum(x @ self.weight, edges.symmetric) + self.bias

    def extra_repr(self) -> str:
        return f"{len(self.weight)}, {len(self.bias)}"


class GINConv(nn.Module):
    r"""Sums, and then a network: as good as colour refinement at telling graphs apart.

    .. math:: y_i = \mathrm{net}\Big((1 + \varepsilon)\, x_i + \sum_{j \to i} x_j\Big)

    Parameters
    ----------
    net : nn.Module
        (n, C) → (n, C'), applied to each node on its own.

    Raises
    ------
    ValueError
        In ``forward``: if ``x`` is not (n, C), or ``edges`` does not fit it.

    Notes
    -----
    x (n, C), edges (2, E) or an ``Adjacency`` → (n, C'). ε is learnt and begins at 0.

    References
    ----------
    Xu et al. (2019), *How Powerful are Graph Neural Networks?*, equation 4.1. Chapter 07.
    """

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net
        self.eps = nn.Parameter(torch.zeros(()))

    def forward(self, x: Float[Tensor, "n c"], edges: Edges) -> Float[Tensor, "n o"]:
        _check_features(x)
        return self.net((1 + self.eps) * x + as_adjacency(edges, len(x), x.device).sum(x))


class GATConv(nn.Module):
    r"""The attentional flavour: neighbours count by how their features match the node's.

    .. math:: y_i = \sum_{j \to i} \alpha_{ij}\, x_j W + b, \qquad
        \alpha_{ij} = \mathrm{softmax}_j\, \mathrm{LeakyReLU}(p \cdot x_i W + q \cdot x_j W)

    over the neighbours and the node itself, for each head; the heads' channels are concatenated.

    Parameters
    ----------
    in_channels, out_channels : int
        ``out_channels`` is that of one head.
    heads : int

    Raises
    ------
    ValueError
        If a number is not positive. In ``forward``: if ``x`` is not (n, in_channels), or
        ``edges`` does not fit it.

    Notes
    -----
    x (n, in_channels), edges (2, E) or an ``Adjacency`` → (n, heads · out_channels). Every node
    gets exactly one self-loop: an isolated node attends to itself. The slope is 0.2.

    References
    ----------
    Veličković et al. (2018), *Graph Attention Networks*, equations 3 and 5. Chapter 07, *Graphs*.
    """

    def __init__(self, in_channels: int, out_channels: int, heads: int = 1) -> None:
        super().__init__()
        in_channels, out_channels, heads = positive(
            in_channels=in_channels, out_channels=out_channels, heads=heads
        )
        self.weight = _weights(in_channels, heads * out_channels)
        self.to_target = _weights(out_channels, heads)
        self.to_source = _weights(out_channels, heads)
        self.bias = nn.Parameter(torch.zeros(heads * out_channels))

    def forward(self, x: Float[Tensor, "n c"], edges: Edges) -> Float[Tensor, "n o"]:
        _check_features(x, len(self.weight))
        edges = as_adjacency(edges, len(x), x.device).looped
        weight = self.weight.unflatten(1, (-1, len(self.to_target)))  # (in, heads, out)
        p = wide(x @ torch.einsum("iho,oh->ih", weight, self.to_target))
        q = wide(x @ torch.einsum("iho,oh->ih", weight, self.to_source))
        alpha = edges.softmax(F.leaky_relu(edges.at_targets(p) + edges.at_sources(q), 0.2))
        h = (x @ self.weight).unflatten(1, weight.shape[1:])  # (n, heads, out)
        return edges.sum(h, alpha).flatten(1) + self.bias

    def extra_repr(self) -> str:
        return "{}, {}, heads={}".format(len(self.weight), *self.to_target.shape)


class MessagePassing(nn.Module):
    r"""The general flavour: messages computed from both ends of an edge.

    .. math:: y_i = \mathrm{update}(x_i, \bigoplus_{j \to i} \mathrm{message}(x_i, x_j, e_{ji}))

    Parameters
    ----------
    message : nn.Module
        Of the concatenation (x_i, x_j) or (x_i, x_j, e_ji), the **target's** features first:
        (E, 2 C + D) → (E, M).
    update : nn.Module, optional
        Of the concatenation of x_i and its messages: (n, C + M) → (n, C'). Without it, the
        aggregated messages are the output.
    reduce : {"sum", "mean", "max"}
        The aggregation ⊕; it must not depend on the order.

    Raises
    ------
    ValueError
        If ``reduce`` is none of the three. In ``forward``: if ``x`` is not (n, C), ``edges`` does
        not fit it, or ``e`` is not (E, D).

    Notes
    -----
    x (n, C), edges (2, E) or an ``Adjacency``, e (E, D) in the order of the given edges →
    (n, M) or (n, C'). A node without edges into it gets zero messages, for "max" too.

    References
    ----------
    Gilmer et al. (2017), *Neural Message Passing for Quantum Chemistry*, equations 1 and 2.
    Chapter 07, *Graphs*.
    """

    def __init__(
        self, message: nn.Module, update: nn.Module | None = None, reduce: str = "sum"
    ) -> None:
        super().__init__()
        check_reduce(reduce)
        self.message, self.update, self.reduce = message, update, reduce

    def forward(
        self, x: Float[Tensor, "n c"], edges: Edges, e: Float[Tensor, "e d"] | None = None
    ) -> Float[Tensor, "n o"]:
        _check_features(x)
        edges = as_adjacency(edges, len(x), x.device)
        ends = [edges.at_targets(x), edges.at_sources(x)]
        if e is not None:
            signal("e", e)
            if e.ndim != 2 or len(e) != len(edges.order):
                raise ValueError(f"e must be ({len(edges.order)}, D), got {tuple(e.shape)}")
            ends.append(e[edges.order])
        messages = edges.aggregate(self.message(torch.cat(ends, 1)), self.reduce)
        return messages if self.update is None else self.update(torch.cat([x, messages], 1))

    def extra_repr(self) -> str:
        return f"reduce={self.reduce!r}"


def _weights(in_channels: int, out_channels: int) -> nn.Parameter:
    in_channels, out_channels = positive(in_channels=in_channels, out_channels=out_channels)
    bound = 1 / in_channels**0.5
    return nn.Parameter(torch.empty(in_channels, out_channels).uniform_(-bound, bound))


def _check_features(x: Tensor, channels: int | None = None) -> None:
    signal("x", x, floating=True)
    if x.ndim != 2 or channels not in (None, x.shape[1]):
        raise ValueError(f"x must be (n, {channels or 'C'}), got {tuple(x.shape)}")
