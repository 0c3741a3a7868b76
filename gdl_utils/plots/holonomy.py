"""A live figure in which an arrow is carried around a surface. See chapter 09, *Gauges*.

It is a figure of :func:`gdl_utils.plots.live.live` with one more panel: a portrait of the surface,
drawn beforehand, and an SVG over it whose arrow and axes follow the controls.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gdl_utils.plots import style
from gdl_utils.plots.live import LIMIT, Choice, LiveFigure, Slider, Text, live
from gdl_utils.plots.portraits import Portrait, small_png
from gdl_utils.plots.poster import camera
from gdl_utils.plots.style import array

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LENGTH, AXIS = 46.0, 30.0
"""Lengths of the arrow and of the axes where they lie across the view, in pixels."""

SCRIPT = """(function(){document.querySelectorAll('figure[data-gdl="NAME"]').forEach(function(fig){
var box=fig.querySelector(".gdl-carried"),stage=fig.querySelector(".gdl-live-panels");
var input=fig.querySelector("input[type=range]"),sets=fig.querySelectorAll("fieldset");
if(!box||!stage||!input||sets.length<3||box.parentNode===stage)return;
var d=DATA,svg=box.querySelector("svg"),at=function(c){return svg.querySelector(c)};
function chosen(k){var r=sets[k].querySelectorAll("input"),i=0;
r.forEach(function(x,j){if(x.checked)i=j});return i}
function line(c,p,v,show){var e=at(c);e.setAttribute("x1",p[0]);e.setAttribute("y1",p[1]);
e.setAttribute("x2",p[0]+v[0]);e.setAttribute("y2",p[1]+v[1]);e.style.opacity=show?1:.3}
function move(){var s=+input.value,l=chosen(0),n=chosen(1),m=chosen(2),p=d.stops[l][s];
svg.querySelectorAll("image").forEach(function(e,i){e.style.display=i===d.image[n][m]?"":"none"});
svg.querySelectorAll(".gdl-carried-way").forEach(function(e,i){
e.style.display=i===l?"":"none"});
line(".gdl-carried-first",d.stops[l][0],d.arrows[l][0],d.front[l][0]);
line(".gdl-carried-now",p,d.arrows[l][s],d.front[l][s]);
line(".gdl-carried-e1",p,d.axes[l][n][s][0],d.front[l][s]);
line(".gdl-carried-e2",p,d.axes[l][n][s][1],d.front[l][s])}
stage.insertBefore(box,stage.firstChild);box.hidden=false;
new MutationObserver(move).observe(input,{attributes:true,attributeFilter:["aria-valuetext"]});
fig.addEventListener("change",move);move()})})();"""


@dataclass(frozen=True, eq=False)
class Carried:
    """Arrows carried along loops, as they lie in a portrait.

    Attributes
    ----------
    stops, arrows : numpy.ndarray, (L, S, 2)
        For each of L loops and S stops: where the arrow begins and its vector, in pixels.
    axes : numpy.ndarray, (L, N, S, 2, 2)
        The two axes of the frame at the stop, in each of N gauges.
    front : numpy.ndarray, (L, S), bool
        Whether the stop is on the side that is seen.

    Notes
    -----
    Chapter 09, *Gauges*.
    """

    stops: np.ndarray
    arrows: np.ndarray
    axes: np.ndarray
    front: np.ndarray


def carried(
    picture: Portrait, points: Any, vectors: Any, frames: Any, normals: Any, scale: float
) -> Carried:
    """Bring arrows and axes in space into a portrait.

    Parameters
    ----------
    picture : Portrait
    points, vectors, normals : array, (L, S, 3)
        Stops on each loop, the unit vector there, and the surface's unit normal.
    frames : array, (L, N, S, 2, 3)
        Unit axes at the stops in each of N gauges.
    scale : float
        Length in space of what is drawn :data:`LENGTH` pixels long across the view; positive.

    Returns
    -------
    Carried

    Raises
    ------
    ValueError
        If shapes do not fit or the scale is not positive.

    Notes
    -----
    Chapter 09, *Gauges*.
    """
    p, v, n = (array("points, vectors, normals", x, 3) for x in (points, vectors, normals))
    axes = array("frames", frames, 5)
    if not (p.shape == v.shape == n.shape and p.shape[2] == 3):
        raise ValueError(f"points, vectors, normals must be (L, S, 3), got {p.shape}, {v.shape}")
    if axes.shape[0] != len(p) or axes.shape[2:] != (p.shape[1], 2, 3):
        raise ValueError(f"frames must be (L, N, S, 2, 3) for points {p.shape}, got {axes.shape}")
    if not scale > 0:
        raise ValueError(f"scale must be positive, got {scale}")
    eye = camera(picture.framed, picture.view)[0]
    stops = picture.place(p)
    tips = picture.place(p + scale * v) - stops
    ends = picture.place(p[:, None, :, None] + scale * AXIS / LENGTH * axes)
    front = ((eye - p) * n).sum(-1) > 0
    return Carried(stops, tips, ends - stops[:, None, :, None], front)


def carried_live(
    pictures: Sequence[Sequence[Portrait]],
    moved: Carried,
    slider: Slider,
    choices: Sequence[Choice],
    *,
    said: Any,
    output: Any,
    label: str,
    title: str,
    alt: str,
    still: Figure | None = None,
) -> LiveFigure:
    """Make the live figure: the arrow goes around, frames are re-drawn, the colours stay or not.

    Parameters
    ----------
    pictures : nested sequence of Portrait, (N, M)
        The surface coloured by the output of M networks in N gauges. Equal ones are stored once.
    moved : Carried
        Arrows for L loops, S stops, N gauges.
    slider : Slider
        With S values.
    choices : (Choice, Choice, Choice)
        Of the loop (L options), of the gauge (N), of the network (M).
    said : nested sequence of str, (L, S, N)
        What is said about the arrow.
    output : nested sequence of str, (N, M)
        What is said about the colours.
    label, title, alt : str
        The text above the picture, the finding, and what the figure shows.
    still : matplotlib.figure.Figure
        Shown where no script runs.

    Returns
    -------
    LiveFigure

    Raises
    ------
    ValueError
        If there are not three choices, sizes do not fit, or the figure is larger than 200 kB.

    Notes
    -----
    Chapter 09, *Gauges*.
    """
    if len(choices) != 3:
        raise ValueError(f"choices must be three: loop, gauge, network; got {len(choices)}")
    sizes = [len(c.texts) for c in choices]
    shape = (sizes[0], sizes[1], len(slider.texts), 2, 2)
    if moved.axes.shape != shape or [len(row) for row in pictures] != [sizes[2]] * sizes[1]:
        raise ValueError(f"moved and pictures must fit {shape}, got {moved.axes.shape}")
    loop, gauge, network = choices
    texts = [
        Text(said, by=(loop.name, slider.name, gauge.name)),
        Text(output, by=(gauge.name, network.name)),
    ]
    figure = live(controls=[slider, *choices], panels=texts, title=title, alt=alt, still=still)
    name = re.search(r'data-gdl="([^"]+)"', figure.html)[1]
    files: list[bytes] = []
    which = []
    for row in pictures:
        pngs = [small_png(p.pixels) for p in row]
        files += [png for png in dict.fromkeys(pngs) if png not in files]
        which.append([files.index(png) for png in pngs])
    data = {
        "stops": moved.stops.round(1).tolist(), "arrows": moved.arrows.round(1).tolist(),
        "axes": moved.axes.round(1).tolist(), "front": moved.front.astype(int).tolist(),
        "image": which,
    }  # fmt: skip
    text = json.dumps(data, separators=(",", ":"))
    script = SCRIPT.replace("NAME", name).replace("DATA", text)
    panel = _panel(files, pictures[0][0].pixels.shape, moved, name, label)
    markup = figure.html.replace("</figure>", f"{panel}<script>{script}</script></figure>")
    size = len(markup.encode())
    if size > LIMIT:
        raise ValueError(f"a live figure may take {LIMIT:,} bytes, got {size:,}: use fewer frames")
    return LiveFigure(markup, figure.still, figure.alt)


def carried_still(
    picture: Portrait, moved: Carried, loop: int = 0, finding: str | None = None
) -> Figure:
    """Draw one loop with the arrow at each third stop, green: black sets out, red comes home.

    Parameters
    ----------
    picture : Portrait
    moved : Carried
    loop : int
        Which one.
    finding : str
        What the figure shows, as a sentence.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is no such loop.

    Notes
    -----
    Chapter 09, *Gauges*.
    """
    if not 0 <= loop < len(moved.stops):
        raise ValueError(f"loop must be 0 to {len(moved.stops) - 1}, got {loop}")
    height, width = picture.pixels.shape[:2]
    with style.use_style():
        fig, axes = style.frame((style.WIDTH, 0.5 + 5.2 * height / width), finding)
        ax = axes[0, 0]
        grey = picture.pixels[..., :3].mean(-1, keepdims=True).repeat(3, -1)
        # Light enough for a black arrow, and few greys: a small palette keeps its reds.
        grey = 255 - 8 * np.round(0.55 * (255 - grey) / 8)
        ax.imshow(np.concatenate([grey.astype(np.uint8), picture.pixels[..., 3:]], -1))
        stops, arrows, front = moved.stops[loop], moved.arrows[loop], moved.front[loop]
        ax.plot(*stops.T, color="white", lw=2, ls="-")
        for k in range(0, len(stops), 3):
            if front[k]:
                _arrow(ax, stops[k], arrows[k], style.GREEN)
        _arrow(ax, stops[0], arrows[0], style.BLACK)
        _arrow(ax, stops[-1], arrows[-1], style.VERMILION)
        ax.axis("off")
    return style.finish(fig)


def _arrow(ax: Any, at: np.ndarray, vector: np.ndarray, colour: str) -> None:
    look = {"fc": colour, "ec": "#222222", "lw": 0.6, "width": 3, "headwidth": 10, "shrink": 0}
    ax.annotate("", at + vector, at, arrowprops=look)


def _panel(
    files: Sequence[bytes], shape: tuple[int, ...], moved: Carried, name: str, label: str
) -> str:
    height, width = shape[:2]
    parts = ["<defs>"]
    heads = {"a": style.VERMILION, "b": style.BLACK, "c": "#fff", "d": style.SKY}
    for key, colour in heads.items():
        parts.append(
            f'<marker id="{name}-{key}" viewBox="0 0 10 10" refX="6" refY="5" markerWidth="4" '
            'markerHeight="4" orient="auto"><path d="M0 0L10 5L0 10z" '
            f'style="fill:{colour};stroke:none"/></marker>'
        )
    parts.append("</defs>")
    for png in files:
        address = "data:image/png;base64," + base64.b64encode(png).decode("ascii")
        parts.append(f'<image href="{address}" width="{width}" height="{height}"/>')
    for stops, front in zip(moved.stops, moved.front):
        parts.append('<g class="gdl-carried-way">')
        for a, b, seen in zip(stops[:-1], stops[1:], front[:-1] & front[1:]):
            faint = "" if seen else ";opacity:.35"
            parts.append(
                f'<line x1="{a[0]:.1f}" y1="{a[1]:.1f}" x2="{b[0]:.1f}" y2="{b[1]:.1f}" '
                f'style="stroke:#fff;stroke-width:2{faint}"/>'
            )
        parts.append("</g>")
    lines = (("first", "b", style.BLACK, 4), ("e1", "c", "#fff", 2.5),
             ("e2", "d", style.SKY, 2.5), ("now", "a", style.VERMILION, 5))  # fmt: skip
    for kind, key, colour, wide in lines:
        parts.append(
            f'<line class="gdl-carried-{kind}" marker-end="url(#{name}-{key})" '
            f'style="stroke:{colour};stroke-width:{wide}"/>'
        )
    text = html.escape(label, quote=True)
    return (
        '<div class="gdl-live-panel gdl-carried" hidden>'
        f'<div class="gdl-live-label">{html.escape(label)}</div>'
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{text}" '
        f'style="width:100%;max-width:30rem;display:block;margin:auto">{"".join(parts)}</svg></div>'
    )
