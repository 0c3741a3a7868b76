"""Draw the pictures of the graph primer: ``book/primer/NAME.html``, in the page's own colours.

    python tools/draw_primer.py

Each is a row of panels, inline SVG with words for who cannot see it. A test compares the files with
what this script draws.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "book" / "primer"
RADIUS = 12
Point = tuple[float, float]
Edges = Iterable[tuple[int, int]]

PLACES = {0: (28, 30), 1: (28, 112), 2: (82, 71), 3: (136, 30), 4: (98, 124), 5: (156, 112)}
"""The example: a triangle with a tail, and two nodes on their own."""
EDGES = ((0, 1), (0, 2), (1, 2), (2, 3), (4, 5))
SWAP = {0: 3, 1: 5, 2: 0, 3: 4, 4: 2, 5: 1}
"""The relabelling of the primer: node i gets the label SWAP[i]."""


# -------------------------------------------------------------------------------- shapes
def n(value: float) -> str:
    """A coordinate, no longer than needed."""
    return f"{value:.1f}".removesuffix(".0")


def line(p: Point, q: Point, kind: str = "", label: str = "", *, arrow: bool = False) -> str:
    """A line from p to q; with an arrow, it ends at the circle around q."""
    length = math.dist(p, q)
    ux, uy = (q[0] - p[0]) / length, (q[1] - p[1]) / length
    drawn = ""
    if arrow:
        tip = (q[0] - (RADIUS + 2) * ux, q[1] - (RADIUS + 2) * uy)
        left = (tip[0] - 9 * ux + 5 * uy, tip[1] - 9 * uy - 5 * ux)
        right = (tip[0] - 9 * ux - 5 * uy, tip[1] - 9 * uy + 5 * ux)
        corners = "L".join(f"{n(x)} {n(y)}" for x, y in (left, tip, right))
        q = (tip[0] - 5 * ux, tip[1] - 5 * uy)
        drawn = f'<path class="tip {kind}" d="M{corners}z"/>'
    drawn += f'<path class="edge {kind}" d="M{n(p[0])} {n(p[1])}L{n(q[0])} {n(q[1])}"/>'
    if label:
        drawn += word(((p[0] + q[0]) / 2 + 11 * uy, (p[1] + q[1]) / 2 - 11 * ux), label, "small")
    return drawn


def word(p: Point, text: str, kind: str = "") -> str:
    """A text, centred at p."""
    where = f'x="{n(p[0])}" y="{n(p[1])}"'
    return f'<text class="{kind}" {where} dy=".35em">{html.escape(text)}</text>'


def dot(p: Point, text: str = "", kind: str = "", radius: float = RADIUS) -> str:
    """A node with its label."""
    circle = f'<circle class="node {kind}" cx="{n(p[0])}" cy="{n(p[1])}" r="{n(radius)}"/>'
    return circle + (word(p, text, f"in {kind}") if text else "")


def graph(
    places: Mapping[int, Point],
    edges: Edges,
    *,
    hot: Iterable[int] = (),
    bold: Edges = (),
    labels: Mapping[int, str] | None = None,
    arrows: bool = False,
    weights: Mapping[tuple[int, int], str] | None = None,
    radius: float = RADIUS,
) -> str:
    """Edges, then nodes on top; ``hot`` nodes are filled, ``bold`` edges thick."""
    bold = {frozenset(e) for e in bold}
    drawn = [
        line(places[i], places[j], "bold" if frozenset((i, j)) in bold else "",
             (weights or {}).get((i, j), ""), arrow=arrows)
        for i, j in edges
    ]  # fmt: skip
    texts = {i: str(i) for i in places} if labels is None else labels
    hot = set(hot)
    drawn += [
        dot(p, texts.get(i, ""), "hot" if i in hot else "", radius) for i, p in places.items()
    ]
    return "".join(drawn)


def matrix(edges: Edges, size: int, hot: int | None = None) -> str:
    """The adjacency matrix as squares: filled for 1; a row may be framed."""
    side, x0, y0 = 19, 34, 26
    ones = {(i, j) for a, b in edges for i, j in ((a, b), (b, a))}
    drawn = []
    for i in range(size):
        drawn += [word((x0 - 11, y0 + side * (i + 0.5)), str(i), "small")]
        drawn += [word((x0 + side * (i + 0.5), y0 - 11), str(i), "small")]
        for j in range(size):
            kind = "one" if (i, j) in ones else "zero"
            corner = f'x="{x0 + side * j}" y="{y0 + side * i}"'
            drawn.append(f'<rect class="{kind}" {corner} width="{side}" height="{side}"/>')
    if hot is not None:
        where = f'x="{x0}" y="{y0 + side * hot}" width="{side * size}" height="{side}"'
        drawn.append(f'<rect class="frame" {where}/>')
    return "".join(drawn)


def ring(count: int, centre: Point, radius: float, start: float = -90) -> dict[int, Point]:
    """Places on a circle."""
    turn = [math.radians(start + 360 * k / count) for k in range(count)]
    return {
        k: (centre[0] + radius * math.cos(t), centre[1] + radius * math.sin(t))
        for k, t in enumerate(turn)
    }


def around(nodes: Sequence[int]) -> list[tuple[int, int]]:
    """The edges of a cycle through the nodes."""
    return list(zip(nodes, [*nodes[1:], nodes[0]]))


def panel(caption: str, alt: str, drawn: str, size: Point = (180, 144)) -> str:
    """One picture, with what it shows in words."""
    box = f'viewBox="0 0 {n(size[0])} {n(size[1])}"'
    svg = f'<svg {box} role="img" aria-label="{html.escape(alt)}">{drawn}</svg>'
    return f"<figure>{svg}\n<figcaption>{caption}</figcaption></figure>"


# ------------------------------------------------------------------------------ pictures
def first() -> list[str]:
    near = graph(PLACES, EDGES, hot=[2], bold=[(0, 2), (1, 2), (2, 3)])
    alt = "Six nodes as circles, five edges as lines. Node 2 is filled; "
    alt += "thick lines join it to nodes 0, 1 and 3."
    return [panel("node 2 has the neighbours 0, 1 and 3: its degree is 3", alt, near)]


def kinds() -> list[str]:
    places = {0: (26, 28), 1: (26, 116), 2: (92, 72), 3: (154, 72)}
    some = ((0, 1), (1, 2), (2, 0), (2, 3))
    km = {(0, 1): "4", (1, 2): "3", (2, 0): "3", (2, 3): "7"}
    return [
        panel("undirected", "Four nodes and four plain lines.", graph(places, some)),
        panel("directed", "The same four nodes; the lines are arrows: 0 to 1, 1 to 2, 2 to 0, "
              "2 to 3.", graph(places, some, arrows=True)),
        panel("weighted", "The same four nodes; numbers at the lines: 4, 3, 3 and 7.",
              graph(places, some, weights=km)),
    ]  # fmt: skip


def walks() -> list[str]:
    few = {k: PLACES[k] for k in range(4)}
    edges = EDGES[:4]
    path = graph(few, edges, hot=[0, 2, 3], bold=[(0, 2), (2, 3)])
    cycle = graph(few, edges, hot=[0, 1, 2], bold=edges[:3])
    parts = graph(PLACES, EDGES, hot=[4, 5], bold=[(4, 5)])
    return [
        panel("a shortest path: the distance from 0 to 3 is 2",
              "The path from node 0 over node 2 to node 3 is thick.", path),
        panel("a cycle of length 3", "The triangle of nodes 0, 1 and 2 is thick.", cycle),
        panel("two connected components", "Nodes 4 and 5, joined to each other and to no other "
              "node, are filled.", parts),
    ]  # fmt: skip


def relabelled() -> list[str]:
    moved = [(SWAP[i], SWAP[j]) for i, j in EDGES]
    names = {i: str(SWAP[i]) for i in PLACES}
    said = "Squares, six by six, filled at the ten pairs that are joined"
    return [
        panel("a graph", "The graph of the first picture.", graph(PLACES, EDGES, hot=[2])),
        panel("its adjacency matrix", f"{said}; row 2 is framed and holds three.",
              matrix(EDGES, 6, 2)),
        panel("the same graph, relabelled", "The same drawing; the labels 0 to 5 are now "
              "3, 5, 0, 4, 2, 1.", graph(PLACES, EDGES, hot=[2], labels=names)),
        panel("another matrix", f"{said}, in other places; row 0 is framed and holds three.",
              matrix(moved, 6, SWAP[2])),
    ]  # fmt: skip


def families() -> list[str]:
    plain = {"labels": {}, "radius": 8}
    chain = {k: (22 + 34 * k, 72 + 22 * (-1) ** k) for k in range(5)}
    tree = {0: (90, 22), 1: (48, 68), 2: (132, 68), 3: (24, 116), 4: (72, 116), 5: (132, 116)}
    two = {k: (34 + 56 * (k % 3), 34 if k < 3 else 112) for k in range(5)}
    five = ring(5, (90, 76), 54)
    pairs = [(i, j) for i in range(5) for j in range(i)]
    across = [(i, j) for i in range(3) for j in (3, 4)]
    return [
        panel("path", "Five nodes in a row, each joined to the next.",
              graph(chain, list(zip(range(4), range(1, 5))), **plain)),
        panel("cycle", "Six nodes on a circle, each joined to the next.",
              graph(ring(6, (90, 74), 54), around(range(6)), **plain)),
        panel("tree", "A node on top with two below it, and three below these.",
              graph(tree, [(0, 1), (0, 2), (1, 3), (1, 4), (2, 5)], **plain)),
        panel("complete", "Five nodes, each joined to every other.", graph(five, pairs, **plain)),
        panel("bipartite", "Three filled nodes above, two below; every line runs from above to "
              "below.", graph(two, across, hot=[0, 1, 2], **plain)),
    ]  # fmt: skip


def laplacian() -> list[str]:
    few, edges = {k: PLACES[k] for k in range(4)}, EDGES[:4]
    x, lx = {0: "0", 1: "0", 2: "1", 3: "0"}, {0: "−1", 1: "−1", 2: "3", 3: "−1"}
    return [
        panel("a signal x: warm at one node", "Values at four nodes: 1 at the middle one, 0 at "
              "its three neighbours.", graph(few, edges, hot=[2], labels=x)),
        panel("L x: what each node has above its neighbours", "Values at the same nodes: 3 at the "
              "middle one, minus 1 at the others.", graph(few, edges, hot=[2], labels=lx)),
    ]  # fmt: skip


def everywhere() -> list[str]:
    pixels = {4 * r + c: (33 + 38 * c, 20 + 35 * r) for r in range(4) for c in range(4)}
    steps = [(k, k + 1) for k in pixels if k % 4 < 3] + [(k, k + 4) for k in pixels if k < 12]
    mesh = {0: (22, 100), 1: (66, 124), 2: (112, 112), 3: (160, 120), 4: (40, 58), 5: (88, 66),
            6: (134, 58), 7: (70, 22), 8: (116, 16)}  # fmt: skip
    faces = "014 145 125 256 236 457 578 568"
    sides = {tuple(sorted((int(t[a]), int(t[b])))) for t in faces.split() for a, b in
             ((0, 1), (1, 2), (0, 2))}  # fmt: skip
    carbon = ring(6, (76, 72), 42)
    places = carbon | {6: (140, 24), 7: (160, 60)}
    atoms = dict.fromkeys(carbon, "C") | {6: "O", 7: "H"}
    bonds = [*around(range(6)), (1, 6), (6, 7)]
    small = {"labels": {}, "radius": 7}
    return [
        panel("an image: pixels and their neighbours", "Sixteen nodes on a grid, joined to the "
              "right and downwards.", graph(pixels, steps, **small)),
        panel("a mesh: corners and sides of triangles", "Nine nodes joined to eight triangles.",
              graph(mesh, sorted(sides), **small)),
        panel("a molecule: atoms and bonds", "Phenol without its other hydrogens: a ring of six "
              "carbons, one of them joined to oxygen, and that to hydrogen.",
              graph(places, bonds, hot=[6], labels=atoms)),
    ]  # fmt: skip


def isomorphic() -> list[str]:
    five = ring(5, (90, 76), 54)
    two = ring(3, (46, 76), 34) | {k + 3: p for k, p in ring(3, (134, 76), 34, 90).items()}
    plain = {"labels": {}, "radius": 9}
    return [
        panel("a cycle of five", "A pentagon: nodes 0 to 4 around a circle, each joined to the "
              "next.", graph(five, around(range(5)))),
        panel("the same cycle", "A star: the nodes stand on the circle in the order 0, 2, 4, 1, "
              "3, each still joined to the next number.",
              graph({2 * k % 5: p for k, p in five.items()}, around(range(5)))),
        panel("a cycle of six", "A hexagon: six nodes, each joined to two.",
              graph(ring(6, (90, 76), 54), around(range(6)), **plain)),
        panel("no cycle of six", "Two triangles: six nodes, each joined to two.",
              graph(two, [*around(range(3)), *around(range(3, 6))], **plain)),
    ]  # fmt: skip


PICTURES = (first, kinds, walks, relabelled, families, laplacian, everywhere, isomorphic)


def pictures() -> dict[str, str]:
    """Every picture: the name of its file, and what stands in it."""
    rows = {f"{draw.__name__}.html": draw() for draw in PICTURES}
    start = '<div class="gdl-graphs gdl-{}">\n'
    return {k: start.format(len(v)) + "\n".join(v) + "\n</div>\n" for k, v in rows.items()}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in pictures().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
