"""A surface for the page: a poster that turns when asked.

The display bundle holds the poster, a line of text, and a figure whose button loads a viewer that
is already in the book (elsewhere it comes from the network, on the click only). Paths and points
are triangles of the same file. See chapter 03.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from gdl_utils.plots import page
from gdl_utils.plots.colors import encoded, linear, rgb
from gdl_utils.plots.style import array, sentence
from gdl_utils.plots.surface3d.camera import camera, light
from gdl_utils.plots.surface3d.glb import write_glb
from gdl_utils.plots.surface3d.marks import draw_marks
from gdl_utils.plots.surface3d.poster import ENOUGH, draw_poster
from gdl_utils.plots.surface3d.scale import Scale, scale_of

HERE = Path(__file__).parent
PLAIN = "#86ADD1"
"""Colour of a surface without values."""


class MeshFigure:
    """What :func:`show_mesh` returns: a notebook shows it, anything else prints one line.

    Parameters
    ----------
    markup : str
        The ``<figure>``.
    poster : bytes
        A PNG.
    text : str
        ``<mesh: V vertices, F faces>``.
    """

    def __init__(self, markup: str, poster: bytes, text: str) -> None:
        self.html, self.poster, self.text = markup, poster, text

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return page.bundle(self.html, self.poster, self.text)


def show_mesh(
    verts: Any,
    faces: Any,
    *,
    alt: str,
    values: Any = None,
    colors: Any = None,
    scale: Scale | None = None,
    paths: Mapping[str, Any] | None = None,
    points: Mapping[str, Any] | None = None,
    arrows: Mapping[str, Any] | None = None,
    title: str | None = None,
    label: str = "",
    cmap: str | None = None,
    limits: tuple[float, float] | None = None,
    view: tuple[float, float] = (215.0, 70.0),
    up: str = "y",
    shading: float = 0.75,
    poster_bytes: int = ENOUGH,
    page_bytes: int = page.LIMIT,
    wide: bool = False,
) -> MeshFigure:
    """Show a triangle mesh that readers can turn.

    Parameters
    ----------
    verts : array, (V, 3)
        Positions.
    faces : array of int, (F, 3)
        Vertices of each triangle, counterclockwise from outside.
    alt : str
        What is seen, for those who do not see it.
    values : array, (V,)
        Numbers shown through ``cmap``, with a scale below.
    colors : array, (V, 3)
        sRGB in [0, 1] instead of values.
    scale : Scale
        Stands below a surface with colors; one with values has its own.
    paths : mapping of str to array, (K, 3)
        At most five polylines, drawn as tubes; their names stand below.
    points : mapping of str to array, (3,)
        Marked points; their names stand beside them.
    arrows : mapping of str to (array (K, 3), array (K, 3))
        At most five sets of arrows: where they begin, and their vectors; their names stand below.
    title : str
        The finding.
    label : str
        What the values are, with the unit; stands at the scale.
    cmap : str
        A colour map; by default viridis, and the diverging one if there are values below 0.
    limits : (float, float)
        Values at the ends of the scale; by default the extremes (symmetric if diverging).
    view : (float, float)
        Where the eye is, in degrees: azimuth about the vertical from +z towards +x, and the angle
        from straight above.
    up : {"y", "z"}
        The axis that points upwards.
    shading : float
        Strength of the baked light in [0, 1]; 0 shows the colours exactly.
    poster_bytes : int
        A poster that would take more gets fewer colours.
    page_bytes : int
        A view that would take more shows fewer faces.
    wide : bool
        Show what lies in the middle, twice as wide as high: for things that stand in a row.

    Returns
    -------
    MeshFigure
        To stand as a cell's last expression.

    Raises
    ------
    ValueError
        If the alt text is empty, shapes do not match, numbers are not finite, a face names a
        vertex that does not exist, both values and colors are given, a path, point or arrow is
        none, a point is named in a wide view, or a setting is out of range.

    Notes
    -----
    Chapter 03, *Data that is not flat*, and chapter 08, *Geodesics*. Surfaces that would take more
    than 200 kB are decimated for the turning view, not for the poster.

    Examples
    --------
    >>> from gdl_utils.data.spot import load_spot
    >>> verts, faces = load_spot()
    >>> show_mesh(verts, faces, values=verts[:, 1], label="height", alt="Spot, a cow.")
    <mesh: 2930 vertices, 5856 faces>
    """
    alt = sentence("alt", alt)
    xyz = _vectors("verts", verts)
    triangles = _triangles(faces, len(xyz))
    if up not in ("y", "z"):
        raise ValueError(f"up must be 'y' or 'z', got {up!r}")
    if not 0 <= shading <= 1:
        raise ValueError(f"shading must lie in [0, 1], got {shading}")
    if len(view) != 2 or not 1 <= view[1] <= 179:
        raise ValueError(f"view must be an azimuth and an angle of 1 to 179 degrees, got {view}")
    if wide and points:
        raise ValueError(f"a wide view has no place for names, got points {sorted(points)}")
    size = float((xyz.max(0) - xyz.min(0)).max()) or 1.0
    marks = draw_marks(paths, points, size, arrows)
    if up == "z":
        xyz = xyz[:, [1, 2, 0]]
        marks = marks.turned([1, 2, 0])
    if values is not None:
        if colors is not None or scale is not None:
            raise ValueError("give values, or colors and their scale, not both")
        numbers, scale = scale_of(values, len(xyz), cmap, limits, label)
        colors = scale.colors(numbers)
    flat = _colors(len(xyz), colors)
    every = np.concatenate([xyz, marks.verts])
    drawn = np.concatenate([triangles, marks.faces + len(xyz)])
    lamp = 1 - shading * (1 - light(every, drawn, view))
    shaded = encoded(linear(np.concatenate([flat, marks.colors])) * lamp[:, None])
    sharp, poster = draw_poster(every, drawn, shaded, view, poster_bytes)
    orbit, labels = camera(every, view).distance, marks.labels(every, view)
    below = marks.legend + (scale.markup() if scale is not None else "")
    text = f"<mesh: {len(xyz)} vertices, {len(triangles)} faces>"
    extra = shaded[len(xyz) :]

    def markup(v: np.ndarray, f: np.ndarray, c: np.ndarray) -> str:
        note = ""
        if len(f) < len(triangles):
            note = f"<small>The turning view shows {len(f):,} of {len(triangles):,} faces.</small>"
        glb = write_glb(
            np.concatenate([v, marks.verts]),
            np.concatenate([f, marks.faces + len(v)]),
            np.concatenate([c, extra]),
        )
        packed = base64.b64encode(gzip.compress(glb, mtime=0)).decode("ascii")
        look = "gdl-mesh3d-view" + " gdl-mesh3d-wide" * wide
        return _figure(alt, title, sharp, packed, labels, below + note, view, orbit, look)

    shaded = shaded[: len(xyz)]
    shown = markup(xyz, triangles, shaded)
    target = len(triangles)
    while len(shown.encode()) > page_bytes:
        target = int(target * min(0.9, page_bytes / len(shown.encode())))
        if target < 50:
            raise ValueError(
                f"the poster and texts alone exceed {page_bytes:,} bytes: shorten them"
            )
        shown = markup(*_decimated(xyz, triangles, shaded, target))
    return MeshFigure(shown, poster, text)


def _figure(
    alt: str,
    title: str | None,
    poster: bytes,
    packed: str,
    labels: str,
    below: str,
    view: tuple[float, float],
    distance: float,
    look: str,
) -> str:
    head = ""
    if title is not None:
        heading = html.escape(sentence("title", title))
        head = f'<figcaption class="gdl-mesh3d-title">{heading}</figcaption>'
    name = "gdl-mesh3d-" + hashlib.sha256((alt + head + packed + below).encode()).hexdigest()[:10]
    orbit = f"{view[0]:g}deg {view[1]:g}deg {distance:.5g}m"
    return (
        f'<figure class="gdl-mesh3d" data-gdl="{name}" data-orbit="{orbit}" role="group" '
        f'aria-label="{page.quoted(title or alt)}">'
        f"<style>{page.source(HERE / 'viewer.css')}</style>{head}"
        f'<div class="{look}"><img class="keep-colours" alt="{page.quoted(alt)}" '
        f'src="{page.data_address(poster)}">{labels}'
        '<button type="button" hidden>Turn it in 3D</button></div>'
        f'{below}<script type="application/gzip">{packed}</script>'
        f"<script>{page.source(HERE / 'viewer.js').replace('FIGURE', name)}</script></figure>"
    )


def _vectors(name: str, value: Any) -> np.ndarray:
    found = array(name, value, 2)
    if found.shape[1] != 3:
        raise ValueError(f"{name} must be (V, 3), got {found.shape}")
    return found


def _triangles(faces: Any, count: int) -> np.ndarray:
    found = _vectors("faces", faces).astype(np.int64)
    if (found != array("faces", faces)).any():
        raise ValueError("faces must hold whole numbers")
    if found.min() < 0 or found.max() >= count:
        raise ValueError(
            f"faces must name vertices 0 to {count - 1}, got {found.min()} to {found.max()}"
        )
    return found


def _colors(count: int, colors: Any) -> np.ndarray:
    """sRGB colours of the vertices, (V, 3)."""
    if colors is None:
        return np.tile(rgb(PLAIN), (count, 1))
    given = _vectors("colors", colors)
    if len(given) != count or given.min() < 0 or given.max() > 1:
        raise ValueError(f"colors must be ({count}, 3) in [0, 1], got {given.shape}")
    return given


def _decimated(
    verts: np.ndarray, faces: np.ndarray, colors: np.ndarray, target: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Decimate for display; a vertex gets the colour of the nearest one merged into it."""
    import fast_simplification as fs

    points = np.ascontiguousarray(verts, np.float32)
    corners = np.ascontiguousarray(faces, np.int32)
    _, _, collapses = fs.simplify(
        points, corners, target_reduction=1 - target / len(faces), return_collapses=True
    )
    v, f, merged = fs.replay_simplification(points, corners, collapses)
    away = np.linalg.norm(verts - v[merged], axis=1)
    order = np.lexsort((away, merged))
    kept, first = np.unique(merged[order], return_index=True)
    found = np.zeros((len(v), 3))
    found[kept] = colors[order[first]]
    return v.astype(float), f.astype(np.int64), found
