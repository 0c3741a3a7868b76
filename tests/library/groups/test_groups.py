"""Finite groups and the turns of images."""

import math

import pytest
import torch

from gdl_utils.groups.actions import rotate, turn, turn_and_mirror
from gdl_utils.groups.elements import Cyclic, Dihedral, Product

X = torch.randn(2, 3, 6, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def test_dihedral_is_not_commutative():
    group = Dihedral(4)
    turned, mirrored = (1, 0), (0, 1)
    assert group.compose(turned, mirrored) == (1, 1)
    assert group.compose(mirrored, turned) == (3, 1)


@pytest.mark.parametrize("group", [Cyclic(6), Dihedral(3)])
def test_elements_are_all_and_closed(group):
    elements = group.elements()
    assert len(set(elements)) == len(elements)
    for g in elements:
        assert sorted(group.compose(g, h) for h in elements) == sorted(elements)
        assert group.compose(g, group.inverse(g)) == group.identity()


def test_product_acts_part_by_part():
    group = Product(Cyclic(4), Cyclic(3))
    assert group.compose((3, 2), (2, 2)) == (1, 1)
    assert group.inverse((1, 1)) == (3, 2)


def test_quarter_turns_are_counterclockwise_as_displayed():
    x = torch.zeros(3, 3)
    x[0, 2] = 1.0  # top right
    assert turn(1, x)[0, 0] == 1  # goes to the top left


@pytest.mark.parametrize("quarter", range(4))
def test_rotation_agrees_with_exact_turns(quarter):
    torch.testing.assert_close(rotate(quarter * math.pi / 2, X), turn(quarter, X))


def test_small_rotation_goes_the_same_way():
    x = torch.zeros(1, 1, 21, 21)
    x[0, 0, 10, 18] = 1.0  # to the right of the centre: counterclockwise is up, to smaller rows
    rows = rotate(math.radians(20), x)[0, 0].sum(1)
    assert rows[:10].sum() > 10 * rows[10:].sum()


def test_every_dihedral_element_moves_pixels_to_pixels():
    moved = {tuple(turn_and_mirror(g, X[0, 0]).flatten().tolist()) for g in Dihedral(4).elements()}
    assert len(moved) == 8


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Cyclic(0), "n must be at least 1, got 0"),
        (lambda: Dihedral(-1), "n must be at least 1"),
        (lambda: turn(1, torch.ones(2, 3)), r"square in its last two axes, got \(2, 3\)"),
        (lambda: turn(1, torch.ones(3)), "square"),
        (lambda: turn_and_mirror((1, 0), torch.ones(2, 3)), "square"),
        (lambda: rotate(0.1, torch.ones(3, 3)), r"must be \(B, C, n, n\) floats"),
        (lambda: rotate(0.1, torch.ones(1, 1, 3, 3, dtype=torch.int64)), "torch.int64"),
        (lambda: rotate(math.nan, torch.ones(1, 1, 3, 3)), "angle must be finite"),
        (lambda: rotate(0.1, torch.ones(1, 1, 3, 4)), "square"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
