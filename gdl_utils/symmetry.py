"""The language of the course: groups, actions, and how far a map is from equivariance.

See chapter 04, *The blueprint*.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor, nn

Action = Callable[[Any, Any], Any]
"""``(g, x) -> g·x``, always a **left** action: ``(gh)·x = g·(h·x)`` and ``e·x = x``."""


@runtime_checkable
class Group(Protocol):
    """What a group must offer. Elements may be of any type; most groups take eight lines.

    See chapter 04, *The blueprint*, where one is written from scratch.
    """

    def sample(self, rng: torch.Generator) -> Any:
        """Draw an element."""

    def identity(self) -> Any:
        """Return the neutral element e."""

    def compose(self, g: Any, h: Any) -> Any:
        """Return the product gh: g **after** h."""

    def inverse(self, g: Any) -> Any:
        """Return the element that undoes g."""


def check_group(group: Group, *, n: int = 8, seed: int = 0) -> float:
    """Largest violation of the group laws over ``n`` sampled triples of elements.

    Measured are ``e g = g = g e``, ``g⁻¹ g = e = g g⁻¹`` and ``(g h) k = g (h k)``.
    Chapter 04, *The blueprint*.

    Parameters
    ----------
    group : Group
        Its elements are numbers, tensors, or (nested) tuples of these.
    n, seed : int
        Number of triples, and their seed.

    Returns
    -------
    float
        Largest absolute difference between the two sides.

    Raises
    ------
    ValueError
        If the two sides of a law are elements of different shapes.
    """
    rng = _generator(group, n, seed)
    mul, inv, e = group.compose, group.inverse, group.identity()
    worst = 0.0
    for _ in range(n):
        g, h, k = (group.sample(rng) for _ in range(3))
        laws = [
            (mul(e, g), g),
            (mul(g, e), g),
            (mul(inv(g), g), e),
            (mul(g, inv(g)), e),
            (mul(mul(g, h), k), mul(g, mul(h, k))),
        ]
        worst = max(worst, *(_distance(a, b) for a, b in laws))
    return worst


def check_action(action: Action, group: Group, x: Any, *, n: int = 8, seed: int = 0) -> float:
    """Largest violation of the laws of a left action on ``x``.

    Measured are ``e·x = x`` and ``(g h)·x = g·(h·x)`` for ``n`` sampled pairs. A right action
    passes :func:`equivariance_error` as easily as a left one; only this test tells them apart.
    Chapter 04, *The blueprint*.

    Parameters
    ----------
    action : Action
        ``(g, x) -> g·x``.
    group : Group
        Where the pairs are drawn from, and what says what ``g h`` is.
    x : Tensor
        The signal that is moved, of any shape that ``action`` takes.
    n, seed : int
        Number of pairs, and the seed that they are drawn with.

    Returns
    -------
    float
        ``max |Δ| / rms(x)``; ``inf`` if anything is not finite.

    Raises
    ------
    ValueError
        If the action changes the shape of ``x``.
    """
    rng = _generator(group, n, seed)
    worst = _relative_error("e·x", action(group.identity(), x), x)
    for _ in range(n):
        g, h = group.sample(rng), group.sample(rng)
        both, one_by_one = action(group.compose(g, h), x), action(g, action(h, x))
        worst = max(worst, _relative_error("(g h)·x", both, one_by_one))
    return worst


def equivariance_error(
    f: Callable[..., Any],
    group: Group,
    acts_in: Action | Sequence[Action | None] | None,
    acts_out: Action | Sequence[Action | None] | None,
    inputs: Any,
    *,
    n: int = 8,
    seed: int = 0,
) -> float:
    r"""How far ``f`` is from commuting with the group.

    .. math:: \max_{g}\ \frac{\max |f(g \cdot x) - g \cdot f(x)|}{\mathrm{rms}(g \cdot f(x))},

    taken for each output on its own, so that a large invariant output cannot hide a broken
    vector, and over ``n`` sampled elements.

    Parameters
    ----------
    f : callable
        A module or function of one or several arguments.
    group : Group
        Where the elements are drawn from.
    acts_in : action, None, or a sequence of these
        One for each argument of ``f``; ``None`` leaves it untouched. The structure of the
        domain (edges, positions, a connection) is just another argument.
    acts_out : action, None, or a sequence of these
        One for each output of ``f``; ``None`` asks for an **invariant** output.
    inputs : Tensor or tuple
        The argument or arguments of ``f``.
    n, seed : int
        Number of elements, and the seed that they are drawn with.

    Returns
    -------
    float
        About 1e-16 for an exact symmetry in float64, about 1 for none; ``inf`` if an output
        is not finite.

    Raises
    ------
    ValueError
        If the numbers of actions, arguments and outputs disagree; if ``f`` is random or has
        dropout or batch norm in training mode; if an output changes shape, is zero
        everywhere, or does not depend on the inputs; if the group does not fit an input, as
        shifts modulo 8 do not fit 12 pixels; or if no sampled element moves the inputs
        (most of these would pass any test).

    References
    ----------
    Bronstein et al. (2021), *Geometric Deep Learning*, section 3.1. Chapter 04, *The blueprint*.
    """
    rng = _generator(group, n, seed)
    x = inputs if isinstance(inputs, tuple) else (inputs,)
    acts_in = _as_acts("acts_in", acts_in, len(x))
    _refuse_training_mode(f)
    with torch.no_grad():
        y = _outputs(f(*x))
        acts_out = _as_acts("acts_out", acts_out, len(y))
        _check_measurable(f, x, y, _generator(group, n, seed))
        worst, moves = 0.0, False
        for _ in range(n):
            g = group.sample(rng)
            moved = _act(g, x, acts_in)
            _check_fits(group, g, x, moved, acts_in)
            moves = moves or any(not _same(a, b) for a, b in zip(moved, x))
            moved_first = _outputs(f(*moved))
            moved_last = _act(g, y, acts_out)
            for k, (a, b) in enumerate(zip(moved_first, moved_last, strict=True)):
                worst = max(worst, _relative_error(f"output {k}", a, b))
    if not moves:
        raise ValueError(f"inputs must be moved by the group, but {n} sampled elements fix them")
    return worst


def _generator(group: Any, n: int, seed: int) -> torch.Generator:
    if not isinstance(group, Group):
        raise ValueError(
            "group must have the methods sample, identity, compose and inverse, "
            f"got {type(group).__name__}"
        )
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}")
    return torch.Generator().manual_seed(seed)


def _as_acts(name: str, acts: Any, count: int) -> tuple[Action | None, ...]:
    acts = tuple(acts) if isinstance(acts, (tuple, list)) else (acts,)
    if len(acts) != count:
        what = "arguments" if name == "acts_in" else "outputs"
        raise ValueError(f"{name} must give one action for each of {count} {what}, got {len(acts)}")
    return acts


def _outputs(y: Any) -> tuple[Tensor, ...]:
    y = tuple(y) if isinstance(y, (tuple, list)) else (y,)
    for k, part in enumerate(y):
        if not isinstance(part, Tensor):
            raise ValueError(f"f must return tensors, got {type(part).__name__} as output {k}")
        if part.numel() == 0:
            raise ValueError(f"f must return tensors with entries, got an empty output {k}")
    return y


def _act(g: Any, xs: Sequence[Any], acts: Sequence[Action | None]) -> tuple[Any, ...]:
    return tuple(x if act is None else act(g, x) for x, act in zip(xs, acts, strict=True))


def _refuse_training_mode(f: Any) -> None:
    """Layers that behave differently while training answer at random."""
    noisy = (nn.modules.dropout._DropoutNd, nn.modules.batchnorm._NormBase)
    for name, module in f.named_modules() if isinstance(f, nn.Module) else ():
        if isinstance(module, noisy) and module.training:
            raise ValueError(
                f"f must be in evaluation mode, but its layer {name or 'itself'!r} "
                f"({type(module).__name__}) is training: call f.eval() first"
            )


def _check_measurable(f: Any, x: tuple, y: tuple[Tensor, ...], rng: torch.Generator) -> None:
    """Raise where an error of zero would mean nothing."""
    again = _outputs(f(*x))
    for k, (a, b) in enumerate(zip(y, again)):
        if a.shape != b.shape or not torch.equal(a.nan_to_num(), b.nan_to_num()):
            raise ValueError(f"f must be deterministic, got two values of output {k} for one input")
        if torch.isfinite(a).all() and not a.any():
            raise ValueError(f"output {k} is zero everywhere: its error means nothing")
    floats = [isinstance(v, Tensor) and v.is_floating_point() and v.numel() > 0 for v in x]
    if not any(floats):
        return
    unmoved = set(range(len(y)))
    for _ in range(3):
        other = tuple(_redraw(v, rng) if is_float else v for v, is_float in zip(x, floats))
        changed = _outputs(f(*other))
        unmoved -= {k for k in unmoved if not torch.equal(changed[k], y[k])}
    if unmoved:
        raise ValueError(
            f"output {min(unmoved)} does not depend on the inputs: every such map is equivariant"
        )


def _check_fits(group: Group, g: Any, x: Sequence, moved: Sequence, acts: Sequence) -> None:
    """Raise if g only reorders the entries of a signal, yet its inverse does not undo that."""
    for k, (before, after, act) in enumerate(zip(x, moved, acts, strict=True)):
        if act is None or not isinstance(before, Tensor) or before.is_complex():
            continue
        reordered = torch.equal(before.flatten().msort(), after.flatten().msort())
        if reordered and not torch.equal(act(group.inverse(g), after), before):
            raise ValueError(f"group must fit input {k}: g⁻¹·(g·x) is not x for g = {g!r}")


def _same(a: Any, b: Any) -> bool:
    return a is b or (isinstance(a, Tensor) and torch.equal(a, b))


def _redraw(v: Tensor, rng: torch.Generator) -> Tensor:
    noise = torch.randn(v.shape, generator=rng, dtype=torch.float64).to(v)
    return v + (v.double().square().mean().sqrt().to(v) + 1e-3) * noise


def _relative_error(what: str, a: Tensor, b: Tensor) -> float:
    if a.shape != b.shape:
        raise ValueError(
            f"{what} must keep its shape under the group, got {tuple(a.shape)} where the "
            f"action gives {tuple(b.shape)}"
        )
    wide = torch.complex128 if a.is_complex() or b.is_complex() else torch.float64
    a, b = a.detach().to(wide), b.detach().to(wide)
    if not (torch.isfinite(a).all() and torch.isfinite(b).all()):
        return math.inf
    rms = float(b.abs().square().mean().sqrt())
    if rms == 0.0:
        raise ValueError(f"{what} is zero everywhere: its error means nothing")
    return float((a - b).abs().max()) / rms


def _distance(a: Any, b: Any) -> float:
    """Largest difference between two group elements."""
    if isinstance(a, (tuple, list)):
        if not isinstance(b, (tuple, list)) or len(a) != len(b):
            raise ValueError(f"elements must have one form, got {a!r} and {b!r}")
        return max((_distance(p, q) for p, q in zip(a, b)), default=0.0)
    a, b = torch.as_tensor(a, dtype=torch.float64), torch.as_tensor(b, dtype=torch.float64)
    if a.shape != b.shape:
        raise ValueError(f"elements must have one shape, got {tuple(a.shape)} and {tuple(b.shape)}")
    return float((a - b).abs().max().nan_to_num(nan=math.inf))
