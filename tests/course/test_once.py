"""Each chapter is executed once in ``make test``, by one kernel: the kernels have kept count.

``tools/record_cells.py`` writes a line for every cell that a kernel of a clean room executes, into
the file that ``make test`` names. This module runs last, and reads it.
"""

import os
import re
import subprocess
import sys
from collections import Counter
from hashlib import sha256
from pathlib import Path

import nbformat
import pytest
from nbformat import v4
from nbtools import EXECUTED, NOTEBOOKS, ROOT, clean_room, read, run
from notebook_rules import code_cells

STARTS = re.compile(r"NotebookClient|RunningKernel|KernelManager|start_new_kernel|nbconvert")


def problems(log, notebooks):
    """Say which notebooks were not executed exactly once, cell by cell, by a single kernel.

    A notebook is known by the cells that no other has: all chapters share the one for Colab.
    """
    cells = {path.stem: code_cells(read(path)) for path in notebooks}
    hashes = {
        name: Counter(sha256(c.source.encode()).hexdigest() for c in some if c.source.strip())
        for name, some in cells.items()
    }
    shared = [h for h, n in Counter(h for own in hashes.values() for h in own).items() if n > 1]
    kernels = {}
    for line in log.splitlines():
        kernel, cell = line.split()
        kernels.setdefault(kernel, Counter())[cell] += 1
    said = []
    for name, own in hashes.items():
        own = Counter({h: n for h, n in own.items() if h not in shared})
        ran = [Counter({h: n for h, n in k.items() if h in own}) for k in kernels.values()]
        ran = [counter for counter in ran if counter]
        if ran != [own]:
            each = " + ".join(str(counter.total()) for counter in ran) or "0"
            said.append(f"{name}: {own.total()} cells should run in one kernel, {each} did")
    return said


@pytest.mark.skipif(EXECUTED not in os.environ, reason="only make test keeps count")
def test_each_chapter_is_executed_once():
    log = Path(os.environ[EXECUTED]).read_text(encoding="ascii")
    said = problems(log, sorted(NOTEBOOKS.glob("*.ipynb")))
    assert not said, "\n".join(said)


# -------------------------------------------------------------------------- does it bite?
def book(folder, name, *sources):
    """A small notebook whose cells all print what they are."""
    path = folder / f"{name}.ipynb"
    cells = [v4.new_code_cell(f"# {name}\n{source}", execution_count=1) for source in sources]
    for cell in cells:
        cell.outputs = [v4.new_output("stream", text=f"{name}\n")]
        cell.source += f"\nprint({name!r})"
    nbformat.write(v4.new_notebook(cells=cells), path)
    return path


@pytest.fixture
def count(tmp_path, monkeypatch):
    """Count in a file of this test's own."""
    monkeypatch.setenv(EXECUTED, str(tmp_path / "executed"))
    paths = [book(tmp_path, "00_one", "a = 1", "b = 2", "c = 3"), book(tmp_path, "01_other", "1")]

    def strictly(*options):
        command = [sys.executable, ROOT / "tools/strict_nbval.py", *options, tmp_path]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout
        return paths, lambda: problems((tmp_path / "executed").read_text(), paths)

    return strictly


@pytest.mark.slow
def test_a_second_run_by_whatever_means_is_noticed(count, tmp_path):
    (path, _), said = count()
    assert said() == []
    with clean_room() as env:
        run(read(path), env, folder=tmp_path)
    assert said() == ["00_one: 3 cells should run in one kernel, 3 + 3 did"]


@pytest.mark.slow
def test_a_notebook_that_is_spread_over_workers_is_noticed(count):
    """xdist's ``load`` sends neighbouring cells to different workers, each with its kernel."""
    _, said = count("--dist=load")
    assert said()[0].endswith(("in one kernel, 2 + 1 did", "in one kernel, 1 + 2 did"))


def test_what_is_missing_or_repeated_is_noticed(tmp_path):
    paths = [book(tmp_path, "00_one", "1", "2"), book(tmp_path, "01_other", "1")]
    one, two, three = (
        sha256(cell.source.encode()).hexdigest()
        for path in paths
        for cell in code_cells(read(path))
    )
    once = f"k {one}\nk {two}\nl {three}\n"
    assert problems(once, paths) == []
    assert problems("", paths) == [
        "00_one: 2 cells should run in one kernel, 0 did",
        "01_other: 1 cells should run in one kernel, 0 did",
    ]
    assert problems(once + f"k {two}\n", paths) == [
        "00_one: 2 cells should run in one kernel, 3 did"
    ]
    assert problems(once + f"m {three}\n", paths) == [
        "01_other: 1 cells should run in one kernel, 1 + 1 did"
    ]
    assert problems(once + "m 0123\n", paths) == []


def test_kernels_are_started_where_they_are_counted():
    """Whatever starts a kernel elsewhere would not be seen by the count."""
    files = [path for folder in ("tests", "tools") for path in (ROOT / folder).rglob("*.py")]
    found = {path.name for path in files if STARTS.search(path.read_text(encoding="utf-8"))}
    assert found == {"nbtools.py", "one_run.py", Path(__file__).name}
