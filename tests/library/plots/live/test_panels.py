"""Panels hold what they are given, refuse what is wrong, and may be a chapter's own."""

import base64
import io
import json
import re
from dataclasses import dataclass

import numpy as np
import pytest

from gdl_utils.plots import vector
from gdl_utils.plots.colors import color_map
from gdl_utils.plots.live import (
    Bars,
    Choice,
    Curves,
    Dot,
    Graph,
    Line,
    Panel,
    Picture,
    Sketch,
    Slider,
    Sprite,
    Text,
    Word,
    live,
)  # fmt: skip
from gdl_utils.plots.live.sprite import sprite_sheet

SHIFT = Slider("shift", range(-3, 4), label="Shift (px)", start=0)
HEAD = Choice("head", ["pooled", "dense"], label="Head")
X = np.arange(-3, 4)


def picture():
    image = np.zeros((12, 12), np.uint8)
    image[4:8, 5:7] = 255
    return image


def test_a_sprite_sheet_holds_every_frame():
    from PIL import Image

    frames = np.random.default_rng(0).integers(0, 256, (5, 4, 6), dtype=np.uint8)
    for stack in (frames, np.repeat(frames[..., None], 3, 3)):
        source, columns = sprite_sheet(stack, levels=256)
        assert columns == 3
        with Image.open(io.BytesIO(base64.b64decode(source.split(",")[1]))) as image:
            sheet = np.asarray(image.convert("L")).astype(int)
        assert sheet.shape == (8, 18)
        for k, frame in enumerate(frames):
            r, c = divmod(k, columns)
            np.testing.assert_allclose(sheet[4 * r : 4 * r + 4, 6 * c : 6 * c + 6], frame, atol=1)


def test_a_colour_map_colours_frames():
    sprite = Sprite(np.array([[0.0, 1.0]]), cmap="viridis", label="a")
    np.testing.assert_array_equal(sprite.images({})[0, 0], color_map("viridis", 2))


def one(panel):
    """A figure of this panel, and of a text that uses both controls."""
    text = Text([["a"] * 7] * 2, by=("head", "shift"))
    return live(controls=(HEAD, SHIFT), panels=[panel, text], title="A finding.", alt="Seen.")


def nodes(**changes):
    wanted = {"pos": np.eye(2), "edges": [[0, 1]], "colors": [0, 1], "label": "a"}
    wanted |= changes
    return Graph(wanted.pop("pos"), wanted.pop("edges"), wanted.pop("colors"), **wanted)


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: one(Sprite(picture())), "label or an alt"),
        (lambda: one(Sprite(picture(), label="a", roll=("head", None))), "slider whose values"),
        (lambda: one(Sprite(picture(), label="a", drag=("head", None))), "slider whose values"),
        (lambda: one(Sprite(picture(), label="a", by="head")), "must have 3 or 4 axes"),
        (lambda: one(Sprite(np.zeros((3, 4, 4)), label="a", by="head")), "must have the shape"),
        (lambda: one(Sprite(np.zeros((4, 4, 2)), label="a")), "must have the shape"),
        (lambda: one(Sprite(picture() * 1.0, label="a")), r"lie in \[0, 1\]"),
        (lambda: one(Sprite(picture(), label="a", limits=(1, 1))), "limits must rise"),
        (lambda: one(Sprite(picture(), label="a", cmap="no such map")), "colour maps"),
        (lambda: one(Sprite(np.zeros((4, 4, 3)), label="a", cmap="viridis")), "without a colour"),
        (lambda: one(Sprite(np.full((4, 4), np.nan), label="a")), "must be finite"),
        (lambda: one(Curves(X, {})), "1 to 7 curves"),
        (lambda: one(Curves(X, {"a": X[1:]})), "must have the shape"),
        (lambda: one(Curves(X, {"a": X}, by="head")), "must have the shape"),
        (lambda: one(Curves(X, {"a": np.full(7, np.inf)})), "must hold finite"),
        (lambda: one(Curves(X, {"a": np.full(7, np.nan)})), "must hold finite"),
        (lambda: one(Curves(X, {"a": X}, cursor="head")), "slider whose values"),
        (lambda: one(Curves(X, {"a": X}, logx=True)), "needs positive"),
        (lambda: one(Curves(X, {"a": X}, logy=True)), "needs positive"),
        (lambda: one(Curves(X, {"a": X}, ylim=(1, 0))), "ylim must rise"),
        (lambda: one(Bars(["a"], [0.1, 0.2])), "must have the shape"),
        (lambda: one(Bars(["a"], [-0.1])), "at least 0"),
        (lambda: one(Bars(["a"], [np.nan])), "at least 0"),
        (lambda: one(Bars([""], [0.1])), "at least 0"),
        (lambda: one(Bars(["a"], [0.1], limits=(1, 0))), "limits must rise"),
        (lambda: one(Bars(["a"], [0.1], limits=(0, 1), log=True)), "limits must rise"),
        (lambda: one(Bars(["a"], [0.1], threshold=3)), "threshold must lie"),
        (lambda: one(nodes(label="")), "label or an alt"),
        (lambda: one(nodes(pos=[[0, 0, 0]])), "pos must have the shape"),
        (lambda: one(nodes(edges=[[0, 2]])), "edges must hold integers"),
        (lambda: one(nodes(edges=[[0.0, 1.0]])), "edges must hold integers"),
        (lambda: one(nodes(edges=[[0, 1, 0]])), "edges must have the shape"),
        (lambda: one(nodes(colors=[0])), "colors must have the shape"),
        (lambda: one(nodes(colors=[0, 26])), "classes must lie"),
        (lambda: one(nodes(texts=["a"])), "texts must have the shape"),
    ],
)
def test_what_is_wrong_is_refused(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()


@dataclass(frozen=True)
class Dial(Panel):
    """A chapter's own kind: one number."""

    kind = "dial"
    values: list
    by: str = "head"

    def payload(self, controls):
        return {"label": "a dial", "by": [self.by], "values": self.values}

    def draw(self, ax, payload, state):
        ax.bar([0], payload["values"][state.at(payload["by"])])

    def said(self, payload, state):
        return f"The dial stands at {payload['values'][state.at(payload['by'])]}."


@pytest.fixture
def dial(tmp_path, monkeypatch):
    script = tmp_path / "dial.js"
    script.write_text("""// Comments do not reach the page.
(function (p, box, live) {
  var out = live.el("output", {}, box);
  return function () { out.textContent = p.say = String(p.values[live.at(p.by)]); };
})
""")
    monkeypatch.setattr(Dial, "script", lambda self: script)
    return Dial([3, 7])


def test_a_panel_of_ones_own_brings_its_data_and_its_script(dial):
    figure = live(controls=[HEAD], panels=[dial], title="A finding.", alt="A dial.")
    given = json.loads(re.search(r'<script type="application/json">(.*?)</script>', figure.html)[1])
    assert given["panels"] == [
        {"kind": "dial", "label": "a dial", "by": ["head"], "values": [3, 7]}
    ]
    assert figure.html.count('live.el("output"') == 1
    assert "Comments do not" not in figure.html
    both = live(controls=[HEAD], panels=[dial, dial], title="A finding.", alt="Two dials.")
    assert both.html.count('live.el("output"') == 1  # one script a kind


def test_only_the_scripts_of_the_panels_are_in_the_page(dial):
    """A figure without images carries no code for images."""
    alone = live(controls=[HEAD], panels=[dial], title="A finding.", alt="A dial.").html
    assert "getContext" not in alone
    assert "getContext" in one(Sprite(picture(), label="a")).html


def test_the_still_of_such_a_panel_is_its_own(dial):
    from PIL import Image

    stills = []
    for start in HEAD.options:
        choice = Choice("head", HEAD.options, label="Head", start=start)
        figure = live(controls=[choice], panels=[dial], title="A finding.", alt="A dial.")
        stills.append(np.array(Image.open(io.BytesIO(figure.still)).convert("RGB")))
    assert stills[0].shape == stills[1].shape
    assert (stills[0] != stills[1]).any()


@pytest.mark.browser
def test_such_a_panel_follows_its_control(dial, open_page):
    figure = live(controls=[HEAD], panels=[dial], title="A finding.", alt="A dial.")
    page = open_page(figure.html)
    assert page.locator(".gdl-live-dial output").inner_text() == "3"
    page.get_by_role("radio", name="pooled").press("ArrowRight")
    assert page.locator(".gdl-live-dial output").inner_text() == "7"
    page.wait_for_function("document.querySelector('[role=status]').textContent === '7'")


# ------------------------------------------------------------------------------- sketches
PARTS = [
    Picture(np.full((2, 3), 255, np.uint8), (-1, 0, 0, 1)),
    Line([(-1, -1), (1, 1)], "control", 2.0, arrow=True),
    Dot((0, 0), 0.25, text="7", color="#FF8800"),
    Word((0, -1), "below"),
]


def sketch(frames=None, **changes):
    how = {"by": "head", "label": "a"} | changes
    return Sketch([PARTS, PARTS[:1]] if frames is None else frames, **how)


def test_a_sketch_is_placed_with_y_up():
    payload = sketch(box=(-1, 1, -1, 3)).payload({"head": HEAD})
    assert (payload["w"], payload["h"]) == (200, 400)
    picture, line, dot, word = payload["frames"][0]
    assert picture[:4] == ["p", [0, 200], 100, 100]
    assert picture[4].startswith("data:image/png;base64,")
    assert line == ["l", [0, 400, 200, 200], "control", 2.0, 1]
    assert dot == ["d", [100, 300], "subject", 25, "7", "#FF8800"]
    assert word == ["w", [100, 400], "ink", "below"]
    assert [len(frame) for frame in payload["frames"]] == [4, 1]


def test_a_sketch_has_a_still():
    assert "below" in str(vector.unpack(one(sketch()).drawing[vector.MIME]))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"label": ""}, "label or an alt"),
        ({"frames": [PARTS]}, "frames must be 2, one a place, got 1"),
        ({"box": (1, -1, 0, 1)}, "box must rise"),
        ({"by": "nothing"}, "by must name controls"),
        ({"frames": [[Line([(0, 0, 0)])], []]}, r"points must be \(n, 2\)"),
        ({"frames": [[Word((0, 0), "a", "red")], []]}, "role must be one of soft"),
        ({"frames": [["a line"], []]}, "Line, Dot, Word or Picture, got 'a line'"),
    ],
)
def test_bad_sketches(changes, message):
    with pytest.raises(ValueError, match=message):
        one(sketch(**changes))
