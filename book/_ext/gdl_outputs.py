"""Outputs as a page shows them: charts drawn in its colors, cards of claims, code beneath.

A stored output may hold, beside its PNG, the drawings of a chart (``gdl_utils.plots.vector``). The
page gets them in place of the PNG: one for the column, and one for a phone where that differs. Of a
live figure they are the still. A 3D view loses the address of its CDN: the book brings the viewer.

In a cell that proves a claim or shows a picture, the output comes first, and the code is folded
beneath it, together with cells just before that show nothing and are tagged ``hide-input``. A cell
that is tagged ``show-code`` is left as it is.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from docutils import nodes
from gdl_stored import CLAIM_MIME, LIVE_HTML, MESH_HTML

FIGURE_MIME = "application/vnd.gdl.figure+json"
CLAIM_HTML = '<div class="gdl-claim">'
STILL = re.compile(r'<img class="gdl-live-still" alt="([^"]*)" src="[^"]*">')
PICTURE, PLACE = re.compile('"data:image/[^"]+"'), re.compile('"picture:([0-9]+)"')
IMAGE = re.compile(r'<image ([^>]*?)href="(data:[^"]*)"([^>]*?)/>')
ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
CDN = re.compile(r'"https://[^"]*model-viewer[^"]*"')
SUMMARY = {
    "claim": "How it was measured",
    "picture": "The code of this figure",
    "text": "The code of this output",
}


def drawing(packed: dict[str, str], alt: str, kind: str = "gdl-chart") -> str:
    """The markup of a chart: its drawings, of which the width of the column shows one."""
    drawn = {k: gzip.decompress(base64.b64decode(v)).decode("utf-8") for k, v in packed.items()}
    known = list(dict.fromkeys(PICTURE.findall(drawn["wide"])))
    drawn = {k: PLACE.sub(lambda m: known[int(m[1])], svg) for k, svg in drawn.items()}
    once, drawn = _shared(drawn)
    name = html.escape(" ".join(alt.split()), quote=True)
    parts = []
    for which, svg in drawn.items():
        only = f' class="gdl-{which}"' if len(drawn) > 1 else ""
        says = f'<svg role="img" aria-label="{name}"{only} '
        parts.append(svg.replace("<svg ", says, 1))
    return f'<div class="{kind}">{once}{"".join(parts)}</div>'


def _shared(drawn: dict[str, str]) -> tuple[str, dict[str, str]]:
    """Take out pictures that all drawings hold, to stand in the page once."""
    found = [{address for _, address, _ in IMAGE.findall(svg)} for svg in drawn.values()]
    both = set.intersection(*found) if len(found) > 1 else set()
    if not both:
        return "", drawn
    names = {a: "gdl-picture-" + hashlib.sha256(a.encode()).hexdigest()[:10] for a in sorted(both)}
    held = "".join(
        f'<image id="{name}" width="1" height="1" preserveAspectRatio="none" href="{address}"/>'
        for address, name in names.items()
    )
    once = '<svg class="gdl-pictures" width="0" height="0" aria-hidden="true">'

    def used(match: re.Match[str]) -> str:
        if match[2] not in names:
            return match[0]
        given = dict(ATTRIBUTE.findall(match[1] + match[3]))
        x, y, width, height = (given.get(key, "0") for key in ("x", "y", "width", "height"))
        moved = f"{given.get('transform', '')} translate({x} {y}) scale({width} {height})"
        look = f' style="{given["style"]}"' if "style" in given else ""
        return f'<use href="#{names[match[2]]}" transform="{moved.strip()}"{look}/>'

    return f"{once}<defs>{held}</defs></svg>", {k: IMAGE.sub(used, v) for k, v in drawn.items()}


@cache
def _outputs(path: Path, _changed: float) -> list[list[dict[str, Any]]]:
    """The displayed outputs of each cell of a notebook."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [[o for o in cell.get("outputs", []) if "data" in o] for cell in cells]


def stored_outputs(path: Path) -> list[list[dict[str, Any]]]:
    """The displayed outputs of each cell of a notebook, as they are stored."""
    return _outputs(path, path.stat().st_mtime)


def dress_outputs(app, doctree) -> None:
    """Dress every output of a chapter, and fold the code of claims and pictures."""
    path = Path(app.env.doc2path(app.env.docname))
    if path.suffix != ".ipynb":
        return
    stored, claims, before = stored_outputs(path), 0, []
    number = path.name[:2]
    for cell in list(doctree.findall(_is_code_cell)):
        bundles = list(cell.findall(_is_bundle))
        kinds = set()
        for bundle, output in zip(bundles, stored[cell["cell_index"]], strict=True):
            kind = _dress(bundle, output["data"], f"{number}-{claims + 1}")
            claims += kind == "claim"
            kinds.add(kind)
        tags = cell.get("cell_metadata", {}).get("tags", [])
        kinds -= {""}
        if before and not _follows(before[-1], cell):
            before = []
        shown, hidden = len(cell.children) > 1, "hide-input" in tags
        if shown and (kinds or hidden) and not {"show-code", "remove-cell"} & set(tags):
            kind = next((k for k in ("claim", "picture") if k in kinds), "text")
            _fold(cell, SUMMARY[kind], before)
        before = [*before, cell] if hidden and not shown else []


def _is_code_cell(node: nodes.Node) -> bool:
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"


def _is_bundle(node: nodes.Node) -> bool:
    return isinstance(node, nodes.container) and node.get("nb_element") == "mime_bundle"


def _dress(bundle: nodes.container, data: dict[str, Any], claim: str) -> str:
    """Put into a bundle what the page shows; say whether it is a claim, a picture or neither."""
    text = "".join(data.get("text/html", ""))
    if CLAIM_MIME in data:
        chapter, _, count = claim.partition("-")
        card = f'<div class="gdl-claim" id="claim-{count}">'
        link = f'<a class="gdl-claim-link" href="../book/ledger.html#c-{claim}">'
        link += (
            f'<span class="visually-hidden">In the ledger: claim </span>{int(chapter)}.{count}</a>'
        )
        _show(bundle, text.replace(CLAIM_HTML, card, 1).removesuffix("</div>") + link + "</div>")
        return "claim"
    if text.startswith(LIVE_HTML):
        _show(bundle, live_markup(data))
        return "picture"
    if text.startswith(MESH_HTML):
        _show(bundle, CDN.sub('""', text))
        return "picture"
    if FIGURE_MIME in data:
        alts = [image.get("alt", "") for image in bundle.findall(nodes.image)]
        _show(bundle, drawing(data[FIGURE_MIME], next(iter(alts), "")))
        return "picture"
    return "picture" if "image/png" in data else ""


def live_markup(data: dict[str, Any]) -> str:
    """A live figure for the page: its still is the drawing, which the page's theme colors."""
    text, packed = "".join(data["text/html"]), data.get(FIGURE_MIME)

    def still(match: re.Match[str]) -> str:
        return drawing(packed, html.unescape(match[1]), "gdl-chart gdl-live-still")

    return text if packed is None else STILL.sub(still, text, count=1)


def _show(bundle: nodes.container, markup: str) -> None:
    """Leave one thing to show in a bundle: this markup."""
    shown = nodes.raw("", markup, format="html", classes=["output", "text_html"])
    part = nodes.container("", shown, mime_type="text/html")
    bundle.children = []
    bundle += part


def _follows(first: nodes.Node, second: nodes.Node) -> bool:
    """Whether nothing stands between two cells."""
    around = second.parent
    return first.parent is around and around.index(first) + 1 == around.index(second)


def _fold(cell: nodes.container, summary: str, before: list[nodes.container]) -> None:
    """Put a cell's code beneath its output, folded, after that of hidden cells before it."""
    code = [part for part in cell.children if "cell_input" in part.get("classes", [])]
    rest = [part for part in cell.children if part not in code]
    if not code or not rest:
        return
    for hidden in before:
        hidden.parent.remove(hidden)
    code = [part for hidden in before for part in hidden.children] + code
    if "hide_mode" in cell:
        del cell["hide_mode"]
    opens = f'<details class="gdl-code"><summary>{summary}</summary>'
    head, foot = (nodes.raw("", markup, format="html") for markup in (opens, "</details>"))
    cell.children = []
    cell["classes"].append("gdl-folded")
    for part in (*rest, head, *code, foot):
        cell += part


def setup(app) -> dict[str, bool]:
    app.connect("doctree-read", dress_outputs, priority=400)  # before Sphinx collects images
    return {"parallel_read_safe": False, "parallel_write_safe": True}
