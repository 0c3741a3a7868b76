"""The protocol of a panel: data for the page, a script that shows them, and a still.

A kind of panel is a frozen dataclass derived from :class:`Panel`, beside a script of the same name:
``bars.py`` and ``bars.js``. What its ``payload`` returns goes into the page as JSON, and its script
is one function that puts it there::

    (function (p, box, live) {
      var text = live.el("p", {}, box);                              // fill the panel once
      return function () { text.textContent = p.frames[live.at(p.by)]; };  // follow the controls
    })

``p`` is the payload, ``box`` the panel's element. ``live`` has the figure's parts and helpers:
``figure`` and ``stage`` (elements), ``controls`` (payloads by name), ``state`` (where each stands),
``at(by)`` (the index that controls choose), ``slice(values, by, n)``, ``value(name)``,
``set(name, index)`` to move a control, ``el(tag, attributes, parent, text)`` for HTML and SVG,
``num`` and ``sup`` to write numbers, ``ticks(low, high, log, room)``. What a panel puts into
``p.say`` is read aloud. Colours come from the variables and classes of ``live.css``.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

Controls = Mapping[str, Any]


@dataclass(frozen=True)
class State:
    """Where a figure's controls stand at first: what a still shows.

    Attributes
    ----------
    controls : mapping of str to Slider or Choice
        The controls by name.
    """

    controls: Controls

    def at(self, by: Sequence[str]) -> int:
        """The index that these controls choose; the last of them runs fastest."""
        index = 0
        for name in by:
            index = index * len(self.controls[name].texts) + self.controls[name].at
        return index

    def value(self, name: str) -> float:
        """The number at which a slider stands."""
        return self.controls[name].numbers[self.controls[name].at]


class Panel:
    """A part of a live figure.

    Attributes
    ----------
    kind : str
        The name of its kind; panels of one kind share their script, and the class
        ``gdl-live-KIND``.
    inches : (float, float)
        Width and height of its place in the still; a width of 0 if it is a sentence.
    projection : str or None
        Of its axes in the still, such as ``"polar"``.
    by : str or tuple of str
        The controls that choose what it shows.

    Notes
    -----
    Chapters 06, *Groups*, and 09, *Gauges*, have panels of their own.
    """

    kind: ClassVar[str]
    inches: ClassVar[tuple[float, float]] = (4.6, 2.9)
    projection: ClassVar[str | None] = None
    by: str | tuple[str, ...]

    @classmethod
    def script(cls) -> Path:
        """The file of its function: beside the module that defines it, and named like it."""
        return Path(inspect.getfile(cls)).with_suffix(".js")

    def follows(self) -> tuple[str, ...]:
        """Names of all controls that change what it shows."""
        return names(self.by)

    def payload(self, controls: Controls) -> dict[str, Any]:
        """Check the panel, and return what the page is given: ``label`` stands above it."""
        raise NotImplementedError

    def draw(self, ax: Any, payload: dict[str, Any], state: State) -> None:
        """Draw the first state by matplotlib."""
        raise NotImplementedError

    def said(self, payload: dict[str, Any], state: State) -> str:
        """What stands in words below the still."""
        return ""


# ------------------------------------------------------------------------------- checks
def names(by: str | Sequence[str]) -> tuple[str, ...]:
    """Bring ``by`` into a tuple of controls' names."""
    return (by,) if isinstance(by, str) else tuple(by)


def lead(panel: str, by: str | Sequence[str], controls: Controls) -> tuple[int, ...]:
    """Return the sizes of the leading axes, one a control."""
    for name in names(by):
        if name not in controls:
            raise ValueError(
                f"{panel}: by must name controls ({', '.join(controls)}), got {name!r}"
            )
    return tuple(len(controls[name].texts) for name in names(by))


def shaped(what: str, values: np.ndarray, shape: tuple[int | None, ...]) -> np.ndarray:
    """Check a shape; None stands for any length."""
    if values.ndim != len(shape) or any(n not in (None, m) for n, m in zip(shape, values.shape)):
        wanted = ", ".join("any" if n is None else str(n) for n in shape)
        raise ValueError(f"{what} must have the shape ({wanted}), got {values.shape}")
    return values


def texts(what: str, values: Any, shape: tuple[int | None, ...]) -> np.ndarray:
    """Check nested lists of texts."""
    held = np.array(values, dtype=object)
    if not all(isinstance(t, str) for t in held.flat):
        raise ValueError(f"{what} must hold texts in the shape {shape}")
    return shaped(what, held, shape)


def numbers(values: np.ndarray) -> list[float | None]:
    """Flatten into what JSON holds: four significant digits, whole numbers short."""
    short = (None if not np.isfinite(v) else float(f"{v:.4g}") for v in values.reshape(-1).tolist())
    return [int(v) if v is not None and v == int(v) and abs(v) < 1e6 else v for v in short]


def numeric(panel: str, name: str, controls: Controls) -> None:
    """Check that a control is a slider with numbers."""
    if name not in controls or getattr(controls[name], "numbers", None) is None:
        raise ValueError(f"{panel}: {name!r} must be a slider whose values are numbers")
