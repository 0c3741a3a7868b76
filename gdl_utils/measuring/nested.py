"""Values of any nesting: walk them, copy them, compare them, move them.

A network's inputs and outputs may be tensors, or tuples, lists, dictionaries, named tuples,
dataclasses and graphs of PyTorch Geometric (which is not imported) that hold tensors, arrays and
numbers somewhere inside. The instruments of :mod:`~gdl_utils.symmetry` see them through
:func:`parts` alone. See chapter 04, *The blueprint*.
"""

from __future__ import annotations

import copy
import dataclasses
import inspect
import numbers
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from types import FunctionType
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn


class Parts(NamedTuple):
    """What a container holds: keys, values, and how to make a container of other values."""

    keys: list[Any]
    names: list[str]
    """The keys as they are written behind the container's own name: ``['x']``, ``[0]``, ``.x``."""
    values: list[Any]
    make: Callable[[list[Any]], Any]


def parts(x: Any) -> Parts | None:
    """What ``x`` holds if it is a container, else ``None``. Chapter 04, *The blueprint*."""
    if isinstance(x, Mapping):
        names = [f"[{key!r}]" for key in x]
        return Parts(list(x), names, list(x.values()), lambda new: _mapping(x, new))
    if isinstance(x, tuple | list):
        keys = getattr(x, "_fields", range(len(x)))
        names = [f".{key}" if isinstance(key, str) else f"[{key}]" for key in keys]
        return Parts(list(keys), names, list(x), getattr(x, "_make", type(x)))
    if isinstance(x, Tensor | nn.Module | type | FunctionType | np.ndarray | np.generic):
        return None
    if isinstance(getattr(x, "stores", None), list):  # PyTorch Geometric's Data and its kin
        items = [(_key(store, key), value) for store in x.stores for key, value in store.items()]
        values = [value for _, value in items]
        return _attributes([key for key, _ in items], values, lambda new: _graph(x, new))
    if dataclasses.is_dataclass(x):
        keys = [field.name for field in dataclasses.fields(x) if field.init]
        values = [getattr(x, key) for key in keys]
        return _attributes(keys, values, lambda new: dataclasses.replace(x, **dict(zip(keys, new))))
    attributes = getattr(x, "__dict__", {})
    if any(isinstance(value, Tensor | np.ndarray) for value in attributes.values()):
        keys, values = list(attributes), list(attributes.values())
        return _attributes(keys, values, lambda new: _object(x, dict(zip(keys, new))))
    return None


def leaves(x: Any, name: str = "") -> list[tuple[str, Any]]:
    """All that is not a container, with its name, in the order in which it stands."""
    found = parts(x)
    if found is None:
        return [(name, x)]
    return [leaf for n, value in zip(found.names, found.values) for leaf in leaves(value, name + n)]


def rebuild(function: Callable[..., Any], x: Any, *others: Any) -> Any:
    """Return ``x`` with ``function(leaf, *leaves of the others)`` in the place of every leaf.

    Raises
    ------
    ValueError
        If the others are not nested as ``x`` is.
    """
    found, inside = parts(x), [parts(other) for other in others]
    if found is None:
        return function(x, *others)
    if any(other is None or other.keys != found.keys for other in inside):
        raise ValueError(f"values must be nested alike, got {type(x).__name__} beside another form")
    values = zip(found.values, *(other.values for other in inside))
    return found.make([rebuild(function, *together) for together in values])


def duplicate(x: Any) -> Any:
    """Copy every tensor and array of ``x``: what happens to the copy does not happen to ``x``.

    Copied tensors are leaves of autograd's graph; those that required a gradient still do.
    """

    def copied(leaf: Any) -> Any:
        if isinstance(leaf, Tensor):
            return leaf.detach().clone().requires_grad_(leaf.requires_grad)
        return leaf.copy() if isinstance(leaf, np.ndarray) else leaf

    return rebuild(copied, x)


def as_tensor(leaf: Any) -> Tensor | None:
    """Return a tensor, array or number as a dense tensor; ``None`` for anything else."""
    if isinstance(leaf, Tensor):
        return leaf.detach() if leaf.layout == torch.strided else leaf.detach().to_dense()
    if isinstance(leaf, np.ndarray | np.generic) and leaf.dtype.kind in "biufc":
        return torch.from_numpy(np.array(leaf))
    if isinstance(leaf, float):  # as precise as Python has it
        return torch.tensor(leaf, dtype=torch.float64)
    if isinstance(leaf, numbers.Complex):
        return torch.tensor(leaf, dtype=None if isinstance(leaf, int) else torch.complex128)
    return None


def like(leaf: Any, values: Tensor) -> Any:
    """Return ``values`` in the form of ``leaf``: as a tensor, an array or a number."""
    if isinstance(leaf, Tensor):
        if leaf.layout != torch.strided:
            values = values.to_sparse(layout=leaf.layout)
        return values.requires_grad_(leaf.requires_grad)
    return values.numpy() if isinstance(leaf, np.ndarray) else type(leaf)(values.item())


def same(a: Any, b: Any) -> bool:
    """Whether two values are nested alike and agree in every leaf; NaN agrees with NaN."""
    one, other = leaves(a), leaves(b)
    if [name for name, _ in one] != [name for name, _ in other]:
        return False
    return all(_same_leaf(p, q) for (_, p), (_, q) in zip(one, other))


def act_on(g: Any, x: Any, acts: Any) -> Any:
    """Move ``x`` by ``acts``: an action, ``None`` for what stays, or a nest of these.

    An action moves all that stands at its place; in the place of a container may stand a tuple,
    list or dictionary with an entry for each of its parts.

    Raises
    ------
    ValueError
        If ``acts`` is not an action and not nested as ``x`` is.
    """
    if acts is None:
        return x
    if isinstance(acts, type):
        raise ValueError(
            f"an action must be a function (g, x) -> g·x, got the class {acts.__name__}"
        )
    if callable(acts):
        return _moved(acts, g, x)
    found = parts(x)
    if found is None or not isinstance(acts, Mapping | tuple | list):
        raise ValueError(
            f"actions must be callable, None, or nested as what they move, got "
            f"{type(acts).__name__} for {type(x).__name__}"
        )
    if isinstance(acts, Mapping):
        if set(acts) != set(found.keys):
            raise ValueError(f"actions must be given for {found.keys}, got {list(acts)}")
        acts = [acts[key] for key in found.keys]
    if len(acts) != len(found.keys):
        raise ValueError(f"actions must be given for {len(found.keys)} parts, got {len(acts)}")
    return found.make([act_on(g, value, act) for value, act in zip(found.values, acts)])


def move(g: Any, xs: Iterable[Any], acts: Iterable[Any]) -> tuple[Any, ...]:
    """Return copies of several values, each moved by its own action. Chapter 04."""
    return tuple(act_on(g, duplicate(x), act) for x, act in zip(xs, acts, strict=True))


def touched(x: Any, acts: Any, moved: Sequence[Any]) -> list[bool]:
    """Whether each leaf of ``x`` is what an action moves, in the order of :func:`leaves`.

    ``moved`` is ``x`` as several elements move it. An action on a container moves some of its
    leaves and not others; but where an action moves nothing at all (scalars, in a change of
    gauge), it is trivial there, and not absent. Chapter 04, *The blueprint*.
    """
    own = [leaf for _, leaf in leaves(x)]
    others = [[leaf for _, leaf in leaves(other)] for other in moved]
    goes = [any(not same(p, q) for q in column) for p, *column in zip(own, *others)]
    flags, start = [], 0
    for act, count in _actions(x, acts):
        here = goes[start : start + count]
        flags += [act is not None and (go or not any(here)) for go in here]
        start += count
    return flags


def _actions(x: Any, acts: Any) -> list[tuple[Any, int]]:
    """The actions on ``x``, each with the number of leaves that it moves."""
    if acts is None or callable(acts):
        return [(acts, len(leaves(x)))]
    keys, values = parts(x).keys, parts(x).values
    acts = [acts[key] for key in keys] if isinstance(acts, Mapping) else acts
    return [found for value, act in zip(values, acts) for found in _actions(value, act)]


def _moved(act: Callable[[Any, Any], Any], g: Any, x: Any) -> Any:
    try:
        moved = act(g, x)
    except (AttributeError, TypeError) as error:
        if not _takes_two(act):
            raise ValueError(f"an action must be called as (g, x) -> g·x: {error}") from error
        if parts(x) is None:
            raise
        raise ValueError(
            f"an action was given a whole {type(x).__name__} and failed ({error}): where it "
            "moves single tensors, give one action (or None) for each part"
        ) from error
    if moved is None and x is not None:
        raise ValueError(f"an action must return what it moved, got None for {type(x).__name__}")
    return moved


def _takes_two(act: Callable[..., Any]) -> bool:
    try:
        inspect.signature(act).bind(None, None)
    except TypeError:
        return False
    except ValueError:  # a function of C that does not say
        return True
    return True


def _same_leaf(a: Any, b: Any) -> bool:
    if a is b:
        return True
    p, q = as_tensor(a), as_tensor(b)
    if p is None or q is None:
        return type(a) is type(b) and bool(np.all(a == b))
    if p.shape != q.shape or p.dtype != q.dtype or p.device != q.device:
        return False
    return bool(((p == q) | ((p != p) & (q != q))).all())


def _attributes(keys: list[Any], values: list[Any], make: Callable[[list[Any]], Any]) -> Parts:
    return Parts(keys, [f".{key}" for key in keys], values, make)


def _mapping(x: Mapping, values: list[Any]) -> Any:
    made = copy.copy(x) if isinstance(x, MutableMapping) else dict(x)
    for key, value in zip(x, values):
        made[key] = value
    return made


def _key(store: Any, key: str) -> Any:
    return key if store._key is None else (store._key, key)


def _graph(x: Any, values: list[Any]) -> Any:
    made, rest = copy.copy(x), iter(values)
    for store in made.stores:
        for key in list(store.keys()):
            store[key] = next(rest)
    return made


def _object(x: Any, attributes: dict[str, Any]) -> Any:
    made = copy.copy(x)
    made.__dict__.update(attributes)
    return made
