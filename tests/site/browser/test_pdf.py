"""The book as one file: its contents say the right pages, its links lead there, nothing is cut."""

import re

import check_book
import make_pdf
import pdf_places
import pytest
from nbtools import ROOT

HTML = ROOT / "_build" / "html"
PAGES = ["notebooks/02_inductive_bias", "book/ledger", "book/notation"]
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def printed(site, chromium, tmp_path_factory):
    """(the file, what it was printed from) of three pages of the book."""
    known = dict(make_pdf.entries(ROOT / "book/_toc.yml"))
    chapters = [make_pdf.chapter(HTML, e, known[e], set(PAGES)) for e in PAGES]
    context = chromium.new_context()
    page = context.new_page()
    first = pdf_places.places(make_pdf.printed(page, HTML, make_pdf.document(chapters, {})))
    text = make_pdf.document(chapters, first)
    pdf = make_pdf.printed(page, HTML, text)
    context.close()
    return pdf, text


def test_the_contents_say_on_which_page_each_heading_stands(printed):
    pdf, text = printed
    found = re.findall(r'<a href="#([^"]+)"><span>.*?</span><span>(\d*)</span></a>', text, re.S)
    assert len(found) > 10
    where = pdf_places.places(pdf)
    assert {anchor: page for anchor, page in found if page != str(where.get(anchor))} == {}
    pages = [int(page) for _, page in found]
    assert pages == sorted(pages)
    assert pages[0] > 1
    assert pages[-1] <= pdf_places.page_count(pdf)


def test_links_lead_to_places_in_the_file(printed):
    pdf, _ = printed
    assert len(pdf_places.links(pdf)) > 50
    assert set(pdf_places.links(pdf)) <= set(pdf_places.places(pdf))


def test_a_claim_in_the_ledger_leads_to_its_card(printed):
    pdf, _ = printed
    assert "notebooks-02_inductive_bias--claim-1" in pdf_places.links(pdf)


def test_links_to_what_is_not_in_the_file_are_plain_text(printed):
    _, text = printed
    article = make_pdf.ARTICLE.search(text)[1]
    inside = re.findall(r'<a\b[^>]*href="([^"]*)"', article)
    assert inside
    assert [h for h in inside if not h.startswith(("#", "https://", "http://", "mailto:"))] == []


def test_nothing_is_cut_and_nothing_can_be_pressed(printed, chromium):
    """In the width of the paper; a figure is lower than a page."""
    _, text = printed
    context = chromium.new_context(viewport={"width": 673, "height": 900})  # A4 less its margins
    page = context.new_page()
    page.emulate_media(media="print")
    file = HTML / "book_as_one_page_in_a_test.html"
    file.write_text(text, encoding="utf-8")
    try:
        page.goto(file.as_uri())
        page.evaluate("() => MathJax.startup.promise.then(() => 1)")
        page.wait_for_timeout(300)
        wide = page.evaluate(
            """() => [...document.querySelectorAll('figure, img, svg, pre, table, mjx-container')]
            .filter(e => {
                const box = e.getBoundingClientRect(), low = e.matches('table, pre') ? 1e6 : 930;
                return box.width && (box.right > innerWidth + 1 || box.height > low);
            }).map(e => e.outerHTML.slice(0, 120))"""
        )
        assert wide == []
        assert page.locator("button:visible, summary:visible, input:visible").count() == 0
        stills = page.locator("figure.gdl-live .gdl-live-still:visible")
        assert stills.count() == text.count('class="gdl-live"')
        assert page.locator("article mjx-container").count() > 20
    finally:
        file.unlink()
        context.close()


def test_only_pages_of_the_book_are_printed(tmp_path):
    with pytest.raises(ValueError, match="must be in book"):
        make_pdf.make(HTML, tmp_path / "a.pdf", ["notebooks/99_nothing"])


def test_all_of_the_contents_but_the_reference_is_in_the_file():
    known = [entry for entry, _ in make_pdf.entries(ROOT / "book/_toc.yml")]
    assert ["book/index", *known] == check_book.toc_entries(ROOT / "book/_toc.yml")
    kept = [entry for entry in known if not make_pdf.LEFT_OUT.match(entry)]
    assert {"book/api", "book/ledger", "notebooks/05_grids"} <= set(kept)
    assert not [entry for entry in kept if entry.startswith("book/api_")]


# --------------------------------------------------------------------- by hand, without a browser
BY_HAND = b"""%PDF-1.4
1 0 obj
<</Type /Catalog /Pages 2 0 R /Dests 6 0 R>>
endobj
2 0 obj
<</Type /Pages /Kids [3 0 R 4 0 R] /Count 2>>
endobj
3 0 obj
<</Type /Page /Annots [7 0 R]>>
endobj
4 0 obj
<</Type /Pages /Kids [5 0 R] /Count 1>>
endobj
5 0 obj
<</Type /Page>>
endobj
6 0 obj
<</a#2Db [5 0 R /XYZ 0 700 0] /c [3 0 R /XYZ 0 700 0]>>
endobj
7 0 obj
<</Subtype /Link /Dest /a#2Db>>
endobj
"""


def test_places_of_a_file_written_by_hand():
    assert pdf_places.places(BY_HAND) == {"a-b": 2, "c": 1}
    assert pdf_places.links(BY_HAND) == ["a-b"]
    assert pdf_places.page_count(BY_HAND) == 2


def test_a_bad_file_without_places_is_refused():
    with pytest.raises(ValueError, match="must name the places"):
        pdf_places.places(BY_HAND.replace(b"/Dests 6 0 R", b""))
