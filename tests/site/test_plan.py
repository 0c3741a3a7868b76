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


def cards(plan, *minutes):
    return [plan.Card(k, f"T{k}", "", m, "") for k, m in enumerate(minutes, 1)]


def numbers(weeks):
    return [[card.number for card, _ in week] for week in weeks]


def test_chapters_share_weeks_so_that_the_fullest_is_short(plan):
    """By hand: 60 + 60, 90, 90 + 30 is the only split in three whose fullest week has 120."""
    weeks = plan.timetable(cards(plan, 60, 60, 90, 90, 30), 4)
    assert numbers(weeks) == [[1, 2], [3], [4, 5], []]


def test_the_longest_chapter_gets_the_further_week(plan):
    weeks = plan.timetable(cards(plan, 60, 90), 4)
    assert numbers(weeks) == [[1], [2], [2], []]
    assert weeks[1][0][1] != weeks[2][0][1]


def test_a_single_chapter_leaves_the_rest_to_projects(plan):
    weeks = plan.timetable(cards(plan, 60), 12)
    assert numbers(weeks) == [[1]] * 4 + [[]] * 8
    assert [part[0][1] for part in weeks[:4]] == list(plan.STAGES)


@pytest.mark.parametrize("count", [*range(1, 14), 40])
@pytest.mark.parametrize("weeks", [2, 6, 12])
def test_every_chapter_is_in_the_plan_in_order(count, weeks, plan):
    made = plan.timetable(cards(plan, *[60, 90, 120] * count)[:count], weeks)
    flat = [number for week in numbers(made) for number in week]
    assert flat == sorted(flat)
    assert set(flat) == set(range(1, count + 1))
    assert len(made) == weeks
    assert made[-1] == []


def test_no_chapters_and_too_few_weeks_are_refused(plan):
    with pytest.raises(ValueError, match="at least 1 and 2, got 0, 6"):
        plan.timetable([], 6)
    with pytest.raises(ValueError, match="at least 1 and 2, got 1, 1"):
        plan.timetable(cards(plan, 60), 1)
