"""The bunny is one closed surface, the same every time; without its package there is a cow."""

import importlib.util
import subprocess
import sys

import pytest
import torch

from gdl_utils.data import bunny
from gdl_utils.data.bunny import load_bunny, load_scan, scan_path
from gdl_utils.data.spot import load_spot
from gdl_utils.geodesics.mesh import Mesh


@pytest.fixture(scope="module")
def scan():
    if importlib.util.find_spec("pymeshfix") is None:
        pytest.skip("pymeshfix is not installed")
    return load_bunny(2000)


def test_one_closed_surface_of_the_wanted_size(scan):
    mesh = Mesh(*scan).require_closed()
    assert len(mesh.faces) == 2000
    assert mesh.euler_characteristic == 2
    assert mesh.components.max() == 0
    low, high = mesh.verts.min(0).values, mesh.verts.max(0).values
    assert (high - low).tolist() == pytest.approx([38.7, 49.4, 49.9], abs=0.4)
    a, b, c = mesh.verts[mesh.faces.T]
    volume = float((a * torch.linalg.cross(b, c)).sum() / 6)
    assert volume == pytest.approx(24_970, rel=0.01)  # positive: faces look outwards
    tops = mesh.verts[mesh.verts[:, 1] > 46]
    assert tops[:, 2].min() < -15  # one ear ends at the side of the head
    assert tops[:, 2].max() > -2


def test_the_same_every_time(scan):
    again = load_bunny(2000)
    assert all(torch.equal(a, b) for a, b in zip(scan, again))


@pytest.mark.parametrize("faces", [500, 2400, bunny.MOST])
def test_other_sizes_are_surfaces_too(scan, faces):
    mesh = Mesh(*load_bunny(faces)).require_closed()
    assert (len(mesh.faces), mesh.euler_characteristic) == (faces, 2)


def test_the_raw_scan_is_no_surface(scan):
    """Why it is repaired at all."""
    from gdl_utils.data.meshfile import read_mesh

    verts, faces = read_mesh(scan_path())
    assert (len(verts), len(faces)) == (50_000, 99_785)
    with pytest.raises(ValueError, match="manifold, with at most two at an edge"):
        Mesh(verts, faces)


def test_the_package_is_never_imported(scan):
    code = "import sys; from gdl_utils.data.bunny import load_bunny; load_bunny(500);"
    code += "print('pymeshfix' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "False", done.stderr


def without_the_package(monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "pymeshfix" else find(name)
    )


def test_without_the_package_the_error_names_the_way_out(monkeypatch):
    without_the_package(monkeypatch)
    with pytest.raises(FileNotFoundError, match=r"pip install pymeshfix.*load_spot\(\)"):
        load_bunny()


def test_without_the_package_there_is_spot_and_a_note(monkeypatch):
    without_the_package(monkeypatch)
    found = load_scan()
    assert found.name == "spot"
    assert "this is Spot" in found.note
    assert torch.equal(found.verts, load_spot()[0])
    assert Mesh(found.verts, found.faces).require_closed().euler_characteristic == 2


def test_with_the_package_the_scan_is_the_bunny(scan):
    found = load_scan(2000)
    assert found.name == "bunny"
    assert "Turk and Levoy" in found.note
    assert torch.equal(found.verts, scan[0])


def test_a_package_without_the_file(monkeypatch, tmp_path):
    class Spec:
        submodule_search_locations = (str(tmp_path),)

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: Spec)
    with pytest.raises(FileNotFoundError, match="pymeshfix"):
        scan_path()


@pytest.mark.parametrize("faces", [0, 498, 2001, 100_008, -2])
def test_bad_sizes_are_refused(faces):
    with pytest.raises(ValueError, match="faces must be even, from 500 to 100,006"):
        load_bunny(faces)


def test_bad_files_are_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none at .*scan\.ply"):
        load_bunny(path=tmp_path / "scan.ply")
    (tmp_path / "scan.ply").write_bytes(b"ply\n")
    with pytest.raises(ValueError, match=r"a damaged file: .*load_spot\(\)"):
        load_bunny(path=tmp_path / "scan.ply")
