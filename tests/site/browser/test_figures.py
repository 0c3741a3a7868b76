"""Live figures move and 3D views turn, by pointer and by keyboard, with the right colours."""

import colorsys
import io
from collections import Counter
from pathlib import Path

import check_book
import pytest

ROOT = Path(__file__).resolve().parents[3]
HTML = ROOT / "_build" / "html"
ENTRIES = [f"{entry}.html" for entry in check_book.toc_entries(ROOT / "book" / "_toc.yml")]
pytestmark = pytest.mark.browser


def figures(kind):
    """(page, index) of every figure of a kind in the built book."""
    found = []
    for address in ENTRIES:
        if (HTML / address).exists():
            text = (HTML / address).read_text(encoding="utf-8")
            found += [(address, i) for i in range(text.count(f'<figure class="{kind}"'))]
    return found


LIVE, MESHES = figures("gdl-live"), figures("gdl-mesh3d")


def before(figure):
    """Put the keyboard's place just before a figure."""
    figure.evaluate(
        """figure => {
            const mark = document.createElement('span');
            mark.tabIndex = -1;
            figure.before(mark);
            mark.focus();
        }"""
    )


def inside(figure):
    return figure.evaluate("f => f.contains(document.activeElement)")


@pytest.mark.parametrize(("address", "i"), LIVE)
def test_live_figure_by_keyboard(desk, address, i):
    """Tab reaches each control; an arrow key at one of them changes what is shown."""
    page = desk.open(address)
    figure = page.locator("figure.gdl-live").nth(i)
    figure.scroll_into_view_if_needed()
    shown = figure.locator(".gdl-live-panels")
    before(figure)
    page.keyboard.press("Tab")
    assert inside(figure), "Tab does not reach the figure's controls"
    changed = 0
    for _ in range(20):
        old = shown.screenshot()
        for key in ("ArrowRight", "ArrowLeft"):
            page.keyboard.press(key)
            page.wait_for_timeout(60)
            if shown.screenshot() != old:
                changed += 1
                break
        page.keyboard.press("Tab")
        if not inside(figure):
            break
    assert not inside(figure), "Tab does not leave the figure"
    assert changed, "no arrow key changes anything that is shown"
    desk.clean()


def hues(png):
    """Shares of twelve hues among the coloured pixels, and how many pixels are coloured."""
    image = pytest.importorskip("PIL.Image").open(io.BytesIO(png)).convert("RGB").resize((80, 56))
    pixels = list(zip(*[iter(image.tobytes())] * 3, strict=True))
    hsv = [colorsys.rgb_to_hsv(*(c / 255 for c in p)) for p in pixels]
    coloured = [int(h * 12) for h, s, v in hsv if s > 0.25 and v > 0.2]
    total = max(len(coloured), 1)
    return {hue: n / total for hue, n in Counter(coloured).items()}, len(coloured) / len(pixels)


@pytest.mark.parametrize("how", ["click", "key"])
@pytest.mark.parametrize(("address", "i"), MESHES)
def test_mesh_opens_and_turns(desk, address, i, how):
    """The poster gives way to a viewer from this site, in the poster's colours, that turns."""
    page = desk.open(address)
    figure = page.locator("figure.gdl-mesh3d").nth(i)
    figure.scroll_into_view_if_needed()
    poster, share = hues(figure.locator("img").screenshot())
    button = figure.locator("button")
    if how == "click":
        button.click()
    else:
        before(figure)
        page.keyboard.press("Tab")
        assert button.evaluate("b => b === document.activeElement"), "Tab misses the button"
        page.keyboard.press("Enter")
    viewer = figure.locator("model-viewer")
    viewer.wait_for(timeout=20_000)
    page.wait_for_function("v => v.loaded && v.modelIsVisible", arg=viewer.element_handle())
    page.wait_for_timeout(500)
    view = viewer.screenshot()
    found, filled = hues(view)
    assert filled > 0.02
    assert filled > 0.4 * share
    common = sum(min(found.get(h, 0), poster.get(h, 0)) for h in range(12))
    assert common > 0.6, f"poster {poster}, viewer {found}"
    if how == "key":
        assert viewer.evaluate("v => v === document.activeElement"), (
            "the keyboard has lost its place"
        )
        for _ in range(6):
            page.keyboard.press("ArrowRight")
        page.wait_for_timeout(400)
    else:
        box = viewer.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 120, y, steps=6)
        page.mouse.up()
        page.wait_for_timeout(400)
    assert viewer.screenshot() != view, "the view does not turn"
    desk.clean()


@pytest.mark.skipif(not MESHES, reason="the book holds no 3D view yet")
def test_mesh_opens_from_a_file(chromium):
    address, i = MESHES[0]
    page = chromium.new_page()
    errors = []
    page.on("console", lambda m: m.type == "error" and errors.append(m.text))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((HTML / address).as_uri())
    figure = page.locator("figure.gdl-mesh3d").nth(i)
    figure.locator("button").click()
    viewer = figure.locator("model-viewer")
    viewer.wait_for(timeout=20_000)
    page.wait_for_function("v => v.loaded", arg=viewer.element_handle())
    page.close()
    assert errors == []
