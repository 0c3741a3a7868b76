"""Linear blend skinning: how a skeleton moves a skin, in three small functions and a record."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor


def rotation_matrices(vectors: Float[Tensor, "B 3"]) -> Float[Tensor, "B 3 3"]:
    """Rotations from axis-angle vectors: R = exp([r]×), by the matrix exponential.

    Parameters
    ----------
    vectors : Tensor, (B, 3)
        Axis times angle in radians.

    Returns
    -------
    Tensor, (B, 3, 3)
        Rotation matrices; zeros give the identity exactly.

    Notes
    -----
    Chapter 03, *Data that is not flat*.
    """
    x, y, z = vectors.unbind(1)
    zero = torch.zeros_like(x)
    rows = [zero, -z, y, z, zero, -x, -y, x, zero]
    return torch.matrix_exp(torch.stack(rows, 1).view(-1, 3, 3))


def bone_motions(
    joints: Float[Tensor, "B 3"], parents: tuple[int, ...], turns: Float[Tensor, "B 3 3"]
) -> tuple[Float[Tensor, "B 3 3"], Float[Tensor, "B 3"]]:
    """The rigid motion of each bone: its own turn about its joint, after its parent's motion.

    R_b = R_p R'_b and t_b = R_p (j_b − R'_b j_b) + t_p, where p is the parent of b.

    Parameters
    ----------
    joints : Tensor, (B, 3)
        Joint positions j in the rest pose.
    parents : tuple of B int
        Parent of each bone, before it in the order; −1 for the root.
    turns : Tensor, (B, 3, 3)
        Each bone's rotation R′, relative to its parent.

    Returns
    -------
    rotations : Tensor, (B, 3, 3)
        Rotation R of each bone: a point x that it carries goes to R x + t.
    shifts : Tensor, (B, 3)
        The translation t, in the unit of ``joints``.

    Notes
    -----
    Chapter 03, *Data that is not flat*.
    """
    own = joints - (turns @ joints[:, :, None])[:, :, 0]
    rotations, shifts = [], []
    for bone, parent in enumerate(parents):
        if parent < 0:
            rotations.append(turns[bone])
            shifts.append(own[bone])
        else:
            rotations.append(rotations[parent] @ turns[bone])
            shifts.append(rotations[parent] @ own[bone] + shifts[parent])
    return torch.stack(rotations), torch.stack(shifts)


def blend(
    verts: Float[Tensor, "V 3"],
    weights: Float[Tensor, "V B"],
    matrices: Float[Tensor, "B 3 3"],
    shifts: Float[Tensor, "B 3"],
) -> Float[Tensor, "V 3"]:
    """Move each vertex by the mean of its bones' affine maps: x′ = Σ_b w_b (A_b x + t_b).

    Parameters
    ----------
    verts : Tensor, (V, 3)
        Positions in the rest pose.
    weights : Tensor, (V, B)
        Weights, each row summing to one.
    matrices : Tensor, (B, 3, 3)
        The linear part A of each bone's map.
    shifts : Tensor, (B, 3)
        Its translation t, in the unit of ``verts``.

    Returns
    -------
    Tensor, (V, 3)
        The moved positions, in the same order: exact correspondence.

    Notes
    -----
    Chapter 03, *Data that is not flat*. The mean of two far-apart rotations is not a rotation:
    joints that turn by more than about 90° pinch the skin.
    """
    mean = (weights @ matrices.reshape(len(matrices), 9)).view(-1, 3, 3)
    return torch.einsum("vij,vj->vi", mean, verts) + weights @ shifts


@dataclass(frozen=True, eq=False)
class Animal:
    """A skin on a skeleton, in its rest pose.

    The axes are x forward, y to the left, z up; lengths are in metres.

    Attributes
    ----------
    name : str
        "dog" or "rat".
    verts : Tensor, (V, 3), float64
        Positions in the rest pose.
    faces : Tensor, (F, 3), int64
        Triangles, counterclockwise seen from outside; every edge has two.
    bones : tuple of B str
        Names of the bones, parents before children.
    parents : tuple of B int
        The parent of each bone; −1 for the root, which is bone 0.
    joints : Tensor, (B, 3), float64
        The point about which each bone turns, in the rest pose.
    weights : Tensor, (V, B), float64
        Skin weights, at most four a vertex, summing to one.
    parts : tuple of str
        Names of the parts of the body.
    part_of_vertex, part_of_face, part_of_bone : Tensor, (V,), (F,), (B,), int64
        Index into ``parts``. The ears have no bone.
    mirror : Tensor, (V,), int64
        The vertex at (x, −y, z), for each vertex at (x, y, z).
    hinges : tuple of H str
        Names of the skeleton's hinges.
    hinge_bone : Tensor, (H,), int64
        The bone that each hinge turns.
    hinge_axis : Tensor, (H, 3), float64
        Its axis in the rest pose, of length one.
    hinge_range : Tensor, (H, 2), float64
        Its least and largest angle in radians; zero is the rest pose.

    Notes
    -----
    Chapter 03, *Data that is not flat*, and chapter 08, *Geodesics*.
    """

    name: str
    verts: Float[Tensor, "V 3"]
    faces: Int[Tensor, "F 3"]
    bones: tuple[str, ...]
    parents: tuple[int, ...]
    joints: Float[Tensor, "B 3"]
    weights: Float[Tensor, "V B"]
    parts: tuple[str, ...]
    part_of_vertex: Int[Tensor, " V"]
    part_of_face: Int[Tensor, " F"]
    part_of_bone: Int[Tensor, " B"]
    mirror: Int[Tensor, " V"]
    hinges: tuple[str, ...]
    hinge_bone: Int[Tensor, " H"]
    hinge_axis: Float[Tensor, "H 3"]
    hinge_range: Float[Tensor, "H 2"]

    def pose(self, rotations: Tensor) -> Float[Tensor, "V 3"]:
        """Turn the bones, and let the skin follow (linear blend skinning).

        Parameters
        ----------
        rotations : Tensor, (B, 3), floating point
            Axis times angle in radians for each bone, relative to its parent, in the axes of the
            rest pose: (0, a, 0) nods by a about the leftward axis. Zeros are the rest pose; row 0
            turns the whole animal.

        Returns
        -------
        Tensor, (V, 3), float64
            Positions; vertex i is the same point of the skin in every pose.

        Raises
        ------
        ValueError
            If there is not one finite row of three numbers for each bone.
        """
        given, want = tuple(rotations.shape), (len(self.bones), 3)
        if given != want:
            raise ValueError(
                f"rotations must be {want}, one axis-angle vector for each of the {self.name}'s "
                f"{want[0]} bones, got {given}"
            )
        if not rotations.dtype.is_floating_point or not rotations.isfinite().all():
            raise ValueError("rotations must be finite floating point numbers")
        turns = rotation_matrices(rotations.to(self.verts.dtype))
        return blend(self.verts, self.weights, *bone_motions(self.joints, self.parents, turns))

    def part(self, name: str) -> int:
        """The index of a part of the body.

        Raises
        ------
        ValueError
            If there is no such part.
        """
        if name not in self.parts:
            raise ValueError(f"name must be one of {', '.join(self.parts)}, got {name!r}")
        return self.parts.index(name)
