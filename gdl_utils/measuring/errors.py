"""How an equivariance error is measured.

:func:`~gdl_utils.symmetry.equivariance_error` and :func:`~gdl_utils.auditing.audit` are the two
that ask. See chapter 04, *The blueprint*.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from gdl_utils.measuring.channels import Channels, find_channels
from gdl_utils.measuring.guards import guarded
from gdl_utils.measuring.nested import as_tensor, duplicate, leaves, like, move, rebuild, same
from gdl_utils.measuring.refusals import Named, check_fits, check_repeats, check_values, named
from gdl_utils.measuring.variation import DRAWS, BadDraw, Spread, other_inputs, wide


def output_errors(
    f: Callable[..., Any],
    group: Any,
    acts_in: Any,
    acts_out: Any,
    inputs: Any,
    *,
    n: int,
    seed: int,
    redraw: Callable[[torch.Generator], Any] | None = None,
    names: Sequence[str] | None = None,
    modules: Sequence[nn.Module] = (),
) -> list[float]:
    """Equivariance error of each output of ``f``, all of them measured in one go.

    Parameters and errors are those of :func:`~gdl_utils.symmetry.equivariance_error`.

    Parameters
    ----------
    names : sequence of str, optional
        What messages call the outputs; else "output 0" and so on.
    modules : sequence of Module
        What is known to take part in ``f``.

    Notes
    -----
    Chapter 04, *The blueprint*.
    """
    x = inputs if isinstance(inputs, tuple) and not hasattr(inputs, "_fields") else (inputs,)
    acts_in = _one_each("acts_in", acts_in, len(x), "arguments")
    check_values(inputs)
    if redraw is not None and not callable(redraw):
        raise ValueError(f"redraw must be a function of a generator, got {type(redraw).__name__}")
    rng = torch.Generator().manual_seed(seed)
    elements = [group.sample(rng) for _ in range(n)]
    with guarded(f, *modules) as run:
        moved = [move(g, x, acts_in) for g in elements]
        movers = [k for k, other in enumerate(moved) if not same(other, x)]
        if not movers:
            raise ValueError(
                f"inputs must be moved by the group, but {n} sampled elements fix them"
            )
        for k in movers:
            check_fits(group, elements[k], x, moved[k], acts_in)
        y = duplicate(_outputs(run(x), acts_out))
        acts_out = _one_each("acts_out", acts_out, len(y), "outputs")
        if not y:
            raise ValueError(f"f must return tensors, got an empty {type(acts_out).__name__}")
        names = names or [f"output {k}" for k in range(len(y))]
        read = named(y, names)
        move(elements[0], y, acts_out)  # raises where actions and outputs are nested differently

        def ask(arguments: tuple) -> list[Named]:
            answer = _outputs(run(arguments), acts_out)
            if len(answer) != len(names):
                raise ValueError(f"f must return {len(names)} outputs each time, got {len(answer)}")
            return named(answer, names)

        again = ask(x)
        check_repeats(read, again)
        draws = torch.Generator().manual_seed(seed)
        others = other_inputs(x, acts_in, [moved[k] for k in movers], draws, redraw)
        channels, known, turns = {}, {}, [elements[k] for k in movers]
        for value, part, act in zip(y, read, acts_out):
            form = (id(act), *((x.shape, x.dtype) for x in part.values()))
            if form not in known:  # consecutive stages of a network often have one form
                known[form] = leaf_channels(value, act, turns)
            channels |= dict(zip(part, known[form], strict=True))
        spreads = _spreads(ask, read, again, channels, *others)
        errors = [0.0] * len(y)
        for g, arguments in zip(elements, moved):
            moved_first, moved_last = ask(arguments), named(move(g, y, acts_out), names)
            for k, (a, b) in enumerate(zip(moved_first, moved_last)):
                errors[k] = max(errors[k], error_between(a, b, spreads))
    return errors


def error_between(a: Named, b: Named, spreads: dict[str, Spread]) -> float:
    """Largest difference of two sides, each entry beside how much its channel varies.

    ``inf`` if anything is not finite. Chapter 04, *The blueprint*.

    Raises
    ------
    ValueError
        If the two sides differ in form, shape or device.
    """
    if a.keys() != b.keys():
        raise ValueError(f"{', '.join(b)} must keep its form under the group, got {', '.join(a)}")
    worst = 0.0
    for name, one in a.items():
        other = b[name]
        for what in ("shape", "device"):
            p, q = getattr(one, what), getattr(other, what)
            if p != q:
                p, q = (tuple(p), tuple(q)) if what == "shape" else (p, q)
                raise ValueError(
                    f"{name} must keep its {what} under the group, got {p} where the action "
                    f"gives {q}"
                )
        one, other = wide(one), wide(other)
        if not (torch.isfinite(one).all() and torch.isfinite(other).all()):
            return math.inf
        worst = max(worst, float(((one - other).abs() / spreads[name].over(one.shape)).max()))
    return worst


def leaf_channels(value: Any, act: Any, elements: Sequence[Any]) -> list[Channels]:
    """The channels of each tensor in a nested value that an action moves as a whole.

    Chapter 04, *The blueprint*.
    """
    found = []
    for index, (_, leaf) in enumerate(leaves(value)):

        def moved(g: Any, probe: Tensor, index: int = index) -> Tensor:
            count = itertools.count()
            put = lambda old: like(old, probe) if next(count) == index else old  # noqa: E731
            (after,) = move(g, (rebuild(put, value),), (act,))
            return as_tensor(leaves(after)[index][1])

        x = as_tensor(leaf)
        if x is not None:
            found.append(find_channels(moved, x, elements))
    return found


def _spreads(
    ask: Callable[[tuple], list[Named]],
    read: Sequence[Named],
    again: Sequence[Named],
    channels: dict[str, Channels],
    stages: Iterable[Iterator[tuple]],
    anywhere: Iterator[tuple] | None,
) -> dict[str, Spread]:
    """How much each channel of each output varies; raise if an output does not."""
    asked = {name: x for part in read for name, x in part.items() if torch.isfinite(x).all()}
    repeated = {name: x for part in again for name, x in part.items()}
    spreads, failures = {}, []

    def look(draws: Iterator[tuple]) -> dict[str, Spread]:
        found, seen = {name: [] for name in asked}, {}
        for _ in range(DRAWS):
            try:
                for part in ask(next(draws)):
                    for name in part.keys() & asked.keys():
                        found[name].append(part[name])
                        if not torch.isfinite(part[name]).all():
                            failures.append(ValueError(f"{name} is not finite"))
            except BadDraw:
                raise
            except Exception as error:  # whatever f does with inputs that nobody promised it
                failures.append(error)
            seen = {
                name: Spread(x, channels[name], found[name], repeated[name])
                for name, x in asked.items()
            }
            if all(spread.settled for spread in seen.values()):
                break
        return seen

    for draws in stages:
        if spreads.keys() != asked.keys():
            seen = look(draws)
            spreads = {name: y for name, y in seen.items() if y.varies} | spreads
    missing = [name for name in asked if name not in spreads]
    if missing and failures:
        raise ValueError(
            f"{missing[0]} may or may not depend on the inputs: f fails on others that were drawn "
            f"({failures[0]}). Say by redraw= how to draw another input of the same kind"
        ) from failures[0]
    if missing:
        raise ValueError(
            f"{missing[0]} does not depend on the inputs: every such map is equivariant"
        )
    if anywhere is not None and not all(spread.settled for spread in spreads.values()):
        seen = look(anywhere)
        spreads = {name: y.widened(seen[name]) for name, y in spreads.items()}
    return spreads


def _outputs(y: Any, acts: Any) -> tuple[Any, ...]:
    """Several outputs where f returns a tuple or list; a named tuple is what its actions say."""
    if isinstance(y, tuple | list) and not hasattr(y, "_fields"):
        return tuple(y)
    several = hasattr(y, "_fields") and isinstance(acts, tuple | list) and len(acts) == len(y)
    return tuple(y) if several else (y,)


def _one_each(name: str, acts: Any, count: int, what: str) -> tuple[Any, ...]:
    acts = tuple(acts) if isinstance(acts, tuple | list) else (acts,)
    if len(acts) != count:
        raise ValueError(f"{name} must give one action for each of {count} {what}, got {len(acts)}")
    return acts
