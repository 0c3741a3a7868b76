"""Cut the pictures of the landing page's cards out of the notebooks' stored outputs.

    python tools/make_assets/cards.py

reads ``book/gallery.yml`` and writes ``book/_static/cards/NN_topic.webp``, 448 by 280 pixels on
white. Run it when a chapter's picture has changed; a test compares each card with the picture that
is stored now.
"""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import yaml
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "book" / "_static" / "cards"
SIZE, MARGIN, GAP = (448, 280), 12, 8
LIMIT = 15_000
WHOLE = [[0.0, 0.0, 1.0, 1.0]]


def stored_picture(notebook: Path, cell: str) -> Image.Image:
    """The first picture among a cell's stored outputs, on white.

    Raises
    ------
    ValueError
        If the notebook has no such cell, or the cell no picture.
    """
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    outputs = [out for one in cells if one.get("id") == cell for out in one.get("outputs", [])]
    found = [out["data"]["image/png"] for out in outputs if "image/png" in out.get("data", {})]
    if not found:
        raise ValueError(f"{notebook.name} must hold a picture in cell {cell!r}, got none")
    picture = Image.open(io.BytesIO(base64.b64decode("".join(found[0])))).convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")


def cut(picture: Image.Image, crops: list[list[float]], columns: int = 1) -> Image.Image:
    """Lay pieces of a picture side by side, and fit them into a card.

    Parameters
    ----------
    picture : Image
        Any size.
    crops : list of [left, top, right, bottom]
        The pieces, as shares of the picture.
    columns : int
        How many stand side by side; the last row is centered.
    """
    w, h = picture.size
    boxes = [(round(a * w), round(b * h), round(c * w), round(d * h)) for a, b, c, d in crops]
    pieces = [picture.crop(box) for box in boxes]
    wide, high = max(p.width for p in pieces), max(p.height for p in pieces)
    rows = -(-len(pieces) // columns)
    room = (SIZE[0] - 2 * MARGIN - GAP * (columns - 1), SIZE[1] - 2 * MARGIN - GAP * (rows - 1))
    scale = min(room[0] / columns / wide, room[1] / rows / high)
    card = Image.new("RGB", SIZE, "white")
    for k, piece in enumerate(pieces):
        row, column = divmod(k, columns)
        in_row = min(columns, len(pieces) - row * columns)
        x = SIZE[0] / 2 + (column - in_row / 2) * (scale * wide + GAP) + GAP / 2
        y = SIZE[1] / 2 + (row - rows / 2) * (scale * high + GAP) + GAP / 2
        small = piece.resize((round(scale * piece.width), round(scale * piece.height)), 1)
        card.paste(small, (round(x), round(y)))
    return card


def drawn(name: str, entry: dict[str, Any]) -> Image.Image:
    """The card of a chapter, from what is stored now."""
    picture = stored_picture(ROOT / "notebooks" / f"{name}.ipynb", str(entry["cell"]))
    return cut(picture, entry.get("crops", WHOLE), entry.get("columns", 1))


def encode(card: Image.Image) -> bytes:
    """A card as WebP, as good as the limit allows."""
    for quality in (80, 65, 50, 35):
        file = io.BytesIO()
        card.save(file, "WEBP", quality=quality, method=6)
        if file.tell() <= LIMIT:
            return file.getvalue()
    raise ValueError(f"a card may take {LIMIT:,} bytes, got {file.tell():,}: cut out less")


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    gallery = yaml.safe_load((ROOT / "book" / "gallery.yml").read_text(encoding="utf-8"))
    for name, entry in gallery.items():
        (FOLDER / f"{name}.webp").write_bytes(encode(drawn(name, entry)))


if __name__ == "__main__":
    main()
