"""Compare every stored output with a fresh run: nbval, strict, in a clean room.

python tools/strict_nbval.py [FILE_OR_FOLDER ...] [--junitxml=FILE]
"""

from __future__ import annotations

import subprocess
import sys

from nbtools import NOTEBOOKS, ROOT, clean_room

OPTIONS = [
    "--nbval",  # strict: every cell's output counts
    "--nbval-current-env",  # the kernel is this interpreter, whatever the notebook names
    "--nbval-cell-timeout=120",
    f"--nbval-sanitize-with={ROOT / 'tests/course/nbval_sanitize.cfg'}",
    "-n2",
    "--dist=loadscope",  # a notebook's cells stay in one worker
    "-q",
    "--tb=short",
    "-p",
    "no:cacheprovider",
    f"--rootdir={ROOT}",  # cells are named after their notebook, also when several are given
    "-c",  # not pyproject.toml: its filters are for unit tests, and the kernels are other processes
    str(ROOT / "tests/course/nbval_pytest.ini"),
]


def main(arguments: list[str]) -> int:
    """Run pytest with nbval, and return its exit status."""
    paths = [a for a in arguments if not a.startswith("-")] or [str(NOTEBOOKS)]
    options = [a for a in arguments if a.startswith("-")]
    with clean_room() as env:
        command = [sys.executable, "-m", "pytest", *OPTIONS, *options, *paths]
        return subprocess.run(command, env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
