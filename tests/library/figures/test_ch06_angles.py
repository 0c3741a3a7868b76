"""Chapter 06's picture of the angles at which networks are exact."""

import pytest

from gdl_utils.figures.ch06_angles import exact_angles

ANGLES = [0, 30, 60, 90]


def test_exact_angles_get_diamonds_and_the_others_bars():
    fig = exact_angles(ANGLES, {"p4": [0, 0.1, 0.2, 1e-14], "p6": [0, 0.01, 1e-13, 0.5]})
    assert [ax.get_title(loc="left") for ax in fig.axes] == [
        "p4: exact at 0°, 90°",
        "p6: exact at 0°, 60°",
    ]
    four = fig.axes[0]
    assert list(four.lines[0].get_xdata()) == [0, 90]
    assert [bar.get_x() + bar.get_width() / 2 for bar in four.patches] == pytest.approx([30, 60])
    tops = [bar.get_y() + bar.get_height() for bar in four.patches]
    assert tops == pytest.approx([0.1, 0.2])


@pytest.mark.parametrize(
    ("changes", "settings", "message"),
    [
        ({}, {}, "changes must hold 4 numbers"),
        ({"p4": [0, 1]}, {}, "changes must hold 4 numbers"),
        ({"p4": [0, -1, 1, 1]}, {}, "at least 0"),
        ({"p4": [0] * 4}, {"floor": 1e-3}, "need 0 < floor < bound"),
    ],
)
def test_bad_angles_are_refused(changes, settings, message):
    with pytest.raises(ValueError, match=message):
        exact_angles(ANGLES, changes, **settings)
