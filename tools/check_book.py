"""Check the built book: all pages are there, all links lead somewhere, nothing is from outside.

    python tools/check_book.py [_build/html]

Prints one line if all is well; else every problem, and exits with 1.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import yaml

ROOT = Path(__file__).resolve().parent.parent
CLAIM_MIME = "application/vnd.gdl.claim+json"
PAGE_KB = 500  # compressed, beyond what every page of the theme loads
FIRST_KB = {"index.html": 350, "book/index.html": 350}  # compressed, until nothing more is loaded
FIRST_KB_ELSE = 700
LOADING_RELS = {"stylesheet", "preload", "modulepreload", "prefetch", "icon", "preconnect"}
LOADING_RELS |= {"dns-prefetch", "manifest", "shortcut", "apple-touch-icon"}
OUTSIDE = re.compile(r"^\s*(?:https?:)?//", re.I)
CSS_URL = re.compile(r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)", re.I)
PACKED = re.compile(r"[A-Za-z0-9+/]{80,}={0,2}")  # base64, in which any five letters may stand
TRACES = re.compile(r"thebe|unpkg\.com|jsdelivr|cdnjs|googleapis|gstatic", re.I)
# A button of the theme that is empty until its script runs.
EMPTY_LINKS = {"", "#"}


@dataclass
class Page(HTMLParser):
    """What a page holds that can be checked."""

    path: Path
    title: str = ""
    text: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)  # <a href>
    loads: list[str] = field(default_factory=list)  # what the browser fetches by itself
    styles: list[str] = field(default_factory=list)  # CSS in the page
    scripts: list[str] = field(default_factory=list)
    waits: set[str] = field(default_factory=set)  # what it fetches only when it is wanted
    no_alt: list[str] = field(default_factory=list)
    description: str = ""
    headings: int = 0  # <h1>
    ledger: list[str] = field(default_factory=list)
    _in: list[str] = field(default_factory=list)
    _depth: int = 0
    _ledger: bool = False

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.path.read_text(encoding="utf-8"))
        self.close()

    def handle_starttag(self, tag: str, attrs: list) -> None:
        a = {key: value or "" for key, value in attrs}
        self._in.append(tag) if tag in ("title", "script", "style") else None
        self._depth += tag == "article"
        self.ids |= {a[key] for key in ("id", "name") if a.get(key) and tag != "meta"}
        classes = a.get("class", "").split()
        self._ledger = self._ledger or "gdl-ledger-text" in classes
        if self._ledger and "gdl-ledger-text" in classes:
            self.ledger.append("")
        if tag == "a" and "href" in a:
            self.links.append(a["href"])
        if "data-to" in a:
            self.links.append(a["data-to"])
        for key in ("src", "poster", "data-src"):
            if a.get(key):
                self.loads.append(a[key])
                if key == "data-src" or a.get("loading") == "lazy":
                    self.waits.add(a[key])
        if tag == "meta" and a.get("name") == "description":
            self.description = a.get("content", "")
        self.headings += tag == "h1"
        if a.get("srcset"):
            self.loads += [part.split()[0] for part in a["srcset"].split(",") if part.split()]
        if tag in ("image", "use") and (a.get("href") or a.get("xlink:href")):
            self.loads.append(a.get("href") or a["xlink:href"])
        if tag == "object" and a.get("data"):
            self.loads.append(a["data"])
        if tag == "link" and set(a.get("rel", "").lower().split()) & LOADING_RELS:
            self.loads.append(a.get("href", ""))
        if a.get("style"):
            self.styles.append(a["style"])
        if tag == "img" and self._depth and not a.get("alt", "").strip():
            self.no_alt.append(a.get("src", "")[:60])

    def handle_endtag(self, tag: str) -> None:
        self._depth -= tag == "article"
        if self._in and self._in[-1] == tag:
            self._in.pop()
        if tag == "span":
            self._ledger = False

    def handle_data(self, data: str) -> None:
        where = self._in[-1] if self._in else ""
        if where == "title":
            self.title += data
        elif where == "style":
            self.styles.append(data)
        elif where == "script":
            self.scripts.append(data)
        elif self._depth:
            self.text.append(data)
            if self._ledger:
                self.ledger[-1] += data


@cache
def parse(path: Path) -> Page:
    return Page(path)


def all_pages(html: Path) -> list[Path]:
    """Every page of the book; the theme's own fragments under _static are none."""
    inner = {"_static", "_sources", "_images", "_downloads"}
    return sorted(p for p in html.rglob("*.html") if p.relative_to(html).parts[0] not in inner)


def toc_entries(toc: Path) -> list[str]:
    """All files that the table of contents names."""
    found: list[str] = []

    def walk(node: object) -> None:
        if isinstance(node, dict):
            found.extend(node[key] for key in ("root", "file") if key in node)
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(yaml.safe_load(toc.read_text(encoding="utf-8")))
    return found


def check_pages(html: Path, toc: Path) -> list[str]:
    """Every entry of the table of contents is a page with a title and something on it."""
    problems = [] if toc_entries(toc) else [f"{toc}: names no page"]
    for entry in toc_entries(toc):
        page = html / f"{entry}.html"
        if not page.exists():
            problems.append(f"{entry}: the page is missing")
        elif len(" ".join(parse(page).text).split()) < 15:
            problems.append(f"{entry}: the page is empty")
    for name in ("index.html", "404.html", "genindex.html", "search.html"):
        if not (html / name).exists():
            problems.append(f"{name}: the page is missing")
    return problems


def is_redirect(path: Path) -> bool:
    return 'http-equiv="refresh"' in path.read_text(encoding="utf-8")[:400].lower()


def check_heads(html: Path) -> list[str]:
    """Every page has a title that says nothing twice, a description, and one main heading."""
    problems = []
    for path in all_pages(html):
        page, name = parse(path), path.relative_to(html)
        if is_redirect(path):
            problems.append(f"{name}: only leads to another page")
            continue
        parts = [part.strip() for part in re.split("[—:]", page.title)]
        if not page.title.strip():
            problems.append(f"{name}: no title")
        elif len(set(parts)) < len(parts):
            problems.append(f"{name}: the title says something twice: {page.title.strip()}")
        if len(page.description) < 20:
            problems.append(f"{name}: no description")
        if page.headings != 1:
            problems.append(f"{name}: {page.headings} main headings in place of one")
    return problems


def check_links(html: Path) -> list[str]:
    """Every internal link, anchor and resource exists."""
    problems = []
    for path in all_pages(html):
        page = parse(path)
        for link in sorted(set(page.links + page.loads) - EMPTY_LINKS):
            if re.match(r"^\s*([a-z][a-z0-9+.-]*:|//)", link, re.I):
                continue
            if link.startswith("/") and path == html / "404.html":
                continue  # its links are written for the host; data-to says where they lead
            address, anchor = urldefrag(link)
            target = path
            if address:
                target = (path.parent / unquote(address.partition("?")[0])).resolve()
            if not target.exists():
                problems.append(f"{path.relative_to(html)}: broken link {link}")
            elif anchor and target.suffix == ".html" and unquote(anchor) not in parse(target).ids:
                problems.append(f"{path.relative_to(html)}: no such place {link}")
    return problems


def css_addresses(text: str) -> list[str]:
    return [first or second for first, second in CSS_URL.findall(text)]


def check_outside(html: Path) -> list[str]:
    """Nothing that a page loads comes from another host, and no trace of a CDN is left."""
    problems = []
    for path in all_pages(html):
        page, name = parse(path), path.relative_to(html)
        loads = page.loads + [u for text in page.styles for u in css_addresses(text)]
        problems += [f"{name}: loads {u}" for u in loads if OUTSIDE.match(u)]
        code = PACKED.sub("", " ".join([*page.scripts, *page.loads, *page.styles]))
        problems += [f"{name}: names {m}" for m in sorted(set(TRACES.findall(code)))]
    for path in sorted((html / "_static").rglob("*.css")):
        text = path.read_text(encoding="utf-8", errors="replace")
        found = [u for u in css_addresses(text) if OUTSIDE.match(u)]
        problems += [f"{path.relative_to(html)}: loads {u}" for u in found]
    return problems


def check_machine(html: Path, root: Path = ROOT) -> list[str]:
    """No page names a folder of the machine that built it."""
    traces = {str(root.resolve()) + "/", str(Path.home()) + "/"} - {"//"}
    return [
        f"{path.relative_to(html)}: names {trace}"
        for path in all_pages(html)
        for trace in sorted(traces)
        if trace in path.read_text(encoding="utf-8")
    ]


def check_images(html: Path) -> list[str]:
    """Every picture in an article has alternative text."""
    pages = all_pages(html)
    return [f"{p.relative_to(html)}: no alt text: {s}" for p in pages for s in parse(p).no_alt]


def plain(text: str) -> str:
    """Undo what the builder does to spaces and quotation marks."""
    return " ".join(text.translate(str.maketrans("‘’“”", "''\"\"")).split())


def stored_claims(notebooks: Path) -> list[str]:
    """Texts of the claims in the notebooks' stored outputs, in the order of the book."""
    found = []
    for path in sorted(notebooks.glob("[0-9]*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            data = [out.get("data", {}) for out in cell.get("outputs", [])]
            found += [d[CLAIM_MIME]["text"] for d in data if CLAIM_MIME in d]
    return found


def check_ledger(html: Path, notebooks: Path) -> list[str]:
    """The ledger lists exactly the stored claims."""
    page = html / "book" / "ledger.html"
    if not page.exists():
        return ["book/ledger: the page is missing"]
    listed = [plain(text) for text in parse(page).ledger]
    stored = [plain(text) for text in stored_claims(notebooks)]
    problems = [f"ledger: lacks {t!r}" for t in stored if t not in listed]
    problems += [f"ledger: lists what no notebook holds: {t!r}" for t in listed if t not in stored]
    if not problems and listed != stored:
        problems.append(f"ledger: lists {len(listed)} claims, the notebooks hold {len(stored)}")
    return problems


@cache
def compressed(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 6)) if path.is_file() else 0


def resources(html: Path, path: Path) -> set[Path]:
    """The local files that a page loads, apart from itself."""
    local = [u for u in parse(path).loads if not re.match(r"^([a-z]+:|//)", u, re.I)]
    files = {
        (path.parent / unquote(u.partition("?")[0].partition("#")[0])).resolve() for u in local
    }
    return {f for f in files if f.is_file()}


def weights(html: Path) -> dict[str, float]:
    """Compressed kB of each page and what it alone loads, beyond an empty page of the theme.

    The theme includes MathJax; the 3D viewer is fetched on a click and not counted.
    """
    theme = (html / "_static").resolve()
    shared = {(html / "searchindex.js").resolve()}
    out = {}
    for path in all_pages(html):
        own = {f for f in resources(html, path) - shared if theme not in f.parents}
        out[str(path.relative_to(html))] = (compressed(path) + sum(map(compressed, own))) / 1000
    return out


def first_load(html: Path, path: Path) -> float:
    """Compressed kB of a page and all that it fetches by itself, with the fonts of its styles.

    The fonts of formulas are not counted: which ones are fetched is known in a browser only.
    """
    files = {path}
    for address in set(parse(path).loads) - parse(path).waits:
        if not re.match(r"^([a-z]+:|//)", address, re.I):
            files.add((path.parent / unquote(re.split("[?#]", address)[0])).resolve())
    for sheet in [f for f in files if f.suffix == ".css" and f.is_file()]:
        inner = [u for u in css_addresses(sheet.read_text(encoding="utf-8")) if ":" not in u]
        files |= {(sheet.parent / u.partition("?")[0]).resolve() for u in inner}
    return sum(map(compressed, files)) / 1000


def check_weight(html: Path) -> list[str]:
    """No page is heavy: neither all that it has, nor what it loads first."""
    heavy = {name: kb for name, kb in weights(html).items() if kb > PAGE_KB}
    problems = [f"{name}: {kb:.0f} kB, more than {PAGE_KB}" for name, kb in heavy.items()]
    for path in all_pages(html):
        name, kb = str(path.relative_to(html)), first_load(html, path)
        limit = FIRST_KB.get(name, FIRST_KB_ELSE)
        if kb > limit:
            problems.append(f"{name}: loads {kb:.0f} kB at first, more than {limit}")
    return problems


def check(html: Path, root: Path = ROOT) -> list[str]:
    """All problems of the book built in ``html``."""
    if not all_pages(html):
        return [f"{html} holds no page: build the book first (make book)"]
    html = html.resolve()
    return [
        *check_pages(html, root / "book" / "_toc.yml"),
        *check_heads(html),
        *check_links(html),
        *check_outside(html),
        *check_machine(html, root),
        *check_images(html),
        *check_ledger(html, root / "notebooks"),
        *check_weight(html),
    ]


def main(argv: list[str]) -> int:
    html = Path(argv[0]) if argv else ROOT / "_build" / "html"
    problems = check(html)
    if problems:
        sys.stderr.write("\n".join(["The book has problems:", *problems]) + "\n")
        return 1
    sizes = weights(html)
    name, most = max(sizes.items(), key=lambda item: item[1])
    claims = len(parse(html.resolve() / "book" / "ledger.html").ledger)
    sys.stdout.write(
        f"The book is sound: {len(sizes)} pages, {claims} claims in the ledger, no broken link, "
        f"nothing from outside; the heaviest page is {name} with {most:.0f} kB.\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
