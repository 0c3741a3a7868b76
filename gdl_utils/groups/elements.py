"""Finite groups as data. See chapter 04, *The blueprint*."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from gdl_utils.symmetry import Group


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
        _check_order(self.n)

    def sample(self, rng: torch.Generator) -> int:
        return int(torch.randint(self.n, (), generator=rng))

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
        _check_order(self.n)

    def sample(self, rng: torch.Generator) -> tuple[int, int]:
        return (
            int(torch.randint(self.n, (), generator=rng)),
            int(torch.randint(2, (), generator=rng)),
        )

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

    Notes
    -----
    Chapter 04, *The blueprint*.
    """

    first: Group
    second: Group

    def sample(self, rng: torch.Generator) -> tuple[Any, Any]:
        return (self.first.sample(rng), self.second.sample(rng))

    def identity(self) -> tuple[Any, Any]:
        return (self.first.identity(), self.second.identity())

    def compose(self, g: tuple[Any, Any], h: tuple[Any, Any]) -> tuple[Any, Any]:
        return (self.first.compose(g[0], h[0]), self.second.compose(g[1], h[1]))

    def inverse(self, g: tuple[Any, Any]) -> tuple[Any, Any]:
        return (self.first.inverse(g[0]), self.second.inverse(g[1]))


def _check_order(n: int) -> None:
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}")
