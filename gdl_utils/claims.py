"""Claims that a cell proves: state it, measure it, and see the control fail.

A claim of the book is a call of :func:`claim`. See chapter 04, *The blueprint*.
"""

from __future__ import annotations

import html
import math
import sys
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

    In a notebook a card is shown: the text, what was measured, the bound, and what the control
    measured. Elsewhere it is one line that is the same on every machine. Should the claim not hold,
    the error says what was measured.

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
        If the subject misses the bound or does not measure a finite number, or the control meets
        the bound, or it cannot be measured or is not finite (a broken control proves nothing).
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
    if not isinstance(text, str) or not text.strip().endswith((".", "!", "?")):
        raise ValueError(f"text must be a sentence with its full stop, got {text!r}")
    if not isinstance(versus, str) or not versus.strip():
        raise ValueError(f"versus must say what the control is, got {versus!r}")
    if (at_most is None) == (at_least is None):
        raise ValueError(f"give one of at_most and at_least, got {at_most} and {at_least}")
    bound = _number(at_most if at_least is None else at_least, "the bound must be")
    if not math.isfinite(bound):
        raise ValueError(f"the bound must be finite, got {bound}")

    def holds(value: float) -> bool:
        return value <= bound if at_least is None else value >= bound

    words = f"{'at most' if at_least is None else 'at least'} {bound:g}"
    try:
        value = measure(subject)
    except Exception as error:
        error.add_note(f"This was raised while measuring the subject of the claim: {text}")
        raise
    measured = _number(value, "measure must return")
    if not (math.isfinite(measured) and holds(measured)):
        raise ClaimError(f"claim fails: {text} Measured {measured:.3g}, must be {words}.")
    try:
        value = measure(control)
    except Exception as error:
        raise ClaimError(
            f"control is broken: {text} {versus} cannot be measured: "
            f"{type(error).__name__}: {error}"
        ) from error
    controlled = _number(value, f"for the control, {versus}, measure must return")
    if not math.isfinite(controlled):
        raise ClaimError(f"control is broken: {text} {versus} measures {controlled}.")
    if holds(controlled):
        raise ClaimError(
            f"control passes: {text} {versus} measures {controlled:.3g}, which is {words} too."
        )
    sign = "≤" if at_least is None else "≥"
    _show(text, words, f"{sign} {rounded(bound)}", versus, rounded(measured), rounded(controlled))


def _number(value: Any, what: str) -> float:
    """A number, or the single one that a tensor or array holds."""
    try:
        if isinstance(value, str | bytes):
            raise TypeError("a text is not a number")
        return float(value.item() if hasattr(value, "item") else value)
    except (TypeError, ValueError, RuntimeError, NotImplementedError, OverflowError) as error:
        shape = getattr(value, "shape", None)
        form = repr(value) if shape is None else f"{type(value).__name__} of shape {tuple(shape)}"
        raise ValueError(f"{what} a single number, got {form}") from error


def rounded(value: float) -> str:
    """Write a measurement as most machines would: two digits, or a power of ten.

    Parameters
    ----------
    value : float

    Returns
    -------
    str
        ``"0"``, ``"33"``, ``"0.97"``, ``"1.2 · 10⁶"``; of what is below 1e-9, which is rounding,
        only the power of ten, ``"10⁻¹⁶"``.

    Notes
    -----
    All chapters, on the cards of claims.

    Examples
    --------
    >>> rounded(2.2e-16), rounded(0.9714), rounded(48), rounded(-1.5e-5)
    ('10⁻¹⁶', '0.97', '48', '−1.5 · 10⁻⁵')
    """
    if value == 0:
        return "0"
    sign, size = "−" if value < 0 else "", abs(value)
    if float(size).is_integer() and size < 1e5:
        return f"{sign}{size:,.0f}"
    digits, _, power = f"{size:.1e}".partition("e")
    k = int(power)
    if -4 < k < 5:
        return f"{sign}{float(f'{size:.2g}'):,.{max(1 - k, 0)}f}"
    ten = f"10{str(k).translate(_RAISED)}"
    alone = size < 1e-9 or digits == "1.0"
    return f"{sign}{ten}" if alone else f"{sign}{digits} · {ten}"


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def _show(text: str, words: str, bound: str, versus: str, measured: str, controlled: str) -> None:
    line = f"✓ {text} ({words}; the control, {versus}, fails)"
    shell = _notebook()
    if shell is None:
        print(_printable(line))  # outside a notebook the line is the result
        return
    facts = [("measured", _span(measured)), ("must be", html.escape(bound))]
    facts.append((f"control: {html.escape(versus)}", f"{_span(controlled)}, fails"))
    rows = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts)
    mark = '<span class="gdl-claim-mark" role="img" aria-label="proved">✓</span>'
    card = f'{mark} <strong>{html.escape(text)}</strong><dl class="gdl-claim-facts">{rows}</dl>'
    data = {
        "text/plain": line,
        "text/html": f'<div class="gdl-claim">{card}</div>',
        MIME: {"text": text, "bound": words, "control": versus,
               "measured": measured, "controlled": controlled},
    }  # fmt: skip
    shell.display_pub.publish(data=data)


def _span(number: str) -> str:
    return f'<span class="gdl-claim-number">{number}</span>'


def _printable(line: str) -> str:
    """The line in what standard output can write: plain letters on an old terminal."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        line.encode(encoding)
    except UnicodeEncodeError:
        plain = line.replace("✓", "[ok]", 1)
        return plain.encode(encoding, "backslashreplace").decode(encoding)
    return line


def _notebook() -> Any | None:
    """The running notebook's shell, if there is one."""
    try:
        from IPython import get_ipython
    except ImportError:
        return None
    shell = get_ipython()
    return shell if shell is not None and hasattr(shell, "kernel") else None
