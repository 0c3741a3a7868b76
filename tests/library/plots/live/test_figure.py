"""Live figures: small, the same every time, refusing what is wrong, and alive in a browser."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import torch

from gdl_utils.plots import vector
from gdl_utils.plots.live import Bars, Choice, Curves, Graph, Slider, Sprite, Text, live

SHIFT = Slider("shift", range(-3, 4), label="Shift (px)", start=0)
HEAD = Choice("head", ["pooled", "dense"], label="Head")
X = np.arange(-3, 4)
WORDS = {"title": "A finding.", "alt": "What is seen."}


def picture():
    image = np.zeros((12, 12), np.uint8)
    image[4:8, 5:7] = 255
    return image


def first():
    errors = torch.full((2, 3), 3e-16, dtype=torch.float64)
    errors[1, 2] = 0.8
    ys = {"flat": np.ones(7), "peak": 1.0 / (1 + X**2)}
    panels = [
        Sprite(picture(), roll=("shift", None), label="Drag the bar"),
        Curves(X, ys, cursor="shift", ylabel="accuracy", xlabel="shift (px)"),
        Bars(["conv", "ReLU", "head"], errors, by="head", log=True, threshold=1e-10, label="Audit"),
        Text([["left of it"] * 3 + ["in place"] + ["right of it"] * 3] * 2, by=("head", "shift")),
    ]
    return live(controls=[SHIFT, HEAD], panels=panels, **WORDS)


def second():
    steps = Slider("shift", [0, 1, 2], label="Rounds", play=True)
    frames = np.stack([np.full((8, 8, 3), k, np.uint8) for k in (0, 120, 255)])
    square = [[0, 0], [1, 0], [1, 1], [0, 1]]
    colours = np.array([[0, 0, 0, 0], [0, 1, 0, 1], [0, 1, 2, 3]])
    graph = Graph(square, [[0, 1], [1, 2], [2, 3], [3, 0]], colours, by="shift", label="A square")
    return live(
        controls=[steps],
        panels=[Sprite(frames, by="shift", alt="Grey", drag=("shift", None), pixels=False), graph],
        title="Rounds </script> of colours.",
        alt="A square < a circle.",
    )


def payload(figure):
    return json.loads(re.search(r'<script type="application/json">(.*?)</script>', figure.html)[1])


def test_the_bundle_has_a_figure_a_still_and_a_text():
    figure = first()
    bundle = figure._repr_mimebundle_()
    assert set(bundle) == {"text/html", "image/png", "text/plain", vector.MIME}
    assert bundle["text/plain"] == repr(figure) == "What is seen."
    html = bundle["text/html"]
    assert re.fullmatch(r'<figure class="gdl-live" .*</figure>', html, re.DOTALL)
    assert html.count("</figure>") == 1
    assert f'src="data:image/png;base64,{bundle["image/png"]}"' in html
    assert len(html) < 100_000
    assert not re.search(r"https?://(?!www\.w3\.org)", html)
    assert "eval(" not in html


def test_the_markup_is_the_same_every_time_and_ids_differ_between_figures():
    assert first().html == first().html
    names = [re.search('data-gdl="([^"]+)"', f.html)[1] for f in (first(), second())]
    assert names[0] != names[1]


def test_text_cannot_end_the_script():
    figure = second()

    found = []

    class Tags(HTMLParser):
        def handle_starttag(self, tag, attrs):
            found.append(tag)

    Tags().feed(figure.html)
    assert found == ["figure", "style", "figcaption", "img", "div", "script", "script"]
    assert payload(figure)["panels"][1]["alt"] == "A square"


def test_values_are_rounded_and_in_the_controls_order():
    data = payload(first())
    sprite, curves, bars, text = data["panels"]
    assert curves["ys"][1] == [0.1, 0.2, 0.5, 1, 0.5, 0.2, 0.1]
    assert bars["values"] == [3e-16] * 5 + [0.8]
    assert text["frames"][7 + 3] == "in place"
    assert sprite["drag"] == ["shift", None]
    assert data["controls"][0]["texts"][0] == "−3"
    assert data["controls"][0]["start"] == 3


def test_bars_may_change_their_names_and_number():
    labels = [["conv", "pool", ""], ["conv", "flatten", "dense"]]
    values = [[0.0, 0.0, np.nan], [0.0, 0.0, np.inf]]
    figure = live(controls=[HEAD], panels=[Bars(labels, values, by="head", log=True)], **WORDS)
    assert payload(figure)["panels"][0]["values"][2] is None


class Impostor(Text):
    """Another panel that calls itself a text."""

    @classmethod
    def script(cls):
        return Path("elsewhere.js")

    def __init__(self):
        super().__init__(["a", "b"], by="head")


def make(controls=(HEAD,), panels=None, **words):
    panels = [Text(["a", "b"], by="head")] if panels is None else panels
    return live(controls=controls, panels=panels, **{**WORDS, **words})


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: make(alt=" "), "alt must say"),
        (lambda: make(title=""), "title must say"),
        (lambda: make(()), "at least one control"),
        (lambda: make(panels=[]), "at least one panel"),
        (lambda: make((HEAD, HEAD)), "twice"),
        (lambda: make((HEAD, SHIFT)), r"no panel uses \['shift'\]"),
        (lambda: make((Choice("head", ["a"], label="a"),)), "at least two values"),
        (lambda: make((Choice("head", ["a", "a"], label="a"),)), "all different"),
        (lambda: make((Choice("head", ["a", 1], label="a"),)), "not both"),
        (lambda: make((Choice("head", ["a", "b"], label=""),)), "label of 'head'"),
        (lambda: make((Choice("head", ["a", "b"], label="a", start="c"),)), "start of 'head'"),
        (lambda: make((Slider("head", [0, 9], label="a", start=5),)), "start of 'head'"),
        (lambda: make((Slider("head", [0, np.nan], label="a"),)), "must be finite"),
        (lambda: make((Slider("head", [0.001, 0.002], label="a", format="{:.1f}"),)), "in print"),
        (lambda: make(panels=[Text(["a", "b"], by="tail")]), "by must name controls"),
        (lambda: make(panels=[Text(["a"], by="head")]), "must have the shape"),
        (lambda: make(panels=[Text(["a", 1], by="head")]), "must hold texts"),
        (lambda: make(panels=[3]), "must be panels, such as Curves, got int"),
        (lambda: make(panels=[Text(["a", "b"], by="head"), Impostor()]), "are called 'text'"),
    ],
)
def test_what_is_wrong_is_refused(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()


def test_a_figure_beyond_200_kb_is_refused():
    noise = np.random.default_rng(0).integers(0, 256, (2, 500, 500), dtype=np.uint8)
    with pytest.raises(ValueError, match="200,000 bytes"):
        make(panels=[Sprite(noise, by="head", label="noise")])


@pytest.fixture
def page(browser, tmp_path, request):
    body = first().html + second().html + second().html  # the same figure twice as well
    style = "<style>@media (prefers-color-scheme: dark) { body { background: #111 } }</style>"
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">' + style
    path = tmp_path / "page.html"
    path.write_text(f"<!doctype html><html lang=en><head>{head}</head><body>{body}</body></html>")
    context = browser.new_context(**getattr(request, "param", {}))
    page = context.new_page()
    page.set_default_timeout(5000)
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text))
    page.goto(path.as_uri())
    yield page
    context.close()
    assert problems == []


def pixels(page, number=0):
    return page.evaluate("n => document.querySelectorAll('canvas')[n].toDataURL()", number)


@pytest.mark.browser
def test_the_keyboard_moves_slider_and_choice(page):
    figure = page.locator("figure").first
    assert figure.locator("img").is_hidden()
    slider = figure.get_by_role("slider", name="Shift (px)")
    assert slider.get_attribute("aria-valuetext") == "0"
    before, peak = pixels(page), figure.locator(".gdl-live-legend b").nth(1)
    assert peak.inner_text() == "1"
    slider.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == "1"
    assert pixels(page) != before
    assert peak.inner_text() == "0.5"
    assert figure.locator(".gdl-live-text").inner_text() == "right of it"
    assert "Shift (px): 1" in figure.locator("canvas").get_attribute("aria-label")
    assert "✓" in figure.locator(".gdl-live-value").nth(2).inner_text()
    figure.get_by_role("radio", name="pooled").press("ArrowRight")
    assert figure.get_by_role("radio", name="dense").is_checked()
    assert figure.locator(".gdl-live-value").nth(2).inner_text() == "✗ 0.8 broken"
    assert "head: 0.8 broken" in figure.locator(".gdl-live-rows").get_attribute("aria-label")
    page.wait_for_function("document.querySelector('[role=status]').textContent.includes('2 of 3')")
    # The others stand still, although their control has the same name.
    assert page.get_by_role("slider", name="Rounds").first.get_attribute("aria-valuetext") == "0"


@pytest.mark.browser
def test_a_drag_moves_the_image_with_the_pointer(page):
    canvas, slider = page.locator("canvas").first, page.get_by_role("slider", name="Shift (px)")
    box = canvas.bounding_box()
    one_pixel, y = box["width"] / 12, box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 - 2 * one_pixel, y, steps=4)
    assert slider.get_attribute("aria-valuetext") == "−2"
    page.mouse.up()
    page.mouse.move(box["x"], y)
    assert slider.get_attribute("aria-valuetext") == "−2"
    shown = page.evaluate(
        "() => { const c = document.querySelector('canvas');"
        "const data = [...c.getContext('2d').getImageData(0, 5, 12, 1).data];"
        "return data.filter((_, i) => i % 4 == 0) }"
    )
    assert shown == np.roll(picture(), -2, 1)[5].tolist()


@pytest.mark.browser
def test_a_sweep_and_the_play_button(page):
    figure = page.locator("figure").nth(2)
    figure.scroll_into_view_if_needed()
    figure.locator("canvas").scroll_into_view_if_needed()
    slider = figure.get_by_role("slider")
    box = figure.locator("canvas").bounding_box()
    page.mouse.move(box["x"] + 2, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + 5, steps=3)
    page.mouse.up()
    assert slider.get_attribute("aria-valuetext") == "2"
    assert figure.locator("svg text").all_text_contents() == list("ABCD")
    figure.get_by_role("button", name="Play").click()  # begins again at the start
    assert slider.get_attribute("aria-valuetext") == "0"
    figure.get_by_role("button", name="Pause").wait_for()
    page.wait_for_timeout(900)
    assert slider.get_attribute("aria-valuetext") == "1"


PHONE = {"viewport": {"width": 390, "height": 800}, "color_scheme": "dark", "has_touch": True}
CONTRAST = """() => {
  const lum = c => { const v = c.match(/[0-9.]+/g).slice(0, 3).map(x => x / 255)
    .map(x => x <= .03928 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4);
    return .2126 * v[0] + .7152 * v[1] + .0722 * v[2] };
  const ratio = (a, b) => { const [x, y] = [lum(a), lum(b)].sort((p, q) => q - p);
    return (x + .05) / (y + .05) };
  const figure = document.querySelector('figure'), paper = getComputedStyle(figure).backgroundColor;
  const css = (q, k) => getComputedStyle(figure.querySelector(q))[k];
  return [ratio(css('figcaption', 'color'), paper),
    ratio(css('.gdl-live-curves > svg text', 'fill'), paper),
    ratio(css('.gdl-live-c0', 'stroke'), paper), ratio(css('.gdl-live-c1', 'stroke'), paper),
    ratio(css('.gdl-live-track i', 'backgroundColor'), paper),
    ratio(css('input:checked + span', 'color'), css('input:checked + span', 'backgroundColor'))]
}"""


@pytest.mark.browser
@pytest.mark.parametrize("page", [{}, {"color_scheme": "dark"}, PHONE], indirect=True)
def test_both_themes_are_readable_and_nothing_scrolls_sideways(page):
    text, ticks, blue, vermilion, bar, chosen = page.evaluate(CONTRAST)
    assert min(text, ticks, chosen) >= 4.5
    assert min(blue, vermilion, bar) >= 3
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    sizes = page.evaluate(
        "[...document.querySelectorAll('figure svg text')].map(t => t.getBBox().height *"
        "t.getScreenCTM().a).filter(h => h > 0)"
    )
    assert min(sizes) >= 11


@pytest.mark.browser
@pytest.mark.parametrize("page", [{"java_script_enabled": False}], indirect=True)
def test_without_scripts_the_still_stands(page):
    still = page.locator("figure img").first
    assert still.is_visible()
    assert still.get_attribute("alt") == "What is seen."
    assert page.get_by_role("slider").count() == 0
