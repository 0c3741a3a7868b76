"""Figures of surfaces, voxels and points side by side, and of meshes as graphs. See chapter 03."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gdl_utils.plots import style
from gdl_utils.plots.marks import rgb
from gdl_utils.plots.mesh3d import PLAIN, MeshFigure, show_mesh
from gdl_utils.plots.style import array, finish, frame, use_style
from gdl_utils.plots.voxels import boxes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GAP = 2.3
"""Distance of things that stand side by side; each fills [−1, 1]³."""


def beads(points: Any, radius: float) -> tuple[np.ndarray, np.ndarray]:
    """A small octahedron around each point.

    Parameters
    ----------
    points : array, (N, 3)
        Where they are.
    radius : float
        From its middle to a corner, in the unit of the points.

    Returns
    -------
    verts, faces : numpy.ndarray, (6N, 3), (8N, 3)
        Facing outwards.

    Raises
    ------
    ValueError
        If the points are not (N, 3), or the radius is not positive.

    Notes
    -----
    Chapter 03, *Data that is not flat*.
    """
    middles = array("points", points, 2)
    if middles.shape[1] != 3:
        raise ValueError(f"points must be (N, 3), got {middles.shape}")
    if not radius > 0:
        raise ValueError(f"radius must be positive, got {radius}")
    verts = np.concatenate([np.eye(3), -np.eye(3)]) * radius
    faces = np.array(
        [[0, 1, 2], [1, 3, 2], [3, 4, 2], [4, 0, 2], [1, 0, 5], [3, 1, 5], [4, 3, 5], [0, 4, 5]]
    )
    starts = 6 * np.arange(len(middles))[:, None, None]
    return (middles[:, None] + verts).reshape(-1, 3), (starts + faces).reshape(-1, 3)


def three_ways(
    verts: Any,
    faces: Any,
    grid: Any,
    points: Any,
    *,
    title: str,
    alt: str,
    view: tuple[float, float] = (285.0, 70.0),
) -> MeshFigure:
    """Show one shape as a mesh, as voxels and as points, side by side in one scene.

    Parameters
    ----------
    verts, faces : array, (V, 3) and (F, 3)
        The surface, within [−1, 1]³ and y up.
    grid : array of bool, (R, R, R)
        The voxels of that cube.
    points : array, (N, 3)
        Points of the surface.
    title, alt : str
        The finding, and what is seen.
    view : (float, float)
        Where the eye is, as for :func:`gdl_utils.plots.mesh3d.show_mesh`.

    Returns
    -------
    MeshFigure

    Raises
    ------
    ValueError
        As :func:`gdl_utils.plots.mesh3d.show_mesh`, :func:`boxes` and :func:`beads`.

    Notes
    -----
    Chapter 03, *Data that is not flat*.
    """
    shapes = [(array("verts", verts, 2), array("faces", faces, 2).astype(int))]
    shapes += [boxes(grid), beads(points, 0.03)]
    theta = np.deg2rad(view[0])
    right = np.array([np.cos(theta), 0, -np.sin(theta)])  # of the eye that looks along −view
    parts, triangles, colours, start = [], [], [], 0
    for k, ((v, f), colour) in enumerate(zip(shapes, (PLAIN, style.ORANGE, style.SKY))):
        parts.append(v + (k - 1) * GAP * right)
        triangles.append(f + start)
        colours.append(np.tile(rgb(colour), (len(v), 1)))
        start += len(v)
    every = np.concatenate(parts)
    return show_mesh(
        every, np.concatenate(triangles), colors=np.concatenate(colours), title=title, alt=alt,
        view=view,
    )  # fmt: skip


def graph_and_matrix(
    places: Any,
    edges: Any,
    adjacency: Any,
    *,
    finding: str,
    marked: int | None = None,
) -> Figure:
    """Draw a small graph beside its adjacency matrix, with one node and its neighbours marked.

    Parameters
    ----------
    places : array, (N, 2)
        Where the nodes are drawn.
    edges : array of int, (E, 2)
        Pairs of nodes.
    adjacency : array, (N, N)
        Zeros and ones.
    finding : str
        What the figure shows, as a sentence.
    marked : int
        A node that stands out, with its neighbours and its row.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If shapes do not match, or a node does not exist.

    Notes
    -----
    Chapter 03, *Data that is not flat*.
    """
    at, ends = array("places", places, 2), array("edges", edges, 2).astype(int)
    matrix = array("adjacency", adjacency, 2)
    n = len(at)
    if at.shape[1] != 2 or ends.shape[1] != 2 or matrix.shape != (n, n):
        raise ValueError(
            f"places, edges, adjacency must be (N, 2), (E, 2), (N, N), got {at.shape}, "
            f"{ends.shape}, {matrix.shape}"
        )
    if ends.min() < 0 or ends.max() >= n:
        raise ValueError(f"edges must name nodes 0 to {n - 1}, got {ends.min()} to {ends.max()}")
    if marked is not None and not 0 <= marked < n:
        raise ValueError(f"marked must be a node, 0 to {n - 1}, got {marked}")
    near = [] if marked is None else np.flatnonzero(matrix[marked]).tolist()
    with use_style():
        fig, axes = frame((style.WIDTH, 3.7), finding, ncols=2)
        ax = axes[0, 0]
        ax.plot(*at[ends].transpose(2, 1, 0), color=style.NEUTRAL, lw=1.4, ls="-", zorder=1)
        for k, (x, y) in enumerate(at):
            colour = style.BLUE if k == marked else style.ORANGE if k in near else "#DDDDDD"
            ax.plot([x], [y], "o", ms=19, color=colour, mec=style.BLACK, mew=0.8)
            ink = "white" if k == marked else style.BLACK
            ax.text(x, y, str(k), ha="center", va="center", color=ink, fontsize=11)
        ax.set(aspect="equal")
        ax.margins(0.15)
        ax.axis("off")
        ax = axes[0, 1]
        shown = matrix * 0.9
        if marked is not None:
            shown[marked] *= 0.6
        ax.pcolormesh(shown, cmap="Greys", vmin=0, vmax=1.2, edgecolors="#BBBBBB", linewidth=0.6)
        for i, j in zip(*np.nonzero(matrix)):
            colour = rgb(style.ORANGE) if i == marked else rgb("#D5D5D5")
            ax.add_patch(_cell(j, i, colour))
            ax.text(j + 0.5, i + 0.5, "1", ha="center", va="center", fontsize=10)
        ticks = {"xticks": np.arange(n) + 0.5, "yticks": np.arange(n) + 0.5}
        ax.set(**ticks, xticklabels=range(n), yticklabels=range(n), ylim=(n, 0), aspect="equal")
        ax.tick_params(length=0)
        ax.set_title("adjacency matrix A")
    return finish(fig)


def _cell(x: float, y: float, colour: Any) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((x, y), 1, 1, facecolor=colour, edgecolor="#BBBBBB", linewidth=0.6)
