"""The cards that open chapters are readable by machine, and timetables add up."""

import json

import pytest
from nbtools import NOTEBOOKS, ROOT

STORED = sorted(NOTEBOOKS.glob("[0-9]*.ipynb"))


@pytest.fixture
def plan(monkeypatch):
    pytest.importorskip("sphinx_external_toc")
    monkeypatch.syspath_prepend(ROOT / "book/_ext")
    import gdl_plan

    return gdl_plan


@pytest.mark.parametrize("path", STORED, ids=lambda p: p.stem)
def test_a_chapters_card_is_read(path, plan):
    card = plan.card(path)
    assert card.number == int(path.name[:2])
    assert card.title
    assert card.needs.endswith(".")
    assert 15 <= card.minutes <= 240


@pytest.mark.parametrize(
    ("words", "minutes"),
    [
        ("an hour to read", 60),
        ("an hour and a half to read", 90),
        ("half an hour to read", 30),
        ("about two hours to read", 120),
        ("40 minutes to read", 40),
    ],
)
def test_times_are_read(words, minutes, plan, tmp_path):
    card = plan.card(notebook(tmp_path, f"- **You need** x.\n- **It takes** {words}, and a while."))
    assert card == plan.Card(5, "T", "x.", minutes, words.removesuffix(" to read"))


def notebook(folder, lines):
    source = f"# T\n:::{{admonition}} In this chapter\n:class: gdl-card\n{lines}\n:::\n"
    file = folder / "05_x.ipynb"
    file.write_text(json.dumps({"cells": [{"cell_type": "markdown", "source": [source]}]}))
    return file


@pytest.mark.parametrize("line", ["- **You need** x.", "- **You need** x.\n- **It takes** ages."])
def test_a_card_without_a_known_time_is_refused(line, plan, tmp_path):
    with pytest.raises(ValueError, match=r"05_x.ipynb: the card must say"):
        plan.card(notebook(tmp_path, line))


def weeks(plan, minutes, count):
    """Numbers of the chapters of each week."""
    cards = [plan.Card(k, f"T{k}", "", m, "") for k, m in enumerate(minutes, 1)]
    return [[card.number for card in week] for week in plan.timetable(cards, count)]


def test_neighbours_with_the_least_to_read_share_a_week(plan):
    """By hand: 60 + 60 are the shortest pair, then 90 + 30, and the last week is for projects."""
    assert weeks(plan, [60, 60, 90, 90, 30], 4) == [[1, 2], [3], [4, 5], []]
    assert weeks(plan, [60, 90], 4) == [[1], [2], [], []]


@pytest.mark.parametrize("count", [1, 5, 10, 40])
def test_every_chapter_is_in_the_plan_in_order(count, plan):
    made = weeks(plan, ([60, 90, 120] * count)[:count], 6)
    assert [number for week in made for number in week] == list(range(1, count + 1))
    assert len(made) == 6
    assert made[-1] == []
    assert all(made[: min(count, 5)])


def test_no_chapters_and_too_few_weeks_are_refused(plan):
    with pytest.raises(ValueError, match="at least 1 and 2, got 0, 6"):
        plan.timetable([], 6)
    with pytest.raises(ValueError, match="at least 1 and 2, got 1, 1"):
        weeks(plan, [60], 1)
