"""What this book adds to Jupyter Book.

``{claims-ledger}``
    A table of all claims that the notebooks' stored outputs hold.
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
    The reference of modules of ``gdl_utils``; of all modules in it for a package.

It also gives chapters the number of their file, takes Thebe (which names a CDN) out of the pages,
and empties a script that repeats the theme's icon fonts.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from gdl_benchmarks import Benchmarks
from gdl_data import DataSet
from gdl_directive import ROOT, BookDirective, chapters
from gdl_front import ClaimFrom, Count, Gallery, LiveFrom, link_style
from gdl_plan import ChapterCards, Timetable
from gdl_reproductions import Reproductions
from sphinx_external_toc.collectors import TocTreeCollectorWithStyles
from standins import import_with_stand_ins

CLAIM_MIME = "application/vnd.gdl.claim+json"
CLAIM_HTML = '<div class="gdl-claim">'
MESH_HTML = '<figure class="gdl-mesh3d"'
CDN = re.compile(r'"https://[^"]*model-viewer[^"]*"')


def stored_claims(notebook: Path) -> list[dict[str, str]]:
    """Return the claims in a notebook's stored outputs, in order: text, bound, control."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    outputs = [out for cell in cells for out in cell.get("outputs", [])]
    return [out["data"][CLAIM_MIME] for out in outputs if CLAIM_MIME in out.get("data", {})]


class ClaimsLedger(BookDirective):
    def run(self) -> list[nodes.Node]:
        self.env.note_reread()
        rows, count = [], 0
        for docname, path in chapters(self.env):
            self.env.note_dependency(str(path))
            number = int(path.name[:2])
            for i, claim in enumerate(stored_claims(path), start=1):
                where = self.link(f"{number}.{i}", docname, f"claim-{i}")
                text = nodes.inline("", claim["text"], classes=["gdl-ledger-text"])
                plain = [nodes.inline("", claim[key]) for key in ("bound", "control")]
                rows.append([where, text, *plain])
            count += bool(stored_claims(path))
        if not rows:
            return [self.paragraph("The notebooks hold no claim yet.")]
        plural = "chapter" if count == 1 else "chapters"
        summary = self.paragraph(f"{len(rows)} claims in {count} {plural}.")
        head = ["Where", "Claim", "Bound", "Control that fails it"]
        return [summary, self.table(head, rows, [8, 48, 14, 30])]


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


class ApiModules(BookDirective):
    """A section with ``automodule`` for each module named; all modules of a package."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        self.env.note_reread()
        return [self.section(name) for name in self.names()]

    def names(self) -> Iterator[str]:
        for name in self.arguments[0].split():
            path = ROOT.joinpath(*name.split("."))
            if path.with_suffix(".py").exists():
                yield name
            modules = sorted(path.glob("*.py")) if path.is_dir() else []
            yield from (f"{name}.{p.stem}" for p in modules if not p.stem.startswith("_"))

    def section(self, name: str) -> nodes.section:
        section = nodes.section(ids=[nodes.make_id(name)], names=[name])
        section += nodes.title("", "", nodes.literal("", name.removeprefix("gdl_utils.")))
        lines = ["```{eval-rst}", f".. automodule:: {name}", "```"]
        self.state.nested_parse(StringList(lines, self.get_source_info()[0]), 0, section)
        return section


def resolve_links(app, doctree, docname) -> None:
    """Fill in the addresses of links to chapters, which only the builder knows."""
    for node in doctree.findall(nodes.reference):
        if "gdl_target" in node:
            target, anchor = node["gdl_target"]
            uri = app.builder.get_relative_uri(docname, target)
            node["refuri"] = f"{uri}#{anchor}" if anchor else uri
            del node["gdl_target"]


def dress_outputs(app, doctree) -> None:
    """Give each proof line an id that the ledger points at; take a 3D view's CDN away.

    The CDN is where Colab gets the viewer from; the book brings its own.
    """
    n = 0
    for node in doctree.findall(nodes.raw):
        text = node.astext()
        if node.get("format") != "html":
            continue
        if CLAIM_HTML in text:
            n += 1
            text = text.replace(CLAIM_HTML, f'<div class="gdl-claim" id="claim-{n}">', 1)
        elif MESH_HTML in text:
            text = CDN.sub('""', text)
        else:
            continue
        node.children = [nodes.Text(text)]
        node.rawsource = text


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


def soften_docstring(app, what, name, obj, options, lines) -> None:
    """Read docstrings as plain text: ``*grid`` is no emphasis, |G| is no substitution, ..."""
    for i, line in enumerate(lines):
        parts = re.split(r"(``[^`]+``)", line)  # and ² may follow a literal
        line = "".join(p if k % 2 else p.replace("|", r"\|") for k, p in enumerate(parts))
        line = re.sub(r"(?<=[(\s])\*(?=\w+[,)])", r"\\*", line)
        lines[i] = re.sub(r"(``[^`]+``)(?=[\w²³])", r"\1\\ ", line)


def skip_alias(app, what, name, obj, skip, options) -> bool | None:
    """Document everything once: in the module that defines it."""
    home, here = getattr(obj, "__module__", ""), app.env.temp_data.get("autodoc:module")
    return True if what == "module" and home != here and _is_ours(home) else None


def _is_ours(module: str | None) -> bool:
    return (module or "").partition(".")[0] == "gdl_utils"


def resolve_alias(app, env, node, contnode):
    """Find what ``gdl_utils`` re-exports: ``gdl_utils.audit``, or ``audit`` in any module."""
    name = node.get("reftarget", "").removeprefix("gdl_utils.")
    if node.get("refdomain") != "py" or "." in name:
        return None
    objects = env.get_domain("py").objects
    found = [full for full in objects if full.rpartition(".")[2] == name]
    if len(found) != 1:
        return None
    entry = objects[found[0]]
    uri = app.builder.get_relative_uri(node["refdoc"], entry.docname)
    return nodes.reference("", "", contnode, internal=True, refuri=f"{uri}#{entry.node_id}")


def read_library(app) -> None:
    """Import the library for the reference as it is read everywhere: without torch."""
    import_with_stand_ins(ROOT / "gdl_utils")


def unplug_thebe(app, config=None) -> None:
    """Disconnect sphinx-thebe: it names a CDN and raises an error on notebook pages."""
    for listeners in app.events.listeners.values():
        for listener in list(listeners):
            if listener.handler.__module__.startswith("sphinx_thebe"):
                app.disconnect(listener.id)


def drop_thebe_scripts(app, pagename, templatename, context, doctree) -> None:
    """Take what Jupyter Book and the theme say about Thebe out of the page."""
    for key in ("script_files", "css_files"):
        files = context.get(key, [])
        context[key] = [f for f in files if "thebe" not in _words(f)]


def mend_names(app, pagename, templatename, context, doctree) -> None:
    """Take away accessible names and roles that contradict what is seen."""
    body = context.get("body", "")
    for wrong in (' aria-label="Toggle hidden content"', ' role="list" class="citation-list"'):
        body = body.replace(wrong, "")
    context["body"] = body


def _words(file) -> str:
    attributes = getattr(file, "attributes", {})
    return f"{getattr(file, 'filename', file)} {attributes}".lower()


def lighten(app, exception) -> None:
    """Empty the icon script (543 kB compressed): the theme's icon fonts show the same."""
    script = Path(app.outdir) / "_static" / "scripts" / "fontawesome.js"
    if exception is None and script.exists():
        script.write_text("/* The icons come from the web fonts. */\n", encoding="utf-8")


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
    app.add_directive("api-modules", ApiModules)
    app.connect("autodoc-process-docstring", soften_docstring, priority=400)  # before numpydoc
    app.connect("autodoc-skip-member", skip_alias)
    app.connect("missing-reference", resolve_alias)
    app.connect("config-inited", unplug_thebe, priority=1)
    app.connect("builder-inited", read_library)
    app.connect("builder-inited", number_chapters_by_file, priority=900)
    app.connect("doctree-read", dress_outputs)
    app.connect("doctree-resolved", resolve_links)
    app.connect("html-page-context", drop_thebe_scripts, priority=900)
    app.connect("html-page-context", mend_names, priority=900)
    app.connect("html-page-context", link_style)
    app.connect("build-finished", lighten)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
