"""Pictures of graphs: nodes in classes or in amounts, and matrices below them.

Every function returns a closed matplotlib figure, as those of :mod:`gdl_utils.plots.fields` do.
See chapter 07, *Graphs*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gdl_utils.plots import style
from gdl_utils.plots.colors import CATEGORIES, ink
from gdl_utils.plots.layout import finish, fitting_columns, frame, responsive, width
from gdl_utils.plots.style import array, use_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Drawing:
    """A graph as it is to be drawn.

    Parameters
    ----------
    n : int
        Number of nodes.
    edge_index : array of int, (2, E)
        Edges; both directions of one are drawn once.
    colors : array, (n,)
        Integers are classes; other numbers are amounts on the sequential colour map. White by
        default.
    texts : sequence of str, (n,)
        What stands in the nodes.
    pos : array, (n, 2)
        Where they stand, y up; by default :func:`layout` says.
    bold : array of int, (2, K)
        Edges, or pairs that are none, drawn thick in the control's colour.

    Raises
    ------
    ValueError
        If an edge names a node that is not there, or a length is not n.
    """

    n: int
    edge_index: Any
    _: KW_ONLY
    colors: Any = None
    texts: Sequence[str] | None = None
    pos: Any = None
    bold: Any = None

    def __post_init__(self) -> None:
        for name in ("edge_index", "bold"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, _ends(name, getattr(self, name), self.n))
        pos = layout(self.n, self.edge_index) if self.pos is None else array("pos", self.pos, 2)
        if pos.shape != (self.n, 2):
            raise ValueError(f"pos must be ({self.n}, 2), got {pos.shape}")
        object.__setattr__(self, "pos", pos)
        for name in ("colors", "texts"):
            held = getattr(self, name)
            if held is not None and len(held) != self.n:
                raise ValueError(f"{name} must hold {self.n} entries, got {len(held)}")

    @property
    def paint(self) -> np.ndarray | list[str]:
        """Amounts as floats, or a colour for each node."""
        if self.colors is None:
            return [style.PAPER] * self.n
        raw = self.colors.detach().cpu() if hasattr(self.colors, "detach") else self.colors
        if np.asarray(raw).dtype.kind in "iu":
            return [CATEGORIES[int(k) % len(CATEGORIES)] for k in raw]
        return array("colors", raw, 1)


def layout(n: int, edge_index: Any) -> np.ndarray:
    """Place nodes so that distances on the page resemble distances along the graph.

    networkx lowers the stress, beginning with classical scaling: from a circle, one molecule in
    ten ends up tangled. Parts that no path joins stand side by side. The same graph gives the same
    picture.

    Parameters
    ----------
    n : int
    edge_index : array of int, (2, E)

    Returns
    -------
    numpy.ndarray, (n, 2)
        An edge is about 1 long.

    Raises
    ------
    ValueError
        If an edge names a node that is not there.

    References
    ----------
    Kamada, Kawai (1989), *An algorithm for drawing general undirected graphs*; Torgerson (1952),
    *Multidimensional scaling: I. Theory and method*. Chapter 07, *Graphs*.
    """
    import networkx as nx

    ends = _ends("edge_index", edge_index, n)
    graph = nx.empty_graph(n)
    graph.add_edges_from(ends[:, ends[0] != ends[1]].T.tolist())
    pos, right = np.zeros((n, 2)), 0.0
    for part in nx.connected_components(graph):
        nodes = sorted(part)
        one = graph.subgraph(nodes)
        start = _scaled(np.array(nx.floyd_warshall_numpy(one, nodelist=nodes)))
        found = nx.kamada_kawai_layout(one, pos=dict(zip(nodes, start)))
        placed = np.array([found[k] for k in nodes])
        steps = [np.linalg.norm(found[i] - found[j]) for i, j in one.edges]
        placed /= np.mean(steps) if steps else 1.0
        placed -= placed.min(0) + [0, np.ptp(placed[:, 1]) / 2]
        pos[nodes] = placed + [right, 0]
        right += np.ptp(placed[:, 0]) + 1
    return pos


def _scaled(d: np.ndarray) -> np.ndarray:
    """Points whose distances are about d: two eigenvectors of the centred squares, (n, 2)."""
    n = len(d)
    uneven = np.sin(1 + np.arange(n))  # on a ring all directions are alike: prefer one
    centre = np.eye(n) - 1 / n
    squares = (d + 0.01 * np.abs(np.subtract.outer(uneven, uneven))) ** 2
    values, vectors = np.linalg.eigh(-centre @ squares @ centre / 2)
    axes = vectors[:, -2:] * np.where(uneven @ vectors[:, -2:] < 0, -1, 1)
    return np.resize(axes * np.sqrt(np.maximum(values[-2:], 0)), (n, 2))


@responsive
def graphs(
    items: Mapping[str, Drawing],
    *,
    columns: int = 3,
    matrices: Mapping[str, Any] | None = None,
    label: str | None = None,
    size: float = 170.0,
    title: str | None = None,
) -> Figure:
    """Draw graphs side by side, all amounts on one scale, matrices below if there are any.

    Parameters
    ----------
    items : mapping of str to Drawing
        A title and a graph each.
    columns : int
        How many stand in a row.
    matrices : mapping of str to array, (n, C)
        A matrix below the graph of the same title, with values in [0, 1]; needs one row of graphs.
    label : str
        What amounts measure, with their unit: adds a scale.
    size : float
        Area of a node in square points.
    title : str
        The finding, a sentence.

    Raises
    ------
    ValueError
        If there is no graph, matrices do not match, or a scale is asked for without amounts.

    Notes
    -----
    Chapter 07, *Graphs*.
    """
    if not items or columns < 1:
        raise ValueError(f"items must hold a graph and columns be positive, got {len(items)}")
    columns = min(columns if matrices else fitting_columns(columns), len(items))
    rows = -(-len(items) // columns)
    below = {k: array(f"matrices[{k!r}]", m, 2) for k, m in (matrices or {}).items()}
    if below and (rows > 1 or set(below) != set(items)):
        raise ValueError("matrices need the titles of one row of graphs")
    paints = [d.paint for d in items.values()]
    amounts = [p for p in paints if isinstance(p, np.ndarray)]
    if label is not None and not amounts:
        raise ValueError("label needs a graph with amounts, got none")
    scale = {}
    if amounts:
        scale = {"vmin": min(p.min() for p in amounts), "vmax": max(p.max() for p in amounts)}
    each = width() / columns
    tall = (
        rows * (min(each, 2.4 if columns > 1 else 3.4) + 0.3)
        + (each * 0.75 if below else 0)
        + 0.5 * bool(title)
    )
    with use_style():
        fig, axes = frame(
            (width(), tall), title, nrows=rows + bool(below), ncols=columns,
            height_ratios=[1.2] * rows + [1] * bool(below),
        )  # fmt: skip
        shown = None
        for ax in axes.flat:
            ax.axis("off")
        for ax, (name, drawing), paint in zip(axes[:rows].flat, items.items(), paints):
            dots = _draw(ax, drawing, paint, size, scale)
            shown = dots if isinstance(paint, np.ndarray) else shown
            ax.set_title(name)
        for ax, name in zip(axes[-1], below):
            m = below[name]
            ax.pcolormesh(m, cmap="Greys", vmin=0, vmax=1.6, edgecolors="#BBBBBB", linewidth=0.6)
            ax.set(aspect="equal", ylim=(m.shape[0] + 0.1, -0.1), xlim=(-0.1, m.shape[1] + 0.1))
        if label is not None:
            fig.colorbar(shown, ax=axes[:rows], label=label, shrink=0.85)
    return finish(fig)


def _draw(ax: Any, drawing: Drawing, paint: Any, size: float, scale: dict[str, float]) -> Any:
    pos = drawing.pos
    pairs = {tuple(sorted(map(int, e))) for e in drawing.edge_index.T}
    for i, j in sorted(pairs):
        ax.plot(*pos[[i, j]].T, color="#9A9A9A", lw=1.2, ls="-", zorder=1)
    for i, j in () if drawing.bold is None else drawing.bold.T:
        linked = (min(i, j), max(i, j)) in pairs
        ax.plot(*pos[[i, j]].T, color=style.CONTROL, lw=3, ls="-" if linked else ":", zorder=1.5)
    how = {"cmap": style.SEQUENTIAL, **scale} if isinstance(paint, np.ndarray) else {}
    dots = ax.scatter(*pos.T, s=size, c=paint, edgecolors=style.BLACK, linewidths=0.8, zorder=2,
                      clip_on=False, **how)  # fmt: skip
    if drawing.texts is not None:
        from matplotlib.colors import to_hex

        inks = paint if isinstance(paint, list) else [to_hex(c) for c in dots.to_rgba(paint)]
        for (x, y), word, color in zip(pos, drawing.texts, inks):
            letters = style.BLACK if color == style.PAPER else ink(color)
            ax.text(x, y, word, ha="center", va="center", fontsize=9, color=letters, zorder=3)
    ax.margins(0.12)
    ax.set_aspect("equal")
    ax.axis("off")
    return dots


def _ends(name: str, edges: Any, n: int) -> np.ndarray:
    """Edges as an integer array (2, E) of nodes that are there."""
    held = edges.detach().cpu().numpy() if hasattr(edges, "detach") else np.asarray(edges)
    held = held.reshape(2, 0).astype(int) if held.size == 0 else held
    if held.ndim != 2 or len(held) != 2 or held.dtype.kind not in "iu":
        raise ValueError(f"{name} must be (2, E) integers, got {held.shape} {held.dtype}")
    if held.size and not 0 <= held.min() <= held.max() < n:
        raise ValueError(f"{name} must name nodes 0 to {n - 1}, got {held.min()} to {held.max()}")
    return held
