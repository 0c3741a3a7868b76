"""Relabelling: how a permutation moves everything that is indexed by nodes. See chapter 04."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Int64
from torch import Tensor

from gdl_utils.arguments import check_range, indices, signal, whole


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
        object.__setattr__(self, "n", whole("n", self.n, 1))

    def sample(self, rng: torch.Generator) -> Int64[Tensor, " n"]:
        return torch.randperm(self.n, generator=rng, device=rng.device)

    def identity(self) -> Int64[Tensor, " n"]:
        return torch.arange(self.n, device="cpu")

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
    signal("x", x)
    g = _permutation(g, x.shape[0] if x.ndim else 0, x.device)
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
    signal("a", a)
    if a.ndim != 2 or a.shape[0] != a.shape[1]:
        raise ValueError(f"a must be (n, n), got {tuple(a.shape)}")
    g = _permutation(g, len(a), a.device)
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
    g = indices("g", g, ("n",))
    edge_index = as_edges(edge_index, len(g))
    g = _permutation(g, len(g), edge_index.device)
    return g[edge_index]


def as_edges(
    edge_index: Any, n: int, device: torch.device | str | None = None
) -> Int64[Tensor, "2 e"]:
    """Return the edges of a graph of n nodes as a tensor of int64.

    Parameters
    ----------
    edge_index : Tensor, numpy array, or two rows of numbers, (2, E)
        Whole numbers of any width.
    n : int
        Number of nodes.
    device : torch.device, optional
        Where a tensor is made of what is none yet.

    Returns
    -------
    Tensor, (2, E), int64

    Raises
    ------
    ValueError
        If it is not (2, E) of whole numbers, or names a node outside 0 … n − 1.

    Notes
    -----
    Chapter 07, *Graphs*. On torch's ``meta`` device, where tensors have no values, and within
    ``torch.compile``, which cannot look at them, the labels are not checked.
    """
    edges = indices("edge_index", edge_index, (2, "E"), device)
    check_range("edge_index must name nodes", edges, n)
    return edges


def _permutation(g: Any, n: int, device: torch.device) -> Tensor:
    g = indices("g", g, ("n",))
    if len(g) != n:
        raise ValueError(f"g must be a permutation of {n} nodes, got shape {tuple(g.shape)}")
    check_range(f"g must be a permutation of {n} nodes,", g, n)
    if not (g.is_meta or torch.compiler.is_compiling() or len(g.unique()) == n):
        raise ValueError(f"g must be a permutation of {n} nodes, got a label twice")
    return g.to(device)
