"""Surfaces with spirals painted on them: who tells their handedness can tell left from right.

See chapter 09, *Gauges*.
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor

from gdl_utils.arguments import whole
from gdl_utils.gauges.logarithm import vector_heat
from gdl_utils.geodesics.distances import HeatMethod
from gdl_utils.geodesics.mesh import Mesh
from gdl_utils.geodesics.operators import mass
from gdl_utils.geodesics.shapes import icosphere

WIDE = 0.75
"""A place is wide if a disc around it has this share of a flat disc's area, at least."""


def bumpy_sphere(rng: torch.Generator, *, level: int = 3, height: float = 0.18) -> Mesh:
    r"""A sphere whose radius is a random smooth function of the direction.

    .. math:: r(x) = \exp\Big( \tfrac{h}{\sqrt 3} \sum_{i=1}^{6} \cos(k_i \cdot x + \phi_i) \Big)

    Parameters
    ----------
    rng : torch.Generator
        Draws the waves :math:`k_i`, normal with deviation 1.5, and their phases.
    level : int
        Of the icosphere: 10 · 4^level + 2 vertices.
    height : float
        h, not negative.

    Returns
    -------
    Mesh

    Raises
    ------
    ValueError
        If ``height`` is negative or not finite, or ``level`` is not a level of an icosphere.

    Notes
    -----
    Chapter 09, *Gauges*.
    """
    if not 0 <= height < float("inf"):
        raise ValueError(f"height must not be negative and must be finite, got {height}")
    ball = icosphere(level)
    waves = 1.5 * torch.randn(6, 3, generator=rng, dtype=torch.float64)
    phases = 2 * math.pi * torch.rand(6, generator=rng, dtype=torch.float64)
    bumps = torch.cos(ball.verts @ waves.T + phases).sum(1)
    return Mesh(ball.verts * torch.exp(height / math.sqrt(3) * bumps)[:, None], ball.faces)


def wide_places(
    mesh: Mesh, count: int, radius: float, rng: torch.Generator
) -> tuple[list[int], Float[Tensor, "V S"]]:
    """Choose vertices at random, apart from each other, where a disc of some radius finds room.

    Parameters
    ----------
    mesh : Mesh
    count : int
        How many are wanted, at least 1.
    radius : float
        In the unit of ``mesh.verts``. Two places are 1.5 radii apart or more.
    rng : torch.Generator

    Returns
    -------
    places : list of int
        S of them, 1 ≤ S ≤ count.
    distances : Tensor, (V, S)
        From each place to every vertex, by the heat method.

    Raises
    ------
    ValueError
        If ``count`` is not a positive whole number, ``radius`` is not positive and finite, or no
        place is wide enough.

    Notes
    -----
    Chapter 09, *Gauges*.
    """
    count = whole("count", count, 1)
    if not 0 < radius < float("inf"):
        raise ValueError(f"radius must be positive and finite, got {radius}")
    method, area = HeatMethod(mesh), mass(mesh)
    places: list[int] = []
    distances: list[Tensor] = []
    for place in torch.randperm(len(mesh.verts), generator=rng).tolist():
        if any(float(d[place]) < 1.5 * radius for d in distances):
            continue
        d = method.distance(place)
        if float(area[d < radius].sum()) >= WIDE * math.pi * radius**2:
            places.append(place)
            distances.append(d)
            if len(places) == count:
                break
    if not places:
        raise ValueError(f"radius must leave room for a disc somewhere, got {radius}")
    return places, torch.stack(distances, 1)


def spirals(
    mesh: Mesh,
    hand: int,
    rng: torch.Generator,
    *,
    count: int = 3,
    arms: int = 2,
    radius: float = 6.0,
) -> Float[Tensor, " V"]:
    r"""Paint spirals of one handedness, bright in the middle and fading outwards.

    .. math::
        f = e^{-(r / 0.8 R)^2} \; \tfrac12 \big( 1 + \cos(a \, (s \, \theta + \ln r) + \phi) \big)

    in polar coordinates r, θ around each centre, by the logarithmic map.

    Parameters
    ----------
    mesh : Mesh
        Seen from outside, as everything that goes around.
    hand : int
        s: with 1 the arms turn clockwise on their way outwards, with −1 counterclockwise.
    rng : torch.Generator
        Draws the centres and the phases φ.
    count : int
        How many, at most.
    arms : int
        a, the number of arms.
    radius : float
        R, in mean edge lengths.

    Returns
    -------
    Tensor, (V,)
        From 0 to 1.

    Raises
    ------
    ValueError
        If ``hand`` is neither 1 nor −1, or ``arms`` is not positive; as :func:`wide_places`.

    Notes
    -----
    The arms of a logarithmic spiral cross every circle at 45°: :math:`s\,\theta = -\ln r`.
    Chapter 09, *Gauges*.
    """
    if hand not in (1, -1):
        raise ValueError(f"hand must be 1 or -1, got {hand}")
    arms = whole("arms", arms, 1)
    edge = float(mesh.edge_lengths.mean())
    places, distances = wide_places(mesh, count, radius * edge, rng)
    nearest = distances.argmin(1)
    f = torch.zeros(len(mesh.verts), dtype=torch.float64)
    for i, place in enumerate(places):
        theta, r = vector_heat(mesh).log_map_angles(place), distances[:, i] / edge
        phase = 2 * math.pi * float(torch.rand(1, generator=rng))
        wave = torch.cos(arms * (hand * theta + r.clamp(min=0.3).log()) + phase)
        bright = torch.exp(-((r / (0.8 * radius)) ** 2)) * (1 + wave) / 2
        f = torch.where((nearest == i) & r.isfinite(), bright, f)
    return f
