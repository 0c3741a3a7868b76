"""Chapter 04, *The blueprint*: the map of the five Gs, before and after each symmetry moved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gdl_utils.plots import style
from gdl_utils.plots.layout import finish, frame, responsive
from gdl_utils.plots.style import array, use_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


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


@responsive
def five_g_map(image: Any, *, title: str | None = None) -> Figure:
    """Show the five kinds of domain, each before and after its symmetry moved something.

    Parameters
    ----------
    image : array, (H, W)
        The signal on a grid.
    title : str
        The finding, a sentence.

    Raises
    ------
    ValueError
        If the image is not (H, W).

    References
    ----------
    Bronstein et al. (2021), *Geometric Deep Learning*, section 4. Chapter 04, *The blueprint*.
    """
    picture = array("image", image, 2)
    moves = ("shift", "rotate", "renumber", "bend", "turn the axes")
    names = ("Grids", "Groups", "Graphs", "Geodesics", "Gauges")
    with use_style():
        fig, axes = frame((style.WIDTH, 3.9), title, nrows=2, ncols=5)
        for k, row in enumerate(axes):
            for draw, ax in zip((_shifted, _sphere, _numbered, _sheet, _axes), row):
                ax.set(xticks=[], yticks=[], aspect="equal")
                ax.spines[:].set_visible(False)
                draw(ax, k, picture)
        for ax, name in zip(axes[0], names):
            ax.set_title(name, weight="bold")
        for ax, move in zip(axes[1], moves):
            ax.set_title("↓ " + move, color=style.SUBJECT)
    return finish(fig)


def _shifted(ax: Any, after: int, picture: np.ndarray) -> None:
    ax.imshow(np.roll(picture, (4 * after, 6 * after), (0, 1)), cmap=style.GREYS)


def _sphere(ax: Any, after: int, picture: np.ndarray) -> None:
    """A pattern p on the sphere, as p(g⁻¹ u)."""
    y, x = np.mgrid[-1:1:160j, -1:1:160j]
    inside = x**2 + y**2 <= 1
    z = np.sqrt(np.where(inside, 1 - x**2 - y**2, 0))
    a = 0.9 * after
    u, v, w = np.cos(a) * x + np.sin(a) * y, -np.sin(a) * x + np.cos(a) * y, z
    bumps = ((0.0, 0.75, 0.66), (-0.55, 0.1, 0.83), (0.45, -0.35, 0.82))
    pattern = sum(s * np.exp(8 * (u * p + v * q + w * r - 1))
                  for s, (p, q, r) in zip((1.0, 0.6, -0.9), bumps))  # fmt: skip
    ax.contourf(x, y, np.ma.masked_array(pattern, ~inside), levels=9, cmap=style.SEQUENTIAL)
    ax.add_patch(_disc(fill=False, edgecolor=style.NEUTRAL))
    ax.set(xlim=(-1.08, 1.08), ylim=(-1.08, 1.08))


def _numbered(ax: Any, after: int, picture: np.ndarray) -> None:
    spots = np.array([[0.0, 0.1], [-0.8, 0.8], [-0.9, -0.5], [0.75, 0.75], [0.6, -0.8]])
    for i, j in ((0, 1), (1, 2), (0, 2), (0, 3), (0, 4)):
        ax.plot(*spots[[i, j]].T, color=style.NEUTRAL, ls="-", lw=1.5, zorder=1)
    values = [0.75, 0.55, 1.0, 0.65, 0.85]
    ax.scatter(*spots.T, c=values, cmap=style.SEQUENTIAL, vmin=0, vmax=1.1, s=290, zorder=2)
    label = (3, 0, 4, 1, 2) if after else range(5)
    for spot, number in zip(spots, label):
        ax.text(*spot, str(number), ha="center", va="center_baseline", weight="bold",
                color=style.DARK, zorder=3)  # fmt: skip
    ax.set(xlim=(-1.3, 1.3), ylim=(-1.3, 1.3))


def _seen(points: np.ndarray) -> np.ndarray:
    """Look at points (n, 3) from above and from the side."""
    view = np.array([[1.0, 0.0], [0.45, 0.5], [0.0, 1.0]])
    return points @ view


def _sheet(ax: Any, after: int, picture: np.ndarray) -> None:
    curve, t = 3.0 * after, np.linspace(0, 1, 60)
    for s in np.linspace(0, 1, 7):
        for line in (np.stack([t, 0 * t + s], 1), np.stack([0 * t + s, t], 1)):
            ax.plot(*_seen(bent(line, curve)).T, color="#AAAAAA", lw=0.9, ls="-")
    path = np.array([0.12, 0.15]) + t[:, None] * np.array([0.72, 0.65])
    ax.plot(*_seen(bent(path, curve)).T, color=style.CONTROL, lw=2.4, ls="-")
    ax.plot(*_seen(bent(path[[0, -1]], curve)).T, "o", color=style.CONTROL, ls="", ms=6)
    ax.set(xlim=(-0.8, 0.8), ylim=(-0.9, 0.7))


def _axes(ax: Any, after: int, picture: np.ndarray) -> None:
    turn, vector = 0.9 * after, np.array([0.62, 0.7])
    frame = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    ax.add_patch(_disc(color=style.WASHES[1]))
    arrow = {"angles": "xy", "scale_units": "xy", "scale": 1}
    ax.quiver([0, 0], [0, 0], *(0.75 * frame.T), color=style.NEUTRAL, width=0.022, **arrow)
    ax.quiver([0], [0], *vector[:, None], color=style.CONTROL, width=0.034, **arrow)
    a, b = frame @ vector
    ax.text(0, -0.98, f"({a:.1f}, {b:.1f})".replace("-", "−"), ha="center", va="center")
    ax.set(xlim=(-1.15, 1.15), ylim=(-1.25, 1.05))


def _disc(**options: Any) -> Any:
    from matplotlib.patches import Circle

    return Circle((0, 0), 1.0, zorder=0, **options)
