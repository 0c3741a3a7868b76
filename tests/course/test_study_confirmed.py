"""A stale study is confirmed if its code gives the same numbers again, and never otherwise."""

import importlib
import json
import sys

import pytest
from nbtools import ROOT

sys.path.insert(0, str(ROOT / "experiments"))
import confirm
import record

STUDY = '''
"""Multiplication by a helper's factor."""

from pathlib import Path

from helper import factor

SEEDS = (7, 8, 9)
KINDS = ("small", "large")


def score(kind, seed):
    with open(Path(__file__).parent / "asked", "a") as file:
        file.write(f"{kind} {seed}\\n")
    if Path(__file__).with_name("fail").exists():
        raise ArithmeticError("not now")
    return factor * seed * (1 if kind == "small" else 1000)


def beginnings(seed):
    return {"large": [factor * seed / 3, factor * seed / 7]}
'''
RERUN = """
TOLERANCE = 1e-8

def turns(module):
    return 1

def again(module, stored, seed, turn):
    yield "short", 0.0, 0.0, 0.0

def turns_at_length(module):
    return len(module.KINDS)

def at_length(module, stored, seed, turn):
    kind = module.KINDS[turn]
    yield kind, stored["scores"][kind][str(seed)], module.score(kind, seed), 10.0
"""
SCORES = {
    "small": {"7": 0.7000000000000001, "8": 0.8, "9": 0.9},
    "large": {"7": 700.0000000000001, "8": 800.0, "9": 900.0},
}
"""Of the factor 0.1, as Python multiplies."""


@pytest.fixture
def study(tmp_path, monkeypatch, capsys):
    """A checkout with one study of earlier code, and the command that confirms."""
    script = tmp_path / "experiments/77_small.py"
    result = tmp_path / "book/results/77_small.json"
    rerun = tmp_path / "tests/course/77/rerun_small.py"
    for file in (script, result, rerun):
        file.parent.mkdir(parents=True)
    script.write_text(STUDY)
    rerun.write_text(RERUN)
    (script.parent / "helper.py").write_text("factor = 0.1\n")
    stored = {"about": "Small; chapter 77.", "code_sha256": "of earlier code", "scores": SCORES}
    stored |= {"machine": "another", "date": "2020-02-20", "seconds": 3600}
    record.write(result, record.lines(stored) + "\n")
    monkeypatch.setattr(confirm, "ROOT", tmp_path)
    monkeypatch.setattr(confirm, "RESULTS", result.parent)
    monkeypatch.setattr(confirm, "KEPT", tmp_path / "_build/studies")
    monkeypatch.setattr(confirm, "SCRIPTS", {script.stem: script})
    monkeypatch.syspath_prepend(str(script.parent))

    def run(*words, jobs=1):
        for name in (script.stem, "helper"):
            monkeypatch.delitem(sys.modules, name, raising=False)
        importlib.invalidate_caches()
        monkeypatch.setattr(sys, "argv", ["confirm.py", "--jobs", str(jobs), *words])
        code = 0
        try:
            confirm.main()
        except SystemExit as stop:
            code = stop.code
        for name in (script.stem, "helper"):
            sys.modules.pop(name, None)
        run.said = "".join(capsys.readouterr())
        return code

    def change(old, new, file=script):
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))

    run.script, run.result, run.change = script, result, change
    run.stored = lambda: json.loads(result.read_text())
    run.asked = lambda: (script.parent / "asked").read_text().split("\n")[:-1]
    return run


def test_equal_numbers_are_confirmed_and_nothing_else_is_touched(study):
    before = study.stored()
    assert confirm.status("77_small") == "stale"
    assert study() == 0
    assert "77_small: confirmed, 3 numbers are equal" in study.said
    after = study.stored()
    confirmed, answers = after.pop("confirmed"), after.pop("beginnings")
    assert list(after.items()) == list(before.items())
    assert confirmed["code_sha256"] == confirm.code_hash(study.script)
    assert (confirmed["parts"], confirmed["numbers"]) == ("3 of 6", 3)
    assert confirmed["largest_difference"] == 0
    assert {"machine", "date", "packages"} < set(confirmed)
    assert study.asked() == ["small 7", "large 8", "small 9"]
    assert answers["code_sha256"] == confirmed["code_sha256"]
    assert list(answers["answers"]["large"]) == ["7", "8", "9"]
    assert confirm.status("77_small") == "confirmed"
    assert not (study.script.parents[1] / "_build/studies/confirm 77_small").exists()


def test_what_is_confirmed_is_not_asked_again_until_its_code_changes(study):
    assert study() == 0
    assert study() == 0
    assert "confirmed with this code, run with an earlier one" in study.said
    assert len(study.asked()) == 3
    study.change("factor = 0.1", "factor = 0.1 * 1.0", study.script.with_name("helper.py"))
    assert confirm.status("77_small") == "stale"
    assert study() == 0
    assert len(study.asked()) == 6
    confirmed = study.stored()["confirmed"]
    assert confirmed["numbers"] == 3 + 6  # the beginnings, which were recorded the first time
    assert study.stored()["code_sha256"] == "of earlier code"


@pytest.mark.parametrize("factor", ["0.1 * (1 + 2**-52)", "0.2", "float('nan')"])
def test_a_number_that_differs_in_its_last_digit_is_refused(study, factor):
    study.change("0.1", factor, study.script.with_name("helper.py"))
    before = study.result.read_bytes()
    assert study() == "Not confirmed: 77_small"
    assert study.result.read_bytes() == before
    assert "77_small: refused" in study.said
    assert "seed 8, large: stored 800.0, now" in study.said
    assert "python experiments/77_small.py" in study.said
    assert confirm.status("77_small") == "stale"


def test_a_stored_number_that_was_edited_is_refused(study):
    study.change("800.0", "800.5", study.result)
    assert study() == "Not confirmed: 77_small"
    assert "seed 8, large: stored 800.5, now 800.0" in study.said


@pytest.mark.parametrize(("by", "code"), [(1e-12, 0), (1e-10, "Not confirmed: 77_small")])
def test_a_beginning_may_differ_by_a_thousandth_of_its_tolerance(study, by, code):
    assert study() == 0
    study.change("seed / 3", f"seed / 3 * (1 + {by})")
    assert study() == code
    if code == 0:
        assert 0 < study.stored()["confirmed"]["largest_difference"] < 1e-11
    else:
        assert "large, step 1" in study.said


def test_a_study_that_was_run_with_this_code_needs_no_confirmation(study):
    study.change("of earlier code", confirm.code_hash(study.script), study.result)
    assert study() == 0
    assert "77_small: run with this code" in study.said
    assert not (study.script.parent / "asked").exists()


def test_the_status_is_told_without_running_anything(study):
    assert study("--status") == 0
    assert study.said == "77_small: stale: run it again, or confirm it\n"
    assert not (study.script.parent / "asked").exists()


def test_a_study_that_does_not_exist_is_refused(study):
    assert study("76_small") == 2
    assert "there is no 76_small; there are 77_small" in study.said


def test_a_confirmation_that_failed_goes_on_where_it_stopped(study):
    fail = study.script.with_name("fail")
    study.change('.with_name("fail").exists()', '.with_name("fail").exists() and seed == 9')
    fail.touch()
    with pytest.raises(RuntimeError, match=r"confirm, part 77_small 9 0 failed .*not now"):
        study()
    assert "confirmed" not in study.stored()
    fail.unlink()
    assert study() == 0
    assert study.asked() == ["small 7", "large 8", "small 9", "small 9"]


def test_code_that_changes_meanwhile_is_not_confirmed(study):
    study.change(
        "    return factor",
        '    Path(__file__).with_name("helper.py").write_text("factor = 0.3")\n    return factor',
    )
    assert study() == "Not confirmed: 77_small"
    assert "the code changed meanwhile: confirm again" in study.said
    assert "confirmed" not in study.stored()


@pytest.mark.parametrize(("seeds", "turns"), [(5, 1), (5, 12), (8, 5), (5, 5), (1, 3)])
def test_parts_visit_every_seed_and_every_turn(seeds, turns):
    found = confirm.pairs(seeds, turns)
    assert len(found) == len(set(found)) == max(seeds, turns)
    assert {seed for seed, _ in found} == set(range(seeds))
    assert {turn for _, turn in found} == set(range(turns))
