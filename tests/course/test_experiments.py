"""Stored studies are those of the code that stands here: hashes agree, and one seed is run again.

Which seed and which setting are run again changes from day to day; ``NN/rerun_NAME.py`` says how.
"""

import datetime
import importlib
import json
import runpy
import sys
from pathlib import Path

import pytest
from nbtools import ROOT

SCRIPTS = sorted(p.stem for p in (ROOT / "experiments").glob("[0-9]*.py"))
RESULTS = ROOT / "book/results"
TODAY = datetime.date.today().toordinal()


@pytest.fixture
def experiment(request, monkeypatch):
    """The script as a module, and what it stored."""
    monkeypatch.setattr(sys, "path", [str(ROOT / "experiments"), *sys.path])
    stored = json.loads((RESULTS / f"{request.param}.json").read_text(encoding="utf-8"))
    return importlib.import_module(request.param), stored


def on_experiments(*names):
    groups = [pytest.param(n, marks=pytest.mark.xdist_group(n)) for n in names]
    return pytest.mark.parametrize("experiment", groups, indirect=True, ids=str)


@on_experiments(*SCRIPTS)
def test_results_are_of_this_code(experiment):
    module, stored = experiment
    fresh = sys.modules["record"].code_hash(module.CODE)
    assert stored["code_sha256"] == fresh, f"stale: run python experiments/{module.__name__}.py"
    assert f"experiments/{module.__name__}.py" in module.CODE


@on_experiments(*SCRIPTS)
def test_results_tell_all(experiment):
    module, stored = experiment
    assert {"about", "settings", "scores", "machine", "date", "seconds"} <= set(stored)
    assert len(module.SEEDS) >= 5
    for scores in stored["scores"].values():
        assert set(scores) == {str(seed) for seed in module.SEEDS}


def test_a_changed_line_changes_the_hash_and_a_comment_does_not(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", [str(ROOT / "experiments"), *sys.path])
    code_hash = importlib.import_module("record").code_hash
    file = tmp_path / "a.py"
    hashes = []
    for text in ("x = 1\n", '"""Says what."""\nx = 1  # why\n', "x = 2\n"):
        file.write_text(text)
        hashes.append(code_hash(["a.py"], tmp_path))
    assert hashes[0] == hashes[1] != hashes[2]


HERE = Path(__file__).parent
RERUN = {f"{p.parent.name}_{p.stem.removeprefix('rerun_')}": p for p in HERE.glob("*/rerun_*.py")}


def test_every_study_can_be_run_again():
    assert set(RERUN) == set(SCRIPTS)


@pytest.mark.slow
@on_experiments(*sorted(RERUN))
def test_one_seed_gives_what_is_stored(experiment):
    module, stored = experiment
    seed = module.SEEDS[TODAY % len(module.SEEDS)]
    again = runpy.run_path(str(RERUN[module.__name__]))["again"]
    for what, was, now, tolerance in again(module, stored, seed, TODAY):
        assert abs(was - now) <= tolerance, f"{what}, seed {seed}: stored {was}, now {now}"
