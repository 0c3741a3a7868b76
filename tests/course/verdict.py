"""Offer an answer to the checker of its exercise, in the kernel in which the chapter has just run.

``one_run.py`` has the kernel call ``offer`` once for each solution and each wrong answer, and nbval
compares what is printed: "accepted" or "rejected" as wanted, or a sentence that says what it was.
"""

from __future__ import annotations

import functools
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

ANSWER = "<the answer>"  # the file name of its code in tracebacks


class Heard(NamedTuple):
    """What one call of a checker came to: what it raised, if anything, and what that means."""

    error: Exception | None
    means: str


def offer(chapter: dict[str, Any], code: str, checkers: Sequence[str], wanted: str) -> None:
    """Print the verdict; nothing that the answer itself prints or shows is seen."""
    from IPython.utils.capture import capture_output

    with capture_output(stderr=False):
        said = verdict(chapter, code, checkers)
        if pyplot := sys.modules.get("matplotlib.pyplot"):
            pyplot.close("all")  # or the kernel shows the answer's figures at the cell's end
    print(wanted if said.split(":")[0] == wanted else said)


def verdict(chapter: dict[str, Any], code: str, checkers: Sequence[str]) -> str:
    """Run the answer in a copy of the chapter's names, and listen to the checkers.

    Only what a checker did when it was called counts: not what the answer prints, nor an assertion
    of its own, nor a checker of its own in the place of ours.
    """
    if not checkers:
        return "the exercise has no checker"
    if missing := [name for name in checkers if not callable(chapter.get(name))]:
        return f"the chapter has left no {missing[0]}"
    if not code.strip():
        return "there is no such answer"
    heard: list[Heard] = []
    names = dict(chapter) | {name: _heard(chapter[name], heard) for name in checkers}
    try:
        exec(compile(code, ANSWER, "exec"), names)
    except Exception as error:
        if heard and heard[-1].error is error:
            return heard[-1].means
        return f"the answer crashes: {_named(error)}"
    if not heard:
        return "the answer calls no checker"
    if any(call.error for call in heard):
        return "the answer hides what the checker raised"
    return "accepted"


def _heard(checker: Callable[..., Any], heard: list[Heard]) -> Callable[..., Any]:
    """The checker, with what its calls come to appended to ``heard``."""

    @functools.wraps(checker)
    def listening(*args: Any, **kwargs: Any) -> Any:
        try:
            result = checker(*args, **kwargs)
        except Exception as error:
            heard.append(Heard(error, _meaning(error)))
            raise
        heard.append(Heard(None, "accepted"))
        return result

    return listening


def _meaning(error: Exception) -> str:
    """Rejected is what a checker asserts; what the answer's own code raises in it is a crash."""
    if any(frame.filename == ANSWER for frame in traceback.extract_tb(error.__traceback__)):
        return f"the answer crashes inside the checker: {_named(error)}"
    if not isinstance(error, AssertionError):
        return f"the checker crashes: {_named(error)}"
    return f"rejected: {error}".splitlines()[0]


def _named(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0]
