"""Stored studies are read alike in a checkout and from an installed wheel."""

import json
import os
import shutil
import subprocess
import sys
import zipfile

import pytest
from nbtools import ROOT

from gdl_utils.data import results
from gdl_utils.data.results import load_results

STUDIES = sorted(p.stem for p in (ROOT / "book/results").glob("[0-9]*.json"))
PARTS = ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE", "LICENSE-docs")


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """What a package is built from: the checkout without what was built before."""
    folder = tmp_path_factory.mktemp("source")
    for part in PARTS:
        shutil.copy(ROOT / part, folder)
    for part in ("gdl_utils", "book/results"):
        without = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / part, folder / part, ignore=without)
    return folder


def built(source, *command):
    """Run a build in ``source`` and show what it said, if it fails."""
    done = subprocess.run(
        [sys.executable, *command], cwd=source, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr


def read_elsewhere(folder, name, away):
    """What a fresh interpreter loads that finds the package in ``folder``, and where it was."""
    code = "import json, gdl_utils.data.results as r; "
    code += f"print(json.dumps([r.__file__, r._CHECKOUT.exists(), r.load_results({name!r})]))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=away,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", STUDIES)
def test_a_checkout_reads_its_own_files(name):
    stored = json.loads((ROOT / f"book/results/{name}.json").read_text(encoding="utf-8"))
    assert load_results(name) == stored
    assert {"about", "scores", "settings"} <= set(stored)


def test_an_unknown_study_is_refused_with_those_that_exist():
    with pytest.raises(ValueError, match=r"05_shifts.*got '05_shift'"):
        load_results("05_shift")
    with pytest.raises(ValueError, match="got 'status'"):
        load_results("status")


def test_an_installation_without_studies_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "_CHECKOUT", tmp_path / "no")
    monkeypatch.setattr(results, "_SHIPPED", tmp_path / "neither")
    with pytest.raises(ValueError, match="none at all: install gdl_utils again"):
        load_results("05_shifts")


@pytest.mark.slow
def test_a_wheel_carries_the_studies(source, tmp_path):
    """Built without network, and read where nothing but the wheel is."""
    wheel = ["-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "--no-index"]
    built(source, *wheel, "-w", str(tmp_path), ".")
    (file,) = tmp_path.glob("gdl_utils-*.whl")
    with zipfile.ZipFile(file) as archive:
        archive.extractall(tmp_path / "site")
    studies = tmp_path / "site/gdl_utils/data/studies"
    assert sorted(p.stem for p in studies.iterdir()) == STUDIES
    for name in STUDIES:
        stored = json.loads((ROOT / f"book/results/{name}.json").read_text(encoding="utf-8"))
        where, checkout, loaded = read_elsewhere(tmp_path / "site", name, tmp_path)
        assert where.startswith(str(tmp_path))
        assert not checkout
        assert loaded == stored


@pytest.mark.slow
def test_a_source_archive_carries_the_studies(source, tmp_path):
    built(source, "setup.py", "-q", "sdist", "-d", str(tmp_path))
    (file,) = tmp_path.glob("gdl_utils-*.tar.gz")
    shutil.unpack_archive(file, tmp_path, filter="data")
    (folder,) = tmp_path.glob("gdl_utils-*/book/results")
    assert sorted(p.stem for p in folder.iterdir()) == STUDIES
