"""Representations of finite groups: matrices that multiply as the elements do.

See chapter 06, *Groups*.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from gdl_utils.arguments import whole
from gdl_utils.groups.elements import (
    Cyclic,
    Dihedral,
    FiniteGroup,
    cayley_table,
    elements_of,
    inverse_table,
)
from gdl_utils.symmetry import require_instance


@dataclass(frozen=True, eq=False)
class Representation:
    r"""Matrices ρ(g) with ρ(g) ρ(h) = ρ(gh), one for each element of a finite group.

    Every representation is checked when it is made. ``a + b`` is the direct sum, ``a * b`` the
    tensor product, and ``3 * a`` three copies of a.

    Parameters
    ----------
    group : FiniteGroup
    matrices : Tensor, (|G|, d, d)
        In the order of ``group.elements()``; kept in float64.
    name : str

    Raises
    ------
    ValueError
        If there is not one real square matrix for each element, or they do not multiply as the
        group.

    Notes
    -----
    ``matrices`` is what :func:`~gdl_utils.equivariant_maps.equivariant_basis` takes.

    References
    ----------
    Serre (1977), *Linear Representations of Finite Groups*, chapters 1 and 2.
    Chapter 06, *Groups*.
    """

    group: FiniteGroup
    matrices: Float[Tensor, "g d d"]
    name: str = "ρ"

    def __post_init__(self) -> None:
        if self.matrices.is_complex():
            raise ValueError(f"matrices must be real, got {self.matrices.dtype}")
        object.__setattr__(self, "matrices", self.matrices.to("cpu", torch.float64))
        table, rho = cayley_table(self.group), self.matrices
        if rho.ndim != 3 or rho.shape[1] != rho.shape[2] or len(rho) != len(table):
            raise ValueError(
                f"matrices must be ({len(table)}, d, d) for {self.group!r}, got {tuple(rho.shape)}"
            )
        identity = self.group.elements().index(self.group.identity())
        if not _close(rho[identity], torch.eye(self.dimension, dtype=torch.float64, device="cpu")):
            raise ValueError("matrices must give the identity its identity matrix")
        for g, row in zip(rho, table):
            if not _close(g @ rho, rho[row]):
                raise ValueError("matrices must multiply as the group: ρ(g) ρ(h) is not ρ(gh)")

    @property
    def dimension(self) -> int:
        """The dimension d of the space that the group moves."""
        return self.matrices.shape[-1]

    @property
    def character(self) -> Float[Tensor, " g"]:
        """Traces of the matrices: they tell representations apart up to a change of basis."""
        return self.matrices.diagonal(dim1=-2, dim2=-1).sum(-1)

    def __call__(self, g: Any) -> Float[Tensor, "d d"]:
        """Return ρ(g); ``ValueError`` if g is not an element."""
        elements = self.group.elements()
        if g not in elements:
            raise ValueError(f"g must be an element of {self.group!r}, got {g!r}")
        return self.matrices[elements.index(g)]

    def dual(self) -> Representation:
        """Return ρ*(g) = ρ(g⁻¹)ᵀ: how functions of the vectors move. Same if ρ is orthogonal."""
        inverse = self.matrices[inverse_table(self.group)]
        return Representation(self.group, inverse.transpose(-2, -1), f"{self.name}*")

    def __add__(self, other: Representation) -> Representation:
        self._check_same_group(other)
        pairs = zip(self.matrices, other.matrices)
        blocks = torch.stack([torch.block_diag(a, b) for a, b in pairs])
        return Representation(self.group, blocks, f"{self.name} + {other.name}")

    def __mul__(self, other: Representation) -> Representation:
        self._check_same_group(other)
        pairs = zip(self.matrices, other.matrices)
        products = torch.stack([torch.kron(a.contiguous(), b.contiguous()) for a, b in pairs])
        return Representation(self.group, products, f"({self.name}) × ({other.name})")

    def __rmul__(self, copies: int) -> Representation:
        copies = whole("copies", copies, 1)
        eye = torch.eye(copies, dtype=torch.float64, device="cpu")
        blocks = torch.stack([torch.kron(eye, a.contiguous()) for a in self.matrices])
        return Representation(self.group, blocks, f"{copies} {self.name}")

    def _check_same_group(self, other: Representation) -> None:
        if self.group != other.group:
            raise ValueError(
                f"both representations must be of one group, got {self.group!r} and {other.group!r}"
            )


def trivial(group: FiniteGroup) -> Representation:
    """Every element does nothing to a number. Chapter 06, *Groups*."""
    return Representation(group, torch.ones(len(elements_of(group)), 1, 1, device="cpu"), "trivial")


def regular(group: FiniteGroup) -> Representation:
    """The group moves functions on itself: (g·f)(h) = f(g⁻¹h), "one channel for each position".

    Chapter 06, *Groups*.
    """
    moved = permutation(group, group.compose, elements_of(group))
    return Representation(group, moved.matrices, "regular")


def permutation(
    group: FiniteGroup, act: Callable[[Any, Any], Any], points: Iterable[Any]
) -> Representation:
    """The group moves functions on a finite set: (g·f)(p) = f(g⁻¹p).

    Parameters
    ----------
    group : FiniteGroup
    act : callable
        ``(g, point) -> g·point``, a left action.
    points : iterable of hashables
        All points of the set.

    Raises
    ------
    ValueError
        If a point is moved out of the set, or ``act`` is not a left action.

    Notes
    -----
    Column p of ρ(g) has its one in row g·p. Chapter 06, *Groups*.
    """
    row = {p: i for i, p in enumerate(points)}
    elements = elements_of(group)
    matrices = torch.zeros(len(elements), len(row), len(row), dtype=torch.float64, device="cpu")
    for k, g in enumerate(elements):
        for p, i in row.items():
            if (moved := act(g, p)) not in row:
                raise ValueError(f"points must hold every moved point, but lacks {moved!r}")
            matrices[k, row[moved], i] = 1.0
    return Representation(group, matrices, "permutation")


def vector(group: Cyclic | Dihedral) -> Representation:
    """Turns and mirrors of arrows (x to the right, y up): turns counterclockwise, mirror x → −x.

    Raises ``ValueError`` for other groups. Chapter 06, *Groups*.
    """
    return Representation(group, _turns(group, 1), "vector")


def irreducibles(group: Cyclic | Dihedral) -> list[Representation]:
    """All real irreducible representations, up to a change of basis: the trivial one first.

    Those of one dimension are signs; those of two dimensions turn by k times the angle, for
    0 < k < n/2.

    Parameters
    ----------
    group : Cyclic or Dihedral

    Raises
    ------
    ValueError
        For other groups.

    References
    ----------
    Serre (1977), *Linear Representations of Finite Groups*, sections 5.1 and 5.3.
    Chapter 06, *Groups*.
    """
    n, pairs = _check_point_group(group).n, _turns_and_mirrors(group)
    mirrored = isinstance(group, Dihedral)
    found = [trivial(group)]
    if mirrored:
        found.append(_signs(group, [(-1.0) ** m for _, m in pairs], "sign of mirrors"))
    if n % 2 == 0:
        found.append(_signs(group, [(-1.0) ** r for r, _ in pairs], "sign of turns"))
        if mirrored:
            found.append(_signs(group, [(-1.0) ** (r + m) for r, m in pairs], "sign of both"))
    two = [Representation(group, _turns(group, k), f"turn × {k}") for k in range(1, (n + 1) // 2)]
    return found + two


def irreducible(group: Cyclic | Dihedral, k: int) -> Representation:
    """Return the k-th of :func:`irreducibles`. Chapter 06, *Groups*.

    Raises
    ------
    ValueError
        If there is no such one, or the group is neither cyclic nor dihedral.
    """
    found, k = irreducibles(group), whole("k", k)
    if not 0 <= k < len(found):
        raise ValueError(f"k must be from 0 to {len(found) - 1} for {group!r}, got {k}")
    return found[k]


def intertwiner_dimension(a: Representation, b: Representation) -> int:
    r"""Number of linearly independent equivariant maps from a to b, by their characters.

    .. math:: \langle \chi_a, \chi_b \rangle = \frac{1}{|G|} \sum_g \chi_a(g)\, \chi_b(g)

    It equals ``len(equivariant_basis(a.matrices, b.matrices))``, without solving anything.
    Raises ``ValueError`` if they are not of one group. Chapter 06, *Groups*.
    """
    a._check_same_group(b)
    return round(float((a.character * b.character).mean()))


def multiplicities(representation: Representation) -> dict[str, int]:
    """How often each real irreducible representation is contained, by name, zeros left out.

    A real irreducible that turns a plane counts itself twice for a cyclic group (it commutes
    with all turns of that plane), so that the inner product of characters is divided by its own.
    Raises ``ValueError`` unless the group is cyclic or dihedral. Chapter 06, *Groups*.
    """
    counts = {
        irrep.name: intertwiner_dimension(representation, irrep)
        // intertwiner_dimension(irrep, irrep)
        for irrep in irreducibles(representation.group)
    }
    return {name: count for name, count in counts.items() if count}


def _turns_and_mirrors(group: Cyclic | Dihedral) -> list[tuple[int, int]]:
    return [g if isinstance(group, Dihedral) else (g, 0) for g in group.elements()]


def _turns(group: Cyclic | Dihedral, k: int) -> Tensor:
    """Matrices that turn the plane by k times the angle of a turn, and mirror it."""
    matrices = []
    for r, m in _turns_and_mirrors(_check_point_group(group)):
        angle = 2 * math.pi * k * r / group.n
        c, s = math.cos(angle), math.sin(angle)
        turn = torch.tensor([[c, -s], [s, c]], dtype=torch.float64, device="cpu")
        mirror = torch.tensor([(-1.0) ** m, 1.0], dtype=torch.float64, device="cpu")
        matrices.append(turn * mirror)
    return torch.stack(matrices)


def _signs(group: Cyclic | Dihedral, signs: list[float], name: str) -> Representation:
    return Representation(group, torch.tensor(signs, device="cpu")[:, None, None], name)


def _check_point_group(group: Any) -> Cyclic | Dihedral:
    require_instance(group)
    if not isinstance(group, Cyclic | Dihedral):
        raise ValueError(f"group must be Cyclic(n) or Dihedral(n), got {group!r}")
    return group


def _close(a: Tensor, b: Tensor) -> bool:
    return bool(torch.isfinite(a).all()) and torch.allclose(a, b, rtol=0.0, atol=1e-9)
