"""The blueprint of geometric deep learning: B, σ, P and A in sequence.

See chapter 04, *The blueprint*, and Bronstein et al. (2021), section 3.5.
"""

from __future__ import annotations

import copy
import functools
import io
import pickle
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import Any

from torch import Tensor, nn

from gdl_utils.arguments import whole
from gdl_utils.symmetry import Action

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
        If ``role`` is none of the blueprint's, or ``module`` or ``act`` cannot be called (or is
        a class).

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
        if isinstance(self.module, type):
            name = self.module.__name__
            raise ValueError(f"module must be an instance, got the class {name}: write {name}(...)")
        if not callable(self.module):
            raise ValueError(f"module must be a module or a function, got {self.module!r}")
        if isinstance(self.act, type) or not (
            self.act is None or callable(self.act) or isinstance(self.act, Mapping | tuple | list)
        ):
            raise ValueError(f"act must be an action (g, x) -> g·x or None, got {self.act!r}")
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
        self.layers = nn.ModuleList(_as_module(stage.module) for stage in stages)
        self._plan = [(s.name, s.role, s.act, s.structured) for s in stages]

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages, each with the module that ``layers`` holds now."""
        self._check_layers()
        modules = (m.function if isinstance(m, _Function) else m for m in self.layers)
        return tuple(
            Stage(name, role, module, act, structured)
            for module, (name, role, act, structured) in zip(modules, self._plan)
        )

    def forward(self, x: Tensor, *structure: Any) -> Tensor:
        """Run all stages on the signal ``x``; ``structure`` goes to those that take it."""
        self._check_layers()
        for layer, (*_, structured) in zip(self.layers, self._plan):
            x = layer(x, *structure) if structured else layer(x)
        return x

    def prefix(self, k: int) -> Blueprint:
        """Return the network of the first ``k`` stages; the parameters are shared.

        Raises
        ------
        ValueError
            If ``k`` is not between 1 and the number of stages.
        """
        k = whole("k", k, 1, len(self._plan))
        head = Blueprint(*self.stages[:k])
        head.training = self.training  # the shared layers keep the modes that they are in
        return head

    def extra_repr(self) -> str:
        return "\n".join(f"{role or '·'}  {name}" for name, role, *_ in self._plan)

    def __deepcopy__(self, memo: dict[int, Any]) -> Blueprint:
        twin = type(self).__new__(type(self))
        memo[id(self)] = twin
        twin.__dict__.update(copy.deepcopy(self.__dict__, memo))
        return twin

    def __copy__(self) -> Blueprint:
        twin = type(self).__new__(type(self))
        twin.__dict__.update(self.__dict__)
        return twin

    def __reduce_ex__(self, protocol: int) -> Any:
        for stage in self.stages:
            for what, part in (("module", stage.module), ("action", stage.act)):
                part = part.func if isinstance(part, functools.partial) else part
                if isinstance(part, FunctionType) and not _importable(part):
                    raise ValueError(
                        f"a Blueprint can be pickled if its functions can be imported by name, "
                        f"but the {what} of stage {stage.name!r} is {part.__qualname__}: save its "
                        "state_dict() and build it anew"
                    )
                try:
                    _Trial(io.BytesIO(), protocol).dump(part)
                except (pickle.PicklingError, AttributeError, TypeError) as error:
                    raise ValueError(
                        f"a Blueprint can be pickled if all that it holds can be, but the {what} "
                        f"of stage {stage.name!r} cannot ({error}): save its state_dict() and "
                        "build it anew"
                    ) from error
        return super().__reduce_ex__(protocol)

    def _check_layers(self) -> None:
        if len(self.layers) != len(self._plan):
            raise ValueError(
                f"layers must hold one module for each of {len(self._plan)} stages, "
                f"got {len(self.layers)}"
            )
        for layer, (name, *_) in zip(self.layers, self._plan):
            if layer is None:
                raise ValueError(f"layers must hold modules, got None for stage {name!r}")


class _Trial(pickle.Pickler):
    """Finds out whether something can be pickled, without writing its numbers."""

    def persistent_id(self, x: Any) -> str | None:
        return "a tensor" if isinstance(x, Tensor) else None


class _Function(nn.Module):
    """A stage that is a plain function, so that ``layers[k]`` is always stage k."""

    def __init__(self, function: Callable[..., Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, *arguments: Any) -> Tensor:
        return self.function(*arguments)

    def extra_repr(self) -> str:
        return getattr(self.function, "__qualname__", type(self.function).__name__)


def _as_module(module: Callable[..., Tensor]) -> nn.Module:
    return module if isinstance(module, nn.Module) else _Function(module)


def _importable(function: FunctionType) -> bool:
    found = sys.modules.get(function.__module__)
    for part in function.__qualname__.split("."):
        found = getattr(found, part, None)
    return found is function
