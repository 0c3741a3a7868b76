"""The landing page: a stranger plays at once, sees what is claimed, and goes on."""

import json
import re
from pathlib import Path

import check_book
import pytest

ROOT = Path(__file__).resolve().parents[3]
HTML = ROOT / "_build" / "html"
ADDRESS = "book/index.html"
TOC = check_book.toc_entries(ROOT / "book" / "_toc.yml")
CHAPTERS = [entry for entry in TOC if entry.startswith("notebooks/")]
DOMAINS = ["05_grids", "06_groups", "07_graphs", "08_geodesics", "09_gauges"]
KB = 200  # compressed, of what the page loads at first
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not (HTML / ADDRESS).exists(), reason="there is no book yet: run make book"),
]


@pytest.fixture
def front(desk):
    return desk.open(ADDRESS)


def bottom(locator):
    """How far down an element's lower edge is, without scrolling."""
    box = locator.bounding_box()
    return box["y"] + box["height"]


def test_the_first_screen_holds_a_figure_a_claim_and_the_ways_on(front):
    """1280 by 900: title, sentence, the figure's control and its digit, the claim, three ways."""
    front.evaluate("window.scrollTo(0, 0)")
    assert front.locator("h1:visible").count() == 1
    for part in (
        "h1:visible",
        ".gdl-lead",
        ".gdl-front-live input[type=range]",
        ".gdl-front-live canvas",
        ".gdl-front-claim .gdl-claim",
        ".gdl-front-where a",
    ):
        assert bottom(front.locator(part).first) <= 900, part
    for way in front.locator(".gdl-ways a").all():
        assert bottom(way) <= 900


def test_a_phone_shows_the_digit_on_its_first_screen(readers):
    reader = readers(390)
    reader.theme("light")
    page = reader.open(ADDRESS)
    page.evaluate("window.scrollTo(0, 0)")
    assert bottom(page.locator(".gdl-front-live canvas").first) <= 900


def words(page):
    return page.locator(".gdl-front-live .gdl-live-rows").inner_text()


def test_a_drag_changes_what_the_networks_say(front):
    canvas = front.locator(".gdl-front-live canvas").first
    box, before = canvas.bounding_box(), words(front)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    front.mouse.move(x, y)
    front.mouse.down()
    front.mouse.move(x + 60, y, steps=6)
    front.mouse.up()
    assert words(front) != before


def test_an_arrow_key_changes_what_the_networks_say(front):
    before = words(front)
    front.locator(".gdl-front-live input[type=range]").focus()
    front.keyboard.press("ArrowRight")
    assert words(front) != before


def stored(path):
    return [
        out.get("data", {})
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        for out in cell.get("outputs", [])
    ]


def test_the_claim_is_one_of_the_chapters_and_leads_to_its_place(front):
    said = front.locator(".gdl-front-claim .gdl-claim strong").first.inner_text()
    link = front.locator(".gdl-front-where a").get_attribute("href")
    page, _, anchor = link.partition("#")
    path = (ROOT / "book" / page).resolve().with_suffix(".ipynb")
    claims = [d[check_book.CLAIM_MIME] for d in stored(path) if check_book.CLAIM_MIME in d]
    assert anchor == f"claim-{1 + [c['text'] for c in claims].index(said)}"
    note = front.locator(".gdl-front-claim .gdl-claim").inner_text()
    claim = claims[int(anchor.removeprefix("claim-")) - 1]
    assert claim["bound"].split()[-1] in note  # the number of "at least 0.9"
    assert all(claim[key] in note for key in ("measured", "control", "controlled"))
    front.goto(f"{front.url.rpartition('/')[0]}/{link}")
    assert said in front.locator(f"#{anchor}").inner_text()


def test_the_counts_are_those_of_the_ledger(front):
    ledger = check_book.parse(HTML / "book" / "ledger.html").ledger
    count = front.locator(".gdl-count-claims").first.inner_text()
    assert int(count.replace(",", "")) == len(ledger)
    assert int(front.locator(".gdl-count-chapters").first.inner_text()) == len(CHAPTERS)
    assert front.locator(".gdl-lead a").get_attribute("href") == "ledger.html"


def test_the_tiles_lead_to_their_chapters(front):
    """All of a tile is its link: a click on the drawing opens the chapter."""
    links = [a.get_attribute("href") for a in front.locator(".gdl-tile a").all()]
    assert links == [f"../notebooks/{name}.html" for name in DOMAINS]
    front.locator(".gdl-tile svg").nth(3).click(force=True)
    front.wait_for_url("**/notebooks/08_geodesics.html")


def test_every_chapter_has_a_card_with_a_picture(front):
    cards = front.locator(".gdl-gallery-card")
    links = [a.get_attribute("href") for a in front.locator(".gdl-gallery-title a").all()]
    assert links == [f"../{name}.html" for name in CHAPTERS]
    for card in cards.all():
        card.scroll_into_view_if_needed()
        image = card.locator("img")
        front.wait_for_function("i => i.complete && i.naturalWidth > 0", arg=image.element_handle())
        assert image.get_attribute("alt").strip()
    front.locator(".gdl-gallery-card img").first.click(force=True)
    front.wait_for_url(f"**/{CHAPTERS[0]}.html")


def test_cards_stand_under_the_parts_of_the_contents(front):
    import yaml

    toc = yaml.safe_load((ROOT / "book" / "_toc.yml").read_text(encoding="utf-8"))
    for part in toc["parts"]:
        files = [e["file"] for e in part["chapters"] if e["file"].startswith("notebooks/")]
        if files:
            heading = front.locator("h3", has_text=part["caption"])
            links = heading.locator("xpath=..").locator(".gdl-gallery-title a").all()
            assert [a.get_attribute("href") for a in links] == [f"../{f}.html" for f in files]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pictures_have_their_true_colors(desk, theme):
    """No filter on a picture or on anything around it, in the dark either."""
    page = desk.open(ADDRESS)
    desk.theme(theme)
    filters = page.evaluate(
        """() => {
            const found = [];
            const all = document.querySelectorAll('.gdl-gallery-card img, .gdl-door img');
            for (const image of [...all].filter(i => i.checkVisibility()))
                for (let e = image; e; e = e.parentElement) found.push(getComputedStyle(e).filter);
            return found;
        }"""
    )
    assert len(filters) > len(CHAPTERS)
    assert set(filters) == {"none"}


def test_the_door_shows_the_picture_of_its_theme_and_opens(desk):
    page = desk.open(ADDRESS)
    for theme in ("light", "dark"):
        desk.theme(theme)
        shown = page.locator(".gdl-door img:visible")
        assert shown.count() == 1
        assert f"door_{theme}" in shown.get_attribute("src")
    page.locator(".gdl-door img:visible").click(force=True)
    page.wait_for_url("**/diagnosis.html")


@pytest.mark.parametrize("width", [390, 320])
def test_nothing_overflows_on_a_phone(readers, width):
    reader = readers(width)
    page = reader.open(ADDRESS)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    reader.clean()


def test_the_first_load_is_light(chromium, site):
    """What is fetched before anybody scrolls, compressed as a server sends it."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    loaded = set()
    page.on("response", lambda r: r.url.startswith(site) and loaded.add(r.url))
    page.goto(f"{site}/{ADDRESS}", wait_until="networkidle")
    context.close()
    files = {HTML / re.sub(r"[?#].*", "", url.removeprefix(f"{site}/")) for url in loaded}
    sizes = {f.name: check_book.compressed(f) / 1000 for f in files}
    assert sum(sizes.values()) <= KB, sorted(sizes.items(), key=lambda x: -x[1])[:8]
