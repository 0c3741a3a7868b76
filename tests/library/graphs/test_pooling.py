"""Batches of graphs, global pooling and coarsening, by hand and against torch-geometric."""

import pytest
import torch
from torch_geometric.data import Batch, Data
from torch_geometric.nn import global_add_pool, global_max_pool, global_mean_pool

from gdl_utils.data.mutag import load_mutag
from gdl_utils.graphs.actions import relabel, relabel_edges
from gdl_utils.graphs.layers import GCNConv
from gdl_utils.graphs.pooling import GlobalPool, batch_graphs, coarsen
from gdl_utils.training import seeded

RNG = torch.Generator().manual_seed(2)
X = torch.randn(6, 3, generator=RNG)
ONE, TWO = torch.tensor([[0, 1], [1, 2]]), torch.tensor([[0, 1, 1], [1, 0, 1]])
GRAPHS = [(X[:3], ONE), (X[3:4], ONE[:, :0]), (X[4:], TWO, "anything else")]
INDEX = torch.tensor([0, 0, 0, 1, 2, 2])
HEXAGON = torch.tensor([[0, 1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 0]])


def test_a_batch_by_hand():
    x, edge_index, batch = batch_graphs(GRAPHS)
    assert torch.equal(x, X)
    assert edge_index.tolist() == [[0, 1, 4, 5, 5], [1, 2, 5, 4, 5]]
    assert torch.equal(batch, INDEX)


def test_a_batch_against_torch_geometric():
    molecules = load_mutag()[:20]
    peer = Batch.from_data_list([Data(x=m.x, edge_index=m.edge_index) for m in molecules])
    for ours, theirs in zip(batch_graphs(molecules), (peer.x, peer.edge_index, peer.batch)):
        assert torch.equal(ours, theirs)


def test_a_layer_on_the_union_is_the_layer_on_each():
    with seeded(0):
        layer = GCNConv(3, 4)
    x, edge_index, _ = batch_graphs(GRAPHS)
    each = torch.cat([layer(x, edges) for x, edges, *_ in GRAPHS])
    torch.testing.assert_close(layer(x, edge_index), each)


@pytest.mark.parametrize(
    ("how", "peer"),
    [("sum", global_add_pool), ("mean", global_mean_pool), ("max", global_max_pool)],
)
def test_global_pooling_against_torch_geometric(how, peer):
    torch.testing.assert_close(GlobalPool(how)(X, INDEX), peer(X, INDEX))
    torch.testing.assert_close(GlobalPool(how)(X), peer(X, INDEX * 0))


def test_global_pooling_by_hand():
    x = torch.tensor([[1.0], [2], [-6]])
    index = torch.tensor([0, 0, 2])
    for how, expected in (
        ("sum", [3, 0, -6, 0]),
        ("mean", [1.5, 0, -6, 0]),
        ("max", [2, 0, -6, 0]),
    ):
        pool = GlobalPool(how)
        assert pool(x, index, graphs=4).flatten().tolist() == expected
        assert pool(x[:0], index[:0], graphs=1).tolist() == [[0]]
        assert repr(pool) == f"GlobalPool(reduce={how!r})"


def test_coarsen_by_hand():
    """Opposite pairs of edges of a hexagon, three clusters in a ring."""
    coarse, pool = coarsen(HEXAGON, torch.tensor([0, 0, 1, 1, 2, 2]))
    assert coarse.tolist() == [[0, 1, 2], [1, 2, 0]]
    half = torch.tensor([[0.5, 0.5, 0, 0, 0, 0], [0, 0, 0.5, 0.5, 0, 0], [0, 0, 0, 0, 0.5, 0.5]])
    assert torch.equal(pool.to_dense(), half.double())


def test_coarsening_takes_relabelled_nodes_to_the_same_graph():
    cluster, g = torch.tensor([2, 0, 0, 1, 2, 1]), torch.tensor([3, 5, 0, 1, 4, 2])
    coarse, pool = coarsen(HEXAGON, cluster)
    again, moved = coarsen(relabel_edges(g, HEXAGON), relabel(g, cluster))
    assert torch.equal(coarse, again)
    torch.testing.assert_close(moved @ relabel(g, X).double(), pool @ X.double())


def test_every_node_its_own_cluster():
    coarse, pool = coarsen(HEXAGON, torch.arange(6))
    assert sorted(coarse.T.tolist()) == sorted(HEXAGON.T.tolist())
    assert torch.equal(pool.to_dense(), torch.eye(6).double())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: batch_graphs([]), "at least one graph"),
        (lambda: batch_graphs([GRAPHS[0], (X[:, :2], ONE)]), r"\(n, 3\), got \(6, 2\) for graph 1"),
        (lambda: batch_graphs([(X[:2], ONE)]), "must name nodes 0 to 1, got 0 to 2"),
        (lambda: GlobalPool("min"), "reduce must be 'sum', 'mean' or 'max', got 'min'"),
        (lambda: GlobalPool()(X[0]), r"x must be \(n, C\), got \(3,\)"),
        (
            lambda: GlobalPool()(X, INDEX[:4]),
            r"batch must be \(6,\) of whole numbers, got \(4,\)",
        ),
        (lambda: GlobalPool()(X, INDEX.float()), r"of whole numbers, got \(6,\) torch.float32"),
        (lambda: GlobalPool()(X, INDEX, graphs=2), "from 0 to 1, got 0 to 2"),
        (lambda: GlobalPool()(X, INDEX - 1), "got -1 to 1"),
        (lambda: coarsen(HEXAGON, INDEX * 2), "cluster must have no empty clusters, got 1 empty"),
        (lambda: coarsen(HEXAGON, INDEX[:4]), "must name nodes 0 to 3"),
        (lambda: coarsen(HEXAGON, 3), r"cluster must be \(n,\) of whole numbers"),
        (lambda: batch_graphs([X]), r"graphs must be tuples .* got Tensor for graph 0"),
        (lambda: batch_graphs([(X.numpy(), ONE)]), "x of graph 0 must be a tensor, got ndarray"),
        (lambda: GlobalPool("mean")(X.long()), "x must be floating point, got torch.int64"),
        (lambda: GlobalPool()(X.tolist()), "x must be a tensor, got list"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
