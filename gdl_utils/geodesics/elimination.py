"""Sparse systems on surfaces, solved by elimination in an order that keeps the factors sparse.

See chapter 08, *Geodesics*.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.linalg import splu

FEW = 3000
"""Up to so many vertices minimum degree is quicker, ordering included; at 7,000 no longer."""


def order_of(points: np.ndarray, matrix: csr_array) -> np.ndarray | None:
    """The order in which to eliminate a mesh's vertices: None leaves it to :func:`factorise`.

    Parameters
    ----------
    points : array, (V, 3)
    matrix : csr_array, (V, V)
        Whose entries say who touches whom.

    Returns
    -------
    array of int, (V,), or None
        By :func:`nested_dissection` if there are more than 3,000.

    Notes
    -----
    Chapter 08, *Geodesics*.
    """
    return None if len(points) <= FEW else nested_dissection(points, matrix)


def factorise(
    matrix: csr_array, order: np.ndarray | None = None
) -> Callable[[np.ndarray], np.ndarray]:
    """Factorise a symmetric positive definite matrix, its rows and columns taken in an order.

    Parameters
    ----------
    matrix : sparse array, (V, V)
    order : array of int, (V,), optional
        A permutation that makes little fill, as from :func:`nested_dissection`. Without it, the
        next is always one that touches the fewest that are left (minimum degree): the best for a
        few thousand, far too slow for many.

    Returns
    -------
    callable
        From a right-hand side (V, S) to the solution (V, S).

    Raises
    ------
    ValueError
        If rounding makes it singular.

    References
    ----------
    Liu (1985), *Modification of the Minimum-Degree Algorithm by Multiple Elimination*. Li, Demmel,
    Gilbert, Grigori, Shao, Yamazaki (1999), *SuperLU Users' Guide*. Chapter 08, *Geodesics*.
    """
    if order is None:
        kept, how = matrix.tocsc(), {"permc_spec": "MMD_AT_PLUS_A", "panel_size": 1}
    else:
        kept, how = matrix.tocsr()[order][:, order].tocsc(), {"permc_spec": "NATURAL"}
    try:
        lu = splu(kept, diag_pivot_thresh=0.0, options={"SymmetricMode": True}, **how)
    except RuntimeError as error:
        sizes = np.abs(kept.data[kept.data != 0])
        raise ValueError(
            "mesh must have triangles that double precision can solve for, but they are so thin "
            f"that entries go from {sizes.min():.1g} to {sizes.max():.1g}"
        ) from error

    if order is None:
        return lu.solve

    def solve(b: np.ndarray) -> np.ndarray:
        x = np.empty_like(b)
        x[order] = lu.solve(np.ascontiguousarray(b[order]))
        return x

    return solve


def nested_dissection(points: np.ndarray, matrix: csr_array, leaf: int = 64) -> np.ndarray:
    """An order of elimination that keeps a mesh's factors sparse.

    Halve the points at the median of their longest side; the vertices of one half that touch the
    other separate the two and come last; then treat each half in the same way.

    Parameters
    ----------
    points : array, (V, D)
        Positions; they only guide where to cut.
    matrix : csr_array, (V, V)
        Whose entries say who touches whom.
    leaf : int
        Sets this small are left as they are.

    Returns
    -------
    array of int, (V,)
        Which vertex comes when.

    References
    ----------
    George (1973), *Nested Dissection of a Regular Finite Element Mesh*. Chapter 08, *Geodesics*.
    """
    start, neighbours = matrix.indptr, matrix.indices
    order = np.empty(len(points), dtype=np.int64)
    right_side = np.zeros(len(points), dtype=bool)
    todo = [(np.arange(len(points)), 0)]
    while todo:
        ids, place = todo.pop()
        if len(ids) <= leaf:
            order[place : place + len(ids)] = ids
            continue
        x = points[ids]
        side = np.argmax(x.max(0) - x.min(0))
        halves = ids[np.argpartition(x[:, side], len(ids) // 2)]
        left, right = halves[: len(ids) // 2], halves[len(ids) // 2 :]
        right_side[right] = True
        count = start[left + 1] - start[left]
        ends = np.cumsum(count)
        entry = np.arange(ends[-1]) + np.repeat(start[left] - ends + count, count)
        touches = np.logical_or.reduceat(right_side[neighbours[entry]], ends - count)
        right_side[right] = False
        separator, left = left[touches], left[~touches]
        middle, last = place + len(left), place + len(left) + len(right)
        order[last : last + len(separator)] = separator
        todo += [(left, place), (right, middle)]
    return order
