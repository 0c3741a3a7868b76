"""The ledger of reproductions: each row resolves, and ours is what is stored."""

import json
import re

import numpy as np
import pytest
import yaml
from nbtools import ROOT
from scipy import stats

ROWS = yaml.safe_load((ROOT / "book/reproductions.yml").read_text(encoding="utf-8"))
STUDIED = [row for row in ROWS if "study" in row["ours"]]
READ = [row for row in ROWS if "cell" in row["ours"]]
PAGE = ROOT / "_build/html/book/reproductions.html"


@pytest.fixture
def made(monkeypatch):
    pytest.importorskip("sphinx_external_toc")
    monkeypatch.syspath_prepend(ROOT / "book/_ext")
    import gdl_reproductions

    return gdl_reproductions


def names(rows):
    return [row["what"] for row in rows]


def test_every_row_is_of_one_of_two_kinds():
    assert len(ROWS) == len(STUDIED) + len(READ)
    assert len(STUDIED) >= 5
    assert len(READ) >= 4


@pytest.mark.parametrize("row", STUDIED, ids=names(STUDIED))
def test_ours_is_the_mean_of_the_stored_seeds(row, made):
    """Computed again, seed by seed, with numpy and scipy."""
    stored = json.loads((ROOT / f"book/results/{row['ours']['study']}.json").read_text())
    first, kind, star, *rest = row["ours"]["path"]
    assert star == "*"
    values = []
    for seed in stored[first][kind].values():
        for step in rest:
            seed = seed[step]
        values.append(100 - 100 * seed if row.get("error") else 100 * seed)
    assert len(values) >= 5
    found = made.ours(row)
    assert found.value == pytest.approx(np.mean(values))
    low, high = stats.t.interval(
        0.95, len(values) - 1, loc=np.mean(values), scale=stats.sem(values)
    )
    assert found.text == f"{np.mean(values):.1f} ± {(high - low) / 2:.1f} %"


@pytest.mark.parametrize("row", READ, ids=names(READ))
def test_what_is_read_from_an_output_is_one_place(row, made):
    """A pattern with a group finds one number; one without counts whole lines of one output."""
    path = ROOT / "notebooks" / f"{row['chapter']}.ipynb"
    cells = {c["id"]: c for c in json.loads(path.read_text(encoding="utf-8"))["cells"]}
    text = "".join("".join(o.get("text", "")) for o in cells[row["ours"]["cell"]]["outputs"])
    hits = re.findall(row["ours"]["find"], text)
    if re.compile(row["ours"]["find"]).groups:
        assert len(hits) == 1
        expected = int(hits[0]) + row["ours"].get("plus", 0)
    else:
        assert len(hits) > 1
        expected = len(hits)
    assert made.ours(row).value == expected


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_a_row_is_complete_and_obeys_the_rule(row, made):
    """Counts are equal or not; a spread that the source gives counts, else two points."""
    assert row["why"].endswith(".")
    spread = re.search(r"± ([\d.]+)", row["published"])
    if row["unit"] == "%":
        assert row["within"] == (float(spread[1]) if spread else 2)
    else:
        assert row["within"] == 0
    number = re.search(r"[\d.]+", row["published"])[0]
    assert float(number) == row["value"]
    assert re.search(r"\{cite:t\}`\w+`|\]\(https://", row["source"])
    if not made.agrees(row, made.ours(row)):
        assert len(row["why"].split()) >= 8  # a difference asks for a reason


def test_the_page_shows_what_is_stored(made):
    if not PAGE.exists():
        pytest.skip("there is no book yet: run make book")
    text = PAGE.read_text(encoding="utf-8")
    shown = re.findall(r'<span class="gdl-ours">(.*?)</span>', text)
    assert [s.partition(",")[0] for s in shown] == [made.ours(row).text for row in ROWS]
    agreed = sum(made.agrees(row, made.ours(row)) for row in ROWS)
    assert text.count('class="gdl-agrees"') == agreed
    assert text.count('class="gdl-differs"') == len(ROWS) - agreed


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"path": ["scores", "nobody", "*"]}, "nothing is stored at 'nobody'"),
        ({"path": ["scores", "CNN", "*", "sideways"]}, "nothing is stored at 'sideways'"),
        ({"path": ["degrees", 99]}, "nothing is stored at 99"),
    ],
)
def test_bad_places_are_refused(change, message, made):
    row = {**STUDIED[0], "ours": {"study": "06_turned", **change}}
    with pytest.raises(ValueError, match=message):
        made.ours(row)


def test_bad_patterns_are_refused(made):
    row = {**READ[0], "ours": {**READ[0]["ours"], "find": "no such words"}}
    with pytest.raises(ValueError, match="no 'no such words' in cell"):
        made.ours(row)


def test_bad_rows_are_refused(made, tmp_path):
    file = tmp_path / "rows.yml"
    file.write_text("- what: Something\n  published: 3\n")
    with pytest.raises(ValueError, match=r"Something: a row must have \['chapter', 'ours'"):
        made.rows(file)


def test_a_value_of_its_own_decides(made):
    """By hand: seeds 0.5 … 0.9 have mean 70 %, s = 15.8, and ± 2.776 · 15.8 / √5 = 19.6."""
    found = made.Ours([50.0, 60.0, 70.0, 80.0, 90.0], "%")
    assert found.text == "70.0 ± 19.6 %"
    assert made.agrees({"value": 72, "within": 2}, found)
    assert not made.agrees({"value": 72.1, "within": 2}, found)
    assert made.Ours([9], "number").text == "number 9"
    assert made.Ours([15], "maps").text == "15 maps"
