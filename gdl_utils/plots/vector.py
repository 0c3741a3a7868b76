"""Charts as drawings for the page: SVG whose colors follow the theme and whose text is the page's.

A notebook shows a chart as PNG. Beside it stands a drawing (:data:`MIME`), which the book puts into
its pages: lines and letters stay sharp on every screen, and what has the color of ink or of paper,
or one of the style's own, takes the theme's. All other colors, and every picture in the chart, are
data and stay as they are.
"""

from __future__ import annotations

import base64
import functools
import gzip
import hashlib
import io
import json
import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import numpy as np

from gdl_utils.plots import page, style
from gdl_utils.plots.letters import css_of, css_text, flow, marked

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MIME = "application/vnd.gdl.figure+json"
"""The MIME type of a chart's drawings: packed SVG, ``wide`` and, where it differs, ``narrow``."""
PIXELS_PER_POINT = 688 / (72 * style.WIDTH)
"""A figure as wide as ``style.WIDTH`` fills the book's column, which is 688 pixels wide."""
DPI = 220
"""Pictures in a drawing have at least twice the pixels that a screen of one dot a pixel shows."""

COLORS = 48
"""How many colors a surface on a transparent ground keeps."""

_SVG, _LINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
_GROUPS = {f"{_SVG}g", f"{_SVG}defs"}
_NUMBER = re.compile(r"-?\d*\.\d+(?:e[-+]?\d+)?")
_COLOR = re.compile(r"#[0-9a-f]{6}")
_USED = re.compile(r"url\(#([^)]+)\)")
_PICTURE, _PLACE = re.compile('"data:image/[^"]+"'), re.compile('"picture:([0-9]+)"')
_DROPPED = {"font-family", "font", "stroke-dashoffset"}


def draw_svg(fig: Figure) -> str:
    """Draw a chart for the page.

    Parameters
    ----------
    fig : matplotlib.figure.Figure

    Returns
    -------
    str
        One ``<svg>``, with a ``viewBox`` in points and a width in pixels; no font is named, and
        colors of the style stand as ``var(--gdl-NAME, #RRGGBB)``.

    Notes
    -----
    All chapters.
    """
    import matplotlib as mpl

    texts, pictures = marked(fig), _transparent(fig)
    file, shown = io.BytesIO(), fig.patch.get_visible()
    fig.patch.set_visible(False)
    for picture in pictures:  # as it is: the page scales it
        picture.set_interpolation("none")
    settings = {"svg.fonttype": "none", "svg.hashsalt": "gdl", "path.simplify_threshold": 0.2}
    try:
        with style.use_style(), mpl.rc_context(settings):
            blank = {"Date": None, "Creator": None, "Type": None, "Format": None}
            fig.savefig(file, format="svg", dpi=DPI, bbox_inches="tight", metadata=blank)
    finally:
        fig.patch.set_visible(shown)
        for picture, way in pictures.items():
            picture.set_interpolation(way)
        for text, gid in texts.values():
            text.set_gid(gid)
    tree = ElementTree.fromstring(file.getvalue())
    for name, (text, _) in texts.items():
        group = tree.find(f".//{_SVG}g[@id='{name}']")
        if group is not None:
            flow(group, text)
    _strip(tree)
    return _written(tree)


def pack(wide: str, narrow: str | None = None) -> dict[str, str]:
    """Pack drawings for a notebook's output, each picture once: gzip, and base64."""
    drawings = {"wide": wide}
    if narrow is not None and narrow != wide:
        for k, address in enumerate(dict.fromkeys(_PICTURE.findall(wide))):
            narrow = narrow.replace(address, f'"picture:{k}"')
        drawings["narrow"] = narrow
    return {
        name: base64.b64encode(gzip.compress(svg.encode(), mtime=0)).decode("ascii")
        for name, svg in drawings.items()
    }


def unpack(drawings: dict[str, str] | str) -> dict[str, str]:
    """Undo :func:`pack`; the drawings may be given as JSON."""
    held = json.loads(drawings) if isinstance(drawings, str) else drawings
    drawn = {name: gzip.decompress(base64.b64decode(b)).decode() for name, b in held.items()}
    known = list(dict.fromkeys(_PICTURE.findall(drawn["wide"])))
    return {n: _PLACE.sub(lambda m: known[int(m[1])], svg) for n, svg in drawn.items()}


def _transparent(fig: Figure) -> dict[Any, str]:
    """Pictures with a transparent ground, and how matplotlib resamples them."""
    from matplotlib.image import AxesImage

    held = {p: np.shape(p.get_array()) for p in fig.findobj(AxesImage)}
    return {p: p.get_interpolation() for p, shape in held.items() if shape[2:] == (4,)}


# ------------------------------------------------------------------------------ markup
def _strip(tree: ElementTree.Element) -> None:
    """Take out what a page has no use for, and name colors; pictures get a palette."""
    for parent in list(tree.iter()):
        for child in list(parent):
            if child.tag.endswith("}metadata") or child.find(f"{_SVG}style") is not None:
                parent.remove(child)
    links = {e.get(_LINK, "")[1:] for e in tree.iter(f"{_SVG}use")}
    links |= set(_USED.findall(ElementTree.tostring(tree, "unicode")))
    for element in tree.iter():
        if element.get("id") not in links:
            element.attrib.pop("id", None)
        if "style" in element.attrib:
            held = {k: v for k, v in css_of(element).items() if k not in _DROPPED}
            if element.tag == f"{_SVG}text" and "fill" not in held:
                held["fill"] = style.BLACK
            element.set("style", _COLOR.sub(_named, css_text(held)))
        if element.get("transform", "").startswith("rotate(-0 "):
            del element.attrib["transform"]
        for key in ("d", "x", "y", "width", "height", "points"):
            if key in element.attrib:
                numbers = _NUMBER.sub(_short, element.get(key, ""))
                element.set(key, " ".join(numbers.split()))
        if element.tag == f"{_SVG}image":
            address, smooth = _light(element.get(_LINK, ""))
            element.set(_LINK, address)
            if smooth:
                held = {k: v for k, v in css_of(element).items() if k != "image-rendering"}
                element.set("style", css_text(held))
    _unwrap(tree)


def _short(number: re.Match[str]) -> str:
    """To a hundredth of a point, which nobody sees."""
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")


def _named(color: re.Match[str]) -> str:
    name = style.THEMED.get(color[0])
    return color[0] if name is None else f"var(--gdl-{name}, {color[0]})"


@functools.lru_cache(64)  # both drawings hold the same pictures
def _light(address: str) -> tuple[str, bool]:
    """A picture with few colors, and whether it has a transparent ground."""
    from PIL import Image

    png = base64.b64decode(address.partition(",")[2])
    with Image.open(io.BytesIO(png)) as image:
        whole = image.convert("RGBA")
    opaque = whole.getextrema()[3][0] == 255
    seen, colors = (whole.convert("RGB"), 256) if opaque else (whole, COLORS)
    return page.data_address(page.encode_webp(seen, colors)), not opaque


def _unwrap(element: ElementTree.Element) -> None:
    """Take away groups that say nothing about what they hold."""
    for child in list(element):
        _unwrap(child)
    held = []
    for child in element:
        bare = child.tag == f"{_SVG}g" and not child.attrib
        held += list(child) if bare else [child]
    held = [
        e for e in held if len(e) or e.attrib or e.text or e.tag not in (f"{_SVG}g", f"{_SVG}defs")
    ]
    for child in list(element):
        element.remove(child)
    element.extend(held)
    element.tail = None
    if element.text is not None and not element.text.strip() and element.tag != f"{_SVG}tspan":
        element.text = None


def _written(tree: ElementTree.Element) -> str:
    """The markup, on one line, with names that no other figure of the page has."""
    width = float(tree.get("width", "0pt").removesuffix("pt"))
    kept = {"viewBox": " ".join(f"{float(v):.1f}" for v in tree.get("viewBox", "").split())}
    kept["width"] = f"{width * PIXELS_PER_POINT:.0f}"
    tree.attrib = kept
    ElementTree.register_namespace("", _SVG[1:-1])
    ElementTree.register_namespace("xlink", _LINK[1:-5])
    text = ElementTree.tostring(tree, "unicode").replace("xlink:href", "href")
    text = re.sub(r' xmlns:xlink="[^"]*"', "", text)
    name = hashlib.sha256(text.encode()).hexdigest()[:8]
    ids: dict[str, str] = {}

    def renamed(match: re.Match[str]) -> str:
        ids.setdefault(match[2], f"gdl-svg-{name}-{len(ids)}")
        return f"{match[1]}{ids[match[2]]}{match[3]}"

    text = re.sub(r'( id=")([^"]+)(")', renamed, text)
    return re.sub(r'(url\(#|href="#)([^)"]+)([)"])', renamed, text)


def bundle(wide: Figure, narrow: Figure | None) -> dict[str, Any]:
    """What a notebook stores beside the PNG."""
    return {MIME: pack(draw_svg(wide), None if narrow is None else draw_svg(narrow))}
