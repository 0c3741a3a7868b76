"""The audit of a network: after which of its stages is the symmetry lost?

See chapter 04, *The blueprint*.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from gdl_utils.blueprint import Blueprint, Stage
from gdl_utils.measuring.errors import output_errors
from gdl_utils.measuring.nested import duplicate
from gdl_utils.symmetry import Action, Group, check_sampling


@dataclass(frozen=True)
class AuditRow:
    """One line of an :func:`audit`: the error that has built up once this stage has run."""

    stage: str
    role: str
    error: float


def audit(
    network: Blueprint | nn.Sequential,
    group: Group,
    act_in: Any,
    x: Any,
    *,
    acts_out: Sequence[Any] | None = None,
    n: int = 8,
    seed: int = 0,
    redraw: Callable[[torch.Generator], Any] | None = None,
) -> list[AuditRow]:
    """Equivariance error after each stage of a network: where is the symmetry lost?

    All stages are measured in one pass for each element.

    Parameters
    ----------
    network : Blueprint or Sequential
        A blueprint's stages say themselves how the group should move their outputs.
    group, act_in, x, n, seed, redraw
        As in :func:`~gdl_utils.symmetry.equivariance_error`.
    acts_out : sequence of actions or None, optional
        How the group should move the output of each module of an ``nn.Sequential``. Without it,
        outputs with as many axes as the input move as the input does, and outputs with fewer
        axes are asked to be invariant.

    Returns
    -------
    list of AuditRow
        One row a stage. An error that appears stays, unless a later stage forgets it.

    Raises
    ------
    ValueError
        As :func:`~gdl_utils.symmetry.equivariance_error` does; the message names the stage, such
        as the first whose output is zero or constant. Also if a module of an ``nn.Sequential``
        adds an axis and ``acts_out`` does not say how it is moved.

    Notes
    -----
    Chapter 04, *The blueprint*.
    """
    n, seed = check_sampling(group, n, seed)
    network = getattr(network, "_orig_mod", network)  # what torch.compile wrapped
    stages = _stages_of(network, act_in, x, acts_out)

    def trace(signal: Any, *structure: Any) -> tuple[Any, ...]:
        outputs = []
        for k, stage in enumerate(stages):
            try:
                signal = stage.module(signal, *(structure if stage.structured else ()))
            except Exception as error:
                error.add_note(f"This was raised in stage {k}, {stage.name!r}, of the audit.")
                raise
            outputs.append(duplicate(signal))  # the next stage may work in place
        return tuple(outputs)

    _check_sequence(network)
    errors = output_errors(
        trace, group, act_in, [stage.act for stage in stages], x, n=n, seed=seed, redraw=redraw,
        names=[f"stage {k}, {stage.name!r}," for k, stage in enumerate(stages)], modules=[network],
    )  # fmt: skip
    return [AuditRow(stage.name, stage.role, error) for stage, error in zip(stages, errors)]


def _stages_of(network: Any, act_in: Any, x: Any, acts_out: Sequence[Any] | None) -> list[Stage]:
    if isinstance(network, Blueprint):
        if acts_out is not None:
            raise ValueError(
                "acts_out is for nn.Sequential: a Blueprint's stages say it themselves"
            )
        return list(network.stages)
    if not isinstance(network, nn.Sequential) or not len(network):
        raise ValueError(
            "network must be a Blueprint or an nn.Sequential with at least one module, got "
            f"{type(network).__name__} of {type(network).__module__}"
        )
    modules = list(network)
    if acts_out is None:
        acts_out = [_like_the_input(act_in, x)] * len(modules)
    if not isinstance(acts_out, Sequence) or len(acts_out) != len(modules):
        count = len(acts_out) if isinstance(acts_out, Sequence) else type(acts_out).__name__
        raise ValueError(
            f"acts_out must give one action for each of {len(modules)} modules, got {count}"
        )
    names = [f"{key} {type(module).__name__}" for key, module in network._modules.items()]
    return [Stage(name, "", module, act) for name, module, act in zip(names, modules, acts_out)]


def _check_sequence(network: nn.Module) -> None:
    """Raise where a network does more than its stages do, which a list of them would not show."""
    base = Blueprint if isinstance(network, Blueprint) else nn.Sequential
    if "forward" in vars(network) or type(network).forward is not base.forward:
        raise ValueError(
            f"network must run its stages and nothing else, but {type(network).__name__} has a "
            "forward of its own: make what it adds a stage"
        )
    if network._forward_hooks or network._forward_pre_hooks:
        raise ValueError(
            f"network must run its stages and nothing else, but this {type(network).__name__} has "
            "a forward hook: put it on a stage"
        )


def _like_the_input(act_in: Any, x: Any) -> Action:
    """Move outputs with as many axes as the input as it moves, and leave those with fewer."""
    (act,) = act_in if isinstance(act_in, tuple | list) and len(act_in) == 1 else (act_in,)
    signal = x[0] if isinstance(x, tuple) and len(x) == 1 else x
    if not (isinstance(signal, Tensor) and callable(act)):
        raise ValueError(
            "acts_out must give one action for each module, unless the input is a single tensor "
            f"with an action, got {type(signal).__name__}"
        )

    def move(g: Any, y: Any) -> Any:
        if not isinstance(y, Tensor) or y.ndim > signal.ndim:
            form = f"{y.ndim} axes" if isinstance(y, Tensor) else type(y).__name__
            raise ValueError(
                f"acts_out must say how the group moves each output, got none for {form} where "
                f"the input has {signal.ndim} axes"
            )
        return act(g, y) if y.ndim == signal.ndim else y

    return move
