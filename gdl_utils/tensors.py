"""Tensors that outlast the call in which they were made: their types, their places, their copies.

What a structure keeps for later calls must not remember how it was born: in inference mode, within
a transform of ``torch.func``, under autocast, in half precision. See chapter 07, *Graphs*.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function

from gdl_utils.arguments import BATCHED


def lasting(x: Tensor) -> Tensor:
    """Return a tensor that training may use: a copy of it, if it was made in inference mode.

    Whatever is kept for later calls is kept like this. Chapter 07, *Graphs*.
    """
    if torch.compiler.is_compiling() or not x.is_inference():
        return x
    with torch.inference_mode(False):
        return x.clone()


def wide(x: Tensor) -> Tensor:
    """Return a tensor in single precision at least: half is not enough for a sum of many numbers.

    Chapter 07, *Graphs*.
    """
    return x.to(torch.promote_types(x.dtype, torch.float32))


def destination(x: Tensor, *args: Any, **kwargs: Any) -> tuple[torch.device, torch.dtype]:
    """Return the device and type that ``x.to(*args, **kwargs)`` would have, the latter widened.

    For structures with a ``to`` of their own: they hold angles and weights of sums, for which half
    precision is not enough, so that single precision is the least. Raises ``ValueError`` if the
    type is not floating point. Chapter 07, *Graphs*.
    """
    probe = x.detach().new_empty(0).to(*args, **kwargs)
    if not probe.is_floating_point():
        raise ValueError(f"dtype must be floating point, got {probe.dtype}")
    return probe.device, wide(probe).dtype


def kept(function: Callable[..., Any], *tensors: Tensor) -> Any:
    """Compute what is kept for later calls, as if nothing were going on around it.

    What is made in inference mode cannot be trained with, and what is made within a transform of
    ``torch.func`` is dead after it. ``function`` gets plain tensors and runs outside both. Within
    ``torch.compile`` it is called as it is.

    Parameters
    ----------
    function : callable
        Of the tensors; not differentiated.
    *tensors : Tensor
        At least one.

    Notes
    -----
    Chapter 07, *Graphs*.
    """
    if torch.compiler.is_compiling():
        return function(*tensors)
    results: list[Any] = []
    with torch.inference_mode(False):
        _Outside.apply(lambda *plain: results.append(function(*plain)), *tensors)
    return results[0]


def unmixed(x: Tensor) -> AbstractContextManager:
    """Within this, autocast leaves the types of what is computed on x's device. Chapter 08."""
    if torch.amp.is_autocast_available(x.device.type):
        return torch.autocast(x.device.type, enabled=False)
    return nullcontext()


class remembered:
    """A property that is computed once for each object. Chapter 07, *Graphs*.

    ``functools.cached_property`` does the same, but with a lock that compilers do not follow.
    """

    def __init__(self, compute: Callable[[Any], Any]) -> None:
        self.compute, self.name, self.__doc__ = compute, compute.__name__, compute.__doc__

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        value = self.compute(instance)
        if not torch.compiler.is_compiling():
            instance.__dict__[self.name] = value
        return value


class _Outside(Function):
    """The forward pass of a ``Function`` is what runs outside all transforms."""

    @staticmethod
    def forward(function, *tensors):
        function(*tensors)
        return torch.empty(0, device="cpu")

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.mark_non_differentiable(output)

    @staticmethod
    def backward(ctx, *_):
        raise RuntimeError("the structure of a domain is not differentiated")

    @staticmethod
    def jvp(ctx, *_):
        return None

    @staticmethod
    def vmap(info, in_dims, *_):
        raise ValueError(f"edges {BATCHED}")
