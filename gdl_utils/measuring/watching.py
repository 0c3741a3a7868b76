"""What takes part in a measurement, and what must not: layers in training mode, empty tensors.

Modules are seen when they are called, and the functions of torch wherever they are called from.
See chapter 04, *The blueprint*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from gdl_utils.measuring.nested import same

DROPOUTS = {F.dropout, F.dropout1d, F.dropout2d, F.dropout3d, F.alpha_dropout}
DROPOUTS |= {F.feature_alpha_dropout, F.rrelu}
NORMS = {  # the running statistics, and whether they are to be written: places and names
    F.batch_norm: (1, "running_mean", 5, "training"),
    F.instance_norm: (1, "running_mean", 5, "use_input_stats"),
    torch.batch_norm: (3, "running_mean", 5, "training"),
    torch.native_batch_norm: (3, "running_mean", 5, "training"),
    torch.instance_norm: (3, "running_mean", 5, "use_input_stats"),
}


class Watch:
    """The modules that take part, and what their tensors held when each was first met.

    Chapter 04, *The blueprint*.
    """

    def __init__(self) -> None:
        self.passed: set[nn.Module] = set()
        self.kept: set[nn.Module] = set()
        self.buffers: list[tuple[nn.Module, str, Tensor, Tensor]] = []
        self.parameters: list[tuple[nn.Parameter, Tensor, Tensor | None]] = []

    def add(self, module: nn.Module) -> None:
        """A module that is about to run: refuse it, or keep what it holds."""
        if torch.compiler.is_compiling() or module in self.passed:
            return
        for name, inner in module.named_modules():
            if inner in self.passed:
                continue
            if _differs_in_training(inner):
                raise ValueError(
                    f"f must be in evaluation mode, but its layer {name or 'itself'!r} "
                    f"({_kind(inner)}) is training: call f.eval() first"
                )
            held = {**_own(inner.named_parameters), **_own(inner.named_buffers)}
            for tensor_name, tensor in held.items():
                if tensor.is_meta:
                    raise ValueError(
                        f"f must have values, but {tensor_name!r} of {_kind(inner)} is on the "
                        "device meta, which has none"
                    )
        self.keep(module)
        self.passed.update(module.modules())

    def keep(self, module: nn.Module) -> None:
        """Remember what a module's buffers, parameters and their gradients hold."""
        for inner in module.modules():
            if inner not in self.kept:
                self.kept.add(inner)
                own = _own(inner.named_buffers).items()
                self.buffers += [(inner, k, b, b.clone()) for k, b in own if not _is_lazy(b)]
                for p in _own(inner.named_parameters).values():
                    if isinstance(p, nn.Parameter) and not (_is_lazy(p) or p.is_meta):
                        grad = None if p.grad is None else p.grad.detach().clone()
                        self.parameters.append((p, p.detach().clone(), grad))

    def refuse_changes(self) -> None:
        for module, name, _, before in self.buffers:
            if (
                module in self.passed
                and module.training
                and not same(_own(module.named_buffers).get(name), before)
            ):
                raise ValueError(
                    f"f must be in evaluation mode, but {_kind(module)} is training and changed "
                    f"its buffer {name!r}: call f.eval() first"
                )

    def restore(self) -> None:
        """Give every buffer, and every parameter and its gradient, back what it held."""
        for parameter, before, grad in self.parameters:
            if not same(parameter.detach(), before):
                with torch.no_grad():
                    parameter.copy_(before)
            if grad is None or parameter.grad is None or not same(parameter.grad, grad):
                parameter.grad = grad
        for module, name, buffer, before in self.buffers:
            if not same(_own(module.named_buffers).get(name), before):
                with torch.no_grad():
                    buffer.copy_(before)
                if not same(_own(module.named_buffers).get(name), before):
                    setattr(module, name, buffer)  # it was replaced by another tensor


class RefuseTraining(TorchFunctionMode):
    """Sees the functions themselves, for callers that use them without a module.

    It also finds tensors without values among others: some functions make up an answer.
    Chapter 04, *The blueprint*.
    """

    def __torch_function__(self, func: Any, types: Any, args: tuple = (), kwargs: Any = None):
        kwargs = kwargs or {}
        random = func in DROPOUTS and kwargs.get("training") and kwargs.get("p", 1.0) > 0
        if random or (func in NORMS and _writes_statistics(func, args, kwargs)):
            raise ValueError(
                f"f must be in evaluation mode, but calls {func.__name__} as if it were training"
            )
        tensors = [x for x in args if isinstance(x, Tensor)]
        if any(x.is_meta for x in tensors) and not all(x.is_meta for x in tensors):
            raise ValueError(
                f"f and its inputs must be on one device, but {getattr(func, '__name__', func)} "
                "is given tensors on meta and on another"
            )
        return func(*args, **kwargs)


def _writes_statistics(func: Any, args: tuple, kwargs: dict) -> bool:
    place, name, *flag = NORMS[func]
    statistics, training = (
        args[k] if len(args) > k else kwargs.get(word) for k, word in ((place, name), flag)
    )
    return statistics is not None and bool(training)


def _differs_in_training(module: nn.Module) -> bool:
    """Whether a module is training, and answers at random or writes statistics meanwhile."""
    kind = getattr(nn, _kind(module), type(module))  # a scripted module knows its class by name
    if not (module.training and isinstance(kind, type)):
        return False
    if issubclass(kind, nn.modules.dropout._DropoutNd):
        return getattr(module, "p", 1.0) > 0
    statistics = getattr(module, "track_running_stats", True)
    return issubclass(kind, nn.modules.batchnorm._NormBase) and statistics


def _kind(module: nn.Module) -> str:
    return getattr(module, "original_name", type(module).__name__)


def _own(named: Callable[..., Iterator[tuple[str, Tensor]]]) -> dict[str, Tensor]:
    return dict(named(recurse=False))


def _is_lazy(buffer: Tensor) -> bool:
    return isinstance(buffer, nn.parameter.UninitializedTensorMixin)
