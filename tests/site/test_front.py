"""The project's face: landing page, licences, citation, and the files that people look for."""

import re
from xml.etree import ElementTree

import check_book
import pytest
import yaml
from nbtools import ROOT

INDEX = (ROOT / "book/index.md").read_text(encoding="utf-8")
TOC = check_book.toc_entries(ROOT / "book/_toc.yml")
CHAPTERS = [entry for entry in TOC if entry.startswith("notebooks/")]
GALLERY = yaml.safe_load((ROOT / "book/gallery.yml").read_text(encoding="utf-8"))


def test_each_chapter_has_a_card():
    assert [f"notebooks/{name}" for name in GALLERY] == CHAPTERS


def test_the_landing_page_is_short_and_leads_on():
    assert len(re.sub(r"(?s)```.*?```", "", INDEX).split()) < 300
    assert "(how_to.md)" in INDEX


def test_every_page_is_in_the_contents():
    pages = {f"book/{p.stem}" for p in (ROOT / "book").glob("*.md")}
    assert pages <= set(TOC)


@pytest.mark.parametrize("name", ["logo", "favicon"])
def test_marks_are_drawings_with_a_name(name):
    svg = ElementTree.parse(ROOT / f"book/_static/{name}.svg").getroot()
    assert svg.tag.endswith("}svg")
    assert svg.get("viewBox")
    assert f"book/_static/{name}.svg" in (ROOT / "_config.yml").read_text()


def test_licences_and_citation_agree_with_the_package():
    from gdl_utils import __version__

    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert citation["version"] == __version__
    assert citation["license"] == "MIT"
    address = yaml.safe_load((ROOT / "_config.yml").read_text())["repository"]["url"]
    assert address not in (ROOT / "CITATION.cff").read_text()  # it stands in one place only
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("MIT License")
    assert "CC BY 4.0" in (ROOT / "LICENSE-docs").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_files_and_commands_that_are_named_exist(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    links = re.findall(r"\]\(([\w./-]+)\)", text)
    paths = re.findall(r"`((?:book|tests|tools|experiments|benchmarks|gdl_utils)/[\w./-]*)`", text)
    patterns = {path for path in paths if re.search(r"NN|ROOM|SUBJECT|NAME", path)}
    assert links or paths
    assert [p for p in {*links, *paths} - patterns if not (ROOT / p).exists()] == []
    targets = re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text())
    asked = re.findall(r"(?m)(?:^|`|&& )make ([a-z-]+)", text)
    assert set(asked) <= set(targets)


def test_every_command_is_in_the_help():
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"(?m)^\.PHONY: (.*)$", makefile)[1].split()
    for target in set(phony) - {"help", "built", "system"}:
        assert f"'make {target} " in makefile
