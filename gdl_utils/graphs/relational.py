"""Graphs with edges of several kinds: layers, and scores of missing edges. See chapter 21."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int, Int64
from torch import Tensor, nn

from gdl_utils.arguments import check_range, indices, positive, signal
from gdl_utils.graphs.sparse import Edges, as_adjacency
from gdl_utils.tensors import wide

Index = Int[Tensor, " _"] | Int[np.ndarray, " _"] | list | tuple
"""One whole number for each edge, of any width."""


class RGCNConv(nn.Module):
    r"""A convolution whose weights belong to the kinds of edges, the relations.

    .. math:: y_i = x_i W_0 + b + \sum_r \sum_{j \to_r i} \frac{1}{c_{i,r}}\, x_j W_r

    with :math:`c_{i,r}` the number of edges of relation r into i.

    Parameters
    ----------
    in_channels, out_channels, relations : int
    bases : int, optional
        Every :math:`W_r` is a mixture of that many matrices; a matrix of its own unless given.

    Raises
    ------
    ValueError
        If a number is not positive. In ``forward``: if ``x`` is not (n, in_channels),
        ``edges`` names a node that is not there, or ``relation`` is not (E,) of 0 …
        relations − 1.

    Notes
    -----
    x (n, in_channels), edges (2, E) or an ``Adjacency``, relation (E,) in the order of the given
    edges → (n, out_channels). A node without edges keeps its own term.

    References
    ----------
    Schlichtkrull et al. (2018), *Modeling Relational Data with Graph Convolutional Networks*,
    equations 2 and 3. Chapter 21.
    """

    def __init__(
        self, in_channels: int, out_channels: int, relations: int, bases: int | None = None
    ) -> None:
        super().__init__()
        in_channels, out_channels, self.relations, mixed = positive(
            in_channels=in_channels, out_channels=out_channels, relations=relations,
            bases=relations if bases is None else bases,
        )  # fmt: skip
        bound = in_channels**-0.5
        matrices = torch.empty(mixed, in_channels, out_channels)
        self.weight = nn.Parameter(matrices.uniform_(-bound, bound))
        self.mixture = None
        if bases is not None:
            self.mixture = nn.Parameter(torch.randn(self.relations, mixed) / mixed**0.5)
        own = torch.empty(in_channels, out_channels).uniform_(-bound, bound)
        self.own = nn.Parameter(own)
        self.bias = nn.Parameter(torch.zeros(out_channels))

    def forward(
        self,
        x: Float[Tensor, "n c"],
        edges: Edges,
        relation: Index,
    ) -> Float[Tensor, "n o"]:
        signal("x", x, floating=True)
        if x.ndim != 2 or x.shape[1] != len(self.own):
            raise ValueError(f"x must be (n, {len(self.own)}), got {tuple(x.shape)}")
        edges = as_adjacency(edges, len(x), x.device)
        relation = as_relations(relation, len(edges.order), self.relations, x.device)
        source, target = edges.edge_index
        slot = target * self.relations + relation[edges.order]
        zeros = wide(x.new_zeros(len(x) * self.relations))
        count = zeros.index_add(0, slot, zeros.new_ones(len(slot)))
        messages = wide(x)[source] / count[slot, None]
        mean = zeros[:, None].expand(-1, x.shape[1]).index_add(0, slot, messages).to(x.dtype)
        weight = self.weight
        if self.mixture is not None:
            weight = torch.einsum("rb,bio->rio", self.mixture, weight)
        sums = torch.einsum("nri,rio->no", mean.reshape(len(x), self.relations, -1), weight)
        return x @ self.own + sums + self.bias

    def extra_repr(self) -> str:
        return "{}, {}, relations={}".format(*self.own.shape, self.relations)


class ComplEx(nn.Module):
    r"""Scores of triples (source, relation, target), from complex numbers for each.

    .. math:: \mathrm{score} = \mathrm{Re} \sum_k s_k\, r_k\, \bar t_k

    which may differ when source and target change places.

    Parameters
    ----------
    entities, relations, rank : int
        ``rank`` complex numbers each, stored as 2 · rank real ones: real parts first.

    Raises
    ------
    ValueError
        If a number is not positive. In the methods: if an index is not (E,) of whole numbers, or
        names an entity or a relation that is not there.

    References
    ----------
    Trouillon et al. (2016), *Complex Embeddings for Simple Link Prediction*. Chapter 21.
    """

    def __init__(self, entities: int, relations: int, rank: int) -> None:
        super().__init__()
        entities, relations, rank = positive(entities=entities, relations=relations, rank=rank)
        self.entities = nn.Embedding(entities, 2 * rank)
        self.relation = nn.Embedding(relations, 2 * rank)
        for table in (self.entities, self.relation):
            nn.init.normal_(table.weight, std=rank**-0.25)

    def product(self, source: Float[Tensor, "e k"], relation: Index) -> Float[Tensor, "e k"]:
        """Multiply the sources' numbers by those of their relations: (E, 2 · rank)."""
        turn = _rows("relation", relation, self.relation)
        (a, b), (c, d) = source.chunk(2, 1), turn.chunk(2, 1)
        return torch.cat([a * c - b * d, a * d + b * c], 1)

    def all(
        self,
        source: Index,
        relation: Index,
        targets: Index,
    ) -> Float[Tensor, "e m"]:
        """Score each (source, relation) with each of the targets: (E, M)."""
        product = self.product(_rows("source", source, self.entities), relation)
        return product @ _rows("targets", targets, self.entities).T

    def forward(
        self,
        source: Index,
        relation: Index,
        target: Index,
    ) -> Float[Tensor, " e"]:
        product = self.product(_rows("source", source, self.entities), relation)
        return (product * _rows("target", target, self.entities)).sum(1)


def _rows(name: str, index: Any, table: nn.Embedding) -> Tensor:
    """The rows of a table at an index, checked by name."""
    index = indices(name, index, ("E",), table.weight.device)
    check_range(f"{name} must be from", index, len(table.weight))
    return table(index)


def as_relations(
    relation: Any, edges: int, relations: int, device: torch.device | None = None
) -> Int64[Tensor, " e"]:
    """Return the relation of each edge as a tensor of int64. Chapter 21.

    Raises
    ------
    ValueError
        Unless every edge has one of the relations.
    """
    relation = indices("relation", relation, (edges,), device)
    check_range("relation must be from", relation, relations)
    return relation
