"""Tables, orbits and stabilisers of finite groups."""

from dataclasses import dataclass
from itertools import product

import pytest
import torch

from gdl_utils.groups.elements import (
    Cyclic,
    Dihedral,
    Product,
    cayley_table,
    inverse_table,
    orbit,
    orbits,
    orders,
    stabiliser,
)
from gdl_utils.groups.lattices import p4m, p6

GROUPS = [Cyclic(6), Dihedral(3), Dihedral(4), Product(Cyclic(2), Dihedral(3)), p4m(3), p6(3)]


def on_corners(g, corner):
    """How the symmetries of a square move its corners 0 … 3."""
    r, m = g
    return (r - corner if m else r + corner) % 4


def on_square(g, pixel):
    """How they move the pixels of a 5 × 5 image, about its centre."""
    (r, m), (i, j) = g, pixel
    i, j = i, (4 - j if m else j)
    for _ in range(r):
        i, j = 4 - j, i
    return (i, j)


def test_the_table_of_three_turns():
    expected = torch.tensor([[0, 1, 2], [1, 2, 0], [2, 0, 1]])
    assert torch.equal(cayley_table(Cyclic(3)), expected)
    assert inverse_table(Cyclic(3)).tolist() == [0, 2, 1]


@pytest.mark.parametrize("group", GROUPS)
def test_tables_are_those_of_a_group(group):
    table, n = cayley_table(group), len(group.elements())
    everything = torch.arange(n)
    assert torch.equal(table.sort(0).values, everything[:, None].expand(n, n))
    assert torch.equal(table.sort(1).values, everything.expand(n, n))
    g, h, k = (
        torch.randint(n, (50,), generator=torch.Generator().manual_seed(s)) for s in (1, 2, 3)
    )
    assert torch.equal(table[table[g, h], k], table[g, table[h, k]])
    e = group.elements().index(group.identity())
    assert (table[everything, inverse_table(group)] == e).all()


def test_orders_of_the_symmetries_of_a_square():
    assert orders(Dihedral(4)).tolist() == [1, 4, 2, 4, 2, 2, 2, 2]


@pytest.mark.parametrize("group", GROUPS)
def test_orders_divide_the_size_of_the_group(group):
    assert (len(group.elements()) % orders(group) == 0).all()


def test_plane_group_has_all_pairs():
    assert len(p4m(3).elements()) == 9 * 8
    assert len(p4m(6, step=2).elements()) == 9 * 8


def test_stabiliser_of_a_corner():
    assert stabiliser(Dihedral(4), on_corners, 0) == [(0, 0), (0, 1)]
    assert stabiliser(Dihedral(4), on_corners, 1) == [(0, 0), (2, 1)]
    assert orbit(Dihedral(4), on_corners, 2) == [2, 3, 0, 1]


@pytest.mark.parametrize("pixel", list(product(range(5), range(5))))
def test_orbit_times_stabiliser_is_the_group(pixel):
    group = Dihedral(4)
    moved, fixing = orbit(group, on_square, pixel), stabiliser(group, on_square, pixel)
    assert len(moved) * len(fixing) == 8
    assert all(group.compose(g, h) in fixing for g in fixing for h in fixing)


def test_orbits_split_an_image():
    parts = orbits(Dihedral(4), on_square, product(range(5), range(5)))
    assert sorted(len(p) for p in parts) == [1, 4, 4, 4, 4, 8]
    assert sorted(p for part in parts for p in part) == list(product(range(5), range(5)))


def test_corners_are_homogeneous():
    assert len(orbits(Dihedral(4), on_corners, range(4))) == 1


@dataclass(frozen=True)
class Odd:
    """Not a group: 1 + 1 is missing."""

    listed: tuple[int, ...] = (0, 1)

    def elements(self):
        return list(self.listed)

    def compose(self, g, h):
        return g + h


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cayley_table(Odd()), "closed, but 2 is not listed"),
        (lambda: cayley_table(Odd((0, 0))), "list every element once"),
        (lambda: cayley_table(object()), "must list its elements, got object"),
        (lambda: orbits(Dihedral(4), on_corners, [0, 1]), "lacks 2"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
