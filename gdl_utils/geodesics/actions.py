"""Isometries: lattice symmetries that permute the vertices, and folds that bend a sheet.

See chapter 08, *Geodesics*. A permutation moves a signal by
:func:`gdl_utils.graphs.actions.relabel`; a fold moves positions, and leaves a signal alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int64
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order
from torch import Tensor

from gdl_utils.arguments import whole
from gdl_utils.geodesics.mesh import Mesh, require_mesh
from gdl_utils.geodesics.operators import LAST, NEXT
from gdl_utils.geodesics.triangulation import Triangulation, intrinsic


@dataclass(frozen=True, eq=False)
class Isometries:
    """A finite group of permutations of the vertices that keep all faces and lengths.

    An element is a tensor g of shape (V,): vertex i goes to where vertex ``g[i]`` was.

    Parameters
    ----------
    table : Tensor, (N, V)
        The N elements, as from :func:`isometries`.

    Raises
    ------
    ValueError
        If a row is not a permutation, or the identity is missing.

    Notes
    -----
    Chapter 08, *Geodesics*.
    """

    table: Int64[Tensor, "N V"]

    def __post_init__(self) -> None:
        if self.table.ndim != 2 or self.table.dtype != torch.int64 or self.table.numel() == 0:
            raise ValueError(
                f"table must be (N, V) of int64, got {tuple(self.table.shape)} {self.table.dtype}"
            )
        every = self.identity()
        wrong = (self.table.sort(1).values != every).any(1)
        if wrong.any():
            rows = torch.nonzero(wrong).flatten().tolist()
            raise ValueError(f"table must hold permutations, got none in rows {rows[:5]}")
        if not (self.table == every).all(1).any():
            raise ValueError("table must hold the identity, got no row that fixes every vertex")

    def __len__(self) -> int:
        return len(self.table)

    def sample(self, rng: torch.Generator) -> Int64[Tensor, " V"]:
        return self.table[int(torch.randint(len(self.table), (), generator=rng))]

    def identity(self) -> Int64[Tensor, " V"]:
        return torch.arange(self.table.shape[1])

    def compose(self, g: Tensor, h: Tensor) -> Int64[Tensor, " V"]:
        return g[h]

    def inverse(self, g: Tensor) -> Int64[Tensor, " V"]:
        return torch.argsort(g)


def isometries(mesh: Mesh, *, mirrored: bool = True, tolerance: float = 1e-9) -> Isometries:
    """Find every permutation of the vertices that keeps the faces and the edges' lengths.

    Such a map is known from where it sends one half-edge, for it must then send what is next to
    it to what is next to its image. So each half-edge is tried as the image of the first.

    Parameters
    ----------
    mesh : Mesh
        In one piece.
    mirrored : bool
        Whether to include maps that turn the surface's orientation around.
    tolerance : float
        By how much lengths may differ, in mean edge lengths.

    Returns
    -------
    Isometries
        The whole group: 120 for an icosphere, 60 of them without mirrors.

    Raises
    ------
    ValueError
        If ``mesh`` is not a Mesh or in several pieces, or the tolerance is not positive.

    Notes
    -----
    It looks at lengths only, never at positions: a sheet has the same isometries folded and flat.
    Chapter 08, *Geodesics*.
    """
    if not tolerance > 0:
        raise ValueError(f"tolerance must be positive, got {tolerance}")
    if (pieces := int(require_mesh(mesh).components.max()) + 1) > 1:
        raise ValueError(f"mesh must be in one piece, got {pieces}")
    surface = intrinsic(mesh)
    found = [_images(surface, False, tolerance)]
    if mirrored:
        found.append(_images(surface, True, tolerance))
    return Isometries(torch.from_numpy(np.unique(np.concatenate(found), axis=0)))


def _images(surface: Triangulation, mirrored: bool, tolerance: float) -> np.ndarray:
    """Where the isometries of one orientation send each vertex, (N, V)."""
    half = np.arange(len(surface.twins))
    after, before = (half.reshape(-1, 3)[:, k].ravel() for k in (NEXT, LAST))
    twin, length = surface.twins, surface.lengths.ravel()
    close = tolerance * length.mean()
    step, mirrored_step = after, before if mirrored else after
    inner = np.flatnonzero(twin >= 0)
    graph = csr_array(
        (
            np.ones(len(half) + len(inner)),
            (np.concatenate([half, inner]), np.concatenate([step, twin[inner]])),
        ),
        shape=(len(half), len(half)),
    )
    order, previous = breadth_first_order(graph, 0)
    images = {0: half}

    def keep(which: np.ndarray) -> None:
        for h in images:
            images[h] = images[h][which]

    keep(np.abs(length - length[0]) <= close)
    for h in order[1:].tolist():
        come = int(previous[h])
        images[h] = (mirrored_step if step[come] == h else twin)[images[come]]
        fits = (images[h] >= 0) & (np.abs(length[images[h]] - length[h]) <= close)
        if not fits.all():
            keep(fits)
    image = np.stack([images[h] for h in range(len(half))], 1)  # (N, H)
    fits = (mirrored_step[image] == image[:, step]).all(1)
    fits &= (twin[image] == np.where(twin < 0, -1, image[:, twin])).all(1)
    image = image[fits]
    start = surface.faces.ravel()
    sent = np.empty((len(image), surface.n), dtype=np.int64)
    sent[:, start] = start[after[image]] if mirrored else start[image]
    return sent


@dataclass(frozen=True)
class Folds:
    """Folds of a sheet along the columns of its lattice: an angle for each inner column.

    An element is a tensor of shape (columns − 2,), in radians; elements add up.

    Parameters
    ----------
    columns : int
        Of the sheet, 3 or more.
    most : float
        The largest angle that ``sample`` draws.

    Raises
    ------
    ValueError
        If there are fewer than 3 columns, or ``most`` is not positive and finite.

    Notes
    -----
    Chapter 08, *Geodesics*.
    """

    columns: int
    most: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", whole("columns", self.columns, 3))
        if not 0 < self.most < float("inf"):
            raise ValueError(f"most must be positive and finite, got {self.most}")

    def sample(self, rng: torch.Generator) -> Float[Tensor, " creases"]:
        unit = torch.rand(self.columns - 2, generator=rng, dtype=torch.float64)
        return self.most * (2 * unit - 1)

    def identity(self) -> Float[Tensor, " creases"]:
        return torch.zeros(self.columns - 2, dtype=torch.float64)

    def compose(self, g: Tensor, h: Tensor) -> Float[Tensor, " creases"]:
        return g + h

    def inverse(self, g: Tensor) -> Float[Tensor, " creases"]:
        return -g


def fold(g: Float[Tensor, " creases"], verts: Float[Tensor, "V 3"]) -> Float[Tensor, "V 3"]:
    """Bend a sheet about its inner columns, the first column staying where it is.

    Parameters
    ----------
    g : Tensor, (columns − 2,)
        An element of :class:`Folds`: by how much the direction turns at each inner column, about
        the y axis, in radians.
    verts : Tensor, (rows · columns, 3)
        As of :func:`gdl_utils.geodesics.shapes.sheet`, or folded already.

    Returns
    -------
    Tensor, (rows · columns, 3)
        All edges keep their lengths: creases run along edges, and every triangle stays rigid.

    Raises
    ------
    ValueError
        If ``verts`` is not a sheet of as many columns.

    Notes
    -----
    Chapter 08, *Geodesics*.
    """
    columns = len(g) + 2
    if verts.ndim != 2 or verts.shape[1] != 3 or len(verts) == 0 or len(verts) % columns:
        raise ValueError(f"verts must be (rows · {columns}, 3), got {tuple(verts.shape)}")
    x = verts.to(torch.float64).reshape(-1, columns, 3)
    turned = torch.cat([g.new_zeros(1), g.cumsum(0)])  # of each strip between two columns
    steps = _turn_about_y(x.diff(dim=1), turned)
    bent = torch.cat([x[:, :1], x[:, :1] + steps.cumsum(1)], 1)
    return bent.reshape(-1, 3).to(verts.dtype)


def crease(
    verts: Float[Tensor, "V 3"], at: float, angle: float, lean: float = 0.0
) -> Float[Tensor, "V 3"]:
    """Fold a flat sheet along any one line: an isometry only if the line runs along edges.

    Parameters
    ----------
    verts : Tensor, (V, 3)
        In the plane z = 0.
    at : float
        Where the line cuts the x axis.
    angle : float
        By which the part beyond it is turned, in radians.
    lean : float
        The line's angle to the y axis, in radians.

    Returns
    -------
    Tensor, (V, 3)
        A triangle across the line bends in the paper, but its three corners are joined by straight
        edges here: it shrinks. This is the control of chapter 08, *Geodesics*.

    Raises
    ------
    ValueError
        If the sheet is not flat.
    """
    if verts.ndim != 2 or verts.shape[1] != 3 or bool((verts[:, 2] != 0).any()):
        raise ValueError("verts must be (V, 3) in the plane z = 0, got another sheet")
    lean_by = torch.tensor(lean, dtype=verts.dtype)
    along = torch.stack([-lean_by.sin(), lean_by.cos(), lean_by.new_zeros(())])
    across = torch.stack([lean_by.cos(), lean_by.sin(), lean_by.new_zeros(())])
    foot = torch.tensor([at, 0.0, 0.0], dtype=verts.dtype)
    y, x = (verts - foot) @ along, (verts - foot) @ across
    beyond = x.clamp(min=0)
    turn = torch.tensor(angle, dtype=verts.dtype)
    bent = foot + torch.outer(y, along) + torch.outer(x - beyond + beyond * turn.cos(), across)
    bent[:, 2] = -beyond * turn.sin()
    return bent


def _turn_about_y(x: Tensor, angle: Tensor) -> Tensor:
    """Turn vectors (…, K, 3) by K angles, from z towards x."""
    cos, sin = angle.cos(), angle.sin()
    return torch.stack(
        [cos * x[..., 0] + sin * x[..., 2], x[..., 1], cos * x[..., 2] - sin * x[..., 0]], -1
    )
