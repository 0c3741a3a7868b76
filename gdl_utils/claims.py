"""Claims that a cell proves: state it, measure it, and see the control fail.

A claim of the book is a call of :func:`claim`. See chapter 04, *The blueprint*.
"""

from __future__ import annotations

import html
import math
from collections.abc import Callable
from typing import Any

MIME = "application/vnd.gdl.claim+json"
"""The MIME type that the book's ledger of claims is made from."""


class ClaimError(AssertionError):
    """A claim that does not hold, or whose control does not fail."""


def claim(
    text: str,
    measure: Callable[[Any], float],
    subject: Any,
    *,
    control: Any,
    versus: str,
    at_most: float | None = None,
    at_least: float | None = None,
) -> None:
    """State a claim, measure it on ``subject``, and check that ``control`` fails it.

    In a notebook one line is shown that is the same on every machine: the text, the bound, and
    what fails it. The measured numbers stand in the error, should the claim not hold.

    Parameters
    ----------
    text : str
        The claim, a sentence that ends with a full stop.
    measure : callable
        ``measure(subject) -> float``. The **same** function is applied to the control.
    subject, control : object
        What the claim is about, and something of its kind for which it must not hold.
    versus : str
        What the control is, in a few words: "a convolution with zero padding".
    at_most, at_least : float
        The bound; exactly one of the two.

    Raises
    ------
    ClaimError
        If the subject misses the bound, or the control meets it, or the control's measure is
        not finite (a broken control proves nothing).
    ValueError
        If ``text`` or ``versus`` is empty, the bound is missing, given twice or not finite, or
        a measurement is not a single number.

    Notes
    -----
    Chapter 04, *The blueprint*; every claim is listed in the book's ledger.

    Examples
    --------
    >>> claim(
    ...     "Doubling is even.",
    ...     lambda f: f(3) % 2,
    ...     lambda k: 2 * k,
    ...     control=lambda k: k,
    ...     versus="the identity",
    ...     at_most=0,
    ... )
    ✓ Doubling is even. (at most 0; the control, the identity, fails)
    """
    if not text.strip().endswith((".", "!", "?")):
        raise ValueError(f"text must be a sentence with its full stop, got {text!r}")
    if not versus.strip():
        raise ValueError("versus must say what the control is, got an empty text")
    if (at_most is None) == (at_least is None):
        raise ValueError(f"give one of at_most and at_least, got {at_most} and {at_least}")
    bound = at_most if at_least is None else at_least
    if not math.isfinite(bound):
        raise ValueError(f"the bound must be finite, got {bound}")

    def holds(value: float) -> bool:
        return value <= bound if at_least is None else value >= bound

    words = f"{'at most' if at_least is None else 'at least'} {bound:g}"
    measured = _number(measure(subject))
    if not holds(measured):  # NaN holds nothing
        raise ClaimError(f"claim fails: {text} Measured {measured:.3g}, must be {words}.")
    controlled = _number(measure(control))
    if not math.isfinite(controlled):
        raise ClaimError(f"control is broken: {text} {versus} measures {controlled}.")
    if holds(controlled):
        raise ClaimError(
            f"control passes: {text} {versus} measures {controlled:.3g}, which is {words} too."
        )
    _show(text, words, versus)


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ValueError(f"measure must return a single number, got {value!r}") from error


def _show(text: str, bound: str, versus: str) -> None:
    line = f"✓ {text} ({bound}; the control, {versus}, fails)"
    shell = _notebook()
    if shell is None:
        print(line)  # outside a notebook the line is the result
        return
    mark = '<span class="gdl-claim-mark" role="img" aria-label="proved">✓</span>'
    note = f"measured here: {bound}; the control, {versus}, fails"
    data = {
        "text/plain": line,
        "text/html": f'<div class="gdl-claim">{mark} <strong>{html.escape(text)}</strong> '
        f'<span class="gdl-claim-note">{html.escape(note)}</span></div>',
        MIME: {"text": text, "bound": bound, "control": versus},
    }
    shell.display_pub.publish(data=data)


def _notebook() -> Any | None:
    """The running notebook's shell, if there is one."""
    try:
        from IPython import get_ipython
    except ImportError:
        return None
    shell = get_ipython()
    return shell if shell is not None and hasattr(shell, "kernel") else None
