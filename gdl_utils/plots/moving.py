"""An animal that moves in the page: functions drawn on it in bands, frame by frame.

See chapter 08, *Geodesics*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gdl_utils.plots.geodesics import picture
from gdl_utils.plots.levels import even_levels
from gdl_utils.plots.live import Curves, LiveFigure, Slider, Sprite, live
from gdl_utils.plots.style import array

FRAME = (285, 190)
"""Width and height of a frame in pixels."""
INKS = 40
"""Colours of all frames of a function together: few enough for a figure of 200 kB."""


def moving_surface(
    poses: Sequence[Any],
    faces: Any,
    functions: Mapping[str, Sequence[Any]],
    curves: Mapping[str, Sequence[float]],
    *,
    title: str,
    alt: str,
    ylabel: str,
    label: str = "Moment of the movement",
    start: int = 0,
    bands: int = 14,
    view: tuple[float, float] = (60.0, 75.0),
) -> LiveFigure:
    """A slider over the poses of a surface, with functions on it side by side and curves below.

    Parameters
    ----------
    poses : sequence of T arrays, (V, 3)
        Positions at each moment, z upwards.
    faces : array of int, (F, 3)
        The same in every pose.
    functions : mapping of str to sequence of T arrays, (V,)
        A function at each moment, by what stands above; all share one range of colours.
    curves : mapping of str to sequence of T floats
        Numbers at each moment.
    title, alt : str
        The finding, and what is seen.
    ylabel : str
        What the curves are, with their unit.
    label : str
        What the slider is.
    start : int
        The moment that is shown first, and in the still.
    bands : int
        How many bands the range is cut into.
    view : (float, float)
        Where the eye is.

    Returns
    -------
    LiveFigure

    Raises
    ------
    ValueError
        If there are fewer than two poses, or numbers of functions do not match them.

    Notes
    -----
    Chapter 08, *Geodesics*. The camera stands still and keeps every pose in view.
    """
    if len(poses) < 2:
        raise ValueError(f"poses must be at least two, got {len(poses)}")
    for name, values in functions.items():
        if len(values) != len(poses):
            raise ValueError(f"{name!r} must hold {len(poses)} functions, got {len(values)}")
    shapes = [array("poses", x, 2) for x in poses]
    every = np.concatenate(shapes)
    known = np.concatenate([array(name, v, 1) for name, vs in functions.items() for v in vs])
    low, high = float(known.min()), float(known.max())
    how = {"levels": even_levels(low, high, bands), "limits": (low, high), "view": view}
    moments = list(range(len(poses)))
    slider = Slider("moment", moments, label=label, start=start, play=True)
    panels = [
        Sprite(
            _few([_frame(x, faces, v, every[::50], how) for x, v in zip(shapes, values)]),
            by="moment", label=name, size=FRAME[0],
        )
        for name, values in functions.items()
    ]  # fmt: skip
    lines = Curves(
        moments, curves, cursor="moment", xlabel=label.lower(), ylabel=ylabel, alt=ylabel
    )
    return live(controls=[slider], panels=[*panels, lines], title=title, alt=alt)


def _frame(x: Any, faces: Any, v: Any, around: np.ndarray, how: Mapping[str, Any]) -> np.ndarray:
    """One picture, (H, W, 3) uint8, cut to the frame's format."""
    from PIL import Image

    image = Image.fromarray(picture(x, faces, values=v, around=around, **how))
    spare = round((image.height - image.width * FRAME[1] / FRAME[0]) / 2)
    image = image.crop((0, spare, image.width, image.height - spare))
    image = image.resize(FRAME, Image.Resampling.LANCZOS)
    return np.array(image)


def _few(frames: list[np.ndarray]) -> np.ndarray:
    """The frames in a few colours that they share, (T, H, W, 3) uint8."""
    from PIL import Image

    film = Image.fromarray(np.concatenate(frames))
    small = film.resize((film.width // 2, film.height // 2), Image.Resampling.NEAREST)
    inks = small.quantize(INKS, Image.Quantize.MEDIANCUT, kmeans=2, dither=Image.Dither.NONE)
    few = film.quantize(palette=inks, dither=Image.Dither.NONE)
    return np.array(few.convert("RGB")).reshape(len(frames), *frames[0].shape)
