"""What does a network that knows turns save? Five seeds, turned digits. Chapter 06.

    python experiments/06_turned.py

writes ``book/results/06_turned.json``. Every network is trained on 4,000 upright digits and tested
on 1,000 digits that were each turned by a random angle, and on 500 turned by 0, 15 … 345 degrees.
Then some are trained on 250, 1,000 and 4,000 digits that were turned at random, and tested on the
1,000 turned ones. A nearest neighbour on pixels stands beside them. A seed draws the split of the
data, the angles, the initial weights and the order of the samples. Nothing is chosen by looking at
the test digits: the sizes and epochs were set on 500 held-out training digits of another split, and
the last epoch counts. In float32: another processor's rounding leads the training to slightly
different weights, see the re-run's tolerance.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import torch
from beginnings import beginning
from record import save, stamped
from seeds import run_seeds
from torch import Tensor, nn

from gdl_utils.data.digits import Digits, load_digits
from gdl_utils.grids.pooling import GlobalPool2d
from gdl_utils.groups.actions import rotate
from gdl_utils.groups.elements import Cyclic
from gdl_utils.groups.lattices import HEXAGONAL
from gdl_utils.groups.layers import GroupConv2d, HexGroupConv2d, HexLifting2d, Lifting2d
from gdl_utils.groups.pooling import GlobalGroupPool, HexPool2d, SpatialPool2d
from gdl_utils.groups.resampling import to_hexagons
from gdl_utils.groups.steerable import RotatedGroupConv2d, RotatedLifting2d
from gdl_utils.training import accuracy, count_parameters, fit, seeded

SETTINGS = {"epochs": 4, "batch": 50, "lr": 0.01, "train": 4000, "test": 1000, "around": 500}
SEEDS = (0, 1, 2, 3, 4)
DEGREES = tuple(range(0, 360, 15))
EPOCHS_TURNED = {250: 30, 1000: 10, 4000: 4}
"""Epochs for each number of turned training digits: 150, 200 and 320 steps."""
RADIUS = 14
"""Of the hexagon that digits are resampled on; its sides are 13 pixels from the centre."""
CHANNELS = {"CNN": (12, 20, 28), "CNN, equal compute": (24, 40, 56)}
FIELDS = {"p4": (6, 10, 14), "p6": (6, 9, 13), "C12": (4, 8, 10)}
LEARNING = ("CNN", "p4")
"""Which networks are trained on turned digits as well."""
NEAREST = "nearest neighbour"
KINDS = (*CHANNELS, *FIELDS, NEAREST)
STEPS = 8
"""How many of each training are stored as its beginning."""


@functools.cache
def digits(seed: int) -> Digits:
    """Read the digits once a seed."""
    return load_digits(seed=seed)


def cnn(a: int, b: int, c: int) -> nn.Module:
    """Build three plain convolutions with two local poolings."""
    return nn.Sequential(
        nn.Conv2d(1, a, 5, padding=2), nn.BatchNorm2d(a), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(a, b, 5, padding=2), nn.BatchNorm2d(b), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(b, c, 5, padding=2), nn.BatchNorm2d(c), nn.ReLU(),
        GlobalPool2d("max"), nn.Linear(c, 10),
    )  # fmt: skip


def p4(a: int, b: int, c: int) -> nn.Module:
    """Build the same with quarter turns, exact on pixels."""
    group = Cyclic(4)
    return nn.Sequential(
        Lifting2d(1, a, 5, group), nn.BatchNorm3d(a), nn.ReLU(), SpatialPool2d(2),
        GroupConv2d(a, b, 5, group), nn.BatchNorm3d(b), nn.ReLU(), SpatialPool2d(2),
        GroupConv2d(b, c, 5, group), nn.BatchNorm3d(c), nn.ReLU(),
        GlobalGroupPool("max"), nn.Linear(c, 10),
    )  # fmt: skip


def p6(a: int, b: int, c: int) -> nn.Module:
    """Build the same with turns by 60 degrees, exact on hexagons; windows of 19 positions."""
    group = Cyclic(6)
    return nn.Sequential(
        HexLifting2d(1, a, 2, group), nn.BatchNorm3d(a), nn.ReLU(), HexPool2d(),
        HexGroupConv2d(a, b, 2, group), nn.BatchNorm3d(b), nn.ReLU(), HexPool2d(),
        HexGroupConv2d(b, c, 2, group), nn.BatchNorm3d(c), nn.ReLU(),
        GlobalGroupPool("max", lattice=HEXAGONAL), nn.Linear(c, 10),
    )  # fmt: skip


def c12(a: int, b: int, c: int) -> nn.Module:
    """Build the same with turns by 30 degrees, interpolated on pixels, and pooling by means."""
    group = Cyclic(12)
    return nn.Sequential(
        RotatedLifting2d(1, a, 5, group), nn.BatchNorm3d(a), nn.ReLU(),
        SpatialPool2d(reduce="mean"),
        RotatedGroupConv2d(a, b, 5, group), nn.BatchNorm3d(b), nn.ReLU(),
        SpatialPool2d(reduce="mean"),
        RotatedGroupConv2d(b, c, 5, group), nn.BatchNorm3d(c), nn.ReLU(),
        GlobalGroupPool("max"), nn.Linear(c, 10),
    )  # fmt: skip


def network(kind: str) -> nn.Module:
    """About 20,000 parameters each; the second CNN has the multiplications of p4 instead."""
    if kind in CHANNELS:
        return cnn(*CHANNELS[kind])
    return {"p4": p4, "p6": p6, "C12": c12}[kind](*FIELDS[kind])


def inputs(kind: str, x: Tensor) -> Tensor:
    """What a network is shown: pixels, or hexagons for p6."""
    return to_hexagons(x, RADIUS) if kind == "p6" else x


def turned_digits(seed: int, n: int) -> tuple[Tensor, Tensor]:
    """Turn the first n training images of a seed and all test images, each by an angle of its own.

    All angles are equally likely; those of the images do not depend on n.
    """
    data, rng = digits(seed), torch.Generator().manual_seed(2000 + seed)

    def turned(x: Tensor, count: int) -> Tensor:
        angles = 2 * math.pi * torch.rand(len(x), generator=rng, dtype=torch.float64)
        images = [rotate(a, image[None]) for a, image in zip(angles.tolist()[:count], x)]
        return torch.cat([x[:0], *images])

    return turned(data.x_train, n), turned(data.x_test, len(data.x_test))


def trained(kind: str, seed: int, x: Tensor, y: Tensor, epochs: int) -> nn.Module:
    """Train one network from one seed on images as it is shown them."""
    with seeded(seed) as rng:
        model = network(kind)
        fit(model, x, y, rng=rng, epochs=epochs, batch=SETTINGS["batch"], lr=SETTINGS["lr"])
    return model


def trained_upright(kind: str, seed: int) -> nn.Module:
    """Train one network on the training images as they are."""
    data = digits(seed)
    return trained(kind, seed, inputs(kind, data.x_train), data.y_train, SETTINGS["epochs"])


def nearest(x: Tensor, y: Tensor, x_test: Tensor, y_test: Tensor) -> float:
    """Accuracy of the class of the nearest training image."""
    found = torch.cdist(x_test.flatten(1), x.flatten(1)).argmin(1)
    return int((y[found] == y_test).sum()) / len(y_test)


def upright_scores(kind: str, seed: int, *, around: bool = True) -> dict[str, float | list[float]]:
    """Train on upright digits; test upright, turned at random, and around the circle."""
    data, (_, x_turned) = digits(seed), turned_digits(seed, 0)
    if kind == NEAREST:

        def test(x: Tensor, y: Tensor) -> float:
            return nearest(data.x_train, data.y_train, x, y)

    else:
        model = trained_upright(kind, seed)

        def test(x: Tensor, y: Tensor) -> float:
            return accuracy(model, inputs(kind, x), y, batch=250)

    scores = {"upright": test(data.x_test, data.y_test), "turned": test(x_turned, data.y_test)}
    if around:
        x, y = data.x_test[: SETTINGS["around"]], data.y_test[: SETTINGS["around"]]
        scores["around"] = [test(rotate(math.radians(a), x), y) for a in DEGREES]
    return scores


def turned_score(kind: str, seed: int, n: int) -> float:
    """Train on n turned digits, and test on turned ones."""
    data, (x, x_test) = digits(seed), turned_digits(seed, n)
    y = data.y_train[:n]
    if kind == NEAREST:
        return nearest(x, y, x_test, data.y_test)
    model = trained(kind, seed, inputs(kind, x), y, EPOCHS_TURNED[n])
    return accuracy(model, inputs(kind, x_test), data.y_test, batch=250)


def beginnings(seed: int) -> dict[str, list[float]]:
    """Each network's answers in the first steps of its training on upright digits."""
    return {
        kind: beginning(functools.partial(trained_upright, kind, seed), STEPS)
        for kind in (*CHANNELS, *FIELDS)
    }


def of_seed(seed: int) -> dict[str, Any]:
    """Train all networks from one seed."""
    scores: dict[str, dict[str, Any]] = {}
    for kind in KINDS:
        scores[kind] = upright_scores(kind, seed)
        if kind in (*LEARNING, NEAREST):
            scores[kind]["learning"] = {str(n): turned_score(kind, seed, n) for n in EPOCHS_TURNED}
    return {"scores": scores, "beginnings": beginnings(seed)}


def main() -> None:
    """Train all networks from all seeds, and store every score."""
    run = run_seeds(of_seed, SEEDS)
    path = save(
        __file__,
        run,
        "Accuracy on turned MNIST-5k test digits; chapter 06.",
        settings={
            **SETTINGS,
            "epochs_turned": {str(n): e for n, e in EPOCHS_TURNED.items()},
            "dtype": "float32",
            "threads": 1,
        },
        parameters={kind: count_parameters(network(kind)) for kind in (*CHANNELS, *FIELDS)},
        degrees=DEGREES,
        scores=run.by_name("scores"),
        beginnings=stamped(run.code_sha256, run.by_name("beginnings")),
    )
    print(path)


if __name__ == "__main__":
    main()
