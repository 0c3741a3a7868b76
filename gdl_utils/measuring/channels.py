"""The channels of a signal, and how much each of them varies.

A channel is what an action never mixes with the rest, so it is measured on its own: neither a
louder channel nor a large constant can hide that it is broken. See chapter 04, *The blueprint*.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

LONGEST = 64
"""An axis that the action does mix is searched for parts that it keeps apart up to this length."""


@dataclass(frozen=True, eq=False)
class Channels:
    """A partition of the entries of a signal: a label for every index of every axis.

    Two entries belong to one channel if their labels agree along all axes.

    Parameters
    ----------
    labels : tuple of Tensor or None
        One for each axis; ``None`` where all indices have the same label.

    Notes
    -----
    Chapter 04, *The blueprint*.
    """

    labels: tuple[Tensor | None, ...]
    _known: dict[tuple[int, ...], tuple[Tensor, int]] = field(default_factory=dict, repr=False)

    def of(self, shape: tuple[int, ...]) -> tuple[Tensor, int]:
        """Return the channel of each entry of a signal of this shape, and how many there are."""
        if shape not in self._known:
            channel, count = torch.zeros(shape, dtype=torch.int64), 1
            for axis, labels in enumerate(self.labels):
                if labels is not None and axis < len(shape) and len(labels) == shape[axis]:
                    along = [1] * len(shape)
                    along[axis] = -1
                    channel = channel + count * labels.reshape(along)
                    count *= int(labels.max()) + 1
            self._known[shape] = channel, count
        return self._known[shape]

    def mean(self, x: Tensor) -> Tensor:
        """Mean of the entries of each channel, as float64 on the CPU."""
        channel, count = self.of(tuple(x.shape))
        index, weights = channel.flatten(), x.to("cpu", torch.float64).flatten()
        total = torch.bincount(index, weights, minlength=count)
        return total / torch.bincount(index, minlength=count)

    def deviation(self, x: Tensor) -> Tensor:
        """Standard deviation of the entries of each channel, as float64 on the CPU."""
        parts = [x.real, x.imag] if x.is_complex() else [x]
        total = torch.zeros(self.of(tuple(x.shape))[1], dtype=torch.float64)
        for part in parts:
            centred = part.to("cpu", torch.float64) - self.mean(part)[self.of(tuple(x.shape))[0]]
            total = total + self.mean(centred.square())
        return total.sqrt()


def find_channels(
    move: Callable[[Any, Tensor], Tensor], x: Tensor, elements: Sequence[Any], seed: int = 0
) -> Channels:
    """Which entries of a signal an action never mixes: its channels.

    Along an axis that the action does not touch, every index is a channel: cut a signal there,
    put half of another in its place, move it, and the cut is where it was. Along an axis that it
    mixes, the indices that reach one another are a channel: the pairs of a feature field, for
    instance, but no two columns of an image that is shifted. The first axis, of samples or
    vertices, does not count where another one is split: its entries are many cases of one thing.

    Parameters
    ----------
    move : callable
        ``(g, x) -> g·x`` on tensors like ``x``.
    x : Tensor
        Says of which shape and type the signals are. On real and complex numbers the action is
        tried on random signals, else on the shuffled entries of ``x``.
    elements : sequence
        Of the group, such that they move something. Three are tried, and more where these mix
        some of an axis.
    seed : int

    Returns
    -------
    Channels
        A single one if the action cannot be tried.

    Notes
    -----
    Chapter 04, *The blueprint*.
    """
    rng = torch.Generator().manual_seed(seed)
    p, q = _random_like(x, rng), _random_like(x, rng)
    try:
        tries = [_Trial(move, g, p, q) for g in elements[:3]]
        more = lambda: [_Trial(move, g, p, q) for g in elements[3:]]  # noqa: E731
        split = [_labels(axis, tries, more, rng) for axis in range(x.ndim)]
    except _CannotMove:
        return Channels((None,) * x.ndim)
    if any(labels is not None for labels in split[1:]):
        split[0] = None
    return Channels(tuple(split))


class _CannotMove(Exception):
    """An action does not take random signals."""


class _Trial:
    """One element of the group, two random signals, and where they go."""

    def __init__(self, move: Callable[[Any, Tensor], Tensor], g: Any, p: Tensor, q: Tensor):
        self.action, self.g, self.p, self.q = move, g, p, q
        self.p_moved, self.q_moved = self.move(p), self.move(q)
        self.tolerance = 0.0
        if p.is_floating_point() or p.is_complex():
            self.tolerance = max(1e-6, 32 * torch.finfo(p.dtype).eps)

    def move(self, x: Tensor) -> Tensor:
        try:
            return self.action(self.g, x.clone()).detach()
        except Exception as error:  # an action may want more of a signal than its shape
            raise _CannotMove from error

    def mix(self, axis: int, chosen: Tensor, p: Tensor, q: Tensor) -> Tensor:
        """Return p with q at the chosen indices of an axis."""
        along = [1] * p.ndim
        along[axis] = -1
        return torch.where(chosen.to(p.device).reshape(along), q, p)

    def keeps(self, axis: int, chosen: Tensor) -> bool:
        """Whether two halves that are mixed, then moved, are the moved halves, mixed."""
        together = self.move(self.mix(axis, chosen, self.p, self.q))
        return not self.differ(together, self.mix(axis, chosen, self.p_moved, self.q_moved)).any()

    def reaches(self, axis: int, chosen: Tensor) -> Tensor:
        """The indices at which the moved signal depends on what stands at the chosen ones."""
        together = self.move(self.mix(axis, chosen, self.p, self.q))
        changed = self.differ(together, self.p_moved)
        return changed.movedim(axis, 0).reshape(len(chosen), -1).any(1).cpu()

    def differ(self, a: Tensor, b: Tensor) -> Tensor:
        if a.shape != b.shape:
            raise _CannotMove
        return ~((a - b).abs() <= self.tolerance) if self.tolerance else a != b


def _labels(
    axis: int, tries: list[_Trial], more: Callable[[], list[_Trial]], rng: torch.Generator
) -> Tensor | None:
    """A label for each index of an axis, or None where all have the same."""
    size = tries[0].p.shape[axis]
    if size == 1 or any(t.p_moved.shape != t.p.shape for t in tries):
        return None
    if size > 8:  # else a cut may well be where it was by chance
        halves = [torch.randperm(size, generator=rng) < size / 2 for _ in tries]
        if all(t.keeps(axis, half) for t, half in zip(tries, halves)):
            return torch.arange(size)
    if size > LONGEST:
        return None
    labels = _reaching_one_another(axis, size, tries)
    if 0 < int(labels.max()) < size - 1:  # a few elements may fix what others move
        tries = tries + more()
        if any(t.p_moved.shape != t.p.shape for t in tries):
            return None
        labels = _reaching_one_another(axis, size, tries)
    return labels if int(labels.max()) else None


def _reaching_one_another(axis: int, size: int, tries: list[_Trial]) -> Tensor:
    """One label for all indices of an axis that the elements carry into each other."""
    labels = torch.full((size,), -1)
    while (labels < 0).any():
        reached = torch.arange(size) == int((labels < 0).nonzero()[0])
        known = 0
        while known < int(reached.sum()):  # until nothing new is reached
            known = int(reached.sum())
            for t in tries:
                reached = reached | t.reaches(axis, reached)
        seen = labels[reached & (labels >= 0)]
        labels[reached | torch.isin(labels, seen)] = int(labels.max()) + 1
    return torch.unique(labels, return_inverse=True)[1]


def _random_like(x: Tensor, rng: torch.Generator) -> Tensor:
    if x.is_floating_point() or x.is_complex():
        kind = torch.complex128 if x.is_complex() else torch.float64
        return torch.randn(x.shape, generator=rng, dtype=kind).to(x)
    order = torch.randperm(x.numel(), generator=rng).to(x.device)
    return x.flatten()[order].reshape(x.shape)
