"""A chart's drawing: in the page's colors and letters, and nothing in it that moves by itself."""

import base64
import gzip
import io
import re
from xml.etree import ElementTree

import numpy as np
import pytest

from gdl_utils.plots import charts, fields, layout, style, vector

X = np.arange(1.0, 6.0)
TITLE = "What grows like $x^2$ outgrows the rest"
SVG = "{http://www.w3.org/2000/svg}"


def chart(**how):
    curves = {"a": X, "b": X**2, "another one": X + 1}
    return charts.curves(X, curves, title=TITLE, xlabel="$x$ (px)", ylabel="sizes", **how)


def words(svg):
    tree = ElementTree.fromstring(svg)
    return ["".join(text.itertext()) for text in tree.iter(f"{SVG}text")]


def test_what_a_notebook_stores():
    figure = chart()
    data = figure._repr_mimebundle_()
    assert set(data) == {"text/plain", vector.MIME}
    assert set(data[vector.MIME]) == {"wide", "narrow"}
    assert data == chart()._repr_mimebundle_(), "the same chart gives other bytes"
    drawn = vector.unpack(data[vector.MIME])
    assert [extent(drawn[k]) for k in ("wide", "narrow")] == [
        extent(vector.draw_svg(f)) for f in (figure, figure.narrow)
    ]
    assert vector.pack(**drawn) == data[vector.MIME]
    assert set(vector.pack("<svg/>", "<svg/>")) == {"wide"}


def test_colors_of_the_style_have_names_and_all_others_stay():
    svg = vector.draw_svg(chart(colors={"a": "#123456"}))
    assert "stroke: #123456" in svg
    for name, color in (("ink", style.BLACK), ("paper", style.PAPER), ("vermilion", style.CONTROL)):
        assert f"var(--gdl-{name}, {color.lower()})" in svg
    bare = re.sub(r"var\([^)]*\)", "", svg)
    assert set(re.findall(r"#[0-9a-f]{6}\b", bare)) == {"#123456"}


def test_true_black_and_white_are_data():
    assert not {"#000000", "#ffffff"} & set(style.THEMED)
    svg = vector.draw_svg(chart(colors={"a": "#000000", "b": "#FFFFFF"}))
    assert "stroke: #000000" in svg
    assert "stroke: #ffffff" in svg


def test_letters_are_letters_in_the_page_s_font():
    svg = vector.draw_svg(chart())
    assert "font-family" not in svg
    assert "DejaVu" not in svg
    said = words(svg)
    assert TITLE.replace("$x^2$", "x2") in said
    assert {"x (px)", "sizes", "another one"} <= set(said)


def test_letters_of_a_formula_follow_one_another():
    tree = ElementTree.fromstring(vector.draw_svg(chart()))
    (title,) = (t for t in tree.iter(f"{SVG}text") if "outgrows" in "".join(t.itertext()))
    assert [float(t.get("x", "nan")) for t in title] != title.get("x")
    assert all("x" not in run.attrib for run in title)
    up = [float(run.get("dy", 0)) for run in title]
    assert min(up) < -1  # the exponent is raised,
    assert abs(sum(up)) < 0.5  # and what follows it is not


def test_what_is_centered_stays_centered_in_another_font():
    tree = ElementTree.fromstring(vector.draw_svg(chart()))
    (label,) = (t for t in tree.iter(f"{SVG}text") if "".join(t.itertext()) == "x (px)")
    assert "text-anchor: middle" in label.get("style")


def test_pictures_keep_their_pixels_and_colors():
    from PIL import Image

    pixels = np.random.default_rng(0).integers(0, 2, (28, 28))
    svg = vector.draw_svg(fields.images([[pixels]]))
    (found,) = re.findall(r"data:image/webp;base64,([^\"]+)", svg)
    with Image.open(io.BytesIO(base64.b64decode(found))) as image:
        shown = np.asarray(image.convert("L")) / 255
    assert shown.shape == (28, 28)  # not blown up: the page draws hard edges
    assert (shown == pixels).all()
    assert "pixelated" in svg


def test_a_picture_of_both_drawings_is_packed_once():
    picture = '"data:image/webp;base64,' + 4000 * "A" + '"'
    wide = f"<svg><image href={picture}/></svg>"
    narrow = f'<svg width="1"><image href={picture}/><image href="data:image/png;base64,B"/></svg>'
    packed = vector.pack(wide, narrow)
    assert vector.unpack(packed) == {"wide": wide, "narrow": narrow}
    assert vector.unpack({"wide": packed["wide"]}) == {"wide": wide}
    alone = gzip.decompress(base64.b64decode(packed["narrow"])).decode()
    assert len(alone) < 200
    assert "B" in alone


def test_pictures_on_a_transparent_ground_keep_it_and_are_scaled_smoothly():
    from PIL import Image

    pixels = np.zeros((40, 60, 4), np.uint8)
    pixels[5:30, 10:40] = [200, 80, 20, 255]
    pixels[5:30, 40:50] = [20, 80, 200, 128]
    with style.use_style():
        fig, axes = layout.frame((4, 3), None)
        axes[0, 0].imshow(pixels, interpolation="antialiased")
    svg = vector.draw_svg(fig)
    (found,) = re.findall(r"data:image/webp;base64,([^\"]+)", svg)
    with Image.open(io.BytesIO(base64.b64decode(found))) as image:
        shown = np.asarray(image.convert("RGBA")).astype(int)
    assert shown.shape == pixels.shape
    upright = shown[::-1] if (shown[0, :, 3] != pixels[0, :, 3]).any() else shown
    assert np.abs(upright[..., 3] - pixels[..., 3]).max() <= 8
    assert np.abs(upright - pixels)[pixels[..., 3] == 255].max() <= 8
    assert "pixelated" not in svg
    assert axes[0, 0].images[0].get_interpolation() == "antialiased"


def test_a_drawing_is_alone_in_its_page():
    """Its names are its own, and it brings no style that would reach others."""
    svgs = [vector.draw_svg(chart()), vector.draw_svg(chart(logy=True))]
    names = [set(re.findall(r' id="([^"]+)"', svg)) for svg in svgs]
    assert names[0]
    assert not names[0] & names[1]
    for svg, own in zip(svgs, names, strict=True):
        assert set(re.findall(r"(?:href=\"#|url\(#)([^\")]+)", svg)) <= own
        assert "<style" not in svg
        assert "<?xml" not in svg
        assert "metadata" not in svg


def test_nothing_of_the_figure_is_changed():
    figure = chart()
    before = [text.get_gid() for text in figure.findobj()], figure.patch.get_visible()
    vector.draw_svg(figure)
    assert ([text.get_gid() for text in figure.findobj()], figure.patch.get_visible()) == before


# ------------------------------------------------------------------------------- a phone
def extent(svg):
    return [float(v) for v in ElementTree.fromstring(svg).get("viewBox").split()[2:]]


def test_a_phone_gets_a_drawing_of_its_own():
    figure = charts.curves(X, {"a": X}, title=f"{TITLE}, and by how much it does")
    wide, narrow = (extent(vector.draw_svg(f))[0] for f in (figure, figure.narrow))
    assert wide > 72 * (style.WIDTH - 0.2)
    assert narrow < 72 * (style.NARROW + 0.4)
    assert figure.narrow.get_suptitle().count("\n") > figure.get_suptitle().count("\n")


def test_panels_that_stood_in_a_row_stand_below_one_another():
    figure = fields.images([[np.eye(4)] * 3], titles=[["a", "b", "c"]], title=TITLE)

    def rows(fig):
        return len({round(ax.get_position().y0, 2) for ax in fig.axes})

    assert (rows(figure), rows(figure.narrow)) == (1, 2)
    assert [ax.get_title() for ax in figure.narrow.axes] == ["a", "b", "c"]


def test_every_text_of_a_narrow_chart_lies_within_it():
    rows = {"a network with a very long name, and more": X, "b": X + 1}
    from gdl_utils.plots import seeds

    figure = seeds.scores(rows, xlabel="a long name of an axis, in per cent of everything",
                          title=TITLE, bound=(3.0, "chance")).narrow  # fmt: skip
    width, _ = extent(vector.draw_svg(figure))  # which grows by what sticks out
    assert width < 72 * style.NARROW + 16
    assert "a network with a\nvery long name, and\nmore" in [
        label.get_text() for label in figure.axes[0].get_yticklabels()
    ]


def test_a_function_within_another_is_drawn_once():
    calls = []

    @layout.responsive
    def inner():
        calls.append(layout.width())
        return layout.finish(layout.frame((style.WIDTH, 2), None)[0])

    outer = layout.responsive(lambda: inner())
    figure = outer()
    assert calls == [style.WIDTH, style.NARROW]
    assert figure.narrow.get_figwidth() == style.NARROW
    assert layout.width() == style.WIDTH
    assert not layout.is_narrow()


def test_after_an_error_the_next_figure_is_wide():
    def bad():
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        layout.responsive(bad)()
    assert layout.width() == style.WIDTH


@pytest.mark.parametrize(
    ("text", "letters", "lines"),
    [
        ("one two three", 7, ["one two", "three"]),
        ("see $a + b$ here", 6, ["see", "$a + b$", "here"]),
        ("a\nb", 9, ["a", "b"]),
    ],
)
def test_lines_break_between_words_and_not_in_formulas(text, letters, lines):
    assert layout.wrapped(text, letters).split("\n") == lines
