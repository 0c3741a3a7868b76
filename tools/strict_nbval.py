"""Execute each notebook once, and prove by that run what is stored: nbval, strict, in a clean room.

python tools/strict_nbval.py [FILE_OR_FOLDER ...] [--junitxml=FILE]

``tests/course/one_run.py`` says what is compared.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from nbtools import NOTEBOOKS, ROOT, clean_room

COURSE = ROOT / "tests/course"
OPTIONS = [
    "-p",
    "one_run",  # nbval's cells, and with them pictures and answers
    "-p",
    "conftest",  # in CI, a skipped cell is a failure
    "-p",
    "no:cacheprovider",
    "--nbval-cell-timeout=120",
    f"--nbval-sanitize-with={COURSE / 'nbval_sanitize.cfg'}",
    "-n2",
    "--dist=loadscope",  # a notebook's cells stay in one worker; tests/course/test_once.py counts
    "--no-loadscope-reorder",  # first comes what is named first
    "-q",
    "--tb=short",
    f"--rootdir={ROOT}",  # cells are named after their notebook, also when several are given
    "-c",  # not pyproject.toml: its filters are for unit tests, and the kernels are other processes
    str(COURSE / "nbval_pytest.ini"),
]


def longest_first(folder: Path = NOTEBOOKS) -> list[Path]:
    """The notebooks, by the seconds that were recorded: the last to start should be a short one."""
    rows = json.loads((ROOT / "book/results/status.json").read_text(encoding="utf-8"))
    seconds = {name: row["seconds"] for name, row in rows.items() if isinstance(row, dict)}
    paths = sorted(folder.glob("*.ipynb"))
    return sorted(paths, key=lambda path: -seconds.get(path.stem, float("inf")))


def main(arguments: list[str]) -> int:
    """Run pytest with nbval, and return its exit status."""
    given = [a for a in arguments if not a.startswith("-")]
    options = [a for a in arguments if a.startswith("-")]
    options += [] if sys.stdout.isatty() else ["--color=no"]
    sys.path[:0] = [str(COURSE), str(COURSE.parent)]  # pytest's workers have it from here
    with clean_room() as env:
        os.environ.clear()  # and so they have these, and the kernels have them from the workers
        os.environ.update(env)
        return pytest.main([*OPTIONS, *options, *(given or map(str, longest_first()))])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
