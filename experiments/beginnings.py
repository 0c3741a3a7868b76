"""The beginning of a training: a proof of a minute's work that takes a second.

A network whose training takes longer than a test may is not trained to its end each time that the
tests run. Its first steps are: the same data, first weights, order, loss and rate as in the
training whose scores are stored. What it answers in each of them is stored as well, with all
digits, and any change to any of these shows at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules import module as hooks


class _Enough(Exception):
    """The beginning is over."""


def beginning(train: Callable[[], Any], steps: int) -> list[float]:
    r"""Root mean square :math:`\sqrt{\overline{y^2}}` of what is answered in each first step.

    Parameters
    ----------
    train : callable
        Trains one network; it is left after the last of these steps.
    steps : int

    Returns
    -------
    list of float
        One number a step. The first depends on data and first weights, the others on all the rest.

    Raises
    ------
    ValueError
        If the training is over before.
    """
    seen: list[float] = []
    inside: list[nn.Module] = []

    def enter(module: nn.Module, _: Any) -> None:
        inside.append(module)

    def leave(module: nn.Module, _: Any, answer: Tensor) -> None:
        inside.pop()
        if not inside and module.training:
            seen.append(answer.detach().double().square().mean().sqrt().item())
            if len(seen) == steps:
                raise _Enough

    handles = (
        hooks.register_module_forward_pre_hook(enter),
        hooks.register_module_forward_hook(leave),
    )
    try:
        with torch.enable_grad():
            train()
    except _Enough:
        return seen
    finally:
        for handle in handles:
            handle.remove()
    raise ValueError(f"steps must be at most the training's {len(seen)}, got {steps}")


def rows(
    stored: dict[str, Any], seed: int, answers: dict[str, list[float]], tolerance: float
) -> Iterator[tuple[str, float, float, float]]:
    """Stored and new answers of one seed, step by step: what, was, now, tolerance.

    Parameters
    ----------
    stored : dict
        What is stored of the study.
    seed : int
    answers : dict
        What ``beginning`` gave, by the name of the network; some or all of what is stored.
    tolerance : float
        In units of the stored answer.
    """
    for name, found in answers.items():
        was = stored["beginnings"]["answers"][name][str(seed)]
        for step, (then, now) in enumerate(zip(was, found, strict=True), 1):
            yield f"{name}, step {step}", then, now, tolerance * then
