"""Python on the book's pages prints what the pages say, and the primer's pictures are as drawn."""

import contextlib
import io
import re

import draw_primer
import networkx as nx
import pytest
from nbtools import ROOT

BLOCKS = re.compile(r"(?ms)^```(python|text)\n(.*?)^```$")
PAGES = sorted(p for p in (ROOT / "book").glob("*.md") if "```python\n" in p.read_text())


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_the_code_on_a_page_prints_what_stands_below_it(page):
    """A page's blocks are one program; a text block is the output of the block before it."""
    found = BLOCKS.findall(page.read_text(encoding="utf-8"))
    names, printed, compared = {}, "", 0
    for kind, body in found:
        if kind == "text":
            assert printed.rstrip() == body.rstrip()
            compared += 1
            continue
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(body, names)
        printed = out.getvalue()
    assert compared


def test_there_is_code_on_the_primer():
    assert "graph_primer" in {p.stem for p in PAGES}


def test_what_the_primer_says_of_its_example():
    """Against networkx."""
    graph = nx.Graph(draw_primer.EDGES)
    assert [graph.degree[i] for i in range(6)] == [2, 2, 3, 1, 1, 1]
    assert nx.shortest_path_length(graph, 0, 3) == 2
    assert [sorted(c) for c in nx.connected_components(graph)] == [[0, 1, 2, 3], [4, 5]]
    assert set(nx.bridges(graph)) == {(2, 3), (4, 5)}
    moved = nx.relabel_nodes(graph, draw_primer.SWAP)
    assert sorted(draw_primer.SWAP.values()) == list(range(6))
    assert set(map(frozenset, moved.edges)) != set(map(frozenset, graph.edges))


# ------------------------------------------------------------------------------ pictures
def test_pictures_are_what_the_script_draws():
    stored = {p.name: p.read_text(encoding="utf-8") for p in draw_primer.FOLDER.iterdir()}
    assert stored == draw_primer.pictures(), "run python tools/draw_primer.py"


def test_each_picture_is_on_the_page_and_says_in_words_what_it_shows():
    page = (ROOT / "book/graph_primer.md").read_text(encoding="utf-8")
    for name, drawn in draw_primer.pictures().items():
        assert f":file: primer/{name}\n" in page
        said = re.findall(r'<svg [^>]*role="img" aria-label="([^"]*)"', drawn)
        assert len(said) == drawn.count("<svg ") == drawn.count("<figcaption>")
        assert all(len(words.split()) >= 4 for words in said)


def test_a_matrix_has_a_square_for_each_pair_and_a_filled_one_for_each_edge():
    drawn = draw_primer.matrix([(0, 1), (1, 2)], 3)
    assert drawn.count('class="one"') == 4
    assert drawn.count('class="zero"') == 5
    assert 'class="frame"' not in drawn


def test_an_arrow_ends_at_the_circle_of_its_target():
    """By hand: from (0, 0) to (100, 0) the tip lies 14 before the centre, that is at 86."""
    drawn = draw_primer.line((0, 0), (100, 0), arrow=True)
    assert drawn.startswith('<path class="tip " d="M77 -5L86 0L77 5z"/>')
