"""How a one-line mistake in the library is judged by the rows of the contract.

``judge`` runs in a child of the warm process, and imports the library there: nothing of it may be
imported at the top of this file.
"""

from __future__ import annotations

import importlib.util
import linecache
import sys
import traceback
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
INSTRUMENTS = ROOT / "tests" / "library" / "test_symmetry.py"
"""The tests of what the rows measure with."""


@dataclass(frozen=True)
class Mutant:
    """A line of a file of ``gdl_utils``, and what it becomes."""

    file: str
    line: str
    becomes: str

    @property
    def module(self) -> str:
        return ".".join(("gdl_utils", *Path(self.file).with_suffix("").parts))

    @property
    def path(self) -> Path:
        return ROOT / "gdl_utils" / self.file

    def source(self) -> str:
        source = self.path.read_text()
        if (count := source.count(self.line)) != 1:
            raise LookupError(f"{self.file} has {count} times what is to be changed: {self.line!r}")
        return source.replace(self.line, self.becomes)


class ChangedSource(SourceFileLoader):
    """Loads a module from a text that differs from its file's."""

    def __init__(self, mutant: Mutant) -> None:
        super().__init__(mutant.module, str(mutant.path))
        self.text = mutant.source()

    def get_code(self, fullname: str):
        lines = self.text.splitlines(keepends=True)
        linecache.cache[self.path] = (len(self.text), None, lines, self.path)  # for tracebacks
        return compile(self.text, self.path, "exec", dont_inherit=True)


class Change(MetaPathFinder):
    """Finds the mutated module in place of its file, and everything else where it is."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant, self.loader = mutant, ChangedSource(mutant)

    def find_spec(self, fullname: str, path=None, target=None) -> ModuleSpec | None:
        if fullname != self.mutant.module:
            return None
        return importlib.util.spec_from_file_location(fullname, loader=self.loader)


def judge(rooms: tuple[str, ...], mutant: Mutant | None, instruments: bool) -> tuple[str, str]:
    """Whether a row of these rooms fails on the mutant, or on the library as it is (None).

    Returns
    -------
    verdict : str
        ``"killed"`` by a row that fails, ``"survived"``, or ``"broken"``: if the mutant cannot be
        imported, is not imported at all, or makes a row raise something that is not a verdict.
    by : str
        The row.
    """
    assert "gdl_utils" not in sys.modules, "the library is here before it could be changed"
    if mutant is not None:
        sys.meta_path.insert(0, Change(mutant))
    try:
        from contract.checks import checks

        todo = list(checks(rooms, mutant and mutant.module))
    except Exception:
        traceback.print_exc()
        return "broken", "at import"
    if mutant is not None and mutant.module not in sys.modules:
        return "broken", f"no row of {', '.join(rooms)} imports {mutant.module}"
    if instruments and (found := _instruments()) is not None:
        return found
    for name, check in todo:
        try:
            check()
        except Exception as error:
            traceback.print_exc()
            return "killed" if _is_verdict(error) else "broken", name
    return "survived", ""


def _is_verdict(error: BaseException) -> bool:
    """Whether an assertion of a test or a row failed, and not one of the library's own."""
    frames = (frame for frame, _ in traceback.walk_tb(error.__traceback__))
    inside = any(frame.f_globals["__name__"].startswith("gdl_utils") for frame in frames)
    return isinstance(error, (AssertionError, pytest.fail.Exception)) and not inside


def _instruments() -> tuple[str, str] | None:
    class Watch:
        found = None

        def pytest_exception_interact(self, node, call):
            fails = call.when == "call" and _is_verdict(call.excinfo.value)
            self.found = self.found or ("killed" if fails else "broken", node.nodeid)

    watch = Watch()
    options = ["-q", "-x", "--noconftest", "--assert=plain", "-p", "no:cacheprovider"]
    code = pytest.main([*options, f"--rootdir={ROOT}", str(INSTRUMENTS)], plugins=[watch])
    if code != 0 and watch.found is None:
        return "broken", f"{INSTRUMENTS.name}: pytest ended with {code}"
    return watch.found
