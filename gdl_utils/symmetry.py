"""The language of the course: groups, actions, and how far a map is from equivariance.

See chapter 04, *The blueprint*.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

import torch

from gdl_utils.arguments import whole
from gdl_utils.measuring.errors import error_between, leaf_channels, output_errors
from gdl_utils.measuring.nested import as_tensor, leaves, move, same
from gdl_utils.measuring.refusals import check_values, named
from gdl_utils.measuring.variation import Spread

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


def require_instance(group: Any, name: str = "group") -> None:
    """Raise ``ValueError`` where a class was passed for one of its groups: ``Cyclic``.

    ``name`` is what the message calls it. Chapter 04, *The blueprint*.
    """
    if isinstance(group, type):
        kind = group.__name__
        raise ValueError(f"{name} must be an instance, got the class {kind}: write {kind}(...)")


def require_group(group: Any, name: str = "group") -> None:
    """Raise ``ValueError`` unless ``group`` is a :class:`Group`, and an instance of its class.

    ``name`` is what the message calls it. Chapter 04, *The blueprint*.
    """
    require_instance(group, name)
    if not isinstance(group, Group):
        raise ValueError(
            f"{name} must have the methods sample, identity, compose and inverse, "
            f"got {type(group).__name__}"
        )


def check_sampling(group: Any, n: Any, seed: Any) -> tuple[int, int]:
    """Return ``n`` and ``seed`` as whole numbers for draws from ``group``. Chapter 04.

    Raises ``ValueError`` unless ``n`` elements can be drawn.
    """
    require_group(group)
    return whole("n", n, 1), whole("seed", seed)


def check_group(group: Group, *, n: int = 8, seed: int = 0) -> float:
    """Largest violation of the group laws over ``n`` sampled triples of elements.

    Measured are ``e g = g = g e``, ``g⁻¹ g = e = g g⁻¹`` and ``(g h) k = g (h k)``.
    Chapter 04, *The blueprint*.

    Parameters
    ----------
    group : Group
        Its elements are numbers, tensors or arrays, or (nested) tuples, dictionaries or
        dataclasses of these.
    n, seed : int
        Number of triples, and their seed.

    Returns
    -------
    float
        Largest absolute difference between the two sides.

    Raises
    ------
    ValueError
        If ``group`` is not a group, or the two sides of a law are elements of different shapes.
    """
    n, seed = check_sampling(group, n, seed)
    rng = torch.Generator().manual_seed(seed)
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
        The signal that is moved, of any shape that ``action`` takes; or tensors of any nesting.
    n, seed : int
        Number of pairs, and the seed that they are drawn with.

    Returns
    -------
    float
        The largest difference between two sides, beside how far the group moves that channel of
        ``x`` (as in :func:`equivariance_error`); ``inf`` if anything is not finite.

    Raises
    ------
    ValueError
        If ``group`` is not a group, if the action changes the shape of ``x``, or if no sampled
        element moves ``x``: then every action keeps the laws.
    """
    n, seed = check_sampling(group, n, seed)
    rng = torch.Generator().manual_seed(seed)
    pairs = [(group.sample(rng), group.sample(rng)) for _ in range(n)]
    check_values(x)
    act = lambda g, v: move(g, (v,), (action,))[0]  # noqa: E731
    moved = [act(g, x) for g in itertools.chain(*pairs)]
    movers = [g for g, y in zip(itertools.chain(*pairs), moved) if not same(y, x)]
    if not movers:
        raise ValueError(f"x must be moved by the group, but {2 * n} sampled elements fix it")
    (whole,), steps = named([x], ["x"]), [named([y], ["x"])[0] for y in moved]
    channels = dict(zip(whole, leaf_channels(x, action, movers), strict=True))
    spreads = [Spread(v, channels[name], [s[name] for s in steps]) for name, v in whole.items()]
    sides = [("e·x", act(group.identity(), x), x)]
    for (g, h), hx in zip(pairs, moved[1::2]):
        sides.append(("(g h)·x", act(group.compose(g, h), x), act(g, hx)))
    worst = 0.0
    for what, one, other in sides:
        a, b = named([one, other], [what, what])
        worst = max(worst, error_between(a, b, dict(zip(b, spreads))))
    return worst


def equivariance_error(
    f: Callable[..., Any],
    group: Group,
    acts_in: Any,
    acts_out: Any,
    inputs: Any,
    *,
    n: int = 8,
    seed: int = 0,
    redraw: Callable[[torch.Generator], Any] | None = None,
) -> float:
    r"""How far ``f`` is from commuting with the group.

    .. math:: \max_{g,\,i}\ \frac{|f(g \cdot x) - g \cdot f(x)|_i}{\sigma_{c(i)}}, \qquad
              \sigma_c^2 = \mathrm{mean}_{i \in c}\,\bigl(f(x)_i - \mathrm{mean}_{j \in c} f(x)_j
              \bigr)^2,

    over ``n`` sampled elements and all entries i of all outputs. Each difference is measured
    beside how much its channel c **varies**: the standard deviation of the channel's entries. So
    neither a louder channel nor a large constant can hide one that is broken. Where the entries
    are all alike, as for an invariant of one sample, :math:`\sigma_c` is by how much they change
    when another input of the same kind is given.

    Parameters
    ----------
    f : callable
        A module or function of one or several arguments.
    group : Group
        Where the elements are drawn from.
    acts_in : action, None, or a sequence of these
        One for each argument of ``f``; ``None`` leaves it untouched. The structure of the
        domain (edges, positions, a connection) is just another argument. An argument may be a
        tuple, list, dictionary, dataclass or graph; its action moves all of it, or is itself a
        tuple, list or dictionary with an action for each part.
    acts_out : action, None, or a sequence of these
        One for each output of ``f``; ``None`` asks for an **invariant** output.
    inputs : Tensor or tuple
        The argument or arguments of ``f``.
    n, seed : int
        Number of elements, and the seed that they are drawn with.
    redraw : callable, optional
        ``redraw(rng) -> inputs`` draws another input of the same kind, where the default cannot:
        it takes every entry from the input or from a moved copy at random, and would spoil a
        positive definite matrix.

    Returns
    -------
    float
        About 1e-16 for an exact symmetry in float64; 1 and more for none, many times more where a
        channel is nearly everywhere alike and has few spikes; ``inf`` if an output is not finite.

    Raises
    ------
    ValueError
        If the numbers of actions, arguments and outputs disagree; if ``f`` is random (beyond
        rounding, 1e-12 in float64) or has dropout or batch norm in training mode, wherever they
        are; if an output changes shape, is zero everywhere, or does not depend on what is moved;
        if the group does not fit an input, as shifts modulo 8 do not fit 12 pixels; or if no
        sampled element moves the inputs (most of these would pass any test).

    Notes
    -----
    A **channel** is what the action never mixes with the rest (samples and vertices, the first
    axis, are taken together): each feature map of an image, each feature of the nodes of a
    graph, the scalar and each pair of a field in gauges, each entry of an invariant vector. The
    library finds out by moving signals that were cut in two. A channel whose entries are all
    alike for all the inputs that are drawn, as those of a silent ReLU are, is measured beside its
    own size; at least one channel of each output must vary.

    ``f`` is called n + 3 times, and up to n + 12 where channels have entries that are all alike or
    other inputs are hard to draw. Gradients are enabled, so that it may differentiate an energy;
    the caller's tensors, parameters, gradients, buffers, running statistics and random numbers are
    left as they are.

    References
    ----------
    Bronstein et al. (2021), *Geometric Deep Learning*, section 3.1. Chapter 04, *The blueprint*.
    """
    n, seed = check_sampling(group, n, seed)
    if isinstance(f, type):
        raise ValueError(f"f must be an instance, got the class {f.__name__}: make one first")
    if not callable(f):
        raise ValueError(f"f must be a module or a function, got {type(f).__name__}")
    return max(output_errors(f, group, acts_in, acts_out, inputs, n=n, seed=seed, redraw=redraw))


def _distance(a: Any, b: Any) -> float:
    """Largest difference between two group elements."""
    one, other, worst = leaves(a), leaves(b), 0.0
    if [name for name, _ in one] != [name for name, _ in other]:
        raise ValueError(f"elements must have one form, got {a!r} and {b!r}")
    for (_, p), (_, q) in zip(one, other):
        x, y = as_tensor(p), as_tensor(q)
        if x is None or y is None:
            worst = max(worst, 0.0 if same(p, q) else math.inf)
        elif x.shape != y.shape:
            shapes = f"{tuple(x.shape)} and {tuple(y.shape)}"
            raise ValueError(f"elements must have one shape, got {shapes}")
        elif x.numel():
            gap = (x.to(torch.complex128) - y.to(torch.complex128)).abs().max()
            worst = max(worst, float(gap.nan_to_num(nan=math.inf)))
    return worst
