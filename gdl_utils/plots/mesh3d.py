"""Surfaces in 3D: a poster that turns when asked, offline in the book.

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
from typing import Any

import numpy as np

from gdl_utils.plots import style
from gdl_utils.plots.glb import encoded, linear, write_glb
from gdl_utils.plots.live import LIMIT, _quote, _source
from gdl_utils.plots.marks import draw_marks, rgb
from gdl_utils.plots.png import colour_map, data_address
from gdl_utils.plots.poster import ENOUGH, camera, draw_poster, light
from gdl_utils.plots.style import array, sentence

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
        png = base64.b64encode(self.poster).decode("ascii")
        return {"text/html": self.html, "image/png": png, "text/plain": self.text}


def show_mesh(
    verts: Any,
    faces: Any,
    *,
    alt: str,
    values: Any = None,
    colors: Any = None,
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
) -> MeshFigure:
    """Show a triangle mesh that readers can turn.

    Parameters
    ----------
    verts : array, (V, 3)
        Positions.
    faces : array of int, (F, 3)
        Vertices of each triangle, anticlockwise from outside.
    alt : str
        What is seen, for those who do not see it.
    values : array, (V,)
        Numbers shown through ``cmap``, with a scale below.
    colors : array, (V, 3)
        sRGB in [0, 1] instead of values.
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

    Returns
    -------
    MeshFigure
        To stand as a cell's last expression.

    Raises
    ------
    ValueError
        If the alt text is empty, shapes do not match, numbers are not finite, a face names a
        vertex that does not exist, both values and colours are given, a path, point or arrow is
        none, or a setting is out of range.

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
    size = float((xyz.max(0) - xyz.min(0)).max()) or 1.0
    marks = draw_marks(paths, points, size, arrows)
    if up == "z":
        xyz = xyz[:, [1, 2, 0]]
        marks = marks.turned([1, 2, 0])
    flat, scale = _colours(len(xyz), values, colors, cmap, limits, label)
    every = np.concatenate([xyz, marks.verts])
    drawn = np.concatenate([triangles, marks.faces + len(xyz)])
    lamp = 1 - shading * (1 - light(every, drawn, view))
    shaded = encoded(linear(np.concatenate([flat, marks.colours])) * lamp[:, None])
    poster = draw_poster(every, drawn, shaded, view, poster_bytes)
    orbit, labels = camera(every, view)[2], marks.labels(every, view)
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
        below = marks.legend + scale + note
        return _figure(alt, title, poster, packed, labels, below, view, orbit)

    shaded = shaded[: len(xyz)]
    shown = markup(xyz, triangles, shaded)
    target = len(triangles)
    while len(shown.encode()) > LIMIT:
        target = int(target * min(0.9, LIMIT / len(shown.encode())))
        if target < 50:
            raise ValueError(f"the poster and texts alone exceed {LIMIT:,} bytes: shorten them")
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
) -> str:
    head = ""
    if title is not None:
        finding = html.escape(sentence("title", title))
        head = f'<figcaption class="gdl-mesh3d-title">{finding}</figcaption>'
    name = "gdl-mesh3d-" + hashlib.sha256((alt + head + packed + below).encode()).hexdigest()[:10]
    orbit = f"{view[0]:g}deg {view[1]:g}deg {distance:.5g}m"
    return (
        f'<figure class="gdl-mesh3d" data-gdl="{name}" data-orbit="{orbit}" role="group" '
        f'aria-label="{_quote(title or alt)}"><style>{_source("mesh3d.css")}</style>{head}'
        f'<div class="gdl-mesh3d-view"><img class="keep-colours" alt="{_quote(alt)}" '
        f'src="{data_address(poster)}">{labels}'
        '<button type="button" hidden>Turn it in 3D</button></div>'
        f'{below}<script type="application/gzip">{packed}</script>'
        f"<script>{_source('mesh3d.js').replace('ID', name)}</script></figure>"
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


def _colours(
    count: int, values: Any, colors: Any, cmap: str | None, limits: Any, label: str
) -> tuple[np.ndarray, str]:
    """sRGB colours of the vertices, and the scale's markup."""
    if values is not None and colors is not None:
        raise ValueError("give values or colors, not both")
    if colors is not None:
        given = _vectors("colors", colors)
        if len(given) != count or given.min() < 0 or given.max() > 1:
            raise ValueError(f"colors must be ({count}, 3) in [0, 1], got {given.shape}")
        return given, ""
    if values is None:
        return np.tile(rgb(PLAIN), (count, 1)), ""
    v = array("values", values, 1)
    if len(v) != count:
        raise ValueError(f"values must be ({count},), one a vertex, got {v.shape}")
    low, high = limits or (float(v.min()), float(v.max()))
    signed = limits is None and low < 0 < high and cmap is None
    if signed:
        high = max(-low, high)
        low = -high
    if limits is not None and not low < high:
        raise ValueError(f"limits must rise, got {limits}")
    name = cmap or (style.DIVERGING if signed else style.SEQUENTIAL)
    index = np.round(255 * np.clip((v - low) / ((high - low) or 1), 0, 1)).astype(int)
    stops = ",".join("#" + bytes(c).hex() for c in colour_map(name, 13))
    ends = [f"{end:.3g}".replace("-", "−") for end in (low, high)]
    scale = (
        f'<div class="gdl-mesh3d-scale"><span>{html.escape(label)}</span><span>{ends[0]}</span>'
        f'<i style="background:linear-gradient(90deg,{stops})"></i><span>{ends[1]}</span></div>'
    )
    return colour_map(name, 256)[index] / 255, scale


def _decimated(
    verts: np.ndarray, faces: np.ndarray, colours: np.ndarray, target: int
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
    found[kept] = colours[order[first]]
    return v.astype(float), f.astype(np.int64), found
