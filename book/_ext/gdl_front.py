"""What the landing page shows, taken from the notebooks' stored outputs when the book is built.

``{live-from} notebooks/05_grids Flatten collapses``
    The live figure of that chapter whose title begins so.
``{claim-from} notebooks/05_grids A polyphase CNN gives``
    The card of that chapter's claim, and a link to where it is measured.
``{gallery}``
    A card with a picture for each chapter, by parts of the book (``gallery.yml``, ``_toc.yml``).
``{count}`claims```
    How many claims, chapters, live figures or 3D views there are.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import yaml
from docutils import nodes
from gdl_directive import ROOT, BookDirective, chapters
from gdl_outputs import live_markup
from gdl_plan import card
from gdl_stored import CLAIM_MIME, MESH_HTML, claims, lives, outputs, the_one
from sphinx.util.docutils import SphinxRole

TITLE = re.compile(r'<figcaption class="gdl-live-title">(.*?)</figcaption>', re.S)


class _From(BookDirective):
    """Something of a chapter: its notebook, and how its text begins."""

    required_arguments = 2
    final_argument_whitespace = True

    def notebook(self) -> Path:
        self.env.note_reread()
        path = ROOT / f"{self.arguments[0]}.ipynb"
        if not path.exists():
            raise self.error(f"{self.name}: there is no {path.name}")
        self.env.note_dependency(str(path))
        return path

    def pick(self, found: list[tuple[str, object]]) -> object:
        try:
            return the_one(found, self.arguments[1], f"{self.name}: one of {self.arguments[0]}")
        except ValueError as error:
            raise self.error(str(error)) from error


class LiveFrom(_From):
    def run(self) -> list[nodes.Node]:
        found = [(self.title(out.html), live_markup(out.data)) for out in lives(self.notebook())]
        figure = nodes.raw("", self.pick(found), format="html")
        return [nodes.container("", figure, classes=["gdl-front-live"])]

    @staticmethod
    def title(markup: str) -> str:
        return html.unescape(TITLE.search(markup)[1])


class ClaimFrom(_From):
    def run(self) -> list[nodes.Node]:
        path = self.notebook()
        found = [
            (out.data[CLAIM_MIME]["text"], (k, out.html)) for k, out in enumerate(claims(path), 1)
        ]
        k, markup = self.pick(found)
        one = card(path)
        where = nodes.paragraph("", "", classes=["gdl-front-where"])
        words = f"Measured in chapter {one.number}, {one.title}"
        where += self.link(words, self.arguments[0], f"claim-{k}")
        raw = nodes.raw("", markup, format="html")
        return [nodes.container("", raw, where, classes=["gdl-front-claim"])]


class Count(SphinxRole):
    """A number that the stored outputs say."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        self.env.note_reread()
        held = [path for _, path in chapters(self.env)]
        of = {
            "claims": lambda p: len(claims(p)),
            "chapters": lambda p: 1,
            "live": lambda p: len(lives(p)),
            "views": lambda p: sum(out.html.startswith(MESH_HTML) for out in outputs(p)),
        }
        if self.text not in of:
            known = ", ".join(of)
            message = self.inliner.reporter.error(
                f"count must be one of {known}, got {self.text!r}", line=self.lineno
            )
            return [], [message]
        number = sum(map(of[self.text], held))
        return [nodes.inline("", f"{number:,}", classes=[f"gdl-count-{self.text}"])], []


class Gallery(BookDirective):
    def run(self) -> list[nodes.Node]:
        self.env.note_reread()
        book = ROOT / "book"
        entries = {}
        for name in ("gallery.yml", "_toc.yml"):
            self.env.note_dependency(str(book / name))
        entries = yaml.safe_load((book / "gallery.yml").read_text(encoding="utf-8"))
        toc = yaml.safe_load((book / "_toc.yml").read_text(encoding="utf-8"))
        return [self.part(caption, docs, entries) for caption, docs in parts(toc)]

    def part(self, caption: str, docs: list[str], entries: dict) -> nodes.section:
        section = nodes.section(ids=[nodes.make_id(caption)], names=[caption])
        section += nodes.title("", caption)
        cards = [self.card(doc, entries) for doc in docs]
        section += nodes.container("", *cards, classes=["gdl-gallery"])
        return section

    def card(self, docname: str, entries: dict) -> nodes.container:
        path = ROOT / f"{docname}.ipynb"
        entry = entries.get(path.stem)
        if entry is None or not {"says", "cell", "alt"} <= set(entry):
            raise self.error(f"gallery.yml must give says, cell and alt of {path.stem}")
        self.env.note_dependency(str(path))
        one = card(path)
        up = "../" * self.env.docname.count("/")
        image = (
            f'<img src="{up}_static/cards/{path.stem}.webp" alt="{html.escape(entry["alt"])}" '
            'class="dark-light" width="448" height="280" loading="lazy" decoding="async">'
        )
        title = self.link(f"{one.number} · {one.title}", docname)
        return nodes.container(
            "",
            nodes.raw("", image, format="html"),
            nodes.paragraph("", "", title, classes=["gdl-gallery-title"]),
            self.paragraph(entry["says"].strip()),
            classes=["gdl-gallery-card"],
        )


def parts(toc: dict) -> Iterator[tuple[str, list[str]]]:
    """Yield (caption, chapters) of each part of the contents that has chapters."""
    for part in toc["parts"]:
        files = [entry["file"] for entry in part["chapters"]]
        docs = [name for name in files if name.startswith("notebooks/")]
        if docs:
            yield part["caption"], docs


def link_style(app, pagename, templatename, context, doctree) -> None:
    """Give the landing page, and no other, its style sheet."""
    if pagename == app.config.root_doc:
        app.add_css_file("front.css")
