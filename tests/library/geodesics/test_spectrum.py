"""Eigenpairs of known surfaces, and signatures made of them."""

import math

import numpy as np
import pytest
import torch
from scipy.linalg import eigvalsh
from scipy.sparse import diags_array
from scipy.sparse.linalg import eigsh

from gdl_utils.data.animals import load_animal
from gdl_utils.geodesics.actions import Folds, fold, isometries
from gdl_utils.geodesics.mesh import Mesh
from gdl_utils.geodesics.operators import cotangent_laplacian, mass
from gdl_utils.geodesics.shapes import icosphere, sheet, torus
from gdl_utils.geodesics.spectrum import (
    Spectrum,
    eigenpairs,
    heat_kernel_signature,
    wave_kernel_signature,
)
from gdl_utils.graphs.actions import relabel

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def dog():
    animal = load_animal("dog")
    return Mesh(animal.verts, animal.faces)


def test_eigenvalues_of_the_sphere_have_order_two():
    """l(l + 1), 2l + 1 times; l = 1 is left out, as the icosahedron favours it."""
    degree = torch.repeat_interleave(torch.arange(5), 2 * torch.arange(5) + 1)
    exact = (degree * (degree + 1)).double()
    sizes, errors = [], []
    for level in (2, 3, 4):
        mesh = icosphere(level)
        values = eigenpairs(mesh, 25).values
        errors.append(float(((values - exact) / exact)[degree >= 2].abs().mean()))
        sizes.append(float(mesh.edge_lengths.mean()))
    order = np.polyfit(np.log(sizes), np.log(errors), 1)[0]
    assert order == pytest.approx(2, abs=0.1)
    assert errors[-1] < 0.01


def test_a_single_triangle_by_hand():
    """L of the right triangle with sides 2 has the eigenvalues 0, 1/2, 3/2; masses are 2/3."""
    found = eigenpairs(Mesh([[0.0, 0, 0], [2, 0, 0], [0, 2, 0]], [[0, 1, 2]]), 3)
    np.testing.assert_allclose(found.values, [0, 0.75, 2.25], atol=1e-12)


@pytest.mark.parametrize("k", [1, 20, 60])
def test_laws(dog, k):
    found = eigenpairs(dog, k)
    assert found.vectors.shape == (len(dog.verts), k)
    gram = found.vectors.T @ (found.mass[:, None] * found.vectors)
    np.testing.assert_allclose(gram, np.eye(k), atol=1e-10)
    left = cotangent_laplacian(dog) @ found.vectors.numpy()
    right = (found.mass[:, None] * found.vectors * found.values).numpy()
    assert np.abs(left - right).max() <= 1e-9 * max(float(found.values[-1]), 1)
    assert (found.values.diff() >= 0).all()
    assert float(found.values[0]) <= 1e-8


def test_nothing_is_missed():
    """All eigenvalues below one of them, by a dense method, on a surface without symmetries."""
    mesh = torus(40, 16)
    noise = torch.randn(640, 3, generator=torch.Generator().manual_seed(0))
    mesh = Mesh(mesh.verts + 0.02 * noise, mesh.faces)
    found = eigenpairs(mesh, 50)
    middle = float(found.values[39:41].mean())
    m = np.sqrt(mass(mesh).numpy())
    dense = cotangent_laplacian(mesh).toarray() / np.outer(m, m)
    exact = eigvalsh(dense, subset_by_value=(-1.0, middle))
    assert len(exact) == 40
    np.testing.assert_allclose(found.values[:40], exact, atol=1e-8 * middle)


def test_repeated_eigenvalues_are_all_found():
    sphere = icosphere(3)  # by eigsh; eigenspaces of up to five
    m = np.sqrt(mass(sphere).numpy())
    dense = np.linalg.eigvalsh(cotangent_laplacian(sphere).toarray() / np.outer(m, m))
    np.testing.assert_allclose(eigenpairs(sphere, 80).values, dense[:80], atol=1e-9)


def test_against_plain_eigsh(dog):
    m = mass(dog).numpy()
    theirs = eigsh(cotangent_laplacian(dog).tocsc(), 12, M=diags_array(m).tocsc(), sigma=-0.01)[0]
    np.testing.assert_allclose(eigenpairs(dog, 12).values, theirs, atol=1e-7)


def test_the_same_on_every_call(dog):
    assert torch.equal(eigenpairs(dog, 8).vectors, eigenpairs(dog, 8).vectors)


def test_whole_eigenspaces():
    sphere = icosphere(2)
    assert len(eigenpairs(sphere, 9, whole=True)) == 9  # 1 + 3 + 5
    for k in (4, 5, 8):
        assert len(eigenpairs(sphere, k, whole=True)) == 4
    assert len(eigenpairs(sphere, 162, whole=True)) == 162
    x = torch.from_numpy(RNG.standard_normal((162, 2)))
    g = isometries(sphere).table[50]
    whole, cut = eigenpairs(sphere, 9), eigenpairs(sphere, 7)
    np.testing.assert_allclose(
        whole.project(relabel(g, x)), relabel(g, whole.project(x)), atol=1e-10
    )
    assert float((cut.project(relabel(g, x)) - relabel(g, cut.project(x))).abs().max()) > 0.01
    two = Mesh(sphere.verts.repeat(2, 1) + 0.0, torch.cat([sphere.faces, sphere.faces + 162]))
    assert len(eigenpairs(two, 3, whole=True)) == 2  # one constant a piece
    with pytest.raises(ValueError, match="k must hold a whole eigenspace, got 1"):
        eigenpairs(two, 1, whole=True)


def test_transform_and_back():
    mesh = torus(8, 6)
    full = eigenpairs(mesh, 48)
    x = torch.from_numpy(RNG.standard_normal((48, 3)))
    np.testing.assert_allclose(full.synthesise(full.coefficients(x)), x, atol=1e-12)
    energy = (mass(mesh)[:, None] * x.square()).sum(0)
    np.testing.assert_allclose(full.coefficients(x).square().sum(0), energy, rtol=1e-12)  # Parseval
    low = eigenpairs(mesh, 10)
    np.testing.assert_allclose(low.project(low.project(x)), low.project(x), atol=1e-12)


def test_diffusion_keeps_the_heat_and_ends_at_the_mean():
    mesh = icosphere(2)
    full = eigenpairs(mesh, 162)
    x = torch.from_numpy(RNG.standard_normal((162, 1)))
    heat = (mass(mesh)[:, None] * x).sum()
    for t in (0.0, 0.1, 100.0):
        assert float((mass(mesh)[:, None] * full.diffuse(x, t)).sum()) == pytest.approx(float(heat))
    np.testing.assert_allclose(full.diffuse(x, 0.0), x, atol=1e-11)
    mean = heat / mass(mesh).sum()
    np.testing.assert_allclose(full.diffuse(x, 100.0), mean.expand(162, 1), atol=1e-10)
    both = full.diffuse(full.diffuse(x, 0.1), 0.2)
    np.testing.assert_allclose(both, full.diffuse(x, 0.1 + 0.2), atol=1e-12)


def test_heat_kernel_signature_by_hand():
    """A constant and one mode: 1/4 + e^(−2t) φ²."""
    found = Spectrum(
        torch.tensor([0.0, 2.0]).double(),
        torch.tensor([[0.5, 1.0], [0.5, -3.0]]).double(),
        torch.ones(2).double(),
    )
    t = torch.tensor([0.5, 1.0]).double()
    hand = [[0.25 + math.exp(-1), 0.25 + math.exp(-2)], [0.25 + 9 / math.e, 0.25 + 9 * math.e**-2]]
    np.testing.assert_allclose(heat_kernel_signature(found, t), hand)


def test_heat_kernel_of_a_sphere():
    """The same everywhere: Σ (2l + 1) e^(−l(l+1)t) / 4π."""
    found = heat_kernel_signature(eigenpairs(icosphere(4), 100), torch.tensor([0.2, 1.0]).double())
    degree = np.arange(30)
    for column, t in zip(found.T, (0.2, 1.0)):
        exact = ((2 * degree + 1) * np.exp(-degree * (degree + 1) * t)).sum() / (4 * math.pi)
        np.testing.assert_allclose(column, exact, rtol=0.01)


def test_wave_kernel_by_hand():
    """Two eigenvalues 1 and e²: at the middle energy both weigh the same, whatever σ."""
    found = Spectrum(
        torch.tensor([0.0, 1.0, math.e**2]).double(),
        torch.tensor([[0.5, 1.0, 2.0], [0.5, 3.0, 0.0]]).double(),
        torch.ones(2).double(),
    )
    middle = wave_kernel_signature(found, 3)[:, 1]
    np.testing.assert_allclose(middle, [(1 + 4) / 2, 9 / 2])
    # 3 energies, σ = 1 step: steps of 2 / (3 − 1 + 4) = 1/3, the first at 2/3
    first = wave_kernel_signature(found, 3, width=1.0)[0, 0]
    near, far = math.exp(-2), math.exp(-8)
    assert float(first) == pytest.approx((near + 4 * far) / (near + far))


@pytest.mark.parametrize("signature", [heat_kernel_signature, wave_kernel_signature])
def test_signatures_are_blind_to_bending_to_signs_and_to_size(signature):
    flat = sheet(7, 9, 0.25)
    found = eigenpairs(flat, 30)
    of_flat = signature(found, 8)
    assert of_flat.shape == (63, 8)
    assert (of_flat > 0).all()
    bent = Mesh(fold(Folds(9).sample(torch.Generator().manual_seed(0)), flat.verts), flat.faces)
    np.testing.assert_allclose(signature(eigenpairs(bent, 30), 8), of_flat, rtol=1e-8)
    flipped = Spectrum(found.values, -found.vectors, found.mass)
    np.testing.assert_array_equal(signature(flipped, 8), of_flat)
    double = signature(eigenpairs(Mesh(2 * flat.verts, flat.faces), 30), 8)
    np.testing.assert_allclose(4 * double, of_flat, rtol=1e-8)


def test_a_disconnected_surface_has_a_constant_on_each_piece():
    sphere = icosphere(1)
    two = Mesh(sphere.verts.repeat(2, 1), torch.cat([sphere.faces, sphere.faces + 42]))
    found = eigenpairs(two, 10)
    np.testing.assert_allclose(found.values[:3], [0, 0, found.values[2]], atol=1e-10)
    assert float(found.values[2]) > 1.5
    for signature in (heat_kernel_signature, wave_kernel_signature):
        assert torch.isfinite(signature(found, 4)).all()


def test_delaunay():
    flat = sheet(12, 12, 1.0)
    squeezed = Mesh(flat.verts * torch.tensor([1.0, 0.05, 1.0]), flat.faces)
    lean = squeezed.verts.clone()
    lean[:, 0] += 8 * lean[:, 1]  # sheared needles
    mesh = Mesh(lean, flat.faces)
    assert float(eigenpairs(mesh, 5, delaunay=True).values[4]) != pytest.approx(
        float(eigenpairs(mesh, 5).values[4]), rel=1e-3
    )


@pytest.mark.parametrize("k", [0, -1, 13])
def test_bad_number(k):
    with pytest.raises(ValueError, match=f"k must be between 1 and 12, got {k}"):
        eigenpairs(icosphere(0), k)


def test_bad_arguments():
    found = eigenpairs(icosphere(1), 9)
    with pytest.raises(ValueError, match="mesh must be a Mesh"):
        eigenpairs(3, 1)
    with pytest.raises(ValueError, match=r"x must be \(42, C\), got \(41, 2\)"):
        found.project(torch.ones(41, 2).double())
    with pytest.raises(ValueError, match=r"c must be \(9, C\), got \(9,\)"):
        found.synthesise(torch.ones(9).double())
    with pytest.raises(ValueError, match="t must be at least 0 and finite, got -1"):
        found.diffuse(torch.ones(42, 1).double(), -1.0)
    for times in (0, torch.tensor([0.0]), torch.tensor([[1.0]]), torch.tensor([float("nan")])):
        with pytest.raises(ValueError, match="times must be"):
            heat_kernel_signature(found, times)
    with pytest.raises(ValueError, match="energies must be positive, got 0"):
        wave_kernel_signature(found, 0)
    with pytest.raises(ValueError, match="width must be positive and finite, got 0"):
        wave_kernel_signature(found, 4, width=0.0)
    with pytest.raises(ValueError, match="two different eigenvalues above 0, got one"):
        wave_kernel_signature(eigenpairs(icosphere(2), 2), 4)
    with pytest.raises(ValueError, match="an eigenvalue above 0, got none"):
        heat_kernel_signature(eigenpairs(icosphere(1), 1), 4)


def needles(height: float) -> Mesh:
    """A rectangle of 1 × (½ + height) in rows of 11 squares, the lowest row that low."""
    x = torch.linspace(0, 1, 12, dtype=torch.float64)
    y = torch.tensor([0, height, height + 0.5], dtype=torch.float64)
    verts = torch.stack([x.repeat(3), y.repeat_interleave(12), torch.zeros(36)], 1)
    corner = torch.tensor([[i, i + 1, i + 12] for i in range(23) if i != 11])
    return Mesh(verts, torch.cat([corner, corner[:, [1, 2, 2]] + torch.tensor([0, 1, 0])]))


@pytest.mark.parametrize("delaunay", [False, True])
@pytest.mark.parametrize("height", [1e-6, 1e-9, 1e-12])
def test_a_row_of_needles_changes_no_eigenvalue(height, delaunay):
    """The largest is 10¹² to 10¹⁷: the lowest must not be lost in its rounding."""
    true = eigenpairs(needles(1e-4), 6).values
    found = eigenpairs(needles(height), 6, delaunay=delaunay)
    assert found.values[0] < 1e-6
    assert (found.values[1:] / true[1:] - 1).abs().max() < 2e-3
    whole = eigenpairs(needles(height), 36, delaunay=delaunay)
    assert (whole.values[1:6] / true[1:] - 1).abs().max() < 2e-3
    unit = whole.vectors.T @ (whole.mass[:, None] * whole.vectors)
    assert (unit - torch.eye(36)).abs().max() < 1e-6
    time = torch.tensor([4 * math.log(10) / whole.values[1]])  # λ₁ counts as one that is not 0
    assert torch.allclose(
        heat_kernel_signature(whole, 3)[:, -1:], heat_kernel_signature(whole, time), rtol=1e-6
    )


@pytest.mark.parametrize("size", [1e4, 1e9])
def test_every_piece_has_its_zero(size):
    ball = icosphere(3)
    verts = torch.cat([ball.verts, size * (ball.verts + 3)])
    found = eigenpairs(Mesh(verts, torch.cat([ball.faces, ball.faces + 642])), 10)
    true = eigenpairs(ball, 9).values
    assert found.values[0] < 1e-9 * found.values[2]
    assert found.values[1] < 1e-6 * found.values[2]
    assert (found.values[2:] * size**2 - true[1:]).abs().max() < 1e-6
    unit = found.vectors.T @ (found.mass[:, None] * found.vectors)
    assert (unit - torch.eye(10)).abs().max() < 1e-9


def test_bad_kinds():
    found = eigenpairs(icosphere(1), 9)
    for width in ("a", None, True, 1j):
        with pytest.raises(ValueError, match="width must be a real number"):
            wave_kernel_signature(found, width=width)
    with pytest.raises(ValueError, match="width must be at least 1e-100"):
        wave_kernel_signature(found, width=1e-300)
    with pytest.raises(ValueError, match="t must be a real number, got 'a'"):
        found.diffuse(torch.ones(42, 1), "a")
    with pytest.raises(ValueError, match=r"x must be \(42, C\), got ndarray"):
        found.coefficients(np.ones((42, 1)))
    with pytest.raises(ValueError, match=r"c must be \(9, C\), got list"):
        found.synthesise([[1.0]] * 9)
    assert found.synthesise(torch.ones(9, 1)).dtype == torch.float64
