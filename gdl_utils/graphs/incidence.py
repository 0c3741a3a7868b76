"""Sums over a graph's edges, from its ends and back: products with its incidence matrix.

Each of these functions is the gradient of another, and all of them come down to ``bag``. They work
column by column, which is all that ``torch.func`` needs to know: a batch of signals is a wider
signal. See chapter 07, *Graphs*.
"""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float, Int64
from scipy.sparse import csr_array
from torch import Tensor
from torch.autograd import Function
from torch.nn import functional as F


def sorted_by(ends: Int64[Tensor, " e"], n: int) -> tuple[Tensor, Tensor]:
    """The edges in the order of one of their ends, and where each node's begin: (E,), (n + 1,).

    The transpose of the E × n incidence matrix, by counting; far cheaper than a sort. Edges at
    one node keep their order. Chapter 07, *Graphs*.
    """
    rows = np.arange(len(ends) + 1)
    incidence = csr_array((np.ones(len(ends), "i1"), ends.numpy(), rows), (len(ends), n))
    by_node = incidence.tocsc()
    order, start = (torch.from_numpy(a.astype("i8")) for a in (by_node.indices, by_node.indptr))
    return order, start


def bag(
    x: Float[Tensor, "m c"],
    index: Int64[Tensor, " e"],
    start: Int64[Tensor, " n_plus_1"],
    weight: Float[Tensor, " e"] | None = None,
) -> Float[Tensor, "n c"]:
    """Row i is the weighted sum of ``x[index[start[i] : start[i + 1]]]``: a product in CSR.

    PyTorch's name for it is an embedding bag. In float32 that is compiled for the width of x, and
    three times as fast as ``torch.sparse.mm``; in float64 it is fast with weights only. Not
    differentiable itself. Chapter 07, *Graphs*.
    """
    if not len(index) or not x.shape[1]:
        return x.new_zeros(len(start) - 1, x.shape[1])
    if weight is None and x.dtype == torch.float64:
        weight = x.new_ones(len(index))
    return F.embedding_bag(
        index, x.contiguous(), start, mode="sum",
        per_sample_weights=None if weight is None else weight.contiguous(),
        include_last_offset=True,
    )  # fmt: skip


class Gather(Function):
    """x at the sources, or the targets, of the edges; the transpose of ``Scatter``. Chapter 07."""

    @staticmethod
    def forward(x, a, sources):
        return x.index_select(0, a.edge_index[0 if sources else 1])

    @staticmethod
    def setup_context(ctx, inputs, output):
        _, ctx.a, ctx.sources = inputs

    @staticmethod
    def backward(ctx, grad):
        return Scatter.apply(grad, ctx.a, ctx.sources), None, None

    @staticmethod
    def jvp(ctx, change, *_):
        return Gather.apply(change, ctx.a, ctx.sources)

    @staticmethod
    def vmap(info, in_dims, x, a, sources):
        return _by_columns(lambda wide: Gather.apply(wide, a, sources), x, in_dims[0])


class Scatter(Function):
    """Sums over the edges at each source, or target; the transpose of ``Gather``. Chapter 07."""

    @staticmethod
    def forward(messages, a, sources):
        return _added(messages, a, sources)

    @staticmethod
    def setup_context(ctx, inputs, output):
        _, ctx.a, ctx.sources = inputs

    @staticmethod
    def backward(ctx, grad):
        return Gather.apply(grad, ctx.a, ctx.sources), None, None

    @staticmethod
    def jvp(ctx, change, *_):
        return Scatter.apply(change, ctx.a, ctx.sources)

    @staticmethod
    def vmap(info, in_dims, messages, a, sources):
        return _by_columns(lambda wide: Scatter.apply(wide, a, sources), messages, in_dims[0])


class Largest(Function):
    """The largest message on the edges into each node, channel by channel; zero without edges.

    Messages that are equally large share the gradient. Chapter 07.
    """

    @staticmethod
    def forward(messages, a):
        return _largest(messages, a)

    @staticmethod
    def setup_context(ctx, inputs, output):
        messages, ctx.a = inputs
        ctx.save_for_backward(messages, output)
        ctx.save_for_forward(messages, output)

    @staticmethod
    def backward(ctx, grad):
        return _shares(*ctx.saved_tensors, ctx.a) * Gather.apply(grad, ctx.a, False), None

    @staticmethod
    def jvp(ctx, change, _):
        return Scatter.apply(_shares(*ctx.saved_tensors, ctx.a) * change, ctx.a, False)

    @staticmethod
    def vmap(info, in_dims, messages, a):
        return _by_columns(lambda wide: Largest.apply(wide, a), messages, in_dims[0])


class Softmax(Function):
    """Softmax over the edges into each node, column by column. Chapter 07."""

    @staticmethod
    def forward(logits, a):
        target = a.edge_index[1]
        positive = (logits - _largest(logits, a).index_select(0, target)).exp_()
        positive /= _added(positive, a, False).index_select(0, target)
        return positive

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.a = inputs[1]
        ctx.save_for_backward(output)
        ctx.save_for_forward(output)

    @staticmethod
    def backward(ctx, grad):
        (alpha,) = ctx.saved_tensors
        change = alpha * grad
        return change - alpha * Gather.apply(
            Scatter.apply(change, ctx.a, False), ctx.a, False
        ), None

    @staticmethod
    def jvp(ctx, change, _):  # the matrix of derivatives is symmetric
        return Softmax.backward(ctx, change)[0]

    @staticmethod
    def vmap(info, in_dims, logits, a):
        return _by_columns(lambda wide: Softmax.apply(wide, a), logits, in_dims[0])


def _added(messages: Tensor, a, sources: bool) -> Tensor:
    """Sums over the edges at each source, or target: (E, C) → (n, C)."""
    if sources:
        return bag(messages, a.transposed.order, a.transposed.start)
    return bag(messages, torch.arange(len(messages), device=messages.device), a.start)


def _largest(messages: Tensor, a) -> Tensor:
    if not messages.numel():
        return messages.new_zeros(a.n, messages.shape[1])
    most = torch.segment_reduce(messages.detach(), "max", offsets=a.start, axis=0)
    return most.masked_fill_((a.degree == 0)[:, None], 0.0)


def _shares(messages: Tensor, largest: Tensor, a) -> Tensor:
    """One over the number of messages that are as large, for these; zero for all others."""
    hit = (messages == Gather.apply(largest, a, False)).to(messages.dtype)
    return hit / Gather.apply(Scatter.apply(hit, a, False), a, False).clamp(min=1)


def _by_columns(function, x: Tensor, dim: int) -> tuple[Tensor, int]:
    """What works column by column does so for a batch: its examples lie side by side."""
    x = x.movedim(dim, 1)
    return function(x.flatten(1)).unflatten(1, x.shape[1:]), 1
