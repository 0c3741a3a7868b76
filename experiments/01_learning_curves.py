"""Which learner needs how many digits? Four learners, six training sizes, five seeds. Chapter 01.

    python experiments/01_learning_curves.py

writes ``book/results/01_learning_curves.json``: the accuracy of every learner on 1,000 test digits
after training on the first n digits of the training set, and which test digits it misread from
seed 0. A seed draws the split of the data, the initial weights, and the order of the samples. All
learners are trained alike, for 20,000 digits read, whatever n is; the last step counts. This
schedule and the networks' shapes were settled on 800 digits of the *training* sets. All in float64,
so that another processor's rounding does not lead the training elsewhere.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import torch
from beginnings import beginning
from record import save, stamped
from seeds import run_seeds
from torch import Tensor, nn

from gdl_utils.data.digits import Digits, load_digits
from gdl_utils.features import hog
from gdl_utils.training import accuracy, count_parameters, fit, seeded

SETTINGS = {"digits_read": 20_000, "batch": 50, "lr": 0.01, "test": 1000}
SEEDS = (0, 1, 2, 3, 4)
SIZES = (100, 250, 500, 1000, 2000, 4000)
LONGEST, STEPS = "CNN", 16
"""The learner that takes longest, and how many steps are stored as its training's beginning."""


def convolutional() -> nn.Module:
    """Three convolutions of 5 × 5, each followed by pooling, and a dense head."""

    def block(a: int, b: int) -> list[nn.Module]:
        conv = nn.Conv2d(a, b, 5, padding=2)
        return [conv, nn.BatchNorm2d(b), nn.ReLU(), nn.MaxPool2d(2)]

    head = [nn.Flatten(), nn.Linear(32 * 3 * 3, 10)]
    return nn.Sequential(*block(1, 8), *block(8, 16), *block(16, 32), *head)


def dense() -> nn.Module:
    """One hidden layer, as wide as the convolutional network's number of parameters allows."""
    hidden = [nn.Linear(784, 24), nn.BatchNorm1d(24), nn.ReLU()]
    return nn.Sequential(nn.Flatten(), *hidden, nn.Linear(24, 10))


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "pixels + linear": lambda: nn.Sequential(nn.Flatten(), nn.Linear(784, 10)),
    "HOG + linear": lambda: nn.Linear(1296, 10),
    "MLP": dense,
    "CNN": convolutional,
}


@functools.cache
def digits(seed: int) -> Digits:
    """Read the digits once a seed."""
    return load_digits(seed=seed)


def inputs(kind: str, data: Digits) -> tuple[Tensor, Tensor]:
    """What a learner is given, of the training and of the test digits."""
    seen = hog if kind.startswith("HOG") else (lambda x: x)
    return seen(data.x_train.double()), seen(data.x_test.double())


def trained(kind: str, seed: int, n: int, x: Tensor, y: Tensor) -> nn.Module:
    """Train one learner from one seed on the first n digits."""
    with seeded(seed) as rng:
        model = NETWORKS[kind]().double()
        epochs = SETTINGS["digits_read"] // n
        how = {k: SETTINGS[k] for k in ("batch", "lr")}
        fit(model, x[:n], y[:n], rng=rng, epochs=epochs, **how)
    return model


def misread(model: nn.Module, x: Tensor, y: Tensor) -> list[int]:
    """Which of these digits the model takes for another."""
    with torch.no_grad():
        return (model(x).argmax(1) != y).nonzero()[:, 0].tolist()


def beginning_at(n: int, seed: int) -> list[float]:
    """What the learner that takes longest answers in the first steps on the first n digits."""
    data = digits(seed)
    x, _ = inputs(LONGEST, data)
    return beginning(lambda: trained(LONGEST, seed, n, x, data.y_train), STEPS)


def beginnings(seed: int) -> dict[str, list[float]]:
    """The same for every number of digits."""
    return {str(n): beginning_at(n, seed) for n in SIZES}


def of_seed(seed: int) -> dict[str, Any]:
    """Train all learners from one seed on all sizes."""
    data = digits(seed)
    scores: dict[str, list[float]] = {kind: [] for kind in NETWORKS}
    wrong: dict[str, dict[str, list[int]]] = {kind: {} for kind in NETWORKS}
    for kind in NETWORKS:
        x, x_test = inputs(kind, data)
        for n in SIZES:
            model = trained(kind, seed, n, x, data.y_train)
            scores[kind].append(accuracy(model, x_test, data.y_test))
            wrong[kind][str(n)] = misread(model, x_test, data.y_test)
    return {"scores": scores, "misread": wrong, "beginnings": beginnings(seed)}


def main() -> None:
    """Train all learners from all seeds on all sizes, and store every score."""
    run = run_seeds(of_seed, SEEDS)
    path = save(
        __file__,
        run,
        "Accuracy on 1,000 test digits of MNIST-5k against training size; chapter 01.",
        settings={**SETTINGS, "dtype": "float64", "threads": 1},
        parameters={kind: count_parameters(make()) for kind, make in NETWORKS.items()},
        sizes=SIZES,
        scores=run.by_name("scores"),
        misread_of_seed_0=run.found["0"]["misread"],
        beginnings=stamped(run.code_sha256, run.by_name("beginnings")),
    )
    print(path)


if __name__ == "__main__":
    main()
