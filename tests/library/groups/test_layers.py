"""Lifting and group convolutions: by hand, against plain loops, and against solving."""

import copy

import pytest
import torch
from torch import nn

from gdl_utils import equivariance_error
from gdl_utils.equivariant_maps import action_matrices, equivariant_basis
from gdl_utils.grids.layers import CircularConv2d
from gdl_utils.grids.pooling import GlobalPool2d
from gdl_utils.groups import layers as layers_module
from gdl_utils.groups.actions import act_on_group_signal, act_on_plane, turn
from gdl_utils.groups.elements import Cyclic, Dihedral
from gdl_utils.groups.lattices import HEXAGONAL, PlaneGroup, lattice_matrix, p4, p4m, p6
from gdl_utils.groups.layers import GroupConv2d, HexGroupConv2d, HexLifting2d, Lifting2d
from gdl_utils.groups.pooling import GlobalGroupPool, GroupPool, HexPool2d, SpatialPool2d
from gdl_utils.training import seeded

RNG = torch.Generator().manual_seed(0)


def randn(*shape):
    return torch.randn(*shape, generator=RNG, dtype=torch.float64)


def redrawn(layer):
    """Random weights and biases, in float64."""
    layer = layer.double()
    with torch.no_grad():
        for p in layer.parameters():
            p.copy_(randn(*p.shape))
    return layer


def summed_literally(layer, x):
    """The definition, summed term by term on the torus: no index tables, no convolution."""
    group, lattice = layer.group, layer.lattice
    elements, n, radius = group.elements(), x.shape[-1], layer.kernel_size // 2
    signal = x[:, :, None] if layer.lifting else x
    window = [tuple(v) for v in (lattice.disc(radius).nonzero() - radius).tolist()]
    y = torch.zeros(len(x), layer.weight.shape[0], len(elements), n, n, dtype=x.dtype)
    for a, h in enumerate(elements):
        back = group.inverse(h)
        matrix = lattice_matrix(lattice, group, back)
        for k in range(signal.shape[2]):
            column = 0 if layer.lifting else elements.index(group.compose(back, elements[k]))
            for v in window:
                tap = window.index(tuple((matrix @ torch.tensor(v)).tolist()))  # h⁻¹v
                weight = layer.weight[:, :, column, tap]
                seen = signal[:, :, k].roll((-v[0], -v[1]), (-2, -1))  # x(u + v)
                y[:, :, a] += torch.einsum("oc,bcij->boij", weight, seen)
    return y + layer.bias[:, None, None, None]


@pytest.mark.parametrize("group", [Cyclic(1), Cyclic(2), Cyclic(4), Dihedral(1), Dihedral(4)])
@pytest.mark.parametrize("size", [1, 3])
def test_pixels_agree_with_the_definition(group, size):
    lifting = redrawn(Lifting2d(2, 3, size, group, padding="circular"))
    conv = redrawn(GroupConv2d(3, 2, size, group, padding="circular"))
    x = randn(2, 2, 6, 6)
    lifted = lifting(x)
    torch.testing.assert_close(lifted, summed_literally(lifting, x))
    torch.testing.assert_close(conv(lifted), summed_literally(conv, lifted))


@pytest.mark.parametrize("group", [Cyclic(3), Cyclic(6), Dihedral(6)])
@pytest.mark.parametrize("radius", [0, 1, 2])
def test_hexagons_agree_with_the_definition(group, radius):
    lifting = redrawn(HexLifting2d(1, 2, radius, group, padding="circular"))
    conv = redrawn(HexGroupConv2d(2, 1, radius, group, padding="circular"))
    x = randn(1, 1, 5, 5)
    lifted = lifting(x)
    torch.testing.assert_close(lifted, summed_literally(lifting, x))
    torch.testing.assert_close(conv(lifted), summed_literally(conv, lifted))


def test_an_edge_detector_in_four_orientations():
    """A filter that looks to the right, then up, left and down."""
    layer = Lifting2d(1, 1, 3, Cyclic(4), bias=False).double()
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([0.0, 0, 0, 0, 0, 1, 0, 0, 0]).reshape(1, 1, 1, 9))
    x = torch.zeros(1, 1, 3, 3, dtype=torch.float64)
    x[0, 0] = torch.tensor([[0.0, 2, 0], [3, 0, 1], [0, 4, 0]])
    assert layer(x)[0, 0, :, 1, 1].tolist() == [1, 2, 3, 4]


def test_a_group_filter_compares_orientations():
    """A 1 × 1 filter that reads the next orientation, seen from each."""
    layer = GroupConv2d(1, 1, 1, Cyclic(4), bias=False).double()
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([0.0, 1, 0, 0]).reshape(1, 1, 4, 1))
    x = torch.arange(4.0, dtype=torch.float64).reshape(1, 1, 4, 1, 1)
    assert layer(x).flatten().tolist() == [1, 2, 3, 0]


def test_six_orientations_of_a_filter_that_looks_right():
    layer = HexLifting2d(1, 1, 1, Cyclic(6), bias=False).double()
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([0.0, 0, 0, 0, 1, 0, 0]).reshape(1, 1, 1, 7))
    x = torch.tensor([[0.0, 3, 2], [4, 0, 1], [5, 6, 0]], dtype=torch.float64)
    assert layer(x[None, None])[0, 0, :, 1, 1].tolist() == [1, 2, 3, 4, 5, 6]


def test_the_filters_are_the_orbit_of_each_under_the_group():
    group = Dihedral(4)
    layer = redrawn(GroupConv2d(2, 3, 3, group))
    stored = layer.weight.unflatten(3, (3, 3))
    bank = layer.filters().reshape(3, 8, 2, 8, 3, 3)
    for a, h in enumerate(group.elements()):
        assert torch.equal(bank[:, a], act_on_group_signal(group)(h, stored))


def test_the_trivial_group_is_ordinary_convolution():
    layer = redrawn(Lifting2d(3, 4, 3, Cyclic(1), padding="circular"))
    plain = CircularConv2d(3, 4, 3).double()
    with torch.no_grad():
        plain.weight.copy_(layer.weight.reshape(4, 3, 3, 3))
        plain.bias.copy_(layer.bias)
    x = randn(2, 3, 6, 6)
    torch.testing.assert_close(layer(x)[:, :, 0], plain(x))


@pytest.mark.parametrize(
    ("layer", "x"),
    [
        (Lifting2d(2, 3, 5, Dihedral(4), padding="circular"), randn(2, 2, 7, 7)),
        (GroupConv2d(2, 3, 3, Cyclic(4), stride=2), randn(2, 2, 4, 7, 7)),
        (GroupConv2d(2, 3, 3, Cyclic(4), bias=False), randn(2, 2, 4, 8, 8)),
        (HexGroupConv2d(2, 3, 1, Cyclic(6), padding="circular"), randn(2, 2, 6, 7, 7)),
    ],
)
def test_it_is_one_ordinary_convolution(layer, x):
    layer = redrawn(layer)
    with torch.no_grad():
        expected = layer(x)
        torch.testing.assert_close(layer.as_conv2d()(x.flatten(1, -3)), expected.flatten(1, 2))


def test_filters_follow_the_weights():
    """Nothing is remembered from one call to the next."""
    layer = redrawn(GroupConv2d(2, 3, 3, Cyclic(4)))
    x = randn(1, 2, 4, 5, 5)
    with torch.no_grad():
        before = layer.eval()(x) - layer.bias[:, None, None, None]
        layer.weight.data.mul_(2)
        torch.testing.assert_close(layer(x) - layer.bias[:, None, None, None], 2 * before)


@pytest.mark.parametrize(
    "layer", [GroupConv2d(1, 2, 3, Dihedral(4)), HexGroupConv2d(1, 2, 1, Cyclic(6))]
)
def test_gradients(layer):
    layer = redrawn(layer)
    x = randn(1, 1, len(layer.group.elements()), 3, 3).requires_grad_()
    assert torch.autograd.gradcheck(
        lambda x, w, b: torch.func.functional_call(layer, {"weight": w, "bias": b}, (x,)),
        (x, layer.weight, layer.bias),
    )


def matrix_of(layer, shape):
    """A layer without bias as the matrix that it is."""
    size = int(torch.tensor(shape).prod())
    basis = torch.eye(size, dtype=torch.float64).reshape(size, *shape)
    with torch.no_grad():
        return layer(basis).reshape(size, -1).T


def span_of(layer, shape):
    """One matrix for each weight."""
    rows = []
    for k in range(layer.weight.numel()):
        with torch.no_grad():
            layer.weight.zero_().view(-1)[k] = 1.0
        rows.append(matrix_of(layer, shape).flatten())
    return torch.stack(rows)


def on_torus(group, lifted):
    """Representation of a plane group on images, or on signals on the group."""
    act = act_on_group_signal(group) if lifted else act_on_plane(group)
    shape = (1, len(group.point.elements()) if lifted else 1, group.n, group.n)
    n = group.n
    generators = [((1, 0), group.point.identity()), ((0, 1), group.point.identity())]
    generators += [((0, 0), h) for h in group.point.elements()]
    return action_matrices(act, generators, shape if lifted else (1, 1, n, n))


@pytest.mark.parametrize(
    ("group", "make", "lifted", "weights"),
    [
        (p4(3), lambda: Lifting2d(1, 1, 3, Cyclic(4), padding="circular", bias=False), False, 9),
        (p4m(3), lambda: Lifting2d(1, 1, 3, Dihedral(4), padding="circular", bias=False), False, 9),
        (p4(3), lambda: GroupConv2d(1, 1, 3, Cyclic(4), padding="circular", bias=False), True, 36),
        (
            PlaneGroup(3, Dihedral(2)),
            lambda: GroupConv2d(1, 1, 3, Dihedral(2), padding="circular", bias=False), True, 36,
        ),
    ],
)  # fmt: skip
def test_there_are_no_other_equivariant_maps(group, make, lifted, weights):
    """Solving finds as many maps as the layer has weights, and the same ones."""
    layer = make().double()
    solved = equivariant_basis(on_torus(group, lifted), on_torus(group, True))
    assert len(solved) == layer.weight.numel() == weights
    orientations = len(group.point.elements())
    shape = (1, *((orientations,) if lifted else ()), group.n, group.n)
    both = torch.cat([span_of(layer, shape), solved.flatten(1)])
    assert torch.linalg.matrix_rank(both) == weights


def test_on_hexagons_the_window_holds_seven_of_the_nine():
    """On a torus of 3 × 3, two positions are not among the six neighbours."""
    solved = equivariant_basis(on_torus(p6(3), False), on_torus(p6(3), True))
    assert len(solved) == 9
    layer = HexLifting2d(1, 1, 1, Cyclic(6), padding="circular", bias=False).double()
    ours = span_of(layer, (1, 3, 3))
    assert torch.linalg.matrix_rank(ours) == layer.weight.numel() == 7
    assert torch.linalg.matrix_rank(torch.cat([ours, solved.flatten(1)])) == 9


def test_stride_two_keeps_quarter_turns_on_odd_sides_only():
    group = Cyclic(4)
    layer = redrawn(Lifting2d(1, 2, 3, group))

    def every_second(x):
        return layer(x)[..., ::2, ::2]

    acts = (group, turn, act_on_group_signal(group))
    assert equivariance_error(every_second, *acts, randn(1, 1, 29, 29)) <= 1e-10
    assert equivariance_error(every_second, *acts, randn(1, 1, 28, 28)) > 0.1
    strided = Lifting2d(1, 2, 3, group, stride=2).double()
    strided.load_state_dict(layer.state_dict())
    x = randn(1, 1, 29, 29)
    torch.testing.assert_close(strided(x), every_second(x))


def test_a_parallelogram_with_zeros_around_it_is_no_hexagon():
    group = Cyclic(6)
    layers = [redrawn(HexLifting2d(1, 2, 1, group)), redrawn(HexGroupConv2d(2, 2, 1, group))]
    convs = [layer.as_conv2d() for layer in layers]
    inside = HEXAGONAL.disc(4)

    def without_mask(x):
        return convs[1](convs[0](x).relu()).unflatten(1, (2, 6)) * inside

    def with_mask(x):
        return layers[1](layers[0](x).relu())

    acts = (group, act_on_plane(group, HEXAGONAL), act_on_group_signal(group, HEXAGONAL))
    x = randn(1, 1, 9, 9) * inside
    assert equivariance_error(with_mask, *acts, x) <= 1e-10
    assert equivariance_error(without_mask, *acts, x) > 0.1
    # One layer alone passes by accident: what it reads wrongly lies outside the hexagon.
    once = lambda x: convs[0](x).unflatten(1, (2, 6)) * inside  # noqa: E731
    assert equivariance_error(once, *acts, x) <= 1e-10


def test_batch_norm_over_fields_learns_one_scale_for_all_orientations():
    group = Dihedral(4)
    with seeded(0):
        net = nn.Sequential(Lifting2d(1, 3, 3, group), nn.BatchNorm3d(3)).double()
    x = randn(4, 1, 6, 6)
    g = (1, 1)
    with torch.no_grad():  # in training mode too
        turned_first = net(act_on_plane(group)(g, x))
        turned_last = act_on_group_signal(group)(g, net(x))
    torch.testing.assert_close(turned_first, turned_last)


def test_a_p4m_network_in_five_lines():
    group = Dihedral(4)
    with seeded(0):
        net = nn.Sequential(
            Lifting2d(1, 8, 5, group), nn.ReLU(), SpatialPool2d(2),
            GroupConv2d(8, 8, 5, group), nn.ReLU(), GroupPool(),
            GlobalPool2d(), nn.Linear(8, 10),
        ).double()  # fmt: skip
    x = randn(2, 1, 12, 12)
    assert net(x).shape == (2, 10)
    assert equivariance_error(net, group, act_on_plane(group), None, x) <= 1e-10
    assert copy.deepcopy(net)(x).equal(net(x))


def test_a_p6_network_in_five_lines():
    group = Cyclic(6)
    with seeded(0):
        net = nn.Sequential(
            HexLifting2d(1, 8, 2, group), nn.ReLU(), HexPool2d(),
            HexGroupConv2d(8, 8, 2, group), nn.ReLU(),
            GlobalGroupPool(lattice=HEXAGONAL), nn.Linear(8, 10),
        ).double()  # fmt: skip
    x = randn(2, 1, 13, 13)
    assert net(x).shape == (2, 10)
    assert equivariance_error(net, group, act_on_plane(group, HEXAGONAL), None, x) <= 1e-10
    assert copy.deepcopy(net)(x).equal(net(x))


def test_the_networks_above_are_those_of_the_docstring():
    text = layers_module.__doc__
    for line in ("Lifting2d(1, 8, 5, Dihedral(4))", "HexGroupConv2d(8, 8, 2, Cyclic(6))"):
        assert line in text


def test_what_is_printed_says_what_it_is():
    assert "2, 3, kernel_size=3, Cyclic(n=4), padding='zeros', stride=2, bias=True" in repr(
        GroupConv2d(2, 3, 3, Cyclic(4), stride=2)
    )
    assert "1, 2, radius=2, Dihedral(n=6)" in repr(HexLifting2d(1, 2, 2, Dihedral(6)))


C4, C6 = Cyclic(4), Cyclic(6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Lifting2d(0, 1, 3, C4), "must be positive, got 0, 1, 3 and 1"),
        (lambda: GroupConv2d(1, 1, 3, C4, stride=0), "must be positive"),
        (lambda: Lifting2d(1, 1, -1, C4), "must be positive"),
        (lambda: HexLifting2d(1, 1, -1, C6), "must be positive"),
        (lambda: GroupConv2d(1, 1, 4, C4), "kernel_size must be odd, got 4"),
        (lambda: Lifting2d(1, 1, 3, C6), "on the square lattice, got Cyclic"),
        (lambda: Lifting2d(1, 1, 3, "C4"), "got 'C4'"),
        (lambda: HexLifting2d(1, 1, 1, C4), "on the hexagonal lattice, got Cyclic"),
        (lambda: HexGroupConv2d(1, 1, 1, p6(7)), "on the hexagonal lattice, got PlaneGroup"),
        (lambda: Lifting2d(1, 1, 3, C4, padding="same"), "padding must be one of"),
        (lambda: Lifting2d(2, 1, 3, C4)(torch.ones(1, 3, 5, 5)), r"\(B, 2, n, n\)"),
        (lambda: Lifting2d(1, 1, 3, C4)(torch.ones(1, 1, 5, 6)), r"got \(1, 1, 5, 6\)"),
        (lambda: Lifting2d(1, 1, 3, C4)(torch.ones(1, 5, 5)), r"got \(1, 5, 5\)"),
        (lambda: Lifting2d(1, 1, 3, C4)(torch.ones(1, 1, 4, 5, 5)), r"\(B, 1, n, n\)"),
        (lambda: GroupConv2d(1, 1, 3, C4)(torch.ones(1, 1, 5, 5)), r"\(B, 1, 4, n, n\)"),
        (lambda: GroupConv2d(1, 1, 3, C4)(torch.ones(1, 1, 8, 5, 5)), r"got \(1, 1, 8, 5, 5\)"),
        (lambda: HexGroupConv2d(1, 1, 1, C6)(torch.ones(1, 1, 4, 5, 5)), r"\(B, 1, 6, n, n\)"),
        (lambda: HexLifting2d(1, 1, 1, C6)(torch.ones(1, 1, 6, 6)), "odd side, got 6"),
        (lambda: HexLifting2d(1, 1, 1, C6)(torch.ones(1, 1, 5, 7)), r"got \(1, 1, 5, 7\)"),
        (
            lambda: Lifting2d(1, 1, 5, C4, padding="circular")(torch.ones(1, 1, 4, 4)),
            "a torus must be at least 5 wide, got 4",
        ),
        (
            lambda: Lifting2d(1, 1, 3, C4, stride=2)(torch.ones(1, 1, 28, 28)),
            "1 plus a multiple of the stride 2 keeps the turns, got 28",
        ),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
