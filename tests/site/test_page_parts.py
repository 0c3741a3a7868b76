"""What the builder does to pages: styles, heads, the reference's docstrings, the ledger."""

import sys

import pytest
from nbtools import ROOT

pytest.importorskip("sphinx_external_toc")
sys.path.insert(0, str(ROOT / "book" / "_ext"))

import gdl_api
import gdl_head
import gdl_ledger
import gdl_styles
from docutils import nodes

HTML = ROOT / "_build" / "html"


# ----------------------------------------------------------------------------- style sheets
def thinned(css, *known):
    return gdl_styles.thinned(gdl_styles.without_comments(css), set(known)).replace("\n", "")


def test_a_rule_is_kept_if_all_its_classes_are_known():
    css = ".a { x: 1 } .b { x: 2 } .a.b { x: 3 } p { x: 4 } .a, .b:hover { x: 5 }"
    assert thinned(css, "a") == ".a{x: 1}p{x: 4}.a{x: 5}"


def test_classes_in_brackets_keep_a_rule():
    """``.a:not(.b)`` also holds where there is no b, ``:is(.a, .b)`` where there is an a."""
    css = ".a:not(.b) { x: 1 } :is(.a, p:not(.b, .c)) > i { x: 2 } .b:not(.a) { x: 3 }"
    assert thinned(css, "a") == ".a:not(.b){x: 1}:is(.a, p:not(.b, .c)) > i{x: 2}"
    assert thinned("a[href='.b'] { x: 4 }", "a") == "a[href='.b']{x: 4}"


def test_rules_inside_others_are_looked_at_one_by_one():
    css = "@media print { .a { x: 1 } .b { x: 2 } } @media (min-width: 1px) { .b { x: 3 } }"
    assert thinned(css, "a") == "@media print{.a{x: 1}}"


def test_what_is_quoted_is_no_rule_and_no_comment():
    css = '.a::before { content: "} .b { /* */"; } /* .a { y: 1 } */ .a { x: url("data:;{}") }'
    assert thinned(css, "a") == '.a::before{content: "} .b { /* */";}.a{x: url("data:;{}")}'


def test_the_fonts_of_all_icons_go_and_frames_stay():
    css = (
        '@charset "UTF-8"; @font-face { src: url(../vendor/fontawesome/a.woff2) }'
        "@font-face { src: url(b.woff2) } @keyframes k { 0% { x: 1 } }"
    )
    assert thinned(css) == "@font-face{ src: url(b.woff2) }@keyframes k{ 0% { x: 1 } }"


@pytest.mark.parametrize(
    ("source", "css", "expected"),
    [
        ("_static/styles/a.css", "url(../b.png)", 'url("b.png")'),
        ("_static/a.css", "url('icons/b.woff2')", 'url("icons/b.woff2")'),
        ("_static/styles/a.css", "url(data:image/png;base64,a)", "url(data:image/png;base64,a)"),
        ("_static/styles/a.css", 'url("#mark")', 'url("#mark")'),
    ],
)
def test_addresses_are_written_as_seen_from_the_bundle(source, css, expected):
    assert gdl_styles.moved(css, source) == expected


# ------------------------------------------------------------------------------------ heads
LONG = "This paragraph is long enough to say in a search engine what the page is about. " * 3


def page_of(*children):
    document = nodes.document(None, None)
    document += list(children)
    return document


def test_the_description_is_the_first_paragraph_of_prose():
    card = nodes.admonition("", nodes.paragraph("", "In a box: " + LONG))
    formula = nodes.paragraph("", LONG, nodes.math("", "x"))
    document = page_of(card, nodes.paragraph("", "Short."), formula, nodes.paragraph("", LONG))
    assert gdl_head.first_paragraph(document) == LONG.strip()
    assert gdl_head.first_paragraph(page_of(card)) == ""
    assert gdl_head.first_paragraph(None) == ""


def test_a_description_is_cut_at_a_sentence_or_a_word():
    assert gdl_head.shortened(LONG) == LONG[:159]
    words = "word " * 60
    assert gdl_head.shortened(words) == "word " * 30 + "word…"
    assert gdl_head.shortened("Short.") == "Short."


@pytest.mark.parametrize(
    ("page", "title", "expected"),
    [
        ("book/index", "A book", ("A book", "A book: on moves")),
        ("book/ledger", "Ledger", ("Ledger", "Ledger — A book")),
        ("book/api", "<code>x</code> &amp; y", ("x & y", "x & y — A book")),
        ("genindex", "", ("Index", "Index — A book")),
        ("book/other", "A book", ("A book", "A book")),
    ],
)
def test_a_title_says_nothing_twice(page, title, expected):
    context = {"docstitle": "A book", "tagline": "on moves", "title": title}
    assert gdl_head.names(page, context, "book/index") == expected


def test_the_page_at_the_root_leads_where_the_landing_page_does():
    text = (
        '<html data-content_root="../"><a href="ledger.html#c-1">a</a><a href="#here">b</a>'
        '<a href="https://example.org/">c</a><img src="../_images/a.png?v=1">'
        '<a href="../notebooks/05.html">d</a>'
    )
    assert gdl_head.at_root(text, "book") == (
        '<html data-content_root="./"><a href="book/ledger.html#c-1">a</a><a href="#here">b</a>'
        '<a href="https://example.org/">c</a><img src="_images/a.png?v=1">'
        '<a href="notebooks/05.html">d</a>'
    )


# -------------------------------------------------------------------------------- reference
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("``a``, ``b``", "``a``, ``b``"),
        ("``x``² and ``y``s", "``x``\\ ² and ``y``\\ s"),
        ("one of ``a|b`` and |G|", "one of ``a|b`` and \\|G\\|"),
        ("``a\nb`` and ``c`` (*grid)", "``a\nb`` and ``c`` (\\*grid)"),
        (">>> a | b\n1 | 2\n\na | b", ">>> a | b\n1 | 2\n\na \\| b"),
        ("``a``: |G|\n>>> f(*x)", "``a``: \\|G\\|\n>>> f(*x)"),
    ],
)
def test_a_docstring_is_shown_as_it_was_written(text, expected):
    assert gdl_api.soften(text) == expected


# ----------------------------------------------------------------------------------- ledger
@pytest.mark.parametrize(
    ("text", "expected"),
    [("at most 1e-10", "at most 10⁻¹⁰"), ("3.5e+2", "3.5·10²"), ("at least 0.95", "at least 0.95")],
)
def test_powers_are_written_as_such(text, expected):
    assert gdl_ledger.powers(text) == expected
