"""``{benchmarks}``: what ``make bench`` stored, as tables made at build time."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

from docutils import nodes
from gdl_directive import ROOT, BookDirective


def _page() -> ModuleType:
    """The module ``benchmarks/page.py``, which is no package."""
    path = ROOT / "benchmarks" / "page.py"
    spec = importlib.util.spec_from_file_location("gdl_benchmarks_page", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Benchmarks(BookDirective):
    """A section for each stored benchmark, with a table and a few sentences for each job."""

    folder = ROOT / "book" / "results"

    def run(self) -> list[nodes.Node]:
        self.env.note_reread()
        for path in sorted(Path(self.folder).glob("bench_*.json")):
            self.env.note_dependency(str(path))
        results = _page().load(self.folder)
        if not results:
            return [self.paragraph("No benchmark has been recorded yet.")]
        return [self.section(result) for result in results]

    def section(self, result: dict) -> nodes.section:
        made = _page()
        name = f"benchmark {result['subject']}"
        section = nodes.section(ids=[nodes.make_id(name)], names=[name])
        section += [nodes.title("", result["title"]), self.paragraph(result["about"])]
        for job in result["jobs"]:
            table = made.table(job)
            inner = nodes.make_id(f"{name} {table.name}")
            part = nodes.section(ids=[inner], names=[inner])
            first, _, rest = table.name.partition(" ")  # p4 stays p4
            first = first.capitalize() if first.isalpha() and first.islower() else first
            part += nodes.title("", f"{first} {rest}".strip())
            # texts as they are: a candidate's name is no markup
            rows = [[nodes.inline("", cell) for cell in row] for row in table.rows]
            widths = [14, 16, *[24] * (len(table.head) - 2)]
            drawn = self.table(table.head, rows, widths)
            drawn["classes"].append("gdl-numbers")
            notes = nodes.bullet_list()
            notes += [nodes.list_item("", nodes.paragraph("", text)) for text in table.notes]
            section += part
            part += [drawn, notes]
        versions = ", ".join(f"{k} {v}" for k, v in result["packages"].items())
        said = f"Measured on {result['date']} on {result['machine']}; {versions}; one thread;"
        section += nodes.paragraph("", f"{said} {result['seconds']:.0f} s in all.")
        return section
