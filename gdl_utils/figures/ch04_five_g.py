"""Chapter 04, *The blueprint*: the map of the five Gs, each moved by its symmetry."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from gdl_utils.plots import style
from gdl_utils.plots.colors import color_map
from gdl_utils.plots.live import Dot, Line, LiveFigure, Picture, Sketch, Slider, Word, live
from gdl_utils.plots.live.sketch import Part
from gdl_utils.plots.style import array


def bent(points: Any, curvature: float) -> np.ndarray:
    """Roll a flat sheet up into a piece of a cylinder: an isometry, no length on it changes.

    Parameters
    ----------
    points : array, (n, 2)
        Points of the unit square.
    curvature : float
        One over the cylinder's radius; 0 leaves the sheet flat.

    Returns
    -------
    numpy.ndarray, (n, 3)

    Raises
    ------
    ValueError
        If ``points`` is not (n, 2).

    Notes
    -----
    Chapter 04, *The blueprint*.
    """
    flat = array("points", points, 2)
    if flat.shape[1] != 2:
        raise ValueError(f"points must be (n, 2), got {flat.shape}")
    u, v = flat[:, 0] - 0.5, flat[:, 1] - 0.5
    if curvature == 0:
        return np.stack([u, v, 0 * u], axis=1)
    angle = curvature * u
    return np.stack([np.sin(angle) / curvature, v, (np.cos(angle) - 1) / curvature], axis=1)


def length(points: Any) -> float:
    """Return the length of the path through points (n, d), in their unit. Chapter 04."""
    return float(np.linalg.norm(np.diff(array("points", points, 2), axis=0), axis=1).sum())


STEPS = 13
"""Places of the slider."""
FRAME = (-1.15, 1.15, -1.85, 1.2)
"""What is seen of each domain: the picture, and two lines of words below."""
CHANGES, STAYS = -1.37, -1.68
"""Where the two lines stand."""


def five_g(image: Any, *, title: str, alt: str) -> LiveFigure:
    """Show the five kinds of domain, and a slider by which each one's symmetry moves it.

    Below each stand a number that changes on the way, in the control's color, and one that stays,
    in the subject's: the second is what an invariant network may know.

    Parameters
    ----------
    image : array, (H, W)
        The signal on a grid, from 0 to 1.
    title, alt : str
        The finding, and what is seen.

    Returns
    -------
    LiveFigure

    Raises
    ------
    ValueError
        If the image is not (H, W), or not from 0 to 1.

    References
    ----------
    Bronstein et al. (2021), *Geometric Deep Learning*, section 4. Chapter 04, *The blueprint*.
    """
    picture = array("image", image, 2)
    if picture.min() < 0 or picture.max() > 1:
        raise ValueError(f"image must lie in [0, 1], got {picture.min()} to {picture.max()}")
    far = np.linspace(0, 1, STEPS)
    kinds = {
        "Grids": partial(_grid, picture),
        "Groups": _sphere,
        "Graphs": _graph,
        "Geodesics": _sheet,
        "Gauges": _axes,
    }
    panels = [
        Sketch([draw(t) for t in far], by="far", box=FRAME, label=name, size=150)
        for name, draw in kinds.items()
    ]
    label = "Shift, turn, renumber, bend, turn the axes"
    slider = Slider("far", far.tolist(), label=label, play=True, format="{:.0%}")
    return live(controls=[slider], panels=panels, title=title, alt=alt)


def _words(changes: str, stays: str) -> list[Part]:
    below = (Word((0, CHANGES), changes, "control"), Word((0, STAYS), stays, "subject"))
    return list(below)


def _grid(picture: np.ndarray, t: float) -> list[Part]:
    """A digit, moved along a diagonal of the torus."""
    moved = np.roll(picture, [round(side * t) for side in picture.shape], (0, 1))
    row = (moved.sum(1) * np.arange(len(moved))).sum() / moved.sum()
    pixels = np.round(255 * moved).astype(np.uint8)
    words = _words(f"mean row {row:.1f}", f"ink {moved.sum():.0f}")
    return [Picture(pixels, (-1, 1, -1, 1)), *words]


def _pattern(p: np.ndarray, angle: float) -> np.ndarray:
    """Three bumps on the sphere, at the points p (…, 3), turned about the upright axis."""
    c, s = np.cos(angle), np.sin(angle)
    back = p @ np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]]).T  # (g·x)(u) = x(g⁻¹u)
    bumps = np.array([[0.0, 0.75, 0.66], [-0.55, 0.1, 0.83], [0.45, -0.35, 0.82]])
    return np.exp(8 * (back @ bumps.T - 1)) @ [1.0, 0.6, -0.9]


def _sphere(t: float) -> list[Part]:
    """A pattern on the sphere, turned about its upright axis; the mean is over all of it."""
    y, x = np.mgrid[1:-1:80j, -1:1:80j]
    inside = x**2 + y**2 <= 1
    seen = np.stack([x, y, np.sqrt(np.where(inside, 1 - x**2 - y**2, 0))], -1)
    angle = 2 * np.pi * t
    value = _pattern(seen, angle)
    level = np.round(255 * np.clip((value + 0.9) / 1.9, 0, 1)).astype(int) // 16 * 16
    paint = np.concatenate([color_map(style.SEQUENTIAL, 256)[level], 255 * inside[..., None]], -1)
    k = np.arange(4000)
    high, round_ = 1 - (2 * k + 1) / 4000, np.pi * (1 + 5**0.5) * k  # points spread evenly
    flat = np.sqrt(1 - high**2)
    mean = _pattern(np.stack([flat * np.cos(round_), high, flat * np.sin(round_)], -1), angle)
    words = _words(
        f"seen from here {_plain(value[inside].mean())}", f"whole mean {mean.mean():.3f}"
    )
    return [Picture(paint.astype(np.uint8), (-1, 1, -1, 1)), *words]


def _graph(t: float) -> list[Part]:
    """Five nodes that stay where they are, and get other numbers."""
    spots = np.array([[0.0, 0.1], [-0.8, 0.8], [-0.9, -0.5], [0.75, 0.75], [0.6, -0.8]])
    edges = np.array([(0, 1), (1, 2), (0, 2), (0, 3), (0, 4)])
    number = np.random.default_rng(round(12 * t)).permutation(5) if t else np.arange(5)
    friends = np.bincount(number[edges].ravel(), minlength=5)
    lines = [Line(spots[pair], "soft", 2.0) for pair in edges]
    palette = ["#" + bytes(c).hex() for c in color_map(style.SEQUENTIAL, 8)[[3, 4, 5, 6, 7]]]
    nodes = [
        Dot(spot, 0.2, text=str(n), color=color)
        for spot, n, color in zip(spots, number, palette)
    ]  # fmt: skip
    row = ", ".join(map(str, friends))
    ordered = ", ".join(map(str, sorted(friends, reverse=True)))
    return [*lines, *nodes, *_words(f"friends {row}", f"sorted {ordered}")]


def _seen(points: np.ndarray) -> np.ndarray:
    """Look at points (n, 3) from above and from the side."""
    return 1.3 * points @ np.array([[1.0, 0.0], [0.45, 0.5], [0.0, 1.0]]) + [0, 0.1]


def _sheet(t: float) -> list[Part]:
    """A sheet that rolls up, and a path on it; the straight way leads through the air."""
    curve, along = 3.0 * t, np.linspace(0, 1, 24)
    lines = [
        Line(_seen(bent(line, curve)), "soft", 0.9)
        for s in np.linspace(0, 1, 7)
        for line in (np.stack([along, 0 * along + s], 1), np.stack([0 * along + s, along], 1))
    ]
    path = bent(np.array([0.12, 0.15]) + along[:, None] * np.array([0.72, 0.65]), curve)
    straight = np.linalg.norm(path[-1] - path[0])
    ends = [Dot(spot, 0.07, "subject") for spot in _seen(path[[0, -1]])]
    words = _words(f"straight {straight:.3f}", f"on the sheet {length(path):.2f}")
    return [*lines, Line(_seen(path), "subject", 3.0), *ends, *words]


def _axes(t: float) -> list[Part]:
    """An arrow that stays, and its numbers in axes that turn."""
    turn, vector = 2 * np.pi * t, np.array([0.62, 0.7])
    first = np.array([np.cos(turn), np.sin(turn)])
    second = np.array([-np.sin(turn), np.cos(turn)])
    rim = np.linspace(0, 2 * np.pi, 49)
    parts: list[Part] = [Line(np.stack([np.cos(rim), np.sin(rim)], 1), "soft", 0.9)]
    parts += [Line(np.stack([0 * e, 0.75 * e]), "soft", 2.0, True) for e in (first, second)]
    parts += [Line(np.stack([0 * vector, vector]), "subject", 3.2, True)]
    a, b = first @ vector, second @ vector
    numbers = f"({_plain(a, 1)}, {_plain(b, 1)})"
    return [*parts, *_words(f"numbers {numbers}", f"length {np.hypot(a, b):.2f}")]


def _plain(value: float, digits: int = 2) -> str:
    """A number with a minus of its own, and none before zero."""
    return f"{round(float(value), digits) + 0.0:.{digits}f}".replace("-", "−")
