"""Posters of surfaces, drawn by pyvista or else by matplotlib."""

from __future__ import annotations

import functools
import io
import os
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from gdl_utils.plots.page import encode
from gdl_utils.plots.surface3d.camera import FIELD, SIZE, camera

ENOUGH = 45_000
"""Bytes of a poster, beyond which it is packed more tightly."""
SHARP = (1376, 963)
"""Pixels of a poster in the page: twice as wide as the book's column."""
SMALL = (480, 336)
"""Pixels of the same where only a PNG is shown."""
PALETTE = 96
"""Colours of such a PNG that would be too large."""
INSTALL = (
    "No off-screen OpenGL here, so a simpler poster is drawn. "
    "Install it with: apt-get install libegl1 libgl1-mesa-dri"
)
_PROBE = """
import pyvista as pv
plotter = pv.Plotter(off_screen=True, window_size=(40, 40))
plotter.add_mesh(pv.Sphere(theta_resolution=6, phi_resolution=6), color="red", lighting=False)
image = plotter.screenshot(return_img=True)
raise SystemExit(0 if (image[20, 20] == (255, 0, 0)).all() else 1)
"""


@functools.cache
def can_render() -> bool:
    """Try a tiny picture in another process: without EGL or OSMesa, VTK takes the kernel down."""
    if sys.platform == "linux" and "DISPLAY" not in os.environ:
        os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")
    try:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        done = subprocess.run([sys.executable, "-c", _PROBE], timeout=60, check=False, **quiet)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


@functools.cache
def _say_once() -> None:
    warnings.warn(INSTALL, UserWarning, stacklevel=5)


def draw_pixels(
    verts: np.ndarray,
    faces: np.ndarray,
    colors: np.ndarray,
    view: tuple[float, float],
    scale: int = 1,
) -> np.ndarray:
    """Draw a surface with these colours, unlit, on a transparent ground, as RGBA (H, W, 4).

    Its size is ``scale`` times that of :data:`~gdl_utils.plots.surface3d.camera.SIZE`.
    """
    from PIL import Image

    if can_render():
        image = Image.fromarray(_by_pyvista(verts, faces, colors, view, scale))
    else:
        _say_once()
        image = Image.open(io.BytesIO(_by_matplotlib(verts, faces, colors, view, scale)))
    return np.array(image.convert("RGBA"))


def draw_poster(
    verts: np.ndarray,
    faces: np.ndarray,
    colors: np.ndarray,
    view: tuple[float, float],
    enough: int = ENOUGH,
) -> tuple[bytes, bytes]:
    """Draw a surface with these colours, unlit, on a transparent ground.

    Returns
    -------
    page, notebook : bytes
        A WebP for the page, with enough pixels for a dense screen, and a PNG.
    """
    from PIL import Image

    image = Image.fromarray(draw_pixels(verts, faces, colors, view, scale=2))
    sharp, small = (image.resize(size, Image.Resampling.LANCZOS) for size in (SHARP, SMALL))
    ways = [(sharp, quality) for quality in (85, 70, 50, 30)] + [(small, 50), (small, 10)]
    webp = _first(enough, (lambda how=how: _webp(*how) for how in ways))
    steps = (lambda step=step: _packed(np.array(small), step) for step in (4, 8))
    few = (lambda count=count: encode(small, count) for count in (PALETTE, PALETTE // 2))
    return webp, _first(enough, (*steps, *few))


def _first(enough: int, ways: Iterable[Callable[[], bytes]]) -> bytes:
    """The first result that is small enough, or the smallest."""
    made = []
    for way in ways:
        made.append(way())
        if len(made[-1]) <= enough:
            return made[-1]
    return min(made, key=len)


def _webp(image: Any, quality: int) -> bytes:
    file = io.BytesIO()
    image.save(file, "WEBP", quality=quality, alpha_quality=quality, method=6)
    return file.getvalue()


def _packed(pixels: np.ndarray, step: int) -> bytes:
    """Write RGBA as PNG with fewer levels a channel, which halves the file."""
    pixels[..., :3] = pixels[..., :3] // step * step + step // 2
    pixels[pixels[..., 3] == 0] = 0
    return encode(pixels)


def _by_pyvista(
    verts: np.ndarray,
    faces: np.ndarray,
    colors: np.ndarray,
    view: tuple[float, float],
    scale: int,
) -> np.ndarray:
    import pyvista as pv

    surface = pv.PolyData.from_regular_faces(verts, faces)
    surface["rgb"] = np.round(255 * colors).astype(np.uint8)
    plotter = pv.Plotter(off_screen=True, window_size=[scale * side for side in SIZE])
    plotter.enable_anti_aliasing("ssaa")
    plotter.add_mesh(surface, scalars="rgb", rgb=True, lighting=False)
    lens = camera(verts, view)
    plotter.camera_position = [tuple(lens.eye), tuple(lens.target), (0, 1, 0)]
    plotter.camera.view_angle = FIELD
    plotter.reset_camera_clipping_range()
    image = plotter.screenshot(transparent_background=True, return_img=True)
    plotter.close()
    return image


def _by_matplotlib(
    verts: np.ndarray,
    faces: np.ndarray,
    colors: np.ndarray,
    view: tuple[float, float],
    scale: int,
) -> bytes:
    import matplotlib.pyplot as plt
    from matplotlib.collections import PolyCollection

    flat, depth = camera(verts, view).place(verts)
    order = np.argsort(-depth[faces].mean(1), kind="stable")  # the painter's algorithm
    shade = colors[faces].mean(1)[order]
    fig = plt.figure(figsize=(SIZE[0] / 100, SIZE[1] / 100), dpi=100 * scale, layout="none")
    plt.close(fig)
    ax = fig.add_axes((0, 0, 1, 1))
    ax.add_collection(
        PolyCollection(flat[faces[order]], facecolors=shade, edgecolors=shade, linewidths=0.3)
    )
    ax.set(xlim=(-1, 1), ylim=(-1, 1))
    ax.axis("off")
    file = io.BytesIO()
    fig.savefig(file, format="png", dpi=100 * scale, transparent=True)
    return file.getvalue()
