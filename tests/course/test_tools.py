"""The tools that run notebooks and compare them, and the Makefile's plain sentences."""

import base64
import copy
import gzip
import io
import json
import os
import subprocess
import sys

import doctor
import nbcompare
import nbformat
import nbtools
import numpy as np
import pytest
from nbformat import v4
from PIL import Image
from strict_nbval import longest_first


def png(pixels):
    buffer = io.BytesIO()
    Image.fromarray(np.asarray(pixels, "uint8")).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


@pytest.fixture
def page():
    """A white picture with a dark square."""
    pixels = np.full((120, 160, 3), 255)
    pixels[40:60, 50:80] = 30
    return pixels


def test_the_same_picture_does_not_differ(page):
    faint = np.clip(page + np.random.default_rng(0).integers(-1, 2, page.shape), 0, 255)
    assert nbcompare.picture_differs(png(page), png(page)) == ""
    assert nbcompare.picture_differs(png(page), png(faint)) == ""
    assert nbcompare.picture_differs(png(page), png(faint), nbcompare.TIGHT) != ""


def test_a_moved_square_an_erased_one_and_another_size_differ(page):
    assert "in a block" in nbcompare.picture_differs(png(page), png(np.roll(page, 40, axis=1)))
    assert nbcompare.picture_differs(png(page), png(np.full_like(page, 255)))
    assert "pixels" in nbcompare.picture_differs(png(page), png(page[:-1]))


def test_a_picture_that_is_none_differs(page):
    assert "cannot be read" in nbcompare.picture_differs(png(page), "AAAA")


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("<b>0.975</b>", "<b>0.97</b>", True),
        ("<b>0.975</b>", "<b>0.9</b>", False),
        ("<b>1.1e-16</b>", "<b>3.3e-16</b>", True),
        ("<b>1.1e-16</b>", "<b>1e-3</b>", False),
        ("<b>12 px</b>", "<b>12 cm</b>", False),
        ("<b>[1, 2]</b>", "<b>[1, 2, 3]</b>", False),
        ("<i data-gdl='gdl-live-0123456789'>", "<i data-gdl='gdl-live-abcdef0123'>", True),
    ],
)
def test_html_is_compared_with_its_numbers(a, b, same):
    assert (nbcompare.html_differs(a, b) == "") == same


def test_html_is_compared_with_its_embedded_data(page):
    a, b = (f'<img src="data:image/png;base64,{png(p)}">' for p in (page, page[::-1]))
    assert nbcompare.html_differs(a, a) == ""
    assert "embedded image/png" in nbcompare.html_differs(a, b)


CARD = {"text": "A.", "bound": "at most 1e-10", "control": "one"}


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ({"measured": "10⁻¹⁶"}, {"measured": "10⁻¹⁴"}, True),
        ({"measured": "10⁻¹⁶"}, {"measured": "0"}, True),
        ({"measured": "10⁻¹⁶"}, {"measured": "10⁻⁶"}, False),
        ({"controlled": "0.97"}, {"controlled": "0.95"}, True),
        ({"controlled": "0.97"}, {"controlled": "0.77"}, False),
        ({"measured": "1.2 · 10⁶"}, {"measured": "1.3 · 10⁶"}, True),
        ({"measured": "1.2 · 10⁶"}, {"measured": "1.2 · 10⁵"}, False),
        ({"measured": "−0.5"}, {"measured": "0.5"}, False),
        ({"controlled": "39,000"}, {"controlled": "2,900"}, True),
        ({"controlled": "39,000"}, {"controlled": "740"}, False),
        ({"measured": "29,000"}, {"measured": "2,900"}, False),
        ({"measured": "0.0012"}, {"measured": "0.0019"}, True),
        ({"measured": "0.0012"}, {"measured": "0.012"}, False),
        ({"measured": "10⁻¹⁶"}, {"measured": "0.0019"}, False),
        ({"control": "one"}, {"control": "two"}, False),
        ({"measured": "1"}, {}, False),
    ],
)
def test_claims_are_compared_with_their_numbers(a, b, same):
    assert (nbcompare.claim_differs(CARD | a, CARD | b) == "") == same


DRAWING = (
    '<svg viewBox="0 0 504 200"><path d="M 0 0 L 100 50 L 200 100" style="stroke: #ff0000" />'
    '<text x="10" y="20">loss</text></svg>'
)


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("L 100 50", "L 101 52", True),
        ("L 100 50 ", "L 60 30 L 100 50 ", True),  # another point on the same line
        ("L 200 100", "L 200 160", False),
        ('x="10"', 'x="11"', True),
        ('x="10"', 'x="40"', False),
        ("loss", "gain", False),
        ("#ff0000", "#00ff00", False),
        ('<text x="10" y="20">loss</text>', "", False),
    ],
)
def test_drawings_are_compared_with_their_lines(old, new, same):
    assert old in DRAWING
    assert (nbcompare.svg_differs(DRAWING, DRAWING.replace(old, new)) == "") == same


def test_a_drawing_s_picture_is_compared_by_sight(page):
    a, b, c = (
        DRAWING.replace("<text", f'<image href="data:image/png;base64,{png(p)}" /><text')
        for p in (page, np.minimum(page + 1, 255), page[::-1])
    )
    assert nbcompare.svg_differs(a, b) == ""
    assert "a picture in the drawing" in nbcompare.svg_differs(a, c)


def test_stored_drawings_are_unpacked_and_compared():
    def output(svg, **more):
        packed = base64.b64encode(gzip.compress(svg.encode(), mtime=0)).decode()
        return {"data": {nbcompare.FIGURE: {"wide": packed, **more}}}

    other = DRAWING.replace("loss", "gain")
    assert nbcompare.differs(output(DRAWING), output(DRAWING)) == ""
    assert "other words" in nbcompare.differs(output(DRAWING), output(other))
    assert "now" in nbcompare.differs(output(DRAWING), output(DRAWING, narrow=""))
    assert "in one of them only" in nbcompare.differs(output(DRAWING), {"data": {}})


def test_html_is_compared_with_its_packed_mesh():
    def page(values, level):
        packed = base64.b64encode(gzip.compress(bytes(values), level, mtime=0)).decode()
        return f'<figure><script type="application/gzip">{packed}</script></figure>'

    mesh = [7 * i % 251 for i in range(600)]
    assert nbcompare.html_differs(page(mesh, 1), page(mesh, 9)) == ""
    assert "bytes differ" in nbcompare.html_differs(page(mesh, 9), page(mesh[::-1], 9))


def test_an_output_that_lost_a_form_differs(page):
    whole = {"data": {"image/png": png(page), "text/html": "<p>1</p>"}}
    assert nbcompare.differs(whole, whole) == ""
    assert "text/html" in nbcompare.differs(whole, {"data": {"image/png": png(page)}})


def test_tidy_strips_what_moves_and_keeps_ids():
    cell = v4.new_code_cell("1\n", id="kept", metadata={"scrolled": True, "tags": ["margin"]})
    nb = nbtools.tidy(v4.new_notebook(cells=[cell], metadata={"widgets": {}}))
    assert nb.cells[0].id == "kept"
    assert nb.cells[0].metadata == {"tags": ["margin"]}
    assert nb.cells[0].source == "1"
    assert nb.metadata == nbtools.METADATA


def test_invisible_pixels_are_not_written_and_visible_ones_are(page):
    def book(pixels):
        out = v4.new_output("display_data", {"image/png": png(pixels), "text/plain": "Figure"})
        return v4.new_notebook(cells=[v4.new_code_cell("draw()", id="a", outputs=[out])])

    stored, near, far = book(page), page.copy(), page[::-1]
    near[0, 0] = 254
    for pixels, kept in ((near, True), (far, False)):
        fresh = book(pixels)
        nbtools.keep_pictures(stored, fresh)
        assert (fresh.cells[0].outputs == stored.cells[0].outputs) == kept


def tool(name, *arguments, **env):
    command = [sys.executable, nbtools.ROOT / "tools" / name, *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | env)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("print(1)\n1 / 0", "Code cell 2: An error occurred"),
        ("import os\nos._exit(3)", "Code cell 2: Kernel died"),
    ],
)
def test_a_notebook_that_fails_is_left_as_it_was(tmp_path, source, said):
    path = tmp_path / "bad.ipynb"
    nbformat.write(v4.new_notebook(cells=[v4.new_code_cell("1"), v4.new_code_cell(source)]), path)
    before = path.read_bytes()
    done = tool("refresh_notebooks.py", path)
    assert done.returncode == 1
    assert said in done.stderr
    assert "bad.ipynb is left as it was" in done.stderr
    assert path.read_bytes() == before


@pytest.mark.slow
@pytest.mark.parametrize("name", ["refresh_notebooks.py", "strict_nbval.py"])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"cells": [\n<<<<<<< HEAD', "bad.ipynb is not valid JSON: Expecting value: line 2"),
        ('{"cells": 3}', "bad.ipynb is JSON, but not a notebook: "),
    ],
)
def test_a_file_that_is_no_notebook_is_named(tmp_path, name, text, said):
    path = tmp_path / "bad.ipynb"
    path.write_text(text)
    done = tool(name, path)
    assert done.returncode != 0
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert path.read_text() == text


def test_the_longest_notebook_comes_first():
    paths = longest_first()
    assert set(paths) == set(nbtools.NOTEBOOKS.glob("*.ipynb"))
    status = json.loads((nbtools.ROOT / "book/results/status.json").read_text())
    seconds = [status[path.stem]["seconds"] for path in paths]
    assert seconds == sorted(seconds, reverse=True)


@pytest.mark.slow
@pytest.mark.parametrize("ci", ["", "1"])
def test_in_ci_a_skipped_cell_fails(tmp_path, ci):
    cell = v4.new_code_cell("1 / 0", metadata={"tags": ["nbval-skip"]})
    nbformat.write(v4.new_notebook(cells=[cell]), tmp_path / "skips.ipynb")
    done = tool("strict_nbval.py", tmp_path, CI=ci)
    assert done.returncode == (1 if ci else 0), done.stdout
    assert ("skips.ipynb::Cell 0" in done.stdout) == bool(ci)


@pytest.mark.slow
def test_a_second_refresh_changes_no_byte(tmp_path):
    with nbtools.clean_room() as env:
        nb = nbtools.lighten(doctor.sound(env, tmp_path))
    path = tmp_path / "sound.ipynb"
    path.write_text(nbformat.writes(nb) + "\n")
    before = path.read_bytes()
    worse = copy.deepcopy(nb)
    doctor.cell_of(worse, "number").outputs[0].text = "nothing\n"
    nbformat.write(worse, path)
    assert tool("refresh_notebooks.py", path).returncode == 0
    assert path.read_bytes() == before


def test_pictures_get_lighter_and_look_the_same():
    grain = np.random.default_rng(0).integers(0, 8, (300, 300, 3))
    across = np.linspace(0, 240, 300)[:, None, None]
    pixels = (across + grain).astype(np.uint8)
    raw = io.BytesIO()
    Image.fromarray(pixels).save(raw, "PNG")
    png = base64.b64encode(raw.getvalue()).decode()
    output = v4.new_output("display_data", data={"image/png": png})
    nb = v4.new_notebook(cells=[v4.new_code_cell("x", outputs=[output])])
    once = nbtools.lighten(nb).cells[0].outputs[0].data["image/png"]
    assert len(once) < len(png)
    assert Image.open(io.BytesIO(base64.b64decode(once))).mode == "P"
    assert not nbcompare.picture_differs(png, once, (4.0, 12.0))
    assert nbtools.lighten(nb).cells[0].outputs[0].data["image/png"] == once


def test_the_tally_tells_what_is_known_to_fail_from_what_was_skipped(tmp_path):
    (tmp_path / "test_some.py").write_text(
        "import pytest\n"
        "def test_a(): pass\n"
        "def test_b(): assert 0\n"
        "@pytest.mark.skip(reason='later')\ndef test_c(): pass\n"
        "@pytest.mark.xfail(strict=True, reason='known')\ndef test_d(): assert 0\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junitxml=r.xml"]
    subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    tally = [sys.executable, str(nbtools.ROOT / "tools/tally.py"), "."]
    said = subprocess.run(tally, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert said == "1 passed, 1 failed, 1 fail as they are known to, 1 skipped\n"
