"""Layers on gauge fields: the kernel constraint solved, frames re-drawn, gradients compared."""

import itertools
import math

import pytest
import torch
from contract.gauges import CONNECTION, FEATURES, SCALARS, Network, WithoutTransport

from gdl_utils.equivariant_maps import equivariant_basis
from gdl_utils.gauges.actions import (
    Gauges,
    change_connection,
    change_features,
    check_features,
    rotate_features,
)
from gdl_utils.gauges.layers import GaugeConv, IsotropicConv, kernel_basis
from gdl_utils.gauges.networks import GaugeNet, Handed
from gdl_utils.gauges.nonlinearities import Gate, NormReLU, SampledReLU
from gdl_utils.gauges.pooling import Invariants
from gdl_utils.gauges.transport import Connection
from gdl_utils.gauges.turning import turn as turn_edges
from gdl_utils.training import seeded

RNG = torch.Generator().manual_seed(3)


def turn(angle, order):
    if order == 0:
        return torch.ones(1, 1, dtype=torch.float64)
    c, s = math.cos(order * angle), math.sin(order * angle)
    return torch.tensor([[c, -s], [s, c]], dtype=torch.float64)


@pytest.mark.parametrize("orders", [(0, 0), (0, 1), (2, 0), (1, 1), (1, 2), (2, 2)])
def test_kernel_basis_is_all_that_the_constraint_allows(orders):
    """Solved for on a ring of 12 directions, where turning the frame also moves the neighbour."""
    n, m = orders
    count = 12
    step = 2 * math.pi / count
    # Kernels are functions of the direction: matrices that commute with one turn of the frame,
    # which sends direction k to k − 1 and the features to R(−θ).
    cyclic = torch.eye(count, dtype=torch.float64).roll(-1, 0)
    rep_in = torch.kron(cyclic, turn(-step, n))[None]
    basis = equivariant_basis(rep_in, turn(-step, m)[None])
    directions = step * torch.arange(count, dtype=torch.float64)
    ours = kernel_basis(n, m, directions)
    assert len(ours) == len(basis) == (1 if n == 0 else 2) * (1 if m == 0 else 2)
    flat = ours.permute(0, 2, 1, 3).reshape(len(ours), -1)  # (r, d_out, D, d_in)
    theirs = basis.reshape(len(basis), -1)
    both = torch.linalg.matrix_rank(torch.cat([flat, theirs]))
    assert torch.linalg.matrix_rank(flat) == torch.linalg.matrix_rank(theirs) == both


def test_gauge_conv_is_the_sum_over_the_kernel():
    """Against a plain loop over edges with explicit matrices."""
    with seeded(0):
        conv = GaugeConv(2, 3, 1, 2).double()
    x = torch.randn(60, 2, 3, generator=RNG, dtype=torch.float64)
    c = CONNECTION
    expected = conv._own(x)
    kernel = conv.kernel.T  # (3 · 5, 2 · 3)

    def wide(angle, channels, order):
        block = torch.block_diag(*(turn(angle, k) for k in range(order + 1)))
        return torch.block_diag(*[block] * channels)

    for (j, i), rho, phi in zip(c.edge_index.T.tolist(), c.transports.tolist(), c.directions):
        k = wide(float(phi), 3, 2) @ kernel @ wide(-float(phi), 2, 1)
        message = k @ wide(rho, 2, 1) @ x[j].flatten()
        expected[i] += message.view(3, 5) / c.degrees[i]
    assert torch.allclose(conv(x, c), expected, atol=1e-12)


@pytest.mark.parametrize("between", [Gate(4, 2), NormReLU(4, 2)], ids=lambda b: type(b).__name__)
def test_frames_redrawn_at_every_vertex_change_no_output_and_no_gradient(between):
    with seeded(0):
        network = Network(between, last=Invariants()).double()

    def outputs_and_gradients(x, connection, model):
        model.zero_grad()
        y = model(x, connection)
        (y.sin() * torch.arange(y.shape[1])).mean().backward()
        return [y.detach(), *(p.grad.clone() for p in model.parameters())]

    def largest_difference(model):
        theta = Gauges(60).sample(torch.Generator().manual_seed(5))
        moved = change_features(theta, FEATURES), change_connection(theta, CONNECTION)
        pairs = zip(
            outputs_and_gradients(FEATURES, CONNECTION, model),
            outputs_and_gradients(*moved, model),
        )
        return max(float((a - b).abs().max() / b.abs().max()) for a, b in pairs)

    assert largest_difference(network) <= 1e-10
    assert largest_difference(WithoutTransport(network)) > 1e-2


def test_one_layer_without_transport_passes_by_accident():
    """Scalars need no transport: that is why the control has two layers, of order 1 and more."""
    from gdl_utils import equivariance_error

    acts = (change_features, change_connection)
    with seeded(0):
        one = WithoutTransport(GaugeConv(3, 4, 0, 2)).double()
        two = WithoutTransport(Network(Gate(4, 2))).double()
    one_error = equivariance_error(one, Gauges(60), acts, change_features, (SCALARS, CONNECTION))
    two_error = equivariance_error(two, Gauges(60), acts, change_features, (FEATURES, CONNECTION))
    assert one_error <= 1e-10 < 1e-2 < two_error


def sampled_error(samples: int) -> float:
    layer = SampledReLU(2, samples).double()
    theta = Gauges(60).sample(torch.Generator().manual_seed(1))
    a, b = layer(change_features(theta, FEATURES)), change_features(theta, layer(FEATURES))
    return float((a - b).abs().max() / b.square().mean().sqrt())


def test_sampling_errs_less_with_more_samples():
    errors = [sampled_error(n) for n in (5, 16, 64, 256)]
    assert errors == sorted(errors, reverse=True)
    assert errors[0] > 0.3
    assert errors[-1] < 1e-3


def test_sampled_relu_leaves_a_positive_function_alone():
    x = torch.tensor([[[5.0, 1, -1, 0.5, 0.5]]])
    torch.testing.assert_close(SampledReLU(2, 16)(x), x)
    torch.testing.assert_close(SampledReLU(2, 16)(-x), torch.zeros_like(x))


def test_norm_relu_by_hand():
    layer = NormReLU(1, 1)
    with torch.no_grad():
        layer.bias[:] = torch.tensor([[0.0, -1.0]])
    x = torch.tensor([[[-2.0, 3, 4]], [[2.0, 0, 0]], [[2.0, 0.3, 0.4]]])
    expected = torch.tensor([[[0.0, 2.4, 3.2]], [[2.0, 0, 0]], [[2.0, 0, 0]]])
    torch.testing.assert_close(layer(x), expected)


def test_a_vector_of_length_zero_has_a_finite_gradient():
    layer = NormReLU(1, 2)
    x = torch.zeros(3, 1, 5, requires_grad=True)
    layer(x).sum().backward()
    assert torch.isfinite(x.grad).all()


def test_gate_by_hand():
    layer = Gate(1, 1)
    with torch.no_grad():
        layer.weight.fill_(0)
    torch.testing.assert_close(layer(torch.tensor([[[-1.0, 2, 4]]])), torch.tensor([[[0.0, 1, 2]]]))


def test_invariants_by_hand():
    x = torch.tensor([[[2.0, 3, 4, 1, 0]]])
    torch.testing.assert_close(Invariants()(x), torch.tensor([[2.0, 25, 1]]))


def test_isotropic_conv_ignores_directions():
    with seeded(0):
        conv = IsotropicConv(3, 2).double()
    theta = Gauges(60).sample(RNG)
    y = conv(SCALARS, CONNECTION)
    torch.testing.assert_close(conv(SCALARS, change_connection(theta, CONNECTION)), y)
    conv = GaugeConv(3, 2, 0, 1).double()
    y = conv(SCALARS, CONNECTION)[..., 1:]
    assert (conv(SCALARS, change_connection(theta, CONNECTION))[..., 1:] - y).abs().max() > 0.1


def test_a_vertex_without_edges_keeps_its_own_term():
    none = torch.zeros(0, dtype=torch.float64)
    alone = Connection(2, torch.zeros(2, 0, dtype=torch.int64), none, none)
    with seeded(0):
        conv = GaugeConv(3, 2, 2, 2)
    y = conv(FEATURES[:2].float(), alone)
    torch.testing.assert_close(y, conv._own(FEATURES[:2].float()))


def test_the_angles_of_a_connection_have_gradients():
    """As when positions move: forces on them go through transports and directions."""
    rng, (j, i) = torch.Generator().manual_seed(0), torch.tensor([[0, 1, 2, 0], [1, 2, 0, 2]])
    angles = torch.randn(2, 4, generator=rng, dtype=torch.float64)
    x = torch.randn(3, 2, 5, generator=rng, dtype=torch.float64).requires_grad_()
    with seeded(0):
        conv = GaugeConv(2, 3, 2, 1).double()

    def layer(x, transports, directions):
        return conv(x, Connection(3, torch.stack([j, i]), transports, directions))

    leaves = (x, *(a.clone().requires_grad_() for a in angles))
    assert torch.autograd.gradcheck(layer, leaves, check_forward_ad=True)
    assert torch.autograd.gradgradcheck(layer, leaves, check_fwd_over_rev=True)


@pytest.mark.parametrize("dims", list(itertools.product((None, 0, 1), repeat=4)))
def test_batches_of_turns(dims):
    """Every choice of what differs from example to example."""
    rng = torch.Generator().manual_seed(1)
    shapes = ((6, 5, 2), (6, 1), (6, 2), (6, 2))
    args = [
        torch.randn(shape if dim is None else (*shape[:dim], 3, *shape[dim:]), generator=rng)
        for shape, dim in zip(shapes, dims)
    ]
    if dims == (None,) * 4:
        torch.testing.assert_close(turn_edges(*args)[:, 0], args[0][:, 0] * args[1])
        return
    alone = [
        turn_edges(*(a if dim is None else a.select(dim, k) for a, dim in zip(args, dims)))
        for k in range(3)
    ]
    torch.testing.assert_close(torch.func.vmap(turn_edges, dims)(*args), torch.stack(alone))


@pytest.mark.parametrize("n", [0, 1, 2])
def test_frames_without_edges_or_without_anything(n):
    lonely = Connection(n, torch.zeros(2, 0, dtype=torch.int64), *torch.zeros(2, 0))
    with seeded(0):
        layers = [GaugeConv(3, 2, 2, 1), GaugeConv(3, 2, 2, 2, bias=False)]
        plain = [Gate(3, 2), NormReLU(3, 2), SampledReLU(2, 8), Invariants()]
        network = GaugeNet(3, 1)
    x = torch.randn(n, 3, 5, generator=RNG).requires_grad_()
    for layer in layers:
        torch.testing.assert_close(layer(x, lonely), layer._own(x))
        layer(x, lonely).sum().backward()
        assert torch.isfinite(x.grad).all()
    for layer in plain:
        assert layer(x).shape[0] == n
    piece = torch.zeros(n, dtype=torch.int64)
    assert network(x[:, :1, :1], lonely, piece).shape == (min(n, 1),)


def test_surfaces_without_vertices_say_what_zeros_say():
    with seeded(0):
        network = GaugeNet(3, 1)
    lonely = Connection(2, torch.zeros(2, 0, dtype=torch.int64), *torch.zeros(2, 0))
    x = torch.randn(2, 1, 1, generator=RNG)
    answers = network(x, lonely, [0, 2], 4)
    assert torch.equal(answers[[1, 3]], network.readout.bias.expand(2))
    torch.testing.assert_close(answers[[0, 2]], network(x, lonely, [0, 1]))
    torch.testing.assert_close(Handed(network)(x, lonely, [0, 2], 4)[[1, 3]], torch.zeros(2))
    with pytest.raises(ValueError, match="piece must be from 0 to 1, got 0 to 2"):
        network(x, lonely, [0, 2], 2)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_lengths_of_any_size_in_half_precision(dtype):
    """Squares of what is above 256, or below 2⁻¹², are no numbers of half precision."""
    layer = NormReLU(1, 1).to(dtype)
    for size in (1e-4, 1.0, 1e4):
        x = torch.tensor([[[1.0, 3, 4]], [[1.0, 0, 0]]]) * size
        x = x.to(dtype).requires_grad_()
        y = layer(x)
        torch.testing.assert_close(y.double(), x.double(), rtol=0.01, atol=0)
        y.float().sum().backward()
        assert torch.isfinite(x.grad).all()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: GaugeConv(0, 1, 1, 1), "must be positive, got 0 and 1"),
        (lambda: GaugeConv(1, 1, -1, 1), "must not be negative, got -1 and 1"),
        (lambda: GaugeConv(3, 1, 1, 1).double()(FEATURES, CONNECTION), r"x must be \(60, 3, 3\)"),
        (lambda: IsotropicConv(3, 1).double()(FEATURES, CONNECTION), r"x must be \(60, 3, 1\)"),
        (lambda: Gate(3, 1)(FEATURES), r"x must be \(V, 3, 3\)"),
        (lambda: NormReLU(2, 2)(FEATURES), r"x must be \(V, 2, 5\)"),
        (lambda: SampledReLU(2, 4), "at least 5, got 4"),
        (lambda: SampledReLU(1, 4)(FEATURES), r"x must be \(V, 3, 3\)"),
        (lambda: Invariants()(FEATURES[0]), r"\(N, C, 2m \+ 1\), got \(3, 5\)"),
        (lambda: check_features(torch.zeros(2, 3, 4)), r"got \(2, 3, 4\)"),
        (lambda: rotate_features(torch.zeros(3), FEATURES), r"angles must be \(60,\), got \(3,\)"),
        (lambda: kernel_basis(-1, 0, torch.zeros(1)), "must not be negative"),
    ],
)
def test_bad_input_is_named(wrong, message):
    with pytest.raises(ValueError, match=message):
        wrong()
