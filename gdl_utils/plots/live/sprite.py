"""Images that a control chooses, or one image that is rolled and dragged."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

import numpy as np

from gdl_utils.plots import style
from gdl_utils.plots.colors import color_map
from gdl_utils.plots.live.panel import Controls, Panel, State, lead, names, numeric, shaped
from gdl_utils.plots.page import data_address, encode, encode_webp
from gdl_utils.plots.style import array


@dataclass(frozen=True)
class Sprite(Panel):
    """Images that a control chooses, or one image that is rolled and dragged.

    Parameters
    ----------
    frames : array, (*by, H, W), (*by, H, W, 3) or (*by, H, W, 4)
        uint8, or numbers within ``limits``; the fourth channel says how opaque a pixel is.
        With ``cmap`` there is no colour axis.
    by : str or tuple of str
        Controls that choose the frame.
    label, alt : str
        The text above, and what a screen reader is told; one of them at least.
    roll : (str or None, str or None)
        Sliders whose values shift the image circularly, in pixels to the right and down. One frame
        is enough for every shift.
    drag : (str or None, str or None)
        Sliders that dragging to the right and down moves; by default those of ``roll``.
    pixels : bool
        A slider's values are pixels: the image follows the pointer. Otherwise a drag across the
        whole image sweeps the slider.
    cmap : str
        A colour map for (H, W) frames; grey by default.
    limits : (float, float)
        The values that are black and white; (0, 255) for uint8 and (0, 1) for others.
    size : int
        Width on the page, in CSS pixels, rounded down to whole multiples of W.
    """

    kind: ClassVar[str] = "sprite"
    inches: ClassVar[tuple[float, float]] = (2.6, 2.9)

    frames: Any
    _: KW_ONLY
    by: str | tuple[str, ...] = ()
    label: str = ""
    alt: str = ""
    roll: tuple[str | None, str | None] = (None, None)
    drag: tuple[str | None, str | None] | None = None
    pixels: bool = True
    cmap: str | None = None
    limits: tuple[float, float] | None = None
    size: int = 280

    def follows(self) -> tuple[str, ...]:
        """Names of the controls that choose the frame, or roll it."""
        return (*names(self.by), *(n for n in self.roll if n is not None))

    def images(self, controls: Controls) -> np.ndarray:
        """Return the frames as uint8, (N, H, W) or (N, H, W, 3 or 4)."""
        shape = lead("Sprite", self.by, controls)
        raw = self.frames.detach().cpu() if hasattr(self.frames, "detach") else self.frames
        whole = np.asarray(raw).dtype == np.uint8
        values = array("frames", raw, (len(shape) + 2, len(shape) + 3))
        color = values.ndim == len(shape) + 3
        channels = (4,) if values.shape[-1] == 4 else (3,)
        shaped("frames", values, shape + (None, None) + (channels if color else ()))
        low, high = self.limits or ((0, 255) if whole else (0, 1))
        if not low < high:
            raise ValueError(f"limits must rise, got {self.limits}")
        if self.limits is None and (values.min() < low or values.max() > high):
            raise ValueError(f"frames must lie in [{low}, {high}] unless limits are given")
        scaled = np.round(255 * np.clip((values - low) / (high - low), 0, 1)).astype(np.uint8)
        if self.cmap is not None:
            if color:
                raise ValueError("cmap needs frames without a colour axis")
            scaled = color_map(self.cmap, 256)[scaled]
            color = True
        return scaled.reshape(-1, *scaled.shape[-3 if color else -2 :])

    def payload(self, controls: Controls) -> dict[str, Any]:
        """Return what the page is given."""
        if not (self.label or self.alt).strip():
            raise ValueError("Sprite needs a label or an alt text")
        drag = self.roll if self.drag is None else self.drag
        for name in (*self.roll, *(drag if self.pixels else ())):
            if name is not None:
                numeric("Sprite", name, controls)
        lead("Sprite", [n for n in drag if n is not None], controls)
        frames = self.images(controls)
        source, columns = sprite_sheet(frames)
        return {
            "by": names(self.by), "label": self.label,
            "alt": self.alt or self.label, "src": source, "cols": columns, "h": frames.shape[1],
            "w": frames.shape[2], "roll": self.roll, "drag": drag, "pixels": self.pixels,
            "size": self.size,
        }  # fmt: skip

    def draw(self, ax: Any, payload: dict[str, Any], state: State) -> None:
        """Draw the first frame, rolled to where the sliders stand."""
        frame = self.images(state.controls)[state.at(payload["by"])]
        for axis, name in ((1, payload["roll"][0]), (0, payload["roll"][1])):
            if name is not None:
                frame = np.roll(frame, round(state.value(name)), axis)
        ax.imshow(frame, cmap=style.GREYS, vmin=0, vmax=255)
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set_visible(False)


def sprite_sheet(frames: np.ndarray, levels: int = 32) -> tuple[str, int]:
    """Lay frames out in one image.

    Parameters
    ----------
    frames : numpy.ndarray, (N, H, W) or (N, H, W, 3 or 4), uint8
        Images of one size.
    levels : int
        Grey levels that are kept, so that the file is small.

    Returns
    -------
    address : str
        The sheet in a ``data:`` address.
    columns : int
        Frames in a row.
    """
    from PIL import Image

    n, h, w = frames.shape[:3]
    columns = int(np.ceil(np.sqrt(n)))
    rows = -(-n // columns)
    sheet = np.zeros((rows * columns, *frames.shape[1:]), np.uint8)
    sheet[:n] = frames
    sheet = sheet.reshape(rows, columns, h, w, -1).swapaxes(1, 2).reshape(rows * h, columns * w, -1)
    if frames.ndim == 3:
        step = 255 / (levels - 1)
        grey = np.round(np.round(sheet[..., 0] / step) * step).astype(np.uint8)
        return data_address(encode(grey)), columns
    if sheet.shape[-1] == 4:
        return data_address(encode_webp(Image.fromarray(sheet), 256)), columns
    return data_address(encode(sheet, 256)), columns
