"""What the book makes of stored outputs."""

import re

import pytest
from nbtools import ROOT

from gdl_utils.plots import vector


@pytest.fixture
def outputs(monkeypatch):
    pytest.importorskip("docutils")
    monkeypatch.syspath_prepend(ROOT / "book/_ext")
    import gdl_outputs

    return gdl_outputs


WIDE = (
    '<svg viewBox="0 0 10 10"><image transform="scale(1 -1)" x="1" y="2" width="3" height="4" '
    'href="data:image/webp;base64,AAAA" style="image-rendering: pixelated"/>'
    '<image width="5" height="5" href="data:image/webp;base64,BBBB"/></svg>'
)
NARROW = '<svg viewBox="0 0 5 5"><image x="7" y="8" width="2" height="2" '
NARROW += 'href="data:image/webp;base64,AAAA"/></svg>'


def test_a_picture_that_both_drawings_hold_stands_in_the_page_once(outputs):
    page = outputs.drawing(vector.pack(WIDE, NARROW), "A picture.")
    assert page.count("AAAA") == 1
    assert page.count("BBBB") == 1
    name = re.search(r'<image id="([^"]+)"', page)[1]
    first, second = re.findall(rf'<use href="#{name}" transform="([^"]+)"([^/]*)/>', page)
    assert first == (
        "scale(1 -1) translate(1 2) scale(3 4)",
        ' style="image-rendering: pixelated"',
    )
    assert second == ("translate(7 8) scale(2 2)", "")
    assert page.count('aria-label="A picture."') == 2


def test_the_only_drawing_of_a_chart_keeps_its_pictures(outputs):
    page = outputs.drawing(vector.pack(WIDE), "A picture.")
    assert "<use" not in page
    assert WIDE.partition(" viewBox")[2] in page
