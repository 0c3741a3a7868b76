"""A pytest plugin for ``tools/strict_nbval.py``: one run of a chapter proves all that a run can.

nbval executes the stored cells and compares their text, and so it does here. Three things are added
in the same run. Pictures, and the inside of live and 3D figures, are compared by sight as soon as
their cell has been executed. Then each exercise's solution and wrong answer is offered to its
checker (``verdict.py``) by a further cell, whose expected output is the verdict. At the end, the
folder in which the chapter ran, which was empty, must still be so: a reader may be anywhere.
"""

from __future__ import annotations

import os
import runpy
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from typing import Any

import nbcompare
import pytest
from nbformat import v4
from nbtools import NotANotebook, lighten, read
from nbval.kernel import CURRENT_ENV_KERNEL_NAME, RunningKernel
from nbval.plugin import IPyNbCell, IPyNbFile, NbCellError
from notebook_rules import exercises

HERE = Path(__file__).parent


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--answers``: the doctored notebooks bring wrong answers of their own."""
    about = "the folder with NN/wrong_answers.py, where NN begins a notebook's name"
    parser.addoption("--answers", type=Path, default=HERE, help=about)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> Chapter | None:
    """Every notebook is a chapter; nbval's own collection (--nbval) stays off."""
    return Chapter.from_parent(parent, path=file_path) if file_path.suffix == ".ipynb" else None


def pytest_configure(config: pytest.Config) -> None:
    """A person who is waiting gets a line when a notebook is done."""
    if sys.stdout.isatty() and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Progress(config))


class Progress:
    """One line a notebook, from the seconds that its last test noted."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Say it when the kernel has been stopped."""
        if report.when == "teardown" and (took := dict(report.user_properties).get("seconds")):
            terminal = self.config.pluginmanager.get_plugin("terminalreporter")
            terminal.write_line(f"  {report.nodeid.split('::')[0]}: {took:.0f} s")


class KernelDied(RuntimeError):
    """There will be no answer."""


class Kernel(RunningKernel):
    """nbval's kernel, except that waiting ends when the kernel does."""

    def get_message(self, stream: str, timeout: float | None = None) -> Any:
        """Wait a second at a time, as long as the kernel lives."""
        end = time.monotonic() + (float("inf") if timeout is None else timeout)
        while True:
            try:
                return super().get_message(stream, min(1.0, max(end - time.monotonic(), 0)))
            except Empty:
                if not self.is_alive():
                    raise KernelDied("the kernel ended while it was waited for") from None
                if time.monotonic() >= end:
                    raise


class Chapter(IPyNbFile):
    """A notebook: its cells, its exercises' answers, and the folder in which they ran."""

    died_in = ""

    def collect(self) -> Iterator[pytest.Item]:
        """Collect nbval's cells, then two answers an exercise, then the folder."""
        try:
            found, _ = exercises(read(self.path))
        except (NotANotebook, SyntaxError) as error:
            raise self.CollectError(f"{self.path.name} cannot be run. {error}") from None
        number = 0
        for cell in super().collect():
            fields = {"cell_num": cell.cell_num, "cell": cell.cell, "options": cell.options}
            yield Cell.from_parent(self, name=cell.name, **fields)
            number += 1
        file = self.config.option.answers / self.path.stem[:2] / "wrong_answers.py"
        wrong = runpy.run_path(str(file))["WRONG"] if file.exists() else {}
        for e in found:
            offers = {f"solution of {e.label}": (e.solution, "accepted")}
            offers[f"wrong answer to {e.label}"] = (wrong.get(e.label, ""), "rejected")
            for name, (code, wanted) in offers.items():
                fields = {"code": code, "wanted": wanted, "checkers": e.checkers}
                yield Answer.from_parent(self, name=name, cell_num=number, **fields)
                number += 1
        yield Folder.from_parent(self, name="Nothing is left behind")

    def setup(self) -> None:
        """Start the one kernel of this notebook, in an empty folder."""
        self.started = time.monotonic()
        self.folder = tempfile.mkdtemp()
        seconds = self.config.option.nbval_kernel_startup_timeout
        self.kernel = Kernel(CURRENT_ENV_KERNEL_NAME, cwd=self.folder, startup_timeout=seconds)
        self.setup_sanitize_files()
        self.skip_compare = (*self.skip_compare, *nbcompare.COMPARED)

    def teardown(self) -> None:
        """Stop it."""
        super().teardown()
        shutil.rmtree(self.folder, ignore_errors=True)


class Cell(IPyNbCell):
    """A stored cell, whose pictures are compared as well as its text."""

    def runtest(self) -> None:
        """Let nbval execute and compare the cell, then look at what it passes over."""
        if self.parent.died_in:
            pytest.xfail(f"the kernel died in {self.parent.died_in}")
        try:
            super().runtest()
        except KernelDied:
            self.parent.died_in = self.name
            self.raise_cell_error(f"The kernel of {self.parent.path.name} died in this cell")
        if said := pictures_differ(self.cell.outputs, self.test_outputs):
            self.raise_cell_error(f"In {self.parent.path.name}, {said}")


def pictures_differ(stored: list[Any], fresh: list[Any]) -> str:
    """Say in words what is visibly different in the figures of a cell; empty if nothing is."""
    cell = v4.new_code_cell(outputs=[output for output in fresh if "data" in output])
    lighten(v4.new_notebook(cells=[cell]))
    stored = [output for output in stored if "data" in output]
    if len(stored) != len(cell.outputs):
        return f"{len(stored)} outputs are stored, {len(cell.outputs)} come"
    said = (nbcompare.differs(a, b) for a, b in zip(stored, cell.outputs))
    return "; ".join(filter(None, said))


class Answer(Cell):
    """A cell that offers an answer to its exercise's checker; its output is the verdict."""

    def __init__(self, *, code: str, wanted: str, checkers: tuple[str, ...], **fields: Any) -> None:
        offer = f"__import__('runpy').run_path({str(HERE / 'verdict.py')!r})['offer']"
        cell = v4.new_code_cell(
            f"{offer}(globals(), {code!r}, {checkers!r}, {wanted!r})", execution_count=1
        )
        cell.outputs = [v4.new_output("stream", name="stdout", text=f"{wanted}\n")]
        super().__init__(cell=cell, options=defaultdict(bool, check=True), **fields)
        self.code, self.wanted = code, wanted

    def reportinfo(self) -> tuple[Path, int, str]:
        """It is not a cell that the notebook has."""
        return self.path, 0, f"{self.parent.nodeid}::{self.name}"

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> str:
        """The verdict, in words, and the answer."""
        if not isinstance(excinfo.value, NbCellError) or not self.test_outputs:
            return super().repr_failure(excinfo)
        said = "".join(o.get("text") or o.get("evalue", "") for o in self.test_outputs).strip()
        where = f"{self.parent.path.name}: the {self.name} must be {self.wanted}, but"
        said = f"it is {said}" if said.startswith(("accepted", "rejected")) else said
        return f"{where} {said}.\n\n{self.code.strip()}"


class Folder(pytest.Item):
    """The folder in which the chapter ran."""

    def runtest(self) -> None:
        """See that nothing was written into it, and note how long the chapter took."""
        self.user_properties.append(("seconds", time.monotonic() - self.parent.started))
        left = os.listdir(self.parent.folder)
        assert not left, f"{self.parent.path.name} leaves {left} in the folder in which it runs"

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> str:
        """One sentence."""
        return str(excinfo.value)
