"""The data files of the page of chapter 21: encodings, content, size, and that they are current."""

import base64
import gzip
import json
import runpy
from pathlib import Path

import numpy as np
import pytest
import torch

from gdl_utils.cases.diagnosis.consultation import ASSET
from gdl_utils.data.phenotypes import PhenotypeGraph, load_phenotypes
from gdl_utils.data.results import load_results

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "book/_static/diagnosis"
MAKER = runpy.run_path(str(ROOT / "tools/make_assets/diagnosis_page.py"))
varints, running, lines = MAKER["varints"], MAKER["running"], MAKER["lines"]


def read(text):
    """Varints, read by their definition."""
    values, value, place = [], 0, 0
    for byte in base64.b64decode(text):
        value += (byte & 127) << 7 * place
        place += 1
        if byte < 128:
            values.append(value)
            value = place = 0
    return values


def summed(text):
    return np.cumsum([v // 2 if v % 2 == 0 else -(v + 1) // 2 for v in read(text)]).tolist()


def content(text):
    """Field and object of a script."""
    start = "(window.gdlDiagnosisData = window.gdlDiagnosisData || {})."
    script = text.partition("*/\n")[2]
    assert script.startswith(start)
    field, _, body = script.removeprefix(start).partition(" = ")
    return field, json.loads(body.rstrip().removesuffix(";"))


def small():
    """Two diseases and four terms: 1 and 2 are kinds of 0, and 3 of both."""
    return PhenotypeGraph(
        disease_ids=("ORPHA:7", "ORPHA:558"),
        disease_names=("A", "B \u2028 “b”"),
        term_ids=("HP:0000118", "HP:0000300", "HP:0000020", "HP:0000400"),
        term_names=("root", "one", "two", "three"),
        synonyms=((), ("eins", "un"), (), ("drei",)),
        alternatives={"HP:0009999": 3, "HP:0000001": 1},
        edge_index=torch.tensor([[0, 0, 1], [1, 3, 2]]),
        frequency=torch.tensor([4, 0, 2]),
        is_a=torch.tensor([[1, 2, 3, 3], [0, 0, 1, 2]]),
        version="2000-01-01",
        ontology_version="hp/releases/2000-01-01",
        rows=3,
    )


# -------------------------------------------------------------------------------- encodings
def test_varints_by_hand():
    """300 is 2·128 + 44: the byte 44 with its eighth bit, then 2."""
    assert base64.b64decode(varints([0, 127, 128, 300])) == bytes([0, 127, 128, 1, 172, 2])


def test_varints_are_read_back():
    values = [0, 1, 127, 128, 16383, 16384, 2**31, 9_999_999]
    assert read(varints(values)) == values
    assert read(varints([])) == []


def test_running_numbers_by_hand():
    """From 0: 5, then two less, then nothing: 10, 3, 0."""
    assert read(running([5, 3, 3])) == [10, 3, 0]
    assert summed(running([5, 3, 3, -8, 10**7])) == [5, 3, 3, -8, 10**7]


def test_what_cannot_be_written_is_refused():
    with pytest.raises(ValueError, match="values must not be negative, got -1"):
        varints([3, -1])
    with pytest.raises(ValueError, match="names must be of one line"):
        lines(["a", "b\nc"])
    with pytest.raises(ValueError, match="one line and without"):
        MAKER["synonyms"]([("a|b",)])
    with pytest.raises(ValueError, match="notice must not end the comment"):
        MAKER["script"]("x", "a */ b", {})


def test_a_small_graph_by_hand():
    files = dict(map(content, MAKER["graph_files"](small()).values()))
    assert set(files) == {"vocabulary", "diseases", "graph"}
    words, names, edges = files["vocabulary"], files["diseases"], files["graph"]
    assert summed(words["ids"]) == [118, 300, 20, 400]
    assert words["names"] == "root\none\ntwo\nthree"
    assert words["synonyms"] == "\neins|un\n\ndrei"
    assert (summed(words["former"]), summed(words["formerTerm"])) == ([1, 9999], [1, 3])
    assert summed(names["ids"]) == [7, 558]
    assert names["names"] == "A\nB \u2028 “b”"
    assert read(edges["degree"]) == [2, 1]
    assert read(edges["links"]) == [5 * 1 + 4, 5 * 1 + 0, 5 * 2 + 2]  # terms skipped, class
    assert read(edges["parents"]) == [0, 1, 1, 2]
    assert read(edges["isA"]) == [1, 2, 2, 1]


def test_a_line_separator_is_escaped_in_scripts():
    assert "\u2028" not in MAKER["graph_files"](small())["diseases.js"]


# ------------------------------------------------------------------------- the stored files
@pytest.fixture(scope="module")
def built():
    return MAKER["build"]()


def test_the_stored_files_are_what_the_maker_makes(built):
    for name, text in built.items():
        stored = (FOLDER / name).read_bytes()
        assert stored == text.encode(), f"{name}: run python tools/make_assets/diagnosis_page.py"


def test_the_files_hold_the_graph(built):
    graph = load_phenotypes()
    files = dict(map(content, built.values()))
    words, edges = files["vocabulary"], files["graph"]
    assert words["names"].split("\n") == list(graph.term_names)
    assert tuple(tuple(s.split("|")) if s else () for s in words["synonyms"].split("\n")) == (
        graph.synonyms
    )
    assert [f"HP:{n:07d}" for n in summed(words["ids"])] == list(graph.term_ids)
    former = (f"HP:{n:07d}" for n in summed(words["former"]))
    assert dict(zip(former, summed(words["formerTerm"]))) == graph.alternatives
    assert [f"ORPHA:{n}" for n in summed(files["diseases"]["ids"])] == list(graph.disease_ids)
    assert files["diseases"]["names"].split("\n") == list(graph.disease_names)
    disease = np.repeat(np.arange(len(graph.disease_ids)), read(edges["degree"]))
    links = np.array(read(edges["links"]))
    term = np.concatenate(
        [np.cumsum(links[disease == d] // 5 + 1) - 1 for d in range(len(graph.disease_ids))]
    )
    assert (np.stack([disease, term]) == graph.edge_index.numpy()).all()
    assert (links % 5 == graph.frequency.numpy()).all()
    child = np.repeat(np.arange(len(graph.term_ids)), read(edges["parents"]))
    assert (np.stack([child, child - read(edges["isA"])]) == graph.is_a.numpy()).all()


def test_the_weights_are_those_of_the_library(built):
    _, weights = content(built["weights.js"])
    with np.load(ASSET) as asset:
        assert set(weights) == {"version", *asset.files}
        for name in asset.files:
            assert np.array_equal(np.array(weights[name]), asset[name])
        numbers = sum(asset[name].size for name in asset.files) - 1  # the temperature
    assert f"The {numbers} numbers" in built["weights.js"]
    page = (ROOT / "book/diagnosis.md").read_text(encoding="utf-8")
    assert f"{numbers} learnt numbers" in page


def test_every_file_and_the_page_show_version_source_and_licence(built):
    graph = load_phenotypes()
    page = " ".join((ROOT / "book/diagnosis.md").read_text(encoding="utf-8").split())
    holders = graph.licence.partition("©")[2].partition(". Free")[0]
    for text in (page, *(" ".join(t.split()) for t in built.values())):
        assert graph.version in text
        assert "Human Phenotype Ontology" in text
    for name in ("vocabulary.js", "diseases.js", "graph.js"):
        head = built[name].partition("*/")[0]
        assert graph.licence in head
        assert "Orphanet" in head
        assert "CC BY 4.0" in head
    for words in (holders, "https://hpo.jax.org/app/license", "Orphanet", "CC BY 4.0"):
        assert words in page
    assert f"{len(graph.disease_ids):,} rare diseases" in page


def test_everything_that_the_page_loads_is_small():
    """3 MB compressed are allowed; it is half a megabyte."""
    sizes = {p.name: len(gzip.compress(p.read_bytes(), 6)) for p in FOLDER.iterdir()}
    assert {"app.js", "model.js", "search.js", "diagnosis.css", "weights.js"} <= set(sizes)
    assert sum(sizes.values()) < 600_000
    assert sizes["weights.js"] < 2_000


def test_the_page_says_what_the_study_found():
    """Means over the seeds of the stored study."""
    page = " ".join((ROOT / "book/diagnosis.md").read_text(encoding="utf-8").split())
    study = load_results("21_diagnosis")
    runs = list(study["scores"]["network"].values())
    right = lambda name: f"{100 * np.mean([r[name]['hits@1'] for r in runs]):.0f} %"  # noqa: E731
    off = lambda name: f"{np.mean([r['calibration'][name]['ece'] for r in runs]):.3f} off"  # noqa: E731
    assert f"For {right('noisy')} of {study['settings']['test']:,} simulated patients" in page
    assert f"for {right('told 1 to 3')} of those who tell one to three symptoms" in page
    assert f"for {right('told 6 to 8')} of those who tell six to eight" in page
    assert f"they are {off('noisy')} on average (means of five trainings" in page
    assert len(runs) == 5
    assert f"each with {study['settings']['bins']} equally filled bins" in page
    assert f"it is right for {right('shifted')} and too sure" in page
    assert f"its probabilities are {off('shifted')}" in page
