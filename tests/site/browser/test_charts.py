"""Every chart of the book, wide and on a phone: its words can be read, and none hides another."""

from pathlib import Path

import check_book
import pytest

ROOT = Path(__file__).resolve().parents[3]
HTML = ROOT / "_build" / "html"
ENTRIES = [f"{entry}.html" for entry in check_book.toc_entries(ROOT / "book" / "_toc.yml")]
CHARTS = [
    entry
    for entry in ENTRIES
    if (HTML / entry).exists() and 'class="gdl-chart' in (HTML / entry).read_text(encoding="utf-8")
]
SMALLEST = 9  # CSS pixels
CONTRAST = 3.0  # of letters, which are large or bold where it is below 4.5
pytestmark = pytest.mark.browser

LOOK = (Path(__file__).parent / "charts.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(chromium):
    """A page that is resized, so that one visit shows a chapter at all widths."""
    context = chromium.new_context(reduced_motion="reduce", color_scheme="light")
    yield context.new_page()
    context.close()


def look(page, width, theme):
    page.set_viewport_size({"width": width, "height": 2400})
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.wait_for_function(f"document.documentElement.dataset.theme === '{theme}'")
    return page.evaluate(LOOK, [SMALLEST, CONTRAST])


def test_there_are_charts():
    if not (HTML / "book" / "index.html").exists():
        pytest.skip("there is no book yet: run make book")
    assert len(CHARTS) >= 8


@pytest.mark.parametrize("address", CHARTS)
def test_words_of_charts(page, site, address):
    """No word is too small, leaves its drawing, lies on another or is as pale as its ground."""
    page.goto(f"{site}/{address}")
    for width, theme in ((1280, "light"), (390, "dark")):
        found = look(page, width, theme)
        assert found["words"] > 10
        assert found["bad"] == [], f"{width} px, {theme}"


WRONG = {
    "too small": '<text x="5" y="50" style="font-size:6px">tiny</text>',
    "leaves the drawing": '<text x="280" y="50" style="font-size:20px">far away</text>',
    "words overlap": '<text x="5" y="50" style="font-size:20px">one</text>'
    '<text x="9" y="52" style="font-size:20px">two</text>',
    "contrast": '<rect x="0" y="0" width="300" height="100" style="fill: #111111"/>'
    '<text x="5" y="50" style="font-size:20px;fill:#222222">dark</text>',
    "no drawing": None,
}


@pytest.mark.parametrize("what", WRONG)
def test_a_bad_chart_is_noticed(page, site, what):
    """Each fault, put into a page, is found; a good chart is not blamed."""
    page.goto(f"{site}/book/index.html")
    good = '<svg viewBox="0 0 300 100" width="300" style="fill: #111111">'
    good += '<text x="5" y="80" style="font-size:20px;fill:#767676">good</text>'
    drawn = "" if WRONG[what] is None else f"{good}{WRONG[what]}</svg>"
    charts = f'<div class="gdl-chart">{good}</svg></div><div class="gdl-chart">{drawn}</div>'
    page.evaluate("html => { document.querySelector('article').innerHTML = html; }", charts)
    found = look(page, 1280, "light")["bad"]
    assert found
    assert all(line.startswith("chart 1: ") and what in line for line in found), found
