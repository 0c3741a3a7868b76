"""Training small networks, repeatably. Used by every chapter that learns; see chapter 05."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import trange


@contextmanager
def seeded(seed: int) -> Iterator[torch.Generator]:
    """Draw what is drawn inside, such as initial weights, from ``seed``; put all back after.

    Yields
    ------
    torch.Generator
        A generator of the same seed, to be passed on.

    Notes
    -----
    Chapter 05, *Grids*.

    Examples
    --------
    >>> with seeded(0):
    ...     layer = nn.Linear(3, 2)
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield torch.Generator().manual_seed(seed)


def fit(
    model: nn.Module,
    x: Tensor,
    y: Tensor,
    *,
    rng: torch.Generator,
    epochs: int = 5,
    batch: int = 64,
    lr: float = 0.01,
    weight_decay: float = 0.0,
    augment: Callable[[Tensor, torch.Generator], Tensor] | None = None,
) -> list[float]:
    """Train a classifier with Adam and a one-cycle schedule; the last epoch is the result.

    Parameters
    ----------
    model : nn.Module
        ``model(x_batch) -> (B, classes)`` logits. Left in evaluation mode.
    x : Tensor, (N, ...)
    y : Tensor, (N,)
        Classes, int64.
    rng : torch.Generator
        Draws the order of the samples, and what ``augment`` does. Dropout, if any, draws from
        torch's own state: wrap in :func:`seeded`.
    epochs, batch : int
    lr : float
        The largest learning rate of the cycle.
    weight_decay : float
    augment : callable, optional
        ``(x_batch, rng) -> x_batch``.

    Returns
    -------
    list of float
        Mean training loss (cross-entropy, in nats) of each epoch.

    Raises
    ------
    ValueError
        If x and y differ in length or are empty, x is not finite, y is not int64, or epochs or
        batch is not positive.
    FloatingPointError
        If the loss stops being finite.

    References
    ----------
    Kingma, Ba (2015), *Adam*; Smith, Topin (2019), *Super-Convergence*. Chapter 05, *Grids*.
    """
    _check_samples(x, y)
    if epochs < 1 or batch < 1:
        raise ValueError(f"epochs and batch must be positive, got {epochs} and {batch}")
    steps = epochs * -(-len(x) // batch)
    order = shuffled(len(x), batch, rng)
    sizes = []

    def loss_of_next() -> Tensor:
        index = next(order)
        sizes.append(len(index))
        inputs = x[index] if augment is None else augment(x[index], rng)
        return F.cross_entropy(model(inputs), y[index])

    losses = fit_steps(model, loss_of_next, steps, lr=lr, weight_decay=weight_decay)
    each = (torch.tensor(losses) * torch.tensor(sizes)).reshape(epochs, -1)
    return (each.sum(1) / len(x)).tolist()


def shuffled(count: int, batch: int, rng: torch.Generator) -> Iterator[Tensor]:
    """Yield batches of the numbers below ``count``, in a new order for each epoch, without end.

    Parameters
    ----------
    count, batch : int
        How many samples there are, and how many are in a batch; the last of an epoch may be less.
    rng : torch.Generator
        Draws an order whenever an epoch begins.

    Yields
    ------
    Tensor, (batch,), int64

    Raises
    ------
    ValueError
        If ``count`` or ``batch`` is not positive.

    Notes
    -----
    Chapter 05, *Grids*.
    """
    if count < 1 or batch < 1:
        raise ValueError(f"count and batch must be positive, got {count} and {batch}")
    while True:
        yield from torch.randperm(count, generator=rng).split(batch)


def fit_steps(
    model: nn.Module,
    loss_of_next: Callable[[], Tensor],
    steps: int,
    *,
    lr: float,
    weight_decay: float = 0.0,
) -> list[float]:
    """Train with Adam and a one-cycle schedule on whatever the next loss is.

    Parameters
    ----------
    model : nn.Module
        In training mode meanwhile, and left in evaluation mode.
    loss_of_next : callable
        ``() -> loss``: draws the next samples, runs the model, and returns one number.
    steps : int
    lr : float
        The largest learning rate of the cycle.
    weight_decay : float

    Returns
    -------
    list of float
        The loss of each step.

    Raises
    ------
    ValueError
        If ``steps`` is not positive.
    FloatingPointError
        If the loss stops being finite.

    References
    ----------
    Kingma, Ba (2015), *Adam*; Smith, Topin (2019), *Super-Convergence*. Chapter 05, *Grids*.
    """
    if steps < 1:
        raise ValueError(f"steps must be positive, got {steps}")
    optimiser = torch.optim.Adam(model.parameters(), lr=lr, weight_decay=weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, lr, total_steps=steps)
    losses = []
    model.train()
    for step in trange(steps, desc="training", leave=False, disable=None):
        loss = loss_of_next()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        losses.append(float(loss.detach()))
        if not math.isfinite(losses[-1]):
            raise FloatingPointError(f"the loss stopped being finite in step {step + 1}")
    model.eval()
    return losses


def accuracy(model: nn.Module, x: Tensor, y: Tensor, *, batch: int = 500) -> float:
    """Share of samples whose largest logit is that of their class, between 0 and 1.

    Parameters
    ----------
    model : nn.Module
        In evaluation mode.
    x : Tensor, (N, ...)
    y : Tensor, (N,)
    batch : int
        How many samples are looked at together.

    Raises
    ------
    ValueError
        If x and y differ in length or are empty, x is not finite, y is not int64, or the model
        is in training mode.

    Notes
    -----
    Chapter 05, *Grids*.
    """
    _check_samples(x, y)
    if model.training:
        raise ValueError("model must be in evaluation mode, got training mode: call model.eval()")
    with torch.no_grad():
        right = sum(
            int((model(xs).argmax(-1) == ys).sum())
            for xs, ys in zip(x.split(batch), y.split(batch), strict=True)
        )
    return right / len(x)


def count_parameters(model: nn.Module) -> int:
    """Count the trainable numbers of a model. Chapter 05, *Grids*."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def _check_samples(x: Tensor, y: Tensor) -> None:
    if len(x) != len(y) or len(x) == 0:
        raise ValueError(f"x and y must have one length >= 1, got {len(x)} and {len(y)}")
    if y.ndim != 1 or y.dtype != torch.int64:
        raise ValueError(f"y must be (N,) of int64, got {tuple(y.shape)} {y.dtype}")
    if not torch.isfinite(x).all():
        raise ValueError("x must be finite, got NaN or infinity")
