"""One-line mistakes in the library, each of which the contract must notice.

The package is copied, one line is changed, and the contract's table is run on the copy.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

MUTANTS = {  # what goes wrong: (file, the line's text, what it becomes)
    "a shift the wrong way": (
        "grids/actions.py",
        "torch.roll(x, g, _axes(g, x))",
        "torch.roll(x, tuple(-a for a in g), _axes(g, x))",
    ),
    "axes swapped": (
        "grids/actions.py",
        "return tuple(range(-len(g), 0))",
        "return tuple(range(-1, -len(g) - 1, -1))",
    ),
    "a coarse shift that forgets the step": (
        "grids/actions.py",
        "shift(tuple(a // step for a in g), x)",
        "shift(g, x)",
    ),
    "a phase of the wrong sign": (
        "grids/actions.py",
        "-2 * math.pi * k * amount / n",
        "2 * math.pi * k * amount / n",
    ),
    "zero padding": ("grids/layers.py", 'mode="circular")', 'mode="constant")'),
    "a window off centre": (
        "grids/layers.py",
        "F.conv2d(wrap(x, size // 2)",
        "F.conv2d(F.pad(x, (size - 1, 0) * 2)",
    ),
    "pooling that starts late": ("grids/pooling.py", "x[..., i::s, j::s]", "x[..., i::s, 0::s]"),
    "a stride in the wrong place": (
        "grids/pooling.py",
        "return x[..., :: self.step, :: self.step]",
        "return x[..., : x.shape[-2] // self.step, : x.shape[-1] // self.step]",
    ),
    "global pooling of one corner": (
        "grids/pooling.py",
        'x.mean((-2, -1)) if self.how == "mean"',
        'x[..., 1:, 1:].mean((-2, -1)) if self.how == "mean"',
    ),
    "a missing inverse": (
        "graphs/actions.py",
        "return x[torch.argsort(g)]",
        "return x[g]",
    ),
    "edges not renamed": ("graphs/actions.py", "return g[edge_index]", "return edge_index"),
    "sources and targets swapped halfway": (
        "graphs/layers.py",
        "index_add_(0, target, x[source])",
        "index_add_(0, target, x[target - 1])",
    ),
    "an inverse that is none": (
        "groups/elements.py",
        "return (r, m) if m else (-r % self.n, 0)",
        "return (-r % self.n, m)",
    ),
    "a reflection that does not reverse": (
        "groups/elements.py",
        "(-s if m else s)",
        "s",
    ),
    "turned, then mirrored": (
        "groups/actions.py",
        "return turn(r, x.flip(-1) if m else x)",
        "return turn(r, x).flip(-1) if m else turn(r, x)",
    ),
    "a turn clockwise": (
        "groups/actions.py",
        "torch.rot90(x, g, (-2, -1))",
        "torch.rot90(x, -g, (-2, -1))",
    ),
    "an error that forgives NaN": (
        "symmetry.py",
        "        return math.inf\n",
        "        return 0.0\n",
    ),
    "an error that is always zero": (
        "symmetry.py",
        "return float((a - b).abs().max()) / rms",
        "return 0.0 * rms",
    ),
}


def contract_on(package: Path) -> subprocess.CompletedProcess:
    """Run the contract, and the instruments' own tests, on a copy of the package."""
    code = (
        "import sys, pytest;"
        "code = pytest.main(['-q', '-x', '-p', 'no:cacheprovider', *sys.argv[1:]]);"
        "import gdl_utils;"
        f"assert gdl_utils.__file__.startswith({str(package)!r});"
        "sys.exit(code)"
    )
    tests = [str(ROOT / "tests" / name) for name in ("test_contract.py", "test_symmetry.py")]
    environment = os.environ | {"PYTHONPATH": str(package), "OMP_NUM_THREADS": "1"}
    environment.pop("PYTEST_ADDOPTS", None)
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
    run = contract_on(copy)
    assert run.returncode == 1, run.stdout[-2000:] + run.stderr[-2000:]
    assert "failed" in run.stdout
