"""The shapes and types that the annotations promise, checked while the contract runs.

jaxtyping and beartype check every public function. They raise before a validator can, so the
tests of the validators stay out.
"""

import os
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]


def run(*arguments: str) -> subprocess.CompletedProcess:
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    environment.pop("PYTEST_ADDOPTS", None)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
        + ["--jaxtyping-packages=gdl_utils,beartype.beartype", *arguments],
        env=environment, cwd=TESTS.parent, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


def test_annotations_hold_while_the_tests_run():
    names = [
        "contract/test_contract.py",
        "library/test_equivariant_maps.py",
        "library/test_features.py",
        "library/grids",
        "library/groups",
        "library/graphs",
        "library/geodesics",
        "library/gauges",
    ]
    done = run("-k", "not bad", *(str(TESTS / name) for name in names))
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert " passed" in done.stdout


def test_a_wrong_shape_is_noticed(tmp_path):
    wrong = tmp_path / "test_wrong.py"
    wrong.write_text(
        "import pytest, torch\n"
        "from gdl_utils.grids.layers import circulant\n"
        "def test_wrong():\n"
        "    circulant(torch.ones(2, 2))\n"
    )
    done = run(str(wrong))
    assert done.returncode == 1
    assert "TypeCheckError" in done.stdout
