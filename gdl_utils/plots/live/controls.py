"""What readers move in a live figure: sliders and choices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from typing import Any

from gdl_utils.plots.live.panel import numbers
from gdl_utils.plots.style import array, sentence


@dataclass(frozen=True)
class Slider:
    """A slider over a few values; arrow keys move it.

    Parameters
    ----------
    name : str
        What panels call it.
    values : sequence of float or of str
        At least two.
    label : str
        What the reader sees, with the unit.
    start : object
        One of the values; the first by default.
    play : bool
        Add a button that steps through the values.
    format : str
        How a number is written, such as ``"{:.0%}"``.
    """

    name: str
    values: Sequence[Any]
    _: KW_ONLY
    label: str
    start: Any = None
    play: bool = False
    format: str = "{:g}"

    @cached_property
    def numbers(self) -> list[float] | None:
        """The values as numbers, or None if they are texts."""
        if any(isinstance(v, str) for v in self.values):
            return None
        return array(f"values of {self.name!r}", self.values, 1).tolist()

    @cached_property
    def texts(self) -> list[str]:
        """The values as the reader sees them."""
        if self.numbers is None:
            return list(self.values)
        return [self.format.format(v).replace("-", "−") for v in self.numbers]

    @property
    def at(self) -> int:
        """Where it starts."""
        return _start(self.name, list(self.values), self.start)

    def payload(self) -> dict[str, Any]:
        """Return what the page is given."""
        values = None if self.numbers is None else numbers(array("values", self.numbers))
        return {"kind": "slider", "name": self.name, "label": self.label, "texts": self.texts,
                "values": values, "start": self.at, "play": self.play}  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """A few options of which one holds; a click or the arrow keys choose.

    Parameters
    ----------
    name : str
        What panels call it.
    options : sequence of str
        At least two, short.
    label : str
        What the reader sees above them.
    start : str
        One of the options; the first by default.
    """

    name: str
    options: Sequence[str]
    _: KW_ONLY
    label: str
    start: str | None = None

    @property
    def texts(self) -> list[str]:
        """The options."""
        return list(self.options)

    @property
    def at(self) -> int:
        """Where it starts."""
        return _start(self.name, self.texts, self.start)

    def payload(self) -> dict[str, Any]:
        """Return what the page is given."""
        return {"kind": "choice", "name": self.name, "label": self.label, "texts": self.texts,
                "values": None, "start": self.at}  # fmt: skip


def _start(name: str, values: list[Any], start: Any) -> int:
    if start is None:
        return 0
    if start not in values:
        raise ValueError(f"start of {name!r} must be one of {values}, got {start!r}")
    return values.index(start)


def checked(controls: Sequence[Slider | Choice]) -> Mapping[str, Slider | Choice]:
    """Controls by name, each with a label and at least two values that differ in print.

    Raises
    ------
    ValueError
        If there is none, or one is wrong; the message says which.
    """
    held: dict[str, Slider | Choice] = {}
    for control in controls:
        if control.name in held:
            raise ValueError(f"controls must have names of their own, got {control.name!r} twice")
        sentence(f"label of {control.name!r}", control.label)
        if not all(isinstance(t, str) and t for t in control.texts):
            raise ValueError(f"{control.name!r} must hold numbers, or texts, not both")
        if len(set(control.texts)) != len(control.texts) or len(control.texts) < 2:
            raise ValueError(f"{control.name!r} needs at least two values, all different in print")
        _ = control.at
        held[control.name] = control
    if not held:
        raise ValueError("controls must hold at least one control, got none")
    return held
