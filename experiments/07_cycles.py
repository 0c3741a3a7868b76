"""Are there more triangles, or more squares? Four ways to ask a graph network. Chapter 07.

    python experiments/07_cycles.py

writes ``book/results/07_cycles.json``: the accuracy on 400 graphs after training on 600 others. All
graphs are 3-regular on 20 nodes, so colour refinement gives every node of every graph one colour,
and message passing from constant features gives every graph one answer: half of a balanced test is
its ceiling. The same network then gets, at each node, the number of triangles and squares through
it; or eight random numbers, drawn anew each time and averaged over 20 draws at the test; or it
looks at 20 copies of each graph, in each of which one node is marked. Beside them, logistic
regression on the graph's number of triangles and of squares. A seed draws the graphs, the weights
and the order. The settings were tried on seed 100 and on smaller graphs, and not changed after; the
last step counts. All in float64, so that another processor's rounding does not lead the training
elsewhere.
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
from torch.nn import functional as F

from gdl_utils.graphs.layers import GINConv
from gdl_utils.graphs.pooling import GlobalPool
from gdl_utils.training import count_parameters, fit_steps, seeded, shuffled

SETTINGS = {"nodes": 20, "degree": 3, "train": 600, "test": 400, "epochs": 20, "batch": 30,
            "lr": 0.01, "layers": 3, "hidden": 32, "draws": 20}  # fmt: skip
SEEDS = tuple(range(8))
CHANNELS = {"constant features": 1, "random features": 8, "cycle counts": 3, "marked copies": 2}
REGRESSION = "logistic regression on both totals"
LONGEST, STEPS = "marked copies", 16
"""The network that takes longest, and how many steps are stored as its training's beginning."""


def regular_graph(n: int, degree: int, rng: torch.Generator) -> Tensor:
    """Adjacency matrix of a random simple regular graph: pair stubs until no pair offends."""
    stubs = torch.arange(n).repeat_interleave(degree)
    while True:
        i, j = stubs[torch.randperm(n * degree, generator=rng)].reshape(2, -1)
        a = torch.zeros(n, n, dtype=torch.float64).index_put_(
            (i, j), torch.ones(len(i), dtype=torch.float64), accumulate=True
        )
        a = a + a.T
        if not a.diagonal().any() and a.max() == 1:
            return a


def cycles_through(a: Tensor) -> Tensor:
    """Number of triangles and of squares through each node: (…, n, n) → (…, n, 2)."""
    two = a @ a
    triangles = torch.einsum("...ij,...ji->...i", two, a) / 2
    apart = two - torch.diag_embed(two.diagonal(dim1=-2, dim2=-1))  # paths of two steps i to j ≠ i
    return torch.stack([triangles, (apart * (apart - 1) / 2).sum(-1)], -1)


def totals(a: Tensor) -> Tensor:
    """Number of triangles and of squares of each graph: (…, n, n) → (…, 2)."""
    return cycles_through(a).sum(-2) / torch.tensor([3.0, 4.0], dtype=torch.float64)


def sample(count: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """As many graphs with more triangles (0) as with more squares (1): (count, n, n), (count,)."""
    kinds: tuple[list[Tensor], list[Tensor]] = ([], [])
    while min(map(len, kinds)) < count // 2:
        a = regular_graph(SETTINGS["nodes"], SETTINGS["degree"], rng)
        three, four = totals(a).round().tolist()
        if three != four and len(kinds[four > three]) < count // 2:
            kinds[four > three].append(a)
    return torch.stack(kinds[0] + kinds[1]), torch.arange(2).repeat_interleave(count // 2)


class Network(nn.Module):
    """GIN layers with batch normalisation, the mean over each graph's nodes, and a head."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        h = SETTINGS["hidden"]
        widths = [channels] + [h] * SETTINGS["layers"]
        self.layers = nn.ModuleList(GINConv(self.block(c, h)) for c in widths[:-1])
        self.pool = GlobalPool("mean")
        self.head = nn.Sequential(nn.Linear(h, h), nn.ReLU(), nn.Linear(h, 2))

    @staticmethod
    def block(c: int, h: int) -> nn.Module:
        halves = [[nn.Linear(k, h), nn.BatchNorm1d(h), nn.ReLU()] for k in (c, h)]
        return nn.Sequential(*halves[0], *halves[1])

    def forward(self, x: Tensor, edges: Tensor, batch: Tensor, graphs: int) -> Tensor:
        for layer in self.layers:
            x = layer(x, edges)
        return self.head(self.pool(x, batch, graphs))


def inputs(kind: str, a: Tensor, rng: torch.Generator) -> tuple[Tensor, Tensor, Tensor, int]:
    """What a network is given of a stack of graphs: x, edge_index, batch, graphs."""
    graphs, n = a.shape[:2]
    copies = n if kind == "marked copies" else 1
    b, i, j = a.repeat_interleave(copies, 0).nonzero().T
    ones = torch.ones(graphs * copies * n, 1, dtype=torch.float64)
    x = ones
    if kind == "cycle counts":
        x = torch.cat([ones, cycles_through(a).flatten(0, 1)], 1)
    if kind == "random features":
        x = torch.randn(len(ones), CHANNELS[kind], generator=rng, dtype=torch.float64)
    if kind == "marked copies":
        x = torch.cat([ones, torch.eye(n).double().repeat(graphs, 1).reshape(-1, 1)], 1)
    batch = torch.arange(graphs).repeat_interleave(copies * n)
    return x, torch.stack([j + b * n, i + b * n]), batch, graphs


def accuracy_of(kind: str, seed: int) -> float:
    """Train one network from one seed, and test it."""
    with seeded(seed) as rng:
        a, y = sample(SETTINGS["train"], rng)
        a_test, y_test = sample(SETTINGS["test"], rng)
        if kind == REGRESSION:
            return regression(totals(a), y, totals(a_test), y_test)
        net = Network(CHANNELS[kind]).double()
        order = shuffled(len(y), SETTINGS["batch"], rng)

        def loss_of_next() -> Tensor:
            some = next(order)
            return F.cross_entropy(net(*inputs(kind, a[some], rng)), y[some])

        steps = SETTINGS["epochs"] * math.ceil(len(y) / SETTINGS["batch"])
        fit_steps(net, loss_of_next, steps, lr=SETTINGS["lr"])
        draws = SETTINGS["draws"] if kind == "random features" else 1
        with torch.no_grad():
            logits = sum(
                torch.cat([net(*inputs(kind, part, rng)) for part in a_test.split(50)])
                for _ in range(draws)
            )
    return float((logits.argmax(1) == y_test).double().mean())


def regression(x: Tensor, y: Tensor, x_test: Tensor, y_test: Tensor) -> float:
    """The simple baseline."""
    from sklearn.linear_model import LogisticRegression

    return float(LogisticRegression().fit(x, y).score(x_test, y_test))


def beginnings(seed: int) -> dict[str, list[float]]:
    """What the network that takes longest answers in the first steps of its training."""
    return {LONGEST: beginning(functools.partial(accuracy_of, LONGEST, seed), STEPS)}


def of_seed(seed: int) -> dict[str, Any]:
    """Train all from one seed."""
    scores = {kind: accuracy_of(kind, seed) for kind in (*CHANNELS, REGRESSION)}
    return {"scores": scores, "beginnings": beginnings(seed)}


def main() -> None:
    """Train all from all seeds, and store every score."""
    run = run_seeds(of_seed, SEEDS)
    path = save(
        __file__,
        run,
        "More triangles or more squares: accuracy on 400 regular graphs; chapter 07.",
        settings={**SETTINGS, "dtype": "float64", "threads": 1},
        parameters={kind: count_parameters(Network(c)) for kind, c in CHANNELS.items()},
        scores=run.by_name("scores"),
        beginnings=stamped(run.code_sha256, run.by_name("beginnings")),
    )
    print(path)


if __name__ == "__main__":
    main()
