"""Structural features: numbers of each node that know what message passing cannot see.

Each depends on the graph alone, and moves with its nodes when they are relabelled. The graph is
taken as simple and undirected: directions, parallel edges and self-loops are ignored. See chapter
07, *Graphs*.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from gdl_utils.arguments import whole
from gdl_utils.graphs.actions import as_edges


def simple_adjacency(edge_index: Int64[Tensor, "2 e"], n: int) -> Float[Tensor, "n n"]:
    """The symmetric 0/1 matrix of a graph, without self-loops. float64.

    Raises
    ------
    ValueError
        If ``edge_index`` is not (2, E) of the labels of n nodes.

    Notes
    -----
    Chapter 07, *Graphs*.
    """
    n = whole("n", n, 0)
    edge_index = as_edges(edge_index, n)
    a = torch.zeros(n, n, dtype=torch.float64, device=edge_index.device)
    a[tuple(edge_index)] = 1
    return torch.maximum(a, a.T).fill_diagonal_(0)


def laplacian(
    edge_index: Int64[Tensor, "2 e"], n: int, normalised: bool = False
) -> Float[Tensor, "n n"]:
    r"""The Laplacian :math:`D - A`, or :math:`I - D^{-1/2} A D^{-1/2}` if ``normalised``.

    Its rows, and columns, of isolated nodes are zero in both cases.

    Parameters
    ----------
    edge_index : Tensor, (2, E)
    n : int
    normalised : bool

    Returns
    -------
    Tensor, (n, n), float64
        Symmetric and positive semidefinite; as many zero eigenvalues as connected parts.

    Raises
    ------
    ValueError
        If ``edge_index`` is not (2, E) of the labels of n nodes.

    References
    ----------
    Chung (1997), *Spectral Graph Theory*, section 1.2. Chapter 07, *Graphs*.
    """
    a = simple_adjacency(edge_index, n)
    degree = a.sum(1)
    lap = torch.diag(degree) - a
    if normalised:
        scale = degree.clamp(min=1).rsqrt()
        lap = scale[:, None] * lap * scale
    return lap


def heat_diagonal(
    edge_index: Int64[Tensor, "2 e"], n: int, times: Sequence[float] = (0.5, 1.0, 2.0, 4.0)
) -> Float[Tensor, "n t"]:
    r"""How much heat is left where it was put: the diagonal of :math:`e^{-tL}`.

    .. math:: h_t(i) = \sum_k e^{-t \lambda_k}\, \phi_k(i)^2

    Eigenvectors are known up to their sign, and up to a rotation where eigenvalues coincide;
    these sums are not.

    Parameters
    ----------
    edge_index : Tensor, (2, E)
    n : int
    times : sequence of float

    Returns
    -------
    Tensor, (n, len(times)), float64
        Between 0 and 1, with the normalised Laplacian; 1 for an isolated node.

    Raises
    ------
    ValueError
        If ``edge_index`` does not fit ``n``, or a time is negative.

    References
    ----------
    Sun, Ovsjanikov, Guibas (2009), *A Concise and Provably Informative Multi-Scale Signature
    Based on Heat Diffusion*: the heat kernel signature. Chapter 07, *Graphs*.
    """
    lap = laplacian(edge_index, n, normalised=True)
    times = torch.as_tensor(times, dtype=torch.float64, device=lap.device)
    if (times < 0).any():
        raise ValueError(f"times must not be negative, got {times.tolist()}")
    values, vectors = torch.linalg.eigh(lap)
    return vectors.square() @ torch.exp(-values[:, None] * times)


def return_probabilities(
    edge_index: Int64[Tensor, "2 e"], n: int, steps: int = 8
) -> Float[Tensor, "n s"]:
    r"""The probability that a random walk is back where it began, after 1 … ``steps`` steps.

    The diagonals of the powers of :math:`D^{-1} A`.

    Parameters
    ----------
    edge_index : Tensor, (2, E)
    n : int
    steps : int

    Returns
    -------
    Tensor, (n, steps), float64
        Zero for an isolated node, whose walk goes nowhere.

    Raises
    ------
    ValueError
        If ``edge_index`` does not fit ``n``, or ``steps`` is not positive.

    References
    ----------
    Dwivedi et al. (2022), *Graph Neural Networks with Learnable Structural and Positional
    Representations*, section 3.2. Chapter 07, *Graphs*.
    """
    steps = whole("steps", steps, 1)
    a = simple_adjacency(edge_index, n)
    walk = a / a.sum(1, keepdim=True).clamp(min=1)
    power, diagonals = torch.eye(len(a), dtype=a.dtype, device=a.device), []
    for _ in range(steps):
        power = power @ walk
        diagonals.append(power.diagonal())
    return torch.stack(diagonals, 1)


def cycle_counts(
    edge_index: Int64[Tensor, "2 e"], n: int, lengths: Sequence[int] = (3, 4, 5, 6)
) -> Int64[Tensor, "n l"]:
    """How many cycles of each length go through each node; they may have chords.

    Every path that begins at its least node is walked, one edge a round for all at once, and
    counted where it closes. Exact; time and memory grow with the number of such paths, at most
    n · degree^(length - 1).

    Parameters
    ----------
    edge_index : Tensor, (2, E)
    n : int
    lengths : sequence of int
        At least 3 each.

    Returns
    -------
    Tensor, (n, len(lengths)), int64

    Raises
    ------
    ValueError
        If ``edge_index`` does not fit ``n``, or a length is below 3.

    References
    ----------
    Bouritsas et al. (2023), *Improving Graph Neural Network Expressivity via Subgraph
    Isomorphism Counting*, section 3. Chapter 07, *Graphs*.
    """
    lengths = [whole("lengths", length) for length in lengths]
    if not lengths or min(lengths) < 3:
        raise ValueError(f"lengths must be at least 3, got {lengths}")
    joined = simple_adjacency(edge_index, n).bool()
    ends = joined.nonzero()[:, 1]  # neighbours of node 0, then of node 1, …
    degree = joined.sum(1)
    start = degree.cumsum(0) - degree
    counts = torch.zeros(len(joined), max(lengths) + 1, dtype=torch.int64, device=joined.device)
    paths = torch.arange(len(joined), device=joined.device)[:, None]
    for length in range(2, max(lengths) + 1):
        last = paths[:, -1]
        paths = paths.repeat_interleave(degree[last], 0)
        before = (degree[last].cumsum(0) - degree[last]).repeat_interleave(degree[last])
        step = torch.arange(len(paths), device=paths.device) - before
        following = ends[start[paths[:, -1]] + step]
        fresh = (following[:, None] != paths).all(1) & (following > paths[:, 0])
        paths = torch.cat([paths, following[:, None]], 1)[fresh]
        # a cycle is walked both ways round: keep one
        closed = paths[joined[paths[:, -1], paths[:, 0]] & (paths[:, 1] < paths[:, -1])]
        counts[:, length] = torch.bincount(closed.flatten(), minlength=len(joined))
    return counts[:, lengths]
