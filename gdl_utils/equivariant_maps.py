"""All equivariant linear maps, by solving for them: where convolution comes from.

See chapter 04, *The blueprint*, and chapter 05, *Grids*.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Literal

import scipy.linalg
import torch
from jaxtyping import Inexact, Num
from torch import Tensor

from gdl_utils.arguments import whole
from gdl_utils.symmetry import Action


def action_matrices(
    action: Action, elements: Iterable[Any], shape: tuple[int, ...]
) -> Inexact[Tensor, "g d d"]:
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
        float64, or complex128 for an action that makes complex numbers.

    Raises
    ------
    ValueError
        If there are no elements, or the action is not linear or changes the shape.

    Notes
    -----
    Chapter 04, *The blueprint*.
    """
    if not callable(action) or isinstance(action, type):
        raise ValueError(f"action must be a function (g, x) -> g·x, got {action!r}")
    if not isinstance(shape, Iterable):
        raise ValueError(f"shape must be a tuple of whole numbers, got {shape!r}")
    elements, shape = list(elements), tuple(whole("shape", n, 1) for n in shape)
    if not elements:
        raise ValueError("elements must hold at least one group element, got none")
    d = math.prod(shape)
    basis = torch.eye(d, dtype=torch.float64, device="cpu")
    probe = torch.randn(d, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    matrices = []
    for g in elements:
        moved = [action(g, e.clone().reshape(shape)) for e in basis]
        found = getattr(moved[0], "shape", type(moved[0]).__name__)
        if found != shape:
            found = tuple(found) if isinstance(found, torch.Size) else found
            raise ValueError(f"action must keep the shape {shape}, got {found}")
        matrix = _double(torch.stack([m.reshape(d) for m in moved], dim=1))
        one = matrix @ probe.to(matrix.dtype)
        other = _double(action(g, probe.clone().reshape(shape)).reshape(d))
        if not (one - other).abs().max() <= 1e-5 * one.abs().max():
            raise ValueError(f"action must be linear in x, but is not for the element {g!r}")
        matrices.append(matrix)
    kind = torch.complex128 if any(m.is_complex() for m in matrices) else torch.float64
    return torch.stack([m.to(kind) for m in matrices])


def equivariant_basis(
    rep_in: Num[Tensor, "g d_in d_in"],
    rep_out: Num[Tensor, "g d_out d_out"],
    *,
    generators_of: Literal["group", "algebra"] = "group",
) -> Inexact[Tensor, "r d_out d_in"]:
    r"""All linear maps that commute with a group, found by solving for them.

    Solves :math:`\rho_\mathrm{out}(g)\, W = W \rho_\mathrm{in}(g)` for every given g at once.

    Parameters
    ----------
    rep_in, rep_out : Tensor, (g, d_in, d_in) and (g, d_out, d_out)
        The matrices of the **same** g elements in both representations. Generators suffice.
        Real or complex.
    generators_of : {"group", "algebra"}
        With "algebra" the matrices are those of a Lie algebra's generators, such as the
        derivative of a rotation by its angle. The equation is the same, and W commutes with all
        elements that can be reached from the identity; but these matrices may be singular, which
        an element's cannot. Add the matrices of single elements (a reflection) to the list
        where the group has more than one piece.

    Returns
    -------
    Tensor, (r, d_out, d_in)
        A basis in reduced row-echelon form, which is unique: it does not depend on the solver.
        For permutations it consists of the 0/1 patterns of the orbits. float64; complex128 if one
        of the representations is complex, and then a basis over the complex numbers.

    Raises
    ------
    ValueError
        If the shapes do not fit, a matrix is not finite, or not invertible though it is an
        element's, or the problem has more than 4,096 unknowns.

    Notes
    -----
    Coordinates are rescaled by powers of two until the entries of each representation are of one
    size (a polynomial's coefficients may differ by 10 to the power of its degree), and each
    equation is divided by the size of its coefficients. The maps are the right singular vectors of
    this system whose singular values are below 1e-11 (for matrices in single precision, or made in
    it and widened later, 2e-6 times the root of the number of unknowns). If the echelon form would
    lose digits, because a pivot is nearly zero, the basis is orthonormal instead, in the rescaled
    coordinates.

    References
    ----------
    Finzi, Welling, Wilson (2021), *A Practical Method for Constructing Equivariant Multilayer
    Perceptrons*, equations 6 and 8. Chapter 04, *The blueprint*, and chapter 05, *Grids*.
    """
    if generators_of not in ("group", "algebra"):
        raise ValueError(f"generators_of must be 'group' or 'algebra', got {generators_of!r}")
    for name, rep in (("rep_in", rep_in), ("rep_out", rep_out)):
        if not isinstance(rep, Tensor) or rep.layout != torch.strided or rep.is_meta:
            kind = (
                f"{rep.layout} on {rep.device}" if isinstance(rep, Tensor) else type(rep).__name__
            )
            raise ValueError(f"{name} must be a dense tensor with values, got {kind}")
        if rep.ndim != 3 or rep.shape[1] != rep.shape[2] or 0 in rep.shape:
            raise ValueError(f"{name} must be (g, d, d), got {tuple(rep.shape)}")
        if not torch.isfinite(rep).all():
            raise ValueError(f"{name} must be finite, got NaN or infinity")
    if len(rep_in) != len(rep_out):
        raise ValueError(
            "rep_in and rep_out must hold the same elements, "
            f"got {len(rep_in)} and {len(rep_out)} matrices"
        )
    size = rep_in.shape[1] * rep_out.shape[1]
    if size > 4096:
        raise ValueError(f"d_in * d_out must be at most 4096, got {size}")
    with torch.device("cpu"):
        return _solve(rep_in, rep_out, generators_of).to(rep_in.device)


def _solve(rep_in: Tensor, rep_out: Tensor, generators_of: str) -> Tensor:
    d_in, d_out = rep_in.shape[1], rep_out.shape[1]
    a, b = _moderate(_double(rep_in), _double(rep_out))
    units_in, units_out = _units(a), _units(b)
    a, b = a * units_in / units_in[:, None], b * units_out / units_out[:, None]
    for name, rep in (("rep_in", a), ("rep_out", b)):
        if generators_of == "group" and any(_singular(matrix) for matrix in rep):
            raise ValueError(
                f"{name} must hold invertible matrices, got a singular one; for generators of a "
                "Lie algebra say generators_of='algebra'"
            )
    system = _system(a, b)
    values, rows = _singular_vectors(system)
    lost = 16 * math.sqrt(d_in * d_out) * max(_precision(rep_in), _precision(rep_out))
    null = rows[values < max(1e-11, lost)].conj().resolve_conj()
    basis = _row_echelon(null)
    basis = torch.where(basis.abs() < 1e-10, 0.0, basis)
    left = (system @ basis.T).abs().amax(0) / basis.abs().amax(1)
    if (left > max(1e-8, lost)).any():
        basis = null
    leading = (basis.abs() > 1e-6).int().argmax(1, keepdim=True)
    # back in the caller's units, with each leading entry as it was
    units = (units_out[:, None] / units_in).flatten()
    basis = _whole(basis * units / units[leading])
    return basis.reshape(-1, d_out, d_in)


def _double(x: Tensor) -> Tensor:
    kind = torch.complex128 if x.is_complex() else torch.float64
    return x.detach().to("cpu", kind).resolve_conj().resolve_neg().contiguous()


def _moderate(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Both matrices of an element, divided by one power of two where their squares have no room."""
    power = torch.maximum(a.abs().amax((1, 2)), b.abs().amax((1, 2))).log2().floor()
    extreme = power.isfinite() & (power.abs() > 200)
    power = torch.where(extreme, power, 0.0)[:, None, None]
    half = (power / 2).floor()  # in two steps: the inverse of a tiny number may overflow
    return tuple(x * torch.exp2(-half) * torch.exp2(half - power) for x in (a, b))


def _precision(rep: Tensor) -> float:
    """The precision in which matrices were made, also if they have been widened since."""
    if not (rep.is_floating_point() or rep.is_complex()):
        return 0.0
    narrow = rep.to(torch.complex64 if rep.is_complex() else torch.float32)
    parts = torch.view_as_real(rep.resolve_conj()) if rep.is_complex() else rep
    simple = bool((1024 * parts == (1024 * parts).round()).all())
    if not simple and torch.equal(narrow.to(rep.dtype), rep):
        return max(torch.finfo(torch.float32).eps, torch.finfo(rep.dtype).eps)
    return torch.finfo(rep.dtype).eps


def _units(rep: Tensor) -> Tensor:
    """Powers of two, one for each coordinate, in which all entries are as near to 1 as can be.

    With the units u the entry (i, j) becomes u_j / u_i times what it was: least squares for the
    logarithms. Entries that are only rounding do not count.
    """
    sizes = rep.abs().sum(0)
    least = 1e-12 * torch.outer(sizes.amax(1), sizes.amax(0)).sqrt()
    counts = (sizes > least) & ~torch.eye(len(sizes), dtype=torch.bool)
    logs = torch.where(counts, sizes, 1.0).log2()
    near = counts.to(logs) + counts.T.to(logs)
    laplacian = torch.diag(near.sum(0) + 1e-9) - near
    return torch.exp2(torch.linalg.solve(laplacian, logs.sum(1) - logs.sum(0)).round())


def _singular(matrix: Tensor) -> bool:
    """Whether a matrix has no inverse, whatever the units of its rows and columns."""
    rows = matrix.abs().amax(1, keepdim=True)
    if (rows == 0).any():
        return True
    matrix = matrix / rows
    columns = matrix.abs().amax(0)
    if (columns == 0).any():
        return True
    values = torch.linalg.svdvals(matrix / columns)
    return bool(values[-1] <= len(matrix) * torch.finfo(torch.float64).eps * values[0])


def _system(a: Tensor, b: Tensor) -> Tensor:
    """The equations b W - W a = 0 for all elements, W flattened row by row; each of size one."""
    kind = torch.promote_types(a.dtype, b.dtype)
    d_in, d_out = a.shape[1], b.shape[1]
    one_in, one_out = torch.eye(d_in, dtype=kind), torch.eye(d_out, dtype=kind)
    rows = torch.empty(0, d_in * d_out, dtype=kind)
    for p, q in zip(a.to(kind), b.to(kind)):
        equations = torch.kron(q, one_in) - torch.kron(one_out, p.T.contiguous())
        size = (q.abs().norm(dim=1)[:, None] + p.abs().norm(dim=0)).flatten()
        rows = torch.cat([rows, equations / torch.where(size > 0, size, 1.0)[:, None]])
        if len(rows) > rows.shape[1]:  # as many as there are unknowns say the same
            rows = torch.linalg.qr(rows, mode="r").R
    return rows


def _singular_vectors(system: Tensor) -> tuple[Tensor, Tensor]:
    """Singular values, largest first, and right singular vectors as rows.

    With thousands of equal values LAPACK's fast way may not converge; its older one does.
    """
    try:
        return torch.linalg.svd(system, full_matrices=False)[1:]
    except torch.linalg.LinAlgError:
        _, values, rows = scipy.linalg.svd(
            system.numpy(), full_matrices=False, lapack_driver="gesvd"
        )
        return torch.from_numpy(values), torch.from_numpy(rows)


def _row_echelon(a: Tensor, tol: float = 1e-6) -> Tensor:
    """Reduced row-echelon form of (r, n) linearly independent rows."""
    a, row = a.clone(), 0
    for col in range(a.shape[1]):
        if row == len(a):
            break
        pivot = row + int(a[row:, col].abs().argmax())
        if float(a[pivot, col].abs()) < tol:
            continue
        a[[row, pivot]] = a[[pivot, row]]
        a[row] = a[row] / a[row, col].clone()
        others = torch.arange(len(a)) != row
        a[others] -= a[others, col, None] * a[row]
        row += 1
    return a


def _whole(a: Tensor) -> Tensor:
    """Numbers that are nearly whole, whole."""
    if a.is_complex():
        return torch.complex(_whole(a.real), _whole(a.imag))
    whole = a.round() + 0.0  # no -0
    return torch.where((a - whole).abs() <= 1e-10 * a.abs(), whole, a)
