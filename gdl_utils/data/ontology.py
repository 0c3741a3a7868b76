"""What is a kind of what: all ancestors of the terms of an ontology. Chapter 21."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int64
from scipy.sparse import csr_array, eye_array
from torch import Tensor


class Closure(NamedTuple):
    """Every pair of a term and one that it is a kind of, itself included. Chapter 21."""

    above: Int64[Tensor, " p"]
    """The more general term; the pairs are sorted by it, then by ``below``."""
    below: Int64[Tensor, " p"]
    """The more special term."""
    steps: Int64[Tensor, " p"]
    """*Is a* edges on the shortest way from ``below`` to ``above``; 0 for a term itself."""
    share: Float[Tensor, " p"]
    """Probability that a walk from ``below`` to the root, each parent of a term being equally
    likely, comes through ``above``; float64."""


def closure(is_a: Int64[Tensor, "2 a"], n: int) -> Closure:
    r"""Find all ancestors, with the powers of one matrix.

    With :math:`P_{ij} = 1 / |\text{parents of } i|` for the parents j of i, the share is
    :math:`(\sum_k P^k)_{ij}`, and the steps are the first k for which :math:`(P^k)_{ij}` is
    positive.

    Parameters
    ----------
    is_a : Tensor, (2, A), int64
        Row 0 a term and row 1 a parent of it; without circles, each edge once.
    n : int
        Number of terms.

    Returns
    -------
    Closure

    Raises
    ------
    ValueError
        If ``is_a`` is not (2, A) of int64, names a term outside 0 … n − 1, or has a circle.

    Notes
    -----
    Chapter 21.
    """
    if is_a.ndim != 2 or len(is_a) != 2 or is_a.dtype != torch.int64:
        raise ValueError(f"is_a must be (2, A) of int64, got {tuple(is_a.shape)} {is_a.dtype}")
    if is_a.numel() and not 0 <= int(is_a.min()) <= int(is_a.max()) < n:
        raise ValueError(
            f"is_a must name terms from 0 to {n - 1}, got {int(is_a.min())} to {int(is_a.max())}"
        )
    child, parent = is_a.numpy()
    parents = np.bincount(child, minlength=n)
    step = csr_array((1.0 / parents[child], (child, parent)), (n, n))
    power, share, first = eye_array(n, format="csr"), csr_array((n, n)), csr_array((n, n))
    for k in range(n + 1):
        if not power.nnz:
            break
        share = share + power
        reached = power.copy()
        reached.data[:] = n + 1 - k  # the largest belongs to the first k
        first = first.maximum(reached)
        power = power @ step
        power.eliminate_zeros()
    else:
        raise ValueError(f"is_a must have no circle, got one among {n} terms")
    share, first = share.T.tocoo(), first.T.tocoo()
    by_above = np.lexsort((share.col, share.row))
    other = np.lexsort((first.col, first.row))
    return Closure(
        torch.from_numpy(share.row[by_above].astype("i8")),
        torch.from_numpy(share.col[by_above].astype("i8")),
        torch.from_numpy((n + 1 - first.data[other]).astype("i8")),
        torch.from_numpy(share.data[by_above].astype("f8")),
    )


def ragged(start: Tensor, rows: Int64[Tensor, " r"]) -> tuple[Tensor, Tensor]:
    """Which of ``rows``, and which entry, for all entries of the rows. Chapter 21."""
    counts = start[rows + 1] - start[rows]
    which = torch.repeat_interleave(torch.arange(len(rows), device=rows.device), counts)
    first = counts.cumsum(0) - counts
    return which, start[rows][which] + torch.arange(len(which), device=rows.device) - first[which]
