"""All equivariant linear maps, by solving for them: where convolution comes from.

See chapter 04, *The blueprint*, and chapter 05, *Grids*.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from gdl_utils.symmetry import Action


def representation(
    action: Action, elements: Iterable[Any], shape: tuple[int, ...]
) -> Float[Tensor, "g d d"]:
    r"""Matrices of a linear action: column j of :math:`\rho(g)` is g applied to basis signal j.

    Parameters
    ----------
    action : Action
        ``(g, x) -> g·x``, linear in ``x``, which has the given shape.
    elements : iterable
        The g group elements.
    shape : tuple of int
        Shape of one signal; d is its number of entries, flattened row by row.

    Returns
    -------
    Tensor, (g, d, d)
        float64.

    Raises
    ------
    ValueError
        If there are no elements, or the action is not linear or changes the shape.

    Notes
    -----
    Chapter 04, *The blueprint*.
    """
    elements = list(elements)
    if not elements:
        raise ValueError("elements must hold at least one group element, got none")
    d = math.prod(shape)
    basis = torch.eye(d, dtype=torch.float64)
    probe = torch.randn(d, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    matrices = []
    for g in elements:
        moved = [action(g, e.reshape(shape)) for e in basis]
        if moved[0].shape != tuple(shape):
            raise ValueError(
                f"action must keep the shape {tuple(shape)}, got {tuple(moved[0].shape)}"
            )
        matrix = torch.stack([m.reshape(d) for m in moved], dim=1)
        if not torch.allclose(matrix @ probe, action(g, probe.reshape(shape)).reshape(d)):
            raise ValueError(f"action must be linear in x, but is not for the element {g!r}")
        matrices.append(matrix)
    return torch.stack(matrices)


def equivariant_basis(
    rep_in: Float[Tensor, "g d_in d_in"], rep_out: Float[Tensor, "g d_out d_out"]
) -> Float[Tensor, "r d_out d_in"]:
    r"""All linear maps that commute with a group, found by solving for them.

    Solves :math:`\rho_\mathrm{out}(g)\, W = W \rho_\mathrm{in}(g)` for every given g at once.

    Parameters
    ----------
    rep_in, rep_out : Tensor, (g, d_in, d_in) and (g, d_out, d_out)
        The matrices of the **same** g elements in both representations. Generators suffice.

    Returns
    -------
    Tensor, (r, d_out, d_in)
        A basis in reduced row-echelon form, which is unique: it does not depend on the solver.
        For permutations it consists of the 0/1 patterns of the orbits. float64.

    Raises
    ------
    ValueError
        If the shapes do not fit, a matrix is not finite or not invertible, or the problem has
        more than 4,096 unknowns.

    References
    ----------
    Finzi, Welling, Wilson (2021), *A Practical Method for Constructing Equivariant Multilayer
    Perceptrons*, equation 6. Chapter 04, *The blueprint*, and chapter 05, *Grids*.
    """
    for name, rep in (("rep_in", rep_in), ("rep_out", rep_out)):
        if rep.ndim != 3 or rep.shape[1] != rep.shape[2] or 0 in rep.shape:
            raise ValueError(f"{name} must be (g, d, d), got {tuple(rep.shape)}")
        if not torch.isfinite(rep).all():
            raise ValueError(f"{name} must be finite, got NaN or infinity")
        if (torch.linalg.matrix_rank(rep.double()) < rep.shape[1]).any():
            raise ValueError(f"{name} must hold invertible matrices, got a singular one")
    if len(rep_in) != len(rep_out):
        raise ValueError(
            "rep_in and rep_out must hold the same elements, "
            f"got {len(rep_in)} and {len(rep_out)} matrices"
        )
    d_in, d_out = rep_in.shape[1], rep_out.shape[1]
    size = d_in * d_out
    if size > 4096:
        raise ValueError(f"d_in * d_out must be at most 4096, got {size}")
    gram = torch.zeros(size, size, dtype=torch.float64)
    for a, b in zip(rep_in.double(), rep_out.double()):
        # vec(b W - W a) with W flattened row by row
        k = torch.kron(b, torch.eye(d_in).double()) - torch.kron(
            torch.eye(d_out).double(), a.T.contiguous()
        )
        gram += k.T @ k
    values, vectors = torch.linalg.eigh(gram)
    null = vectors[:, values < 1e-9 * max(1.0, float(values[-1]))].T
    return _row_echelon(null).reshape(-1, d_out, d_in)


def _row_echelon(a: Tensor, tol: float = 1e-6) -> Tensor:
    """Reduced row-echelon form of (r, n) linearly independent rows."""
    a, row = a.clone(), 0
    for col in range(a.shape[1]):
        if row == len(a):
            break
        pivot = row + int(a[row:, col].abs().argmax())
        if abs(float(a[pivot, col])) < tol:
            continue
        a[[row, pivot]] = a[[pivot, row]]
        a[row] = a[row] / a[row, col]
        others = torch.arange(len(a)) != row
        a[others] -= a[others, col, None] * a[row]
        row += 1
    whole = a.round() + 0.0  # no -0
    return torch.where((a - whole).abs() < 1e-10, whole, a)
