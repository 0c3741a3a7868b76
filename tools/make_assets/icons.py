"""Make book/_static/icons from the icon fonts of pydata-sphinx-theme: the few that pages show.

Run: ``python tools/make_assets/icons.py``, where the theme, fonttools and brotli are installed.
What the theme shows by its styles is read from them; what its templates and our pages show is named
here.
"""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

OUTPUT = Path(__file__).resolve().parents[2] / "book/_static/icons"
STATIC = Path(find_spec("pydata_sphinx_theme").origin).parent
STATIC = STATIC / "theme/pydata_sphinx_theme/static"
SOLID = set(
    """angle-down angle-left angle-right angles-left angles-right arrow-up bars check chevron-down
    chevron-left chevron-right chevron-up circle-half-stroke copy download expand file file-pdf
    lightbulb list magnifying-glass moon pencil pencil-alt rocket sun up-right-from-square
    xmark""".split()  # noqa: SIM905
)
BRANDS = {"github"}


def codes(css: str) -> dict[str, int]:
    """The character of each icon by its name in class attributes."""
    found = {}
    for rule in re.finditer(r"([^{}]*)\{content:\"\\([0-9a-f]+)\"\}", css):
        for name in re.findall(r"\.fa-([\w-]+):before", rule[1]):
            found[name] = int(rule[2], 16)
    return found


def write(source: str, target: str, characters: set[int]) -> None:
    font = TTFont(STATIC / f"vendor/fontawesome/webfonts/{source}.woff2")
    options = Options()
    options.flavor, options.layout_features, options.name_IDs = "woff2", [], [0, 1, 2, 13, 14]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=characters & set(font.getBestCmap()))
    subsetter.subset(font)
    font.flavor = "woff2"
    OUTPUT.mkdir(exist_ok=True)
    font.save(OUTPUT / f"{target}.woff2")


def main() -> None:
    css = (STATIC / "styles/pydata-sphinx-theme.css").read_text(encoding="utf-8")
    known = codes(css)
    if missing := [name for name in SOLID | BRANDS if name not in known]:
        raise SystemExit(f"The theme's styles know no icon called {missing}.")
    by_style = {ord(c) for c in re.findall(r"--pst-icon-[\w-]+:\"(.)\"", css)}
    write("fa-solid-900", "solid", by_style | {known[name] for name in SOLID} | {0xF107})
    write("fa-brands-400", "brands", {known[name] for name in BRANDS})
    names = {name for name, code in known.items() if code in by_style} | SOLID | BRANDS
    (OUTPUT / "NAMES.txt").write_text(" ".join(sorted(names)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
