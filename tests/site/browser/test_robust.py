"""Readers without WebGL, without a mouse, without scripts, on paper, in colors of their own."""

import io
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from gdl_utils.plots.live import Bars, Choice, Slider, live
from gdl_utils.plots.surface3d import show_mesh

ROOT = Path(__file__).resolve().parents[3]
HTML = ROOT / "_build" / "html"
LEDGER, CHAPTER, PLAIN = "book/ledger.html", "notebooks/05_grids.html", "book/how_to.html"
pytestmark = pytest.mark.browser

CORNERS = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1.0]])
SIDES = [[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder that a page can stand in: what the book's pages load is beside it."""
    path = tmp_path_factory.mktemp("pages")
    (path / "_static").symlink_to(ROOT / "book" / "_static")
    mesh = show_mesh(
        CORNERS, SIDES, alt="A tetrahedron.", title="A tetrahedron has four corners.",
        points={"a corner with a long name": [1, 0, 0], "another long name": [0, 0, 1]},
    )  # fmt: skip
    bars = live(
        controls=[
            Slider("k", [1, 2, 3], label="Step", start=2),
            Choice("which", ["left", "right"], label="Side"),
        ],
        panels=[Bars(["one", "two"], np.ones((3, 2, 2)) * [0.3, 0.9], by=("k", "which"), limits=(0, 1))],
        title="A bar is long.",
        alt="Two bars.",
    )  # fmt: skip
    for name, figure in {"mesh": mesh, "bars": bars}.items():
        text = (
            f'<!DOCTYPE html><html lang="en" data-content_root="./"><meta charset="utf-8"><title>{name}</title>'
            f'<body style="margin:16px"><p>Before.</p><main>{figure.html}</main><div style="height:3000px"></div>'
        )
        (path / f"{name}.html").write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def visit(chromium, folder):
    """Open a page in a context of its own: ``visit("mesh", width=390)``."""
    opened = []

    def open_page(name, *, browser=chromium, width=1000, **options):
        context = browser.new_context(viewport={"width": width, "height": 800}, **options)
        opened.append(context)
        page = context.new_page()
        page.goto((folder / f"{name}.html").as_uri())
        return page

    yield open_page
    for context in opened:
        context.close()


def pixels(png):
    image = pytest.importorskip("PIL.Image").open(io.BytesIO(png)).convert("RGB")
    return np.asarray(image).astype(int)


def opened(page):
    viewer = page.locator("model-viewer")
    viewer.wait_for(timeout=20_000)
    page.wait_for_function("v => v.loaded && v.modelIsVisible", arg=viewer.element_handle())
    page.wait_for_timeout(300)
    return viewer


# ------------------------------------------------------------------------------ 3D views
@pytest.fixture(scope="module")
def flat(chromium):
    """A Chromium in which no page can draw in 3D."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-3d-apis"]
    browser = chromium.browser_type.launch(executable_path=path, args=flags)
    yield browser
    browser.close()


def test_without_webgl_the_picture_stays_and_says_why(visit, flat):
    page = visit("mesh", browser=flat)
    picture = page.locator("figure img").screenshot()
    page.locator("figure button").focus()
    page.keyboard.press("Enter")
    note = page.locator("figure .gdl-mesh3d-note")
    note.wait_for()
    assert "WebGL" in note.inner_text()
    assert note.evaluate("n => n === document.activeElement"), "the keyboard has lost its place"
    assert page.locator("model-viewer, figure button").count() == 0
    kept = pixels(page.locator("figure img").screenshot())
    assert np.abs(kept - pixels(picture))[: kept.shape[0] // 2].max() == 0  # the button was below


def test_with_webgl_the_same_page_turns_by_keyboard_at_once(visit):
    page = visit("mesh")
    page.locator("figure button").focus()
    page.keyboard.press("Enter")
    viewer = opened(page)
    assert page.evaluate("document.activeElement.tagName") == "MODEL-VIEWER"
    before = viewer.evaluate("v => v.getCameraOrbit().theta")
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "([v, before]) => v.getCameraOrbit().theta !== before", arg=[viewer.element_handle(), before]
    )  # fmt: skip
    assert "arrow keys" in page.locator(".gdl-mesh3d-note").inner_text()


def test_a_reader_who_went_on_is_not_called_back(visit):
    page = visit("mesh")
    page.evaluate("document.querySelector('p').innerHTML = '<a href=\"#\">elsewhere</a>'")
    page.locator("figure button").click()
    page.locator("a").focus()
    opened(page)
    assert page.evaluate("document.activeElement.tagName") == "A"


def test_the_wheel_scrolls_the_page_and_with_ctrl_zooms(visit):
    page = visit("mesh")
    page.locator("figure button").click()
    viewer = opened(page)
    radius = "v => v.getCameraOrbit().radius"
    before, box = viewer.evaluate(radius), viewer.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.wheel(0, 120)
    page.wait_for_function("scrollY > 60")
    assert viewer.evaluate(radius) == before
    page.keyboard.down("Control")
    page.mouse.wheel(0, -240)
    page.keyboard.up("Control")
    page.wait_for_function(
        "([v, before]) => v.getCameraOrbit().radius !== before", arg=[viewer.element_handle(), before]
    )  # fmt: skip


@pytest.mark.parametrize("touch", [False, True])
def test_names_of_points_are_seen_whole(visit, touch):
    """On the poster, in the viewer, and while it turns, also on a phone."""
    page = visit("mesh", width=390 if touch else 1000, has_touch=touch, is_mobile=touch)

    def inside(view):
        box = view.bounding_box()
        names = page.locator(".gdl-mesh3d-mark b")
        assert names.count() == 2
        for name in names.all():
            assert name.is_visible()
            at = name.bounding_box()
            assert at["x"] >= box["x"] - 1
            assert at["x"] + at["width"] <= box["x"] + box["width"] + 1
            assert at["y"] >= box["y"] - 1

    inside(page.locator(".gdl-mesh3d-view"))
    button = page.locator("figure button")
    button.tap() if touch else button.click()
    viewer = opened(page)
    for theta in (0, 90, 215, 300):
        viewer.evaluate(
            f"v => {{ v.cameraOrbit = '{theta}deg 75deg auto'; v.jumpCameraToGoal(); }}"
        )
        page.wait_for_timeout(200)
        inside(viewer)


# ------------------------------------------------------------- forced colors, still motion
def test_bars_and_tracks_are_there_in_forced_colors(visit):
    page = visit("bars", forced_colors="active", color_scheme="dark")
    for part in (
        ".gdl-live-track i",
        "input[type=range]",
        ".gdl-live-options input:checked + span",
    ):
        found = pixels(page.locator(part).last.screenshot())
        colors, counts = np.unique(found.reshape(-1, 3), axis=0, return_counts=True)
        ground = pixels(page.locator("p").first.screenshot())[0, -1]
        seen = counts[np.abs(colors - ground).sum(1) > 100].sum() / counts.sum()
        assert seen > 0.05, f"{part} is not seen"


@pytest.mark.parametrize("name", ["mesh", "bars"])
def test_nothing_moves_by_itself_where_that_is_not_wanted(visit, name):
    page = visit(name, reduced_motion="reduce")
    moving = """() => [...document.querySelectorAll('figure *')].filter(e => {
        const s = getComputedStyle(e);
        return s.transitionDuration.split(',').some(t => parseFloat(t) > 0.01) || s.animationName !== 'none';
    }).map(e => e.className)"""
    assert page.evaluate(moving) == []


# ------------------------------------------------------------------------------ keyboard
STOPS = """() => [...document.querySelectorAll('a[href], button, input, summary, [tabindex]')]
    .filter(e => e.tabIndex >= 0 && !e.disabled && e.checkVisibility({visibilityProperty: true}))"""
KIND = """e => [e.tagName, e.type || '', e.className,
    e.closest('nav, header, footer, dialog, .article-header-buttons, article')?.tagName].join(' ')"""


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
        assert button.evaluate("b => +getComputedStyle(b).opacity > 0.9 || new Promise(r => setTimeout(() => r(+getComputedStyle(b).opacity > 0.9), 400))")  # fmt: skip
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
        shown = stop.query_selector(".toctree-toggle") or stop
        box = shown.bounding_box()
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
        if strong.sum() < 3 * min(box["width"], 300):
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
    seen = "e => e.checkVisibility({visibilityProperty: true}) && e.getClientRects().length"
    left = page.evaluate(
        f"() => [...document.querySelectorAll('button, input, .bd-sidebar, .headerlink, nav')].filter({seen}).map(e => e.className)"
    )
    assert left == []
    assert (
        page.evaluate(f"() => [...document.querySelectorAll('details')].filter({seen}).length") == 0
    )
    style = "(s) => [...document.querySelectorAll(s)].every(e => getComputedStyle(e).breakInside === 'avoid')"
    for torn in (".gdl-claim", "figure", "div.highlight > pre", "tr"):
        assert page.evaluate(style, torn), torn
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(255, 255, 255)"
    page.emulate_media(media="screen", color_scheme="dark")
    page.wait_for_function("document.documentElement.dataset.theme === 'dark'")


def test_bars_and_scales_are_printed_with_their_colors(visit):
    for name, part in (("bars", ".gdl-live-track i"), ("mesh", ".gdl-mesh3d-view")):
        page = visit(name)
        page.emulate_media(media="print")
        assert page.locator(".gdl-live-controls:visible, button:visible").count() == 0
        if name == "bars":
            exact = "e => getComputedStyle(e).printColorAdjust || getComputedStyle(e).webkitPrintColorAdjust"
            assert page.locator(part).first.evaluate(exact) == "exact"


# --------------------------------------------------------------------------- no scripts
@pytest.mark.parametrize("name", ["mesh", "bars"])
def test_without_scripts_a_still_is_there(visit, name):
    page = visit(name, java_script_enabled=False)
    still = page.locator("figure img")
    assert still.is_visible()
    assert len(np.unique(pixels(still.screenshot()).reshape(-1, 3), axis=0)) > 20
    assert page.locator("figure button:visible").count() == 0


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
@pytest.mark.parametrize(
    ("address", "limit"), [("index.html", 350), ("notebooks/08_geodesics.html", 700)]
)
def test_what_a_browser_loads_first_is_light(chromium, site, address, limit):
    """All that is fetched until the page is quiet, compressed as a host does it."""
    import gzip

    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page, asked = context.new_page(), set()
    page.on("request", lambda r: asked.add(r.url.partition("?")[0].partition("#")[0]))
    page.goto(f"{site}/{address}", wait_until="networkidle")
    context.close()
    files = [HTML / url.removeprefix(f"{site}/") for url in asked if url.startswith(site)]
    assert len(files) > 5
    size = sum(len(gzip.compress(f.read_bytes(), 6)) for f in files if f.is_file()) / 1000
    assert size <= limit, sorted(f.name for f in files)
