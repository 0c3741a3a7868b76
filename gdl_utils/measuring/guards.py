"""Run a map again and again and leave no trace: nothing is trained, and nothing is changed.

A layer that behaves differently while it is trained is found wherever the map keeps it: in a
lambda, a partial function, an attribute of some object. See chapter 04, *The blueprint*.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.modules.module import register_module_forward_pre_hook
from torch.overrides import TorchFunctionMode

from gdl_utils.measuring.nested import duplicate, leaves, same

DROPOUTS = {F.dropout, F.dropout1d, F.dropout2d, F.dropout3d, F.alpha_dropout}
DROPOUTS |= {F.feature_alpha_dropout, F.rrelu}
NORMS = {F.batch_norm: "training", F.instance_norm: "use_input_stats"}


@contextmanager
def guarded(f: Callable[..., Any], *modules: nn.Module) -> Iterator[Callable[[tuple], Any]]:
    """A context whose value runs ``f`` on copies of its arguments, with gradients enabled.

    When it is left, the buffers of every module that took part are what they were before.

    Parameters
    ----------
    f : callable
        A module or function of one or several arguments.
    *modules : Module
        What is known to take part; whatever else ``f`` calls is found when it is called.

    Raises
    ------
    ValueError
        If dropout, or a normalisation with running statistics, is in training mode, or a layer
        that is trained changes its buffers. The caller's statistics are as before.

    Notes
    -----
    Chapter 04, *The blueprint*.
    """
    watch = _Watch()
    hook = register_module_forward_pre_hook(lambda module, _: watch.add(module))
    try:
        with torch.inference_mode(False), torch.enable_grad(), _RefuseTraining():
            for module in (*modules, *_modules_in(f)):
                watch.add(module)
            yield lambda arguments: _run(f, arguments)
        watch.refuse_changes()
    finally:
        hook.remove()
        watch.restore()


def _run(f: Callable[..., Any], arguments: tuple) -> Any:
    try:
        return f(*duplicate(arguments))
    except (RuntimeError, NotImplementedError) as error:
        if "device" not in str(error).lower() and "meta" not in str(error).lower():
            raise
        devices = {str(x.device) for _, x in leaves(arguments) if isinstance(x, Tensor)}
        raise ValueError(
            f"f and its inputs must be on one device, and the inputs are on {', '.join(devices)}: "
            f"{error}"
        ) from error


def _modules_in(f: Any) -> list[nn.Module]:
    """The modules that a callable is, is a method of, or has bound as arguments."""
    if isinstance(f, functools.partial):
        return [m for part in (f.func, *f.args, *f.keywords.values()) for m in _modules_in(part)]
    return [part for part in (f, getattr(f, "__self__", None)) if isinstance(part, nn.Module)]


class _Watch:
    """The modules that take part, and what their buffers held when each was first met."""

    def __init__(self) -> None:
        self.known: set[nn.Module] = set()
        self.buffers: list[tuple[nn.Module, str, Tensor, Tensor]] = []

    def add(self, module: nn.Module) -> None:
        if module in self.known:
            return
        for name, inner in module.named_modules():
            if inner not in self.known and _differs_in_training(inner):
                raise ValueError(
                    f"f must be in evaluation mode, but its layer {name or 'itself'!r} "
                    f"({type(inner).__name__}) is training: call f.eval() first"
                )
        for inner in module.modules():
            if inner not in self.known:
                self.known.add(inner)
                for name, held in (*inner._parameters.items(), *inner._buffers.items()):
                    if held is not None and held.device.type == "meta":
                        raise ValueError(
                            f"f must have values, but {name!r} of {type(inner).__name__} is on "
                            "the device meta, which has none"
                        )
                held = [(k, b) for k, b in inner._buffers.items() if b is not None]
                self.buffers += [(inner, k, b, b.clone()) for k, b in held if not _is_lazy(b)]

    def refuse_changes(self) -> None:
        for module, name, buffer, before in self.buffers:
            if module.training and not _unchanged(module, name, buffer, before):
                raise ValueError(
                    f"f must be in evaluation mode, but {type(module).__name__} is training and "
                    f"changed its buffer {name!r}: call f.eval() first"
                )

    def restore(self) -> None:
        for module, name, buffer, before in self.buffers:
            if not _unchanged(module, name, buffer, before):
                with torch.no_grad():
                    buffer.copy_(before)
                module._buffers[name] = buffer


class _RefuseTraining(TorchFunctionMode):
    """Sees the functions themselves, for callers that use them without a module."""

    def __torch_function__(self, func: Any, types: Any, args: tuple = (), kwargs: Any = None):
        kwargs = kwargs or {}
        random = func in DROPOUTS and kwargs.get("training") and kwargs.get("p", 1.0) > 0
        statistics = args[1] if len(args) > 1 else kwargs.get("running_mean")
        if random or (func in NORMS and statistics is not None and kwargs.get(NORMS[func])):
            raise ValueError(
                f"f must be in evaluation mode, but calls {func.__name__} as if it were training"
            )
        return func(*args, **kwargs)


def _differs_in_training(module: nn.Module) -> bool:
    """Whether a module is training, and answers at random or writes statistics meanwhile."""
    if not module.training:
        return False
    if isinstance(module, nn.modules.dropout._DropoutNd):
        return module.p > 0
    return isinstance(module, nn.modules.batchnorm._NormBase) and module.track_running_stats


def _is_lazy(buffer: Tensor) -> bool:
    return isinstance(buffer, nn.parameter.UninitializedTensorMixin)


def _unchanged(module: nn.Module, name: str, buffer: Tensor, before: Tensor) -> bool:
    if module._buffers.get(name) is not buffer:
        return False
    return buffer.device.type == "meta" or same(buffer, before)
