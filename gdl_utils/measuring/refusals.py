"""What is refused because an error of zero would mean nothing. See chapter 04, *The blueprint*."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from gdl_utils.measuring.nested import as_tensor, leaves, move
from gdl_utils.measuring.variation import rounding, wide

Named = dict[str, Tensor]
"""The tensors that a value holds, each under the name that messages give it."""


def named(values: Sequence[Any], names: Sequence[str]) -> list[Named]:
    """The tensors, arrays and numbers in each nested value, by name, detached and copied.

    Raises
    ------
    ValueError
        If there is anything else among them but ``None`` inside a container, or a tensor without
        entries or values.

    Notes
    -----
    Chapter 04, *The blueprint*.
    """
    found = []
    for value, name in zip(values, names, strict=True):
        parts = {n: leaf for n, leaf in leaves(value, name) if leaf is not None or n == name}
        found.append({n: _checked(n, leaf) for n, leaf in parts.items()})
        if not parts:
            raise ValueError(f"f must return tensors, got none in {name}")
    return found


def check_repeats(read: Sequence[Named], again: Sequence[Named]) -> None:
    """Raise if f answers differently when it is asked twice, or answers zero. Chapter 04."""
    for one, other in zip(read, again):
        for name, a in one.items():
            b = other.get(name)
            if b is None or a.shape != b.shape or not _agree(a, b):
                raise ValueError(f"f must be deterministic, got two values of {name} for one input")
            if not a.any():
                raise ValueError(f"{name} is zero everywhere: its error means nothing")


def check_values(x: Any) -> None:
    """Raise if an input is on the device meta, where tensors have no values. Chapter 04."""
    for name, leaf in leaves(x, "inputs"):
        if isinstance(leaf, Tensor) and leaf.is_meta:
            raise ValueError(f"inputs must have values, but {name} is on the device meta")


def check_fits(group: Any, g: Any, x: tuple, moved: tuple, acts: Sequence[Any]) -> None:
    """Raise if g only reorders the entries of an input, yet its inverse does not undo that.

    So do shifts modulo 8 on 12 pixels. Chapter 04, *The blueprint*.
    """
    for k, act in enumerate(acts):
        before, after = ([as_tensor(v) for _, v in leaves(one[k])] for one in (x, moved))
        if not any(_reordered(p, q) for p, q in zip(before, after)):
            continue
        back = move(group.inverse(g), (moved[k],), (act,))
        undone = [as_tensor(v) for _, v in leaves(back)]
        edges = any(_are_edges(p) for p in before)
        for p, q, r in zip(before, after, undone):
            if edges and _is_listed(p, r):
                continue
            if _reordered(p, q) and not (p.shape == r.shape and _agree(p, r)):
                raise ValueError(f"group must fit input {k}: g⁻¹·(g·x) is not x for g = {g!r}")


def _checked(name: str, leaf: Any) -> Tensor:
    x = as_tensor(leaf)
    if x is None:
        raise ValueError(f"f must return tensors, got {type(leaf).__name__} as {name}")
    if x.numel() == 0:
        raise ValueError(f"f must return tensors with entries, got an empty {name}")
    if x.device.type == "meta":
        raise ValueError(
            f"f must return values, but {name} is on the device meta: are the inputs and all "
            "parameters on one device?"
        )
    return x.clone()


def _agree(a: Tensor, b: Tensor) -> bool:
    """Whether two tensors are equal but for the order of sums, and not finite in one place."""
    finite = torch.isfinite(a)
    if not torch.equal(finite, torch.isfinite(b)):
        return False
    p, q = wide(a[finite]), wide(b[finite])
    tolerance = max(1e-12, rounding(a.dtype))
    return p.numel() == 0 or bool((p - q).abs().max() <= tolerance * p.abs().max())


def _are_edges(x: Tensor | None) -> bool:
    return x is not None and x.ndim == 2 and len(x) == 2 and _are_whole(x)


def _are_whole(x: Tensor) -> bool:
    return not (x.is_floating_point() or x.is_complex() or x.dtype == torch.bool)


def _is_listed(p: Tensor | None, r: Tensor | None) -> bool:
    """Whether whole numbers say the same in another order: edges, and what counts them, may."""
    if p is None or r is None or p.shape != r.shape or not (p.ndim and _are_whole(p)):
        return False
    one, other = (v.reshape(-1, v.shape[-1]).T.tolist() for v in (p, r))
    return sorted(one) == sorted(other)


def _reordered(before: Tensor | None, after: Tensor | None) -> bool:
    if before is None or after is None or before.numel() == 0 or before.shape != after.shape:
        return False
    p, q = (torch.view_as_real(v) if v.is_complex() else v for v in (before, after))
    return not torch.equal(p, q) and torch.equal(p.flatten().msort(), q.flatten().msort())
