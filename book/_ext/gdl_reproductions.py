"""``{reproductions}``: published values beside ours, which are read from what is stored.

``book/reproductions.yml`` says where ours stands: in a study's file, or in a chapter's output.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import mean, stdev
from typing import Any, NamedTuple

import yaml
from docutils import nodes
from gdl_directive import ROOT, BookDirective
from gdl_plan import card

FILE = ROOT / "book" / "reproductions.yml"
FIELDS = {"what", "chapter", "published", "value", "source", "ours", "unit", "within", "why"}
STUDENT = {5: 2.776, 8: 2.365, 10: 2.262}
"""97.5 % quantiles of Student's t for so many seeds."""


class Ours(NamedTuple):
    """What is stored here: one value a seed, or a single one."""

    values: list[float]
    unit: str

    @property
    def value(self) -> float:
        """The mean over the seeds."""
        return mean(self.values)

    @property
    def text(self) -> str:
        """The value as the page shows it, with a 95 % interval if there are seeds."""
        if self.unit == "number":
            return f"number {self.value:g}"
        if self.unit != "%":
            return f"{self.value:g} {self.unit}"
        if len(self.values) == 1:
            return f"{self.value:.1f} %"
        half = STUDENT[len(self.values)] * stdev(self.values) / len(self.values) ** 0.5
        return f"{self.value:.1f} ± {half:.1f} %"


def rows(path: Path = FILE) -> list[dict[str, Any]]:
    """Read the file.

    Raises
    ------
    ValueError
        If a row lacks a field.
    """
    found = yaml.safe_load(path.read_text(encoding="utf-8"))
    for row in found:
        if missing := FIELDS - set(row):
            raise ValueError(f"{row.get('what')}: a row must have {sorted(missing)}")
    return found


def ours(row: dict[str, Any], root: Path = ROOT) -> Ours:
    """Our value of a row, from where it is stored.

    Raises
    ------
    ValueError
        If nothing is stored there.
    """
    place = row["ours"]
    if "study" in place:
        file = root / "book" / "results" / f"{place['study']}.json"
        stored = json.loads(file.read_text(encoding="utf-8"))
        found = [float(v) for v in follow(stored, place["path"], row["what"])]
    else:
        found = [in_output(row, root) + place.get("plus", 0)]
    if row["unit"] == "%":
        found = [100 * (1 - v if row.get("error") else v) for v in found]
    return Ours(found, row["unit"])


def follow(stored: Any, path: list, what: str) -> Iterator[Any]:
    """Yield what stands at the end of a path; ``*`` goes to every seed."""
    if not path:
        yield stored
        return
    step, *rest = path
    try:
        ways = list(stored.values()) if step == "*" else [stored[step]]
    except (KeyError, IndexError, TypeError, AttributeError):
        raise ValueError(f"{what}: nothing is stored at {step!r} of {path}") from None
    for way in ways:
        yield from follow(way, rest, what)


def in_output(row: dict[str, Any], root: Path) -> float:
    """The number that a pattern finds in a cell's stored output."""
    place, path = row["ours"], root / "notebooks" / f"{row['chapter']}.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    outs = [out for one in cells if one.get("id") == place["cell"] for out in one["outputs"]]
    text = "".join("".join(out.get("text", "")) for out in outs)
    hits = re.findall(place["find"], text)
    if not hits:
        where = f"cell {place['cell']} of {path.name}"
        raise ValueError(f"{row['what']}: no {place['find']!r} in {where}")
    return float(hits[0] if re.compile(place["find"]).groups else len(hits))


def agrees(row: dict[str, Any], found: Ours) -> bool:
    """Whether ours is within what the row allows."""
    return abs(found.value - row["value"]) <= row["within"] + 1e-9


class Reproductions(BookDirective):
    def run(self) -> list[nodes.Node]:
        self.env.note_reread()
        self.env.note_dependency(str(FILE))
        held = [(row, ours(row)) for row in rows()]
        count = sum(agrees(row, found) for row, found in held)
        said = f"{len(held)} results that others published, {count} of them within what is allowed."
        head = ["Result", "Published", "Here", "Allowed", "What was done otherwise"]
        lines = [self.line(row, found) for row, found in held]
        return [self.paragraph(said), self.table(head, lines, [24, 16, 15, 11, 34])]

    def line(self, row: dict[str, Any], found: Ours) -> list:
        path = ROOT / "notebooks" / f"{row['chapter']}.ipynb"
        self.env.note_dependency(str(path))
        chapter = self.link(f"chapter {card(path).number}", f"notebooks/{row['chapter']}")
        what = nodes.inline("", f"{row['what']}, ", chapter)
        seeds = len(found.values)
        here = found.text + (f", {seeds} seeds" if seeds > 1 else "")
        good = agrees(row, found)
        unit = " points" if row["unit"] == "%" else ""
        allowed = f"± {row['within']:g}{unit}" if row["within"] else "none"
        verdict = nodes.inline("", "✓ agrees" if good else "differs")
        verdict["classes"].append("gdl-agrees" if good else "gdl-differs")
        return [
            what,
            f"{row['published']}: {row['source']}",
            nodes.inline("", here, classes=["gdl-ours"]),
            nodes.inline("", f"{allowed}: ", verdict),
            row["why"],
        ]
