"""Shapes and types are checked while the tests of the contract and of the rooms run.

A plugin of pytest that ``tests/conftest.py`` loads before anything imports the library: jaxtyping
puts beartype's check of the annotations around every function of ``gdl_utils``. The checks are on
in the tests of ``TYPED``, so that none has to run a second time for them, and off

- in the tests whose name says ``bad``: a check would raise before the validator can that is tested;
- in all other tests.

A test that is marked ``plain`` wants functions without anything around them, as ``torch.compile``
does; it runs in a child process that has the library as it is.

At the end of a run of all these tests the plugin fails the run if a public function whose
arguments are annotated was never called with the checks on, or if one of ``UNCALLED`` was.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import os
import pkgutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import jaxtyping
import pytest
from beartype import beartype
from contract import children, warm
from contract.table import ROOMS

LANGUAGE = ("auditing", "blueprint", "equivariant_maps", "features", "symmetry")
"""The modules beside the rooms whose functions are checked; those of ``symmetry`` by all rows."""
TESTS = Path(__file__).resolve().parents[1]
TYPED = (
    *(TESTS / "library" / room for room in ROOMS if (TESTS / "library" / room).is_dir()),
    *(TESTS / "library" / f"test_{name}.py" for name in LANGUAGE if name != "symmetry"),
    TESTS / "contract",
)
"""Where the checks are on."""
PLAIN = "GDL_PLAIN"
"""Set in the environment of a child that is to have the library as it is."""

called: set[str] = set()
"""The functions whose annotations were checked."""


def checked(function: Callable) -> Callable:
    """beartype's check of one function, which also notes that it was called."""
    name, check = f"{function.__module__}.{function.__qualname__}", beartype(function)

    @functools.wraps(check)
    def noting(*args: Any, **kwargs: Any) -> Any:
        called.add(name)
        return check(*args, **kwargs)

    return noting


# ------------------------------------------------------------------------------ the plugin
def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "plain: wants functions without type checks around them")
    if PLAIN not in os.environ and any(map(_may_hold_typed_tests, _asked_for(config))):
        install()


def _asked_for(config: pytest.Config) -> list[Path]:
    return [config.invocation_params.dir / name.partition("::")[0] for name in config.args]


def _may_hold_typed_tests(path: Path) -> bool:
    return any(path.is_relative_to(typed) or typed.is_relative_to(path) for typed in TYPED)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Any:
    on = any(item.path.is_relative_to(folder) for folder in TYPED) and "bad" not in item.name
    jaxtyping.config.update("jaxtyping_disable", not on)
    try:
        return (yield)
    finally:
        jaxtyping.config.update("jaxtyping_disable", False)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if pyfuncitem.get_closest_marker("plain") is None or PLAIN in os.environ:
        return None
    test = f"{pyfuncitem.path}::{pyfuncitem.nodeid.partition('::')[2]}"
    outcome = warm.call(children.run_pytest, [test], {PLAIN: "1"})
    if outcome.value != 0:
        pytest.fail(f"In a process of its own:\n{outcome.output}", pytrace=False)
    return True


def install() -> None:
    """Check everything of the library that is imported from now on."""
    if "gdl_utils" in sys.modules:
        raise RuntimeError("gdl_utils was imported before its functions could be checked")
    jaxtyping.config.update("jaxtyping_remove_typechecker_stack", True)  # only what is wrong
    jaxtyping.install_import_hook("gdl_utils", f"{__name__}.{checked.__name__}")


# ------------------------------------------------------------------- what was never called
UNCALLED = {
    "gdl_utils.groups.elements.FiniteGroup.elements": "a protocol says what others have",
    "gdl_utils.groups.filters.FieldConv.filters": "abstract",
    "gdl_utils.symmetry.Group.compose": "a protocol says what others have",
    "gdl_utils.symmetry.Group.identity": "a protocol says what others have",
    "gdl_utils.symmetry.Group.inverse": "a protocol says what others have",
    "gdl_utils.symmetry.Group.sample": "a protocol says what others have",
}
"""Public functions that no test calls with the checks on, and why."""


@dataclass
class Run:
    """What is known of the checks in one run of pytest, from all of its workers."""

    called: set[str]
    functions: set[str]
    whole: bool
    """Whether no test of ``TYPED`` was left out."""


def public_functions() -> Iterator[str]:
    """Name all annotated functions and methods of the rooms and the language."""
    import gdl_utils

    for found in pkgutil.walk_packages(gdl_utils.__path__, "gdl_utils."):
        if found.name.split(".")[1] in (*ROOMS, *LANGUAGE):
            module = importlib.import_module(found.name)
            yield from _functions_in(module, vars(module), found.name)


def _functions_in(module: ModuleType, space: Mapping[str, Any], inside: str) -> Iterator[str]:
    for name, thing in list(space.items()):
        if name.startswith("_") and name not in ("__init__", "__call__", "__getitem__"):
            continue
        if inspect.isclass(thing):
            if f"{thing.__module__}.{thing.__qualname__}" == f"{inside}.{name}":
                yield from _functions_in(module, vars(thing), f"{inside}.{name}")
            continue
        for attribute in ("__func__", "fget", "func", "compute"):  # of methods and properties
            thing = getattr(thing, attribute, thing)
        thing = inspect.unwrap(thing) if callable(thing) else thing
        here = inspect.isfunction(thing) and thing.__module__ == module.__name__
        if here and thing.__annotations__:
            yield f"{module.__name__}.{thing.__qualname__}"


def complaints(functions: Iterable[str], called: set[str], excused: Mapping[str, str]) -> list[str]:
    """What is unchecked without an excuse, and what has an excuse and needs none."""
    functions, excuses = set(functions), excused.keys()
    return [
        *(f"no test calls {name} with its types checked" for name in functions - called - excuses),
        *(f"{name} needs no excuse: it is called" for name in called & excuses),
        *(f"{name} needs no excuse: it is not there" for name in excuses - functions),
    ]


runs: list[Run] = []
"""Of the workers that have ended, if there are workers."""
left_out: list[pytest.Item] = []


def pytest_deselected(items: list[pytest.Item]) -> None:
    left_out.extend(items)


def this_run(session: pytest.Session) -> Run:
    items = getattr(session, "items", [])
    files = {file for path in TYPED for file in path.rglob("test_*.py")}
    files |= {path for path in TYPED if path.is_file()}
    some = left_out or any("::" in argument for argument in session.config.args)
    some = some or session.config.option.collectonly
    whole = not some and files <= {item.path for item in items}
    return Run(called, set(public_functions()) if whole else set(), whole)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    if found := getattr(node, "workeroutput", {}).get("typed"):
        runs.append(Run(set(found["called"]), set(found["functions"]), found["whole"]))


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> Any:
    result = yield
    if hasattr(session.config, "workeroutput"):
        run = this_run(session)
        parts = {"called": sorted(run.called), "functions": sorted(run.functions)}
        session.config.workeroutput["typed"] = {**parts, "whole": run.whole}
    elif exitstatus == pytest.ExitCode.OK:
        found = runs or [this_run(session)]
        if all(run.whole for run in found):
            every = set().union(*(run.called for run in found))
            for line in complaints(found[0].functions, every, UNCALLED):
                session.config.get_terminal_writer().write(f"\n{line}", red=True)
                session.exitstatus = pytest.ExitCode.TESTS_FAILED
    return result
