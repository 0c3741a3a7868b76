"""The measuring instruments: what they must measure, and what they must refuse."""

import functools
import math
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from gdl_utils import check_action, check_group, equivariance_error
from gdl_utils.gauges.actions import Gauges, change_features
from gdl_utils.graphs.actions import Permutations, relabel, relabel_edges, relabel_matrix
from gdl_utils.graphs.layers import GraphConv
from gdl_utils.graphs.sparse import Adjacency
from gdl_utils.grids.actions import Translations, shift
from gdl_utils.groups.elements import Cyclic, Dihedral, Product, cayley_table, orbit

RNG = torch.Generator().manual_seed(0)
X = torch.randn(2, 1, 8, 8, generator=RNG, dtype=torch.float64)
RAMP = torch.linspace(0, 1, 8, dtype=torch.float64)  # what no shift leaves alone
GROUP = Translations((8, 8))
NODES = torch.randn(7, 3, generator=RNG, dtype=torch.float64)
EDGES = torch.tensor([[0, 1, 2, 3, 4, 5, 0, 0, 2], [1, 2, 3, 4, 5, 0, 2, 2, 2]])
RELABELLINGS = Permutations(7)


def measure(f, x=X, act_in=shift, act_out=shift, group=GROUP, **how):
    return equivariance_error(f, group, act_in, act_out, x, **how)


def on_nodes(f, act_out, x=NODES, act_in=relabel, **how):
    return equivariance_error(f, RELABELLINGS, act_in, act_out, x, **how)


class OneRow(nn.Module):
    """Adds c to one pixel: the error must be c beside the spread, whatever the map's size."""

    def __init__(self, c):
        super().__init__()
        self.c = c

    def forward(self, x):
        bump = torch.zeros_like(x)
        bump[..., 0, 0] = self.c
        return x + bump


def test_hand_computed_error():
    signs = torch.tensor([1.0, -1, 1, -1], dtype=torch.float64)
    f = lambda x: x + torch.tensor([2.0, 0, 0, -2], dtype=x.dtype)  # noqa: E731
    error = equivariance_error(f, Translations((4,)), shift, shift, signs, n=50)
    # f(x) = (3, -1, 1, -3) has the variance 5; by one step, (2, 0, 0, -2) becomes (-2, 2, 0, 0)
    assert error == pytest.approx(4 / 5**0.5)


def test_the_elements_are_those_that_the_seed_draws():
    """A loop written by hand, with the same seed, finds the same error."""
    f, x = lambda x: x.cumsum(-1), X[:1]
    spread = float(f(x).std(correction=0))
    rng, worst = torch.Generator().manual_seed(7), 0.0
    for _ in range(3):
        g = GROUP.sample(rng)
        worst = max(worst, float((f(shift(g, x)) - shift(g, f(x))).abs().max() / spread))
    found = measure(f, x=x, n=3, seed=7)
    assert found == pytest.approx(worst, rel=1e-12)


def test_exact_symmetry_is_zero_and_none_is_large():
    assert measure(torch.sin) == 0
    assert measure(lambda x: x.cumsum(-1)) > 0.1


def test_a_border_error_is_not_diluted_by_a_large_image():
    errors = []
    for n in (8, 64):
        x = torch.randn(1, 1, n, n, generator=torch.Generator().manual_seed(0))
        errors.append(measure(OneRow(5.0), x=x, group=Translations((n, n))))
    assert errors[1] > errors[0] > 3


def test_a_large_invariant_output_does_not_hide_a_broken_one():
    f = lambda x: (1e9 + x.sum(), x.cumsum(-1))  # noqa: E731
    assert measure(f, act_out=(None, shift)) > 0.1


def test_each_argument_has_its_own_action():
    where = torch.zeros(8, 8, dtype=torch.float64)
    where[2, 3] = 1.0
    f = lambda x, mask: x * mask  # noqa: E731
    assert equivariance_error(f, GROUP, (shift, shift), shift, (X, where)) == 0
    assert equivariance_error(f, GROUP, (shift, None), shift, (X, where)) > 0.1


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_non_finite_outputs_are_infinitely_wrong(bad):
    f = lambda x: torch.where(x > 1, bad, x)  # noqa: E731
    assert measure(f) == math.inf
    assert measure(lambda x: x * math.nan) == math.inf


@pytest.mark.parametrize(
    ("f", "how", "message"),
    [
        (lambda x: 0 * x, {}, "output 0 is zero everywhere"),
        (lambda x: torch.ones(3), {"act_out": None}, "output 0 does not depend on the inputs"),
        (lambda x: (x, torch.ones(3)), {"act_out": (shift, None)}, "output 1 does not depend"),
        (lambda x: x + torch.rand(()), {}, "f must be deterministic"),
        (lambda x: x, {"act_in": (shift, shift)}, "acts_in must give one action for each of 1"),
        (lambda x: x, {"act_out": (None, None)}, "acts_out must give one action for each of 1"),
        (lambda x: x, {"act_out": lambda g, y: y[0]}, "output 0 must keep its shape"),
        (lambda x: "no tensor", {}, "f must return tensors, got str"),
        (lambda x: x[:0], {}, "got an empty output 0"),
        (lambda x: x, {"n": 0}, "n must be at least 1, got 0"),
        (lambda x: x, {"x": torch.ones(1, 1, 8, 8)}, "inputs must be moved by the group"),
        (torch.sin, {"group": Translations((6, 8))}, "group must fit input 0: .* is not x"),
        (torch.sin, {"group": "shifts"}, "group must have the methods .* got str"),
        (nn.Sequential(nn.Dropout()), {}, "call f.eval"),
        (nn.Sequential(nn.BatchNorm2d(1).double()), {}, "layer '0' .BatchNorm2d. is training"),
    ],
)
def test_what_would_mean_nothing_is_refused(f, how, message):
    with pytest.raises(ValueError, match=message):
        measure(f, **how)


def test_nothing_is_changed_by_measuring():
    layer = nn.BatchNorm2d(1).double().eval()
    before = {k: v.clone() for k, v in layer.state_dict().items()}
    measure(layer)
    assert all(torch.equal(before[k], v) for k, v in layer.state_dict().items())
    assert not layer.training


def test_same_seed_same_error():
    f = lambda x: x.cumsum(-1).cumsum(-2)  # noqa: E731
    assert measure(f, n=1, seed=3) == measure(f, n=1, seed=3) != measure(f, n=1, seed=4)


def test_check_action_refuses_and_measures():
    assert check_action(shift, GROUP, X) == 0
    assert check_action(lambda g, x: x + 1, GROUP, X) > 0.1  # e·x is not x
    assert check_action(lambda g, x: x * math.nan, GROUP, X) == math.inf
    with pytest.raises(ValueError, match="e·x must keep its shape"):
        check_action(lambda g, x: x[0], GROUP, X)


@dataclass(frozen=True)
class Broken(Cyclic):
    """Subtraction is not a group law: it is not associative."""

    def compose(self, g, h):
        return (g - h) % self.n


def test_check_group_catches_a_law_that_fails():
    assert check_group(Cyclic(5)) == 0
    assert check_group(Broken(5)) >= 1
    with pytest.raises(ValueError, match="n must be at least 1"):
        check_group(Cyclic(5), n=-1)


@dataclass(frozen=True)
class TwoForms(Cyclic):
    def compose(self, g, h):
        return (g, h)


def test_check_group_refuses_elements_of_two_forms():
    with pytest.raises(ValueError, match="elements must have one"):
        check_group(TwoForms(5))


@dataclass(frozen=True)
class NotANumber(Cyclic):
    def compose(self, g, h):
        return math.nan


def test_check_group_does_not_overlook_nan():
    assert check_group(NotANumber(5)) == math.inf


# ------------------------------------------------------------------- nothing hides what is broken


@dataclass
class Graph:
    """A container of the caller's own."""

    x: torch.Tensor
    edges: torch.Tensor


def move_graph(g, graph):
    return Graph(relabel(g, graph.x), relabel_edges(g, graph.edges))


def change_gauge_of_one(v):
    """A loud scalar, and a first pair of which one component is rectified."""
    return torch.cat([1e9 * v[..., :1], v[..., 1:2].abs(), v[..., 2:]], -1)


EACH = {"a": relabel, "b": relabel}
VECTORS = torch.randn(7, 2, 5, generator=RNG, dtype=torch.float64)


@pytest.mark.parametrize(
    ("broken", "how"),
    [
        (lambda x: 1e12 + x * RAMP, {}),  # a constant
        (lambda x: torch.cat([1e9 * x, x * RAMP], 1), {}),  # (B, C, H, W)
        (lambda x: torch.cat([1e9 * x, x * RAMP], 0), {"x": X[0]}),  # (C, H, W)
        (lambda x: x * RAMP, {"x": torch.cat([1e9 * X, X], 1)}),  # loud is the input
        (lambda x: (x - x.mean()) * RAMP, {"x": X + 1e6}),
        (lambda x: torch.stack([1e9 * x.sum(), x[0, 0, 0, 0]]), {"act_out": None}),  # (C,)
        (lambda x: torch.stack([1e12 + x.sum(), 1 + x[0, 0, 0, 0]]), {"act_out": None}),
        (lambda x: torch.cat([1e9 * x, x.cumsum(0)], 1), {"on": "nodes"}),  # (N, C)
        (lambda x: {"a": 1e9 * x, "b": x.cumsum(0)}, {"on": "nodes", "act": EACH}),
        (change_gauge_of_one, {"on": "frames"}),  # (V, C, 2m + 1)
        (lambda x: torch.exp(20 * x) * RAMP, {}),  # outputs over many orders of magnitude
    ],
)  # fmt: skip
def test_nothing_loud_hides_what_is_broken(broken, how):
    on, act = how.pop("on", None), how.pop("act", relabel)
    if on == "nodes":
        error = on_nodes(broken, act)
    elif on == "frames":
        error = measure(broken, VECTORS, change_features, change_features, Gauges(7))
    else:
        error = measure(broken, **how)
    assert 0.5 < error < 100


def test_what_is_loud_and_right_stays_exact():
    assert measure(lambda x: torch.cat([1e9 * x, 1e-9 * x + 1], 1)) <= 1e-6
    assert measure(lambda x: torch.cat([1e9 * x, x.sin()], 1)) == 0
    loud = lambda v: torch.cat([1e9 * v[..., :1], v[..., 1:]], -1)  # noqa: E731
    assert measure(loud, VECTORS, change_features, change_features, Gauges(7)) == 0


def test_an_energy_with_a_large_constant_in_single_precision():
    x = X.float()
    for broken in (
        lambda x: -2000 + 0.01 * (x * RAMP.float()).sum((1, 2, 3)),
        lambda x: -2000 + 0.01 * (x * RAMP.float()).sum(),
    ):
        assert measure(broken, x, act_out=None) > 0.1
    with pytest.raises(ValueError, match="does not depend"):  # it is lost in the rounding
        measure(lambda x: -2000 + 1e-6 * (x * RAMP.float()).sum(), x, act_out=None)


def test_the_size_of_a_channel_and_what_is_added_to_it_do_not_matter():
    plain = measure(lambda x: x * RAMP)
    for a, b in ((1e-6, 0), (1e6, 0), (1, 1e6), (-3, 5)):
        assert measure(lambda x: a * x * RAMP + b) == pytest.approx(plain, rel=1e-6)  # noqa: B023


def test_a_silent_channel_is_measured_beside_the_others():
    assert measure(lambda x: torch.cat([x, 0 * x], 1)) == 0
    assert measure(lambda x: torch.cat([x, 0 * x + 3], 1)) == 0
    assert measure(lambda x: torch.cat([x, 0 * x + RAMP], 1)) > 0.5


# --------------------------------------------------------------------- inputs and outputs in nests

BOTH = (relabel, relabel_edges)
NESTS = {  # how the two tensors stand, how the nest is moved, and how f reads them
    "dict": (
        {"x": NODES, "e": EDGES},
        lambda g, d: {"x": relabel(g, d["x"]), "e": relabel_edges(g, d["e"])},
        lambda d: (d["x"], d["e"]),
    ),
    "dict, an action for each": (
        {"x": NODES, "e": EDGES}, {"x": relabel, "e": relabel_edges}, lambda d: (d["x"], d["e"]),
    ),
    "list": ([NODES, EDGES], [BOTH], lambda v: v),
    "in a tuple": (([NODES, (EDGES,)],), [(relabel, (relabel_edges,))], lambda v: (v[0], v[1][0])),
    "dataclass": (Graph(NODES, EDGES), move_graph, lambda d: (d.x, d.edges)),
}  # fmt: skip


@pytest.mark.parametrize("name", NESTS)
def test_nested_inputs_are_seen(name):
    inputs, act, read = NESTS[name]
    ask = lambda f, out: on_nodes(lambda v: f(*read(v)), out, inputs, act)  # noqa: E731
    assert ask(lambda x, e: x.cos(), relabel) == 0
    assert ask(lambda x, e: torch.bincount(e[1], minlength=7), relabel) == 0
    assert ask(lambda x, e: x.cumsum(0), relabel) > 0.1
    with pytest.raises(ValueError, match="does not depend"):
        ask(lambda x, e: torch.ones(3), None)
    still = (lambda g, v: v) if callable(act) or isinstance(act, dict) else [lambda g, v: v]
    with pytest.raises(ValueError, match="inputs must be moved"):
        on_nodes(lambda v: read(v)[0].sum(), None, inputs, still)


def test_graphs_of_pytorch_geometric_are_seen():
    from torch_geometric.data import Batch, Data, HeteroData

    def act(g, data):
        data = data.clone()
        data.x, data.edge_index = relabel(g, data.x), relabel_edges(g, data.edge_index)
        return data

    data = Data(x=NODES, edge_index=EDGES)
    assert on_nodes(lambda d: d.x.sum(0), None, data, act) < 1e-12
    assert on_nodes(lambda d: d.x[0], None, data, act) > 0.1
    assert on_nodes(lambda d: act(torch.arange(7), d), act, data, act) == 0  # as an output, too
    for graph in (data, Batch.from_data_list([data])):
        with pytest.raises(ValueError, match="does not depend"):
            on_nodes(lambda d: torch.ones(2), None, graph, act)
        with pytest.raises(ValueError, match="inputs must be moved"):
            on_nodes(lambda d: d.x.sum(), None, graph, lambda g, d: d)

    def act_on_kinds(g, data):
        data = data.clone()
        data["atom"].x = relabel(g, data["atom"].x)
        return data

    kinds = HeteroData()
    kinds["atom"].x, kinds["bond"].x = NODES, NODES[:2]
    assert on_nodes(lambda d: d["atom"].x.sum(0), None, kinds, act_on_kinds) < 1e-12
    with pytest.raises(ValueError, match="does not depend"):
        on_nodes(lambda d: d["bond"].x, None, kinds, act_on_kinds)


def test_nested_outputs_are_measured_one_by_one():
    f = lambda x: {"field": x.sin(), "rest": (x.sum(), [x.cumsum(-1)])}  # noqa: E731
    acts = {"field": shift, "rest": (None, [shift])}
    assert measure(f, act_out=acts) > 0.1
    assert measure(lambda x: {"y": x, "unused": None}, act_out={"y": shift, "unused": None}) == 0
    graphs = lambda v: Graph(2 * v.x, v.edges)  # noqa: E731
    assert on_nodes(graphs, move_graph, Graph(NODES, EDGES), move_graph) == 0
    for bad, message in (
        ({"y": 0 * X}, r"output 0\['y'\] is zero everywhere"),
        ({"y": torch.ones(2)}, r"output 0\['y'\] does not depend"),
        ({"y": "text"}, r"got str as output 0\['y'\]"),
        ({"y": X[:0]}, r"an empty output 0\['y'\]"),
        ({}, "f must return tensors, got none in output 0"),
        ({"z": X}, r"actions must be given for \['z'\], got \['y'\]"),
    ):
        with pytest.raises(ValueError, match=message):
            measure(lambda x: bad, act_out={"y": None})  # noqa: B023
    with pytest.raises(ValueError, match=r"given a whole dict and failed .* one action"):
        measure(lambda x: {"y": x})


WAVE = torch.randn(8, generator=RNG, dtype=torch.complex128)
COUNTS = torch.randint(9, (8,), generator=RNG)


@pytest.mark.parametrize("x", [WAVE, COUNTS, COUNTS.float(), COUNTS > 4, COUNTS.numpy()])
def test_signals_of_every_type(x):
    act = shift if isinstance(x, torch.Tensor) else lambda g, a: np.roll(a, g)
    ask = lambda f, out=act: measure(f, x, act, out, Translations((8,)))  # noqa: E731
    assert ask(lambda v: v * v) == 0
    assert ask(lambda v: v.sum(), None) <= 1e-6
    assert ask(lambda v: v.cumsum(0)) > 0.1
    for constant in (torch.ones(2), torch.ones(2, dtype=torch.complex64), torch.arange(3)):
        with pytest.raises(ValueError, match="does not depend"):
            ask(lambda v: constant, None)  # noqa: B023
    with pytest.raises(ValueError, match="inputs must be moved"):
        measure(lambda v: v.sum(), x, lambda g, v: v, None, Translations((8,)))


def test_imaginary_parts_count():
    turn = torch.exp(1j * torch.arange(8, dtype=torch.float64))
    ask = lambda f: measure(f, WAVE, group=Translations((8,)))  # noqa: E731
    assert ask(lambda z: z.abs() + 1j * (z * turn).real) > 0.1
    assert ask(lambda z: torch.complex(z.real, 1e-9 * z.imag)) == 0


def test_sparse_tensors_are_signals():
    matrix = torch.zeros(7, 7, dtype=torch.float64)
    matrix[tuple(EDGES)] = 1.0

    def act(g, a):
        order = torch.argsort(g)
        return a.to_dense()[order][:, order].to_sparse()

    ask = lambda f: on_nodes(f, relabel, (NODES, matrix.to_sparse()), (relabel, act))  # noqa: E731
    assert ask(lambda x, a: a @ x) <= 1e-12
    assert ask(lambda x, a: (a @ x).cumsum(0)) > 0.1


# -------------------------------------------------------------- what depends on nothing that moves


def test_what_is_not_moved_does_not_count():
    ask = lambda f: on_nodes(f, None, (NODES, EDGES), (None, relabel_edges))  # noqa: E731
    with pytest.raises(ValueError, match="output 0 does not depend"):
        ask(lambda x, e: x)
    degrees = lambda x, e: torch.bincount(e[1], minlength=7)  # noqa: E731
    assert ask(lambda x, e: x.sum() * degrees(x, e).square().sum()) == 0


def test_outputs_of_the_structure_alone():
    degrees = lambda *v: torch.bincount(v[-1][1], minlength=7)  # noqa: E731
    assert on_nodes(degrees, relabel, EDGES, relabel_edges) == 0
    assert on_nodes(degrees, relabel, (NODES, EDGES), BOTH) == 0
    assert on_nodes(lambda e: degrees(e).msort(), None, EDGES, relabel_edges) == 0
    assert on_nodes(lambda e: e[0], None, EDGES, relabel_edges) > 0.1
    with pytest.raises(ValueError, match="does not depend"):
        on_nodes(lambda e: torch.tensor(e.shape[1]), None, EDGES, relabel_edges)


def test_actions_of_signs_and_phases():
    """Every entry of a crossing has the old absolute value: the inputs must vary otherwise."""
    flip = lambda g, x: -x if g else x  # noqa: E731
    assert measure(torch.abs, act_in=flip, act_out=None, group=Cyclic(2)) == 0
    turn = lambda g, z: z * torch.polar(torch.ones_like(g), g)  # noqa: E731
    assert measure(torch.abs, WAVE, turn, None, Gauges(8)) < 1e-12


def conjugate(g, a):
    order = torch.argsort(g)
    return a[order][:, order]


def positive_definite(rng):
    a = torch.randn(4, 4, generator=rng, dtype=torch.float64)
    return a @ a.T + torch.eye(4)


def log_volume(a):
    if not torch.equal(a, a.T):
        raise ValueError("a must be symmetric")
    return torch.linalg.cholesky(a).diagonal().log().sum()


def test_inputs_with_constraints_are_drawn_by_the_caller():
    matrix = positive_definite(RNG)
    ask = lambda f, **how: measure(f, matrix, conjugate, None, Permutations(4), **how)  # noqa: E731
    with pytest.raises(ValueError, match=r"f fails on others .*a must be symmetric.*redraw="):
        ask(log_volume)
    assert ask(log_volume, redraw=positive_definite) < 1e-12
    assert ask(lambda a: log_volume(a) + a[0, 0], redraw=positive_definite) > 0.1
    with pytest.raises(ValueError, match="does not depend"):
        ask(lambda a: torch.ones(1), redraw=positive_definite)
    with pytest.raises(ValueError, match="redraw must draw 1 arguments of f, got 2"):
        ask(log_volume, redraw=lambda rng: (matrix, matrix))
    chances = torch.softmax(NODES[:, 0], 0)

    def entropy(p):
        assert p.sum() == pytest.approx(1)
        return -(p * p.log()).sum()

    draw = lambda rng: torch.softmax(torch.randn(7, generator=rng).double(), 0)  # noqa: E731
    assert on_nodes(entropy, None, chances, redraw=draw) < 1e-12


# ----------------------------------------------------------------------- f as it is, and unchanged


def normalised():
    return nn.Sequential(nn.Conv2d(1, 2, 1), nn.BatchNorm2d(2)).double()


class Holder:
    def __init__(self, net):
        self.net = net

    def __call__(self, x):
        return self.net(x)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda net: net,
        lambda net: lambda x: net(x),
        lambda net: net.forward,
        lambda net: functools.partial(lambda net, x: net(x), net),
        lambda net: functools.partial(net.forward),
        Holder,
        lambda net: Holder(lambda x: net.forward(x)),
        lambda net: lambda x: net[1].forward(net[0](x)),
        lambda net: (
            lambda x: F.batch_norm(
                net[0](x), net[1].running_mean, net[1].running_var, training=True
            )
        ),
        lambda net: (
            lambda x: torch.batch_norm(
                net[0](x),
                None,
                None,
                *list(net[1].buffers())[:2],
                net[1].training,
                0.1,
                1e-5,
                False,
            )
        ),
        lambda net: (
            lambda x: torch.native_batch_norm(
                net[0](x), None, None, *list(net[1].buffers())[:2], net[1].training, 0.1, 1e-5
            )[0]
        ),
        lambda net: lambda x: net[0](F.dropout(x)),
        lambda net: torch.compile(lambda x: net(x), backend="eager"),
    ],
)
def test_training_mode_is_found_wherever_it_hides(wrap):
    net = normalised()
    f, before = wrap(net), [b.clone() for b in net.buffers()]
    with pytest.raises(ValueError, match="f must be in evaluation mode"):
        measure(f)
    assert all(torch.equal(a, b) for a, b in zip(before, net.buffers()))
    assert net.training
    net.eval()
    if "F" not in getattr(getattr(f, "__code__", None), "co_names", ()):
        assert measure(f) == 0


def test_what_is_compiled_already_calls_no_hooks():
    net = normalised()
    f = torch.compile(lambda x: net(x), backend="aot_eager")
    f(X)
    before = net[1].running_mean.clone()
    with pytest.raises(ValueError, match=r"BatchNorm2d. is training"):
        measure(f)
    assert torch.equal(net[1].running_mean, before)
    assert measure(torch.compile(net.eval(), backend="eager", fullgraph=True)) == 0


class Remembers(nn.Module):
    """Keeps a running mean, as batch norm does, without being one."""

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.zeros((), dtype=torch.float64))
        self.register_buffer("calls", torch.zeros((), dtype=torch.int64))

    def forward(self, x):
        self.calls = self.calls + 1  # another tensor in the same place
        if self.training:
            self.mean.mul_(0.9).add_(0.1 * x.mean())
        return x - x.mean()


def test_buffers_are_what_they_were():
    layer = Remembers()
    with pytest.raises(ValueError, match="Remembers is training and changed its buffer"):
        measure(lambda x: layer(x))
    assert layer.mean == layer.calls == 0
    layer.eval()
    assert measure(lambda x: layer(x)) < 1e-12
    assert layer.mean == layer.calls == 0


def test_layers_that_do_not_care_whether_they_train():
    assert measure(nn.InstanceNorm2d(1).double()) < 1e-12
    assert measure(nn.Sequential(nn.Dropout(0.0), nn.ReLU())) == 0


def test_the_callers_tensors_stay():
    x, kept = {"x": X.clone()}, X.clone()
    in_place = nn.Sequential(nn.ReLU(inplace=True), nn.Conv2d(1, 2, 1).double())
    assert measure(in_place, x=x["x"]) == 0
    assert measure(lambda d: d.pop("x").mul_(2), x=x, act_in={"x": shift}) == 0
    act_in_place = lambda g, v: v.copy_(shift(g, v))  # noqa: E731
    assert measure(torch.sin, x["x"], act_in_place, act_in_place) == 0
    assert torch.equal(x["x"], kept)
    array = kept.numpy().copy()
    roll = lambda g, a: np.roll(a, g, (-2, -1))  # noqa: E731
    assert measure(lambda a: np.multiply(a, 2, out=a), array, roll, roll) == 0
    assert np.array_equal(array, kept.numpy())


def test_an_output_that_f_writes_over_next_time():
    out = torch.zeros_like(X)
    assert measure(lambda x: torch.mul(x, RAMP, out=out)) > 0.1


def potential(positions):
    """An energy, and the forces that belong to it."""
    p = positions if positions.requires_grad else positions.clone().requires_grad_()
    energy = torch.exp(-torch.cdist(p, p)).triu(1).sum()
    return energy, -torch.autograd.grad(energy, p)[0]


class Rotations:
    def sample(self, rng):
        return torch.linalg.qr(torch.randn(3, 3, generator=rng, dtype=torch.float64))[0]

    def identity(self):
        return torch.eye(3, dtype=torch.float64)

    def compose(self, g, h):
        return g @ h

    def inverse(self, g):
        return g.T


def rotate(g, x):
    return x @ g.T


@pytest.mark.parametrize("around", [torch.enable_grad, torch.no_grad, torch.inference_mode])
def test_an_energy_with_its_forces(around):
    with around():
        ask = functools.partial(equivariance_error, acts_in=rotate, inputs=NODES)
        assert ask(potential, Rotations(), acts_out=(None, rotate)) < 1e-12
        crooked = lambda p: (potential(p)[0], potential(p)[1].abs())  # noqa: E731
        assert ask(crooked, Rotations(), acts_out=(None, rotate)) > 0.1
    wanted = NODES.clone().requires_grad_()
    assert ask(potential, Rotations(), acts_out=(None, rotate), inputs=wanted) < 1e-12
    assert wanted.grad is None


def test_sums_in_another_order_are_not_random():
    calls = iter(range(1000))
    assert measure(lambda x: x * (1 + 1e-14 * next(calls))) < 1e-10
    for noise in (1e-3, 1e-9):
        with pytest.raises(ValueError, match="f must be deterministic"):
            measure(lambda x: x + noise * torch.rand(()).double())  # noqa: B023
    with pytest.raises(ValueError, match="f must be deterministic"):
        measure(lambda x: x[: 1 + next(calls) % 2])
    with pytest.raises(ValueError, match="does not depend"):  # noise is not a dependence
        measure(lambda x: torch.ones(50) * (1 + 1e-14 * torch.rand(50).double()), act_out=None)


def test_devices_are_named():
    layer = nn.Conv2d(1, 1, 1).to("meta")
    with pytest.raises(ValueError, match="'weight' of Conv2d is on the device meta"):
        measure(lambda x: layer(x), x=X.float())
    with pytest.raises(ValueError, match="but output 0 is on the device meta"):
        measure(lambda x: x.to("meta"))
    weight = torch.ones(8, 8, device="meta", dtype=torch.float64)
    with pytest.raises(ValueError, match="on one device, but matmul is given tensors on meta"):
        measure(lambda x: x @ weight)


# ------------------------------------------------------------------------- classes and other forms


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: measure(torch.sin, group=Translations), "Translations"),
        (lambda: check_group(Cyclic), "Cyclic"),
        (lambda: check_action(shift, Translations, X), "Translations"),
        (lambda: Product(Cyclic(2), Cyclic), "Cyclic"),
        (lambda: cayley_table(Dihedral), "Dihedral"),
        (lambda: orbit(Cyclic, lambda g, p: p, 0), "Cyclic"),
    ],
)
def test_a_class_in_the_place_of_a_group(call, name):
    message = rf"(group|second) must be an instance, got the class {name}: write {name}\(...\)"
    with pytest.raises(ValueError, match=message):
        call()


def test_check_action_sees_nests_and_quiet_channels():
    backwards = lambda g, x: x[g]  # noqa: E731
    loud = torch.cat([1e9 * NODES, NODES + 1e9], 1)
    half = lambda g, x: torch.cat([relabel(g, x[:, :3]), backwards(g, x[:, 3:])], 1)  # noqa: E731
    assert check_action(relabel, RELABELLINGS, loud) == 0
    assert check_action(half, RELABELLINGS, loud) > 0.1
    assert check_action(move_graph, RELABELLINGS, Graph(NODES, EDGES)) == 0
    wrong = lambda g, v: Graph(relabel(g, v.x), v.edges[:, : len(v.edges[0]) // 2])  # noqa: E731
    with pytest.raises(ValueError, match="must keep its shape"):
        check_action(wrong, RELABELLINGS, Graph(NODES, EDGES))
    for still in (torch.ones(7, 3), torch.zeros(7, 3)):
        with pytest.raises(ValueError, match="x must be moved by the group"):
            check_action(backwards, RELABELLINGS, still)
    nothing = NODES.clone()
    assert check_action(lambda g, x: x.copy_(relabel(g, x)), RELABELLINGS, nothing) == 0
    assert torch.equal(nothing, NODES)


class Phases:
    """Turns as complex numbers, kept in a dictionary beside a name."""

    def __init__(self, wrong=1.0):
        self.wrong = wrong

    def sample(self, rng):
        angle = torch.rand((), generator=rng, dtype=torch.float64)
        return {"z": torch.polar(torch.ones_like(angle), angle), "name": "turn"}

    def identity(self):
        return {"z": torch.ones((), dtype=torch.complex128), "name": "turn"}

    def compose(self, g, h):
        return {"z": g["z"] * h["z"] * self.wrong, "name": "turn"}

    def inverse(self, g):
        return {"z": g["z"].conj(), "name": "turn"}


def test_check_group_compares_complex_numbers_and_nests():
    assert check_group(Phases()) < 1e-12
    assert check_group(Phases(1 + 0.1j)) == pytest.approx(0.1, rel=0.2)
    moves = Product(Cyclic(3), Product(Phases(), RELABELLINGS))
    assert check_group(moves) < 1e-12


class Clamped(nn.Linear):
    """Keeps its weights in bounds by writing over them, as layers with a largest norm do."""

    def forward(self, x):
        self.weight.data = self.weight.data.clamp(-0.1, 0.1)
        return super().forward(x)


@pytest.mark.parametrize("wrap", [lambda net: net, lambda net: lambda x: net(x)])
def test_parameters_gradients_and_random_numbers_are_what_they_were(wrap):
    layer = Clamped(3, 1).double()
    layer.bias.grad = torch.ones(1).double()
    weight, state = layer.weight.detach().clone(), torch.get_rng_state()

    def force(x):
        torch.rand(3)
        x = x.detach().requires_grad_()
        wrap(layer)(x).square().sum().backward()
        return x.grad

    assert on_nodes(force, relabel) < 1e-12
    assert torch.equal(layer.weight, weight)
    assert layer.weight.grad is None
    assert layer.bias.grad == 1
    assert torch.equal(torch.get_rng_state(), state)


def relabel_prepared(g, edges):
    return Adjacency(relabel_edges(g, edges.edge_index), edges.n)


def relabel_sorted(g, edges):
    edges = relabel_edges(g, edges)
    return edges[:, (7 * edges[0] + edges[1]).argsort()]


@pytest.mark.parametrize(
    ("edges", "act"), [(Adjacency(EDGES, 7), relabel_prepared), (EDGES, relabel_sorted)]
)
def test_edges_may_come_back_in_another_order(edges, act):
    layer = GraphConv(3, 2).double()
    assert on_nodes(layer, relabel, (NODES, edges), (relabel, act)) < 1e-12
    broken = lambda x, edges: layer(x * torch.arange(7)[:, None], edges)  # noqa: E731
    assert on_nodes(broken, relabel, (NODES, edges), (relabel, act)) > 0.1


MATRIX = NODES @ NODES.T


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: on_nodes(torch.sin, relabel, act_in=Permutations), "got the class Permutations"),
        (lambda: on_nodes(torch.sin, Permutations), "got the class Permutations"),
        (lambda: on_nodes(torch.sin, relabel, act_in=lambda x: x), r"called as \(g, x\)"),
        (lambda: on_nodes(torch.sin, relabel, act_in=lambda g, x: None), "must return what it mov"),
        (lambda: check_action(Permutations, RELABELLINGS, NODES), "got the class Permutations"),
        (lambda: on_nodes(torch.sin, relabel, n=2.5), "n must be a whole number, got 2.5"),
        (lambda: on_nodes(torch.sin, relabel, n="8"), "n must be a whole number, got '8'"),
        (lambda: on_nodes(torch.sin, relabel, seed=0.5), "seed must be a whole number"),
        (lambda: check_group(RELABELLINGS, seed=None), "seed must be a whole number"),
        (lambda: on_nodes(lambda x: (), ()), "f must return tensors, got an empty tuple"),
        (lambda: on_nodes(torch.sin, relabel, NODES.to("meta")), "inputs must have values"),
        (lambda: check_action(relabel, RELABELLINGS, NODES.to("meta")), "inputs must have values"),
        (lambda: on_nodes(torch.sin, relabel, redraw=3), "redraw must be a function .* got int"),
        (lambda: on_nodes(torch.sin, relabel, redraw=lambda: NODES), "redraw must draw inputs, "),
        (lambda: on_nodes(torch.sin, relabel, redraw=lambda rng: None), "of the same form"),
        (
            lambda: on_nodes(
                torch.sum, None, MATRIX, relabel_matrix, redraw=lambda rng: torch.ones(3)
            ),
            "got .*float32 with 1 axes.* in place of .*float64 with 2 axes",
        ),
    ],
)
def test_bad_actions_counts_and_draws(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_numbers_of_other_libraries():
    assert on_nodes(torch.sin, relabel, n=np.int64(4), seed=torch.tensor(3)) == 0
