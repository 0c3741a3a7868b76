"""Notebooks that lie: each must be caught by the policy, or by the one run of ``one_run.py``.

The sound notebook of ``doctor.py`` passes both; each copy that is doctored as ``lies.py`` says must
be caught by the one that is named for it, in the place and in the words that are named for it.
Exercises do not disturb each other, so all that can be wrong with them stands in one notebook.
"""

import copy
import subprocess
import sys
import xml.etree.ElementTree as ET

import doctor
import nbformat
import notebook_rules
import pytest
from lies import ANSWERS, CELLS, POLICY
from nbformat import v4
from nbtools import ROOT, clean_room, run, tidy

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def room():
    with clean_room() as env:
        yield env


@pytest.fixture(scope="module")
def good(room, tmp_path_factory):
    return doctor.sound(room, tmp_path_factory.mktemp("sound"))


def doctored(nb, change):
    """Return a changed copy; a change that changes nothing is a slip in this file."""
    worse = copy.deepcopy(nb)
    change(worse)
    assert nbformat.writes(worse) != nbformat.writes(nb)
    return worse


@pytest.fixture(scope="module")
def wrong_exercises(room, tmp_path_factory):
    """A notebook with all of ``ANSWERS``, as it comes out of a run, and its wrong answers."""
    cells, wrong = [v4.new_code_cell("import matplotlib.pyplot as plt")], {}
    for k, (_, _, parts) in enumerate(ANSWERS.values()):
        cells += doctor.exercise(k, **{p: parts[p] for p in ("check", "solution") if p in parts})
        answer = parts.get("wrong", "check_{k}(-1)")
        if answer is not None:
            wrong[f"ex-{k}"] = answer.replace("{k}", f"{k}")
    folder = tmp_path_factory.mktemp("exercises")
    return tidy(run(v4.new_notebook(cells=cells), room, folder=folder).nb), wrong


@pytest.fixture(scope="module")
def failures(good, wrong_exercises, tmp_path_factory):
    """One strict run over all of them: what the tests that failed said, by notebook and test."""
    folder = tmp_path_factory.mktemp("doctored")
    books = {"sound": good} | {k: doctored(good, change) for k, (_, _, change) in CELLS.items()}
    answers = dict.fromkeys(books, doctor.WRONG)
    books["exercises"], answers["exercises"] = wrong_exercises
    for i, (name, nb) in enumerate(books.items()):
        nbformat.write(nb, folder / f"{i:02}_{name.replace(' ', '_')}.ipynb")
        (folder / f"{i:02}").mkdir()
        (folder / f"{i:02}/wrong_answers.py").write_text(f"WRONG = {answers[name]!r}\n")
    report = folder / "report.xml"
    command = [
        ROOT / "tools/strict_nbval.py",
        f"--answers={folder}",
        f"--junitxml={report}",
        folder,
    ]
    done = subprocess.run([sys.executable, *map(str, command)], capture_output=True, text=True)
    assert report.exists(), done.stdout + done.stderr
    said = {name: {} for name in books}
    for case in ET.parse(report).getroot().iter("testcase"):
        where = f"{case.get('classname')} {case.get('file')}"
        (name,) = [n for n in books if f"_{n.replace(' ', '_')}.ipynb" in where]
        problems = [c.text or "" for c in case if c.tag in {"failure", "error"}]
        said[name][case.get("name")] = "\n".join(problems)
    assert all(said.values()), "a notebook was not collected"
    return {name: {t: text for t, text in tests.items() if text} for name, tests in said.items()}


def test_the_sound_notebook_keeps_the_policy(good):
    assert notebook_rules.problems(good) == []


@pytest.mark.parametrize(("rule", "kind"), [(r, kind) for r in POLICY for kind in POLICY[r]])
def test_the_policy_catches(good, rule, kind):
    worse = doctored(good, POLICY[rule][kind])
    assert getattr(notebook_rules, f"rule_{rule}")(worse), notebook_rules.problems(worse)


def test_every_rule_has_caught_something():
    assert {f"rule_{rule}" for rule in POLICY} == {r.__name__ for r in notebook_rules.RULES}


def test_the_sound_notebook_passes_its_run(failures):
    assert failures["sound"] == {}


@pytest.mark.parametrize("kind", CELLS)
def test_the_run_catches(good, failures, kind):
    where, words, change = CELLS[kind]
    names = [c.id for c in notebook_rules.code_cells(doctored(good, change))]
    where = f"Cell {names.index(where)}" if where in names else where
    assert words in failures[kind][where]


@pytest.mark.parametrize("kind", ANSWERS)
def test_the_run_catches_in_an_exercise(failures, kind):
    """The answer that is meant fails, with the verdict that is meant; the other one does not."""
    which, verdict, _ = ANSWERS[kind]
    label = f"ex-{list(ANSWERS).index(kind)}"
    names = {"solution": f"solution of {label}", "wrong answer": f"wrong answer to {label}"}
    said = {test: text for test, text in failures["exercises"].items() if test in names.values()}
    assert set(said) == ({*names.values()} if which == "both" else {names[which]})
    assert all(verdict in text for text in said.values()), said
