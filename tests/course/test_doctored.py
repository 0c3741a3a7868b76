"""Notebooks that lie: each must be caught by the policy, by strict nbval, or by the second run.

The sound notebook of ``doctor.py`` passes all three; each doctored copy must be caught by the one
that is named for it.
"""

import copy
import subprocess
import sys
import xml.etree.ElementTree as ET

import doctor
import nbformat
import notebook_rules
import pytest
from doctor import added, deleted, output, replaced, replaced_text, stored, swap, tag
from nbformat import v4
from nbtools import ROOT, clean_room
from notebook_again import again

pytestmark = pytest.mark.slow
by_nbval = pytest.mark.xdist_group("doctored, nbval")
by_again = pytest.mark.xdist_group("doctored, again")
STDERR = v4.new_output("stream", name="stderr", text="UserWarning: deprecated\n")
ERROR = v4.new_output("error", ename="ValueError", evalue="no", traceback=["no"])
LOADS = '<script src="https://cdn.example.org/plot.js"></script>'
WIDGET = "application/vnd.jupyter.widget-view+json"

POLICY = {
    "run_in_order": {
        "an unrun cell": stored("layer", execution_count=None),
        "an unrun cell without output": stored("number", execution_count=None, outputs=[]),
        "cells run out of order": stored("number", execution_count=7),
    },
    "quiet": {
        "a warning in the outputs": added("layer", STDERR),
        "an error in the outputs": added("layer", ERROR),
    },
    "tags": {
        "an output that is ignored": tag("number", "nbval-ignore-output"),
        "a cell that is skipped": tag("claim", "nbval-skip"),
        "an announced exception": tag("claim", "raises-exception"),
        "a comment that hides": swap("number", "x =", "# NBVAL_IGNORE_OUTPUT\nx ="),
        "a tag with a slip": tag("figure", "hide-inptu"),
    },
    "claims": {
        "a claim reworded in the output": doctor.claim_reworded,
        "a claim's line alone reworded": replaced("text/plain", "claim", "✓ All is well."),
        "a claim's page alone reworded": replaced("text/html", "claim", "<b>All is well.</b>"),
        "a claim whose call is gone": stored("claim", source="1 + 1"),
        "a claim whose output is gone": stored("claim", outputs=[]),
        "a bound raised afterwards": swap("claim", "at_most=1e-10", "at_most=1"),
        "a bound turned round": swap("claim", "at_most", "at_least"),
        "a claim in a loop": swap("claim", "claim(", "for _ in range(1): claim("),
        "no claim at all": deleted("claim"),
    },
    "figures": {
        "a figure without alt text": lambda nb: doctor.cell_of(nb, "figure").metadata.pop("mystnb"),
        "a figure without an assertion": swap("assert", "assert (", "_ = ("),
    },
    "light": {
        "a heavy picture": replaced("image/png", "figure", doctor.picture((250, 250), noise=True)),
        "a heavy notebook": replaced("text/plain", "figure", "x" * 1_000_000),
    },
    "cell_shape": {
        "a trailing semicolon": swap("figure", "_ = ax.bar(range(4), powers)", "ax.bar([], []);"),
        "a wide line": swap("last", "powers", "powers" + " " * 70 + "[:]"),
        "a long cell": swap("last", "powers", "powers\n" * 30 + "powers"),
    },
    "offline": {
        "a script from elsewhere": replaced("text/html", "live", LOADS),
        "a style from elsewhere": replaced("text/html", "live", "<link href=//example.org/a.css>"),
        "a widget": added("layer", v4.new_output("display_data", {WIDGET: {"model_id": "0"}})),
        "a script": added("layer", v4.new_output("display_data", {"application/javascript": "1"})),
    },
    "colab": {
        "no cell for Colab": deleted("colab"),
        "another address for Colab": swap("colab", "gdl-course/gdl-course", "else/where"),
        "a cell for Colab that shows": lambda nb: nb.cells[1].metadata.update(tags=[]),
    },
    "exercises": {
        "a missing checker": lambda nb: nb.cells[-3].metadata.update(tags=[]),
        "a solution that checks nothing": replaced_text("\ncheck_4(answer)", ""),
        "a solution of nothing": replaced_text("{solution} ex-4", "{solution} ex-7"),
        "two exercises only": lambda nb: nb.cells.__delitem__(slice(-4, -1)),
    },
    "ending": {
        "no blueprint at its end": replaced_text("## The chapter in", "## About"),
        "no sources": replaced_text("{cite:p}", ""),
    },
}
NBVAL = {
    "a changed number": output("number", text="(3, 4) 67.0\n"),
    "a changed result": lambda nb: nb.cells[10].outputs[0].data.update({"text/plain": "16"}),
    "an emptied output": stored("number", outputs=[]),
    "a swapped layer": swap("layer", "np.roll(x, -1, axis=-1)", "np.flip(x, axis=-1)"),
    "a control that passes": swap("claim", "control=np.sort", "control=np.abs"),
    "a claim that fails": swap("claim", "    layer,", "    np.sort,"),
    "another claim": swap("claim", "commutes", "is said to commute"),
    "a bound lowered afterwards": swap("claim", "at_most=1e-10", "at_most=1e-12"),
    "a claim invented": added("layer", v4.new_output("display_data", {"text/plain": "✓ Yes."})),
    "a warning in the source": swap("number", "x =", "import warnings\nwarnings.warn('x')\nx ="),
    "a definition that is gone": deleted("layer"),
    "an assertion that fails": swap("assert", "2 * powers", "3 * powers"),
    "a stored error": added("number", ERROR),
}
AGAIN = {
    "another picture": replaced("image/png", "figure", doctor.picture((381, 279), noise=False)),
    "a retouched picture": doctor.picture_retouched,
    "a live figure's values": doctor.live_values("8.0", "9.5"),
    "a live figure's words": doctor.live_values("bars", "stars"),
    "a solution that is wrong": replaced_text("answer = 4 * 4", "answer = 4 * 5"),
    "a checker that accepts all": replaced_text("assert answer == 4 * 4", "assert answer"),
    "a checker that crashes": replaced_text("assert answer == 5 * 5", "assert answer.no"),
}


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
def failed_in_nbval(good, tmp_path_factory):
    """One pytest with nbval over all of them; the names of the notebooks with a failure."""
    folder = tmp_path_factory.mktemp("nbval")
    books = {"sound": good} | {k: doctored(good, change) for k, change in NBVAL.items()}
    for name, nb in books.items():
        nbformat.write(nb, folder / f"{name.replace(' ', '_')}.ipynb")
    report = folder / "report.xml"
    command = [ROOT / "tools/strict_nbval.py", f"--junitxml={report}", folder]
    done = subprocess.run([sys.executable, *map(str, command)], capture_output=True, text=True)
    assert report.exists(), done.stdout + done.stderr
    cases = list(ET.parse(report).getroot().iter("testcase"))
    names = {name: [] for name in books}
    for case in cases:
        where = f"{case.get('classname')} {case.get('file')} {case.get('name')}"
        (name,) = [n for n in names if f"{n.replace(' ', '_')}.ipynb" in where]
        names[name].append(any(child.tag in {"failure", "error"} for child in case))
    assert all(names.values()), "a notebook was not collected"
    return {name for name, fates in names.items() if any(fates)}


@by_again
def test_the_sound_notebook_keeps_the_policy(good):
    assert notebook_rules.problems(good) == []


@by_nbval
def test_the_sound_notebook_passes_strict_nbval(failed_in_nbval):
    assert "sound" not in failed_in_nbval


@by_again
def test_the_sound_notebook_comes_out_again(good, room, tmp_path):
    assert not problems_again(good, room, tmp_path)


@by_again
@pytest.mark.parametrize(("rule", "kind"), [(r, kind) for r in POLICY for kind in POLICY[r]])
def test_the_policy_catches(good, rule, kind):
    worse = doctored(good, POLICY[rule][kind])
    assert getattr(notebook_rules, f"rule_{rule}")(worse), notebook_rules.problems(worse)


@by_again
def test_every_rule_has_caught_something():
    assert {f"rule_{rule}" for rule in POLICY} == {r.__name__ for r in notebook_rules.RULES}


@by_nbval
@pytest.mark.parametrize("kind", NBVAL)
def test_strict_nbval_catches(failed_in_nbval, kind):
    assert kind in failed_in_nbval


@by_again
@pytest.mark.parametrize("kind", AGAIN)
def test_the_second_run_catches(good, room, kind, tmp_path):
    said = problems_again(doctored(good, AGAIN[kind]), room, tmp_path)
    assert said


def problems_again(nb, env, folder):
    pictures, solutions, wrong = again(nb, doctor.WRONG, env, folder)
    return [said for said in [*pictures, *solutions.values(), *wrong.values()] if said]
