"""Stored studies are those of the code that stands here, and one seed is run again.

Which seed and which setting are run again changes from day to day; ``NN/rerun_NAME.py`` says how.
"""

import datetime
import importlib
import json
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from nbtools import ROOT

sys.path.insert(0, str(ROOT / "experiments"))
from closure import ASSETS, closure
from confirm import SCRIPTS, load, pairs, rerun, status

HERE = Path(__file__).parent
RERUN = {f"{p.parent.name}_{p.stem.removeprefix('rerun_')}": p for p in HERE.glob("*/rerun_*.py")}
TODAY = datetime.date.today().toordinal()


@pytest.fixture
def study(name):
    """The script as a module, and what it stored."""
    return importlib.import_module(name), load(name)


studies = pytest.mark.parametrize("name", SCRIPTS)


@studies
def test_results_are_of_this_code(name):
    assert status(name) != "stale", (
        f"stale: python experiments/confirm.py {name} or, if that refuses or the numbers are to "
        f"change, python experiments/{name}.py"
    )


@studies
def test_results_tell_all(name, study):
    module, stored = study
    parts = {"about", "code_sha256", "settings", "scores", "machine", "date", "seconds"}
    assert parts <= set(stored)
    assert len(module.SEEDS) >= 5
    for scores in stored["scores"].values():
        assert set(scores) == {str(seed) for seed in module.SEEDS}
    assert ("beginnings" in stored) == hasattr(module, "beginnings")
    for answers in stored.get("beginnings", {}).get("answers", {}).values():
        assert set(answers) == {str(seed) for seed in module.SEEDS}
        assert len({tuple(values) for values in answers.values()}) == len(module.SEEDS)
    if "confirmed" in stored:
        confirmed = {"code_sha256", "machine", "date", "packages", "parts", "numbers"}
        assert confirmed <= set(stored["confirmed"])
        assert stored["confirmed"]["largest_difference"] == 0


def test_every_study_can_be_run_again():
    assert set(RERUN) == set(SCRIPTS)
    assert {p.stem for p in (ROOT / "book/results").glob("[0-9]*.json")} == set(SCRIPTS)


def of_day(module, turns, day):
    """Which seed and which turn a day has."""
    return module.SEEDS[day % len(module.SEEDS)], day // len(module.SEEDS) % turns


@studies
def test_every_seed_and_every_turn_has_its_day(name, study):
    module, _ = study
    how = rerun(name)
    turns, seeds = how.turns(module), len(module.SEEDS)
    days = {of_day(module, turns, day) for day in range(TODAY, TODAY + seeds * turns)}
    assert days == {(seed, turn) for seed in module.SEEDS for turn in range(turns)}
    at_length = getattr(how, "turns_at_length", how.turns)(module)
    confirmed = pairs(seeds, at_length)
    assert len(set(confirmed)) == len(confirmed)
    assert {i for i, _ in confirmed} == set(range(seeds))
    assert {turn for _, turn in confirmed} == set(range(at_length))


OPENED = None


def listen(event, arguments):
    if OPENED is not None and event == "open" and isinstance(arguments[0], str):
        OPENED.append(arguments[0])


@pytest.fixture
def opened(monkeypatch):
    """Names of the files that are opened from here on."""
    if not hasattr(sys, "_listens_to_files"):
        sys.addaudithook(listen)  # it can never be taken away, only be deaf
        sys._listens_to_files = True
    monkeypatch.setattr(sys.modules[__name__], "OPENED", [])
    return OPENED


@pytest.mark.slow
@studies
def test_one_seed_gives_what_is_stored(name, study, opened):
    """Each of these takes at most 15 seconds; no file of data is read that the hash leaves out."""
    module, stored = study
    how = runpy.run_path(str(RERUN[name]))
    seed, turn = of_day(module, how["turns"](module), TODAY)
    for what, was, now, tolerance in how["again"](module, stored, seed, turn):
        assert abs(was - now) <= tolerance, f"{what}, seed {seed}: stored {was}, now {now}"
    read = {Path(file).name for file in opened if Path(file).parent == ROOT / ASSETS}
    assert read <= {Path(path).name for path in closure(SCRIPTS[name])[1]}


LOADED = """
import importlib, json, sys
import torch
sys.path.insert(0, "experiments")
found = {}
for name in sys.argv[1:]:
    for loaded in [m for m in sys.modules if m.split(".")[0] == "gdl_utils"]:
        del sys.modules[loaded]
    importlib.import_module(name)
    files = [getattr(module, "__file__", None) for module in sys.modules.values()]
    found[name] = [file for file in files if file and "/gdl_utils/" in file]
print(json.dumps(found))
"""


@pytest.mark.slow
def test_what_a_study_loads_was_found_without_loading_it():
    """The source's story of what is imported, and Python's own."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *SCRIPTS], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    for name, files in json.loads(done.stdout).items():
        loaded = {Path(file).relative_to(ROOT).as_posix() for file in files}
        assert len(loaded) > 5
        assert loaded <= set(closure(SCRIPTS[name])[0]), name
