"""Labelled shapes: dogs and rats of four builds, each an individual in a pose of its own.

The class is the build, legs × neck, and not the animal: dogs and rats are in every class, head,
tail, girth and pose vary in all of them, and every shape is of unit size. Chapter 03.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from gdl_utils.data.animals import RANGES, body_plan, load_animal, random_pose
from gdl_utils.data.skinning import Animal, rotation_matrices

KINDS = ("dog", "rat")
BUILDS = {
    "short legs, short neck": {"legs": (0.50, 0.75), "neck": (0.60, 0.95)},
    "short legs, long neck": {"legs": (0.50, 0.75), "neck": (1.30, 2.00)},
    "long legs, short neck": {"legs": (0.95, 1.35), "neck": (0.60, 0.95)},
    "long legs, long neck": {"legs": (0.95, 1.35), "neck": (1.30, 2.00)},
}
"""The classes in order, and the factors of ``body_plan`` from which each is drawn."""
VARIED = {part: RANGES[part] for part in ("head", "tail", "girth")}
"""The factors that tell nothing about the class."""


@dataclass(frozen=True, eq=False)
class Herd:
    """Labelled surfaces, in no order.

    Attributes
    ----------
    skins : tuple of N Tensor, (V, 3), float64
        Vertices of each shape, within the unit ball, z up; V is that of the shape's animal.
    animals : Tensor, (N,), int64
        Index into ``KINDS``: which animal, and so which triangles.
    y : Tensor, (N,), int64
        Index into ``BUILDS``: the class.

    Notes
    -----
    Chapter 03, *Data that is not flat*.
    """

    skins: tuple[Float[Tensor, "_ 3"], ...]
    animals: Int64[Tensor, " N"]
    y: Int64[Tensor, " N"]

    def __len__(self) -> int:
        return len(self.skins)

    def faces(self, i: int) -> Int64[Tensor, "F 3"]:
        """The triangles of shape i."""
        return _animal(KINDS[int(self.animals[i])]).faces

    def turned(self, vector: tuple[float, float, float]) -> Herd:
        """All shapes, turned by the same axis-angle vector.

        Parameters
        ----------
        vector : (float, float, float)
            Axis times angle, in radians: (0, 0, π/2) turns to the left, (π/2, 0, 0) lays on the
            right side.

        Returns
        -------
        Herd
            In the same order, of the same classes.

        Raises
        ------
        ValueError
            If the vector is not three finite numbers.
        """
        if len(vector) != 3 or not all(math.isfinite(v) for v in vector):
            raise ValueError(f"vector must be three finite numbers, got {vector}")
        turn = rotation_matrices(torch.tensor([vector], dtype=torch.float64))[0]
        return replace(self, skins=tuple(skin @ turn.T for skin in self.skins))


def draw_plan(name: str, build: str, rng: torch.Generator) -> Animal:
    """Draw an individual of a build: its proportions, evenly in their logarithms.

    Parameters
    ----------
    name : {"dog", "rat"}
        Which animal.
    build : str
        A key of ``BUILDS``.
    rng : torch.Generator
        The only source of chance.

    Returns
    -------
    Animal
        In its rest pose.

    Raises
    ------
    ValueError
        If the animal or the build is unknown.

    Notes
    -----
    Chapter 03, *Data that is not flat*. Proportions that would fold the skin are drawn again.
    """
    if build not in BUILDS:
        raise ValueError(f"build must be one of {'; '.join(BUILDS)}, got {build!r}")
    ranges = {**BUILDS[build], **VARIED}
    while True:
        draws = torch.rand(len(ranges), generator=rng, dtype=torch.float64).tolist()
        factors = {
            part: min(max(low * (high / low) ** u, low), high)
            for (part, (low, high)), u in zip(ranges.items(), draws, strict=True)
        }
        plan = quick_plan(name, factors)
        normals, before = (_normals(a.verts, a.faces) for a in (plan, _animal(name)))
        if bool(((normals * before).sum(1) > 0).all()):
            return plan


def quick_plan(name: str, factors: dict[str, float]) -> Animal:
    """``body_plan`` in a hundredth of its time, from a table of eleven plans of the animal.

    Parts of the body add up, and each is a quadratic function of the root of its factor: exactly so
    for legs, neck, head and girth, nearly so for the tail.

    Parameters
    ----------
    name : {"dog", "rat"}
        Which animal.
    factors : dict of str to float
        Factors of ``body_plan`` by part of the body; 1 for those that are not given.

    Returns
    -------
    Animal
        In its rest pose; its feet may stand higher or lower than those of ``body_plan``.

    Raises
    ------
    ValueError
        If the animal or a part is unknown, or a factor is outside its range.

    Notes
    -----
    Chapter 03, *Data that is not flat*. A factor f contributes p(√f), where p is the parabola
    through the plans of the smallest factor, of 1 and of the largest one.
    """
    if name not in KINDS:
        raise ValueError(f"name must be one of {', '.join(KINDS)}, got {name!r}")
    animal = _animal(name)
    change = torch.zeros(len(animal.verts) + len(animal.joints), 3, dtype=torch.float64)
    for part, factor in factors.items():
        low, high = RANGES.get(part, (math.nan, math.nan))
        if not low <= factor <= high:
            raise ValueError(f"{part} must be a part, between {low} and {high}, got {factor}")
        a, b, s = low**0.5, high**0.5, factor**0.5
        change += (s - 1) * (s - b) / ((a - 1) * (a - b)) * _change(name, part, low)
        change += (s - 1) * (s - a) / ((b - 1) * (b - a)) * _change(name, part, high)
    verts, joints = change.split([len(animal.verts), len(animal.joints)])
    return replace(animal, verts=animal.verts + verts, joints=animal.joints + joints)


@functools.cache
def _change(name: str, part: str, factor: float) -> Tensor:
    """By how much one factor moves the vertices and the joints."""
    animal = _animal(name)
    plan = body_plan(animal, **{part: factor})
    return torch.cat([plan.verts - animal.verts, plan.joints - animal.joints])


def draw_herd(rng: torch.Generator, count: int) -> Herd:
    """Draw a herd: individuals of every build of both animals, each in a pose of its own.

    All look along x, and every shape is brought to unit size.

    Parameters
    ----------
    rng : torch.Generator
        The only source of chance.
    count : int
        Individuals of each build of each animal.

    Returns
    -------
    Herd
        8 · count shapes, as many of each class.

    Raises
    ------
    ValueError
        If ``count`` is less than 1.

    Notes
    -----
    Chapter 03, *Data that is not flat*. No two shapes are of one individual.
    """
    if count < 1:
        raise ValueError(f"count must be at least 1, got {count}")
    skins, animals, y = [], [], []
    for kind, name in enumerate(KINDS):
        for label, build in enumerate(BUILDS):
            for _ in range(count):
                plan = draw_plan(name, build, rng)
                skins.append(unit_size(plan.pose(random_pose(plan, rng)), plan.faces))
                animals.append(kind)
                y.append(label)
    return Herd(tuple(skins), torch.tensor(animals), torch.tensor(y))


def unit_size(verts: Float[Tensor, "V 3"], faces: Int64[Tensor, "F 3"]) -> Float[Tensor, "V 3"]:
    """Move the surface's centroid to the origin, and its farthest vertex to distance 1.

    Parameters
    ----------
    verts : Tensor, (V, 3)
        In any unit.
    faces : Tensor, (F, 3)

    Returns
    -------
    Tensor, (V, 3)
        In units of the distance from the centroid to the farthest vertex.

    Raises
    ------
    ValueError
        If the surface has no area.

    Notes
    -----
    Chapter 03, *Data that is not flat*. The centroid is that of the surface, not of the vertices,
    which depend on how densely a part is meshed.
    """
    corners = verts[faces]
    area = triangle_areas(corners)
    if not float(area.sum()) > 0:
        raise ValueError("verts and faces must span a surface, got one without area")
    centre = (area[:, None] * corners.mean(1)).sum(0) / area.sum()
    return (verts - centre) / (verts - centre).norm(dim=1).max()


def triangle_areas(corners: Float[Tensor, "F 3 3"]) -> Float[Tensor, " F"]:
    """Areas of triangles that are given by their corners, (F, corner, xyz). Chapter 03."""
    a, b, c = corners.unbind(1)
    return torch.linalg.cross(b - a, c - a).norm(dim=1) / 2


def _normals(verts: Tensor, faces: Tensor) -> Tensor:
    """Normals of the triangles, as long as twice their areas."""
    a, b, c = verts[faces].unbind(1)
    return torch.linalg.cross(b - a, c - a)


@functools.cache
def _animal(name: str) -> Animal:
    return load_animal(name)
