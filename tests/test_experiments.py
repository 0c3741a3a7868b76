"""Stored studies are those of the code that stands here: hashes agree, and one seed is run again.

Which seed and which setting are run again changes from day to day.
"""

import datetime
import importlib
import json
import sys

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


def learning_curves(module, stored, seed):
    """All four learners at one size. Tolerance: 10 of 1,000 digits."""
    k = TODAY // len(module.SEEDS) % len(module.SIZES)
    data = module.load_digits(seed=seed)
    for kind in module.NETWORKS:
        x, x_test = module.inputs(kind, data)
        model = module.trained(kind, seed, module.SIZES[k], x, data.y_train)
        fresh = module.accuracy(model, x_test, data.y_test)
        yield f"{kind}, n = {module.SIZES[k]}", stored["scores"][kind][str(seed)][k], fresh, 0.01


def scrambled(module, stored, seed):
    """Both networks at one fraction. Tolerance: 10 of 1,000 digits."""
    k = TODAY // len(module.SEEDS) % len(module.FRACTIONS)
    for kind in stored["scores"]:
        fresh = module.score(kind, module.FRACTIONS[k], seed)
        was = stored["scores"][kind][str(seed)][k]
        yield f"{kind}, {module.FRACTIONS[k]:.0%} scrambled", was, fresh, 0.01


def shifts(module, stored, seed):
    """One network, under the eight shifts by four pixels. Tolerance: 10 of 1,000 digits."""
    kinds = sorted(stored["scores"])
    kind = kinds[TODAY // len(module.SEEDS) % len(kinds)]
    fresh = module.scores_of(kind, seed)["by_four"]
    for g, was, now in zip(module.BY_FOUR, stored["scores"][kind][str(seed)]["by_four"], fresh):
        yield f"{kind}, shifted by {g}", was, now, 0.01


RERUN = {"01_learning_curves": learning_curves, "02_scrambled": scrambled, "05_shifts": shifts}


def test_every_study_can_be_run_again():
    assert set(RERUN) == set(SCRIPTS)


@pytest.mark.slow
@on_experiments(*RERUN)
def test_one_seed_gives_what_is_stored(experiment):
    module, stored = experiment
    seed = module.SEEDS[TODAY % len(module.SEEDS)]
    for what, was, now, tolerance in RERUN[module.__name__](module, stored, seed):
        assert abs(was - now) <= tolerance, f"{what}, seed {seed}: stored {was}, now {now}"
