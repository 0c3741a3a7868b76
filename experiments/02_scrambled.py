"""What is locality worth once neighbours are no longer neighbours? Chapter 02.

    python experiments/02_scrambled.py

writes ``book/results/02_scrambled.json``: the accuracy on 1,000 test digits of a CNN and of an MLP
of as many parameters, each trained and tested on digits of which a fraction of the pixels has
changed places, always the same way. A seed draws the split of the data, which pixels move and
where to, the initial weights, and the order of the samples. Nothing is chosen by looking at the
test digits: the last epoch counts. All in float64, so that another processor's rounding does not
lead the training elsewhere.
"""

from __future__ import annotations

import functools

import torch
from record import save
from seeds import run_seeds
from torch import Tensor, nn

from gdl_utils.data.digits import Digits, load_digits
from gdl_utils.training import accuracy, count_parameters, fit, seeded

SETTINGS = {"epochs": 4, "batch": 100, "lr": 0.01, "train": 4000, "test": 1000}
SEEDS = (0, 1, 2, 3, 4)
FRACTIONS = tuple(k / 10 for k in range(11))
KINDS = ("cnn", "mlp")


@functools.cache
def digits(seed: int) -> Digits:
    """Read the digits once a seed."""
    return load_digits(seed=seed)


def sources(fraction: float, seed: int) -> Tensor:
    """Where each of the 784 pixels takes its value from; the chosen ones pass theirs on in a ring.

    A larger fraction moves the same pixels as a smaller one, and more.
    """
    rng = torch.Generator().manual_seed(1000 + seed)
    ring = torch.randperm(784, generator=rng)[: round(784 * fraction)]
    source = torch.arange(784)
    source[ring] = ring.roll(1)
    return source


def scramble(x: Tensor, source: Tensor) -> Tensor:
    """Give every pixel of the images (N, 1, 28, 28) the value of its source."""
    return x.flatten(1)[:, source].reshape(x.shape)


def network(kind: str) -> nn.Module:
    """Two convolutions and a dense layer, or two dense layers; about 18,250 parameters each."""
    if kind == "mlp":
        return nn.Sequential(nn.Flatten(), nn.Linear(784, 23), nn.ReLU(), nn.Linear(23, 10))
    return nn.Sequential(
        nn.Conv2d(1, 8, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(1568, 10),
    )  # fmt: skip


def score(kind: str, fraction: float, seed: int) -> float:
    """Train one network from one seed on scrambled digits; its accuracy on scrambled digits."""
    data = digits(seed)
    source = sources(fraction, seed)
    with seeded(seed) as rng:
        model = network(kind).double()
        how = {k: SETTINGS[k] for k in ("epochs", "batch", "lr")}
        fit(model, scramble(data.x_train, source).double(), data.y_train, rng=rng, **how)
    return accuracy(model, scramble(data.x_test, source).double(), data.y_test)


def of_seed(seed: int) -> dict[str, list[float]]:
    """Train both networks at every fraction from one seed."""
    return {kind: [score(kind, f, seed) for f in FRACTIONS] for kind in KINDS}


def main() -> None:
    """Train both networks at every fraction from all seeds, and store every score."""
    run = run_seeds(of_seed, SEEDS)
    path = save(
        __file__,
        run,
        "Accuracy on MNIST-5k with a fraction of the pixels permuted; chapter 02.",
        settings={**SETTINGS, "dtype": "float64", "threads": 1},
        parameters={kind: count_parameters(network(kind)) for kind in KINDS},
        fractions=FRACTIONS,
        scores=run.by_name(),
    )
    print(path)


if __name__ == "__main__":
    main()
