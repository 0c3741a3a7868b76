"""A sentence that the controls choose."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

from gdl_utils.plots.live.panel import Controls, Panel, State, lead, names, texts


@dataclass(frozen=True)
class Text(Panel):
    """A sentence that the controls choose.

    Parameters
    ----------
    frames : nested sequence of str, (*by)
        The sentences.
    by : str or tuple of str
        Controls that choose one.
    label : str
        The text above.
    """

    kind: ClassVar[str] = "text"
    inches: ClassVar[tuple[float, float]] = (0.0, 0.0)

    frames: Any
    _: KW_ONLY
    by: str | tuple[str, ...]
    label: str = ""

    def payload(self, controls: Controls) -> dict[str, Any]:
        """Return what the page is given."""
        held = texts("frames", self.frames, lead("Text", self.by, controls))
        return {"by": names(self.by), "label": self.label,
                "frames": held.reshape(-1).tolist()}  # fmt: skip

    def said(self, payload: dict[str, Any], state: State) -> str:
        """The first sentence."""
        return payload["frames"][state.at(payload["by"])]
