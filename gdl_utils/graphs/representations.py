"""Permutations as matrices, to solve for all linear maps that commute with them.

See chapter 07, *Graphs*.
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from gdl_utils.arguments import whole
from gdl_utils.equivariant_maps import action_matrices
from gdl_utils.graphs.actions import relabel, relabel_matrix


def generators(n: int) -> list[Int64[Tensor, " n"]]:
    """Two relabellings that generate all: exchange the first two nodes; move all one on.

    What commutes with these commutes with every permutation of n nodes.

    Raises
    ------
    ValueError
        If ``n`` is below 2.

    Notes
    -----
    Chapter 07, *Graphs*.
    """
    n = whole("n", n, 2)
    inorder = torch.arange(n, device="cpu")
    return [torch.cat([inorder[:2].flip(0), inorder[2:]]), inorder.roll(-1)]


def on_nodes(n: int) -> Float[Tensor, "2 n n"]:
    """How the ``generators`` move one number a node: the permutation matrices. (2, n, n).

    Maps from it to itself: 2 dimensions (Deep Sets). Chapter 07, *Graphs*.
    """
    return action_matrices(relabel, generators(n), (n,))


def on_matrices(n: int) -> Float[Tensor, "2 d d"]:
    """How the ``generators`` move an n × n matrix, flattened row by row. (2, n², n²).

    Maps from it to itself: 15 dimensions, for n ≥ 4. Maron et al. (2019), *Invariant and
    Equivariant Graph Networks*, theorem 1. Chapter 07, *Graphs*.
    """
    return action_matrices(relabel_matrix, generators(n), (n, n))


def on_symmetric(n: int) -> Float[Tensor, "2 d d"]:
    """How the ``generators`` move a symmetric matrix. (2, d, d) with d = n (n + 1) / 2.

    A matrix is written as its entries on and above the diagonal, row by row
    (``torch.triu_indices``). Maps from it to itself: 9 dimensions, for n ≥ 4. Chapter 07,
    *Graphs*.
    """
    return _on_pairs(n, 0)


def on_simple(n: int) -> Float[Tensor, "2 d d"]:
    """How the ``generators`` move a simple graph's adjacency. (2, d, d) with d = n (n - 1) / 2.

    A symmetric matrix with a zero diagonal is written as its entries above it, row by row
    (``torch.triu_indices`` with offset 1). Maps from it to itself: 3 dimensions, for n ≥ 4.
    Chapter 07, *Graphs*.
    """
    return _on_pairs(n, 1)


def _on_pairs(n: int, offset: int) -> Tensor:
    above = tuple(torch.triu_indices(n, n, offset, device="cpu"))

    def act(g: Tensor, entries: Tensor) -> Tensor:
        a = entries.new_zeros(n, n)
        a[above] = entries
        return relabel_matrix(g, a + a.triu(1).T)[above]

    return action_matrices(act, generators(n), (len(above[0]),))
