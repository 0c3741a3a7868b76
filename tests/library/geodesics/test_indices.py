"""Vertices may be named by any kind of integer."""

import numpy as np
import pytest
import torch

from gdl_utils.gauges.logarithm import log_map, vector_heat
from gdl_utils.geodesics.distances import heat_distance, heat_method
from gdl_utils.geodesics.indices import vertex_index, vertex_indices
from gdl_utils.geodesics.paths import (
    edge_distance,
    edge_path,
    exact_distance,
    exact_path,
    straight_distance,
)
from gdl_utils.geodesics.pooling import farthest_points
from gdl_utils.geodesics.shapes import icosphere

KINDS = {
    "int": int, "int32": np.int32, "uint8": np.uint8, "array": np.array, "tensor": torch.tensor,
    "short tensor": lambda v: torch.tensor(v, dtype=torch.int16),
}  # fmt: skip
ONE = {
    "heat": heat_distance, "straight": straight_distance, "edges": edge_distance,
    "exact": exact_distance, "logarithm": log_map,
    "carried": lambda m, s: vector_heat(m).carried(s),
    "log_map_angles": lambda m, s: vector_heat(m).log_map_angles(s),
    "edge path": lambda m, s: edge_path(m, s, s + 3),
    "exact path": lambda m, s: exact_path(m, s, s + 3),
    "farthest points": lambda m, s: farthest_points(m, 4, s),
}  # fmt: skip
SEVERAL = {
    "heat": heat_distance, "straight": straight_distance, "edges": edge_distance,
    "exact": exact_distance, "columns": lambda m, s: heat_method(m).distances(s),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("question", ONE)
def test_one(question, kind):
    mesh, ask = icosphere(1), ONE[question]
    torch.testing.assert_close(ask(mesh, KINDS[kind](7)), ask(mesh, 7), equal_nan=True)


@pytest.mark.parametrize("question", SEVERAL)
def test_several(question):
    mesh, ask = icosphere(1), SEVERAL[question]
    expected = ask(mesh, [7, 9])
    for several in (
        (7, 9), np.array([7, 9], np.uint8), torch.tensor([7, 9], dtype=torch.int32),
        [np.int64(7), torch.tensor(9)], torch.tensor([7, 9]).numpy(),
    ):  # fmt: skip
        torch.testing.assert_close(ask(mesh, several), expected)


def test_they_become_plain():
    assert type(vertex_index("v", np.uint16(3), 5)) is int
    found = vertex_indices("v", torch.tensor(3, dtype=torch.int8), 5)
    assert found.dtype == np.int64
    assert found.tolist() == [3]


@pytest.mark.parametrize("bad", [True, np.bool_(True), 1.0, "1", None, -1, 5, torch.tensor(1.0)])
def test_what_is_no_vertex_is_refused(bad):
    for take in (vertex_index, vertex_indices):
        with pytest.raises(ValueError, match="v must be"):
            take("v", bad, 5)
