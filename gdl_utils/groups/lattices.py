"""The square and the hexagonal lattice, and the wallpaper groups p4, p4m, p6 and p6m.

Both lattices are stored as ordinary n × n arrays, and on both every turn and mirror is an integer
matrix on array positions: that is what makes them exact. See chapter 06, *Groups*.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from gdl_utils.arguments import whole
from gdl_utils.groups.elements import Cyclic, Dihedral
from gdl_utils.symmetry import require_instance

Matrix = tuple[tuple[int, int], tuple[int, int]]
PointGroup = Cyclic | Dihedral


@dataclass(frozen=True)
class Lattice:
    """A lattice of the plane in an array: positions (i, j), i downwards and j to the right.

    Parameters
    ----------
    name : str
    order : int
        Number of its turns: 4 for squares, 6 for hexagons.
    turn, mirror : 2 × 2 integers
        How (i, j) moves under the smallest turn, counterclockwise as displayed, and under the
        reflection left to right.
    down, right : (x, y)
        Where a step of i and of j leads in the plane, y upwards, in lattice spacings.

    Notes
    -----
    Chapter 06, *Groups*.
    """

    name: str
    order: int
    turn: Matrix
    mirror: Matrix
    down: tuple[float, float]
    right: tuple[float, float]

    def disc(self, radius: int, device: torch.device | None = None) -> Bool[Tensor, "k k"]:
        """Which positions of a (2·radius + 1)² array are within ``radius`` steps of its centre.

        All of them on squares, where a step may be diagonal; on hexagons the
        1 + 3·radius·(radius + 1) positions of a hexagon. Raises ``ValueError`` if ``radius`` is
        negative. Chapter 06, *Groups*.
        """
        radius = whole("radius", radius, 0)
        i = torch.arange(-radius, radius + 1, device=device)
        within = (i[:, None] + i).abs() <= radius
        return within if self.order == 6 else torch.ones_like(within)

    def points(self, n: int, device: torch.device | None = None) -> Float[Tensor, "n n 2"]:
        """Where the positions of an n × n array lie in the plane: (x, y), y up, centred.

        In lattice spacings, float64. Chapter 06, *Groups*.
        """
        n = whole("n", n, 0)
        i = torch.arange(n, dtype=torch.float64, device=device) - (n - 1) / 2
        steps = torch.tensor([self.down, self.right], dtype=torch.float64, device=device)
        return torch.stack(torch.meshgrid(i, i, indexing="ij"), -1) @ steps


SQUARE = Lattice("square", 4, ((0, -1), (1, 0)), ((1, 0), (0, -1)), (0.0, -1.0), (1.0, 0.0))
"""Pixels. The centre of an array with an even side lies between four of them."""

HEXAGONAL = Lattice(
    "hexagonal", 6, ((0, -1), (1, 1)), ((1, 0), (-1, -1)), (0.5, -math.sqrt(3) / 2), (1.0, 0.0)
)
"""Six neighbours at distance 1, in axial coordinates: ±(1, 0), ±(0, 1) and ±(1, −1).

Arrays have an odd side, 2R + 1, so that a position is in the centre; the hexagon of radius R in it,
|i|, |j|, |i + j| ≤ R, is what all turns and mirrors keep."""


def lattice_matrix(lattice: Lattice, group: PointGroup, g: Any) -> Int[Tensor, "2 2"]:
    """Integer matrix by which an element of a point group moves positions (i, j).

    Parameters
    ----------
    lattice : Lattice
    group : Cyclic or Dihedral
        With turns of the lattice only: Cyclic(1), (2), (4) and their Dihedral on squares; (1),
        (2), (3), (6) on hexagons.
    g : element of ``group``

    Returns
    -------
    Tensor, (2, 2)
        int64.

    Raises
    ------
    ValueError
        If the group is not a symmetry of the lattice.

    Notes
    -----
    Chapter 06, *Groups*.
    """
    check_point_group(lattice, group)
    return torch.tensor(_matrix(lattice, group, element_of(group, g)), device="cpu")


def lattice_sources(
    lattice: Lattice, group: PointGroup, g: Any, n: int
) -> Int[Tensor, " positions"]:
    """Where each entry of a moved n × n array comes from: (g·x)(u) = x(g⁻¹u), u flattened.

    The centre of the turn is the centre of the array. What would leave the array comes back at
    the opposite side (modulo n); nothing does on squares, nor inside the hexagon of radius
    (n − 1)/2. Raises ``ValueError`` if the group is not a symmetry of the lattice, or n is even on
    hexagons. Chapter 06, *Groups*.
    """
    check_point_group(lattice, group)
    n = whole("n", n)
    check_side(lattice, n)
    return torch.tensor(_sources(lattice, group, element_of(group, g), n), device="cpu")


@lru_cache(maxsize=256)
def _sources(lattice: Lattice, group: PointGroup, g: Any, n: int) -> np.ndarray:
    """As an array of numpy's: what is remembered must not be of one caller's device or mode."""
    inverse = _matrix(lattice, group, group.inverse(g))
    doubled = 2 * np.arange(n) - (n - 1)  # whole numbers even where the centre is not a position
    u = np.stack(np.meshgrid(doubled, doubled, indexing="ij"))
    i, j = (np.einsum("ab,bij->aij", inverse, u) + n - 1) // 2 % n
    return (i * n + j).ravel()


def _matrix(lattice: Lattice, group: PointGroup, g: Any) -> np.ndarray:
    r, m = g if isinstance(group, Dihedral) else (g, 0)
    power = np.linalg.matrix_power
    turn = power(np.array(lattice.turn), r * lattice.order // group.n)
    return turn @ power(np.array(lattice.mirror), m)


def element_of(group: PointGroup, g: Any) -> Any:
    """An element as ``group.elements()`` lists it, whichever whole numbers it is made of.

    Turns are counted modulo n, mirrors modulo 2. Raises ``ValueError`` where it is neither a whole
    number (Cyclic) nor a pair of them (Dihedral). Chapter 06, *Groups*.
    """
    if isinstance(group, Cyclic):
        return whole("g", g) % group.n
    if not hasattr(g, "__len__") or len(g) != 2:
        raise ValueError(f"g must be (turns, mirrors) for {group!r}, got {g!r}")
    r, m = (whole("g", part) for part in g)
    return (r % group.n, m % 2)


@dataclass(frozen=True)
class PlaneGroup:
    """Shifts of an n × n torus together with turns: the semidirect product Z_n² ⋊ H.

    The element (t, h) is a shift t = (dy, dx) **after** h, about the centre of the array. A turn
    turns the shifts that it meets: (t, g)(s, h) = (t + g·s, gh).

    Parameters
    ----------
    n : int
        Side of the array; shifts are added modulo n.
    point : Cyclic or Dihedral
        H, with its elements.
    lattice : Lattice
    step : int
        Every shift is a multiple of it, as after pooling.

    Raises
    ------
    ValueError
        If the point group is not a symmetry of the lattice, n is not positive (or even, on
        hexagons), or the step does not divide n.

    References
    ----------
    Cohen, Welling (2016), *Group Equivariant Convolutional Networks*, section 4.2.
    Chapter 06, *Groups*.
    """

    n: int
    point: PointGroup
    lattice: Lattice = SQUARE
    step: int = 1

    def __post_init__(self) -> None:
        check_point_group(self.lattice, self.point)
        for name in ("n", "step"):
            object.__setattr__(self, name, whole(name, getattr(self, name)))
        check_side(self.lattice, self.n)
        if self.step < 1 or self.n % self.step:
            raise ValueError(f"step must divide n = {self.n}, got {self.step}")

    def sample(self, rng: torch.Generator) -> tuple[Any, Any]:
        shift = torch.randint(self.n // self.step, (2,), generator=rng, device=rng.device)
        shift *= self.step
        return (tuple(shift.tolist()), self.point.sample(rng))

    def identity(self) -> tuple[Any, Any]:
        return ((0, 0), self.point.identity())

    def compose(self, g: tuple[Any, Any], h: tuple[Any, Any]) -> tuple[Any, Any]:
        (t, a), (s, b) = g, h
        turned = self._turn(a, s)
        both = ((t[0] + turned[0]) % self.n, (t[1] + turned[1]) % self.n)
        return (both, self.point.compose(a, b))

    def inverse(self, g: tuple[Any, Any]) -> tuple[Any, Any]:
        t, a = g
        back = self.point.inverse(a)
        i, j = self._turn(back, t)
        return ((-i % self.n, -j % self.n), back)

    def elements(self) -> list[tuple[Any, Any]]:
        shifts = itertools.product(range(0, self.n, self.step), repeat=2)
        return list(itertools.product(shifts, self.point.elements()))

    def _turn(self, a: Any, s: tuple[int, int]) -> tuple[int, int]:
        (p, q), (u, v) = _matrix(self.lattice, self.point, a).tolist()
        return (p * s[0] + q * s[1], u * s[0] + v * s[1])


def p4(n: int, *, step: int = 1) -> PlaneGroup:
    """Shifts and quarter turns of an n × n torus of pixels. Chapter 06, *Groups*."""
    return PlaneGroup(n, Cyclic(4), SQUARE, step)


def p4m(n: int, *, step: int = 1) -> PlaneGroup:
    """Shifts, quarter turns and mirrors of an n × n torus of pixels. Chapter 06, *Groups*."""
    return PlaneGroup(n, Dihedral(4), SQUARE, step)


def p6(n: int, *, step: int = 1) -> PlaneGroup:
    """Shifts and turns by 60° of an n × n hexagonal torus, n odd. Chapter 06, *Groups*."""
    return PlaneGroup(n, Cyclic(6), HEXAGONAL, step)


def p6m(n: int, *, step: int = 1) -> PlaneGroup:
    """Shifts, turns by 60° and mirrors of a hexagonal torus, n odd. Chapter 06, *Groups*."""
    return PlaneGroup(n, Dihedral(6), HEXAGONAL, step)


def check_point_group(lattice: Lattice, group: Any) -> None:
    """Raise ``ValueError`` unless the lattice has every turn and mirror of the group."""
    if not isinstance(lattice, Lattice):
        raise ValueError(f"lattice must be SQUARE or HEXAGONAL, got {lattice!r}")
    require_instance(group)
    if not isinstance(group, PointGroup) or lattice.order % group.n:
        turns = [n for n in range(1, lattice.order + 1) if lattice.order % n == 0]
        raise ValueError(
            f"group must be Cyclic(n) or Dihedral(n) with n in {turns} on the {lattice.name} "
            f"lattice, got {group!r}"
        )


def check_side(lattice: Lattice, n: int) -> None:
    """Raise ``ValueError`` unless an n × n array can hold a signal on the lattice."""
    if n < 1 or (lattice.order == 6 and n % 2 == 0):
        odd = "odd and " if lattice.order == 6 else ""
        raise ValueError(f"the side of a {lattice.name} array must be {odd}positive, got {n}")
