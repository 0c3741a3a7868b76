"""Every solution is run, every wrong answer is rejected, and every picture is drawn again."""

import functools
import runpy

import nbformat
import notebook_rules
import pytest
from nbtools import NOTEBOOKS, ROOT, clean_room
from notebook_again import again

pytestmark = pytest.mark.slow
PATHS = sorted(NOTEBOOKS.glob("*.ipynb"))


@functools.cache
def notebook(stem):
    return nbformat.read(NOTEBOOKS / f"{stem}.ipynb", as_version=4)


@functools.cache
def wrong_answers(stem):
    path = ROOT / "tests/course" / stem[:2] / "wrong_answers.py"
    return runpy.run_path(str(path))["WRONG"] if path.exists() else {}


@functools.cache
def second_run(stem):
    """One run a notebook, shared by all tests below (they are one group, so one worker)."""
    with clean_room() as env:
        return again(notebook(stem), wrong_answers(stem), env)


def each_notebook():
    for path in PATHS:
        yield pytest.param(path.stem, id=path.stem, marks=pytest.mark.xdist_group(path.stem))


def each_exercise():
    for path in PATHS:
        for e in notebook_rules.exercises(notebook(path.stem))[0]:
            group = pytest.mark.xdist_group(path.stem)
            yield pytest.param(path.stem, e.label, id=f"{path.stem}-{e.label}", marks=group)


@pytest.mark.parametrize(("stem", "label"), list(each_exercise()))
def test_solution_satisfies_its_checker(stem, label):
    assert not (said := second_run(stem).solutions[label]), said


@pytest.mark.parametrize(("stem", "label"), list(each_exercise()))
def test_wrong_answer_is_rejected(stem, label):
    assert not (said := second_run(stem).wrong[label]), said


@pytest.mark.parametrize("stem", list(each_notebook()))
def test_wrong_answers_belong_to_exercises(stem):
    labels = {e.label for e in notebook_rules.exercises(notebook(stem))[0]}
    assert set(wrong_answers(stem)) == labels


@pytest.mark.parametrize("stem", list(each_notebook()))
def test_pictures_are_what_the_cells_draw(stem):
    assert not (said := second_run(stem).pictures), "\n".join(said)
