"""One style sheet for all pages, without what no page uses.

The theme and its extensions bring about fifteen sheets, all of which a browser must have before it
shows anything: 600 kB, most of them Bootstrap and two thousand icons. Each page gets a single link,
and at the end of the build the sheets are joined. Of those that come from elsewhere, a rule is kept
if all its classes occur in some page or script.
"""

from __future__ import annotations

import posixpath
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

from sphinx.builders.html._assets import _CascadingStyleSheet

BUNDLE = "_static/book.css"
FIRST = ("_static/basic.css", "_static/styles/pydata-sphinx-theme.css")
"""What the theme's layout links by itself, before all others."""
TOKEN = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|[{};]", re.S)
COMMENT = re.compile(r"(\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*')|/\*.*?\*/", re.S)
ADDRESS = re.compile(r"url\(\s*(['\"]?)(?!data:|https?:|/|#)([^'\")]+)\1\s*\)")
NESTED = ("@media", "@supports", "@container", "@layer")


def blocks(css: str) -> Iterator[tuple[str, str | None]]:
    """Yield head and body of each rule of a sheet without comments; (statement, None) of others."""
    depth = start = inside = 0
    head = ""
    for token in TOKEN.finditer(css):
        if token[0] == "{":
            if depth == 0:
                head, inside = css[start : token.start()].strip(), token.end()
            depth += 1
        elif token[0] == "}":
            depth -= 1
            if depth == 0:
                yield head, css[inside : token.start()]
                start = token.end()
        elif token[0] == ";" and depth == 0:
            yield css[start : token.start()].strip(), None
            start = token.end()


def selectors(head: str) -> list[str]:
    """Split a list of selectors at the commas that stand in no bracket."""
    found, depth = [""], 0
    for letter in head:
        depth += (letter in "([") - (letter in ")]")
        if letter == "," and depth == 0:
            found.append("")
        else:
            found[-1] += letter
    return [s.strip() for s in found]


def classes(selector: str) -> set[str]:
    """The classes that an element must have; those in brackets (``:not(.a)``) do not count."""
    outer = selector
    while (shorter := re.sub(r"\([^()]*\)|\[[^\]]*\]", "", outer)) != outer:
        outer = shorter
    return set(re.findall(r"\.(-?[A-Za-z_][\w-]*)", outer))


def without_comments(css: str) -> str:
    return COMMENT.sub(lambda m: m[1] or "", css)


def thinned(css: str, known: set[str]) -> str:
    """Leave out the rules for classes that are not among the known ones, and the icons' fonts."""
    kept = []
    for head, body in blocks(css):
        if body is None:
            kept.append("" if head.startswith(("@charset", "@import")) else f"{head};")
        elif head.startswith(NESTED):
            inner = thinned(body, known)
            kept.append(f"{head}{{{inner}}}" if inner else "")
        elif head.startswith("@font-face"):
            kept.append("" if "fontawesome" in body else f"{head}{{{body}}}")
        elif head.startswith("@"):
            kept.append(f"{head}{{{body}}}")
        else:
            live = [s for s in selectors(head) if classes(s) <= known]
            kept.append(f"{','.join(live)}{{{body.strip()}}}" if live else "")
    return "\n".join(k for k in kept if k)


def moved(css: str, source: str) -> str:
    """Write relative addresses as seen from the bundle."""
    here, there = posixpath.dirname(source), posixpath.dirname(BUNDLE)

    def rewrite(match: re.Match) -> str:
        path = posixpath.normpath(posixpath.join(here, match[2]))
        return f'url("{posixpath.relpath(path, there)}")'

    return ADDRESS.sub(rewrite, css)


def names_in(pages: list[str], scripts: list[str]) -> set[str]:
    """Classes of pages, and all words of scripts, any of which may become one."""
    found = {c for text in pages for m in re.findall(r'class="([^"]*)"', text) for c in m.split()}
    return found | {word for text in scripts for word in re.findall(r"[A-Za-z_][\w-]*", text)}


def link_one_sheet(app, pagename, templatename, context, doctree) -> None:
    """Note the page's sheets, and give it the bundle instead."""
    sheets = sorted(context.get("css_files", []), key=lambda sheet: sheet.priority)
    names = [str(sheet.filename) for sheet in sheets if "thebe" not in str(sheet.filename)]
    app.gdl_sheets.update(dict.fromkeys(names))
    context["css_files"] = [_CascadingStyleSheet(BUNDLE)]


def join_sheets(app, exception) -> None:
    """Write the bundle, and name its checksum in all pages, so that no browser shows an old one."""
    if exception is not None or not app.gdl_sheets:
        return
    out = Path(app.outdir)
    pages = {p: p.read_text(encoding="utf-8") for p in out.rglob("*.html")}
    scripts = [p for p in (out / "_static").rglob("*.js") if p.parent.name != "mathjax"]
    scripts = [p.read_text(encoding="utf-8") for p in scripts if p.parent.name != "model-viewer"]
    known = names_in(list(pages.values()), scripts)
    own = {p.name for p in Path(app.srcdir, "book", "_static").glob("*.css")}
    parts = []
    for name in dict.fromkeys([*FIRST, *app.gdl_sheets]):
        css = without_comments((out / name).read_text(encoding="utf-8"))
        parts.append(moved(css.strip() if Path(name).name in own else thinned(css, known), name))
        (out / name).unlink()
    text = "\n".join(parts) + "\n"
    (out / BUNDLE).write_text(text, encoding="utf-8")
    mark = f"{Path(BUNDLE).name}?v={zlib.crc32(text.encode()):08x}"
    for path, page in pages.items():
        if (new := page.replace(f'{Path(BUNDLE).name}"', f'{mark}"')) != page:
            path.write_text(new, encoding="utf-8")


def setup_styles(app) -> None:
    app.gdl_sheets = {}
    app.connect("html-page-context", link_one_sheet, priority=950)
    app.connect("build-finished", join_sheets, priority=950)
