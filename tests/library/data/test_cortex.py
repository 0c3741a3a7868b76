"""The cortex is closed surfaces of one triangulation, and a disc; read unaltered."""

import importlib.util
import math
import subprocess
import sys

import numpy as np
import pytest
import torch

from gdl_utils.data import cortex
from gdl_utils.data.cortex import cortex_folder, load_cortex
from gdl_utils.gauges.frames import angle_defects, vertex_normals
from gdl_utils.geodesics.mesh import Mesh
from gdl_utils.geodesics.operators import cotangent_laplacian

CLOSED = ("pial", "white", "inflated", "sphere")


@pytest.fixture(scope="module", autouse=True)
def needs_nilearn():
    if importlib.util.find_spec("nilearn") is None:
        pytest.skip("nilearn is not installed")


def volume(mesh):
    a, b, c = mesh.verts[mesh.faces.T]
    return float((a * torch.linalg.cross(b, c)).sum() / 6)


@pytest.mark.parametrize("hemisphere", ["left", "right"])
def test_closed_surfaces_of_one_triangulation(hemisphere):
    first = load_cortex(hemisphere)
    for surface in CLOSED:
        found = load_cortex(hemisphere, surface)
        mesh = Mesh(found.verts, found.faces).require_closed()
        assert (len(mesh.verts), len(mesh.faces)) == (10_242, 20_480)
        assert mesh.euler_characteristic == 2
        assert mesh.components.max() == 0
        assert volume(mesh) > 3e5  # mm³, and faces look outwards
        assert torch.equal(found.faces, first.faces)
        assert torch.equal(found.index, torch.arange(10_242))


@pytest.mark.parametrize("hemisphere", ["left", "right"])
def test_the_flat_cortex_is_a_disc_without_the_medial_wall(hemisphere):
    found, whole = load_cortex(hemisphere, "flat"), load_cortex(hemisphere)
    mesh = Mesh(found.verts, found.faces)  # refuses vertices without a face
    assert mesh.euler_characteristic == 1
    assert not mesh.is_closed
    assert mesh.face_normals[:, 2].min() == 1
    assert torch.equal(whole.sulc[found.index], found.sulc)
    faces = {tuple(sorted(f)) for f in whole.faces.tolist()}
    assert all(tuple(sorted(f)) in faces for f in found.index[found.faces].tolist())
    left_out = torch.ones(10_242, dtype=torch.bool)
    left_out[found.index] = False
    assert whole.thickness[left_out].median() < 0.1 < 2 < whole.thickness[found.index].median()


def test_gauss_bonnet():
    for surface in ("pial", "flat"):
        mesh = Mesh(load_cortex(surface=surface).verts, load_cortex(surface=surface).faces)
        total = float(angle_defects(mesh).sum())
        assert abs(total - 2 * math.pi * mesh.euler_characteristic) <= 1e-9


def test_the_axes_and_the_sphere():
    left, right = load_cortex("left"), load_cortex("right")
    assert left.verts[:, 0].mean() < -20  # mm
    assert right.verts[:, 0].mean() > 20
    wide, long, high = (left.verts.amax(0) - left.verts.amin(0)).tolist()
    assert long > high > wide
    sphere = load_cortex(surface="sphere").verts
    assert sphere.norm(dim=1).sub(100).abs().max() < 0.01


def test_positive_curvature_and_depth_are_in_the_sulci():
    """The pial surface's mean curvature, by the cotangent Laplacian; outwards on ridges."""
    found = load_cortex()
    mesh = Mesh(found.verts, found.faces)
    bend = torch.from_numpy(cotangent_laplacian(mesh) @ mesh.verts.numpy())
    ridge = (bend * vertex_normals(mesh)).sum(1)  # > 0 where it is convex
    assert torch.corrcoef(torch.stack([ridge, found.curv]))[0, 1] < -0.4
    assert torch.corrcoef(torch.stack([found.sulc, found.curv]))[0, 1] > 0.4


def test_the_numbers_are_those_of_the_files():
    """The oracle: the package's own reader, and its bytes."""
    import nibabel

    found, folder = load_cortex("right", "inflated"), cortex_folder()
    verts, faces = (a.data for a in nibabel.load(folder / "infl_right.gii.gz").darrays)
    assert np.array_equal(found.verts.numpy(), verts.astype("f8"))
    assert np.array_equal(found.faces.numpy(), faces)
    for name, values in [("thick", found.thickness), ("area", found.area), ("curv", found.curv)]:
        (stored,) = nibabel.load(folder / f"{name}_right.gii.gz").darrays
        assert np.array_equal(values.numpy(), stored.data.astype("f8"))


def test_nilearn_itself_is_never_imported():
    code = "import sys; from gdl_utils.data.cortex import load_cortex; load_cortex();"
    code += "print('nilearn' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "False", done.stderr
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("top", "pial"), "hemisphere must be 'left' or 'right', got 'top'"),
        (("left", "smooth"), "surface must be one of pial, white, .*, got 'smooth'"),
    ],
)
def test_wrong_names_are_refused(names, message):
    with pytest.raises(ValueError, match=message):
        load_cortex(*names)


@pytest.mark.parametrize("missing", ["nilearn", "nibabel"])
def test_without_the_package_the_error_names_the_way_out(missing, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == missing else find(name)
    )
    with pytest.raises(FileNotFoundError, match=r"pip install nilearn==.*load_animal\('dog'\)"):
        load_cortex()


def test_damaged_files_are_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(cortex, "cortex_folder", lambda: tmp_path)
    (tmp_path / "pial_left.gii.gz").write_bytes(b"GIFTI")
    with pytest.raises(ValueError, match=r"a damaged one: .*pial_left"):
        load_cortex()
    stored = (cortex_folder() / "sulc_left.gii.gz").read_bytes()
    (tmp_path / "pial_left.gii.gz").write_bytes(stored)
    with pytest.raises(ValueError, match=r"2 arrays, got 1: .*pial_left"):
        load_cortex()
    stored = (cortex_folder() / "pial_left.gii.gz").read_bytes()
    for name in ("pial", "sulc"):
        (tmp_path / f"{name}_left.gii.gz").write_bytes(stored)
    with pytest.raises(ValueError, match=r"1 arrays, got 2: .*sulc_left"):
        load_cortex()
