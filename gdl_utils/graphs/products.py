"""Sparse products with a graph's adjacency and incidence matrices, differentiable both ways.

The gradient of a product is a product with the transpose, so each function here is another one's
gradient, and all of them come down to ``bag``. ``Adjacency`` in ``sparse`` is what layers use.
See chapter 07, *Graphs*.
"""

from __future__ import annotations

import warnings

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
    incidence = csr_array((np.ones(len(ends), "i1"), ends.cpu().numpy(), rows), (len(ends), n))
    by_node = incidence.tocsc()
    order, start = (torch.from_numpy(a.astype("i8")) for a in (by_node.indices, by_node.indptr))
    return order.to(ends.device), start.to(ends.device)


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
    if not len(index):
        return x.new_zeros(len(start) - 1, x.shape[1])
    if weight is None and x.dtype == torch.float64:
        weight = x.new_ones(len(index))
    return F.embedding_bag(
        index, x.detach().contiguous(), start, mode="sum",
        per_sample_weights=None if weight is None else weight.detach().contiguous(),
        include_last_offset=True,
    )  # fmt: skip


class Product(Function):
    """A x for x (n, C), or for every head of x (n, H, C) with weights (E, H). Chapter 07."""

    @staticmethod
    def forward(ctx, x, weight, a):
        ctx.save_for_backward(x, weight)
        ctx.a = a
        source = a.edge_index[0]
        if x.ndim == 2:
            return bag(x, source, a.start, weight)
        heads = zip(x.unbind(1), weight.T.contiguous())
        return torch.stack([bag(x_h, source, a.start, w_h) for x_h, w_h in heads], 1)

    @staticmethod
    def backward(ctx, grad):
        x, weight = ctx.saved_tensors
        back, to_x, to_weight = ctx.a.transposed, None, None
        if ctx.needs_input_grad[0]:
            turned = None if weight is None else weight.index_select(0, back.order)
            to_x = Product.apply(grad, turned, back)
        if ctx.needs_input_grad[1]:
            to_weight = Dots.apply(grad, x, ctx.a)
        return to_x, to_weight, None


class Dots(Function):
    """The inner product of the two ends' features for each edge (and head): (E,) or (E, H).

    The (E, C) features at the ends are never stored. Chapter 07.
    """

    @staticmethod
    def forward(ctx, at_target, at_source, a):
        ctx.save_for_backward(at_target, at_source)
        ctx.a = a
        if at_target.ndim == 2:
            return _sampled(at_target, at_source, a)
        heads = zip(at_target.unbind(1), at_source.unbind(1))
        return torch.stack([_sampled(t.contiguous(), s.contiguous(), a) for t, s in heads], 1)

    @staticmethod
    def backward(ctx, grad):
        at_target, at_source = ctx.saved_tensors
        back = ctx.a.transposed
        to_source = Product.apply(at_target, grad.index_select(0, back.order), back)
        return Product.apply(at_source, grad, ctx.a), to_source, None


class Gather(Function):
    """x at the sources, or the targets, of the edges; the transpose of ``Scatter``. Chapter 07."""

    @staticmethod
    def forward(ctx, x, a, sources):
        ctx.a, ctx.sources = a, sources
        return x.index_select(0, a.edge_index[0 if sources else 1])

    @staticmethod
    def backward(ctx, grad):
        return Scatter.apply(grad, ctx.a, ctx.sources), None, None


class Scatter(Function):
    """Sums over the edges at each source, or target; the transpose of ``Gather``. Chapter 07."""

    @staticmethod
    def forward(ctx, messages, a, sources):
        ctx.a, ctx.sources = a, sources
        if sources:
            return bag(messages, a.transposed.order, a.transposed.start)
        return bag(messages, torch.arange(len(messages), device=messages.device), a.start)

    @staticmethod
    def backward(ctx, grad):
        return Gather.apply(grad, ctx.a, ctx.sources), None, None


class Softmax(Function):
    """Softmax over the edges into each node, column by column. Chapter 07."""

    @staticmethod
    def forward(ctx, logits, a):
        ctx.a = a
        positive = (logits - a.at_targets(a.reduce(logits, "max"))).exp_()
        positive /= a.at_targets(a.reduce(positive))
        ctx.save_for_backward(positive)
        return positive

    @staticmethod
    def backward(ctx, grad):
        (alpha,) = ctx.saved_tensors
        change = alpha * grad
        return change - alpha * ctx.a.at_targets(ctx.a.reduce(change)), None


def _sampled(at_target: Tensor, at_source: Tensor, a) -> Tensor:
    """The entries of ``at_target @ at_source.T`` on the edges: (E,)."""
    with warnings.catch_warnings():  # PyTorch calls compressed rows a beta
        warnings.simplefilter("ignore", UserWarning)
        entries = torch.sparse_csr_tensor(
            a.start, a.edge_index[0], at_target.new_zeros(len(a.order)), (a.n, a.n)
        )
    return torch.sparse.sampled_addmm(entries, at_target, at_source.T, beta=0).values()
