"""``{claims-ledger}``: all claims that the notebooks' stored outputs hold, one table a chapter.

Each row has the id ``c-05-3`` (chapter and number of the claim), which the claim's card links to,
and links back to the card. Where a claim says what was measured, the row shows it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from docutils import nodes
from gdl_directive import BookDirective, chapters

CLAIM_MIME = "application/vnd.gdl.claim+json"
HEAD = ["Where", "Claim", "Measured", "Control that fails it"]
WIDTHS = [8, 46, 18, 28]
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def stored_claims(notebook: Path) -> list[dict[str, str]]:
    """Return the claims in a notebook's stored outputs, in order: text, bound, control, ..."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    outputs = [out for cell in cells for out in cell.get("outputs", [])]
    return [out["data"][CLAIM_MIME] for out in outputs if CLAIM_MIME in out.get("data", {})]


def title_of(notebook: Path) -> str:
    """The first heading of a notebook."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    text = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    found = re.search(r"(?m)^# +(.*)$", text)
    return found[1] if found else notebook.stem


def powers(text: str) -> str:
    """Write ``1e-10`` as it is spoken: 10⁻¹⁰."""

    def power(match: re.Match) -> str:
        factor = "" if match[1] == "1" else f"{match[1]}·"
        return f"{factor}10{str(int(match[2])).translate(RAISED)}"

    return re.sub(r"\b(\d+(?:\.\d+)?)e([+-]?\d+)\b", power, text)


class ClaimsLedger(BookDirective):
    def run(self) -> list[nodes.Node]:
        self.env.note_reread()
        sections, count = [], 0
        for docname, path in chapters(self.env):
            self.env.note_dependency(str(path))
            if claims := stored_claims(path):
                count += len(claims)
                sections.append(self.chapter(docname, path, claims))
        if not sections:
            return [self.paragraph("The notebooks hold no claim yet.")]
        plural = "chapter" if len(sections) == 1 else "chapters"
        summary = self.paragraph(f"{count} claims in {len(sections)} {plural}.")
        summary["classes"].append("gdl-ledger-count")
        up = "../" * self.env.docname.count("/")
        script = f'<script defer src="{up}_static/gdl_ledger.js"></script>'
        return [summary, *sections, nodes.raw("", script, format="html")]

    def chapter(self, docname: str, path: Path, claims: list[dict[str, str]]) -> nodes.section:
        number = path.name[:2]
        section = nodes.section(ids=[f"chapter-{number}"], classes=["gdl-ledger-chapter"])
        section += nodes.title("", f"{int(number)} · {title_of(path)}")
        rows = [self.cells(docname, number, i, claim) for i, claim in enumerate(claims, start=1)]
        table = self.table(HEAD, rows, WIDTHS)
        table["classes"].append("gdl-ledger")
        for i, row in enumerate(table.findall(nodes.row)):
            if i:  # the first row is the head
                row["ids"] = [f"c-{number}-{i}"]
        section += table
        return section

    def cells(self, docname: str, number: str, i: int, claim: dict[str, str]) -> list[nodes.Node]:
        where = self.link(f"{int(number)}.{i}", docname, f"claim-{i}")
        text = nodes.inline("", claim["text"], classes=["gdl-ledger-text"])
        measured, control = nodes.inline(), nodes.inline()
        if claim.get("measured"):
            measured += nodes.strong("", powers(claim["measured"]))
            measured += nodes.Text(" ")
        measured += nodes.inline("", powers(claim["bound"]), classes=["gdl-ledger-bound"])
        control += nodes.Text(claim["control"])
        if claim.get("controlled"):
            control += nodes.Text(": ")
            control += nodes.strong("", powers(claim["controlled"]))
        return [where, text, measured, control]
