"""Print the built book as one file, ``_build/book.pdf``, by headless Chromium.

    python tools/make_pdf.py [--pages notebooks/05_grids ...] [--out FILE]

All pages of the table of contents but the reference of the library become one page with a cover and
contents, in the light theme. It is printed twice: the first time tells on which page each heading
stands. Links between pages lead to places in the file; links to what is not in it are plain text.
"""

from __future__ import annotations

import argparse
import html
import posixpath
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urldefrag

import yaml
from pdf_places import links, page_count, places

ROOT = Path(__file__).resolve().parent.parent
FLAGS = ["--no-sandbox", "--disable-background-networking", "--allow-file-access-from-files"]
ARTICLE = re.compile(r'<article class="bd-article">(.*?)</article>', re.S)
SCRIPT = re.compile(r"<(script|noscript|button)\b[^>]*>.*?</\1>", re.S)
TAG = re.compile(r"<[a-zA-Z][^<>]*>")
NAMED = re.compile(r'\b(id|for|aria-labelledby|aria-describedby|name)="([^"]*)"')
POINTING = re.compile(r'\s(href|xlink:href|src)="([^"]*)"')
HEADING = re.compile(
    r'<section[^>]* id="([^"]+)"[^>]*>\s*(?:<span[^>]*></span>\s*)*<h([12])>(.*?)</h\2>', re.S
)
FORMULAS = '{"options": {"enableMenu": false, "processHtmlClass": "math"}}'
OUTSIDE = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|//)", re.I)
LEFT_OUT = re.compile(r"book/(api_|index$)")


@dataclass
class Chapter:
    """A page of the book in the file: the part that it begins, its headings, its text."""

    entry: str
    part: str
    headings: list[tuple[int, str, str]]  # level, place, text as HTML
    body: str


def entries(toc: Path) -> list[tuple[str, str]]:
    """(page, caption of its part) of all pages in the table of contents but its first."""
    found = []

    def walk(nodes: list[dict], part: str) -> None:
        for node in nodes:
            found.append((node["file"], part))
            walk(node.get("sections", []), part)

    for part in yaml.safe_load(toc.read_text(encoding="utf-8"))["parts"]:
        walk(part["chapters"], part.get("caption", ""))
    return found


def place(entry: str, anchor: str = "") -> str:
    """The name that an anchor of a page has in the file."""
    page = re.sub(r"\W", "-", entry)
    return page + "--" + re.sub(r"[^\w-]", "-", anchor) if anchor else page


def moved(tag: str, entry: str, inside: set[str]) -> str:
    """A tag with names of its own, whose links lead to places in the file; no picture waits."""
    tag = tag.replace(" data-href=", " href=")

    def point(match: re.Match) -> str:
        key, address = match.groups()
        if OUTSIDE.match(address):
            return match[0]
        path, anchor = urldefrag(html.unescape(address))
        target = posixpath.normpath(posixpath.join(posixpath.dirname(entry), unquote(path)))
        if key == "src" or tag.startswith("<image"):
            return f' {key}="{target}"'
        page = target.removesuffix(".html") if path else entry
        return f' {key}="#{place(page, anchor)}"' if page in inside else ""

    def name(match: re.Match) -> str:
        return f'{match[1]}="{" ".join(place(entry, word) for word in match[2].split())}"'

    tag = NAMED.sub(name, POINTING.sub(point, tag)) if not tag.startswith("<meta") else tag
    tag = re.sub(r"url\(#([\w-]+)\)", lambda m: f"url(#{place(entry, m[1])})", tag)
    return tag.replace(' loading="lazy"', "")


def chapter(folder: Path, entry: str, part: str, inside: set[str]) -> Chapter:
    """Read a built page.

    Raises
    ------
    ValueError
        If the page holds no article.
    """
    found = ARTICLE.search((folder / f"{entry}.html").read_text(encoding="utf-8"))
    if found is None:
        raise ValueError(f"{entry}.html must hold an article, got none")
    body = TAG.sub(lambda m: moved(m[0], entry, inside), SCRIPT.sub("", found[1]))
    headings = []
    for anchor, level, text in HEADING.findall(body):
        text = re.sub(r'<a class="headerlink".*?</a>', "", text)
        headings.append((int(level), anchor, re.sub(r"</?a\b[^>]*>", "", text)))
    return Chapter(entry, part, headings, body)


def contents(chapters: list[Chapter], pages: dict[str, int]) -> str:
    """The table of contents; page numbers are left open where they are not known yet."""
    lines, part = ["<h1>Contents</h1>"], None
    for c in chapters:
        if c.part != part:
            lines += ["</ol>"] if part is not None else []
            lines += [f"<h2>{html.escape(c.part)}</h2>", "<ol>"]
            part = c.part
        (_, anchor, title), *rest = c.headings
        inner = [line(a, t, pages) for level, a, t in rest if level == 2]
        nested = f"<ol>{''.join(f'<li>{i}</li>' for i in inner)}</ol>" if inner else ""
        lines.append(f'<li class="pdf-chapter">{line(anchor, title, pages)}{nested}</li>')
    return f'<nav class="pdf-contents">{"".join(lines)}</ol></nav>'


def line(anchor: str, title: str, pages: dict[str, int]) -> str:
    return f'<a href="#{anchor}"><span>{title}</span><span>{pages.get(anchor, "")}</span></a>'


def cover() -> str:
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    title, tagline = config["title"], config["sphinx"]["config"]["html_context"]["tagline"]
    lines = [
        tagline[0].upper() + tagline[1:] + ".",
        config["author"],
        "Figures that move, 3D views, folded code and solutions are in the book's pages, from "
        "which this file was printed.",
    ]
    said = "".join(f"<p>{html.escape(line)}</p>" for line in lines)
    mark = '<img src="_static/logo.svg" alt="">'
    return f'<section class="pdf-cover">{mark}<h1>{html.escape(title)}</h1>{said}</section>'


def document(chapters: list[Chapter], pages: dict[str, int]) -> str:
    """The whole book as one page, to stand in the built book's folder."""
    articles = "\n".join(f'<article class="bd-article">{c.body}</article>' for c in chapters)
    style = (ROOT / "tools" / "pdf.css").read_text(encoding="utf-8")
    head = [
        '<meta charset="utf-8"><title>Geometric Deep Learning</title>',
        f'<link rel="stylesheet" href="_static/book.css"><style>{style}</style>',
        f"<script>window.MathJax = {FORMULAS}</script>",
        '<script defer src="_static/mathjax/tex-chtml.js"></script>',
    ]
    boxes = '<main class="bd-main"><div class="bd-content"><div class="bd-article-container">'
    return (
        '<!DOCTYPE html><html lang="en" data-theme="light" data-mode="light">'
        f"<head>{''.join(head)}</head><body>{cover()}{boxes}"
        f"{contents(chapters, pages)}{articles}</div></div></main></body></html>"
    )


def printed(page, folder: Path, text: str) -> bytes:
    """Print a page that stands in the book's folder for that moment."""
    file = folder / "book_as_one_page.html"
    file.write_text(text, encoding="utf-8")
    try:
        page.goto(file.resolve().as_uri(), timeout=300_000)
        page.evaluate(
            "() => MathJax.startup.promise.then(() => document.fonts.ready).then(() => 1)"
        )
        page.evaluate("() => Promise.allSettled([...document.images].map(i => i.decode()))")
        return page.pdf(prefer_css_page_size=True, print_background=True, outline=True, tagged=True)
    finally:
        file.unlink()


def make(folder: Path, out: Path, wanted: list[str] | None = None) -> str:
    """Print the book in ``folder``; return a line that says what came out.

    Raises
    ------
    ValueError
        If a page that is wanted is none of the book's.
    """
    known = entries(ROOT / "book" / "_toc.yml")
    chosen = wanted or [entry for entry, _ in known if not LEFT_OUT.match(entry)]
    if unknown := set(chosen) - {entry for entry, _ in known}:
        raise ValueError(f"pages must be in book/_toc.yml, got {sorted(unknown)}")
    inside = set(chosen)
    chapters = [chapter(folder, e, part, inside) for e, part in known if e in inside]

    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(color_scheme="light", reduced_motion="reduce")
        page.set_default_timeout(600_000)
        pages = places(printed(page, folder, document(chapters, {})))
        pdf = printed(page, folder, document(chapters, pages))
        browser.close()
    if (now := places(pdf)) != pages:
        moved_on = [name for name in now if now[name] != pages.get(name)]
        raise ValueError(f"page numbers must not move when they are written, but {moved_on} did")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(pdf)
    return (
        f"{out}: {page_count(pdf)} pages from {len(chapters)} pages of the book, "
        f"{len(links(pdf))} links inside, {len(pdf) / 1e6:.1f} MB."
    )


def main() -> int:
    parser = argparse.ArgumentParser(description="Print the built book as one file.")
    parser.add_argument("--pages", nargs="+", help="pages without .html; default: all")
    parser.add_argument("--html", type=Path, default=ROOT / "_build" / "html")
    parser.add_argument("--out", type=Path, default=ROOT / "_build" / "book.pdf")
    args = parser.parse_args()
    if not (shutil.which("chromium") or shutil.which("chromium-browser")):
        sys.exit("Chromium is missing: install it (on Debian: apt install chromium).")
    sys.stdout.write(make(args.html, args.out, args.pages) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
