"""Other inputs of the same kind, and how much the channels of an output vary between them.

Only a map that depends on its inputs can show whether it respects a symmetry, and an error is
large or small only beside what the map makes of other inputs. See chapter 04, *The blueprint*.
"""

from __future__ import annotations

import copy
import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from gdl_utils.measuring.channels import Channels
from gdl_utils.measuring.nested import as_tensor, leaves, like, rebuild, same, touched

DRAWS = 5
"""How many other inputs are drawn."""
WITHIN = 4
"""Entries are all alike if their deviation is below this many square roots of the rounding."""


class BadDraw(ValueError):
    """What ``redraw`` returned is not an input of the same kind. Chapter 04, *The blueprint*."""


def rounding(dtype: torch.dtype) -> float:
    """Relative size of what rounding leaves: 16 times the machine precision. Chapter 04."""
    return 16 * torch.finfo(dtype).eps if dtype.is_floating_point or dtype.is_complex else 0.0


class Spread:
    r"""How much each channel of a signal varies.

    That is the standard deviation of the channel's entries. Where these are all alike, as those of
    an invariant of one sample are, it is the root mean square of the differences :math:`x_k - x`
    over k and the entries; but at most four times the median over k, so that no single wild one
    decides.

    Parameters
    ----------
    x : Tensor
        The signal itself.
    channels : Channels
        What counts on its own.
    others : sequence of Tensor
        What the signal becomes; those of another shape, or not finite, are left out.
    again : Tensor, optional
        The signal, computed once more: differences of this size are noise, as are those of
        rounding.

    Attributes
    ----------
    varies : bool
        Whether any channel differs from the others' by more than rounding.
    settled : bool
        Whether it varies, and the scale of every channel is its own deviation: more of ``others``
        would change nothing.

    Notes
    -----
    A channel that never varies (a ReLU may be silent for all these inputs) has nothing to be
    compared with but itself: its own root mean square, and if it is zero, the other channels.
    Chapter 04, *The blueprint*.
    """

    def __init__(
        self, x: Tensor, channels: Channels, others: Sequence[Tensor], again: Tensor | None = None
    ) -> None:
        self.channels = channels
        size = channels.mean(_squares(x)).sqrt()
        differences = [_squares(wide(y) - wide(x)) for y in others if y.shape == x.shape]
        found = [channels.mean(d).sqrt() for d in differences if torch.isfinite(d).all()]
        drawn = torch.stack(found) if found else torch.zeros(1, len(size), dtype=torch.float64)
        noise = rounding(x.dtype)
        if again is not None and bool(size.any()):
            repeated = channels.mean(_squares(wide(again) - wide(x))).sqrt()
            noise += 4 * float((repeated / size)[size > 0].max())
        typical, middle = drawn.square().mean(0).sqrt(), drawn.median(0).values
        between = torch.where(middle > noise * size, torch.minimum(typical, 4 * middle), typical)
        self.varies = bool((between > noise * size).any())
        within = channels.deviation(wide(x))
        own = within > WITHIN * noise**0.5 * size
        self.settled = self.varies and bool(own.all())
        scale = torch.where(own, within, between)
        alive = scale > noise * size
        typical = scale[alive].square().mean().sqrt() if alive.any() else torch.tensor(1.0)
        silent = torch.where(size > 0, size, typical.to(size))
        self.scale = torch.where(alive, scale, silent)

    def widened(self, other: Spread) -> Spread:
        """Return the larger of two spreads of one signal, channel by channel."""
        wider = copy.copy(self)
        wider.scale = torch.maximum(self.scale, other.scale) if other.varies else self.scale
        return wider

    def over(self, shape: Sequence[int]) -> Tensor:
        """Return the scale of each entry of a signal of this shape."""
        return self.scale[self.channels.of(tuple(shape))[0]]


def other_inputs(
    x: tuple,
    acts: Sequence[Any],
    moved: Sequence[tuple],
    rng: torch.Generator,
    redraw: Callable[[torch.Generator], Any] | None = None,
) -> tuple[list[Iterator[tuple]], Iterator[tuple] | None]:
    """Other inputs that differ from ``x`` in what is moved, and others that differ anywhere.

    By default an input is made of ``x`` and of a moved copy of it: every real or complex entry is
    taken from one of the two at random. So the new inputs have the old ones' range, signs and
    offsets, and lie in no orbit. A tensor that stays (scalars in a change of gauge, or what has
    no action) has the entries along its first axis drawn anew. For maps that do not see this
    there are further stages: entries scaled by 0.5 to 1.5 as well, for actions that only change
    signs; then some of the integer tensors moved and others not; then integers crossed, too.

    Parameters
    ----------
    x : tuple
        The inputs.
    acts : sequence
        Their actions.
    moved : sequence of tuple
        The inputs as several elements move them.
    rng : Generator
    redraw : callable, optional
        Draws inputs in place of all this.

    Returns
    -------
    stages, anywhere
        ``stages`` to be tried one after the other, and ``anywhere``, ``None`` if all that could
        be drawn anew is moved.

    Notes
    -----
    Chapter 04, *The blueprint*.
    """
    free = touched(x, acts, moved)
    kinds = [_kind(leaf) for _, leaf in leaves(x)]
    if redraw is not None:
        stages, anywhere = [_drawn(redraw, x, acts, rng)], _drawn(redraw, x, [True] * len(x), rng)
        return stages, None if all(free) else anywhere

    def stage(free: list[bool], **how: bool) -> Iterator[tuple]:
        return (_crossed(x, moved[k % len(moved)], free, rng, **how) for k in range(DRAWS))

    pairs = zip(leaves(x), leaves(moved[0]), kinds)
    whole = sum(kind == "integers" and not same(p, q) for (_, p), (_, q), kind in pairs)
    numbers = [kind == "numbers" for kind in kinds]
    ways = [{}, {"scaled": True}] if any(map(operator.and_, numbers, free)) else []
    ways += [{"whole": True}] if whole > 1 else []
    ways += [{"integers": True}] if whole else []
    still = any(number and not is_free for number, is_free in zip(numbers, free))
    return [stage(free, **how) for how in ways], stage([True] * len(free)) if still else None


def _drawn(
    redraw: Callable, x: tuple, acts: Sequence[Any], rng: torch.Generator
) -> Iterator[tuple]:
    for _ in range(DRAWS):
        try:
            other = redraw(rng)
        except Exception as error:
            raise BadDraw(f"redraw must draw inputs, and fails: {error}") from error
        other = other if type(other) is tuple else (other,)
        if len(other) != len(x):
            raise BadDraw(f"redraw must draw {len(x)} arguments of f, got {len(other)}")
        for old, new in zip(x, other):
            a, b = ([(name, _form(leaf)) for name, leaf in leaves(v, "input")] for v in (old, new))
            if a != b:
                raise BadDraw(f"redraw must draw inputs of the same form, got {b} in place of {a}")
        yield tuple(old if act is None else new for old, new, act in zip(x, other, acts))


def _crossed(x: tuple, other: tuple, free: list[bool], rng: torch.Generator, **how: bool) -> tuple:
    each = iter(free)
    return rebuild(lambda p, q: _cross(p, q, rng, **how) if next(each) else p, x, other)


def _cross(
    p: Any,
    q: Any,
    rng: torch.Generator,
    *,
    scaled: bool = False,
    whole: bool = False,
    integers: bool = False,
) -> Any:
    """A leaf with entries from p and from q, which is p moved."""
    a, b, kind = as_tensor(p), as_tensor(q), _kind(p)
    if kind is None or b is None or a.shape != b.shape or a.dtype != b.dtype:
        return p
    if whole and kind == "integers":
        return q if torch.rand((), generator=rng) < 0.5 else p
    if kind == "integers" and not integers:
        return p
    if same(p, q) and a.ndim:
        b = a.gather(0, torch.randint(len(a), a.shape, generator=rng).to(a.device))
    pair = [torch.view_as_real(v) if v.is_complex() else v for v in (a, b)]
    chosen = torch.rand(pair[0].shape, generator=rng).to(a.device) < 0.5
    mixed = torch.where(chosen, *pair)
    if scaled and kind == "numbers":
        mixed = mixed * (0.5 + torch.rand(mixed.shape, generator=rng)).to(mixed)
    return like(p, torch.view_as_complex(mixed) if a.is_complex() else mixed)


def _form(leaf: Any) -> str:
    """What an input of the same kind shares: the type, and the number of axes."""
    values = as_tensor(leaf)
    if values is None:
        return type(leaf).__name__
    return f"{str(values.dtype).removeprefix('torch.')} with {values.ndim} axes"


def _kind(leaf: Any) -> str | None:
    values = as_tensor(leaf)
    if values is None or values.numel() == 0:
        return None
    return "numbers" if values.is_floating_point() or values.is_complex() else "integers"


def wide(x: Tensor) -> Tensor:
    """Return x in double precision on the CPU. Chapter 04, *The blueprint*."""
    return x.to("cpu", torch.complex128 if x.is_complex() else torch.float64)


def _squares(x: Tensor) -> Tensor:
    return wide(x).abs().square()
