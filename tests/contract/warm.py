"""Functions that run in children of one warm process.

A fresh Python spends seconds on importing torch before it does anything. Here each worker of
pytest has one process that has imported everything except the library and its tests
(multiprocessing's fork server), and each call is forked from it: the child imports the library as
the call wants it, and ends. Where processes cannot be forked, each call starts a Python of its
own, which is slower and tells the same.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any
from unittest import mock

FORKED = "forkserver"
METHOD = FORKED if FORKED in multiprocessing.get_all_start_methods() else "spawn"
WARM = (
    "torch",
    "torch._dynamo",  # an optimiser's first step imports it
    "numpy",
    "scipy.optimize",
    "scipy.sparse.csgraph",
    "scipy.sparse.linalg",
    "scipy.spatial",
    "pytest",  # but no plugin of it, which pytest wants to import itself
)
"""What the warm process imports: nothing of the library, nothing that starts a thread."""
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "MKL", "OPENBLAS")}
"""Whoever forks a process with threads may wait for ever for a lock that one of them held."""


@dataclass(frozen=True)
class Outcome:
    """What became of a call."""

    value: Any
    """What the function returned; None if it did not return."""
    ended: str
    """``"returned"``, ``"raised"``, or in words how the child was ended."""
    output: str
    """All that it printed, and the traceback of what it raised."""


def call(
    function: Callable[..., Any], *args: Any, seconds: float = 300, method: str = METHOD
) -> Outcome:
    """Run a function of some module in a child, for so many seconds at most."""
    context = _context(method)
    here, there = context.Pipe(duplex=False)
    with tempfile.TemporaryDirectory() as folder, here:
        log = Path(folder) / "output"
        child = context.Process(target=_run, args=(there, str(log), function, args), daemon=True)
        with mock.patch.dict(os.environ, ONE_THREAD):  # the first call starts the warm process
            child.start()
        there.close()
        ended, value = f"was stopped after {seconds:g} seconds", None
        if here.poll(seconds):
            try:
                ended, value = here.recv()
            except EOFError:
                child.join()
                ended = f"died with exit code {child.exitcode}"
        else:
            child.kill()
        child.join()
        child.close()
        output = log.read_text(errors="replace") if log.exists() else ""
    return Outcome(value, ended, output)


@cache
def _context(method: str) -> BaseContext:
    context = multiprocessing.get_context(method)
    if method == FORKED:
        context.set_forkserver_preload(list(WARM))
    return context


def _run(answer: Connection, log: str, function: Callable[..., Any], args: tuple) -> None:
    """In the child: call, and send what came of it."""
    with open(log, "wb", buffering=0) as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    try:
        result = "returned", function(*args)
    except BaseException:
        traceback.print_exc()
        result = "raised", None
    sys.stdout.flush()
    sys.stderr.flush()
    answer.send(result)
    answer.close()
