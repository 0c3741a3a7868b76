"""Letters in a drawing: they follow one another in whatever font the page has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.text import Text

_SVG = "{http://www.w3.org/2000/svg}"


def css_of(element: ElementTree.Element) -> dict[str, str]:
    """The style of an element, by property."""
    pairs = (part.split(":", 1) for part in element.get("style", "").split(";") if ":" in part)
    return {key.strip(): value.strip() for key, value in pairs}


def css_text(held: dict[str, str]) -> str:
    """Undo :func:`css_of`."""
    return "; ".join(f"{key}: {value}" for key, value in held.items())


def marked(fig: Figure) -> dict[str, tuple[Text, str | None]]:
    """Name the groups of texts that have formulas or several lines, to find them in the drawing."""
    from matplotlib.text import Text

    found = {}
    for text in fig.findobj(Text):
        if text.get_visible() and re.search(r"[$\n]", text.get_text()):
            name = f"gdl-text-{len(found)}"
            found[name] = (text, text.get_gid())
            text.set_gid(name)
    return found


def flow(group: ElementTree.Element, text: Text) -> None:
    """Let letters follow one another, in whatever font the page has.

    matplotlib places each letter of a formula, and each of several lines, by the widths of its own
    font. Here a line is anchored where its alignment says, and a raised letter is moved by ``dy``.
    """
    from matplotlib.textpath import text_to_path

    anchor = {"left": "start", "center": "middle", "right": "end"}[text.get_ha()]
    lines = text.get_text().split("\n")
    places = [e for e in group if e.tag in (f"{_SVG}g", f"{_SVG}text")]
    for place, line in zip(places, lines):
        if place.tag == f"{_SVG}g" and any(e.tag != f"{_SVG}text" for e in place):
            continue  # a fraction or a root, which holds lines as well as letters
        formula = bool(re.search(r"\$", line))
        width = text_to_path.get_text_width_height_descent(
            line, text.get_fontproperties(), ismath=formula
        )[0]
        shift = {"start": 0.0, "middle": width / 2, "end": width}[anchor]
        if place.tag == f"{_SVG}text":
            _anchor(place, anchor, shift)
        elif len(place) == 1:
            _join(place[0], anchor, shift)


def _anchor(line: ElementTree.Element, anchor: str, shift: float) -> None:
    held = css_of(line)
    turned = not line.get("transform", "rotate(-0 ").startswith("rotate(-0 ")
    if (
        turned
        or ("text-anchor" in held and held["text-anchor"] != "start")
        or "x" not in line.attrib
    ):
        return
    line.set("x", f"{float(line.get('x')) + shift:.2f}")
    line.set("style", css_text({**held, "text-anchor": anchor}))
    line.attrib.pop("transform", None)


def _join(formula: ElementTree.Element, anchor: str, shift: float) -> None:
    """Join neighbors of one height and style; matplotlib writes all of one style together."""
    runs: list[tuple[float, str, str]] = []
    for letter in sorted(formula, key=lambda e: float(e.get("x", "0").split()[0])):
        y, css = float(letter.get("y", 0)), letter.get("style", "")
        said = (letter.text or "").replace("\xa0", " ")
        if runs and abs(runs[-1][0] - y) < 0.01 and runs[-1][1] == css:
            runs[-1] = (y, css, runs[-1][2] + said)
        else:
            runs.append((y, css, said))
    for letter in list(formula):
        formula.remove(letter)
    formula.set("style", css_text({**css_of(formula), "text-anchor": anchor}))
    formula.set("x", f"{shift:.2f}")
    before = 0.0
    for y, css, letters in runs:
        run = ElementTree.SubElement(formula, f"{_SVG}tspan", {"style": css})
        if abs(y - before) > 0.01:
            run.set("dy", f"{y - before:.2f}")
        run.text, before = letters, y
