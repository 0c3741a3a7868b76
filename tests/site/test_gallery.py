"""What the landing page takes from stored outputs, and the pictures of its cards."""

import base64
import importlib.util
import io
import json

import numpy as np
import pytest
import yaml
from nbtools import NOTEBOOKS, ROOT
from PIL import Image

GALLERY = yaml.safe_load((ROOT / "book/gallery.yml").read_text(encoding="utf-8"))
CARDS = ROOT / "book/_static/cards"


def module(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


tool = module(ROOT / "tools/make_assets/cards.py")


@pytest.fixture
def stored(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "book/_ext")
    import gdl_stored

    return gdl_stored


@pytest.fixture
def front(monkeypatch):
    pytest.importorskip("sphinx_external_toc")
    monkeypatch.syspath_prepend(ROOT / "book/_ext")
    import gdl_front

    return gdl_front


# ----------------------------------------------------------------------------- pictures
def distance(a, b):
    """Mean difference of two pictures, made small so that WebP's noise does not count; of 255."""
    a, b = (np.asarray(x.convert("RGB").resize((112, 70)), dtype=float) for x in (a, b))
    return np.abs(a - b).mean()


@pytest.mark.parametrize("name", GALLERY)
def test_a_card_shows_what_is_stored_now(name):
    """Drawn again from the notebook it looks alike; run tools/make_assets/cards.py if not."""
    file = CARDS / f"{name}.webp"
    assert file.stat().st_size <= tool.LIMIT
    with Image.open(file) as card:
        assert card.size == tool.SIZE
        assert distance(card, tool.drawn(name, GALLERY[name])) < 2


def test_another_chapters_card_and_another_crop_would_be_noticed():
    pictures = {name: tool.drawn(name, entry) for name, entry in GALLERY.items()}
    first, *others = pictures.values()
    assert min(distance(first, other) for other in others) > 8
    entry = GALLERY["05_grids"]
    moved = {**entry, "crops": [[a + 0.03, b, c, d] for a, b, c, d in entry["crops"]]}
    assert distance(pictures["05_grids"], tool.drawn("05_grids", moved)) > 8


def test_no_card_is_left_over():
    assert {p.stem for p in CARDS.iterdir()} == set(GALLERY)


@pytest.mark.parametrize("name", GALLERY)
def test_a_card_says_what_its_picture_shows(name):
    entry = GALLERY[name]
    assert set(entry) <= {"says", "cell", "crops", "columns", "alt"}
    assert 20 <= len(entry["alt"]) <= 140
    assert entry["alt"].endswith(".")
    assert 10 <= len(entry["says"].split()) <= 40


def test_pieces_stand_side_by_side_and_the_last_row_is_centered():
    """A red and a green half, and blue below: each where it belongs, the rest white."""
    picture = Image.new("RGB", (30, 10))
    for k, color in enumerate(("red", "lime", "blue")):
        picture.paste(color, (10 * k, 0, 10 * k + 10, 10))
    crops = [[k / 3, 0, (k + 1) / 3, 1] for k in range(3)]
    card = tool.cut(picture, crops, columns=2)
    w, h = tool.SIZE
    side = (h - 2 * tool.MARGIN - tool.GAP) // 2
    left, right, middle = w // 2 - side // 2, w // 2 + side // 2, w // 2
    assert card.getpixel((left, h // 4)) == (255, 0, 0)
    assert card.getpixel((right, h // 4)) == (0, 255, 0)
    assert card.getpixel((middle, 3 * h // 4)) == (0, 0, 255)
    assert card.getpixel((left - side, 3 * h // 4)) == (255, 255, 255)


def test_what_is_transparent_lies_on_white(tmp_path):
    clear = io.BytesIO()
    Image.new("RGBA", (4, 4), (255, 0, 0, 0)).save(clear, "PNG")
    png = base64.b64encode(clear.getvalue()).decode()
    book = {"cells": [{"id": "a", "outputs": [{"data": {"image/png": png}}]}]}
    file = tmp_path / "05_x.ipynb"
    file.write_text(json.dumps(book))
    assert tool.stored_picture(file, "a").getpixel((0, 0)) == (255, 255, 255)
    with pytest.raises(ValueError, match=r"05_x\.ipynb must hold a picture in cell 'b', got none"):
        tool.stored_picture(file, "b")


def test_bad_pictures_that_weigh_too_much_are_refused():
    noise = np.random.default_rng(0).integers(0, 255, (tool.SIZE[1], tool.SIZE[0], 3), dtype="u1")
    with pytest.raises(ValueError, match="a card may take 15,000 bytes"):
        tool.encode(Image.fromarray(noise))


def test_the_door_and_the_picture_beside_links_have_their_sizes():
    """Made by tools/make_assets/front.py: two themes of one picture, and 1200 by 630."""
    with Image.open(CARDS.parent / "social.png") as social:
        assert social.size == (1200, 630)
        assert distance(social.resize((112, 70)), Image.new("RGB", (112, 70))) > 20
    sizes, light = set(), {}
    for theme in ("light", "dark"):
        file = CARDS.parent / f"door_{theme}.webp"
        assert file.stat().st_size <= 30_000
        with Image.open(file) as door:
            sizes.add(door.size)
            light[theme] = np.asarray(door.convert("L")).mean()
    assert len(sizes) == 1
    assert light["light"] > 200 > 60 > light["dark"]


# ----------------------------------------------------------------------------- outputs
def test_claims_and_live_figures_are_those_of_the_notebooks(stored):
    path = NOTEBOOKS / "05_grids.ipynb"
    raw = path.read_text(encoding="utf-8")
    assert len(stored.claims(path)) == raw.count(f'"{stored.CLAIM_MIME}"')
    assert len(stored.claims(path)) > 20
    assert all(stored.CLAIM_HTML in out.html for out in stored.claims(path))
    assert len(stored.lives(path)) == raw.count('<figure class=\\"gdl-live\\"') > 0


def test_the_one_that_begins_so(stored):
    found = [("A convolution commutes.", 1), ("A network commutes.", 2)]
    assert stored.the_one(found, "A conv", "claim") == 1


@pytest.mark.parametrize(("start", "hits"), [("A ", 2), ("Pigs", 0)])
def test_bad_beginnings_of_none_or_two_are_refused(start, hits, stored):
    found = [("A convolution commutes.", 1), ("A network commutes.", 2)]
    with pytest.raises(ValueError, match=f"claim must begin with '{start}' once, got {hits} of"):
        stored.the_one(found, start, "claim")


def test_parts_are_those_of_the_contents(front):
    chapters = [{"file": "notebooks/05_grids"}, {"file": "book/data"}]
    toc = {
        "parts": [
            {"caption": "Part I", "chapters": chapters},
            {"caption": "Reference", "chapters": [{"file": "book/data"}]},
        ]
    }
    assert list(front.parts(toc)) == [("Part I", ["notebooks/05_grids"])]
