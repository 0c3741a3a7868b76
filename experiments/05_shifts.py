"""Which heads and which local pooling survive a shift? Five seeds, four networks. Chapter 05.

    python experiments/05_shifts.py

writes ``book/results/05_shifts.json``: the accuracy of every network on 1,000 test digits that
were shifted circularly by dx pixels, dx = −14 … 14, the share of them that get the same answer as
when they are not shifted, and the accuracy after each of the eight shifts by 4 pixels. A seed
draws the split of the data, the initial weights, and the order of the samples. Nothing is chosen
by looking at the test digits: the last epoch counts. All in float64, so that another processor's
rounding does not lead the training elsewhere.
"""

from __future__ import annotations

import functools
from typing import Any

import torch
from beginnings import beginning
from record import save, stamped
from seeds import run_seeds
from torch import Tensor, nn

from gdl_utils.data.digits import Digits, load_digits
from gdl_utils.grids.actions import shift
from gdl_utils.grids.layers import CircularConv2d
from gdl_utils.grids.pooling import BlurPool2d, CircularMaxPool2d, GlobalPool2d, PolyphasePool2d
from gdl_utils.training import count_parameters, fit, seeded

SETTINGS = {"epochs": 4, "batch": 50, "lr": 0.01, "train": 4000, "test": 1000}
SEEDS = (0, 1, 2, 3, 4)
ALONG = [(0, dx) for dx in range(-14, 15)]
BY_FOUR = [(dy, dx) for dy in (-4, 0, 4) for dx in (-4, 0, 4) if (dy, dx) != (0, 0)]
POOLS = {
    "flatten": lambda: nn.MaxPool2d(2),
    "strided": lambda: nn.MaxPool2d(2),
    "blurred": lambda: nn.Sequential(CircularMaxPool2d(2, stride=1), BlurPool2d(5)),
    "polyphase": lambda: nn.Sequential(CircularMaxPool2d(2, stride=1), PolyphasePool2d()),
}
STEPS = 16
"""How many of each training are stored as its beginning."""


@functools.cache
def digits(seed: int) -> Digits:
    """Read the digits once a seed."""
    return load_digits(seed=seed)


def network(kind: str) -> nn.Module:
    """Three convolutions, two local poolings, and a head; about 16,500 parameters each."""
    pool = POOLS[kind]
    a, b, c = (8, 16, 24) if kind == "flatten" else (8, 24, 64)
    head = [nn.Flatten()] if kind == "flatten" else [GlobalPool2d("max")]
    return nn.Sequential(
        CircularConv2d(1, a, 5), nn.ReLU(), pool(),
        CircularConv2d(a, b, 3), nn.ReLU(), pool(),
        CircularConv2d(b, c, 3), nn.ReLU(),
        *head, nn.Linear(49 * c if kind == "flatten" else c, 10),
    ).double()  # fmt: skip


def trained(kind: str, seed: int) -> nn.Module:
    """Train one network from one seed."""
    data = digits(seed)
    with seeded(seed) as rng:
        model = network(kind)
        how = {k: SETTINGS[k] for k in ("epochs", "batch", "lr")}
        fit(model, data.x_train.double(), data.y_train, rng=rng, **how)
    return model


def answers(model: nn.Module, x: Tensor, g: tuple[int, int]) -> Tensor:
    """Classes that the network gives to the images after a shift."""
    with torch.no_grad():
        return torch.cat([model(part).argmax(-1) for part in shift(g, x).split(250)])


def scores_of(kind: str, seed: int) -> dict[str, list[float]]:
    """Train a network; its accuracy after each shift, and how often its answer is the same."""
    model, data = trained(kind, seed), digits(seed)
    x, y = data.x_test.double(), data.y_test
    still = answers(model, x, (0, 0))
    along = [answers(model, x, g) for g in ALONG]
    return {
        "along": [share(a == y) for a in along],
        "same": [share(a == still) for a in along],
        "by_four": [share(answers(model, x, g) == y) for g in BY_FOUR],
    }


def share(hits: Tensor) -> float:
    """How many of these are true, from 0 to 1."""
    return int(hits.sum()) / len(hits)


def beginnings(seed: int) -> dict[str, list[float]]:
    """Each network's answers in the first steps of its training."""
    return {kind: beginning(functools.partial(trained, kind, seed), STEPS) for kind in POOLS}


def of_seed(seed: int) -> dict[str, Any]:
    """Train all networks from one seed."""
    scores = {kind: scores_of(kind, seed) for kind in POOLS}
    return {"scores": scores, "beginnings": beginnings(seed)}


def main() -> None:
    """Train all networks from all seeds, and store every score."""
    run = run_seeds(of_seed, SEEDS)
    path = save(
        __file__,
        run,
        "Accuracy on circularly shifted MNIST-5k test digits; chapter 05.",
        settings={**SETTINGS, "dtype": "float64", "threads": 1},
        parameters={kind: count_parameters(network(kind)) for kind in POOLS},
        shifts={"along": ALONG, "by_four": BY_FOUR},
        scores=run.by_name("scores"),
        beginnings=stamped(run.code_sha256, run.by_name("beginnings")),
    )
    print(path)


if __name__ == "__main__":
    main()
