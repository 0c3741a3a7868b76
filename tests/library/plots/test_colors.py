"""Colours as numbers."""

import numpy as np
import pytest

from gdl_utils.plots.colors import color_map, encoded, ink, linear, rgb


def test_a_name_in_numbers():
    np.testing.assert_allclose(rgb("#00FF80"), [0, 1, 128 / 255])


def test_the_ink_is_black_on_light_and_white_on_dark():
    assert [ink(c) for c in ("#ffffff", "#F0E442", "#000000", "#0072B2")] == [
        "#111",
        "#111",
        "#fff",
        "#fff",
    ]


def test_a_colour_map_runs_from_end_to_end():
    import matplotlib as mpl

    found = color_map("viridis", 3) / 255
    np.testing.assert_allclose(found, mpl.colormaps["viridis"]([0, 0.5, 1.0])[:, :3], atol=0.002)
    with pytest.raises(ValueError, match="colour maps, got 'no such map'"):
        color_map("no such map", 3)


def test_linear_light_is_undone():
    c = np.linspace(0, 1, 256)
    np.testing.assert_allclose(encoded(linear(c)), c, atol=1e-4)
    assert linear(np.array(1.0)) == 1
