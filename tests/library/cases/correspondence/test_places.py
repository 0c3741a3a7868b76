"""Places on a reference, the truth about remeshed copies, training and scores."""

import math

import pytest
import torch

from gdl_utils.cases.correspondence.places import (
    fit_places,
    place_errors,
    reference,
    remeshed,
    soft_labels,
    unit_area,
)
from gdl_utils.data.animals import load_animal, random_pose
from gdl_utils.geodesics.layers import DiffusionNet
from gdl_utils.geodesics.mesh import Mesh
from gdl_utils.geodesics.paths import exact_distance
from gdl_utils.geodesics.shapes import icosphere, sheet
from gdl_utils.geodesics.spectrum import eigenpairs, heat_kernel_signature
from gdl_utils.training import seeded


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def dog():
    return load_animal("dog")


@pytest.fixture(scope="module")
def rest(dog):
    return reference(Mesh(dog.verts, dog.faces), 60, dog.mirror)


@pytest.fixture(scope="module")
def moved(dog, rest):
    draw = rng(3)
    bent = Mesh(dog.pose(random_pose(dog, draw)), dog.faces)
    return remeshed(rest, bent, 400, draw, k=32)


def test_an_area_of_one():
    ball = unit_area(icosphere(2))
    torch.testing.assert_close(ball.face_areas.sum(), torch.tensor(1.0, dtype=torch.float64))
    torch.testing.assert_close(
        ball.verts / ball.verts.norm(dim=1, keepdim=True), icosphere(2).verts
    )


def test_places_and_distances(rest):
    assert rest.places.unique().numel() == 60
    assert (rest.distances[rest.places].argmin(1) == torch.arange(60)).all()
    exact = exact_distance(rest.mesh, int(rest.places[5]))
    assert (rest.distances[:, 5] - exact).abs().mean() < 0.05 * exact.mean()


def test_the_truth_is_carried_along(dog, rest, moved):
    """The point a vertex came from, on the rest pose: near the place that is nearest to it."""
    true = torch.sparse.mm(moved.interpolation, rest.mesh.verts)
    nearest = moved.distance.argmin(1)
    apart = (true - rest.mesh.verts[rest.places[nearest]]).norm(dim=1)
    covered = rest.distances.min(1).values.max()
    assert (apart <= 1.1 * covered).all()
    flip = torch.tensor([1.0, -1.0, 1.0], dtype=torch.float64)
    opposite = moved.mirrored.argmin(1)
    apart = (true * flip - rest.mesh.verts[rest.places[opposite]]).norm(dim=1)
    assert (apart <= 1.1 * covered).all()
    assert moved.distance.shape == (len(moved.mesh.verts), 60)
    assert len(moved.operators) == len(moved.mesh.verts)


def test_labels_by_hand():
    """Distances 0 and w·√(2 ln 3): shares 3 to 1."""
    found = soft_labels(torch.tensor([[0.0, 0.1 * math.sqrt(2 * math.log(3))]]), 0.1)
    torch.testing.assert_close(found, torch.tensor([[0.75, 0.25]]))


def test_errors_by_hand(moved):
    nearest, opposite = moved.distance.argmin(1), moved.mirrored.argmin(1)
    right = place_errors(nearest, moved)
    assert torch.equal(right, moved.distance.min(1).values)
    wrong = place_errors(opposite, moved)
    both = place_errors(opposite, moved, modulo_mirror=True)
    assert (wrong > 0.1).float().mean() > 0.5  # the other side of the dog
    assert torch.equal(both, torch.minimum(wrong, moved.mirrored.min(1).values))


def test_without_a_mirror_both_truths_are_one():
    ball = reference(icosphere(2), 20)
    copy = remeshed(ball, icosphere(2), 100, rng(), k=16, dtype=torch.float64)
    assert torch.equal(copy.distance, copy.mirrored)
    assert copy.operators.vectors.dtype == torch.float64


def test_a_network_learns_the_places_of_one_dog(moved):
    x = heat_kernel_signature(eigenpairs(moved.mesh, 32, delaunay=True), 8).log()
    x = ((x - x.mean(0)) / x.std(0)).float()
    near = {}
    for epochs in (1, 60):
        with seeded(0) as draw:
            net = DiffusionNet(8, 60, channels=16, blocks=2)
            losses = fit_places(net, [x], [moved], rng=draw, epochs=epochs, width=0.05)
        assert len(losses) == epochs
        assert not net.training
        with torch.no_grad():
            error = place_errors(net(x, moved.operators).argmax(1), moved)
        near[epochs] = float((error < 0.15).float().mean())
    assert losses[-1] < 0.7 * losses[0]
    assert near[60] > 0.6 > near[1]


def test_a_loss_that_is_not_finite_is_told(moved):
    net = DiffusionNet(1, 60, channels=4, blocks=1)
    x = torch.full((len(moved.operators), 1), float("nan"))
    with pytest.raises(FloatingPointError, match="stopped being finite in step 1"):
        fit_places(net, [x], [moved], rng=rng())


BALL = icosphere(1)


@pytest.mark.parametrize(
    ("count", "mirror", "message"),
    [
        (0, None, "count must be between 1 and 42, got 0"),
        (3, torch.arange(41), "mirror must be its own inverse on 42 vertices"),
        (3, torch.arange(42).roll(1), "mirror must be its own inverse"),
        (3, torch.arange(42).float(), "mirror must be its own inverse"),
        (3, torch.arange(42) + 1, "mirror must be its own inverse"),
    ],
)
def test_bad_references(count, mirror, message):
    with pytest.raises(ValueError, match=message):
        reference(BALL, count, mirror)


def test_bad_arguments(moved, rest):
    with pytest.raises(ValueError, match=r"bent must have the reference's 3324 vertices, got 42"):
        remeshed(rest, BALL, 100, rng())
    with pytest.raises(ValueError, match="faces must close the surface"):
        remeshed(reference(sheet(4, 4), 3), sheet(4, 4), 20, rng())
    for width in (0.0, math.inf):
        with pytest.raises(ValueError, match="width must be positive and finite"):
            soft_labels(moved.distance, width)
    net = DiffusionNet(1, 60, channels=4, blocks=1)
    for inputs, surfaces in (([], []), ([torch.ones(400, 1)], [])):
        with pytest.raises(ValueError, match="inputs must be one for each of some surfaces"):
            fit_places(net, inputs, surfaces, rng=rng())
    with pytest.raises(ValueError, match="epochs must be positive, got 0"):
        fit_places(net, [torch.ones(400, 1)], [moved], rng=rng(), epochs=0)
    with pytest.raises(ValueError, match=r"place must be \(400,\), got \(3,\)"):
        place_errors(torch.zeros(3, dtype=torch.int64), moved)
    with pytest.raises(ValueError, match="place must be from 0 to 59"):
        place_errors(torch.full((400,), 60), moved)
