"""What this book adds to Jupyter Book.

``{claims-ledger}``
    All claims that the notebooks' stored outputs hold (``gdl_ledger.py``).
``{run-status}``
    What the last recorded run of each notebook took (``book/results/status.json``).
``{benchmarks}``
    What ``make bench`` measured (``gdl_benchmarks.py``).
``{live-from}``, ``{claim-from}``, ``{gallery}``, ``{count}``
    What the landing page shows of the chapters (``gdl_front.py``).
``{chapter-cards}``, ``{timetable}``
    What chapters need and how long they take (``gdl_plan.py``).
``{reproductions}``
    Published values beside ours (``gdl_reproductions.py``).
``{data-set}``
    How a data set is read, and where it is used (``gdl_data.py``).
``{api-modules}``
    The reference of modules of ``gdl_utils``; of all modules in it for a package (``gdl_api.py``).

It also gives chapters the number of their file, writes the head of each page (``gdl_head.py``), and
makes pages light (``gdl_light.py``, ``gdl_styles.py``).
"""

from __future__ import annotations

import json
import sys

from docutils import nodes
from gdl_api import setup_api
from gdl_benchmarks import Benchmarks
from gdl_data import DataSet
from gdl_directive import ROOT, BookDirective, chapters
from gdl_front import ClaimFrom, Count, Gallery, LiveFrom, link_style
from gdl_head import setup_head
from gdl_ledger import ClaimsLedger
from gdl_light import setup_light
from gdl_plan import ChapterCards, Timetable
from gdl_reproductions import Reproductions
from gdl_styles import setup_styles
from sphinx_external_toc.collectors import TocTreeCollectorWithStyles


class RunStatus(BookDirective):
    def run(self) -> list[nodes.Node]:
        self.env.note_reread()
        path = ROOT / "book" / "results" / "status.json"
        self.env.note_dependency(str(path))
        status = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        rows = []
        for docname, notebook in chapters(self.env):
            run = status.get(notebook.stem)
            if run is None:
                continue
            where = nodes.inline("", "", self.link(notebook.stem, docname))
            cells = [f"{run['seconds']:.0f} s", f"{run['peak_mb']:.0f} MB"]
            cells += [f"{run['kilobytes']:.0f} kB", f"{run['cells']}", f"{run.get('threads', 1)}"]
            rows.append([where, *cells])
        if not rows:
            return [self.paragraph("No run has been recorded yet.")]
        head = ["Notebook", "Time", "Peak memory", "Size", "Cells", "Threads"]
        where = f"Recorded on {status.get('date', 'an unknown date')}"
        where += f" on {status['machine']}." if "machine" in status else "."
        table = self.table(head, rows, [30, 14, 16, 14, 12, 12])
        table["classes"].append("gdl-numbers")
        return [nodes.paragraph("", where), table]


def resolve_links(app, doctree, docname) -> None:
    """Fill in the addresses of links to chapters, which only the builder knows."""
    for node in doctree.findall(nodes.reference):
        if "gdl_target" in node:
            target, anchor = node["gdl_target"]
            uri = app.builder.get_relative_uri(docname, target)
            node["refuri"] = f"{uri}#{anchor}" if anchor else uri
            del node["gdl_target"]


def number_chapters_by_file(app) -> None:
    """Make ``notebooks/05_grids`` chapter 5, whatever chapters precede it."""
    assign = TocTreeCollectorWithStyles.assign_section_numbers
    if getattr(assign, "by_file", False):
        return

    def assign_by_file(self, env) -> list[str]:
        before = env.toc_secnumbers
        assign(self, env)
        for docname, numbers in env.toc_secnumbers.items():
            prefix = docname.rpartition("/")[2][:2]
            if not prefix.isdigit():
                continue
            first = int(prefix)
            for anchor, number in numbers.items():
                numbers[anchor] = (first, *number[1:]) if number else number
            for ref in env.tocs[docname].findall(nodes.reference):
                if ref.get("secnumber"):
                    ref["secnumber"] = [first, *ref["secnumber"][1:]]
            if env.titles[docname].get("secnumber"):
                env.titles[docname]["secnumber"] = [first]
        return [d for d, numbers in env.toc_secnumbers.items() if numbers != before.get(d)]

    assign_by_file.by_file = True
    TocTreeCollectorWithStyles.assign_section_numbers = assign_by_file


def mend_names(app, pagename, templatename, context, doctree) -> None:
    """Take away accessible names and roles that contradict what is seen."""
    body = context.get("body", "")
    for wrong in (' aria-label="Toggle hidden content"', ' role="list" class="citation-list"'):
        body = body.replace(wrong, "")
    context["body"] = body


def setup(app) -> dict[str, bool]:
    sys.path.insert(0, str(ROOT))  # the library of this checkout, installed or not
    app.add_directive("live-from", LiveFrom)
    app.add_directive("claim-from", ClaimFrom)
    app.add_directive("gallery", Gallery)
    app.add_role("count", Count())
    app.add_directive("benchmarks", Benchmarks)
    app.add_directive("chapter-cards", ChapterCards)
    app.add_directive("timetable", Timetable)
    app.add_directive("data-set", DataSet)
    app.add_directive("reproductions", Reproductions)
    app.add_directive("claims-ledger", ClaimsLedger)
    app.add_directive("run-status", RunStatus)
    app.connect("builder-inited", number_chapters_by_file, priority=900)
    app.setup_extension("gdl_outputs")
    app.connect("doctree-resolved", resolve_links)
    app.connect("html-page-context", mend_names, priority=900)
    app.connect("html-page-context", link_style)
    for part in (setup_api, setup_head, setup_light, setup_styles):
        part(app)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
