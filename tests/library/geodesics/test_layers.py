"""The DiffusionNet block: by hand, its laws, what it can and cannot see."""

import math

import numpy as np
import pytest
import torch

from gdl_utils.geodesics.actions import isometries
from gdl_utils.geodesics.layers import (
    DiffusionBlock,
    DiffusionNet,
    SurfaceOperators,
    surface_operators,
)
from gdl_utils.geodesics.mesh import Mesh
from gdl_utils.geodesics.shapes import icosphere, sheet, torus
from gdl_utils.geodesics.spectrum import eigenpairs
from gdl_utils.geodesics.tangent import tangent_gradient
from gdl_utils.graphs.actions import relabel
from gdl_utils.training import seeded


@pytest.fixture(scope="module")
def sphere():
    return surface_operators(icosphere(2), 25, whole=True, dtype=torch.float64)


def signal(n, channels, seed=0):
    return torch.randn(n, channels, generator=torch.Generator().manual_seed(seed)).double()


def test_a_block_step_by_step():
    """Against the formulas, with complex numbers and dense matrices."""
    mesh = torus(8, 6)
    spectrum, x = eigenpairs(mesh, 20), signal(48, 3)
    with seeded(0):
        block = DiffusionBlock(3).double()
    phi, t = spectrum.vectors, block.log_time.exp()
    hat = phi.T @ (spectrum.mass[:, None] * x)
    y = phi @ (torch.exp(-spectrum.values[:, None] * t) * hat)
    z = torch.from_numpy(tangent_gradient(mesh) @ y.detach().numpy())
    a = torch.complex(block.mix[:, :3], block.mix[:, 3:])
    g = torch.tanh((z.conj() * (z @ a)).real)
    by_hand = x + block.mlp(torch.cat([x, y, g], 1))
    found = block(x, surface_operators(mesh, 20, dtype=torch.float64))
    torch.testing.assert_close(found, by_hand, rtol=0, atol=1e-12)


def test_times_spread_from_local_to_global(sphere):
    block = DiffusionBlock(3, times=(1e-4, 1e2)).double()
    np.testing.assert_allclose(block.log_time.exp().detach(), [1e-4, 0.1, 1e2], rtol=1e-6)


def test_gradients_by_finite_differences():
    on = surface_operators(icosphere(0), 12, dtype=torch.float64)
    with seeded(0):
        block = DiffusionBlock(2).double()
    x = signal(12, 2).requires_grad_()
    assert torch.autograd.gradcheck(lambda x, t: block(x, on).sum() + t.sum(), (x, block.log_time))
    block(x, on).square().sum().backward()
    for name, weight in block.named_parameters():
        assert weight.grad.abs().max() > 0, name


def test_only_a_complex_matrix_tells_left_from_right(sphere):
    x = signal(162, 4)
    mesh = icosphere(2)
    turns = {tuple(g) for g in isometries(mesh, mirrored=False).table.tolist()}
    mirror = next(g for g in isometries(mesh).table if tuple(g.tolist()) not in turns)
    with seeded(1):
        blocks = {flag: DiffusionBlock(4, oriented=flag).double() for flag in (True, False)}
    gap = {
        flag: float((block(relabel(mirror, x), sphere) - relabel(mirror, block(x, sphere))).detach()
                    .abs().max())
        for flag, block in blocks.items()
    }  # fmt: skip
    assert gap[False] <= 1e-10
    assert gap[True] > 1e-3


def test_axes_do_not_matter(sphere):
    """Turn the axes of every tangent plane: the features stay, the gradients do not."""
    angle = signal(162, 1)[sphere.near.edge_index[1], 0]
    a, b = sphere.gradient
    turned = torch.stack([angle.cos() * a - angle.sin() * b, angle.sin() * a + angle.cos() * b])
    # one angle a vertex, at which the gradient is taken: the target of each edge
    other = SurfaceOperators(sphere.values, sphere.vectors, sphere.analysis, sphere.near, turned)
    with seeded(0):
        block = DiffusionBlock(4).double()
    x = signal(162, 4)
    torch.testing.assert_close(block(x, other), block(x, sphere), rtol=0, atol=1e-12)
    assert (turned - sphere.gradient).abs().max() > 0.1


def test_a_network_learns_where_a_point_is_from_its_neighbourhood():
    """Rows of a sheet, from the values of one corner's distance: a few steps lower the loss."""
    mesh = sheet(6, 6, 0.2)
    on = surface_operators(mesh, 36, dtype=torch.float64)
    x = torch.zeros(36, 1).double()
    x[0] = 1.0
    target = mesh.verts[:, :1] + mesh.verts[:, 1:2]
    with seeded(0):
        net = DiffusionNet(1, 1, channels=8, blocks=2).double()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
    losses = []
    for _ in range(60):
        optimiser.zero_grad()
        loss = (net(x, on) - target).square().mean()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.2 * losses[0]


def test_another_mesh_of_the_same_surface_gives_nearly_the_same():
    """What is learnt on one mesh holds on another: the point of it all."""
    with seeded(0):
        net = DiffusionNet(1, 2, channels=6, blocks=2).double()
    outputs = []
    for level in (3, 4):
        mesh = icosphere(level)
        on = surface_operators(
            Mesh(mesh.verts / math.sqrt(4 * math.pi), mesh.faces), 49, dtype=torch.float64
        )
        x = mesh.verts[:, :1] * mesh.verts[:, 1:2] + mesh.verts[:, 2:]
        outputs.append(net(x, on)[:162].detach())
    assert float((outputs[0] - outputs[1]).abs().max() / outputs[1].std()) < 0.05


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: DiffusionBlock(0), "channels must be positive, hidden at least 0, got 0, 2"),
        (lambda: DiffusionBlock(2, hidden=-1), "got 2, -1"),
        (lambda: DiffusionBlock(2, times=(0.0, 1.0)), "times must rise from above 0"),
        (lambda: DiffusionBlock(2, times=(1.0, 0.1)), "times must rise"),
        (lambda: DiffusionNet(1, 0), "must be positive, got 1, 0, 64 and 4"),
        (lambda: surface_operators(icosphere(0), 13), "k must be between 1 and 12, got 13"),
    ],
)
def test_bad_sizes(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_bad_signals(sphere):
    block = DiffusionBlock(4).double()
    with pytest.raises(ValueError, match=r"x must be \(162, 4\), got \(162, 3\)"):
        block(torch.zeros(162, 3).double(), sphere)
    with pytest.raises(ValueError, match=r"x must be \(162, 4\), got \(161, 4\)"):
        block(torch.zeros(161, 4).double(), sphere)
    with pytest.raises(
        ValueError, match=r"operators must be of torch\.float32, got torch\.float64"
    ):
        block(torch.zeros(162, 4), sphere)
    with pytest.raises(ValueError, match=r"x must be \(162, 4\), got \(4,\)"):
        DiffusionNet(4, 1).double()(torch.zeros(4).double(), sphere)
