"""Whole numbers and indices of every library, at every door; and what is none."""

import re

import numpy as np
import pytest
import torch

from gdl_utils.arguments import check_range, indices, positive, whole
from gdl_utils.gauges import GaugeConv, Gauges, SampledReLU, log_map, vertex_connection
from gdl_utils.geodesics import (
    coarsen,
    cylinder,
    edge_distance,
    eigenpairs,
    farthest_points,
    heat_distance,
    heat_kernel_signature,
    icosphere,
    sheet,
    torus,
    wave_kernel_signature,
)
from gdl_utils.graphs import GraphConv, Permutations
from gdl_utils.grids.actions import Translations, shift
from gdl_utils.grids.layers import CircularConv2d
from gdl_utils.grids.pooling import CircularMaxPool2d
from gdl_utils.groups.actions import turn
from gdl_utils.groups.elements import Cyclic, cayley_table
from gdl_utils.groups.layers import Lifting2d
from gdl_utils.tensors import destination, remembered

TWOS = (2, np.int64(2), np.uint8(2), np.array(2), torch.tensor(2), torch.tensor([2]).int()[0])
GLOBE = icosphere(1)
CONNECTION = vertex_connection(GLOBE)
NEIGHBOR = int(CONNECTION.edge_index[1, CONNECTION.edge_index[0] == 2][0])


@pytest.mark.parametrize("two", TWOS)
def test_whole_numbers_become_python_s(two):
    assert type(whole("k", two)) is int
    assert whole("k", two) == 2
    assert positive(a=two, b=1) == (2, 1)


@pytest.mark.parametrize(
    "value",
    [True, 2.0, "2", None, np.float64(2), np.bool_(True), torch.tensor(2.0), torch.tensor(True)],
)
def test_what_is_no_whole_number_is_named(value):
    with pytest.raises(ValueError, match=r"^k must be a whole number, got "):
        whole("k", value)


def test_numbers_that_are_too_small():
    with pytest.raises(ValueError, match=r"^k must be at least 3, got 2$"):
        whole("k", 2, 3)
    with pytest.raises(ValueError, match=r"^a, b and c must be positive, got 1, 0 and 2$"):
        positive(a=1, b=0, c=2)


EDGES = [[0, 1, 2], [1, 2, 0]]


@pytest.mark.parametrize(
    "edges",
    [
        EDGES,
        tuple(map(tuple, EDGES)),
        np.array(EDGES),
        np.array(EDGES, dtype="u1"),
        np.array(EDGES, dtype=">i4"),
        np.array(EDGES).T.copy().T,
        torch.tensor(EDGES, dtype=torch.int16),
        [torch.tensor(row) for row in EDGES],
    ],
)
def test_indices_of_every_library(edges):
    found = indices("edges", edges, (2, "E"))
    assert found.dtype == torch.int64
    assert found.tolist() == EDGES


def test_int64_tensors_are_not_copied_and_empty_lists_are_indices():
    edges = torch.tensor(EDGES)
    assert indices("edges", edges, (2, 3)) is edges
    assert indices("edges", [[], []], (2, "E")).shape == (2, 0)


@pytest.mark.parametrize(
    ("edges", "got"),
    [
        (torch.ones(2, 3), "got (2, 3) torch.float32"),
        (np.ones((2, 3), bool), "got (2, 3) bool"),
        (torch.ones(3, 2).int(), "got (3, 2) torch.int32"),
        ([0, 1], "got (2,) int64"),
        ([[0, 1], [0]], "got "),
        ("ab", "got str"),
    ],
)
def test_bad_indices_are_named(edges, got):
    wanted = re.escape("edges must be (2, E) of whole numbers, ") + ".*" + re.escape(got)
    with pytest.raises(ValueError, match=wanted):
        indices("edges", edges, (2, "E"))


def test_ranges():
    check_range("k must be from", torch.tensor([0, 4]), 5)
    check_range("k must be from", torch.empty(0).long(), 0)
    with pytest.raises(ValueError, match=r"^k must be from 0 to 3, got -1 to 4$"):
        check_range("k must be from", torch.tensor([-1, 4]), 4)


def test_a_structure_stays_in_single_precision():
    x = torch.zeros(3, dtype=torch.float64)
    assert destination(x, torch.float16) == (x.device, torch.float32)
    assert destination(x, "meta") == (torch.device("meta"), torch.float64)
    with pytest.raises(ValueError, match=r"floating point, got torch\.int64"):
        destination(x, torch.int64)


def test_what_is_remembered_is_computed_once():
    class Thing:
        times = 0

        @remembered
        def value(self):
            """What it is."""
            self.times += 1
            return self.times

    thing = Thing()
    assert (thing.value, thing.value, thing.times) == (1, 1, 1)
    assert Thing.value.__doc__ == "What it is."


X = torch.arange(16.0).reshape(4, 4)
DOORS = {
    "shift": lambda k: shift((k, k), X),
    "translations": lambda k: Translations((k, k)).shape,
    "circular convolution": lambda k: CircularConv2d(k, k, k + 1).weight.shape,
    "max pooling": lambda k: CircularMaxPool2d(k)(X[None, None]),
    "turn": lambda k: turn(k, X),
    "cyclic": lambda k: cayley_table(Cyclic(k)),
    "lifting": lambda k: Lifting2d(k, k, 3, Cyclic(k)).weight.shape,
    "permutations": lambda k: Permutations(k).n,
    "graph convolution": lambda k: sum(p.numel() for p in GraphConv(k, k).parameters()),
    "icosphere": lambda k: icosphere(k).faces,
    "torus": lambda k: torus(k + 2, k + 3).faces,
    "sheet": lambda k: sheet(k, k + 1).faces,
    "cylinder": lambda k: cylinder(k + 2, k).faces,
    "heat distance": lambda k: heat_distance(GLOBE, k),
    "edge distance": lambda k: edge_distance(GLOBE, k),
    "farthest points": lambda k: farthest_points(GLOBE, k, k),
    "coarsen": lambda k: coarsen(GLOBE, 20 + k)[0].faces,
    "eigenpairs": lambda k: eigenpairs(GLOBE, 3 + k).values,
    "heat kernel": lambda k: heat_kernel_signature(eigenpairs(GLOBE, 9), k),
    "wave kernel": lambda k: wave_kernel_signature(eigenpairs(GLOBE, 9), k),
    "log map": lambda k: log_map(GLOBE, k),
    "gauges": lambda k: Gauges(k).n,
    "gauge convolution": lambda k: GaugeConv(k, k, k, k).kernel.shape,
    "sampled ReLU": lambda k: SampledReLU(k, 4 + k).waves,
    "a step": lambda k: CONNECTION.step(k, NEIGHBOR),
}  # fmt: skip


@pytest.mark.parametrize("door", DOORS)
def test_every_door_takes_whole_numbers_of_every_library(door):
    expected = DOORS[door](2)
    for two in TWOS[1:]:
        found = DOORS[door](two)
        if isinstance(expected, torch.Tensor):
            torch.testing.assert_close(found, expected)
        else:
            assert found == expected
