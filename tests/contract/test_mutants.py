"""One-line mistakes in the library, each of which the contract must notice.

The package is copied, one line is changed, and the contract's table is run on the copy.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from contract.table import collect

ROOT = Path(__file__).resolve().parents[2]

MUTANTS = collect("MUTANTS")


def contract_on(package: Path, room: str | None = None) -> subprocess.CompletedProcess:
    """Run the contract, or one room's rows, and the instruments' own tests, on a copy."""
    code = (
        "import sys, pytest;"
        "code = pytest.main(['-q', '-x', '-p', 'no:cacheprovider', *sys.argv[1:]]);"
        "import gdl_utils;"
        f"assert gdl_utils.__file__.startswith({str(package)!r});"
        "sys.exit(code)"
    )
    names = ("contract/test_contract.py", "library/test_symmetry.py")
    tests = [str(ROOT / "tests" / name) for name in names]
    environment = os.environ | {"PYTHONPATH": str(package), "OMP_NUM_THREADS": "1"}
    environment.pop("PYTEST_ADDOPTS", None)
    if room is not None:
        environment["CONTRACT_ROOM"] = room
    return subprocess.run(
        [sys.executable, "-c", code, *tests],
        env=environment, cwd=package, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.fixture
def copy(tmp_path):
    shutil.copytree(
        ROOT / "gdl_utils", tmp_path / "gdl_utils", ignore=shutil.ignore_patterns("__pycache__")
    )
    return tmp_path


def test_the_library_itself_passes(copy):
    run = contract_on(copy)
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-2000:]


@pytest.mark.slow
@pytest.mark.parametrize("name", MUTANTS)
def test_mutant_is_killed(name, copy):
    file, line, mutated = MUTANTS[name]
    source = (copy / "gdl_utils" / file).read_text()
    assert source.count(line) == 1, "the line to change has moved"
    (copy / "gdl_utils" / file).write_text(source.replace(line, mutated))
    run = contract_on(copy, file.split("/")[0] if "/" in file else None)
    assert run.returncode == 1, run.stdout[-2000:] + run.stderr[-2000:]
    assert "failed" in run.stdout
