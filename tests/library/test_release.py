"""What is declared holds and what is released is whole: the tools of `make oldest`, `make dist`."""

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile

import check_dist
import oldest
import pytest
from nbtools import ROOT

SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())
MODULES = sorted((ROOT / "gdl_utils").rglob("*.py"))


# -------------------------------------------------------------------------------- floors
def test_pins_are_not_below_the_floors():
    """Otherwise the constraints and the requirements would exclude each other."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()[1:]
    pins = {n.lower().replace("_", "-"): v for n, v in (line.split("==") for line in lines)}
    for python in [(3, 11), (3, 12), (3, 13)]:
        for name, floor in oldest.oldest(SETTINGS, python).items():
            numbers = re.match(r"[\d.]+\d", pins[name.replace("_", "-")])[0]
            assert oldest.version(floor) <= oldest.version(numbers), name


def test_what_runs_here_is_not_below_the_floors():
    """The floors are those of a Python that is present, so none is above what it installed."""
    for name, floor in oldest.oldest(SETTINGS, sys.version_info[:2]).items():
        if name in {
            re.split(r"[<>=]", line)[0].lower() for line in SETTINGS["project"]["dependencies"]
        }:
            installed = importlib.metadata.version(name).partition("+")[0]
            assert oldest.version(floor) <= oldest.version(installed), name


def settings(*dependencies, extras=None, build=(), **floors):
    return {
        "project": {"name": "us", "dependencies": [*dependencies], "optional-dependencies": extras},
        "build-system": {"requires": [*build]},
        "tool": {"floors": floors},
    }


def test_floors_are_collected_from_everywhere_and_the_highest_counts():
    extras = {"plots": ["Pillow>=10.4"], "all": ["us[plots]", "a[b,c]>=1.9", "pillow>=10.10"]}
    stated = settings("a>=1.10", "b>=3", extras=extras, build=["setuptools>=77.0.3"])
    found = {"a": "1.10", "b": "3", "pillow": "10.10", "setuptools": "77.0.3"}
    assert oldest.oldest(stated, (3, 11)) == found


def test_a_newer_python_may_have_higher_floors():
    stated = settings("a>=1", "b>=2", extras={}, **{"3.12": {"a": "1.5"}, "3.13": {"a": "1.10"}})
    by_python = [oldest.oldest(stated, (3, minor))["a"] for minor in (11, 12, 13, 14)]
    assert by_python == ["1", "1.5", "1.10", "1.10"]


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        (settings("a", extras={}), r"name>=floor, got 'a'"),
        (settings("a==1", extras={}), r"name>=floor, got 'a==1'"),
        (settings("a>=1,<2", extras={}), r"name>=floor, got 'a>=1,<2'"),
        (settings("a>=1", extras={"x": ["b>1"]}), r"name>=floor, got 'b>1'"),
        (settings("a>=1", extras={}, **{"3.13": {"b": "2"}}), r"what is required, got 'b'"),
        (settings("a>=1.10", extras={}, **{"3.13": {"a": "1.9"}}), r"above a>=1.10, got '1.9'"),
        (settings("a>=1", extras={}, **{"3.13": {"a": "1.0"}}), r"above a>=1, got '1.0'"),
    ],
)
def test_floors_that_cannot_be_installed_are_refused(stated, said):
    with pytest.raises(ValueError, match=said):
        oldest.oldest(stated, (3, 11))


# ------------------------------------------------------------------------------ archives
@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    """The source archive and the wheel that is built from it, made without network."""
    ignored = [line.strip("/") for line in (ROOT / ".gitignore").read_text().split()]
    source = tmp_path_factory.mktemp("release") / "checkout"
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(".git", *ignored))
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(source / "dist")]
    done = subprocess.run([*build, "."], cwd=source, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return source


@pytest.mark.slow
def test_archives_hold_the_library_its_data_and_nothing_else(archives):
    assert check_dist.dist_faults(archives / "dist", root=archives) == []
    with zipfile.ZipFile(check_dist.only(archives / "dist", "*.whl")) as wheel:
        names = set(wheel.namelist())
    assert "gdl_utils/py.typed" in names
    assert {path.relative_to(ROOT).as_posix() for path in MODULES} <= names
    assert {"gdl_utils/data/assets/spot.npz", "gdl_utils/plots/live/runtime.js"} <= names


@pytest.mark.slow
def test_the_wheel_works_where_nothing_else_is(archives, tmp_path):
    """Every module is imported from it, what ships is read; `make dist` runs all tests on it."""
    with zipfile.ZipFile(check_dist.only(archives / "dist", "*.whl")) as wheel:
        wheel.extractall(tmp_path)
    names = [".".join(p.relative_to(ROOT).with_suffix("").parts) for p in MODULES]
    code = f"""
import importlib, pathlib
for name in {[name.removesuffix(".__init__") for name in names]}:
    file = importlib.import_module(name).__file__
    assert pathlib.Path(file).is_relative_to({str(tmp_path)!r}), file
from gdl_utils.data.spot import load_spot
from gdl_utils.data.results import load_results
print(len(load_spot()[0]), *load_results("05_shifts"))
"""
    env = os.environ | {"PYTHONPATH": str(tmp_path), "PYTHONSAFEPATH": "1"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert {"about", "scores"} <= set(done.stdout.split())


FILES = check_dist.package_files(ROOT)
SHIPPED = {f"gdl_utils/data/studies/{name}" for name in check_dist.studies(ROOT)}
OWN = {f"gdl_utils-0.1.0.dist-info/{n}" for n in ("METADATA", "WHEEL", "RECORD", "top_level.txt")}
OWN |= {f"gdl_utils-0.1.0.dist-info/licenses/{name}" for name in check_dist.LICENCES}
SOURCE = FILES | check_dist.SOURCES | check_dist.LICENCES | {"PKG-INFO", "setup.cfg"}
SOURCE |= {f"book/results/{name}" for name in check_dist.studies(ROOT)}
SAYS = "Version: 0.1.0\n\nA library."


def test_archives_that_are_whole_are_accepted():
    assert check_dist.wheel_faults(FILES | SHIPPED | OWN, SAYS) == []
    assert check_dist.source_faults(SOURCE) == []
    assert check_dist.tag_faults("v0.1.0", "0.1.0", "# Changelog\n\n## 0.1.0\n") == []


@pytest.mark.parametrize(
    "lost",
    [
        "gdl_utils/py.typed",
        "gdl_utils/graphs/layers.py",
        "gdl_utils/plots/live/live.css",
        "gdl_utils/data/assets/dog.npz",
        "gdl_utils/data/assets/dog.LICENSE.txt",
        "gdl_utils/data/studies/05_shifts.json",
        "gdl_utils-0.1.0.dist-info/licenses/LICENSE",
    ],
)
def test_a_wheel_that_lacks_something_is_refused(lost):
    names = FILES | SHIPPED | OWN
    assert lost in names
    (fault,) = check_dist.wheel_faults(names - {lost}, SAYS)
    assert fault.endswith(f"lacks {lost.partition('.dist-info/')[2] or lost}")


@pytest.mark.parametrize(
    "stray",
    ["tests/conftest.py", "book/index.md", "gdl_utils/__pycache__/symmetry.pyc", "setup.py"],
)
def test_what_does_not_belong_into_a_wheel_is_refused(stray):
    (fault,) = check_dist.wheel_faults(FILES | SHIPPED | OWN | {stray}, SAYS)
    assert fault == f"the wheel holds what it should not: {stray}"


def test_a_wheel_without_its_readme_is_refused():
    assert check_dist.wheel_faults(FILES | SHIPPED | OWN, "Version: 0.1.0\n\n") != []


@pytest.mark.parametrize(
    "lost", ["setup.py", "LICENSE", "gdl_utils/py.typed", "book/results/05_shifts.json"]
)
def test_a_source_archive_that_lacks_something_is_refused(lost):
    assert check_dist.source_faults(SOURCE - {lost}) == [f"the source archive lacks {lost}"]


@pytest.mark.parametrize(
    "stray", ["tests/conftest.py", "book/results/status.json", "notebooks/x.ipynb"]
)
def test_what_does_not_belong_into_a_source_archive_is_refused(stray):
    (fault,) = check_dist.source_faults(SOURCE | {stray})
    assert fault == f"the source archive holds what it should not: {stray}"


@pytest.mark.parametrize(
    ("tag", "changelog", "said"),
    [
        ("v0.2.0", "## 0.1.0", "the tag must be v0.1.0, got v0.2.0"),
        ("0.1.0", "## 0.1.0", "the tag must be v0.1.0, got 0.1.0"),
        ("v0.1.0", "## Unreleased", "CHANGELOG.md has no section '## 0.1.0'"),
        ("v0.1.0", "## 0.1.01", "CHANGELOG.md has no section '## 0.1.0'"),
    ],
)
def test_a_tag_that_is_not_the_version_is_refused(tag, changelog, said):
    assert check_dist.tag_faults(tag, "0.1.0", changelog) == [said]
