"""Run a map again and again and leave no trace: nothing is trained, and nothing is changed.

A layer that behaves differently while it is trained is found wherever the map keeps it: in a
lambda, a partial function, an attribute of some object. See chapter 04, *The blueprint*.
"""

from __future__ import annotations

import functools
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_pre_hook

from gdl_utils.measuring.nested import duplicate, leaves
from gdl_utils.measuring.watching import RefuseTraining, Watch


@contextmanager
def guarded(f: Callable[..., Any], *modules: nn.Module) -> Iterator[Callable[[tuple], Any]]:
    """A context whose value runs ``f`` on copies of its arguments, with gradients enabled.

    When it is left, the buffers, parameters and gradients of every module that took part, and the
    state of torch's random numbers, are what they were before.

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
    watch = Watch()
    for module in _modules_near(f):
        watch.keep(module)
    cards = torch.cuda.device_count() if torch.cuda.is_initialized() else 0
    hook = register_module_forward_pre_hook(lambda module, _: watch.add(module))
    try:
        with (
            torch.inference_mode(False),
            torch.enable_grad(),
            torch.random.fork_rng(range(cards)),
            warnings.catch_warnings(),
        ):
            warnings.filterwarnings("ignore", message=".*global hooks on modules.*")
            for module in (*modules, *_modules_in(f)):
                watch.add(module)
            yield _inspected_first(f)
        watch.refuse_changes()
    finally:
        hook.remove()
        watch.restore()


def _inspected_first(f: Callable[..., Any]) -> Callable[[tuple], Any]:
    """Run f, the first time with an eye on the functions that it calls.

    What torch has compiled calls no hooks, so that f then runs once more, and not compiled.
    """
    first, compiles = True, "torch._dynamo" in sys.modules and hasattr(torch.compiler, "set_stance")

    def run(arguments: tuple) -> Any:
        nonlocal first
        if not first:
            return _run(f, arguments)
        first = False
        with RefuseTraining():
            if not compiles:
                return _run(f, arguments)
            with torch.compiler.set_stance("force_eager"):
                _run(f, arguments)
        return _run(f, arguments)

    return run


def _run(f: Callable[..., Any], arguments: tuple) -> Any:
    copies = duplicate(arguments)
    try:
        return f(*copies)
    except (RuntimeError, NotImplementedError) as error:
        if not re.search(r"(same|expected|different) devices?|[Mm]eta tensor", str(error)):
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


def _modules_near(f: Any, seen: set[int] | None = None, steps: int = 4) -> Iterator[nn.Module]:
    """Modules that a callable refers to by closures, globals, arguments or attributes."""
    seen = set() if seen is None else seen
    if id(f) in seen or isinstance(f, type) or not callable(f):
        return
    seen.add(id(f))
    if isinstance(f, nn.Module):
        yield f
    elif steps:
        near = [c.cell_contents for c in getattr(f, "__closure__", None) or () if _filled(c)]
        names = getattr(getattr(f, "__code__", None), "co_names", ())
        near += [f.__globals__[name] for name in names if name in f.__globals__]
        near += [getattr(f, "__self__", None), getattr(f, "func", None), *getattr(f, "args", ())]
        near += vars(f).values() if hasattr(f, "__dict__") else ()
        for part in near:
            yield from _modules_near(part, seen, steps - 1)


def _filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not cell
    except ValueError:  # nothing has been put there yet
        return False
