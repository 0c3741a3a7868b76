"""Spot is a closed, oriented sphere, and a damaged file is not a cow."""

import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from gdl_utils.data.spot import ASSET, load_spot

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def spot():
    return load_spot()


def test_shapes_and_axes(spot):
    verts, faces = spot
    assert verts.shape == (2930, 3)
    assert verts.dtype == torch.float64
    assert faces.shape == (5856, 3)
    assert faces.dtype == torch.int64
    extent = verts.max(0).values - verts.min(0).values
    np.testing.assert_allclose(extent, [0.943, 1.690, 1.718], atol=1e-3)
    # The ends of the ears are the widest part, and they sit in the front half: the muzzle is at −z.
    assert verts[verts[:, 0].abs().argmax(), 2] < 0
    # The hooves are at the bottom: most of the surface is above.
    assert verts[:, 1].median() > verts[:, 1].min() + 0.5


def test_closed_manifold_of_a_spheres_topology(spot):
    verts, faces = spot
    half = torch.cat([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    edges, count = half.sort(1).values.unique(dim=0, return_counts=True)
    assert (count == 2).all()  # closed, every edge between two faces
    assert len(verts) - len(edges) + len(faces) == 2  # Euler
    assert len(half.unique(dim=0)) == len(half)  # orientation: each edge once in each direction
    # Around every vertex the faces form one fan: as many faces as neighbours, in one cycle.
    following = {}
    for a, b, c in faces.tolist():
        for v, first, second in ((a, b, c), (b, c, a), (c, a, b)):
            following.setdefault(v, {})[first] = second
    assert len(following) == len(verts)
    for ring in following.values():
        start = at = next(iter(ring))
        for _ in ring:
            at = ring[at]
        seen, at = 1, ring[start]
        while at != start:
            seen, at = seen + 1, ring[at]
        assert seen == len(ring)


def test_normals_point_outwards(spot):
    verts, faces = spot
    a, b, c = (verts[faces[:, k]] for k in range(3))
    volume = (a * torch.linalg.cross(b, c)).sum() / 6
    assert float(volume) == pytest.approx(0.71826, abs=1e-4)
    assert (torch.linalg.cross(b - a, c - a).norm(dim=1) > 0).all()


def test_a_missing_asset_says_what_to_do(tmp_path):
    with pytest.raises(FileNotFoundError, match="Install gdl_utils again"):
        load_spot(tmp_path / "spot.npz")


def _one_byte_wrong(data):
    return data[:30000] + bytes([data[30000] ^ 1]) + data[30001:]


@pytest.mark.parametrize("damage", [lambda b: b[: len(b) // 2], _one_byte_wrong, lambda b: b""])
def test_a_damaged_asset_is_refused(tmp_path, damage):
    path = tmp_path / "spot.npz"
    path.write_bytes(damage(ASSET.read_bytes()))
    with pytest.raises(ValueError, match="damaged"):
        load_spot(path)


def test_another_surface_is_refused(tmp_path):
    with np.load(ASSET) as asset:
        arrays = dict(asset)
    arrays["verts"] = arrays["verts"] * np.float32(1.001)
    np.savez(tmp_path / "a.npz", **arrays)
    np.savez(tmp_path / "b.npz", faces=arrays["faces"])
    for name in ("a.npz", "b.npz"):
        with pytest.raises(ValueError, match="damaged"):
            load_spot(tmp_path / name)


def test_the_asset_is_small_and_has_its_notice():
    assert ASSET.stat().st_size < 200_000
    assert "Keenan Crane" in ASSET.with_name("spot.LICENSE.txt").read_text()


def test_the_maker_reads_plain_ply():
    maker = runpy.run_path(str(ROOT / "tools/make_assets/spot.py"))
    head = "ply\nformat binary_little_endian 1.0\nelement vertex 3\nelement face 1\nend_header\n"
    corners = np.array([0, 1, 2], "<i4").tobytes()
    body = np.arange(9, dtype="<f4").tobytes() + bytes([3]) + corners
    verts, faces = maker["read_ply"](head.encode() + body)
    assert verts.tolist() == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    assert faces.tolist() == [[0, 1, 2]]
    with pytest.raises(ValueError, match="triangles only"):
        maker["read_ply"](head.encode() + body[:36] + bytes([4]) + corners)


@pytest.mark.slow
def test_the_maker_makes_the_same_arrays_again(tmp_path):
    path = tmp_path / "spot.npz"
    subprocess.run([sys.executable, ROOT / "tools/make_assets/spot.py", path], check=True)
    load_spot(path)
