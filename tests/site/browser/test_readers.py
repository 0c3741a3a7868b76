"""Built pages for readers who use a keyboard or paper, who run no scripts, whose line is slow."""

import gzip
import io
import re
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[3]
HTML = ROOT / "_build" / "html"
LEDGER, CHAPTER, PLAIN = "book/ledger.html", "notebooks/05_grids.html", "book/how_to.html"
pytestmark = pytest.mark.browser


def pixels(png):
    image = pytest.importorskip("PIL.Image").open(io.BytesIO(png)).convert("RGB")
    return np.asarray(image).astype(int)


# ------------------------------------------------------------------------------ keyboard
STOPS = """() => [...document.querySelectorAll('a[href], button, input, summary, [tabindex]')]
    .filter(e => e.tabIndex >= 0 && !e.disabled && e.checkVisibility({visibilityProperty: true}))"""
FRAMED = "e => e.querySelector('.toctree-toggle') || e.closest('.sd-card') || e"
KIND = """e => [e.tagName, e.type || '', e.className,
    e.closest('nav, header, footer, dialog, article')?.tagName].join(' ')"""


def test_copy_buttons_are_not_in_the_way(desk):
    page = desk.open(CHAPTER)
    copy = "button.copybtn"
    page.wait_for_selector(copy, state="attached")
    stops = f"({STOPS})()"
    assert page.locator(copy).count() > 40
    assert page.evaluate(f"{stops}.filter(e => e.matches('{copy}')).length") == 0
    assert page.evaluate(f"{stops}.filter(e => e.matches('a.headerlink')).length") == 0
    # a code box that is unfolded has its button in the order
    fold = page.locator("details:has(button.copybtn)").first
    fold.locator("summary").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_function(
        "f => f.querySelector('button.copybtn').tabIndex === 0", arg=fold.element_handle()
    )
    page.keyboard.press("Enter")
    page.wait_for_function(
        "f => f.querySelector('button.copybtn').tabIndex === -1", arg=fold.element_handle()
    )


def test_a_shortcut_leads_from_one_copy_button_to_the_next(desk):
    page = desk.open(CHAPTER)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.wait_for_selector("button.copybtn", state="attached")
    code = page.locator("div.highlight:has(> button.copybtn):visible")
    for i in range(2):
        page.keyboard.press("Alt+c")
        button = code.nth(i).locator("button.copybtn")
        assert button.evaluate("b => b === document.activeElement")
        page.wait_for_function(
            "b => getComputedStyle(b).opacity > 0.9", arg=button.element_handle()
        )
    page.keyboard.press("Enter")
    page.wait_for_timeout(100)
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert copied.split() == code.nth(1).locator("pre").inner_text().split()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("address", ["book/index.html", CHAPTER, LEDGER, "search.html"])
def test_where_the_keyboard_is_can_be_seen(desk, address, theme):
    """Around one stop of each kind, at least 3 px change, at 3:1 or more against the page."""
    desk.theme(theme)
    page = desk.open(address)
    page.wait_for_timeout(300)
    handles = page.evaluate_handle(STOPS)
    kinds = {}
    for i in range(page.evaluate("stops => stops.length", handles)):
        stop = handles.get_property(str(i)).as_element()
        kind = stop.evaluate(KIND)
        kinds.setdefault(kind, stop)
    assert len(kinds) >= 4
    unseen = []
    for kind, stop in kinds.items():
        stop.scroll_into_view_if_needed()
        stop.evaluate("e => document.activeElement.blur()")
        box = stop.evaluate_handle(FRAMED).as_element().bounding_box()
        clip = {"x": max(0, box["x"] - 7), "y": max(0, box["y"] - 7)}
        clip["width"] = min(box["width"] + 14, 1280 - clip["x"])
        clip["height"] = min(box["height"] + 14, 400)
        page.mouse.move(1270, 890)
        before = pixels(page.screenshot(clip=clip))
        page.keyboard.press("Shift")  # so that the focus counts as the keyboard's
        stop.focus()
        page.wait_for_timeout(30)
        after = pixels(page.screenshot(clip=clip))
        changed = np.abs(after - before).sum(2) > 60
        strong = contrast(after[changed], before[changed]) >= 3 if changed.any() else np.zeros(0)
        wide = 22 if "range" in kind else min(box["width"], 300)  # of a slider, its thumb
        if strong.sum() < 3 * wide:
            unseen.append((kind, int(strong.sum())))
    assert unseen == []


def luminance(rgb):
    c = rgb / 255
    c = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    return c @ [0.2126, 0.7152, 0.0722]


def contrast(a, b):
    high, low = np.maximum(luminance(a), luminance(b)), np.minimum(luminance(a), luminance(b))
    return (high + 0.05) / (low + 0.05)


def test_after_a_key_the_theme_button_keeps_the_focus(desk):
    page = desk.open(PLAIN)
    button = page.locator("button.theme-switch-button:visible").first
    button.focus()
    page.keyboard.press("Enter")
    assert button.evaluate("b => b === document.activeElement")
    page.evaluate("localStorage.clear()")
    page.goto("about:blank")  # the page has noted the theme as well


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_found_words_can_be_read(desk, theme):
    desk.theme(theme)
    page = desk.open("search.html?q=equivariance")
    page.wait_for_selector("#search-results .search-summary:has-text('found')")
    mark = page.locator("#search-results .highlighted").first
    ink, ground = mark.evaluate(
        "e => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]"
    )
    rgb = [np.array([int(n) for n in re.findall(r"\d+", c)[:3]]) for c in (ink, ground)]
    assert contrast(*rgb) >= 4.5
    field, icon = (
        page.locator(".bd-search input:visible"),
        page.locator(".bd-search .fa-magnifying-glass:visible"),
    )
    left = field.bounding_box()["x"] + float(
        field.evaluate("f => parseFloat(getComputedStyle(f).paddingLeft)")
    )
    assert icon.bounding_box()["x"] + icon.bounding_box()["width"] <= left, (
        "the icon covers the query"
    )


# ------------------------------------------------------------------------------- paper
@pytest.mark.parametrize("address", [CHAPTER, LEDGER])
def test_paper_is_light_and_has_nothing_to_press(desk, address):
    desk.theme("dark")
    page = desk.open(address)
    page.emulate_media(media="print")
    page.wait_for_function("document.documentElement.dataset.theme === 'light'")
    seen = """s => [...document.querySelectorAll(s)].filter(e => e.getClientRects().length
        && e.checkVisibility({visibilityProperty: true})).map(e => e.outerHTML.slice(0, 99))"""
    assert page.evaluate(seen, "button, input, nav, details, .bd-sidebar, .headerlink") == []
    style = """s => [...document.querySelectorAll(s)].every(
        e => getComputedStyle(e).breakInside === 'avoid')"""
    for torn in (".gdl-claim", "figure", "div.highlight > pre", "tr"):
        assert page.evaluate(style, torn), torn
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(255, 255, 255)"
    page.emulate_media(media="screen", color_scheme="dark")
    page.wait_for_function("document.documentElement.dataset.theme === 'dark'")


# --------------------------------------------------------------------------- no scripts
@pytest.mark.parametrize("width", [1280, 390])
def test_without_scripts_pages_are_read_and_folds_open(chromium, site, width):
    context = chromium.new_context(
        java_script_enabled=False, viewport={"width": width, "height": 900}
    )
    page = context.new_page()
    page.goto(f"{site}/{CHAPTER}")
    assert page.locator("article h1").is_visible()
    fold = page.locator("details:has(pre)").first
    fold.locator("summary").first.click()
    assert fold.locator("pre").first.is_visible()
    assert page.locator(".bd-header-article button:visible").count() == 0
    page.goto(f"{site}/{LEDGER}")
    assert page.locator("table.gdl-ledger").first.locator("tbody tr").first.is_visible()
    assert page.locator(".bd-sidebar-primary a:visible").count() > 10, "no way to other pages"
    context.close()


# ------------------------------------------------------------------------------- ledger
def test_the_ledger_is_filtered_by_keyboard(desk):
    page = desk.open(LEDGER)
    rows = page.locator("table.gdl-ledger tbody tr:visible")
    everything = rows.count()
    page.locator("#gdl-filter").focus()
    page.keyboard.type("chapter 5 shift")
    found = rows.count()
    assert 0 < found < everything
    assert all(id_.startswith("c-05-") for id_ in rows.evaluate_all("rows => rows.map(r => r.id)"))
    assert page.locator(".gdl-ledger-count").inner_text().startswith(f"{found} claim")
    page.locator("#gdl-filter").fill("no such word anywhere")
    assert rows.count() == 0
    assert page.locator(".gdl-ledger-count").inner_text() == "No claim holds these words."
    page.locator("#gdl-filter").fill("")
    assert rows.count() == everything


def test_the_ledger_fits_a_phone(readers):
    reader = readers(390)
    reader.theme("light")
    page = reader.open(LEDGER)
    for cell in page.locator("table.gdl-ledger tbody tr").first.locator("td").all():
        box = cell.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    reader.clean()


def test_links_lead_from_the_ledger_to_the_claim(desk):
    page = desk.open(LEDGER)
    row = page.locator("#c-05-3")
    words = row.locator(".gdl-ledger-text").inner_text()
    row.locator("a").first.click()
    page.wait_for_url("**/05_grids.html#claim-3")
    assert words in page.locator("#claim-3").inner_text().replace("\n", " ")


# ----------------------------------------------------------------------------- first load
HEAVY = ("03_not_flat", "05_grids", "08_geodesics", "09_gauges")


@pytest.mark.parametrize("scripts", [True, False])
def test_pictures_in_a_chart_are_there_when_it_is_near(chromium, site, scripts):
    context = chromium.new_context(java_script_enabled=scripts)
    page = context.new_page()
    page.goto(f"{site}/notebooks/08_geodesics.html")
    chart = page.locator(".gdl-chart:has(.gdl-pictures)").last
    chart.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)
    shown = pixels(chart.screenshot())
    colored = np.ptp(shown, axis=2) > 40  # the surfaces; all else is ink and paper
    context.close()
    assert colored.mean() > 0.05


@pytest.mark.parametrize(
    ("address", "limit"),
    [("index.html", 350), *((f"notebooks/{name}.html", 700) for name in HEAVY)],
)
def test_what_a_browser_loads_first_is_light(chromium, site, address, limit):
    """All that is fetched until the page is quiet, compressed as a host does it."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page, asked = context.new_page(), set()
    page.on("request", lambda r: asked.add(r.url.partition("?")[0].partition("#")[0]))
    page.goto(f"{site}/{address}", wait_until="networkidle")
    context.close()
    files = [HTML / url.removeprefix(f"{site}/") for url in asked if url.startswith(site)]
    assert len(files) > 5
    size = sum(len(gzip.compress(f.read_bytes(), 6)) for f in files if f.is_file()) / 1000
    assert size <= limit, sorted(f.name for f in files)
