"""Finite groups as data: their elements, tables, orbits and stabilisers.

See chapter 04, *The blueprint*, and chapter 06, *Groups*.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from jaxtyping import Int
from torch import Tensor

from gdl_utils.arguments import whole
from gdl_utils.symmetry import Group, require_group


@dataclass(frozen=True)
class Cyclic:
    """The n turns by 360°/n: integers 0 … n − 1 under addition modulo n.

    Raises
    ------
    ValueError
        If ``n`` is not positive.

    Notes
    -----
    Chapter 04, *The blueprint*.
    """

    n: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "n", whole("n", self.n, 1))

    def sample(self, rng: torch.Generator) -> int:
        return _draw(self.n, rng)

    def identity(self) -> int:
        return 0

    def compose(self, g: int, h: int) -> int:
        return (g + h) % self.n

    def inverse(self, g: int) -> int:
        return -g % self.n

    def elements(self) -> list[int]:
        return list(range(self.n))


@dataclass(frozen=True)
class Dihedral:
    """The n turns and n reflections of a regular n-gon.

    The element (r, m) is r turns by 360°/n **after** m ∈ {0, 1} reflections. A reflection
    reverses the turns that it meets: (r, m)(s, k) = (r ± s, m + k), minus if m = 1.

    Raises
    ------
    ValueError
        If ``n`` is not positive.

    Notes
    -----
    Chapter 04, *The blueprint*.
    """

    n: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "n", whole("n", self.n, 1))

    def sample(self, rng: torch.Generator) -> tuple[int, int]:
        return (_draw(self.n, rng), _draw(2, rng))

    def identity(self) -> tuple[int, int]:
        return (0, 0)

    def compose(self, g: tuple[int, int], h: tuple[int, int]) -> tuple[int, int]:
        (r, m), (s, k) = g, h
        return ((r + (-s if m else s)) % self.n, (m + k) % 2)

    def inverse(self, g: tuple[int, int]) -> tuple[int, int]:
        r, m = g
        return (r, m) if m else (-r % self.n, 0)

    def elements(self) -> list[tuple[int, int]]:
        return [(r, m) for m in range(2) for r in range(self.n)]


@dataclass(frozen=True)
class Product:
    """Pairs (g, h) from two groups, each part composed on its own.

    ``elements()`` lists them if both groups list theirs.

    Raises
    ------
    ValueError
        If one of the two is not a group, or a class in place of an instance.

    Notes
    -----
    Chapter 04, *The blueprint*.
    """

    first: Group
    second: Group

    def __post_init__(self) -> None:
        require_group(self.first, "first")
        require_group(self.second, "second")

    def sample(self, rng: torch.Generator) -> tuple[Any, Any]:
        return (self.first.sample(rng), self.second.sample(rng))

    def identity(self) -> tuple[Any, Any]:
        return (self.first.identity(), self.second.identity())

    def compose(self, g: tuple[Any, Any], h: tuple[Any, Any]) -> tuple[Any, Any]:
        return (self.first.compose(g[0], h[0]), self.second.compose(g[1], h[1]))

    def inverse(self, g: tuple[Any, Any]) -> tuple[Any, Any]:
        return (self.first.inverse(g[0]), self.second.inverse(g[1]))

    def elements(self) -> list[tuple[Any, Any]]:
        return list(itertools.product(self.first.elements(), self.second.elements()))


class FiniteGroup(Group, Protocol):
    """A group that can list its elements, always in the same order. Chapter 06, *Groups*."""

    def elements(self) -> list[Any]:
        """Return all elements; their order is the order of every table and every group axis."""


def elements_of(group: FiniteGroup) -> list[Any]:
    """All elements of a finite group, in its order; ``ValueError`` if it cannot list them.

    Chapter 06, *Groups*.
    """
    if isinstance(group, type):
        require_group(group)
    if not hasattr(group, "elements"):
        raise ValueError(f"group must list its elements, got {type(group).__name__}")
    return group.elements()


def cayley_table(group: FiniteGroup) -> Int[Tensor, "g g"]:
    """All products of a finite group: entry (i, j) says which element g_i g_j is.

    Parameters
    ----------
    group : FiniteGroup

    Returns
    -------
    Tensor, (|G|, |G|)
        int64 positions in ``group.elements()``. Each row and each column holds every element
        once: multiplication by one element is a permutation of the group.

    Raises
    ------
    ValueError
        If the elements cannot be listed, are listed twice, or are not closed.

    Notes
    -----
    Chapter 06, *Groups*.
    """
    position = _positions(group)
    compose = group.compose
    try:
        table = [[position[compose(g, h)] for h in position] for g in position]
    except KeyError as error:
        raise ValueError(f"group must be closed, but {error.args[0]!r} is not listed") from None
    return torch.tensor(table, device="cpu")


def inverse_table(group: FiniteGroup) -> Int[Tensor, " g"]:
    """Entry i says which element undoes g_i, as its position in ``group.elements()``.

    Raises ``ValueError`` as :func:`cayley_table` does. Chapter 06, *Groups*.
    """
    position = _positions(group)
    return torch.tensor([position[group.inverse(g)] for g in position], device="cpu")


def orders(group: FiniteGroup) -> Int[Tensor, " g"]:
    """Entry i is the order of g_i: how often it must be repeated to give the identity.

    Every order divides |G|. Raises ``ValueError`` as :func:`cayley_table` does.
    Chapter 06, *Groups*.
    """
    table, e = cayley_table(group), _positions(group)[group.identity()]
    counts = []
    for g in range(len(table)):
        power, count = g, 1
        while power != e:
            power, count = int(table[power, g]), count + 1
        counts.append(count)
    return torch.tensor(counts, device="cpu")


def orbit(group: FiniteGroup, act: Callable[[Any, Any], Any], point: Any) -> list[Any]:
    """All points that the group can bring ``point`` to, in the order of first arrival.

    Parameters
    ----------
    group : FiniteGroup
    act : callable
        ``(g, point) -> g·point``, a left action on a finite set.
    point : hashable

    Returns
    -------
    list
        Its length is |G| / |stabiliser|: the orbit–stabiliser theorem.

    Notes
    -----
    Chapter 06, *Groups*.
    """
    return list(dict.fromkeys(act(g, point) for g in elements_of(group)))


def orbits(
    group: FiniteGroup, act: Callable[[Any, Any], Any], points: Iterable[Any]
) -> list[list[Any]]:
    """Split a finite set into the orbits of a group. A single orbit makes it homogeneous.

    Parameters
    ----------
    group, act
        As in :func:`orbit`.
    points : iterable of hashables
        The whole set.

    Raises
    ------
    ValueError
        If an element moves a point out of the set.

    Notes
    -----
    Chapter 06, *Groups*.
    """
    left = dict.fromkeys(points)
    whole, found = set(left), []
    while left:
        found.append(orbit(group, act, next(iter(left))))
        for point in found[-1]:
            if point not in whole:
                raise ValueError(f"points must hold every point of an orbit, but lacks {point!r}")
            del left[point]
    return found


def stabiliser(group: FiniteGroup, act: Callable[[Any, Any], Any], point: Any) -> list[Any]:
    """All elements that leave ``point`` where it is: a subgroup. Arguments as in :func:`orbit`.

    Chapter 06, *Groups*.
    """
    return [g for g in elements_of(group) if act(g, point) == point]


def _positions(group: FiniteGroup) -> dict[Any, int]:
    elements = elements_of(group)
    position = {g: i for i, g in enumerate(elements)}
    if len(position) != len(elements):
        raise ValueError("group must list every element once, got one twice")
    return position


def _draw(n: int, rng: torch.Generator) -> int:
    return int(torch.randint(n, (), generator=rng, device=rng.device))
