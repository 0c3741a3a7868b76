"""Sparse products with a graph's adjacency matrix, differentiable both ways.

The gradient of a product is a product with the transpose, and with the weights it is an inner
product at each edge, which nobody stores the features of. These, and the functions of
``incidence``, are the fast ways on a CPU. ``indexed`` has the same for compilers and other devices,
and ``Adjacency`` in ``sparse`` chooses. See chapter 07, *Graphs*.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.autograd import Function

from gdl_utils.graphs.incidence import Gather, Largest, Scatter, Softmax, bag, sorted_by

__all__ = [
    "Dots", "Product", "gather", "largest", "product", "scatter", "softmax", "sorted_by",
]  # fmt: skip


class Product(Function):
    """A x for x (n, C), or for every head of x (n, H, C) with weights (E, H); ``back``: Aᵀ x.

    Chapter 07.
    """

    @staticmethod
    def forward(x, weight, a, back):
        if back:
            a = a.transposed
            weight = None if weight is None else weight.index_select(0, a.order)
        source = a.edge_index[0]
        if x.ndim == 2:
            return bag(x, source, a.start, weight)
        if not x.shape[1]:
            return torch.zeros_like(x)
        heads = zip(x.unbind(1), weight.T.contiguous())
        return torch.stack([bag(x_h, source, a.start, w_h) for x_h, w_h in heads], 1)

    @staticmethod
    def setup_context(ctx, inputs, output):
        x, weight, ctx.a, ctx.back = inputs
        ctx.save_for_backward(x, weight)
        ctx.save_for_forward(x, weight)

    @staticmethod
    def backward(ctx, grad):
        x, weight = ctx.saved_tensors
        to_x = to_weight = None
        if ctx.needs_input_grad[0]:
            to_x = Product.apply(grad, weight, ctx.a, not ctx.back)
        if ctx.needs_input_grad[1]:
            to_weight = Dots.apply(*((x, grad) if ctx.back else (grad, x)), ctx.a)
        return to_x, to_weight, None, None

    @staticmethod
    def jvp(ctx, x_change, weight_change, *_):
        x, weight = ctx.saved_tensors
        parts = []
        if x_change is not None:
            parts.append(Product.apply(x_change, weight, ctx.a, ctx.back))
        if weight_change is not None:
            parts.append(Product.apply(x, weight_change, ctx.a, ctx.back))
        return sum(parts)

    @staticmethod
    def vmap(info, in_dims, x, weight, a, back):
        if in_dims[1] is None:  # the same weights for the whole batch: only more columns
            x = x.movedim(in_dims[0], -2)
            y = Product.apply(x.flatten(-2), weight, a, back)
            return y.unflatten(-1, x.shape[-2:]), x.ndim - 2
        x, weight = (_second(t, dim, info) for t, dim in zip((x, weight), in_dims))
        y = Product.apply(x.flatten(1, -2), weight.flatten(1), a, back)  # as heads
        return y.unflatten(1, x.shape[1:-1]), 1


class Dots(Function):
    """The inner product of the two ends' features for each edge (and head): (E,) or (E, H).

    The (E, C) features at the ends are never stored. Chapter 07.
    """

    @staticmethod
    def forward(at_target, at_source, a):
        if at_target.ndim == 2:
            return _sampled([at_target], [at_source], a)[0]
        if not at_target.shape[1]:
            return at_target.new_zeros(len(a.order), 0)
        return torch.stack(_sampled(at_target.unbind(1), at_source.unbind(1), a), 1)

    @staticmethod
    def setup_context(ctx, inputs, output):
        at_target, at_source, ctx.a = inputs
        ctx.save_for_backward(at_target, at_source)
        ctx.save_for_forward(at_target, at_source)

    @staticmethod
    def backward(ctx, grad):
        at_target, at_source = ctx.saved_tensors
        to_target = to_source = None
        if ctx.needs_input_grad[0]:
            to_target = Product.apply(at_source, grad, ctx.a, False)
        if ctx.needs_input_grad[1]:
            to_source = Product.apply(at_target, grad, ctx.a, True)
        return to_target, to_source, None

    @staticmethod
    def jvp(ctx, target_change, source_change, _):
        at_target, at_source = ctx.saved_tensors
        parts = []
        if target_change is not None:
            parts.append(Dots.apply(target_change, at_source, ctx.a))
        if source_change is not None:
            parts.append(Dots.apply(at_target, source_change, ctx.a))
        return sum(parts)

    @staticmethod
    def vmap(info, in_dims, at_target, at_source, a):
        ends = [_second(t, dim, info) for t, dim in zip((at_target, at_source), in_dims)]
        dots = Dots.apply(*(t.flatten(1, -2) for t in ends), a)
        return dots.unflatten(1, ends[0].shape[1:-1]), 1


def _sampled(at_target: Sequence[Tensor], at_source: Sequence[Tensor], a) -> list[Tensor]:
    """The entries of ``at_target @ at_source.T`` on the edges, for each pair of them: (E,)."""
    with warnings.catch_warnings():  # PyTorch calls compressed rows a beta
        warnings.simplefilter("ignore", UserWarning)
        entries = torch.sparse_csr_tensor(
            a.start, a.edge_index[0], at_target[0].new_zeros(len(a.order)), (a.n, a.n)
        )
    return [
        torch.sparse.sampled_addmm(entries, t.contiguous(), s.contiguous().T, beta=0).values()
        for t, s in zip(at_target, at_source)
    ]


def _second(x: Tensor, dim: int | None, info) -> Tensor:
    """Put the batch behind the first axis; what is not batched is the same throughout."""
    if dim is None:
        return x.unsqueeze(1).expand(-1, info.batch_size, *x.shape[1:])
    return x.movedim(dim, 1)


gather, largest, softmax = Gather.apply, Largest.apply, Softmax.apply


def product(x: Tensor, weight: Tensor | None, a) -> Tensor:
    """A x for x (n, C), or for every head of x (n, H, C) with weights (E, H). Chapter 07."""
    return Product.apply(x, weight, a, False)


def scatter(messages: Tensor, a) -> Tensor:
    """Sums over the edges into each node. Chapter 07."""
    return Scatter.apply(messages, a, False)
