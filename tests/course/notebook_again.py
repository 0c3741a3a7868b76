"""Run a notebook once more, and use that one run thrice: its pictures are compared with the stored
ones, its exercises' solutions are run, and wrong answers are offered to the checkers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from nbformat import v4
from nbtools import NOTEBOOKS, differs, lighten, run, text_of
from notebook_rules import Exercise, code_cells, exercises

MARK = "GDL-ATTEMPT "
HARNESS = f"""
def _attempt(label, code, checkers):
    import contextlib, io, json, traceback
    error, frames = None, []
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(code, label, "exec"), dict(globals()))
    except Exception as caught:
        error = f"{{type(caught).__name__}}: {{caught}}"
        frames = [f.name for f in traceback.extract_tb(caught.__traceback__)]
        if isinstance(caught, AssertionError) and set(frames) & set(checkers):
            error = "rejected"
    print({MARK!r} + json.dumps([label, error]))
"""


class Again(NamedTuple):
    """What a second run showed; each value is a problem, or empty."""

    pictures: list[str]
    solutions: dict[str, str]
    wrong: dict[str, str]


def again(nb: Any, wrong: dict[str, str], env: dict[str, str], folder: Path = NOTEBOOKS) -> Again:
    """Run ``nb`` with its solutions and the wrong answers appended, in the kernel's namespace."""
    found, _ = exercises(nb)
    longer = v4.new_notebook(cells=[*nb.cells, v4.new_code_cell(HARNESS)], metadata=nb.metadata)
    for e in found:
        longer.cells.append(_attempt("solution " + e.label, e.solution, e))
        if e.label in wrong:
            longer.cells.append(_attempt("wrong " + e.label, wrong[e.label], e))
    fresh = lighten(run(longer, env, folder=folder).nb)
    attempts = dict(_attempts(fresh))
    solutions, refused = {}, {}
    for e in found:
        error = attempts.get("solution " + e.label, "was not run")
        solutions[e.label] = "" if error is None else f"the solution fails: {error}"
        error = attempts.get("wrong " + e.label, "there is no wrong answer")
        if error is None:
            error = "the checker accepts the wrong answer"
        refused[e.label] = "" if error == "rejected" else f"wanted an AssertionError of it: {error}"
    return Again(_pictures(nb, fresh), solutions, refused)


def _attempt(label: str, code: str, exercise: Exercise) -> Any:
    return v4.new_code_cell(f"_attempt({label!r}, {code!r}, {exercise.checkers!r})")


def _attempts(nb: Any) -> list[list[Any]]:
    streams = [o for c in code_cells(nb) for o in c.outputs if o.output_type == "stream"]
    lines = [line for o in streams for line in text_of(o.text).splitlines()]
    return [json.loads(line.removeprefix(MARK)) for line in lines if line.startswith(MARK)]


def _pictures(stored: Any, fresh: Any) -> list[str]:
    said = []
    for i, (a, b) in enumerate(zip(code_cells(stored), code_cells(fresh)), 1):
        shown = [[o for o in c.outputs if "data" in o] for c in (a, b)]
        if len(shown[0]) != len(shown[1]):
            said.append(f"code cell {i}: {len(shown[0])} outputs are stored, {len(shown[1])} come")
            continue
        found = [differs(x, y) for x, y in zip(*shown)]
        said += [f"code cell {i}: {problem}" for problem in found if problem]
    return said
