"""Say whether two outputs agree by sight: pictures and drawings, which nbval passes over.

Two pictures are the same if the mean of |difference| over all pixels, and over the worst block of
16 × 16, are below ``TIGHT`` or ``LOOSE`` (of 255).
"""

from __future__ import annotations

import base64
import gzip
import io
import re
from typing import Any

TIGHT = (0.1, 4.0)  # drawn again from the same numbers
LOOSE = (1.5, 64.0)  # drawn on another processor, where training ends at slightly other numbers

FIGURE = "application/vnd.gdl.figure+json"
CLAIM = "application/vnd.gdl.claim+json"
COMPARED = (FIGURE, CLAIM)
"""What is compared here, not by nbval: drawings of charts (gdl_utils.plots.vector), and claims."""


def text_of(value: Any) -> str:
    """The text of a notebook's field, which may be stored as a list of lines."""
    return "".join(value) if isinstance(value, list) else value


def differs(stored: Any, fresh: Any, limits: tuple[float, float] = LOOSE) -> str:
    """What is visibly different in the pictures and drawings of two outputs; empty if nothing is.

    nbval compares text. It passes over PNGs, drawings, the inside of live and 3D figures, and the
    numbers of claims: that is what this function looks at.
    """
    a, b = stored.get("data", {}), fresh.get("data", {})
    for mime in ("image/png", "text/html", FIGURE, CLAIM):
        if (mime in a) != (mime in b):
            return f"{mime} is in one of them only"
    if "image/png" in a:
        said = picture_differs(text_of(a["image/png"]), text_of(b["image/png"]), limits)
        if said:
            return said
    if FIGURE in a and (said := drawings_differ(a[FIGURE], b[FIGURE], limits)):
        return said
    if CLAIM in a:
        return claim_differs(a[CLAIM], b[CLAIM])
    html = text_of(a.get("text/html", ""))
    return html_differs(html, text_of(b["text/html"]), limits) if html else ""


def claim_differs(a: dict[str, str], b: dict[str, str]) -> str:
    """Compare claims: words exactly, measurements to a tenth; those of rounding are all alike."""
    for key in sorted({*a, *b}):
        x, y = a.get(key), b.get(key)
        if x == y:
            continue
        if key not in ("measured", "controlled") or x is None or y is None:
            return f"the claim's {key} is {x!r}, now {y!r}"
        small, large = sorted((abs(_number(x)), abs(_number(y))))
        if large <= 1e-9 or (key == "controlled" and small > 1e3):
            continue  # rounding among themselves, or among what it divided
        slack = 0.0 if small <= 1e-9 else 0.02 if large >= 0.1 else 0.5 * large
        if abs(_number(x) - _number(y)) > slack + 0.1 * large:
            return f"the claim {a['text']!r} has {key} {x}, now {y}"
    return ""


def _number(text: str) -> float:
    """The number that ``gdl_utils.claims.rounded`` wrote."""
    plain = text.translate(_PLAIN).replace(",", "").replace(" · 10", "e")
    return float(re.sub(r"^(-?)10(?=\^)", r"\g<1>1e", plain).replace("^", ""))


def drawings_differ(a: Any, b: Any, limits: tuple[float, float] = LOOSE) -> str:
    """Compare the packed drawings of two charts."""
    if a == b:
        return ""
    if sorted(a) != sorted(b):
        return f"the drawings are {sorted(a)}, now {sorted(b)}"
    pairs = {name: [_unpacked(held[name]) for held in (a, b)] for name in a}
    said = (svg_differs(*pair, limits) for pair in pairs.values())
    return next(filter(None, said), "")


def svg_differs(a: str, b: str, limits: tuple[float, float] = LOOSE) -> str:
    """Compare two drawings: tags, words and colors exactly, pictures by sight, lines within 5 %.

    A line may have other points, as long as it covers the same place.
    """
    if a == b:
        return ""
    lines = [_LINE.findall(text) for text in (a, b)]
    pictures = [_DATA.findall(text) for text in (a, b)]
    a, b = (_NAME.sub("NAME", _DATA.sub("DATA", _LINE.sub(" LINE", text))) for text in (a, b))
    if _NUMBER.sub("#", a) != _NUMBER.sub("#", b):
        return "the drawing has other words, colors or parts"
    for (_, x), (_, y) in zip(*pictures):
        if said := picture_differs(x, y, limits):
            return f"a picture in the drawing: {said}"
    for p, q in zip(*([float(n) for n in _NUMBER.findall(text)] for text in (a, b))):
        if abs(p - q) > 2 + 0.05 * max(abs(p), abs(q)):
            return f"a number of the drawing was {p}, now {q}"
    for x, y in zip(*lines):
        if x != y and any(abs(p - q) > 2 + 0.05 * abs(p) for p, q in zip(_box(x), _box(y))):
            return "a line of the drawing runs elsewhere"
    return ""


def _box(line: str) -> list[float]:
    values = [float(n) for n in _NUMBER.findall(line)]
    return [f(values[k::2]) for k in (0, 1) for f in (min, max)] if len(values) > 1 else values


def _unpacked(drawing: str) -> str:
    return gzip.decompress(base64.b64decode(drawing)).decode()


def picture_differs(a: str, b: str, limits: tuple[float, float] = LOOSE) -> str:
    """Compare two base64 pictures by sight: mean |difference|, overall and in the worst block."""
    import numpy as np
    from PIL import Image

    if a.strip() == b.strip():
        return ""

    def pixels(text: str) -> Any:
        image = Image.open(io.BytesIO(base64.b64decode(text))).convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        return np.asarray(Image.alpha_composite(white, image).convert("RGB"), dtype=np.float32)

    try:
        x, y = pixels(a), pixels(b)
    except (OSError, ValueError) as error:
        return f"a picture cannot be read: {error}"
    if x.shape != y.shape:
        (h, w), (p, q) = x.shape[:2], y.shape[:2]
        return f"the picture is {w} × {h} pixels, drawn again {q} × {p}"
    delta = np.abs(x - y).mean(2)
    rows, cols = np.arange(0, delta.shape[0], 16), np.arange(0, delta.shape[1], 16)
    ones = np.add.reduceat(np.add.reduceat(np.ones_like(delta), rows, 0), cols, 1)
    worst = float((np.add.reduceat(np.add.reduceat(delta, rows, 0), cols, 1) / ones).max())
    mean = float(delta.mean())
    if mean > limits[0] or worst > limits[1]:
        return f"the picture differs by {mean:.2f} on average and {worst:.0f} in a block (of 255)"
    return ""


_DATA = re.compile(r"""(?:data:|type=")([\w/+.-]+)(?:;base64,|">)\s*([A-Za-z0-9+/=]{16,})""")
_LINE = re.compile(r' d="[^"]*"')
_PLAIN = str.maketrans({"−": "-", "⁻": "^-"} | {c: f"^{k}" for k, c in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")})
_NAME = re.compile(r"gdl-\w+-[0-9a-f]{8,}")  # made from the data, so it moves with them
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")


def html_differs(a: str, b: str, limits: tuple[float, float] = LOOSE) -> str:
    """Compare html figures: embedded pictures by sight, numbers within 5 %, the rest exactly."""
    if a == b:
        return ""
    data_a, data_b = _DATA.findall(a), _DATA.findall(b)
    a, b = (_NAME.sub("NAME", _DATA.sub("DATA", text)) for text in (a, b))
    if _NUMBER.sub("#", a) != _NUMBER.sub("#", b) or len(data_a) != len(data_b):
        return "the html figure has other words or parts"
    for (kind, x), (other, y) in zip(data_a, data_b):
        if kind != other:
            return f"embedded {kind} became {other}"
        said = picture_differs(x, y, limits) if kind.startswith("image/") else _bytes_differ(x, y)
        if said:
            return f"embedded {kind}: {said}"
    x = [float(n) for n in _NUMBER.findall(a)]
    y = [float(n) for n in _NUMBER.findall(b)]
    far = [(p, q) for p, q in zip(x, y) if not _close(p, q)]
    return f"{len(far)} numbers of the html figure moved, first {far[0]}" if far else ""


def _close(p: float, q: float) -> bool:
    """Trained numbers may move a little; rounding errors among themselves, but not up to size."""
    small, large = sorted((abs(p), abs(q)))
    if 0 < small < 1e-9 and large > 1e-6:
        return False
    return abs(p - q) <= 0.02 + 0.05 * large


def _bytes_differ(a: str, b: str) -> str:
    x, y = base64.b64decode(a), base64.b64decode(b)
    if x[:2] == y[:2] == b"\x1f\x8b":  # gzip: two versions of zlib pack alike, not the same
        x, y = gzip.decompress(x), gzip.decompress(y)
    if len(x) != len(y):
        return f"{len(x)} bytes became {len(y)}"
    mean = sum(abs(p - q) for p, q in zip(x, y)) / max(len(x), 1)
    return f"bytes differ by {mean:.1f} on average" if mean > 2 else ""
