"""The dog and the rat: closed manifolds, near isometric poses, plans without folds."""

import math
import runpy
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from gdl_utils.data import animals
from gdl_utils.data.animals import (
    ASSETS,
    PARTS,
    RANGES,
    body_plan,
    load_animal,
    random_plan,
    random_pose,
)
from gdl_utils.data.skinning import bone_motions, rotation_matrices

ROOT = Path(__file__).resolve().parents[3]
MIRROR = torch.tensor([1.0, -1.0, 1.0], dtype=torch.float64)


@pytest.fixture(scope="module", params=["dog", "rat"])
def animal(request):
    return load_animal(request.param)


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


def half_edges(faces):
    return torch.cat([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])


def angles(verts, faces):
    """All angles (F, 3) in degrees."""
    found = []
    for k in range(3):
        at, u, w = (verts[faces[:, (k + i) % 3]] for i in range(3))
        u, w = u - at, w - at
        area = torch.linalg.cross(u, w).norm(dim=1)
        found.append(torch.rad2deg(torch.atan2(area, (u * w).sum(1))))
    return torch.stack(found, 1)


def normals(verts, faces):
    a, b, c = (verts[faces[:, k]] for k in range(3))
    return torch.nn.functional.normalize(torch.linalg.cross(b - a, c - a), dim=1)


def pieces(vertices, edges):
    """Sizes of the connected pieces of the graph that some vertices span."""
    parent = {int(v): int(v) for v in vertices}

    def root(v):
        while parent[v] != v:
            parent[v] = v = parent[parent[v]]
        return v

    for a, b in edges.tolist():
        if a in parent and b in parent:
            parent[root(a)] = root(b)
    return Counter(root(v) for v in parent)


def test_shapes(animal):
    n, m, b = len(animal.verts), len(animal.faces), len(animal.bones)
    assert (n, m, b) == {"dog": (3324, 6644, 57), "rat": (3596, 7188, 65)}[animal.name]
    assert animal.verts.dtype == torch.float64
    assert animal.faces.dtype == torch.int64
    assert animal.weights.shape == (n, b)
    assert animal.joints.shape == (b, 3)
    assert animal.hinge_axis.shape == (len(animal.hinges), 3)
    torch.testing.assert_close(
        animal.hinge_axis.norm(dim=1), torch.ones(len(animal.hinges)).double()
    )
    assert (animal.hinge_range[:, 0] <= 0).all()
    assert (animal.hinge_range[:, 1] >= 0).all()
    assert animal.parents[0] == -1
    assert all(-1 < parent < bone for bone, parent in enumerate(animal.parents) if bone)


def test_closed_oriented_manifold_of_a_spheres_topology(animal):
    half = half_edges(animal.faces)
    edges, count = half.sort(1).values.unique(dim=0, return_counts=True)
    assert (count == 2).all()
    assert len(half.unique(dim=0)) == len(half)
    assert len(animal.verts) - len(edges) + len(animal.faces) == 2
    assert len(pieces(range(len(animal.verts)), edges)) == 1
    # Around every vertex the faces form one fan: as many faces as neighbours, in one cycle.
    following = {}
    for face in animal.faces.tolist():
        for k in range(3):
            following.setdefault(face[k], {})[face[(k + 1) % 3]] = face[(k + 2) % 3]
    for ring in following.values():
        start = next(iter(ring))
        seen, at = 1, ring[start]
        while at != start:
            seen, at = seen + 1, ring[at]
        assert seen == len(ring)
    a, b, c = (animal.verts[animal.faces[:, k]] for k in range(3))
    assert float((a * torch.linalg.cross(b, c)).sum()) > 0  # outwards


def test_the_triangles_are_even(animal):
    found = angles(animal.verts, animal.faces)
    smallest = found.min(1).values
    assert float(smallest.min()) > 20
    assert float(smallest.quantile(0.05)) > 40
    assert float(found.max()) < 120


def test_the_mirror_is_exact(animal):
    image = animal.mirror
    assert (image[image] == torch.arange(len(image))).all()
    assert torch.equal(animal.verts[image], animal.verts * MIRROR)
    assert torch.equal(animal.part_of_vertex[image], animal.part_of_vertex)
    faces = {tuple(sorted(f)) for f in animal.faces.tolist()}
    assert {tuple(sorted(f)) for f in image[animal.faces].tolist()} == faces


def test_weights_are_means_over_at_most_four_bones(animal):
    assert (animal.weights >= 0).all()
    assert int((animal.weights > 0).sum(1).max()) <= 4
    assert float((animal.weights.sum(1) - 1).abs().max()) < 1e-14


def test_every_part_is_there_and_in_its_place(animal):
    edges = half_edges(animal.faces)
    limits = {"head": 1, "ears": 2, "neck": 1, "torso": 1, "legs": 4, "tail": 1}
    for name, most in limits.items():
        of = torch.nonzero(animal.part_of_vertex == animal.part(name))[:, 0]
        assert len(of) >= 20, name
        assert (animal.part_of_face == animal.part(name)).any()
        sizes = sorted(pieces(of.tolist(), edges).values(), reverse=True)
        assert sum(sizes[:most]) >= 0.97 * len(of), (name, sizes)
    # A face has the part of at least one of its corners, and of two where two agree.
    corner = animal.part_of_vertex[animal.faces].sort(1).values
    agree = corner[:, 0] == corner[:, 1], corner[:, 1] == corner[:, 2]
    assert (animal.part_of_face[agree[0]] == corner[agree[0], 1]).all()
    assert (animal.part_of_face[agree[1]] == corner[agree[1], 1]).all()
    middle = {p: animal.verts[animal.part_of_vertex == animal.part(p)].mean(0) for p in PARTS}
    assert middle["head"][0] > middle["neck"][0] > middle["torso"][0] > middle["tail"][0]
    assert middle["ears"][2] > middle["head"][2] > middle["legs"][2]


def test_zeros_are_the_rest_pose(animal):
    posed = animal.pose(torch.zeros(len(animal.bones), 3))
    torch.testing.assert_close(posed, animal.verts, rtol=0, atol=1e-14)


def test_turning_the_root_is_an_isometry(animal):
    turns = torch.zeros(len(animal.bones), 3, dtype=torch.float64)
    turns[0] = torch.tensor([0.3, -1.1, 2.0])
    posed, edges = animal.pose(turns), half_edges(animal.faces)
    far = torch.cat([edges, torch.randint(len(posed), (500, 2), generator=rng())])
    before, after = ((v[far[:, 0]] - v[far[:, 1]]).norm(dim=1) for v in (animal.verts, posed))
    assert float((before - after).abs().max()) < 1e-10
    assert float((posed - animal.verts).abs().max()) > 0.1 * float(animal.verts.abs().max())


def test_a_quarter_turn_by_hand():
    # Two bones along x, the second's joint at x = 1: it turns up, what is before the joint stays.
    turns = rotation_matrices(torch.tensor([[0, 0, 0], [0, -math.pi / 2, 0]]).double())
    joints = torch.tensor([[0.0, 0, 0], [1.0, 0, 0]]).double()
    rotations, shifts = bone_motions(joints, (-1, 0), turns)
    tip = rotations[1] @ torch.tensor([3.0, 0, 0]).double() + shifts[1]
    torch.testing.assert_close(tip, torch.tensor([1.0, 0, 2.0]).double())


def test_a_bone_moves_its_part_only(animal):
    turns = torch.zeros(len(animal.bones), 3, dtype=torch.float64)
    turns[animal.bones.index("skull"), 1] = -0.4  # nod upwards
    move = animal.pose(turns) - animal.verts
    nose = animal.verts[:, 0].argmax()
    assert float(move[nose, 2]) > 0
    still = animal.part_of_vertex == animal.part("tail")
    assert float(move[still].abs().max()) < 1e-12


def test_mirrored_rotations_give_the_mirrored_pose(animal):
    turns = random_pose(animal, rng(4))
    other = {"_L": "_R", "_R": "_L"}
    swap = [animal.bones.index(n[:-2] + other.get(n[-2:], n[-2:])) for n in animal.bones]
    image = animal.pose(turns[swap] * -MIRROR)  # an axis is a pseudovector
    torch.testing.assert_close(image[animal.mirror] * MIRROR, animal.pose(turns), rtol=0, atol=1e-5)


def test_random_poses_are_near_isometric(animal):
    edges, generator = half_edges(animal.faces), rng()
    length = lambda v: (v[edges[:, 0]] - v[edges[:, 1]]).norm(dim=1)  # noqa: E731
    rest, ratios = length(animal.verts), []
    for _ in range(20):
        ratios.append(length(animal.pose(random_pose(animal, generator))) / rest)
    ratios = torch.stack(ratios)
    low, high = ratios.flatten().quantile(0.05), ratios.flatten().quantile(0.95)
    assert 0.91 < float(low) < 0.99  # and something moves
    assert 1.01 < float(high) < 1.10
    assert float(ratios.quantile(0.05, dim=1).min()) > 0.88
    assert float(ratios.quantile(0.95, dim=1).max()) < 1.15


def test_random_poses_stay_within_the_hinges_and_repeat(animal):
    one, two = random_pose(animal, rng(1), 2.0), random_pose(animal, rng(1), 2.0)
    assert torch.equal(one, two)
    assert not torch.equal(one, random_pose(animal, rng(2), 2.0))
    most = torch.zeros(len(animal.bones), dtype=torch.float64)
    most.index_add_(0, animal.hinge_bone, animal.hinge_range.abs().max(1).values)
    assert (one.norm(dim=1) <= most + 1e-9).all()
    assert not random_pose(animal, rng(), 0.0).any()
    assert not one[0].any()


def test_a_plan_of_ones_changes_nothing(animal):
    same = body_plan(animal)
    torch.testing.assert_close(same.verts, animal.verts, rtol=0, atol=1e-12)
    torch.testing.assert_close(same.joints, animal.joints, rtol=0, atol=1e-12)


def test_random_plans_are_valid_surfaces(animal):
    before, generator, heights = normals(animal.verts, animal.faces), rng(1), set()
    for _ in range(20):
        plan = random_plan(animal, generator)
        assert plan.faces is animal.faces  # still the same closed manifold
        assert float((before * normals(plan.verts, plan.faces)).sum(1).min()) > 0.1
        assert float(angles(plan.verts, plan.faces).min()) > 1.5
        assert float((plan.verts[animal.mirror] - plan.verts * MIRROR).abs().max()) < 1e-5
        torch.testing.assert_close(plan.verts[:, 2].min(), animal.verts[:, 2].min())
        heights.add(round(float(plan.verts[:, 2].max()), 4))
    assert len(heights) > 15


def test_each_factor_does_what_it_says(animal):
    def size(axis, part, **factors):
        plan = body_plan(animal, **factors)
        of = plan.verts[plan.part_of_vertex == plan.part(part), axis]
        return float(of.max() - of.min())

    skull, pelvis = animal.bones.index("skull"), animal.bones.index("pelvis")
    for part, axis, where in [("head", 0, "head"), ("girth", 1, "torso"), ("tail", 0, "tail")]:
        low, high = RANGES[part]
        assert size(axis, where, **{part: low}) < 0.95 * size(axis, where), part
        assert size(axis, where, **{part: high}) > 1.05 * size(axis, where), part
    hips = [float(body_plan(animal, legs=s).joints[pelvis, 2]) for s in (0.45, 1.0, 1.4)]
    assert hips == sorted(hips)
    necks = [body_plan(animal, neck=s).joints for s in (0.5, 1.0, 2.2)]
    necks = [float((j[skull] - j[0]).norm()) for j in necks]
    assert necks == sorted(necks)


def test_a_plan_can_be_posed(animal):
    plan = body_plan(animal, legs=0.6, neck=1.5)
    posed = plan.pose(random_pose(plan, rng()))
    assert posed.isfinite().all()
    assert float((posed - plan.verts).norm(dim=1).max()) > 0.02 * float(plan.verts.abs().max())


def test_bad_poses_and_plans_are_refused(animal):
    b = len(animal.bones)
    for shape in [(b - 1, 3), (b, 4), (b,)]:
        with pytest.raises(ValueError, match=rf"rotations must be \({b}, 3\)"):
            animal.pose(torch.zeros(shape))
    for wrong in (torch.full((b, 3), math.nan), torch.zeros(b, 3, dtype=torch.int64)):
        with pytest.raises(ValueError, match="finite floating point"):
            animal.pose(wrong)
    with pytest.raises(ValueError, match="name must be one of head, ears"):
        animal.part("wing")
    for strength in (-0.1, 2.1, math.nan):
        with pytest.raises(ValueError, match="strength must be between"):
            random_pose(animal, rng(), strength)
    for part, (low, high) in RANGES.items():
        for factor in (low - 0.01, high + 0.01, math.nan):
            with pytest.raises(ValueError, match=f"{part} must be between"):
                body_plan(animal, **{part: factor})


def test_a_plan_that_folds_is_refused(monkeypatch):
    dog = load_animal("dog")
    with pytest.raises(ValueError, match="must leave the skin unfolded"):
        body_plan(dog, legs=1.4, neck=0.5, head=0.7, tail=0.3, girth=1.6)
    torn = replace(dog, verts=dog.verts[torch.randperm(len(dog.verts), generator=rng())])
    monkeypatch.setattr(animals, "_smooth", lambda values, faces, turns: values)
    with pytest.raises(ValueError, match="no plan in 100"):
        random_plan(torn, rng())


def test_an_unknown_animal_is_refused():
    with pytest.raises(ValueError, match="one of dog, rat, got 'cat'"):
        load_animal("cat")


def test_a_missing_asset_says_what_to_do(tmp_path):
    with pytest.raises(FileNotFoundError, match="Install gdl_utils again"):
        load_animal("dog", tmp_path)


def test_damaged_assets_are_refused(tmp_path):
    data = (ASSETS / "rat.npz").read_bytes()
    at = len(data) // 3
    flipped = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
    for damaged in (data[: len(data) // 2], flipped, b"", (ASSETS / "dog.npz").read_bytes()):
        (tmp_path / "rat.npz").write_bytes(damaged)
        with pytest.raises(ValueError, match="damaged"):
            load_animal("rat", tmp_path)


def test_the_assets_are_small_and_have_their_notice(animal):
    assert (ASSETS / f"{animal.name}.npz").stat().st_size < 200_000
    notice = (ASSETS / f"{animal.name}.LICENSE.txt").read_text()
    assert "dm_control Authors" in notice
    assert "Apache License" in notice
    assert "Changed by" in notice


def test_the_maker_knows_the_checksums_and_reads_skins(monkeypatch):
    pytest.importorskip("scipy")
    monkeypatch.setattr(sys, "path", [str(ROOT / "tools/make_assets"), *sys.path])
    maker = runpy.run_path(str(ROOT / "tools/make_assets/animals.py"))
    assert maker["PARTS"] == PARTS
    for name, digest in animals.SHA256.items():
        with np.load(ASSETS / f"{name}.npz") as asset:
            assert maker["checksum"](dict(asset)) == digest
    skin = np.array([3, 0, 1, 1], "<i4").tobytes() + np.arange(9, dtype="<f4").tobytes()
    skin += np.array([0, 1, 2], "<i4").tobytes() + b"tail".ljust(40, b"\0")
    skin += np.array([0, 0, 1, 1, 0, 0, 0], "<f4").tobytes() + np.array([1, 2], "<i4").tobytes()
    skin += np.array([0.5], "<f4").tobytes()
    verts, faces, [(name, place, turn, of, weight)] = maker["read_skin"](skin)
    assert verts.tolist() == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    assert faces.tolist() == [[0, 1, 2]]
    assert (name, place.tolist(), of.tolist(), weight.tolist()) == ("tail", [0, 0, 1], [2], [0.5])
    assert np.array_equal(maker["matrix"](turn), np.eye(3))
    with pytest.raises(ValueError, match="end after its bones"):
        maker["read_skin"](skin + b"x")


def test_the_remesher_remeshes_a_half_sphere(monkeypatch):
    pytest.importorskip("scipy")
    monkeypatch.setattr(sys, "path", [str(ROOT / "tools/make_assets"), *sys.path])
    remesh = runpy.run_path(str(ROOT / "tools/make_assets/remesh.py"))["remesh"]
    surface = runpy.run_path(str(ROOT / "tools/make_assets/surface.py"))
    # An octahedron's half, y ≥ 0, subdivided and put onto the sphere.
    verts = np.array([[1.0, 0, 0], [0, 0, 1], [-1, 0, 0], [0, 0, -1], [0, 1, 0]])
    faces = np.array([[0, 4, 1], [1, 4, 2], [2, 4, 3], [3, 4, 0]])
    for _ in range(3):
        finer = surface["Source"](verts, faces, np.ones(len(verts)))
        verts = finer.verts / np.linalg.norm(finer.verts, axis=1, keepdims=True)
        faces = finer.faces
    new, triangles = remesh(verts, faces, np.full(len(verts), 0.25), rounds=5)
    whole, closed, both = surface["mirror"](new, triangles)
    _, count = np.unique(
        np.sort(closed[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), 1), axis=0, return_counts=True
    )
    assert (count == 2).all()
    assert len(whole) - len(count) + len(closed) == 2
    np.testing.assert_allclose(np.linalg.norm(whole, axis=1), 1, atol=0.02)
    assert np.array_equal(whole[both], whole * [1, -1, 1])
    smallest = angles(torch.from_numpy(whole), torch.from_numpy(closed.copy())).min()
    assert float(smallest) > 25
