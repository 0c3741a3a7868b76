"""The blueprint of geometric deep learning: B, σ, P and A in sequence, and its audit.

See chapter 04, *The blueprint*, and Bronstein et al. (2021), section 3.5.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from gdl_utils.symmetry import Action, Group, equivariance_error

ROLES = {
    "B": "linear equivariant layer",
    "σ": "nonlinearity",
    "P": "local pooling",
    "A": "invariant layer (global pooling)",
    "": "none of the four",
}


@dataclass(frozen=True)
class Stage:
    """One module of a network, and what it is in the blueprint.

    Parameters
    ----------
    name : str
        What a table calls it.
    role : {"B", "σ", "P", "A", ""}
        Linear equivariant layer, nonlinearity, local pooling, invariant layer, or none of them
        (flatten, a dense layer after flatten, the head behind A).
    module : callable
        ``module(x)``, or ``module(x, *structure)`` if ``structured``.
    act : action or None
        How the group should move this stage's **output**; None if it should stay as it is.
    structured : bool
        Whether the module also takes the structure of the domain (edges, positions).

    Raises
    ------
    ValueError
        If ``role`` is none of the blueprint's.

    Notes
    -----
    Chapter 04, *The blueprint*.
    """

    name: str
    role: str
    module: Callable[..., Tensor]
    act: Action | None = None
    structured: bool = False

    def __post_init__(self) -> None:
        if self.role not in ROLES:
            raise ValueError(
                f"role must be one of {', '.join(map(repr, ROLES))}, got {self.role!r}"
            )


class Blueprint(nn.Module):
    """Stages in sequence: the network of the geometric blueprint.

    .. math:: f = A \\circ \\sigma_J \\circ B_J \\circ P_{J-1} \\circ \\dots
              \\circ P_1 \\circ \\sigma_1 \\circ B_1

    Parameters
    ----------
    *stages : Stage
        At least one.

    Raises
    ------
    ValueError
        If there is no stage.

    References
    ----------
    Bronstein et al. (2021), *Geometric Deep Learning*, section 3.5. Chapter 04, *The blueprint*.
    """

    def __init__(self, *stages: Stage) -> None:
        super().__init__()
        if not stages:
            raise ValueError("stages must hold at least one Stage, got none")
        for stage in stages:
            if not isinstance(stage, Stage):
                raise ValueError(f"stages must be of type Stage, got {type(stage).__name__}")
        self.stages = stages
        self.layers = nn.ModuleList(s.module for s in stages if isinstance(s.module, nn.Module))

    def forward(self, x: Tensor, *structure: Any) -> Tensor:
        """Run all stages on the signal ``x``; ``structure`` goes to those that take it."""
        for stage in self.stages:
            x = stage.module(x, *structure) if stage.structured else stage.module(x)
        return x

    def prefix(self, k: int) -> Blueprint:
        """Return the network of the first ``k`` stages; the parameters are shared.

        Raises
        ------
        ValueError
            If ``k`` is not between 1 and the number of stages.
        """
        if not 1 <= k <= len(self.stages):
            raise ValueError(f"k must be between 1 and {len(self.stages)}, got {k}")
        head = Blueprint(*self.stages[:k])
        head.training = self.training  # the shared layers keep the modes that they are in
        return head

    def extra_repr(self) -> str:
        return "\n".join(f"{s.role or '·'}  {s.name}" for s in self.stages)


@dataclass(frozen=True)
class AuditRow:
    """One line of an :func:`audit`: the error that has built up once this stage has run."""

    stage: str
    role: str
    error: float


def audit(
    blueprint: Blueprint,
    group: Group,
    act_in: Action | Sequence[Action | None] | None,
    x: Any,
    *,
    n: int = 8,
    seed: int = 0,
) -> list[AuditRow]:
    """Equivariance error after each stage of a network: where is the symmetry lost?

    Parameters
    ----------
    blueprint : Blueprint
        Each of its stages says by ``act`` how the group should move its output.
    group, act_in, x, n, seed
        As in :func:`equivariance_error`.

    Returns
    -------
    list of AuditRow
        One row a stage. An error that appears stays, unless a later stage forgets it.

    Raises
    ------
    ValueError
        As :func:`equivariance_error` does.

    Notes
    -----
    Chapter 04, *The blueprint*.
    """
    return [
        AuditRow(
            stage.name,
            stage.role,
            equivariance_error(
                blueprint.prefix(k + 1), group, act_in, stage.act, x, n=n, seed=seed
            ),
        )
        for k, stage in enumerate(blueprint.stages)
    ]
