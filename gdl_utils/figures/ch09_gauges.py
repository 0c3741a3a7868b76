"""Pictures of chapter 09, *Gauges*, in a plane: unfolded triangles, kernels, logarithmic maps."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gdl_utils.plots import style
from gdl_utils.plots.layout import finish, fitting_columns, frame, responsive, width
from gdl_utils.plots.style import array, use_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@responsive
def unfolded(
    fans: Mapping[str, tuple[Any, Any]], *, arrow: float = 20.0, title: str | None = None
) -> Figure:
    """Lay the triangles around vertices flat, one after the other, and carry an arrow across.

    Unfolded, transport is "keep the direction". Gluing the first edge to the last one turns the
    arrow that came round, orange, against the one that set out, green.

    Parameters
    ----------
    fans : mapping of str to (array (k,), array (k,))
        For each vertex the angles of its k triangles, in radians, counterclockwise, and the lengths
        of the edges on which they begin, in any unit.
    arrow : float
        The arrow's direction, in degrees from the first edge.
    title : str
        The finding, a sentence.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is no fan, or angles and lengths are not positive and as many.

    Notes
    -----
    Chapter 09, *Gauges*.
    """
    if not fans:
        raise ValueError("fans must hold at least one vertex, got none")
    held = {name: _fan(name, *fan) for name, fan in fans.items()}
    with use_style():
        columns = len(held)
        size = (style.WIDTH, 1.0 + 0.8 * style.WIDTH / max(columns, 2))
        fig, axes = frame(size, title, ncols=columns)
        for ax, (name, (angles, lengths)) in zip(axes[0], held.items()):
            start = np.concatenate([[0.0], np.cumsum(angles)])
            rim = np.append(lengths, lengths[0])[:, None] * np.stack(
                [np.cos(start), np.sin(start)], 1
            )
            for k, (p, q) in enumerate(itertools.pairwise(rim)):
                ax.fill(
                    *np.stack([0 * p, p, q]).T,
                    fc=style.WASHES[1],
                    ec=style.NEUTRAL,
                    lw=1,
                    ls="-",
                    alpha=0.75,
                )
                middle = 0.62 * (p + q) / 2
                color = style.GREEN if k == 0 else style.NEUTRAL
                if k == len(angles) - 1:
                    color = style.VERMILION
                _arrow(ax, middle, 0.3, np.radians(arrow), color)
            for edge in (rim[0], rim[-1]):
                ax.plot(*np.stack([0 * edge, edge]).T, color=style.BLUE, lw=2.5, ls="-")
            gap = 360 - np.degrees(start[-1])
            word = f"gap {gap:.0f}°" if gap > 0 else f"overlap {-gap:.0f}°"
            ax.set_title(f"{name}\n{'no gap' if abs(gap) < 0.5 else word}")
            ax.set_aspect("equal")
            ax.margins(0.03)
            ax.axis("off")
    return finish(fig)


def _fan(name: str, angles: Any, lengths: Any) -> tuple[np.ndarray, np.ndarray]:
    a, r = array(f"angles of {name!r}", angles, 1), array(f"lengths of {name!r}", lengths, 1)
    if a.shape != r.shape or a.min() <= 0 or r.min() <= 0:
        raise ValueError(f"{name!r} must have k positive angles and lengths, got {a} and {r}")
    return a, r / r.max()


def _arrow(ax: Any, at: np.ndarray, length: float, angle: float, color: str) -> None:
    step = length * np.array([np.cos(angle), np.sin(angle)])
    ax.annotate("", at + step / 2, at - step / 2,
                arrowprops={"arrowstyle": "-|>", "color": color, "lw": 2, "shrinkA": 0,
                            "shrinkB": 0, "mutation_scale": 13})  # fmt: skip


@responsive
def kernels(
    directions: Any, fields: Mapping[str, tuple[int, Any]], *, title: str | None = None
) -> Figure:
    """Show what a neighbour in each direction sends: a number, an arrow, or a line.

    Parameters
    ----------
    directions : array, (D,)
        Where the neighbours lie, in radians, counterclockwise from the right.
    fields : mapping of str to (int, array (D,) or (D, 2))
        For each kernel its order, and what arrives from the neighbours: a number for order 0, a
        pair for order 1 or 2. An arrow of order 2 turns twice as fast as the frame, so it is drawn
        as a line at half its angle.
    title : str
        The finding, a sentence.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is no kernel, an order is not 0, 1 or 2, or shapes do not fit.

    Notes
    -----
    Chapter 09, *Gauges*.
    """
    phi = array("directions", directions, 1)
    if not fields:
        raise ValueError("fields must hold at least one kernel, got none")
    place = np.stack([np.cos(phi), np.sin(phi)], 1)
    with use_style():
        columns = fitting_columns(min(len(fields), 3))
        rows = -(-len(fields) // columns)
        size = (style.WIDTH, 0.45 + rows * (0.3 + width() / columns))
        fig, axes = frame(size, title, nrows=rows, ncols=columns)
        for ax in axes.flat[len(fields) :]:
            ax.remove()
        for ax, (name, (order, field)) in zip(axes.flat, fields.items()):
            shape = (len(phi),) if order == 0 else (len(phi), 2)
            values = array(f"fields[{name!r}]", field, (1, 2))
            if order not in (0, 1, 2) or values.shape != shape:
                raise ValueError(f"fields[{name!r}] must be of order 0 to 2 and {shape}, got "
                                 f"{order} and {values.shape}")  # fmt: skip
            ax.plot(0, 0, "o", color=style.BLACK, ms=8)
            if order == 0:
                colors = [style.VERMILION if v < 0 else style.BLUE for v in values]
                ax.scatter(*place.T, s=130 * np.abs(values), c=colors)
            else:
                angle = np.arctan2(values[:, 1], values[:, 0]) / order
                for at, turn in zip(place, angle):
                    if order == 1:
                        _arrow(ax, at, 0.42, turn, style.BLUE)
                    else:
                        ends = 0.2 * np.array([np.cos(turn), np.sin(turn)])
                        ax.plot(*np.stack([at - ends, at + ends]).T, color=style.GREEN, ls="-",
                                lw=3.5, solid_capstyle="round")  # fmt: skip
            ax.set_title(name)
            ax.set(xlim=(-1.4, 1.4), ylim=(-1.4, 1.4), aspect="equal", xticks=[], yticks=[])
            ax.spines[:].set_visible(False)
    return finish(fig)


@responsive
def log_charts(
    charts: Mapping[str, tuple[Any, Any, Any]],
    *,
    reach: float,
    unit: str = "",
    label: str = "",
    limits: tuple[float, float] | None = None,
    title: str | None = None,
) -> Figure:
    """Show patches of a surface in the tangent plane of their middles, with rings of distance.

    Parameters
    ----------
    charts : mapping of str to (array (V, 2), array (F, 3), array (V,))
        Positions in the tangent plane, triangles, and a value at each vertex. Triangles that leave
        the disc are not drawn.
    reach : float
        Radius of the disc, in the unit of the positions.
    unit, label : str
        The positions' unit, and what the values are.
    limits : (float, float)
        Values at the ends of the colour map; by default symmetric about 0.
    title : str
        The finding, a sentence.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is no chart, shapes do not fit, or the reach is not positive.

    Notes
    -----
    Chapter 09, *Gauges*.
    """
    if not charts or not reach > 0:
        raise ValueError(f"charts must not be empty and reach be positive, got {reach}")
    with use_style():
        size = (style.WIDTH, 0.7 + 0.84 * style.WIDTH / max(len(charts), 2))
        fig, axes = frame(size, title, ncols=len(charts))
        for ax, (name, chart) in zip(axes[0], charts.items()):
            p, f, v = _chart(name, *chart)
            inside = (np.linalg.norm(p, axis=1)[f] < reach).all(1)
            top = limits or (-np.abs(v[f[inside]]).max(), np.abs(v[f[inside]]).max())
            levels = np.linspace(*top, 13)
            drawn = ax.tricontourf(*p.T, f[inside], np.clip(v, *top), levels,
                                   cmap=style.DIVERGING, zorder=-1)  # fmt: skip
            ax.set_rasterization_zorder(0)  # thousands of corners
            turn = np.linspace(0, 2 * np.pi, 181)
            for r in np.linspace(0, reach, 4)[1:]:
                color = "#333333" if r < reach else style.NEUTRAL
                ax.plot(r * np.cos(turn), r * np.sin(turn), color=color, lw=0.8, ls="-")
                ax.text(0, r, f"{r:.0f} {unit}", ha="center", va="center", fontsize=9,
                        color=style.DARK,
                        bbox={"fc": "#FFFFFF", "ec": "none", "pad": 0.6})  # fmt: skip
            ax.plot(0, 0, "o", color=style.DARK, ms=5)
            ax.set_title(name)
            side = 1.1 * reach
            ax.set(xlim=(-side, side), ylim=(-side, side), aspect="equal")
            ax.axis("off")
        bar = fig.colorbar(drawn, ax=axes[0].tolist(), shrink=0.8, aspect=25)
        bar.set_label(label)
        bar.set_ticks(levels[::3])
    return finish(fig)


def _chart(name: str, points: Any, faces: Any, values: Any) -> Sequence[np.ndarray]:
    p, f = array(f"points of {name!r}", points, 2), array(f"faces of {name!r}", faces, 2)
    v = array(f"values of {name!r}", values, 1)
    if p.shape != (len(v), 2) or f.shape[1] != 3 or not 0 <= f.min() <= f.max() < len(v):
        raise ValueError(f"{name!r} must be (V, 2), (F, 3), (V,), got {p.shape}, {f.shape}, "
                         f"{v.shape}")  # fmt: skip
    return p, f.astype(int), v
