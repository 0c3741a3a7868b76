"""Who can tell a left-handed spiral from a right-handed one? Five seeds. Chapter 09.

    python experiments/09_spirals.py

writes ``book/results/09_spirals.json``. Networks are trained on spirals painted on bumpy spheres,
and tested on bumpy spheres, dogs and rats that they never saw, with every surface's mirror image
beside it, and with noise on the paint. All have the same data, steps and learning rate:

- ``gauge``: a gauge network's answer minus its answer for the mirror image;
- ``no transport``: as ``gauge``, but vectors are added without carrying them, in frames that
  were drawn at random;
- ``isotropic``: scalars only, of nearly as many parameters, trained on mirror images too;
- ``by hand``: no learning. Twice the angle between the gradients of the signal blurred a little and
  blurred a lot is positive for one hand and negative for the other.

A seed draws surfaces, spirals, noise, initial weights and the order of the samples. The settings
were fixed on other seeds' bumpy spheres, but for the number of epochs: with half of them one of
these five seeds had not begun to learn, and all were run again. The last step counts. In float32:
another processor's rounding leads the training to slightly different weights, see the re-run's
tolerance.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import torch
from beginnings import beginning
from record import save, stamped
from scipy.sparse import diags_array
from seeds import run_seeds
from torch import Tensor, nn

from gdl_utils.cases.spirals.painting import bumpy_sphere, spirals
from gdl_utils.data.animals import load_animal, random_plan, random_pose
from gdl_utils.gauges.actions import Gauges, change_connection
from gdl_utils.gauges.networks import GaugeNet, OddUnderReflection, batch_connections, mirrored
from gdl_utils.gauges.transport import Connection, vertex_connection
from gdl_utils.geodesics.distances import factorise, nested_dissection
from gdl_utils.geodesics.mesh import Mesh
from gdl_utils.geodesics.operators import cotangent_laplacian, mass
from gdl_utils.geodesics.tangent import tangent_gradient
from gdl_utils.training import count_parameters, fit_steps, seeded, shuffled

SETTINGS = {"surfaces": 48, "each": 2, "epochs": 8, "batch": 4, "lr": 0.01, "layers": 2}
"""Each training surface is painted twice; a batch holds four painted surfaces."""
WIDTHS = {"gauge": (8, 2), "no transport": (8, 2), "isotropic": (24, 0)}
"""Channels and order of each network's hidden fields."""
NAMES = (*WIDTHS, "by hand")
SEEDS = (0, 1, 2, 3, 4)
TESTS = {"bumpy": (12, 4), "dog": (6, 3), "rat": (6, 3)}
"""How many unseen surfaces of each kind, and how often each is painted."""
NOISES = (0.0, 0.1, 0.2)
"""Standard deviations of what is added to every vertex; the paint goes from 0 to 1."""
STEPS = 8
"""How many of each training are stored as its beginning."""

Painted = tuple[Tensor, Connection, float, Mesh]


def animal(name: str) -> Callable[[torch.Generator], Mesh]:
    """Return a maker of surfaces: the animal with random proportions in a random pose."""
    standing = load_animal(name)

    def make(rng: torch.Generator) -> Mesh:
        other = random_plan(standing, rng)
        return Mesh(other.pose(random_pose(other, rng)), other.faces)

    return make


def paint(
    make: Callable[[torch.Generator], Mesh], surfaces: int, each: int, rng: torch.Generator
) -> list[Painted]:
    """Draw surfaces and paint each several times: signal, connection, hand, mesh."""
    painted = []
    for _ in range(surfaces):
        mesh = make(rng)
        c = vertex_connection(mesh)
        c = Connection(c.n, c.edge_index, c.transports.float(), c.directions.float())
        for _ in range(each):
            hand = 1 - 2 * int(torch.randint(2, (1,), generator=rng))
            painted.append((spirals(mesh, hand, rng).float(), c, float(hand), mesh))
    return painted


def batch(painted: list[Painted]) -> tuple[Tensor, Connection, Tensor, Tensor]:
    """Put painted surfaces side by side: x, connection, piece, hands."""
    connection, piece = batch_connections([one[1] for one in painted])
    x = torch.cat([one[0] for one in painted])[:, None, None]
    return x, connection, piece, torch.tensor([one[2] for one in painted])


def reflected(painted: list[Painted]) -> list[Painted]:
    """Return the mirror images: the same values, on a surface that turns the other way."""
    return [(f, mirrored(c), -hand, mesh) for f, c, hand, mesh in painted]


def lost(painted: list[Painted], rng: torch.Generator) -> list[Painted]:
    """Draw every frame anew, and forget how to carry a vector from one to the next."""
    out = []
    for f, c, hand, mesh in painted:
        turned = change_connection(Gauges(c.n).sample(rng).float(), c)
        still = torch.zeros_like(turned.transports)
        out.append((f, Connection(c.n, c.edge_index, still, turned.directions), hand, mesh))
    return out


def build(name: str) -> nn.Module:
    """Build one of the networks."""
    net = GaugeNet(*WIDTHS[name], SETTINGS["layers"])
    return net if name == "isotropic" else OddUnderReflection(net)


def train(net: nn.Module, painted: list[Painted], rng: torch.Generator) -> nn.Module:
    """Train by Adam on the logistic loss, with one cycle of the learning rate."""
    lr, size, epochs = SETTINGS["lr"], SETTINGS["batch"], SETTINGS["epochs"]
    order = shuffled(len(painted), size, rng)

    def loss_of_next() -> Tensor:
        x, connection, piece, hand = batch([painted[i] for i in next(order).tolist()])
        return nn.functional.softplus(-hand * net(x, connection, piece)).mean()

    fit_steps(net, loss_of_next, epochs * math.ceil(len(painted) / size), lr=lr)
    return net


@torch.no_grad()
def score(net: nn.Module, painted: list[Painted]) -> float:
    """Percentage of right answers; above 0 means hand 1, and 0 itself hand −1."""
    right = 0
    for k in range(0, len(painted), 4):
        x, connection, piece, hand = batch(painted[k : k + 4])
        says = torch.where(net(x, connection, piece) > 0, 1.0, -1.0)
        right += int((says == hand).sum())
    return 100 * right / len(painted)


def by_hand(painted: list[Painted]) -> float:
    r"""Percentage of right signs of ∫ Im (∇u ∇v*)², u blurred a little and v blurred a lot."""
    right = 0
    for f, _, hand, mesh in painted:
        laplacian, area = cotangent_laplacian(mesh), mass(mesh).numpy()
        order = nested_dissection(mesh.verts.numpy(), laplacian)
        edge = float(mesh.edge_lengths.mean())
        heat = (area * f.double().numpy())[:, None]
        slopes = []
        for t in (1.0, 8.0):
            solve = factorise((diags_array(area) + t * edge**2 * laplacian).tocsr(), order)
            slopes.append(tangent_gradient(mesh) @ solve(heat)[:, 0])
        twist = float((area * ((slopes[0] * slopes[1].conj()) ** 2).imag).sum())
        right += (twist > 0) == (hand > 0)
    return 100 * right / len(painted)


def noisy(painted: list[Painted], deviation: float, rng: torch.Generator) -> list[Painted]:
    """Add noise to the paint."""
    return [
        (f + deviation * torch.randn(f.shape, generator=rng), c, hand, mesh)
        for f, c, hand, mesh in painted
    ]


def drawn(seed: int) -> tuple[list[Painted], dict[str, list[Painted]]]:
    """Draw a seed's training surfaces, and its tests without noise."""
    rng = torch.Generator().manual_seed(seed)
    training = paint(bumpy_sphere, SETTINGS["surfaces"], SETTINGS["each"], rng)
    makers = {"bumpy": bumpy_sphere, "dog": animal("dog"), "rat": animal("rat")}
    return training, {kind: paint(makers[kind], *TESTS[kind], rng) for kind in TESTS}


def trained(name: str, seed: int, training: list[Painted], rng: torch.Generator) -> nn.Module:
    """Train one network from one seed; ``rng`` draws the frames of the one without transport."""
    with seeded(seed) as shuffle:
        if name == "no transport":
            training = lost(training, rng)
        elif name == "isotropic":
            training = training + reflected(training)
        return train(build(name), training, shuffle)


def scores(
    name: str, seed: int, data: tuple[list[Painted], dict[str, list[Painted]]]
) -> dict[str, dict[str, float]]:
    """Train one network, and test it on every kind of surface at every level of noise."""
    training, tests = data
    rng = torch.Generator().manual_seed(1000 + seed)
    if name == "by hand":
        test = by_hand
    else:
        net = trained(name, seed, training, rng)

        def test(painted: list[Painted]) -> float:
            if name == "no transport":
                painted = lost(painted, rng)
            elif (
                name == "isotropic"
            ):  # the others' answers for mirror images are their own, negated
                painted = painted + reflected(painted)
            return score(net, painted)

    paper = torch.Generator().manual_seed(2000 + seed)
    return {
        kind: {str(d): round(test(noisy(painted, d, paper)), 2) for d in NOISES}
        for kind, painted in tests.items()
    }


def beginnings(seed: int, training: list[Painted] | None = None) -> dict[str, list[float]]:
    """Each network's answers in the first steps of its training; surfaces may be given."""
    training, found = training or drawn(seed)[0], {}
    for name in WIDTHS:
        rng = torch.Generator().manual_seed(1000 + seed)
        found[name] = beginning(functools.partial(trained, name, seed, training, rng), STEPS)
    return found


def of_seed(seed: int) -> dict[str, Any]:
    """Train all networks from one seed."""
    data = drawn(seed)
    found = {name: scores(name, seed, data) for name in NAMES}
    return {"scores": found, "beginnings": beginnings(seed, data[0])}


def main() -> None:
    """Train all networks from all seeds, and store every score."""
    run = run_seeds(of_seed, SEEDS)
    path = save(
        __file__,
        run,
        "Percentage of spirals whose handedness is told, on unseen surfaces; chapter 09.",
        settings={
            **SETTINGS,
            "tests": TESTS,
            "noises": NOISES,
            "dtype": "float32",
            "threads": 1,
        },
        parameters={name: count_parameters(build(name)) for name in WIDTHS},
        scores=run.by_name("scores"),
        beginnings=stamped(run.code_sha256, run.by_name("beginnings")),
    )
    print(path)


if __name__ == "__main__":
    main()
