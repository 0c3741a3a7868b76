"""Every stored notebook keeps the policy of ``notebook_rules.py``."""

import json
import runpy

import nbformat
import notebook_rules
import pytest
import yaml
from nbtools import NOTEBOOKS, ROOT, read

PATHS = sorted(NOTEBOOKS.glob("*.ipynb"))
STATUS = ROOT / "book/results/status.json"


@pytest.fixture(scope="module", params=PATHS, ids=lambda p: p.stem)
def notebook(request):
    return request.param.stem, read(request.param)


@pytest.mark.parametrize("rule", notebook_rules.RULES, ids=lambda r: r.__name__)
def test_rule(notebook, rule):
    name, nb = notebook
    if rule is notebook_rules.rule_colab:
        repository = yaml.safe_load((ROOT / "_config.yml").read_text())["repository"]
        said = rule(nb, repository["url"], repository["branch"])
    elif rule is notebook_rules.rule_tags:
        said = rule(nb, name)
    else:
        said = rule(nb)
    assert not said, "\n".join(said)


def test_notebook_is_well_formed(notebook):
    nbformat.validate(notebook[1])
    ids = [c.id for c in notebook[1].cells]
    assert len(set(ids)) == len(ids)


def test_notebook_is_stored_tidily(notebook):
    """What tools/refresh_notebooks.py strips has not come back by another way."""
    from nbtools import METADATA, VOLATILE

    _, nb = notebook
    assert dict(nb.metadata) == METADATA
    assert not [c.id for c in nb.cells if VOLATILE & set(c.metadata)]


def test_notebook_is_recorded_within_the_limits(notebook):
    """``make notebooks`` measured a minute and 4 GB at most, at one thread."""
    row = json.loads(STATUS.read_text()).get(notebook[0])
    assert row, f"{notebook[0]} is not in {STATUS.name}: run make notebooks"
    assert row["seconds"] <= 60
    assert row["peak_mb"] <= 4096
    assert row["threads"] == 1


def test_wrong_answers_belong_to_exercises(notebook):
    """That each is rejected is seen when the chapter runs (``one_run.py``)."""
    name, nb = notebook
    path = ROOT / "tests/course" / name[:2] / "wrong_answers.py"
    labels = {e.label for e in notebook_rules.exercises(nb)[0]}
    assert set(runpy.run_path(str(path))["WRONG"]) == labels


def test_status_has_no_row_too_many():
    status = json.loads(STATUS.read_text())
    assert set(status) - {p.stem for p in PATHS} == {"machine", "date"}


def test_every_notebook_is_in_the_book():
    toc = (ROOT / "book/_toc.yml").read_text()
    listed = set(_files(yaml.safe_load(toc)))
    assert {f"notebooks/{p.stem}" for p in PATHS} == {f for f in listed if "notebooks/" in f}


def test_there_are_notebooks():
    assert PATHS, "notebooks/ is empty"


def test_excuses_are_used():
    """An excuse that no cell needs any longer is taken off the list."""
    for name, tags in notebook_rules.EXCUSED.items():
        nb = read(NOTEBOOKS / f"{name}.ipynb")
        cells = [notebook_rules.tags_of(c) for c in notebook_rules.code_cells(nb)]
        for tag, (count, reason) in tags.items():
            assert sum(tag in tags for tags in cells) == count, (name, tag)
            assert len(reason.split()) > 3, f"say why {name} needs {tag}"


def _files(node):
    if isinstance(node, dict):
        for key, value in node.items():
            yield from [value] if key in {"file", "root"} else _files(value)
    elif isinstance(node, list):
        for value in node:
            yield from _files(value)
