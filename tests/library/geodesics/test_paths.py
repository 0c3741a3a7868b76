"""Straight, along edges, on the surface: known answers, laws, and another library's Dijkstra."""

import sys

import networkx as nx
import numpy as np
import pytest
import torch

from gdl_utils.data.spot import load_spot
from gdl_utils.geodesics.mesh import Mesh
from gdl_utils.geodesics.paths import (
    edge_distance,
    edge_graph,
    edge_path,
    exact_distance,
    exact_path,
    path_length,
    straight_distance,
)

SIDES = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]


def cube():
    verts = torch.tensor([[x, y, z] for x in (0.0, 1) for y in (0.0, 1) for z in (0.0, 1)])
    faces = [t for a, b, c, d in SIDES for t in ((a, b, c), (a, c, d))]
    return Mesh(verts, torch.tensor(faces))


def sheet(n, fold=0.0):
    """A sheet of n × n squares, folded by an angle along its middle line x = n / 2."""
    i, j = np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij")
    x = i - n / 2
    beyond = np.maximum(x, 0)
    verts = np.stack([np.minimum(x, 0) + beyond * np.cos(fold), j, beyond * np.sin(fold)], -1)
    a = (i[:-1, :-1] * (n + 1) + j[:-1, :-1]).reshape(-1)
    b, c, d = a + n + 1, a + n + 2, a + 1
    faces = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])
    return Mesh(torch.tensor(verts.reshape(-1, 3)), torch.tensor(faces))


@pytest.fixture(scope="module")
def spot():
    return Mesh(*load_spot())


def test_across_a_cube():
    mesh = cube()
    far = 7  # opposite of vertex 0
    assert float(straight_distance(mesh, 0)[far]) == pytest.approx(3**0.5)
    assert float(exact_distance(mesh, 0)[far]) == pytest.approx(5**0.5)  # two squares, unfolded
    assert float(edge_distance(mesh, 0)[far]) == pytest.approx(1 + 2**0.5)  # a side, a diagonal
    path = exact_path(mesh, 0, far)
    assert path_length(path) == pytest.approx(5**0.5)
    assert path[0].tolist() == [0, 0, 0]
    assert path[-1].tolist() == [1, 1, 1]
    assert path_length(mesh.verts[edge_path(mesh, 0, far)]) == pytest.approx(1 + 2**0.5)


def test_on_a_flat_sheet_the_straight_line_is_the_geodesic():
    flat = sheet(6)
    torch.testing.assert_close(exact_distance(flat, 0), straight_distance(flat, 0))
    # Against the cut of the squares, the way along edges is that of a taxi.
    corner = 6 * 7
    assert float(edge_distance(flat, corner)[6]) == pytest.approx(12)
    assert float(exact_distance(flat, corner)[6]) == pytest.approx(6 * 2**0.5)


def test_folding_along_edges_changes_only_the_straight_line():
    flat, bent = sheet(6), sheet(6, fold=2.0)
    for distance in (exact_distance, edge_distance):
        torch.testing.assert_close(distance(flat, 3), distance(bent, 3), atol=1e-12, rtol=0)
    assert (straight_distance(flat, 3) - straight_distance(bent, 3)).abs().max() > 1


def test_order_symmetry_and_triangle_inequality(spot):
    some = [0, 700, 1400, 2100, 2800]
    exact, edge, straight = (
        torch.stack([d(spot, s) for s in some])
        for d in (exact_distance, edge_distance, straight_distance)
    )
    assert (exact >= straight - 1e-12).all()
    assert (edge >= exact - 1e-12).all()
    assert float((edge / exact)[:, 1:].nan_to_num(0).max()) > 1.2  # the detours are not rounding
    for table in (exact, edge, straight):
        among = table[:, some]
        torch.testing.assert_close(among, among.T, atol=1e-12, rtol=0)
        through = (among[:, :, None] + table[None]).min(1).values
        assert (table <= through + 1e-12).all()


def test_the_path_is_as_long_as_the_distance_and_lies_on_the_surface(spot):
    path = exact_path(spot, 5, 2000)
    assert path_length(path) == pytest.approx(float(exact_distance(spot, 5)[2000]), abs=1e-12)
    torch.testing.assert_close(path[[0, -1]], spot.verts[[5, 2000]])
    a, b = spot.verts[spot.edges.T]
    for x in path[1:-1]:  # every corner lies on an edge
        gap = (x - a).norm(dim=1) + (b - x).norm(dim=1) - spot.edge_lengths
        assert float(gap.min()) < 1e-9
    nodes = edge_path(spot, 5, 2000)
    assert path_length(spot.verts[nodes]) == pytest.approx(float(edge_distance(spot, 5)[2000]))
    known = {tuple(e) for e in spot.edges.tolist()}
    assert all(tuple(sorted(e)) in known for e in zip(nodes.tolist(), nodes[1:].tolist()))
    assert nodes[[0, -1]].tolist() == [5, 2000]


def test_dijkstra_as_networkx_has_it(spot):
    graph = nx.Graph()
    ends, lengths = spot.edges.tolist(), spot.edge_lengths.tolist()
    graph.add_weighted_edges_from((a, b, w) for (a, b), w in zip(ends, lengths))
    peer = nx.single_source_dijkstra_path_length(graph, 17)
    found = edge_distance(spot, 17)
    np.testing.assert_allclose(found, [peer[v] for v in range(len(found))], rtol=1e-12)
    matrix = edge_graph(spot)
    assert matrix.nnz == 2 * len(spot.edges)
    assert abs(matrix - matrix.T).max() == 0


@pytest.mark.parametrize("distance", [straight_distance, edge_distance, exact_distance])
def test_of_several_sources_the_nearest_counts(distance):
    mesh = cube()
    both = torch.minimum(distance(mesh, 0), distance(mesh, 5))
    torch.testing.assert_close(distance(mesh, [0, 5]), both)


def test_no_way_leads_to_another_piece():
    one = cube()
    two = Mesh(torch.cat([one.verts, one.verts + 3]), torch.cat([one.faces, one.faces + 8]))
    for distance in (edge_distance, exact_distance):
        assert distance(two, 0).isinf().tolist() == [False] * 8 + [True] * 8
    for path in (edge_path, exact_path):
        with pytest.raises(ValueError, match="must be connected, got vertices 0 and 9"):
            path(two, 0, 9)


def test_a_path_of_no_length():
    assert edge_path(cube(), 3, 3).tolist() == [3]
    assert path_length(torch.zeros(1, 3)) == 0
    with pytest.raises(ValueError, match="must differ, got 3 twice"):
        exact_path(cube(), 3, 3)


@pytest.mark.parametrize("distance", [straight_distance, edge_distance, exact_distance])
@pytest.mark.parametrize(
    ("sources", "message"),
    [
        (8, "sources must be vertices 0 to 7, got 8"),
        (-1, "sources must be vertices 0 to 7, got -1"),
        ([0, 99], "sources must be vertices 0 to 7"),
        ([], "sources must be one vertex or several"),
        (0.5, "sources must be a whole number, got 0.5"),
        ([[0]], r"sources must be \(S,\) of whole numbers, got \(1, 1\)"),
        ([True, 2], r"sources must be \(S,\) of whole numbers, got truth values"),
    ],
)
def test_bad_sources_are_refused(distance, sources, message):
    with pytest.raises(ValueError, match=message):
        distance(cube(), sources)


@pytest.mark.parametrize("path", [edge_path, exact_path])
@pytest.mark.parametrize(
    ("ends", "message"),
    [
        ((8, 0), "source must be a vertex 0 to 7, got 8"),
        ((0, -1), "target must be a vertex 0 to 7, got -1"),
        (([0, 1], 2), "source must be a whole number, got"),
        ((0, "a"), "target must be a whole number, got 'a'"),
    ],
)
def test_bad_ends_are_refused(path, ends, message):
    with pytest.raises(ValueError, match=message):
        path(cube(), *ends)


def test_bad_points_are_refused():
    with pytest.raises(ValueError, match=r"points must be \(K, 3\)"):
        path_length(torch.zeros(3, 2))


def test_without_the_solver_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pygeodesic.geodesic", None)
    with pytest.raises(ModuleNotFoundError, match="pip install pygeodesic"):
        exact_distance(cube(), 0)
