"""Chapter 06's tiles lie where they should, and what does not fit is refused."""

import numpy as np
import pytest
import torch

from gdl_utils.figures.ch06_tiles import tiles

POINTS = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.5, 3**0.5 / 2]])


def test_tiles_are_hexagons_around_their_points_that_touch():
    fig = tiles(POINTS, {"a": [1.0, 2.0, 3.0]}, title="Three cells touch.")
    (drawn,) = fig.axes[0].collections
    paths = [path.vertices[:6] for path in drawn.get_paths()]
    assert len(paths) == 3
    np.testing.assert_allclose([p.mean(0) for p in paths], POINTS, atol=1e-12)
    shared = {tuple(v) for v in paths[0].round(9)} & {tuple(v) for v in paths[1].round(9)}
    assert len(shared) == 2  # neighbours share a side
    assert fig._suptitle.get_text() == "Three cells touch."


def test_squares_have_side_one():
    fig = tiles([[0.0, 0.0]], {"a": [1.0]}, sides=4)
    corners = fig.axes[0].collections[0].get_paths()[0].vertices[:4]
    assert sorted(map(tuple, corners.round(9))) == [
        (-0.5, -0.5),
        (-0.5, 0.5),
        (0.5, -0.5),
        (0.5, 0.5),
    ]


def test_what_is_masked_is_not_drawn_and_texts_stand_in_their_tiles():
    texts = {"a": ["x", "y", "z"]}
    fig = tiles(POINTS, {"a": [1.0, 9.0, 3.0]}, mask=[True, False, True], texts=texts)
    ax = fig.axes[0]
    assert len(ax.collections[0].get_paths()) == 2
    assert [t.get_text() for t in ax.texts] == ["x", "z"]
    assert ax.collections[0].get_clim() == (1, 3)


@pytest.mark.parametrize(
    ("points", "items", "options", "message"),
    [
        (POINTS, {"a": [1, 2, 3]}, {"sides": 5}, "sides must be 4 or 6, got 5"),
        (POINTS, {}, {}, "at least one signal"),
        (POINTS.T, {"a": [1, 2, 3]}, {}, "points must be"),
        (POINTS, {"a": [1, 2]}, {}, r"'a' must have the shape \(3,\), got \(2,\)"),
        (POINTS, {"a": [1, 2, 3]}, {"mask": [True]}, "'mask' must have the shape"),
    ],
)
def test_tiles_refuses_what_does_not_fit(points, items, options, message):
    with pytest.raises(ValueError, match=message):
        tiles(points, items, **options)
