"""Relabelling: how a permutation moves everything that is indexed by nodes. See chapter 04."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Int64
from torch import Tensor


@dataclass(frozen=True)
class Permutations:
    """All relabellings of n nodes: the symmetric group.

    An element is a tensor g of shape (n,): node i gets the new label ``g[i]``.

    Raises
    ------
    ValueError
        If ``n`` is not positive.

    Notes
    -----
    Chapter 04, *The blueprint*.
    """

    n: int

    def __post_init__(self) -> None:
        if self.n < 1:
            raise ValueError(f"n must be at least 1, got {self.n}")

    def sample(self, rng: torch.Generator) -> Int64[Tensor, " n"]:
        return torch.randperm(self.n, generator=rng)

    def identity(self) -> Int64[Tensor, " n"]:
        return torch.arange(self.n)

    def compose(self, g: Tensor, h: Tensor) -> Int64[Tensor, " n"]:
        return g[h]

    def inverse(self, g: Tensor) -> Int64[Tensor, " n"]:
        return torch.argsort(g)


def relabel(g: Int64[Tensor, " n"], x: Tensor) -> Tensor:
    """Move node features to the new labels: ``(g·x)[g[i]] = x[i]``.

    Not ``x[g]``: that is the inverse relabelling, a *right* action.

    Parameters
    ----------
    g : Tensor, (n,)
        An element of ``Permutations(n)``.
    x : Tensor, (n, C)
        Or any tensor whose first axis runs over the nodes.

    Returns
    -------
    Tensor
        Of the same shape.

    Raises
    ------
    ValueError
        If ``g`` does not match the number of nodes.

    References
    ----------
    Bronstein et al. (2021), *Geometric Deep Learning*, section 4.1. Chapter 04, *The blueprint*.
    """
    _check(g, x.shape[0] if x.ndim else 0)
    return x[torch.argsort(g)]


def relabel_matrix(g: Int64[Tensor, " n"], a: Tensor) -> Tensor:
    """Move an adjacency matrix to the new labels: ``(g·A)[g[i], g[j]] = A[i, j]``.

    Parameters
    ----------
    g : Tensor, (n,)
    a : Tensor, (n, n)

    Returns
    -------
    Tensor, (n, n)

    Raises
    ------
    ValueError
        If ``a`` is not square, or ``g`` does not match it.

    Notes
    -----
    Chapter 04, *The blueprint*.
    """
    if a.ndim != 2 or a.shape[0] != a.shape[1]:
        raise ValueError(f"a must be (n, n), got {tuple(a.shape)}")
    _check(g, len(a))
    old = torch.argsort(g)
    return a[old][:, old]


def relabel_edges(g: Int64[Tensor, " n"], edge_index: Int64[Tensor, "2 e"]) -> Tensor:
    """Rename the ends of every edge: edge (i, j) becomes (g[i], g[j]).

    Parameters
    ----------
    g : Tensor, (n,)
    edge_index : Tensor, (2, E)

    Returns
    -------
    Tensor, (2, E)

    Raises
    ------
    ValueError
        If ``edge_index`` is not (2, E), or names a node that ``g`` does not have.

    Notes
    -----
    Chapter 04, *The blueprint*.
    """
    check_edges(edge_index, len(g))
    return g[edge_index]


def check_edges(edge_index: Tensor, n: int) -> None:
    """Raise ``ValueError`` unless ``edge_index`` is (2, E) of labels 0 … n − 1. Chapter 04."""
    if edge_index.ndim != 2 or len(edge_index) != 2 or edge_index.dtype != torch.int64:
        raise ValueError(
            f"edge_index must be (2, E) of int64, got {tuple(edge_index.shape)} {edge_index.dtype}"
        )
    if edge_index.numel() and not 0 <= int(edge_index.min()) <= int(edge_index.max()) < n:
        raise ValueError(
            f"edge_index must name nodes 0 to {n - 1}, got {int(edge_index.min())} "
            f"to {int(edge_index.max())}"
        )


def _check(g: Tensor, n: int) -> None:
    if g.ndim != 1 or len(g) != n:
        raise ValueError(f"g must be a permutation of {n} nodes, got shape {tuple(g.shape)}")
