"""The built book is whole and needs nothing from outside; and the checks that say so bite."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import check_book
import pytest

ROOT = Path(__file__).resolve().parents[2]
HTML = ROOT / "_build" / "html"
BUILT = (HTML / "book" / "index.html").exists()
needs_book = pytest.mark.skipif(not BUILT, reason="there is no book yet: run make book")


@pytest.fixture(autouse=True)
def forget():
    """Doctored pages of one test are not those of the next."""
    check_book.parse.cache_clear()
    check_book.compressed.cache_clear()


# ------------------------------------------------------------------------- the book is sound
@needs_book
@pytest.mark.parametrize(
    "problems",
    [
        lambda: check_book.check_pages(HTML, ROOT / "book" / "_toc.yml"),
        lambda: check_book.check_heads(HTML),
        lambda: check_book.check_links(HTML),
        lambda: check_book.check_outside(HTML),
        lambda: check_book.check_machine(HTML),
        lambda: check_book.check_images(HTML),
        lambda: check_book.check_ledger(HTML, ROOT / "notebooks"),
        lambda: check_book.check_weight(HTML),
    ],
    ids=["pages", "heads", "links", "outside", "machine", "images", "ledger", "weight"],
)
def test_book(problems):
    assert problems() == []


def test_every_notebook_is_in_the_book():
    entries = set(check_book.toc_entries(ROOT / "book" / "_toc.yml"))
    assert {f"notebooks/{p.stem}" for p in (ROOT / "notebooks").glob("[0-9]*.ipynb")} <= entries


@needs_book
def test_every_public_module_is_in_the_reference():
    text = " ".join(p.read_text(encoding="utf-8") for p in (HTML / "book").glob("api_*.html"))
    modules = [p for p in (ROOT / "gdl_utils").rglob("*.py") if not p.stem.startswith("_")]
    # pictures of one chapter each, which nobody would draw with data of their own
    modules = [p for p in modules if p.parent.name != "figures"]
    names = [".".join(p.relative_to(ROOT).with_suffix("").parts) for p in modules]
    assert names
    assert [n for n in names if f'id="module-{n}"' not in text] == []


@needs_book
def test_chapters_have_the_number_of_their_file():
    for page in (HTML / "notebooks").glob("[0-9]*.html"):
        assert f'<span class="section-number">{int(page.name[:2])}. </span>' in page.read_text()


# ------------------------------------------------------------------------------ the checks bite
CLAIM = "Shifts commute."
STORED = {check_book.CLAIM_MIME: {"text": CLAIM, "bound": "", "control": ""}}
NOTEBOOK = {"cells": [{"outputs": [{"data": STORED}]}]}
WORDS = "A page with enough words on it, so that nobody would take it for an empty one. " * 2
LEDGER = f'<span class="gdl-ledger-text">{CLAIM}</span>'


ABOUT = '<meta name="description" content="What is on this page, in a sentence.">'


def page(body="", head="", title="A page", about=ABOUT, heading="<h1>A page</h1>"):
    return (
        f"<html><head><title>{title}</title>{about}{head}</head>"
        f'<body><article id="top">{heading}{WORDS}{body}</article></body></html>'
    )


@pytest.fixture
def small(tmp_path):
    """A small sound book: (its root, its html)."""
    html = tmp_path / "_build" / "html"
    for folder in (html / "book", html / "_static", tmp_path / "book", tmp_path / "notebooks"):
        folder.mkdir(parents=True)
    for name in ("index", "404", "genindex", "search"):
        (html / f"{name}.html").write_text(page())
    (html / "book" / "index.html").write_text(page('<a href="ledger.html#top">ledger</a>'))
    (html / "book" / "ledger.html").write_text(page(LEDGER))
    (html / "_static" / "a.css").write_text("p { color: red }")
    (tmp_path / "book" / "_toc.yml").write_text(
        "root: book/index\nparts:\n- chapters:\n  - file: book/ledger\n"
    )
    (tmp_path / "notebooks" / "05_a.ipynb").write_text(json.dumps(NOTEBOOK))
    return tmp_path, html


def problems_of(small):
    root, html = small
    return "\n".join(check_book.check(html, root))


def test_a_sound_book_has_no_problem(small):
    assert problems_of(small) == ""


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('<a href="nowhere.html">x</a>', "broken link nowhere.html"),
        ('<a href="ledger.html#nowhere">x</a>', "no such place ledger.html#nowhere"),
        ('<a href="#nowhere">x</a>', "no such place #nowhere"),
        ('<img src="gone.png" alt="gone">', "broken link gone.png"),
        ('<img src="../_static/a.css">', "no alt text"),
        ('<img src="../_static/a.css" alt=" ">', "no alt text"),
        ('<img src="https://example.org/a.png" alt="a">', "loads https://example.org/a.png"),
        ('<script src="//example.org/a.js"></script>', "loads //example.org/a.js"),
        ('<iframe src="http://example.org/"></iframe>', "loads http://example.org/"),
        ('<video poster="http://example.org/a.png"></video>', "loads http://example.org/a.png"),
        ('<img srcset="http://example.org/a.png 2x" src="" alt="a">', "loads http://example.org"),
        ('<svg><image href="http://example.org/a.png"/></svg>', "loads http://example.org"),
        ('<p style="background: url(http://example.org/a.png)">', "loads http://example.org"),
        ('<style>@import "https://example.org/a.css";</style>', "loads https://example.org"),
        ('<script>import("https://unpkg.com/x")</script>', "names unpkg.com"),
        ("<script>const THEBE_JS_URL = 1</script>", "names THEBE"),
    ],
)
def test_a_doctored_page_is_caught(small, body, expected):
    (small[1] / "book" / "index.html").write_text(page(body))
    assert expected in problems_of(small)


@pytest.mark.parametrize(
    "head",
    [
        '<link rel="stylesheet" href="https://example.org/a.css">',
        '<link rel="preload" as="font" href="https://example.org/a.woff2">',
        '<link rel="preconnect" href="https://example.org">',
    ],
)
def test_a_link_to_a_style_or_font_outside_is_caught(small, head):
    (small[1] / "book" / "index.html").write_text(page(head=head))
    assert "loads https://example.org" in problems_of(small)


def test_a_plain_link_to_the_outside_is_fine(small):
    (small[1] / "book" / "index.html").write_text(page('<a href="https://example.org">x</a>'))
    assert problems_of(small) == ""


def test_a_style_sheet_that_fetches_a_font_is_caught(small):
    (small[1] / "_static" / "a.css").write_text("@font-face { src: url(https://example.org/f) }")
    assert "_static/a.css: loads https://example.org/f" in problems_of(small)


def test_the_quotation_marks_of_the_builder_are_no_difference(small):
    (small[0] / "notebooks" / "05_a.ipynb").write_text(
        json.dumps(NOTEBOOK).replace(CLAIM, "A digit's turn.")
    )
    (small[1] / "book" / "ledger.html").write_text(page(LEDGER.replace(CLAIM, "A digit’s turn.")))
    assert problems_of(small) == ""


def test_a_missing_page_is_caught(small):
    (small[1] / "book" / "ledger.html").unlink()
    assert "book/ledger: the page is missing" in problems_of(small)


def test_an_empty_page_is_caught(small):
    (small[1] / "book" / "index.html").write_text(page().replace(WORDS, ""))
    assert "book/index: the page is empty" in problems_of(small)


def test_a_page_that_names_the_builders_folder_is_caught(small):
    (small[1] / "book" / "index.html").write_text(page(f"<p>{small[0]}/gdl_utils</p>"))
    assert f"book/index.html: names {small[0]}/" in problems_of(small)


@pytest.mark.parametrize(
    ("doctored", "expected"),
    [
        (page(title=""), "no title"),
        (page(title="A book — A book"), "says something twice"),
        (page(title="Grids: A book — A book"), "says something twice"),
        (page(about=""), "no description"),
        (page(about='<meta name="description" content="A page">'), "no description"),
        (page(heading=""), "0 main headings"),
        (page(heading="<h1>A</h1><h1>B</h1>"), "2 main headings"),
        ('<meta http-equiv="refresh" content="0; url=book/index.html">', "only leads to another"),
    ],
)
def test_a_page_with_a_wrong_head_is_caught(small, doctored, expected):
    (small[1] / "book" / "index.html").write_text(doctored)
    assert expected in problems_of(small)


def test_the_page_for_a_wrong_address_names_places_that_exist(small):
    """Its links begin at the host's root; ``data-to`` says which page each of them is."""
    fine = page('<a href="/site/index.html" data-to="index.html">x</a>')
    (small[1] / "404.html").write_text(fine)
    assert problems_of(small) == ""
    (small[1] / "404.html").write_text(fine.replace('to="index', 'to="nowhere'))
    check_book.parse.cache_clear()
    assert "404.html: broken link nowhere.html" in problems_of(small)
    (small[1] / "404.html").write_text(page())
    (small[1] / "book" / "index.html").write_text(fine)
    check_book.parse.cache_clear()
    assert "book/index.html: broken link /site/index.html" in problems_of(small)


def test_no_book_at_all_is_caught(tmp_path):
    assert "holds no page" in check_book.check(tmp_path)[0]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", "lacks 'Shifts commute.'"),
        (LEDGER + '<span class="gdl-ledger-text">Pigs fly.</span>', "no notebook holds"),
        (LEDGER + LEDGER, "lists 2 claims, the notebooks hold 1"),
    ],
)
def test_a_ledger_that_differs_from_the_notebooks_is_caught(small, body, expected):
    (small[1] / "book" / "ledger.html").write_text(page(body))
    assert expected in problems_of(small)


def test_a_heavy_page_is_caught(small):
    noise = os.urandom(600_000).hex()
    (small[1] / "book" / "index.html").write_text(page(f"<p hidden>{noise}</p>"))
    assert "more than 500" in problems_of(small)


@pytest.mark.parametrize(
    ("tag", "caught"),
    [
        ('<script src="../_static/noise.js"></script>', True),
        ('<img src="../_static/noise.js" alt="noise">', True),
        ('<img src="../_static/noise.js" alt="noise" loading="lazy">', False),
        ('<script type="application/gzip" data-src="../_static/noise.js"></script>', False),
        ('<link rel="stylesheet" href="../_static/b.css?v=1">', True),
    ],
)
def test_what_a_page_loads_at_first_is_counted(small, tag, caught):
    """400 kB are too much for the landing page, and fine on any other."""
    (small[1] / "_static" / "noise.js").write_bytes(os.urandom(400_000))
    (small[1] / "_static" / "b.css").write_text("@font-face { src: url(noise.js) }")
    (small[1] / "book" / "index.html").write_text(page(tag))
    assert ("kB at first, more than 350" in problems_of(small)) == caught
    (small[1] / "book" / "ledger.html").write_text(page(LEDGER + tag))
    check_book.parse.cache_clear()
    assert "book/ledger.html: loads" not in problems_of(small)


def test_the_script_says_what_is_wrong(tmp_path):
    script = [sys.executable, str(ROOT / "tools" / "check_book.py"), str(tmp_path)]
    run = subprocess.run(script, capture_output=True, text=True)
    assert run.returncode == 1
    assert "holds no page" in run.stderr


# ----------------------------------------------------------- a warning of the builder is an error
def build(folder, text, **changes):
    """Build a book of one page with the real settings, changed as ``key="value"`` says."""
    builder = shutil.which("jupyter-book", path=str(Path(sys.executable).parent))
    if builder is None:
        pytest.skip("jupyter-book is not installed beside this Python")
    for name in ("book/_static", "book/_ext", "book/_templates"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "book/references.bib", folder / "book")
    config = (ROOT / "_config.yml").read_text(encoding="utf-8")
    for key, value in changes.items():
        assert f"  {key}: " in config
        config = re.sub(rf"(?m)^  {key}: .*$", f"  {key}: {value}", config)
    (folder / "_config.yml").write_text(config)
    (folder / "book" / "_toc.yml").write_text("format: jb-book\nroot: book/index\n")
    (folder / "book" / "index.md").write_text(text)
    line = [builder, "build", ".", "--toc", "book/_toc.yml", "-q", "-n", "-W", "--keep-going"]
    return subprocess.run(line, cwd=folder, capture_output=True, text=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("See [](nowhere.md).", "nowhere.md"),
        ("See {cite:p}`nobody1900`.", "nobody1900"),
        ("See {py:func}`gdl_utils.nothing`.", "gdl_utils.nothing"),
    ],
    ids=["link", "citation", "function"],
)
def test_a_warning_fails_the_build(tmp_path, text, warning):
    run = build(tmp_path, f"# A page\n\n{text}\n")
    assert run.returncode != 0
    assert warning in run.stdout + run.stderr


@pytest.mark.slow
def test_with_an_address_pages_say_where_they_are(tmp_path):
    """In ``_config.yml`` it stands once; without it nothing of this is said (test_pages.py)."""
    site = "https://example.org/book/"
    run = build(tmp_path, "# A page\n\nSome words.\n", baseurl=site)
    assert run.returncode == 0, run.stdout + run.stderr
    html = tmp_path / "_build" / "html"
    for name in ("index.html", "book/index.html"):
        text = (html / name).read_text(encoding="utf-8")
        assert f'<link rel="canonical" href="{site}"' in text
        assert f'<meta property="og:url" content="{site}"' in text
        assert f'<meta property="og:image" content="{site}_static/social.png"' in text
    assert f'<link rel="canonical" href="{site}search.html"' in (html / "search.html").read_text()
    assert 'href="/book/index.html"' in (html / "404.html").read_text(encoding="utf-8")
