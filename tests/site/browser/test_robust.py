"""Figures for readers without WebGL, without scripts, on paper, in colors of their own."""

import io
import shutil
from pathlib import Path

import numpy as np
import pytest

from gdl_utils.plots.live import Bars, Choice, Slider, live
from gdl_utils.plots.surface3d import show_mesh

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.browser

CORNERS = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1.0]])
LENGTHS = np.ones((3, 2, 2)) * [0.3, 0.9]
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
        panels=[Bars(["one", "two"], LENGTHS, by=("k", "which"), limits=(0, 1))],
        title="A bar is long.",
        alt="Two bars.",
    )  # fmt: skip
    for name, figure in {"mesh": mesh, "bars": bars}.items():
        text = (
            '<!DOCTYPE html><html lang="en" data-content_root="./"><meta charset="utf-8">'
            f'<title>{name}</title><body style="margin:16px"><p>Before.</p>'
            f'<main>{figure.html}</main><div style="height:3000px"></div>'
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
    changed = f"v => v.getCameraOrbit().theta !== {before}"
    page.wait_for_function(changed, arg=viewer.element_handle())
    assert "arrow keys" in page.locator(".gdl-mesh3d-note").inner_text()


def test_a_reader_who_went_on_is_not_called_back(visit):
    page = visit("mesh")
    page.evaluate("document.querySelector('p').innerHTML = '<a href=\"#\">elsewhere</a>'")
    page.evaluate(  # at once: the view may open within milliseconds
        """() => {
            document.querySelector('figure button').click();
            document.querySelector('p a').focus();
        }"""
    )
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
    changed = f"v => v.getCameraOrbit().radius !== {before}"
    page.wait_for_function(changed, arg=viewer.element_handle())


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
        const s = getComputedStyle(e), times = s.transitionDuration.split(',');
        return times.some(t => parseFloat(t) > 0.01) || s.animationName !== 'none';
    }).map(e => e.className)"""
    assert page.evaluate(moving) == []


# -------------------------------------------------------------------- paper, and no scripts
def test_bars_and_scales_are_printed_with_their_colors(visit):
    for name, part in (("bars", ".gdl-live-track i"), ("mesh", ".gdl-mesh3d-view")):
        page = visit(name)
        page.emulate_media(media="print")
        assert page.locator(".gdl-live-controls:visible, button:visible").count() == 0
        if name == "bars":
            exact = "e => getComputedStyle(e).printColorAdjust"
            assert page.locator(part).first.evaluate(exact) == "exact"


@pytest.mark.parametrize("name", ["mesh", "bars"])
def test_without_scripts_a_still_is_there(visit, name):
    page = visit(name, java_script_enabled=False)
    still = page.locator("figure img")
    assert still.is_visible()
    assert len(np.unique(pixels(still.screenshot()).reshape(-1, 3), axis=0)) > 20
    assert page.locator("figure button:visible").count() == 0
