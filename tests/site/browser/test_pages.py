"""Every page in a real browser, on a desk and on a phone, in the light and in the dark."""

import re
from pathlib import Path

import check_book
import pytest

ROOT = Path(__file__).resolve().parents[3]
HTML = ROOT / "_build" / "html"
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
ENTRIES = [f"{entry}.html" for entry in check_book.toc_entries(ROOT / "book" / "_toc.yml")]
MADE = ["genindex.html", "py-modindex.html", "search.html"]
CHAPTERS = [entry for entry in ENTRIES if entry.startswith("notebooks/")]
pytestmark = pytest.mark.browser


def sources():
    """One listing of a module's source: they are all alike."""
    return [str(p.relative_to(HTML)) for p in sorted((HTML / "_modules").rglob("*.html"))[:1]]


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("address", ENTRIES + MADE + sources())
def test_page(readers, address, width):
    """No error on the console, no request to another host, no sideways scrolling."""
    reader = readers(width)
    reader.theme("light")
    page = reader.open(address)
    for theme in ("light", "dark"):
        reader.theme(theme)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{address} is {wide} px wide on a screen of {width} ({theme})"
    assert page.locator("article mjx-merror").count() == 0
    reader.clean()


def violations(page, context, **options):
    """What axe finds that is serious or critical: rule and up to three elements each."""
    return page.evaluate(
        """([context, options]) => axe.run(context, options)
        .then(r => r.violations.filter(v => ['serious', 'critical'].includes(v.impact)).map(
            v => [v.id, ...v.nodes.slice(0, 3).map(n => n.html.slice(0, 160))]))""",
        [context, {"preload": False, "resultTypes": ["violations"], **options}],
    )


@pytest.mark.parametrize("address", ENTRIES)
def test_accessible(desk, address):
    """axe finds nothing serious or critical in the article, in either theme."""
    page = desk.open(address)
    page.add_script_tag(content=AXE.read_text(encoding="utf-8"))
    # MathJax's many boxes and the words of code are all alike: the next test looks at some.
    context = {"include": ["article"], "exclude": ["mjx-container", "div.highlight"]}
    assert violations(page, context) == []
    desk.theme("dark")  # which differs in nothing but colours
    assert violations(page, context, runOnly=["color-contrast"]) == []


def test_formulas_and_code_are_accessible(desk):
    page = desk.open("book/notation.html")
    page.add_script_tag(content=AXE.read_text(encoding="utf-8"))
    assert violations(page, "article") == []
    page = desk.open(CHAPTERS[0])
    page.add_script_tag(content=AXE.read_text(encoding="utf-8"))
    page.evaluate(
        """[...document.querySelectorAll('.cell div.highlight')].slice(0, 8)
        .forEach(e => e.classList.add('looked-at'))"""
    )
    code = {"include": [".looked-at"]}
    for theme in ("light", "dark"):
        desk.theme(theme)
        assert violations(page, code, runOnly=["color-contrast"]) == []


def test_formulas_are_set(desk):
    page = desk.open("book/notation.html")
    assert page.locator("article mjx-container").count() > 20
    assert page.locator("article mjx-merror").count() == 0
    assert page.locator("mjx-container[display=true] mjx-math").first.bounding_box()["width"] > 50
    fonts = page.evaluate("[...document.fonts].filter(f => f.status === 'loaded').length")
    assert fonts > 0
    desk.clean()


def test_search_finds_a_word(desk):
    page = desk.open("book/index.html")
    page.keyboard.press("Control+k")
    page.keyboard.type("equivariance")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=equivariance*")
    # results are written one after the other; the summary says when all are there
    page.wait_for_selector("#search-results .search-summary:has-text('found')")
    hits = page.locator("#search-results li > a").all_inner_texts()
    for title in ("The blueprint", "Notation"):
        assert any(title in hit for hit in hits), hits
    desk.clean()


def test_every_icon_is_among_those_that_are_kept():
    """Classes such as fa-moon on any page; tools/make_assets/icons.py makes the fonts."""
    kept = set((ROOT / "book/_static/icons/NAMES.txt").read_text(encoding="utf-8").split())
    used = set()
    for path in HTML.rglob("*.html"):
        for names in re.findall(r'class="([^"]*\bfa-[^"]*)"', path.read_text(encoding="utf-8")):
            used |= {n.removeprefix("fa-") for n in names.split() if n.startswith("fa-")}
    assert len(used) > 8
    assert used - {"solid", "brands", "lg", "fw", "regular"} <= kept


def test_icons_are_visible(desk):
    """A part of the theme's icon fonts must show the same."""
    page = desk.open("book/index.html")
    icons = page.locator(".article-header-buttons :is(.fas, .fab, .fa-solid):visible")
    assert icons.count() > 0
    assert page.evaluate(
        "document.fonts.load('900 16px \"Font Awesome 6 Free\"').then(f => f.length)"
    )
    for box in [icon.bounding_box() for icon in icons.all()]:
        assert box["width"] > 5


def test_the_theme_can_be_switched_by_hand(desk):
    page = desk.open("book/index.html")
    seen = {page.evaluate("document.documentElement.dataset.theme")}
    for _ in range(3):
        page.locator("button.theme-switch-button:visible").first.click()
        seen.add(page.evaluate("document.documentElement.dataset.theme"))
    page.evaluate("localStorage.clear()")
    assert seen == {"light", "dark"}


@pytest.mark.parametrize("address", [*CHAPTERS, "book/notation.html"])
def test_page_from_a_file(chromium, address):
    """Without any server the formulas are set, and nothing is an error."""
    if not (HTML / address).exists():
        pytest.skip("there is no book yet: run make book")
    page = chromium.new_page()
    errors, outside = [], []
    page.on("console", lambda m: m.type == "error" and errors.append(m.text))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda r: r.url.startswith("http") and outside.append(r.url))
    page.goto((HTML / address).as_uri())
    page.evaluate("() => window.gdlFormulas && gdlFormulas()")
    has_math = bool(page.locator("article .math").count())
    assert bool(page.locator("article mjx-container").count()) == has_math
    page.close()
    assert outside == []
    assert errors == []


EXAMPLES = ["gauges", "geodesics", "language", "plots", "tools"]


def test_all_pages_with_examples_are_known():
    pages = sorted((HTML / "book").glob("api_*.html"))
    found = [p.stem.removeprefix("api_") for p in pages if "&gt;&gt;&gt; " in _plain(p)]
    assert found == EXAMPLES


def _plain(path):
    return re.sub(r"<[^>]*>", "", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("address", EXAMPLES)
def test_what_is_copied_of_an_example_runs(desk, address):
    """The copy button leaves prompts and answers out."""
    page = desk.open(f"book/api_{address}.html")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    examples = page.locator("div.highlight:has(pre):has-text('>>> ')")
    assert examples.count()
    for example in examples.all():
        example.scroll_into_view_if_needed()
        example.hover()
        example.locator("button.copybtn").click()
        copied = page.evaluate("() => navigator.clipboard.readText()")
        asked = [x[4:] for x in example.inner_text().splitlines() if x.startswith((">>> ", "... "))]
        assert copied.strip().splitlines() == asked
        compile(copied, "an example", "exec")


# ------------------------------------------------------------------------------------ heads
@pytest.mark.parametrize("address", ["index.html", *ENTRIES, *MADE])
def test_one_main_heading_is_seen(desk, address):
    page = desk.open(address)
    seen = page.locator("h1").filter(visible=True)
    assert seen.count() == 1
    assert len(seen.inner_text().strip()) > 2
    assert seen.bounding_box()["width"] > 20


@pytest.mark.parametrize("how", ["server", "file"])
def test_the_site_begins_with_the_landing_page(chromium, site, how):
    """At the root, without being led elsewhere; its links work from there, from files too."""
    start = f"{site}/" if how == "server" else (HTML / "index.html").as_uri()
    page = chromium.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))

    def failed(request):  # not what was given up because the reader went on
        if "ERR_ABORTED" not in (request.failure or ""):
            errors.append(request.url)

    page.on("requestfailed", failed)
    page.goto(start)
    assert page.url == start
    assert page.locator("article h1").is_visible()
    page.locator("article a[href*='how_to']").first.click()
    page.wait_for_url("**/book/how_to.html")
    page.close()
    assert errors == []


@pytest.mark.parametrize("address", ["nothing.html", "book/nothing", "book/deep/er/nothing.html"])
def test_a_wrong_address_at_any_depth_leads_back(chromium, site, address):
    """Served as a host does it, below a folder, with nothing else loaded."""
    page, asked = chromium.new_page(), []
    text = (HTML / "404.html").read_text(encoding="utf-8")

    def answer(route):
        asked.append(route.request.url)
        route.fulfill(status=404, body=text, content_type="text/html")

    page.route("**/site/**", answer)
    page.goto(f"{site}/site/{address}")
    assert page.locator("h1").is_visible()
    assert len(asked) == 1
    links = page.locator("a").evaluate_all("links => links.map(a => a.href)")
    page.close()
    if address != "nothing.html":
        assert links[0] == f"{site}/site/index.html"
    for link in links:
        assert (HTML / link.removeprefix(f"{site}/site/")).is_file()


def test_with_an_address_pages_say_where_they_are():
    """Where they are they say only if ``html: baseurl`` is set, and then in all ways."""
    text = (HTML / CHAPTERS[0]).read_text(encoding="utf-8")
    for name in ("og:title", "og:description", "og:site_name", "og:type"):
        assert len(re.findall(f'<meta property="{name}" content="([^"]+)"', text)) == 1
    assert ("canonical" in text) == ("og:image" in text) == ("og:url" in text)


# -------------------------------------------------------------------------------- reference
def test_no_code_in_the_reference_shows_a_stray_backslash():
    """As a docstring escaped for the builder would; ``\\n`` in an example is none."""
    pages = sorted((HTML / "book").glob("api_*.html"))
    assert len(pages) > 8
    stray = []
    for path in pages:
        text = path.read_text(encoding="utf-8")
        text = re.sub(r'(?s)<(span|div) class="math.*?</\1>', "", text)
        for code in re.findall(r"(?s)<(?:code|pre|dd)\b.*?</(?:code|pre|dd)>", text):
            plain = re.sub(r"<[^>]*>", "", code)
            stray += [(path.name, m) for m in re.findall(r".{0,30}\\[ |*_`].{0,20}", plain)]
    assert stray == []


def test_no_page_of_the_reference_is_endless(desk):
    for path in sorted((HTML / "book").glob("api_*.html")):
        page = desk.open(f"book/{path.name}")
        tall = page.evaluate("document.documentElement.scrollHeight")
        assert tall < 60_000, f"{path.name} is {tall} px long"


# ------------------------------------------------------------------------------- formulas
LEFT = "document.querySelectorAll('article .math:not(:has(mjx-container))').length"


def test_formulas_far_down_are_set_once_the_reader_moves(desk):
    """At first those near the screen; after the first turn of the wheel all, bit by bit."""
    desk.open("book/index.html")
    page = desk.page
    page.goto(f"{desk.site}/notebooks/05_grids.html")
    page.wait_for_selector("article mjx-container")
    page.wait_for_timeout(500)
    assert page.evaluate(LEFT) > 10
    page.mouse.move(600, 400)
    page.mouse.wheel(0, 50)
    page.wait_for_function(f"{LEFT} === 0")
    desk.clean()


@pytest.mark.parametrize("how", ["paper", "place"])
def test_paper_and_links_to_a_place_get_all_formulas(desk, how):
    page = desk.page
    anchor = "#borders" if how == "place" else ""
    page.goto("about:blank")
    page.goto(f"{desk.site}/notebooks/05_grids.html{anchor}")
    page.wait_for_selector("article mjx-container")
    if how == "paper":
        assert page.evaluate(LEFT) > 0
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.evaluate(LEFT) == 0
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        return
    page.wait_for_function(f"{LEFT} === 0")
    page.wait_for_timeout(300)
    assert abs(page.locator("#borders").bounding_box()["y"]) < 200
