"""Pictures of chapter 02: they show what they are given, and refuse what they cannot show."""

import numpy as np
import pytest

from gdl_utils.figures.ch02_inductive_bias import necklaces, verdicts, wiring

TABLE = [["fresh", "UHT"], ["?", "UHT"]]
NAMES = {"rows": ["brown", "purple"], "columns": ["75 °C", "135 °C"]}


def test_verdicts_writes_every_word_and_fills_the_marked():
    fig = verdicts({"A": TABLE, "B": TABLE}, seen={(0, 0)}, marked="UHT", **NAMES)
    ax = fig.axes[0]
    assert [t.get_text() for t in ax.texts] == ["fresh", "UHT", "?", "UHT"]
    filled = [p.get_facecolor()[:3] for p in ax.patches]
    assert filled[1] == filled[3] != filled[0]
    assert [p.get_linewidth() for p in ax.patches] == [3, 1, 1, 1]
    assert [a.get_title() for a in fig.axes] == ["A", "B"]


@pytest.mark.parametrize(
    ("learners", "seen", "said"),
    [
        ({}, (), "at least one table"),
        ({"A": TABLE[:1]}, (), "must be 2 × 2 words"),
        ({"A": [["a"], ["b"]]}, (), "must be 2 × 2 words"),
        ({"A": TABLE}, {(2, 0)}, "seen must name cases"),
    ],
)
def test_verdicts_refuses(learners, seen, said):
    with pytest.raises(ValueError, match=said):
        verdicts(learners, seen=seen, **NAMES)


def test_necklaces_draws_each_bead_once():
    orbits = [[(0, 0, 1), (0, 1, 0), (1, 0, 0)], [(1, 1, 1)]]
    fig = necklaces(orbits, seen=[(1, 1, 1)], title="Two orbits")
    kinds = [type(p).__name__ for p in fig.axes[0].patches]
    assert kinds.count("Circle") == 4 * (3 + 1)
    assert kinds.count("FancyBboxPatch") == 1


@pytest.mark.parametrize(
    ("orbits", "seen", "said"),
    [
        ([], (), "got an empty one"),
        ([[(0, 1)], []], (), "got an empty one"),
        ([[(0, 1)], [(1,)]], (), "of one length"),
        ([[(0, 2)]], (), "of 0 and 1"),
        ([[(0, 1)]], [(1, 1)], "words of the orbits"),
    ],
)
def test_necklaces_refuses(orbits, seen, said):
    with pytest.raises(ValueError, match=said):
        necklaces(orbits, seen=seen)


def test_wiring_shows_the_pattern():
    pattern = np.tril(np.ones((4, 4)))
    fig = wiring({"recurrent": pattern, "dense": np.ones((4, 4))})
    assert np.array_equal(fig.axes[0].images[0].get_array(), pattern != 0)
    assert fig.axes[1].get_title() == "dense"


@pytest.mark.parametrize(
    ("patterns", "said"), [({}, "at least one"), ({"A": np.ones((2, 3))}, "square")]
)
def test_wiring_refuses(patterns, said):
    with pytest.raises(ValueError, match=said):
        wiring(patterns)
