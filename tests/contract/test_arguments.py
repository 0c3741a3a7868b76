"""Whole numbers of any library and width are taken everywhere; nothing else passes for one.

A class where one of its groups is meant is refused by name, too. These tests stay apart from those
that check types while they run: annotations say ``int``.
"""

from __future__ import annotations

import functools

import numpy as np
import pytest
import torch

from gdl_utils.arguments import check_range, destination, indices, positive, whole
from gdl_utils.gauges.actions import Gauges, change_connection, change_features, rotate_features
from gdl_utils.gauges.layers import GaugeConv, IsotropicConv, kernel_basis
from gdl_utils.gauges.networks import GaugeNet
from gdl_utils.gauges.nonlinearities import Gate, NormReLU, SampledReLU
from gdl_utils.gauges.transport import Connection
from gdl_utils.geodesics.layers import DiffusionBlock, DiffusionNet
from gdl_utils.graphs.actions import Permutations, as_edges, relabel, relabel_edges, relabel_matrix
from gdl_utils.graphs.features import (
    cycle_counts,
    heat_diagonal,
    laplacian,
    return_probabilities,
    simple_adjacency,
)
from gdl_utils.graphs.layers import (
    DeepSets,
    GATConv,
    GCNConv,
    GINConv,
    GraphConv,
    MessagePassing,
)
from gdl_utils.graphs.pooling import GlobalPool, batch_graphs, coarsen
from gdl_utils.graphs.refinement import refine_colours, refine_tuples, tells_apart
from gdl_utils.graphs.relational import ComplEx, RGCNConv
from gdl_utils.graphs.representations import generators, on_nodes
from gdl_utils.graphs.sparse import Adjacency
from gdl_utils.grids.actions import (
    Translations,
    coarse_fourier_shift,
    coarse_shift,
    fourier_shift,
    shift,
)
from gdl_utils.grids.layers import CircularConv2d
from gdl_utils.grids.pooling import BlurPool2d, MaxPool2d, PolyphasePool2d, Subsample2d
from gdl_utils.groups.actions import (
    act_on_group_signal,
    act_on_plane,
    rotate_group_signal,
    turn,
    turn_and_mirror,
)
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
from gdl_utils.groups.filters import filter_sources
from gdl_utils.groups.harmonics import turned_basis
from gdl_utils.groups.hexagonal import to_hexagons
from gdl_utils.groups.lattices import (
    HEXAGONAL,
    SQUARE,
    PlaneGroup,
    lattice_matrix,
    lattice_sources,
    p4,
    p4m,
    p6,
    p6m,
)
from gdl_utils.groups.layers import GroupConv2d, HexGroupConv2d, HexLifting2d, Lifting2d
from gdl_utils.groups.pooling import GlobalGroupPool, HexPool2d, SpatialPool2d
from gdl_utils.groups.representations import (
    Representation,
    irreducible,
    irreducibles,
    permutation,
    regular,
    trivial,
    vector,
)
from gdl_utils.groups.steerable import RotatedGroupConv2d, RotatedLifting2d

C4, C6 = Cyclic(4), Cyclic(6)
NODES = torch.randn(4, 3, generator=torch.Generator().manual_seed(0))
EDGES = torch.tensor([[0, 1, 2, 2], [1, 2, 0, 2]])
IMAGE = torch.arange(72.0).reshape(1, 2, 6, 6)
LIFTED = torch.arange(144.0).reshape(1, 1, 4, 6, 6)

FORMS = {
    "numpy": np.asarray,
    "numpy, 32 bits": lambda x: np.asarray(x, np.int32),
    "numpy, 8 bits without sign": lambda x: np.asarray(x, np.uint8),
    "numpy, bytes in the other order": lambda x: np.asarray(x, ">i4"),
    "numpy, read backwards": lambda x: np.ascontiguousarray(np.asarray(x)[..., ::-1])[..., ::-1],
    "numpy, not to be written": lambda x: np.broadcast_to(np.asarray(x), x.shape),
    "32 bits": lambda x: x.int(),
    "16 bits": lambda x: x.short(),
    "8 bits without sign": lambda x: x.to(torch.uint8),
    "list": lambda x: x.tolist(),
    "tuple": lambda x: tuple(map(tuple, x.tolist())) if x.ndim == 2 else tuple(x.tolist()),
    "list of tensors": list,
    "list of numpy's numbers": lambda x: [list(row) if x.ndim == 2 else row for row in x.numpy()],
    "in inference mode": torch.inference_mode()(lambda x: x.clone()),
}  # fmt: skip
NONE = {
    "float": lambda x: x.float(),
    "numpy, float": lambda x: np.asarray(x, float),
    "list of floats": lambda x: x.double().tolist(),
    "truth values": lambda x: x > 0,
    "list of truth values": lambda x: (x > 0).tolist(),
    "complex": lambda x: x + 0j,
    "words": lambda x: [list(map(str, row)) for row in x.tolist()],
    "rows of two lengths": lambda x: [x[0].tolist(), x[1].tolist()[:-1]],
    "nothing": lambda x: None,
    "a set": lambda x: set(x.flatten().tolist()),
    "turned round": lambda x: x.T[:3],
    "float, empty": lambda x: torch.zeros(2, 0),
}


@functools.cache
def with_edges():
    """Functions of edges, each of which says the same for the same edges."""
    torch.manual_seed(0)
    layers = [GraphConv(3, 4), GCNConv(3, 4), GATConv(3, 4, 2), GINConv(torch.nn.Linear(3, 2))]
    layers.append(MessagePassing(torch.nn.Linear(6, 2)))
    kinds, cluster = torch.tensor([0, 1, 1, 0]), torch.tensor([0, 0, 1, 1])
    relational = RGCNConv(3, 4, 2)
    return {
        **{type(layer).__name__: functools.partial(layer, NODES) for layer in layers},
        "RGCNConv": lambda e: relational(NODES, e, kinds),
        "Adjacency": lambda e: Adjacency(e, 4).edge_index,
        "as_edges": lambda e: as_edges(e, 4),
        "relabel_edges": lambda e: relabel_edges(torch.tensor([1, 0, 3, 2]), e),
        "batch_graphs": lambda e: batch_graphs([(NODES, e), (NODES, e)])[1],
        "coarsen": lambda e: coarsen(e, cluster)[0],
        "simple_adjacency": lambda e: simple_adjacency(e, 4),
        "laplacian": lambda e: laplacian(e, 4),
        "heat_diagonal": lambda e: heat_diagonal(e, 4),
        "return_probabilities": lambda e: return_probabilities(e, 4),
        "cycle_counts": lambda e: cycle_counts(e, 4),
        "refine_colours": lambda e: refine_colours(e, 4),
        "refine_tuples": lambda e: refine_tuples([(e, 4)])[0],
        "tells_apart": lambda e: torch.tensor(tells_apart((e, 4), (EDGES, 4))),
        "Connection": lambda e: Connection(4, e, *torch.zeros(2, 4)).edge_index,
    }


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", with_edges())
def test_edges_of_any_whole_numbers(name, form):
    function = with_edges()[name]
    assert torch.equal(function(FORMS[form](EDGES)), function(EDGES))


@pytest.mark.parametrize("form", NONE)
@pytest.mark.parametrize("name", with_edges())
def test_edges_of_anything_else_are_refused_by_name(name, form):
    with pytest.raises(ValueError, match=r"edge_index must be \(2, [ED]\) of whole numbers"):
        with_edges()[name](NONE[form](EDGES))


@pytest.mark.parametrize("name", with_edges())
def test_edges_to_nowhere_are_refused_by_name(name):
    for wrong, given in ((EDGES + 3, "got 3 to 5"), (EDGES - 1, "got -1 to 1")):
        with pytest.raises(
            ValueError, match=rf"edge_index must name (nodes|frames) 0 to 3, {given}"
        ):
            with_edges()[name](wrong.tolist())


def test_no_edges_as_an_empty_list():
    layer = GraphConv(3, 4)
    assert torch.equal(layer(NODES, [[], []]), layer(NODES, EDGES[:, :0]))


G = torch.tensor([2, 0, 1, 3])
INDICES = {
    "relabel": ("g", lambda g: relabel(g, NODES)),
    "relabel_matrix": ("g", lambda g: relabel_matrix(g, torch.arange(16).reshape(4, 4))),
    "relabel_edges": ("g", lambda g: relabel_edges(g, EDGES)),
    "GlobalPool": ("graph_index", lambda g: GlobalPool()(NODES, g)),
    "coarsen": ("cluster", lambda g: coarsen(EDGES, g)[0]),
    "refine_colours": ("colours", lambda g: refine_colours(EDGES, 4, g)),
    "RGCNConv": ("relation", lambda g: RELATIONAL(NODES, EDGES, g)),
    "ComplEx": ("source", lambda g: SCORES(g, G % 2, G)),
    "ComplEx, relations": ("relation", lambda g: SCORES(G, g, G)),
    "ComplEx, targets": ("target", lambda g: SCORES(G, G, g)),
    "GaugeNet": (
        "piece", lambda g: NETWORK(NODES[:, :1, None], Connection(4, EDGES, *torch.zeros(2, 4)), g),
    ),
}  # fmt: skip
RELATIONAL, SCORES, NETWORK = RGCNConv(3, 4, 4), ComplEx(4, 4, 2), GaugeNet(2, 1, 0)


@pytest.mark.parametrize("name", INDICES)
def test_indices_of_any_whole_numbers_and_of_no_others(name):
    argument, function = INDICES[name]
    for form in FORMS.values():
        assert torch.equal(function(form(G)), function(G))
    nothing = [] if name in ("GlobalPool", "refine_colours") else [None]  # where it may be left out
    for wrong in (G.float(), G > 0, G.double().tolist(), np.asarray(G, float), G[None], *nothing):
        with pytest.raises(ValueError, match=f"{argument} must be"):
            function(wrong)


SIZES = [
    (CircularConv2d, {"in_channels": 2, "out_channels": 3, "kernel_size": 3}, {}),
    (Subsample2d, {"step": 2}, {}),
    (MaxPool2d, {"size": 2, "step": 2}, {}),
    (BlurPool2d, {"taps": 3, "step": 2}, {}),
    (PolyphasePool2d, {"step": 2}, {}),
    (Translations, {"step": 2}, {"shape": (4, 4)}),
    (coarse_shift, {"step": 2}, {}),
    (coarse_fourier_shift, {"step": 2}, {}),
    (Lifting2d, {"in_fields": 1, "out_fields": 2, "kernel_size": 3, "stride": 2}, {"group": C4}),
    (GroupConv2d, {"in_fields": 1, "out_fields": 2, "kernel_size": 3}, {"group": C4}),
    (HexLifting2d, {"in_fields": 1, "out_fields": 2, "radius": 1}, {"group": C6}),
    (HexGroupConv2d, {"in_fields": 1, "out_fields": 2, "radius": 1}, {"group": C6}),
    (RotatedLifting2d, {"in_fields": 1, "out_fields": 2, "kernel_size": 3}, {"group": C6}),
    (RotatedGroupConv2d, {"in_fields": 1, "out_fields": 2, "kernel_size": 3}, {"group": C6}),
    (SpatialPool2d, {"size": 2, "step": 2}, {}),
    (HexPool2d, {"radius": 1, "step": 2}, {}),
    (Cyclic, {"n": 4}, {}),
    (Dihedral, {"n": 4}, {}),
    (PlaneGroup, {"n": 4, "step": 2}, {"point": C4}),
    (p4, {"n": 4, "step": 2}, {}),
    (p6m, {"n": 9, "step": 3}, {}),
    (act_on_plane, {"coarse": 2}, {"group": p4(4, step=2)}),
    (HEXAGONAL.disc, {"radius": 2}, {}),
    (SQUARE.points, {"n": 3}, {}),
    (filter_sources, {"kernel_size": 3}, {"group": C4, "lattice": SQUARE, "lifting": True}),
    (turned_basis, {"kernel_size": 3}, {"angle": 1.0, "basis": "pixels"}),
    (to_hexagons, {"radius": 2}, {"images": IMAGE}),
    (irreducible, {"k": 1}, {"group": C4}),
    (DeepSets, {"in_channels": 2, "out_channels": 3}, {}),
    (GraphConv, {"in_channels": 2, "out_channels": 3}, {}),
    (GCNConv, {"in_channels": 2, "out_channels": 3}, {}),
    (GATConv, {"in_channels": 2, "out_channels": 3, "heads": 2}, {}),
    (RGCNConv, {"in_channels": 2, "out_channels": 3, "relations": 2, "bases": 2}, {}),
    (ComplEx, {"entities": 2, "relations": 3, "rank": 2}, {}),
    (Permutations, {"n": 4}, {}),
    (Adjacency, {"n": 4}, {"edge_index": EDGES}),
    (laplacian, {"n": 4}, {"edge_index": EDGES}),
    (return_probabilities, {"n": 4, "steps": 3}, {"edge_index": EDGES}),
    (refine_colours, {"n": 4, "rounds": 2}, {"edge_index": EDGES}),
    (GlobalPool("max").forward, {"graphs": 5}, {"x": NODES, "graph_index": G}),
    (generators, {"n": 4}, {}),
    (on_nodes, {"n": 4}, {}),
    (Gauges, {"n": 4}, {}),
    (GaugeConv, {"in_channels": 2, "out_channels": 3, "in_order": 1, "out_order": 2}, {}),
    (IsotropicConv, {"in_channels": 2, "out_channels": 3}, {}),
    (kernel_basis, {"in_order": 1, "out_order": 2}, {"direction": torch.zeros(3)}),
    (Gate, {"channels": 2, "order": 1}, {}),
    (NormReLU, {"channels": 2, "order": 1}, {}),
    (SampledReLU, {"order": 1, "samples": 8}, {}),
    (GaugeNet, {"channels": 2, "order": 1, "layers": 2}, {}),
    (Connection, {"n": 4}, {"edge_index": EDGES, "transports": G[:4] + 0.0, "directions": G + 0.0}),
    (DiffusionBlock, {"channels": 4, "hidden": 1}, {}),
    (DiffusionNet, {"in_channels": 2, "out_channels": 3, "channels": 4, "blocks": 2}, {}),
]  # fmt: skip


def said(made) -> str:
    return str(made) if not callable(made) or isinstance(made, torch.nn.Module) else "a function"


@pytest.mark.parametrize(("make", "sizes", "others"), SIZES)
def test_sizes_of_any_whole_numbers_and_of_no_others(make, sizes, others):
    expected = said(make(**sizes, **others))
    forms = (
        np.int64,
        np.uint8,
        np.array,
        torch.tensor,
        lambda k: torch.tensor([k], dtype=torch.int8),
    )
    for form in forms:
        made = make(**{name: form(size) for name, size in sizes.items()}, **others)
        assert said(made) == expected
        if isinstance(made, torch.nn.Module):
            kept = [x for x in vars(made).values() if isinstance(x, (np.generic, torch.Tensor))]
            assert not kept
    for name, size in sizes.items():
        for wrong in (True, float(size), np.float64(size), np.True_, torch.tensor(float(size)),
                      torch.tensor(True), str(size), [size]):  # fmt: skip
            with pytest.raises(ValueError, match=rf"{name}\w* must be"):
                make(**(sizes | {name: wrong}), **others)


@pytest.mark.parametrize("form", [np.int64, np.int8, torch.tensor, np.array])
def test_elements_of_any_whole_numbers(form):
    two = (form(1), form(2))
    assert torch.equal(shift(two, IMAGE), shift((1, 2), IMAGE))
    assert torch.equal(shift(np.array([1, 2]), IMAGE), shift((1, 2), IMAGE))
    assert torch.equal(coarse_shift(2)((form(2),), IMAGE), shift((1,), IMAGE))
    torch.testing.assert_close(fourier_shift(two, IMAGE), fourier_shift((1, 2), IMAGE))
    assert torch.equal(turn(form(3), IMAGE), turn(3, IMAGE))
    flipped = (form(1), form(1))
    assert torch.equal(turn_and_mirror(flipped, IMAGE), turn_and_mirror((1, 1), IMAGE))
    assert torch.equal(
        lattice_matrix(SQUARE, Dihedral(4), flipped), lattice_matrix(SQUARE, Dihedral(4), (1, 1))
    )
    assert torch.equal(
        lattice_sources(HEXAGONAL, C6, form(2), 5), lattice_sources(HEXAGONAL, C6, 2, 5)
    )
    for group, g, plain in ((C4, form(3), 3), (p4(6), (two, form(3)), ((1, 2), 3))):
        for action, x in ((act_on_plane, IMAGE), (act_on_group_signal, LIFTED)):
            assert torch.equal(action(group)(g, x), action(group)(plain, x))
    assert torch.equal(rotate_group_signal(C4)(form(1), LIFTED), rotate_group_signal(C4)(1, LIFTED))
    assert Cyclic(form(4)) == C4
    assert hash(Dihedral(form(4))) == hash(Dihedral(4))
    assert Translations((form(4), form(6))) == Translations((4, 6))


def test_turns_are_counted_modulo_all():
    for action in (act_on_plane(C4), act_on_group_signal(C4)):
        assert torch.equal(action(5, LIFTED), action(1, LIFTED))
        assert torch.equal(action(-1, LIFTED), action(3, LIFTED))


@pytest.mark.parametrize(
    "call",
    [
        lambda: shift((1.0, 2), IMAGE),
        lambda: shift((True,), IMAGE),
        lambda: shift(1, IMAGE),
        lambda: coarse_shift(2)((2.0,), IMAGE),
        lambda: turn(0.5, IMAGE),
        lambda: turn_and_mirror(1, IMAGE),
        lambda: turn_and_mirror((1, 0.5), IMAGE),
        lambda: act_on_plane(C4)(1.5, IMAGE),
        lambda: act_on_plane(Dihedral(4))(1, IMAGE),
        lambda: act_on_group_signal(C4)((1, 0), LIFTED),
        lambda: rotate_group_signal(C4)(0.25, LIFTED),
    ],
)
def test_elements_of_anything_else_are_refused_by_name(call):
    with pytest.raises(ValueError, match="g must be"):
        call()


@pytest.mark.parametrize("shape", [8, 8.0, (8.0, 8), (True, 2), "88", None])
def test_shapes_of_anything_else_are_refused_by_name(shape):
    with pytest.raises(ValueError, match="shape"):
        Translations(shape)


@pytest.mark.parametrize(
    "call",
    [
        lambda: Lifting2d(1, 2, 3, Cyclic),
        lambda: GroupConv2d(1, 2, 3, Dihedral),
        lambda: HexLifting2d(1, 2, 1, Cyclic),
        lambda: HexGroupConv2d(1, 2, 1, Dihedral),
        lambda: RotatedLifting2d(1, 2, 3, Cyclic),
        lambda: RotatedGroupConv2d(1, 2, 3, Cyclic),
        lambda: act_on_plane(Cyclic),
        lambda: act_on_plane(PlaneGroup),
        lambda: act_on_group_signal(Dihedral),
        lambda: rotate_group_signal(Cyclic),
        lambda: PlaneGroup(8, Cyclic),
        lambda: lattice_matrix(SQUARE, Cyclic, 1),
        lambda: lattice_sources(SQUARE, Cyclic, 1, 3),
        lambda: filter_sources(Cyclic, SQUARE, 3, lifting=True),
        lambda: cayley_table(Cyclic),
        lambda: inverse_table(Dihedral),
        lambda: orders(Cyclic),
        lambda: orbit(Cyclic, lambda g, p: p, 0),
        lambda: orbits(Cyclic, lambda g, p: p, [0]),
        lambda: stabiliser(Cyclic, lambda g, p: p, 0),
        lambda: trivial(Cyclic),
        lambda: regular(Cyclic),
        lambda: permutation(Cyclic, lambda g, p: p, [0]),
        lambda: vector(Cyclic),
        lambda: irreducibles(Dihedral),
        lambda: irreducible(Cyclic, 0),
        lambda: Representation(Cyclic, torch.ones(1, 1, 1)),
        lambda: Product(Cyclic, C4),
    ],
)
def test_a_class_for_one_of_its_groups_is_refused_by_name(call):
    with pytest.raises(
        ValueError, match=r"(group|first) must be a group, such as \w+\(4\), got the class"
    ):
        call()


@pytest.mark.parametrize("lattice", ["hexagonal", 6, None])
def test_what_is_no_lattice_is_refused_by_name(lattice):
    for call in (
        lambda: act_on_plane(C4, lattice),
        lambda: PlaneGroup(4, C4, lattice),
        lambda: GlobalGroupPool(lattice=lattice),
        lambda: lattice_matrix(lattice, C4, 1),
    ):
        with pytest.raises(ValueError, match="lattice must be SQUARE or HEXAGONAL"):
            call()


@pytest.mark.parametrize(
    "group",
    [
        Translations((4, 4)),
        C4,
        Dihedral(6),
        Permutations(5),
        Gauges(5),
        p4m(4),
        p6(5),
        Product(C4, C6),
    ],
    ids=repr,
)
def test_groups_draw_on_the_device_of_their_generator(group):
    """Not on the default device: elements would meet tensors of another."""
    rng, again = (torch.Generator().manual_seed(1) for _ in range(2))
    g, h = group.sample(rng), group.sample(rng)
    with torch.device("meta"):
        found = group.compose(group.sample(again), group.inverse(group.sample(again)))
        found = group.compose(found, group.identity())
    expected = group.compose(group.compose(g, group.inverse(h)), group.identity())
    torch.testing.assert_close(found, expected)


def test_actions_stay_on_the_device_of_the_signal():
    g = torch.tensor([1, 0, 3, 2])
    calls = [
        lambda: act_on_plane(p4m(6))(((1, 2), (1, 1)), IMAGE),
        lambda: act_on_group_signal(C4)(1, LIFTED),
        lambda: rotate_group_signal(Cyclic(4))(1, LIFTED),
        lambda: fourier_shift((0.5,), IMAGE),
        lambda: shift((1,), IMAGE),
        lambda: relabel(g, NODES),
        lambda: relabel_edges(g, EDGES),
        lambda: relabel_matrix(g, NODES @ NODES.T),
        lambda: rotate_features(g + 0.5, NODES[:, None]),
        lambda: change_connection(g + 0.5, Connection(4, EDGES, g + 0.0, g + 0.0)).transports,
        lambda: kernel_basis(1, 2, NODES[0]),
    ]
    expected = [call() for call in calls]
    with torch.device("meta"):
        for call, value in zip(calls, expected):
            assert torch.equal(call(), value)
        assert to_hexagons(IMAGE, 2).device.type == "cpu"
        assert regular(C4).matrices.device.type == "cpu"
        assert cycle_counts(EDGES, 4).sum() == 3
    assert relabel_edges(g, EDGES.to("meta")).is_meta
    assert relabel(g, NODES.to("meta")).is_meta
    assert change_features(g + 0.5, NODES[:, None].to("meta")).is_meta
    elsewhere = Connection(4, EDGES, g + 0.0, g + 0.0).to("meta")
    assert change_connection(g + 0.5, elsewhere).directions.is_meta


def test_the_helpers_by_hand():
    assert whole("n", np.int8(3), 3) == 3
    assert positive(a=1, b=np.uint8(2)) == (1, 2)
    with pytest.raises(ValueError, match="n must be at least 3, got 2"):
        whole("n", 2, 3)
    with pytest.raises(ValueError, match="a, b and c must be positive, got 1, 0 and 2"):
        positive(a=1, b=0, c=2)
    with pytest.raises(ValueError, match="a must be positive, got 0"):
        positive(a=0)
    assert indices("i", EDGES, (2, "E")) is EDGES
    assert indices("i", [3, 1], ("n",)).tolist() == [3, 1]
    with pytest.raises(ValueError, match=r"i must be \(3,\) of whole numbers, got \(2,\) int64"):
        indices("i", [3, 1], (3,))
    with pytest.raises(ValueError, match="i must be from 0 to 1, got 0 to 3"):
        check_range("i must be from", G, 2)
    assert destination(NODES, torch.float16) == (torch.device("cpu"), torch.float32)
