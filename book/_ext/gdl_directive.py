"""What all directives of the book share: where the book is, its chapters, paragraphs and tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).resolve().parents[2]


def chapters(env) -> Iterator[tuple[str, Path]]:
    """Yield (docname, path) of every notebook in the book, by file name."""
    for docname in sorted(env.found_docs):
        path = Path(env.doc2path(docname))
        if path.suffix == ".ipynb":
            yield docname, path


class BookDirective(SphinxDirective):
    """Something made at build time, on a page that is therefore read in every build."""

    has_content = False

    def paragraph(self, text: str) -> nodes.paragraph:
        inline, messages = self.parse_inline(text, lineno=self.lineno)
        return nodes.paragraph("", "", *inline, *messages)

    def link(self, text: str, docname: str, anchor: str = "") -> nodes.reference:
        return nodes.reference("", text, internal=True, refuri="", gdl_target=(docname, anchor))

    def table(self, head: list[str], rows: list[list], widths: list[int]) -> nodes.table:
        table = nodes.table(classes=["gdl-table"])
        group = nodes.tgroup(cols=len(head))
        group += [nodes.colspec(colwidth=w) for w in widths]
        group += nodes.thead("", self.row(head))
        group += nodes.tbody("", *[self.row(cells) for cells in rows])
        table += group
        return table

    def row(self, cells: list) -> nodes.row:
        row = nodes.row()
        for cell in cells:
            if isinstance(cell, str):
                text = self.paragraph(cell)
            else:
                text = nodes.paragraph("", "", cell)
            row += nodes.entry("", text)
        return row
