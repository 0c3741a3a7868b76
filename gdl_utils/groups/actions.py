"""How turns and reflections move images and group signals.

See chapter 04, *The blueprint*, and chapter 06, *Groups*.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from gdl_utils.arguments import whole
from gdl_utils.grids.actions import shift
from gdl_utils.groups.elements import Cyclic, Dihedral, cayley_table, inverse_table
from gdl_utils.groups.lattices import (
    SQUARE,
    Lattice,
    PlaneGroup,
    PointGroup,
    check_point_group,
    element_of,
    lattice_sources,
)
from gdl_utils.symmetry import Action, require_instance
from gdl_utils.tensors import wide


def turn(g: int, x: Tensor) -> Tensor:
    """Turn images by g quarter turns, counterclockwise as displayed. Exact: pixels move to pixels.

    Parameters
    ----------
    g : int
        An element of ``Cyclic(4)``.
    x : Tensor, (..., n, n)
        Rows run downwards; the centre of the turn is the centre of the image.

    Returns
    -------
    Tensor, (..., n, n)

    Raises
    ------
    ValueError
        If the images are not square.

    Notes
    -----
    Chapter 04, *The blueprint*.
    """
    g = whole("g", g)
    _check_square(x)
    return torch.rot90(x, g, (-2, -1))


def turn_and_mirror(g: tuple[int, int], x: Tensor) -> Tensor:
    """Mirror images left to right if m = 1, then turn them by r quarter turns.

    Parameters
    ----------
    g : (r, m)
        An element of ``Dihedral(4)``.
    x : Tensor, (..., n, n)

    Returns
    -------
    Tensor, (..., n, n)

    Raises
    ------
    ValueError
        If the images are not square.

    Notes
    -----
    Chapter 04, *The blueprint*.
    """
    r, m = element_of(Dihedral(4), g)
    return turn(r, x.flip(-1) if m else x)


def rotate(angle: float | int, x: Tensor) -> Tensor:
    """Turn images by any angle about their centre, counterclockwise as displayed.

    Pixels fall between pixels, so values are interpolated (bilinear, zero outside): the laws of
    an action hold only approximately. For multiples of 90° use :func:`turn`, which is exact.

    Parameters
    ----------
    angle : float
        Radians.
    x : Tensor, (B, C, n, n)
        Floating point.

    Returns
    -------
    Tensor, (B, C, n, n)

    Raises
    ------
    ValueError
        If ``x`` is not (B, C, n, n), not floating point, or the angle is not finite.

    Notes
    -----
    Chapter 04, *The blueprint*.
    """
    if x.ndim != 4 or not x.is_floating_point():
        raise ValueError(f"x must be (B, C, n, n) floats, got {tuple(x.shape)} {x.dtype}")
    if not math.isfinite(angle):
        raise ValueError(f"angle must be finite, got {angle}")
    _check_square(x)
    c, s = math.cos(angle), math.sin(angle)
    # The grid says where an output pixel (x right, y down) comes from: the inverse turn.
    dtype, x = x.dtype, wide(x)
    theta = torch.tensor([[c, -s, 0.0], [s, c, 0.0]], dtype=x.dtype, device=x.device)
    grid = F.affine_grid(theta.expand(len(x), 2, 3), list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, align_corners=False).to(dtype)


def act_on_plane(
    group: PointGroup | PlaneGroup, lattice: Lattice = SQUARE, *, coarse: int = 1
) -> Action:
    r"""Return how a group moves signals on the plane: :math:`(g \cdot x)(u) = x(g^{-1} u)`.

    Parameters
    ----------
    group : Cyclic, Dihedral or PlaneGroup
        A point group turns about the centre of the array. A plane group, as ``p4(n)``, also
        shifts, on a torus.
    lattice : Lattice
        ``SQUARE`` or ``HEXAGONAL``. A plane group brings its own.
    coarse : int
        The signals were pooled by this step: a plane group's shifts are divided by it.

    Returns
    -------
    Action
        ``(g, x) -> g·x`` for x of shape (..., n, n), which only moves entries and is exact. It
        raises ``ValueError`` if x is not square, or its side is even on hexagons.

    Raises
    ------
    ValueError
        If the group is not a symmetry of the lattice, or a shift is not a multiple of ``coarse``.

    Notes
    -----
    Hexagonal arrays are moved modulo n; a signal in the hexagon of radius (n − 1)/2 stays there.
    Chapter 06, *Groups*.
    """
    point, lattice = _point_group(group, lattice, coarse)

    def act(g: Any, x: Tensor) -> Tensor:
        return _move(group, point, lattice, coarse, g, x)[0]

    return act


def act_on_group_signal(
    group: PointGroup | PlaneGroup, lattice: Lattice = SQUARE, *, coarse: int = 1
) -> Action:
    r"""Return how a group moves signals on itself.

    .. math:: (g \cdot f)(u, h) = f(g^{-1} u,\ g^{-1} h), \qquad
        (t \cdot f)(u, h) = f(u - t,\ h).

    An element g of the point group moves the plane **and** permutes the group axis: what was
    found at orientation h is now found at orientation gh. Shifts leave orientations alone.

    Parameters
    ----------
    group, lattice, coarse
        As in :func:`act_on_plane`.

    Returns
    -------
    Action
        ``(g, f) -> g·f`` for f of shape (..., |H|, n, n), H being the point group, its elements
        in the order of ``elements()``. It raises ``ValueError`` for any other shape.

    Raises
    ------
    ValueError
        As :func:`act_on_plane`.

    References
    ----------
    Cohen, Welling (2016), *Group Equivariant Convolutional Networks*, section 4.4.
    Chapter 06, *Groups*.
    """
    point, lattice = _point_group(group, lattice, coarse)
    position = {h: i for i, h in enumerate(point.elements())}
    before = cayley_table(point)[inverse_table(point)]  # row g: where g⁻¹h stands, for every h

    def act(g: Any, x: Tensor) -> Tensor:
        if x.ndim < 3 or x.shape[-3] != len(position):
            raise ValueError(
                f"x must be (..., {len(position)}, n, n) for {point!r}, got {tuple(x.shape)}"
            )
        moved, h = _move(group, point, lattice, coarse, g, x)
        return moved.index_select(-3, before[position[h]].to(x.device))

    return act


def rotate_group_signal(group: Cyclic) -> Action:
    """Return how the n turns of any ``Cyclic(n)`` move group signals on pixels, approximately.

    The plane is turned by 360° g/n with interpolation (:func:`rotate`), exactly where that is a
    multiple of 90°, and the group axis is rolled by g. The laws of an action hold only
    approximately: it is a yardstick for layers that interpolate their filters.

    Parameters
    ----------
    group : Cyclic

    Returns
    -------
    Action
        ``(g, f) -> g·f`` for floating-point f of shape (B, C, n, H, H). It raises ``ValueError``
        for any other shape.

    Raises
    ------
    ValueError
        If the group is not cyclic.

    Notes
    -----
    Chapter 06, *Groups*.
    """
    require_instance(group)
    if not isinstance(group, Cyclic):
        raise ValueError(f"group must be Cyclic(n), got {group!r}")

    def act(g: int, x: Tensor) -> Tensor:
        if x.ndim != 5 or x.shape[2] != group.n:
            raise ValueError(f"x must be (B, C, {group.n}, H, H), got {tuple(x.shape)}")
        g = element_of(group, g)
        if 4 * g % group.n == 0:
            moved = turn(4 * g // group.n, x)
        else:
            moved = rotate(2 * math.pi * g / group.n, x.flatten(1, 2)).reshape(x.shape)
        return moved.roll(g, 2)

    return act


def _point_group(
    group: PointGroup | PlaneGroup, lattice: Lattice, coarse: int
) -> tuple[PointGroup, Lattice]:
    require_instance(group)
    coarse = whole("coarse", coarse)
    if isinstance(group, PlaneGroup):
        if coarse < 1 or group.step % coarse:
            raise ValueError(
                f"coarse must divide the shifts' step {group.step} to act on the coarse array, "
                f"got {coarse}"
            )
        return group.point, group.lattice
    check_point_group(lattice, group)
    return group, lattice


def _move(
    group: PointGroup | PlaneGroup,
    point: PointGroup,
    lattice: Lattice,
    coarse: int,
    g: Any,
    x: Tensor,
) -> tuple[Tensor, Any]:
    """Move the plane by g; return also which element of the point group that was."""
    t, h = g if isinstance(group, PlaneGroup) else ((0, 0), g)
    t, h = [whole("g", part) for part in t], element_of(point, h)
    _check_square(x)
    sources = lattice_sources(lattice, point, h, x.shape[-1]).to(x.device)
    turned = x.flatten(-2).index_select(-1, sources).reshape(x.shape)
    return shift((t[0] // coarse, t[1] // coarse), turned), h


def _check_square(x: Tensor) -> None:
    if x.ndim < 2 or x.shape[-1] != x.shape[-2]:
        raise ValueError(f"x must be square in its last two axes, got {tuple(x.shape)}")
