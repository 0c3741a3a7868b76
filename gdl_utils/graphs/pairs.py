"""Pairs of graphs that some test cannot tell apart. See chapter 07, *Graphs*."""

from __future__ import annotations

import torch
from jaxtyping import Int64
from torch import Tensor

Pair = tuple[Int64[Tensor, "2 e"], Int64[Tensor, "2 e"]]


def hexagon_and_triangles() -> Pair:
    """One ring of six and two rings of three: each node has two neighbours like itself.

    Colour refinement cannot tell them apart; counting triangles can.

    Returns
    -------
    tuple of Tensor, each (2, 12)
        Six nodes each; every edge in both directions.

    Notes
    -----
    Chapter 07, *Graphs*.
    """
    return _ring(range(6)), torch.cat([_ring(range(3)), _ring(range(3, 6))], 1)


def decalin_and_bicyclopentyl() -> Pair:
    """Two hydrocarbons, C10H18: two rings of six that share a bond, two of five joined by one.

    Colour refinement cannot tell the carbon skeletons apart; counting 5- or 6-cycles can.

    Returns
    -------
    tuple of Tensor, each (2, 22)
        Ten nodes each; every edge in both directions. Nodes 0 and 5 have three neighbours.

    References
    ----------
    Sato (2020), *A Survey on the Expressive Power of Graph Neural Networks*. Chapter 07, *Graphs*.
    """
    bond = torch.tensor([[0, 5], [5, 0]])
    decalin = torch.cat([_ring(range(10)), bond], 1)
    bicyclopentyl = torch.cat([_ring(range(5)), _ring(range(5, 10)), bond], 1)
    return decalin, bicyclopentyl


def rook_and_shrikhande() -> Pair:
    """Two graphs of 16 nodes in which any two nodes have exactly two common neighbours.

    Both live on a 4 × 4 board that is a torus. A rook reaches its row and its column; in
    Shrikhande's graph, a node reaches the next ones across, down, and on one diagonal.
    The folklore test of dimension 2 cannot tell them apart; that of dimension 3 can.

    Returns
    -------
    tuple of Tensor, each (2, 96)
        Node 4 i + j is the square of row i and column j; every edge in both directions.

    References
    ----------
    Shrikhande (1959), *The Uniqueness of the L2 Association Scheme*. Chapter 07, *Graphs*.
    """
    rook = [(0, 1), (0, 2), (0, 3), (1, 0), (2, 0), (3, 0)]
    shrikhande = [(0, 1), (0, 3), (1, 0), (3, 0), (1, 1), (3, 3)]
    return _board(rook), _board(shrikhande)


def _ring(nodes: range) -> Tensor:
    """Each node joined with the next, and the last with the first, both ways."""
    ring = torch.tensor([list(nodes), [*nodes[1:], nodes[0]]])
    return torch.cat([ring, ring.flip(0)], 1)


def _board(moves: list[tuple[int, int]]) -> Tensor:
    """The squares of a 4 × 4 torus, joined by the moves."""
    squares = torch.cartesian_prod(torch.arange(4), torch.arange(4))
    ends = [(squares + torch.tensor(move)) % 4 for move in moves]
    number = torch.tensor([4, 1])
    return torch.cat([torch.stack([squares @ number, end @ number]) for end in ends], 1)
