"""The functions of ``products`` by gathering and adding at indices, step by step.

Slower than these on a CPU, but on every device, with nothing that a compiler cannot follow, and no
shape that depends on values: so that they also run on torch's ``meta`` device. See chapter 07,
*Graphs*.
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Int64
from torch import Tensor
from torch.nn import functional as F


def sorted_by(ends: Int64[Tensor, " e"], n: int) -> tuple[Tensor, Tensor]:
    """The edges in the order of one of their ends, and where each node's begin. Chapter 07."""
    count = torch.zeros(n, dtype=torch.int64, device=ends.device)
    count = count.index_add(0, ends, torch.ones_like(ends))
    return torch.argsort(ends, stable=True), F.pad(count.cumsum(0), (1, 0))


def product(x: Tensor, weight: Tensor | None, a) -> Tensor:
    """A x for x (n, C), or for every head of x (n, H, C) with weights (E, H). Chapter 07."""
    messages = x.index_select(0, a.edge_index[0])
    return scatter(messages if weight is None else messages * weight[..., None], a)


def gather(x: Tensor, a, sources: bool) -> Tensor:
    """x at the sources, or the targets, of the edges. Chapter 07."""
    return x.index_select(0, a.edge_index[0 if sources else 1])


def scatter(messages: Tensor, a) -> Tensor:
    """Sums over the edges into each node. Chapter 07."""
    if a.counted is not None:
        messages = messages * a.counted.reshape(-1, *[1] * (messages.ndim - 1)).to(messages.dtype)
    zeros = messages.new_zeros(a.n, *messages.shape[1:])
    return zeros.index_add(0, a.edge_index[1], messages)


def largest(messages: Tensor, a) -> Tensor:
    """The largest message on the edges into each node, zero without edges. Chapter 07."""
    to = a.edge_index[1][:, None].expand_as(messages)
    most = messages.new_zeros(a.n, messages.shape[1])
    most = most.scatter_reduce(0, to, messages, "amax", include_self=False)
    return most.masked_fill((a.degree == 0)[:, None], 0.0)


def softmax(logits: Tensor, a) -> Tensor:
    """Softmax over the edges into each node, column by column. Chapter 07."""
    if a.counted is not None:
        logits = logits.masked_fill(~a.counted[:, None], -math.inf)
    positive = (logits - gather(largest(logits.detach(), a), a, False)).exp()
    return positive / gather(scatter(positive, a), a, False)
