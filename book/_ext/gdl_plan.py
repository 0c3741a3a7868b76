"""What the chapters' opening cards say, as a table and as a timetable.

``{chapter-cards}``
    Each chapter, what it needs, how long it takes to read, and seconds to run (``status.json``).
``{timetable} 6``
    The chapters that exist, spread over so many weeks by the time that they take to read.
"""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from docutils import nodes
from gdl_directive import ROOT, BookDirective, chapters

COUNT = {"a quarter of an": 0.25, "half an": 0.5, "three quarters of an": 0.75, "an": 1, "one": 1}
COUNT |= {"two": 2, "three": 3, "four": 4}
TAKES = re.compile(rf"(?:about |some )?({'|'.join(COUNT)}) hours?( and a half)?|(\d+) minutes")


class Card(NamedTuple):
    """What a chapter says of itself."""

    number: int
    title: str
    needs: str
    minutes: int
    takes: str


def card(notebook: Path) -> Card:
    """Read a notebook's title and opening card.

    Raises
    ------
    ValueError
        If the card lacks a line, or the time is not one that is known.
    """
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    text = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    parts = re.search(r"(?s)^:class: gdl-card\n(.*?)^:::", text, re.M)
    items = dict(re.findall(r"(?ms)^- \*\*(.*?)\*\*\s+(.*?)(?=^- |\Z)", parts[1] if parts else ""))
    said = " ".join(items.get("It takes", "").split())
    known = TAKES.match(said)
    if "You need" not in items or not known:
        raise ValueError(
            f"{notebook.name}: the card must say **You need**, and **It takes** with hours such "
            f"as 'an hour and a half to read', got {said!r}"
        )
    hours = COUNT.get(known[1], 0) + (0.5 if known[2] else 0) or int(known[3]) / 60
    title = re.search(r"(?m)^# (.*)$", text)[1]
    needs = " ".join(items["You need"].split())
    return Card(int(notebook.name[:2]), title, needs, round(60 * hours), known[0])


def timetable(cards: list[Card], weeks: int) -> list[list[Card]]:
    """The chapters of each week, in order; weeks without any are for projects, the last one always.

    Neighbours that have the least to read together share a week, until all find room.

    Raises
    ------
    ValueError
        If there is no chapter, or fewer than two weeks.
    """
    if not cards or weeks < 2:
        raise ValueError(f"cards and weeks must be at least 1 and 2, got {len(cards)}, {weeks}")
    plan = [[card] for card in cards]
    while len(plan) > weeks - 1:
        loads = [sum(card.minutes for card in a + b) for a, b in pairwise(plan)]
        k = loads.index(min(loads))
        plan[k : k + 2] = [plan[k] + plan[k + 1]]
    return plan + [[] for _ in range(weeks - len(plan))]


class ChapterCards(BookDirective):
    def run(self) -> list[nodes.Node]:
        self.env.note_reread()
        path = ROOT / "book" / "results" / "status.json"
        self.env.note_dependency(str(path))
        status = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        rows = []
        for docname, notebook in chapters(self.env):
            self.env.note_dependency(str(notebook))
            one, seconds = card(notebook), status.get(notebook.stem, {}).get("seconds")
            where = nodes.inline("", "", self.link(f"{one.number} {one.title}", docname))
            ran = f"{seconds:.0f} s" if seconds else "–"
            rows.append([where, one.needs, one.takes, ran])
        return [self.table(["Chapter", "You need", "To read", "To run"], rows, [22, 50, 16, 12])]


class Timetable(BookDirective):
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        self.env.note_reread()
        found = [(docname, card(path)) for docname, path in chapters(self.env)]
        docs = {one.number: docname for docname, one in found}
        rows = []
        for week, part in enumerate(timetable([c for _, c in found], int(self.arguments[0])), 1):
            text = nodes.inline("", "" if part else "Projects: a symmetry of your own data")
            for k, one in enumerate(part):
                text += nodes.Text("; " if k else "")
                text += self.link(f"{one.number} {one.title}", docs[one.number])
            rows.append([str(week), text])
        return [self.table(["Week", "What"], rows, [10, 90])]
