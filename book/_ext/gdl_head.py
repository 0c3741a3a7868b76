"""What stands in the head of each page, the page at the root, and the page for a wrong address.

A page's description is its first paragraph of prose; a page that wants another one says so in its
front matter (``myst: html_meta: description``). Canonical links, the address of the picture for
previews, and the links of the page for a wrong address need the site's address, which stands in
one place: ``html: baseurl`` in ``_config.yml``. Without it they are left out, or found by a script.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from docutils import nodes

PICTURE = "_static/social.png"
LENGTH = 160  # what search engines show
ENOUGH = 60
MADE = {
    "genindex": ("Index", "All functions, classes and modules of the library, by name."),
    "py-modindex": ("Module index", "All modules of the library, by name."),
    "search": ("Search", "Search the chapters and the reference of the library."),
    "_modules/index": ("Source code", "The source code of the library's modules."),
}
ADDRESS = re.compile(r'\b(href|src|action|poster|data-src|data-content_root)="([^"#:][^":]*)"')
BESIDES = (nodes.Admonition, nodes.footnote, nodes.table, nodes.list_item, nodes.definition)


def first_paragraph(doctree: nodes.document | None) -> str:
    """The first paragraph that is long enough, holds no formula, and stands in no box or list."""
    for paragraph in doctree.findall(nodes.paragraph) if doctree is not None else ():
        node = paragraph.parent
        while node is not None and not isinstance(node, BESIDES):
            node = node.parent
        text = " ".join(paragraph.astext().split())
        if node is None and len(text) >= ENOUGH and not any(paragraph.findall(nodes.math)):
            return text
    return ""


def shortened(text: str, length: int = LENGTH) -> str:
    """A text cut at the end of a sentence or, if none is near, of a word."""
    if len(text) <= length:
        return text
    sentence = re.match(rf"(.{{{ENOUGH},{length - 1}}}[.!?])\s", text)
    return sentence[1] if sentence else text[: length - 1].rpartition(" ")[0].rstrip(",;:") + "…"


def names(pagename: str, context: dict, root: str) -> tuple[str, str]:
    """The page's own name, and its title with the book's name, which is not said twice."""
    book = context["docstitle"]
    own = MADE[pagename][0] if pagename in MADE else context.get("title", "")
    own = re.sub(r"<[^>]*>", "", own).strip()
    own = own.replace("&amp;", "&").replace("&#39;", "'").replace("&quot;", '"')
    if pagename == root:
        return book, f"{book}: {context['tagline']}"
    return own or book, f"{own} — {book}" if own and own != book else book


def describe(app, pagename, templatename, context, doctree) -> None:
    """Give the templates a title, a description and the preview's picture."""
    root = app.config.root_doc
    context["page_name"], context["page_title"] = names(pagename, context, root)
    given = re.search(r'<meta content="([^"]*)" name="description"', context.get("metatags", ""))
    if given:
        context["metatags"] = re.sub(
            r'<meta[^>]*name="description"[^>]*>\n?', "", context["metatags"]
        )
    made = MADE[pagename][1] if pagename in MADE else ""
    if not made and pagename.startswith("_modules/"):
        made = f"The source code of {pagename.removeprefix('_modules/').replace('/', '.')}."
    text = given[1] if given else made or first_paragraph(doctree) or context["page_title"]
    context["page_description"] = shortened(text)
    context["social_image"] = posixpath.join(app.config.html_baseurl, PICTURE)
    context["collapse_index"] = False  # else a script in the head calls for one that waits
    if pagename == root and context.get("pageurl"):
        context["pageurl"] = app.config.html_baseurl


def lost_page(app) -> Iterator[tuple[str, dict, str]]:
    """The page that a host shows for a wrong address, at any depth: it loads nothing."""
    path = urlsplit(app.config.html_baseurl).path or "/"
    yield "404", {"site_path": path if path.endswith("/") else path + "/"}, "404.html"


def at_root(text: str, folder: str) -> str:
    """A page as it must be written to stand at the root of the site instead of in ``folder``."""

    def rewrite(match: re.Match) -> str:
        key, address = match.groups()
        path, mark, rest = re.match(r"([^?#]*)([?#]?)(.*)", address, re.S).groups()
        if key == "data-content_root":
            return f'{key}="./"'
        return f'{key}="{posixpath.normpath(posixpath.join(folder, path))}{mark}{rest}"'

    return ADDRESS.sub(rewrite, text)


def write_root(app, exception) -> None:
    """Let the site begin with the landing page itself, not with a page that leads there."""
    root = Path(app.outdir, f"{app.config.root_doc}.html")
    if exception is not None or not root.exists() or "/" not in app.config.root_doc:
        return
    text = root.read_text(encoding="utf-8")
    folder = posixpath.dirname(app.config.root_doc)
    Path(app.outdir, "index.html").write_text(at_root(text, folder), encoding="utf-8")


def setup_head(app) -> None:
    app.connect("html-page-context", describe, priority=900)
    app.connect("html-collect-pages", lost_page)
    app.connect("build-finished", write_root, priority=990)
