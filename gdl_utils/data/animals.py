"""A dog and a rat with skeletons: poses and body plans of one surface, in exact correspondence.

From dm-control (DeepMind, Apache-2.0; see ``assets/dog.LICENSE.txt``), remeshed isotropically by
``tools/make_assets/animals.py``: closed manifolds of a sphere's topology, whose left and right
halves mirror each other exactly.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from gdl_utils.data.shipped import ASSETS, load_arrays
from gdl_utils.data.skinning import Animal

PARTS = ("head", "ears", "neck", "torso", "legs", "tail")
SHA256 = {
    "dog": "1bbff8b8fef849707a790cc05cf61131205f46fbae66d7e639d08d396164d233",
    "rat": "9a1146972e7ceadd8322e2cdfc756500ecfcf0be7cfe6b53b29f97080210c731",
}
"""Checksums of the arrays' names and bytes, in alphabetical order of the names."""
RANGES = {
    "legs": (0.45, 1.4), "neck": (0.5, 2.2), "head": (0.7, 1.5),
    "tail": (0.3, 1.5), "girth": (0.8, 1.6),
}  # fmt: skip
"""What ``body_plan`` accepts: factors on the lengths of the animal as it is loaded."""


def load_animal(name: str, folder: str | Path = ASSETS) -> Animal:
    """Load the dog or the rat in its rest pose.

    Parameters
    ----------
    name : {"dog", "rat"}
        Which animal.
    folder : str or Path
        Where the assets are; in the package unless a test says otherwise.

    Returns
    -------
    Animal
        Surface, skeleton, skin weights, parts and mirror.

    Raises
    ------
    ValueError
        If the animal is unknown, or its file is not the one that was shipped.
    FileNotFoundError
        If the file is missing from the installation.

    Notes
    -----
    Chapter 03, *Data that is not flat*, and chapter 08, *Geodesics*.
    """
    if name not in SHA256:
        raise ValueError(f"name must be one of {', '.join(SHA256)}, got {name!r}")
    path = Path(folder) / f"{name}.npz"
    arrays = load_arrays(path, f"the {name}", made_by="animals.py", sha256=SHA256[name])
    real = lambda key: torch.from_numpy(arrays[key].astype("f8"))  # noqa: E731
    whole = lambda key: torch.from_numpy(arrays[key].astype("i8"))  # noqa: E731
    four = real("bone_weight")
    weights = four.new_zeros(len(four), len(arrays["bones"]))
    weights.scatter_(1, whole("bone_index"), four / four.sum(1, keepdim=True))
    return Animal(
        name=name, verts=real("verts"), faces=whole("faces"), weights=weights,
        bones=tuple(arrays["bones"].tolist()), parents=tuple(arrays["parents"].tolist()),
        joints=real("joints"), parts=PARTS, part_of_vertex=whole("part_of_vertex"),
        part_of_face=whole("part_of_face"), part_of_bone=whole("part_of_bone"),
        mirror=whole("mirror"), hinges=tuple(arrays["hinges"].tolist()),
        hinge_bone=whole("hinge_bone"), hinge_axis=real("hinge_axis"),
        hinge_range=real("hinge_range"),
    )  # fmt: skip


def random_pose(
    animal: Animal, rng: torch.Generator, strength: float = 1.0
) -> Float[Tensor, "B 3"]:
    """Rotations of a plausible pose: a moment of a trot, with a bent back, neck and tail.

    Diagonal legs swing together; a leg that swings forward is folded. Every hinge stays within its
    anatomical range. The root stays unturned.

    Parameters
    ----------
    animal : Animal
        Whose skeleton.
    rng : torch.Generator
        The only source of chance.
    strength : float
        0 gives the rest pose, 1 a lively walk, 2 is the most.

    Returns
    -------
    Tensor, (B, 3), float64
        Axis-angle vectors in radians, for ``animal.pose``.

    Raises
    ------
    ValueError
        If ``strength`` is not between 0 and 2.

    Notes
    -----
    Chapter 03, *Data that is not flat*.
    """
    if not 0 <= strength <= 2:
        raise ValueError(f"strength must be between 0 and 2, got {strength}")
    phase, *shared = torch.rand(7, generator=rng, dtype=torch.float64).tolist()
    alone = torch.randn(len(animal.hinges), generator=rng, dtype=torch.float64)
    low, high = animal.hinge_range.unbind(1)
    angle = 0.15 * alone * (high - low) / 2  # every hinge a little on its own
    kinds = [(part, kind) for part in ("neck", "torso", "tail") for kind in ("extend", "bend")]
    for h, hinge in enumerate(animal.hinges):
        bone = animal.bones[int(animal.hinge_bone[h])]
        part = PARTS[int(animal.part_of_bone[animal.hinge_bone[h]])]
        kind = hinge.rsplit("_", 1)[-1]
        if (part, kind) in kinds:  # a back, a neck and a tail bend as one curve
            angle[h] += (shared[kinds.index((part, kind))] - 0.5) * (high[h] - low[h]) / 2
        if not bone.endswith(("_L", "_R")) or part == "torso":
            continue
        front = any(word in bone for word in ("arm", "hand", "finger"))
        leg = 2 * math.pi * (phase + 0.5 * (front == bone.endswith("_L")))
        if bone.startswith("upper"):  # about the leftward axis, a positive angle swings back
            angle[h] += math.radians(22) * math.sin(leg) * float(animal.hinge_axis[h, 1])
        else:  # fold towards the roomier side while the leg swings forward
            roomy = high[h] if high[h] > -low[h] else low[h]
            angle[h] += 0.3 * max(0.0, -math.cos(leg)) * float(roomy)
    angle = (0.6 * strength * angle).clamp(low, high)
    rotations = animal.joints.new_zeros(len(animal.bones), 3)
    return rotations.index_add(0, animal.hinge_bone, angle[:, None] * animal.hinge_axis)


def body_plan(
    animal: Animal,
    legs: float = 1.0,
    neck: float = 1.0,
    head: float = 1.0,
    tail: float = 1.0,
    girth: float = 1.0,
) -> Animal:
    """The same animal with other proportions: each part of the body is scaled about its joints.

    Legs are scaled by ``legs`` in height and by its square root across; the neck by ``neck`` along
    itself; the head in all directions; the torso by ``girth`` in height and width; the tail, beyond
    its root, by ``tail`` along itself and by the square root across.
    Faces, weights, parts and the order of the vertices stay.

    Parameters
    ----------
    animal : Animal
        Where to start from.
    legs, neck, head, tail, girth : float
        Factors, within ``RANGES``; 1 leaves a part as it is.

    Returns
    -------
    Animal
        With other ``verts`` and ``joints``, standing at the height of the first one's feet.

    Raises
    ------
    ValueError
        If a factor is outside its range, or all together would fold the skin.

    Notes
    -----
    Chapter 03, *Data that is not flat*. The affine maps of the parts are smoothed over the
    skin, for a border between two of them would crease.
    """
    given = {"legs": legs, "neck": neck, "head": head, "tail": tail, "girth": girth}
    for part, factor in given.items():
        low, high = RANGES[part]
        if not low <= factor <= high:
            raise ValueError(f"{part} must be between {low} and {high}, got {factor}")
    eye = torch.eye(3, dtype=torch.float64)
    belongs = [PARTS[i] for i in animal.part_of_bone.tolist()]
    along = animal.joints[animal.bones.index("skull")] - animal.joints[belongs.index("neck")]
    along = along / along.norm()
    scale = {
        "head": head * eye,
        "neck": eye + (neck - 1) * torch.outer(along, along),
        "torso": torch.diag(torch.tensor([1, girth, girth], dtype=torch.float64)),
        "legs": torch.diag(torch.tensor([legs**0.5, legs**0.5, legs], dtype=torch.float64)),
        "tail": eye,
    }
    matrices = torch.stack([scale[part] for part in belongs])
    bones = [bone for bone, part in enumerate(belongs) if part == "tail"]
    for k, bone in enumerate(bones):  # the root of the tail lies inside the rump
        factor = tail ** min(max(3 * k / len(bones) - 0.5, 0.0), 1.0)
        end = animal.parents.index(bone) if bone in animal.parents else animal.parents[bone]
        d = torch.nn.functional.normalize(animal.joints[end] - animal.joints[bone], dim=0)
        matrices[bone] = factor**0.5 * eye + (factor - factor**0.5) * torch.outer(d, d)
    joints = [animal.joints[0]]  # a child's joint is a point of its parent
    for bone, parent in list(enumerate(animal.parents))[1:]:
        offset = animal.joints[bone] - animal.joints[parent]
        joints.append(joints[parent] + matrices[parent] @ offset)
    joints = torch.stack(joints)
    shifts = joints - torch.einsum("bij,bj->bi", matrices, animal.joints)
    affine = animal.weights @ torch.cat([matrices.reshape(-1, 9), shifts], 1)
    before = _unit_normals(animal.verts, animal.faces)
    for turns in (80, 80, 160):  # as smooth as needed: no triangle may turn over
        affine = _smooth(affine, animal.faces, turns)
        linear, shift = affine[:, :9].view(-1, 3, 3), affine[:, 9:]
        verts = torch.einsum("vij,vj->vi", linear, animal.verts) + shift
        if ((before * _unit_normals(verts, animal.faces)).sum(1) > 0.1).all():
            break
    else:
        raise ValueError(
            f"legs, neck, head, tail and girth must leave the skin unfolded, got {given}"
        )
    feet = torch.zeros(3, dtype=torch.float64)
    feet[2] = animal.verts[:, 2].min() - verts[:, 2].min()
    return replace(animal, verts=verts + feet, joints=joints + feet)


def _unit_normals(verts: Tensor, faces: Tensor) -> Tensor:
    a, b, c = (verts[faces[:, k]] for k in range(3))
    return torch.nn.functional.normalize(torch.linalg.cross(b - a, c - a), dim=1)


def _smooth(values: Tensor, faces: Tensor, turns: int) -> Tensor:
    """Average each vertex's values with its neighbours' mean, ``turns`` times."""
    n = len(values)
    ends = torch.stack([faces, faces.roll(-1, 1)]).reshape(2, -1)
    ends = torch.cat([ends, ends.flip(0)], 1)
    near = torch.sparse_coo_tensor(
        ends, torch.ones_like(ends[0], dtype=values.dtype), (n, n),
        check_invariants=True,
    )  # fmt: skip
    count = torch.bincount(ends[0], minlength=n)[:, None]
    near = near.coalesce()
    for _ in range(turns):
        values = (values + torch.sparse.mm(near, values) / count) / 2
    return values


def random_plan(animal: Animal, rng: torch.Generator) -> Animal:
    """Draw each factor of ``body_plan`` evenly in its logarithm; again if the skin folds.

    Parameters
    ----------
    animal : Animal
        Where to start from.
    rng : torch.Generator
        The only source of chance.

    Returns
    -------
    Animal
        With other proportions.

    Raises
    ------
    ValueError
        If a hundred draws in a row would fold the skin: ``animal`` is too far from those shipped.

    Notes
    -----
    Chapter 03, *Data that is not flat*.
    """
    for _ in range(100):
        draws = torch.rand(len(RANGES), generator=rng, dtype=torch.float64).tolist()
        factors = {
            part: min(max(low * (high / low) ** u, low), high)
            for (part, (low, high)), u in zip(RANGES.items(), draws, strict=True)
        }
        try:
            return body_plan(animal, **factors)
        except ValueError:  # it would fold the skin: measured 6 of 300 dogs, no rat
            continue
    raise ValueError("animal must be as loaded: no plan in 100 leaves its skin unfolded")
