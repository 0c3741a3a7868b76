"""Damaged meshes: each is refused with words, or every answer about it is a finite number."""

import numpy as np
import pytest
import torch

from gdl_utils.data.spot import load_spot
from gdl_utils.geodesics.delaunay import intrinsic_delaunay
from gdl_utils.geodesics.distances import HeatMethod
from gdl_utils.geodesics.layers import DiffusionBlock, surface_operators
from gdl_utils.geodesics.mesh import Mesh
from gdl_utils.geodesics.operators import cotangent_laplacian, divergence, gradient, mass
from gdl_utils.geodesics.pooling import coarsen, farthest_points
from gdl_utils.geodesics.shapes import cylinder, icosphere, sheet, torus
from gdl_utils.geodesics.spectrum import (
    eigenpairs,
    heat_kernel_signature,
    wave_kernel_signature,
)
from gdl_utils.geodesics.tangent import tangent_gradient
from gdl_utils.training import seeded


def lose_faces(verts, faces, rng):
    """Holes, and perhaps pinched or lonely vertices."""
    return verts, faces[rng.random(len(faces)) > rng.choice([0.02, 0.2, 0.6])]


def lose_and_tidy(verts, faces, rng):
    """Holes, without the vertices that no face names."""
    faces = faces[rng.random(len(faces)) > rng.choice([0.02, 0.2])]
    used, new = np.unique(faces, return_inverse=True)
    return verts[used], new.reshape(-1, 3)


def turn_faces(verts, faces, rng):
    turned = rng.random(len(faces)) < 0.05
    faces[turned] = faces[turned][:, ::-1]
    return verts, faces


def turn_all(verts, faces, rng):
    return verts, faces[:, ::-1].copy()


def break_numbers(verts, faces, rng):
    verts[rng.integers(len(verts)), rng.integers(3)] = rng.choice([np.nan, np.inf, -np.inf])
    return verts, faces


def squash(verts, faces, rng):
    """All the same in one direction, or nearly."""
    verts[:, rng.integers(3)] *= rng.choice([0.0, 1e-12, 1e-6, 1e-3])
    return verts, faces


def needles(verts, faces, rng):
    """Some vertices are drawn all the way, or nearly, to a neighbour."""
    for f in rng.integers(len(faces), size=5):
        a, b = faces[f, :2]
        verts[a] += (1 - rng.choice([0.0, 1e-9, 1e-6, 1e-3])) * (verts[b] - verts[a])
    return verts, faces


def straighten(verts, faces, rng):
    """Some vertices are laid onto the edge opposite, or nearly."""
    for f in rng.integers(len(faces), size=5):
        a, b, c = faces[f]
        verts[a] = (verts[b] + verts[c]) / 2 + rng.choice([0.0, 1e-12, 1e-6]) * verts[a]
    return verts, faces


def name_strangers(verts, faces, rng):
    faces[rng.integers(len(faces)), rng.integers(3)] = rng.choice([-1, len(verts), 10**9])
    return verts, faces


def repeat_corner(verts, faces, rng):
    f = rng.integers(len(faces))
    faces[f, 0] = faces[f, 1]
    return verts, faces


def glue_a_fin(verts, faces, rng):
    """A third face at an edge."""
    a, b = faces[rng.integers(len(faces)), :2]
    return np.vstack([verts, [[9.0, 9, 9]]]), np.vstack([faces, [[b, a, len(verts)]]])


def merge_two(verts, faces, rng):
    """Two far vertices become one: the surface is pinched."""
    faces[faces == rng.integers(len(verts))] = rng.integers(len(verts))
    return verts, faces


def scale_wildly(verts, faces, rng):
    return verts * rng.choice([1e-30, 1e-9, 1e9, 1e30]), faces


def shake(verts, faces, rng):
    return verts + rng.choice([0.1, 1.0, 10.0]) * rng.standard_normal(verts.shape), faces


def two_pieces(verts, faces, rng):
    return np.vstack([verts, 0.01 * verts + 5]), np.vstack([faces, faces + len(verts)])


def wrong_type(verts, faces, rng):
    return (verts.astype(complex), faces) if rng.random() < 0.5 else (verts, faces.astype(float))


def shuffle(verts, faces, rng):
    """Faces between strangers."""
    return verts, rng.permutation(faces.ravel()).reshape(-1, 3)


DAMAGES = [
    lose_faces, lose_and_tidy, turn_faces, turn_all, break_numbers, squash, needles, straighten,
    name_strangers, repeat_corner, glue_a_fin, merge_two, scale_wildly, shake, two_pieces,
    wrong_type, shuffle,
]  # fmt: skip
SHAPES = [icosphere(2), torus(12, 7), sheet(8, 9, 0.3), cylinder(10, 6)]


def answers(mesh: Mesh):
    """Everything that the room says about a mesh, by name."""
    yield "Laplacian", cotangent_laplacian(mesh).data
    yield "gradient", gradient(mesh).data
    yield "divergence", divergence(mesh).data
    yield "mass", mass(mesh)
    yield "Delaunay", intrinsic_delaunay(mesh).laplacian().data
    yield "tangent gradient", tangent_gradient(mesh).data
    try:
        distance = HeatMethod(mesh).distance(0)
    except ValueError as error:
        named = "t must let heat reach", "triangles that double precision can solve for"
        assert any(name in str(error) for name in named)  # noqa: PT017
    else:
        yield "distance", distance[mesh.components == mesh.components[0]]
        yield "farthest points", farthest_points(mesh, 3)
    spectrum = eigenpairs(mesh, min(12, len(mesh.verts)), delaunay=True)
    yield "eigenvalues", spectrum.values
    yield "eigenfunctions", spectrum.vectors
    for signature in (heat_kernel_signature, wave_kernel_signature):
        try:
            found = signature(spectrum, 4)
        except ValueError as error:
            assert "spectrum must hold" in str(error)  # noqa: PT017
        else:
            yield signature.__name__, found
    size = mesh.verts / mesh.face_areas.sum().sqrt()
    unit = Mesh(size, mesh.faces)
    on = surface_operators(unit, min(12, len(size)), delaunay=True, dtype=torch.float64)
    with seeded(0):
        block = DiffusionBlock(2).double()
    yield "block", block(torch.ones(len(size), 2).double().cumsum(0).sin(), on).detach()


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("damage", DAMAGES, ids=lambda d: d.__name__)
def test_refused_or_finite(damage, seed):
    whole = SHAPES[seed % 4]
    rng = np.random.default_rng([seed, DAMAGES.index(damage)])
    verts, faces = damage(whole.verts.numpy().copy(), whole.faces.numpy().copy(), rng)
    try:
        mesh = Mesh(verts, faces)
    except ValueError as error:
        assert str(error).startswith(("verts must", "faces must"))  # noqa: PT017
        return
    for name, answer in answers(mesh):
        assert np.isfinite(np.asarray(answer)).all(), name


def test_some_damages_are_refused_and_some_are_not():
    """So that the test above speaks of both."""
    refused = {}
    for damage in DAMAGES:
        refused[damage.__name__] = 0
        for seed in range(8):
            rng = np.random.default_rng([seed, DAMAGES.index(damage)])
            whole = SHAPES[seed % 4]
            try:
                Mesh(*damage(whole.verts.numpy().copy(), whole.faces.numpy().copy(), rng))
            except ValueError:
                refused[damage.__name__] += 1
    for always in ("turn_faces", "break_numbers", "name_strangers", "repeat_corner", "glue_a_fin",
                   "wrong_type", "shuffle"):  # fmt: skip
        assert refused[always] == 8
    for never in ("turn_all", "shake", "two_pieces"):
        assert refused[never] == 0
    assert 8 * len(DAMAGES) - sum(refused.values()) >= 20


def test_a_hole_can_be_coarsened_around():
    verts, faces = (a.numpy() for a in load_spot())
    left = faces[(faces != 1000).all(1)]
    used, new = np.unique(left, return_inverse=True)
    holed = Mesh(verts[used], new.reshape(-1, 3))
    assert holed.euler_characteristic == 1
    coarse, _ = coarsen(holed, 600)
    assert coarse.euler_characteristic == 1
