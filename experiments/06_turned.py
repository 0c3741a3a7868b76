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

import math
import time

import torch
from record import code_hash, machine, save
from torch import Tensor, nn

from gdl_utils.data.digits import load_digits
from gdl_utils.grids.pooling import GlobalPool2d
from gdl_utils.groups.actions import rotate
from gdl_utils.groups.elements import Cyclic
from gdl_utils.groups.hexagonal import to_hexagons
from gdl_utils.groups.lattices import HEXAGONAL
from gdl_utils.groups.layers import GroupConv2d, HexGroupConv2d, HexLifting2d, Lifting2d
from gdl_utils.groups.pooling import GlobalGroupPool, HexPool2d, SpatialPool2d
from gdl_utils.groups.steerable import RotatedGroupConv2d, RotatedLifting2d
from gdl_utils.training import accuracy, count_parameters, fit, seeded

CODE = (
    "experiments/06_turned.py",
    "gdl_utils/data/digits.py",
    "gdl_utils/grids/pooling.py",
    "gdl_utils/groups/actions.py",
    "gdl_utils/groups/elements.py",
    "gdl_utils/groups/filters.py",
    "gdl_utils/groups/harmonics.py",
    "gdl_utils/groups/hexagonal.py",
    "gdl_utils/groups/lattices.py",
    "gdl_utils/groups/layers.py",
    "gdl_utils/groups/pooling.py",
    "gdl_utils/groups/steerable.py",
    "gdl_utils/training.py",
)
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
        RotatedLifting2d(1, a, 5, group), nn.BatchNorm3d(a), nn.ReLU(), SpatialPool2d(how="mean"),
        RotatedGroupConv2d(a, b, 5, group), nn.BatchNorm3d(b), nn.ReLU(), SpatialPool2d(how="mean"),
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


def turned(x: Tensor, rng: torch.Generator) -> Tensor:
    """Turn each image by an angle of its own, all angles equally likely."""
    angles = 2 * math.pi * torch.rand(len(x), generator=rng, dtype=torch.float64)
    return torch.cat([rotate(a, image[None]) for a, image in zip(angles.tolist(), x)])


def turned_digits(seed: int) -> tuple[Tensor, Tensor]:
    """Read the training and test images of a seed, each turned at random."""
    data, rng = load_digits(seed=seed), torch.Generator().manual_seed(2000 + seed)
    return turned(data.x_train, rng), turned(data.x_test, rng)


def trained(kind: str, seed: int, x: Tensor, y: Tensor, epochs: int) -> nn.Module:
    """Train one network from one seed on images as it is shown them."""
    with seeded(seed) as rng:
        model = network(kind)
        fit(model, x, y, rng=rng, epochs=epochs, batch=SETTINGS["batch"], lr=SETTINGS["lr"])
    return model


def nearest(x: Tensor, y: Tensor, x_test: Tensor, y_test: Tensor) -> float:
    """Accuracy of the class of the nearest training image."""
    found = torch.cdist(x_test.flatten(1), x.flatten(1)).argmin(1)
    return int((y[found] == y_test).sum()) / len(y_test)


def upright_scores(kind: str, seed: int, *, around: bool = True) -> dict[str, float | list[float]]:
    """Train on upright digits; test upright, turned at random, and around the circle."""
    data, (_, x_turned) = load_digits(seed=seed), turned_digits(seed)
    if kind == "nearest neighbour":

        def test(x: Tensor, y: Tensor) -> float:
            return nearest(data.x_train, data.y_train, x, y)

    else:
        x = inputs(kind, data.x_train)
        model = trained(kind, seed, x, data.y_train, SETTINGS["epochs"])

        def test(x: Tensor, y: Tensor) -> float:
            return accuracy(model, inputs(kind, x), y, batch=250)

    scores = {"upright": test(data.x_test, data.y_test), "turned": test(x_turned, data.y_test)}
    if around:
        x, y = data.x_test[: SETTINGS["around"]], data.y_test[: SETTINGS["around"]]
        scores["around"] = [test(rotate(math.radians(a), x), y) for a in DEGREES]
    return scores


def turned_score(kind: str, seed: int, n: int) -> float:
    """Train on n turned digits, and test on turned ones."""
    data, (x, x_test) = load_digits(seed=seed), turned_digits(seed)
    x, y = x[:n], data.y_train[:n]
    if kind == "nearest neighbour":
        return nearest(x, y, x_test, data.y_test)
    model = trained(kind, seed, inputs(kind, x), y, EPOCHS_TURNED[n])
    return accuracy(model, inputs(kind, x_test), data.y_test, batch=250)


def main() -> None:
    """Train all networks from all seeds, and store every score."""
    torch.set_num_threads(1)
    start = time.perf_counter()
    kinds = (*CHANNELS, *FIELDS, "nearest neighbour")
    scores: dict[str, dict[str, dict]] = {kind: {} for kind in kinds}
    for seed in SEEDS:
        for kind in kinds:
            found = upright_scores(kind, seed)
            if kind in (*LEARNING, "nearest neighbour"):
                found["learning"] = {str(n): turned_score(kind, seed, n) for n in EPOCHS_TURNED}
            scores[kind][str(seed)] = found
            seconds = time.perf_counter() - start
            print(f"{seconds:5.0f} s", kind, seed, found, flush=True)
    path = save(
        "06_turned",
        {
            "about": "Accuracy on turned MNIST-5k test digits; chapter 06.",
            "code_sha256": code_hash(CODE),
            "settings": {
                **SETTINGS,
                "epochs_turned": {str(n): e for n, e in EPOCHS_TURNED.items()},
                "dtype": "float32",
                "threads": 1,
            },
            "parameters": {kind: count_parameters(network(kind)) for kind in kinds[:-1]},
            "degrees": list(DEGREES),
            "scores": scores,
            **machine(),
            "seconds": round(time.perf_counter() - start),
        },
    )
    print(path)


if __name__ == "__main__":
    main()
