"""Graphs with edges of several kinds: layers, and scores of missing edges. See chapter 21."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from gdl_utils.graphs.actions import check_edges


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
        ``edge_index`` names a node that is not there, or ``relation`` is not (E,) of 0 …
        relations − 1.

    Notes
    -----
    x (n, in_channels), edge_index (2, E) with the source in row 0, relation (E,) →
    (n, out_channels). A node without edges keeps its own term.

    References
    ----------
    Schlichtkrull et al. (2018), *Modeling Relational Data with Graph Convolutional Networks*,
    equations 2 and 3. Chapter 21.
    """

    def __init__(
        self, in_channels: int, out_channels: int, relations: int, bases: int | None = None
    ) -> None:
        super().__init__()
        numbers = (in_channels, out_channels, relations, 1 if bases is None else bases)
        if min(numbers) < 1:
            raise ValueError(f"channels, relations and bases must be positive, got {numbers}")
        self.relations = relations
        bound = in_channels**-0.5
        matrices = torch.empty(bases or relations, in_channels, out_channels)
        self.weight = nn.Parameter(matrices.uniform_(-bound, bound))
        self.mixture = None
        if bases is not None:
            self.mixture = nn.Parameter(torch.randn(relations, bases) / bases**0.5)
        own = torch.empty(in_channels, out_channels).uniform_(-bound, bound)
        self.own = nn.Parameter(own)
        self.bias = nn.Parameter(torch.zeros(out_channels))

    def forward(
        self,
        x: Float[Tensor, "n c"],
        edge_index: Int64[Tensor, "2 e"],
        relation: Int64[Tensor, " e"],
    ) -> Float[Tensor, "n o"]:
        if x.ndim != 2 or x.shape[1] != len(self.own):
            raise ValueError(f"x must be (n, {len(self.own)}), got {tuple(x.shape)}")
        check_edges(edge_index, len(x))
        check_relations(relation, edge_index.shape[1], self.relations)
        source, target = edge_index
        slot = target * self.relations + relation
        count = slot.bincount(minlength=len(x) * self.relations).to(x)
        messages = x[source] / count[slot, None]
        mean = x.new_zeros(len(count), x.shape[1]).index_add(0, slot, messages)
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
        If a number is not positive.

    References
    ----------
    Trouillon et al. (2016), *Complex Embeddings for Simple Link Prediction*. Chapter 21.
    """

    def __init__(self, entities: int, relations: int, rank: int) -> None:
        super().__init__()
        if min(entities, relations, rank) < 1:
            raise ValueError(f"numbers must be positive, got {entities}, {relations}, {rank}")
        self.entities = nn.Embedding(entities, 2 * rank)
        self.relation = nn.Embedding(relations, 2 * rank)
        for table in (self.entities, self.relation):
            nn.init.normal_(table.weight, std=rank**-0.25)

    def product(
        self, source: Float[Tensor, "e k"], relation: Int64[Tensor, " e"]
    ) -> Float[Tensor, "e k"]:
        """Multiply the sources' numbers by those of their relations: (E, 2 · rank)."""
        (a, b), (c, d) = source.chunk(2, 1), self.relation(relation).chunk(2, 1)
        return torch.cat([a * c - b * d, a * d + b * c], 1)

    def all(
        self,
        source: Int64[Tensor, " e"],
        relation: Int64[Tensor, " e"],
        targets: Int64[Tensor, " m"],
    ) -> Float[Tensor, "e m"]:
        """Score each (source, relation) with each of the targets: (E, M)."""
        return self.product(self.entities(source), relation) @ self.entities(targets).T

    def forward(
        self,
        source: Int64[Tensor, " e"],
        relation: Int64[Tensor, " e"],
        target: Int64[Tensor, " e"],
    ) -> Float[Tensor, " e"]:
        return (self.product(self.entities(source), relation) * self.entities(target)).sum(1)


def check_relations(relation: Tensor, edges: int, relations: int) -> None:
    """Raise ``ValueError`` unless every edge has one of the relations. Chapter 21."""
    if relation.shape != (edges,) or relation.dtype != torch.int64:
        raise ValueError(
            f"relation must be ({edges},) of int64, got {tuple(relation.shape)} {relation.dtype}"
        )
    if edges and not 0 <= int(relation.min()) <= int(relation.max()) < relations:
        raise ValueError(
            f"relation must be from 0 to {relations - 1}, got {int(relation.min())} to "
            f"{int(relation.max())}"
        )
