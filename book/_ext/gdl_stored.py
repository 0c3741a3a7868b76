"""What the notebooks hold: their outputs, as they are stored, read when the book is built."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

CLAIM_MIME = "application/vnd.gdl.claim+json"
CLAIM_HTML = '<div class="gdl-claim'
LIVE_HTML = '<figure class="gdl-live"'
MESH_HTML = '<figure class="gdl-mesh3d"'


class Output(NamedTuple):
    """One stored output: its cell, and its data by type, each text in one piece."""

    cell: str
    data: dict[str, Any]

    @property
    def html(self) -> str:
        """What a page shows of it, or nothing."""
        return self.data.get("text/html", "")


def outputs(notebook: Path) -> Iterator[Output]:
    """Yield a notebook's stored outputs, in order."""
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        for out in cell.get("outputs", []):
            data = out.get("data", {})
            whole = {k: "".join(v) if isinstance(v, list) else v for k, v in data.items()}
            yield Output(cell.get("id", ""), whole)


def claims(notebook: Path) -> list[Output]:
    """The outputs that are claims; the first is the chapter's claim 1."""
    return [out for out in outputs(notebook) if CLAIM_MIME in out.data]


def lives(notebook: Path) -> list[Output]:
    """The outputs that are live figures."""
    return [out for out in outputs(notebook) if out.html.startswith(LIVE_HTML)]


def the_one(found: list[tuple[str, Any]], start: str, what: str) -> Any:
    """Of (title, value) the value whose title begins so.

    Raises
    ------
    ValueError
        If there is none, or more than one.
    """
    hits = [value for title, value in found if title.startswith(start)]
    if len(hits) != 1:
        titles = "; ".join(repr(title) for title, _ in found) or "none"
        raise ValueError(f"{what} must begin with {start!r} once, got {len(hits)} of {titles}")
    return hits[0]
