"""A live figure whose dots run around curves in polar coordinates. See chapter 06, *Groups*.

It is a figure of :func:`gdl_utils.plots.live.live` with one more panel, drawn beforehand as SVG; a
few lines of script move its dots when the figure's slider moves.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gdl_utils.plots import style
from gdl_utils.plots.groups import accuracies, polar
from gdl_utils.plots.live import LIMIT, LiveFigure, Slider, live
from gdl_utils.plots.style import array

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MIDDLE, RADIUS = 160.0, 118.0
"""Centre and radius of the circle, in units of the SVG's 320."""

SCRIPT = """(function(){document.querySelectorAll('figure[data-gdl="NAME"]').forEach(function(fig){
var box=fig.querySelector(".gdl-petals"),stage=fig.querySelector(".gdl-live-panels");
var input=fig.querySelectorAll("input[type=range]")[SLIDER];
if(!box||!stage||!input||box.parentNode===stage)return;
var data=DATA,dots=box.querySelectorAll(".gdl-petals-dot"),outs=box.querySelectorAll("b");
var svg=box.querySelector("svg.gdl-petals-circle"),ray=box.querySelector(".gdl-petals-ray");
function move(){var i=+input.value,a=data.degrees[i]*Math.PI/180,s=-Math.sin(a),c=-Math.cos(a);
ray.setAttribute("x2",MID+RAD*s);ray.setAttribute("y2",MID+RAD*c);
var words=data.names.map(function(name,k){var r=data.ys[k][i];
dots[k].setAttribute("cx",MID+RAD*r*s);dots[k].setAttribute("cy",MID+RAD*r*c);
outs[k].textContent=Math.round(100*r)+" %";return name+" "+Math.round(100*r)+" %";});
svg.setAttribute("aria-label",data.alt+", "+data.degrees[i]+"°: "+words.join(", "));}
stage.insertBefore(box,stage.children[1]||null);box.hidden=false;
new MutationObserver(move).observe(input,{attributes:true,attributeFilter:["aria-valuetext"]});
move();});})();"""


def petals_live(
    curves: Mapping[str, Any],
    slider: Slider,
    *,
    controls: Sequence[Any] = (),
    panels: Sequence[Any],
    label: str,
    title: str,
    alt: str,
    still: Figure | None = None,
) -> LiveFigure:
    """Make a live figure with curves around the circle, on which dots follow a slider.

    Parameters
    ----------
    curves : mapping of str to array, (N,)
        One to five curves of accuracies between 0 and 1, one value for each angle.
    slider : Slider
        Its values are the N angles in degrees, counterclockwise; 0° is at the top.
    controls, panels : sequences
        Further controls and panels, as for :func:`~gdl_utils.plots.live.live`; some panel must use
        the slider. The circle stands behind the first panel.
    label : str
        The text above the circle.
    title, alt : str
        The finding, and what the figure shows.
    still : matplotlib.figure.Figure
        Shown where no script runs.

    Returns
    -------
    LiveFigure

    Raises
    ------
    ValueError
        If there are not 1 to 5 curves, one does not fit the slider, the slider's values are no
        numbers, or the figure is larger than 200 kB.

    Notes
    -----
    Chapter 06, *Groups*.
    """
    if slider.numbers is None:
        raise ValueError(f"slider must hold angles in degrees, got {slider.values}")
    degrees = array("slider", slider.numbers, 1)
    if not 1 <= len(curves) <= 5:
        raise ValueError(f"curves must hold 1 to 5 curves, got {len(curves)}")
    ys = {name: accuracies(name, y, len(degrees))[0] for name, y in curves.items()}
    figure = live(controls=[slider, *controls], panels=panels, title=title, alt=alt, still=still)
    name = re.search(r'data-gdl="([^"]+)"', figure.html)[1]
    data = {
        "degrees": degrees.tolist(),
        "names": list(ys),
        "ys": [[round(float(r), 3) for r in y] for y in ys.values()],
        "alt": label,
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    script = SCRIPT.replace("NAME", name).replace("SLIDER", "0").replace("DATA", text)
    script = script.replace("MID", f"{MIDDLE:g}").replace("RAD", f"{RADIUS:g}")
    panel = _panel(degrees, ys, label)
    markup = figure.html.replace("</figure>", f"{panel}<script>{script}</script></figure>")
    size = len(markup.encode())
    if size > LIMIT:
        raise ValueError(f"a live figure may take {LIMIT:,} bytes, got {size:,}: use fewer frames")
    return LiveFigure(markup, figure.still, figure.alt)


def petals_still(
    degrees: Any,
    curves: Mapping[str, Any],
    angle: float,
    *,
    image: Any,
    bars: Mapping[str, float],
    finding: str | None = None,
) -> Figure:
    """Draw one state of the live figure: the digit, the dots on their curves, and the bars.

    Parameters
    ----------
    degrees : array, (N,)
        Angles of the turn, counterclockwise, going once round without the last one.
    curves : mapping of str to array, (N,)
        One to five curves of accuracies between 0 and 1.
    angle : float
        One of the angles: where the dots stand.
    image : array, (n, n)
        The turned digit, between 0 and 1.
    bars : mapping of str to float
        What is written below a bar, and its height between 0 and 1.
    finding : str
        What the figure shows, as a sentence.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there are not 1 to 5 curves, one does not fit the angles, ``angle`` is none of these, or
        there are no bars or one is not within [0, 1].

    Notes
    -----
    Chapter 06, *Groups*.
    """
    import matplotlib.pyplot as plt

    angles = array("degrees", degrees, 1)
    if not 1 <= len(curves) <= 5:
        raise ValueError(f"curves must hold 1 to 5 curves, got {len(curves)}")
    held = {name: accuracies(name, y, len(angles))[0] for name, y in curves.items()}
    if angle not in angles:
        raise ValueError(f"angle must be one of {angles.tolist()}, got {angle}")
    if not bars or not all(0 <= v <= 1 for v in bars.values()):
        raise ValueError(f"bars must be one or more values within [0, 1], got {dict(bars)}")
    at = int(np.flatnonzero(angles == angle)[0])
    theta = np.radians(np.append(angles, angles[0] + 360))
    with style.use_style():
        size = (style.WIDTH, 3.3 + 0.5 * (finding is not None))
        fig, axes = style.frame(size, finding, ncols=3, width_ratios=[1.1, 1.9, 1.1])
        digit, middle, right = axes.flat
        digit.imshow(array("image", image, 2), cmap=style.GREYS, vmin=0, vmax=1)
        digit.set(title=f"turned by {angle:g}°", xticks=[], yticks=[])
        place = middle.get_subplotspec()
        middle.remove()
        around = fig.add_subplot(place, projection="polar")
        polar(around)
        for k, (name, y) in enumerate(held.items()):
            line = {"color": style.CYCLE[k], "ls": style.LINES[k], "label": name}
            around.plot(theta, np.append(y, y[0]), **line)
            around.plot(theta[at], y[at], "o", color=style.CYCLE[k])
        around.legend(loc="upper center", bbox_to_anchor=(0.5, -0.08), ncols=len(held),
                      handlelength=1.4, columnspacing=0.8)  # fmt: skip
        colours = list(style.CYCLE[: len(bars)])  # two in a tuple were a colour and its alpha once
        right.bar(list(bars), list(bars.values()), color=colours, width=0.6)
        right.set(title="right answer", ylim=(0, 1))
    plt.close(fig)
    return style.finish(fig)


def _panel(degrees: np.ndarray, ys: Mapping[str, np.ndarray], label: str) -> str:
    """Draw the circle, its curves and their legend."""

    def at(angle: float, r: float) -> tuple[float, float]:
        a = np.radians(angle)
        return MIDDLE - RADIUS * r * np.sin(a), MIDDLE - RADIUS * r * np.cos(a)

    legend, parts = [], []
    for r in (0.25, 0.5, 0.75, 1.0):
        ring = f'<circle cx="{MIDDLE:g}" cy="{MIDDLE:g}" r="{RADIUS * r:g}"'
        parts.append(ring + ' style="fill:none;stroke:var(--line);stroke-width:1"/>')
    for angle in range(0, 360, 60):
        x, y = at(angle, 1)
        parts.append(
            f'<line x1="{MIDDLE:g}" y1="{MIDDLE:g}" x2="{x:.1f}" y2="{y:.1f}" '
            'class="gdl-live-grid"/>'
        )
        x, y = at(angle, 1.18)
        parts.append(_text(x, y + 4.5, f"{angle}°"))
    for r, beyond in ((0.5, 4), (1.0, 24)):
        x, y = at(270, r)
        parts.append(_text(x + beyond, y - 4, f"{100 * r:.0f} %"))
    for k, (name, y) in enumerate(ys.items()):
        corners = (at(a, r) for a, r in zip(degrees, y))
        path = "M" + "L".join(f"{px:.1f} {py:.1f}" for px, py in corners) + "Z"
        parts.append(f'<path d="{path}" class="gdl-live-c{k}"/>')
        legend.append(
            '<span><svg width="30" height="10"><path d="M1 5H29" '
            f'class="gdl-live-c{k}"/></svg><span>{html.escape(name)}</span><b></b></span>'
        )
    parts.append(
        f'<line class="gdl-live-cursor gdl-petals-ray" x1="{MIDDLE:g}" y1="{MIDDLE:g}" '
        f'x2="{MIDDLE:g}" y2="{MIDDLE - RADIUS:g}"/>'
    )
    parts += [f'<circle r="6" class="gdl-petals-dot gdl-live-d{k}"/>' for k in range(len(ys))]
    return (
        '<div class="gdl-live-panel gdl-petals" hidden>'
        f'<div class="gdl-live-label">{html.escape(label)}</div>'
        f'<div class="gdl-live-legend" aria-hidden="true">{"".join(legend)}</div>'
        '<svg class="gdl-petals-circle" viewBox="0 0 330 320" role="img" '
        f'style="max-width:24rem" aria-label="{html.escape(label, quote=True)}">'
        f"{''.join(parts)}</svg></div>"
    )


def _text(x: float, y: float, text: str) -> str:
    style = "font-size:13px;fill:var(--soft);text-anchor:middle"
    return f'<text x="{x:.1f}" y="{y:.1f}" style="{style}">{text}</text>'
