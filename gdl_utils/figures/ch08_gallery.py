"""Pictures of chapter 08, *Geodesics*: surfaces in a row, and one that moves in the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gdl_utils.figures.ch08_bands import banded, painted
from gdl_utils.plots import style
from gdl_utils.plots.colors import rgb
from gdl_utils.plots.layout import finish, frame, responsive
from gdl_utils.plots.live import Curves, LiveFigure, Slider, Sprite, live
from gdl_utils.plots.style import array, sentence, use_style
from gdl_utils.plots.surface3d import Scale
from gdl_utils.plots.surface3d.camera import light
from gdl_utils.plots.surface3d.poster import draw_pixels
from gdl_utils.plots.surface3d.viewer import PLAIN

if TYPE_CHECKING:
    from matplotlib.figure import Figure

UP = [1, 2, 0]
"""From z upwards to y upwards, as posters have it: a rotation."""
FRAME, SHOWN = (400, 300), 300
"""Width and height of a frame in pixels, and its width on the page, where two stand in a row."""
HUNG = 400
"""Most pixels that a picture in a row is wide."""
MARK = style.VERMILION
"""What is painted over a surface where something is wrong."""
INKS = 28
"""Colours of all frames of a function together: few enough for a figure of 200 kB."""


def picture(
    verts: Any,
    faces: Any,
    *,
    values: Any = None,
    bands: int = 12,
    limits: tuple[float, float] | None = None,
    cmap: str = style.SEQUENTIAL,
    colors: Any = None,
    view: tuple[float, float] = (60.0, 75.0),
    around: Any = None,
    marked: Any = None,
) -> np.ndarray:
    """Draw one surface in soft light on a transparent ground.

    Parameters
    ----------
    verts, faces : array, (V, 3) and (F, 3)
        A mesh, z upwards.
    values : array, (V,)
        A function, drawn in bands of equal height.
    bands : int
        How many.
    limits : (float, float)
        Values at the ends of the colour map; by default the extremes.
    cmap : str
        A colour map of matplotlib's.
    colors : array, (V, 3)
        sRGB in [0, 1] instead. Without both the surface is plain.
    view : (float, float)
        Where the eye is.
    around : array, (N, 3)
        Points that the camera keeps in view, so that several pictures have one scale; the surface's
        own by default.
    marked : array of bool, (V,)
        Where the surface is painted over in :data:`MARK`.

    Returns
    -------
    numpy.ndarray, (560, 800, 4), uint8
        The surface on a transparent ground.

    Raises
    ------
    ValueError
        If values come with colors, marks are not one a vertex, or as :func:`banded`.

    Notes
    -----
    Chapter 08, *Geodesics*.
    """
    x, f = array("verts", verts, 2)[:, UP], array("faces", faces, 2).astype(np.int64)
    if values is not None and colors is not None:
        raise ValueError("give values or colors, not both")
    lamp = 0.5 + 0.5 * light(x, f, view)
    if values is not None:
        v = array("values", values, 1)
        scale = Scale(*(limits or (float(v.min()), float(v.max()))), cmap)
        x, f, band, lamp = banded(x, f, v, (scale.low, scale.high), bands, lamp)
        paint = painted(scale, bands, band)
    else:
        paint = np.tile(rgb(PLAIN), (len(x), 1)) if colors is None else array("colors", colors, 2)
        if paint.shape != x.shape or paint.min() < 0 or paint.max() > 1:
            raise ValueError(f"colors must be ({len(x)}, 3) in [0, 1], got {paint.shape}")
    if marked is not None:
        paint = _painted_over(array("verts", verts, 2)[:, UP], marked, x, paint)
    if around is not None:  # specks that only the camera notices
        far = array("around", around, 2)[:, UP]
        n, k = len(x), len(far)
        x = np.concatenate([x, far])
        paint, lamp = np.concatenate([paint, np.ones((k, 3))]), np.concatenate([lamp, np.ones(k)])
        f = np.concatenate([f, np.repeat(n + np.arange(k), 3).reshape(-1, 3)])
    return draw_pixels(x, f, paint * lamp[:, None], view)


def _painted_over(verts: np.ndarray, marked: Any, x: np.ndarray, paint: np.ndarray) -> np.ndarray:
    """Colors of the points x, in MARK where the nearest of the vertices is marked."""
    from scipy.spatial import cKDTree

    where = array("marked", marked, 1) > 0
    if len(where) != len(verts):
        raise ValueError(f"marked must be ({len(verts)},), one a vertex, got {where.shape}")
    return np.where(where[cKDTree(verts).query(x)[1]][:, None], rgb(MARK), paint)


@responsive
def gallery(
    pictures: Mapping[str, Any], *, title: str | None = None, height: float = 2.1
) -> Figure:
    """Hang pictures of surfaces in a row, cropped to what is on them.

    Parameters
    ----------
    pictures : mapping of str to array, (H, W, 4)
        What stands above, and a picture on a transparent ground, as from :func:`picture`.
    title : str
        The finding, a sentence.
    height : float
        Of the row, in inches.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is no picture, or one has another shape.

    Notes
    -----
    Chapter 08, *Geodesics*.
    """
    if not pictures:
        raise ValueError("pictures must hold at least one, got none")
    held = [array("pictures", p, 3) for p in pictures.values()]
    if any(p.shape[2] != 4 for p in held):
        raise ValueError(f"pictures must be (H, W, 4), got {[p.shape for p in held]}")
    ink = np.any([p[..., 3] > 5 for p in held if p.shape == held[0].shape], axis=0)
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    window = (slice(None), slice(None))
    if len(rows) and all(p.shape == held[0].shape for p in held):
        window = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    with use_style():
        size = (style.WIDTH, height + 0.45 * (title is not None))
        fig, axes = frame(size, title, ncols=len(held))
        for ax, name, p in zip(axes[0], pictures, held):
            ax.imshow(_shrunk(p[window].astype(np.uint8)), interpolation="antialiased")
            ax.set_title(sentence("pictures", name))
            ax.axis("off")
    return finish(fig)


def _shrunk(pixels: np.ndarray) -> np.ndarray:
    """A picture of at most HUNG pixels across."""
    from PIL import Image

    high, wide = pixels.shape[:2]
    if wide <= HUNG:
        return pixels
    size = (HUNG, round(high * HUNG / wide))
    return np.array(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))


def moving_surface(
    poses: Sequence[Any],
    faces: Any,
    functions: Mapping[str, Sequence[Any]],
    curves: Mapping[str, Sequence[float]],
    *,
    title: str,
    alt: str,
    ylabel: str,
    marked: Mapping[str, Sequence[Any]] | None = None,
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
    marked : mapping of str to sequence of T arrays of bool, (V,)
        Where a function of that name is painted over at each moment, as :func:`picture` does.
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
    over = {name: [None] * len(poses) for name in functions} | dict(marked or {})
    if set(over) != set(functions) or any(len(o) != len(poses) for o in over.values()):
        raise ValueError(f"marked must hold {len(poses)} masks for functions, got {sorted(over)}")
    shapes = [array("poses", x, 2) for x in poses]
    every = np.concatenate(shapes)
    known = np.concatenate([array(name, v, 1) for name, vs in functions.items() for v in vs])
    low, high = float(known.min()), float(known.max())
    how = {"bands": bands, "limits": (low, high), "view": view}
    moments = list(range(len(poses)))
    slider = Slider("moment", moments, label=label, start=start, play=True)
    films = {
        name: [picture(x, faces, values=v, marked=o, around=every[::50], **how)
               for x, v, o in zip(shapes, values, over[name])]
        for name, values in functions.items()
    }  # fmt: skip
    window = _window([p for film in films.values() for p in film])
    panels = [
        Sprite(_few([_frame(p, window) for p in film]), by="moment", label=name, size=SHOWN)
        for name, film in films.items()
    ]
    lines = Curves(
        moments, curves, cursor="moment", xlabel=label.lower(), ylabel=ylabel, alt=ylabel
    )
    return live(controls=[slider], panels=[*panels, lines], title=title, alt=alt)


def _window(pictures: Sequence[np.ndarray], rim: int = 6) -> tuple[int, int, int, int]:
    """The part of the pictures where something is, grown to a frame's format."""
    seen = np.any([p[..., 3] > 5 for p in pictures], axis=0)
    rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
    middle = np.array([columns[0] + columns[-1], rows[0] + rows[-1]]) / 2
    wide, high = np.ptp(columns) + 2 * rim, np.ptp(rows) + 2 * rim
    half = np.array(FRAME) / 2 * max(wide / FRAME[0], high / FRAME[1])
    (left, top), (right, bottom) = np.round([middle - half, middle + half]).astype(int).tolist()
    return left, top, right, bottom


def _frame(pixels: np.ndarray, window: tuple[int, int, int, int]) -> np.ndarray:
    """A window of a picture in a frame's size, (H, W, 4) uint8."""
    from PIL import Image

    part = Image.fromarray(pixels).crop(window)
    return np.array(part.resize(FRAME, Image.Resampling.LANCZOS))


def _few(frames: list[np.ndarray]) -> np.ndarray:
    """The frames in a few colours that they share, (T, H, W, 4) uint8; edges are hard."""
    from PIL import Image

    pixels = np.concatenate(frames)
    film = Image.fromarray(pixels[..., :3])
    small = film.resize((film.width // 2, film.height // 2), Image.Resampling.NEAREST)
    inks = small.quantize(INKS, Image.Quantize.MEDIANCUT, kmeans=2, dither=Image.Dither.NONE)
    few = film.quantize(palette=inks, dither=Image.Dither.NONE)
    seen = 255 * (pixels[..., 3:] > 127)
    whole = np.concatenate([np.array(few.convert("RGB")) * (seen > 0), seen], -1)
    return whole.astype(np.uint8).reshape(len(frames), *frames[0].shape)
