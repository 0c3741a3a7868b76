"""Posters of surfaces, drawn by pyvista or else by matplotlib."""

from __future__ import annotations

import functools
import io
import os
import subprocess
import sys
import warnings

import numpy as np

from gdl_utils.plots.page import encode
from gdl_utils.plots.surface3d.camera import FIELD, SIZE, camera

ENOUGH = 65_000
"""Bytes of a poster, beyond which it is drawn smaller, and then with fewer colours."""
PALETTE = 96
"""Colours of a poster that would be too large."""
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
    verts: np.ndarray, faces: np.ndarray, colors: np.ndarray, view: tuple[float, float]
) -> np.ndarray:
    """Draw a surface with these colours, unlit, on a transparent ground, as RGBA (H, W, 4)."""
    from PIL import Image

    if can_render():
        image = Image.fromarray(_by_pyvista(verts, faces, colors, view))
    else:
        _say_once()
        image = Image.open(io.BytesIO(_by_matplotlib(verts, faces, colors, view)))
    return np.array(image.convert("RGBA"))


def draw_on_white(
    verts: np.ndarray, faces: np.ndarray, colors: np.ndarray, view: tuple[float, float]
) -> np.ndarray:
    """Draw a surface with these colours, unlit, on white, as RGB (H, W, 3)."""
    from PIL import Image

    image = Image.fromarray(draw_pixels(verts, faces, colors, view))
    paper = Image.new("RGBA", image.size, "white")
    paper.alpha_composite(image)
    return np.array(paper.convert("RGB"))


def draw_poster(
    verts: np.ndarray,
    faces: np.ndarray,
    colors: np.ndarray,
    view: tuple[float, float],
    enough: int = ENOUGH,
) -> bytes:
    """Draw a surface with these colours, unlit, on a transparent ground, as a PNG."""
    from PIL import Image

    image = Image.fromarray(draw_pixels(verts, faces, colors, view))
    smaller = image.resize((640, 448), Image.Resampling.LANCZOS)
    for picture, step in ((image, 4), (smaller, 4), (smaller, 8)):
        png = _packed(np.array(picture), step)
        if len(png) <= enough:
            return png
    return min(png, encode(smaller, PALETTE), key=len)


def _packed(pixels: np.ndarray, step: int) -> bytes:
    """Write RGBA as PNG with fewer levels a channel, which halves the file."""
    pixels[..., :3] = pixels[..., :3] // step * step + step // 2
    pixels[pixels[..., 3] == 0] = 0
    return encode(pixels)


def _by_pyvista(
    verts: np.ndarray, faces: np.ndarray, colors: np.ndarray, view: tuple[float, float]
) -> np.ndarray:
    import pyvista as pv

    surface = pv.PolyData.from_regular_faces(verts, faces)
    surface["rgb"] = np.round(255 * colors).astype(np.uint8)
    plotter = pv.Plotter(off_screen=True, window_size=SIZE)
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
    verts: np.ndarray, faces: np.ndarray, colors: np.ndarray, view: tuple[float, float]
) -> bytes:
    import matplotlib.pyplot as plt
    from matplotlib.collections import PolyCollection

    flat, depth = camera(verts, view).place(verts)
    order = np.argsort(-depth[faces].mean(1), kind="stable")  # the painter's algorithm
    shade = colors[faces].mean(1)[order]
    fig = plt.figure(figsize=(SIZE[0] / 100, SIZE[1] / 100), dpi=100, layout="none")
    plt.close(fig)
    ax = fig.add_axes((0, 0, 1, 1))
    ax.add_collection(
        PolyCollection(flat[faces[order]], facecolors=shade, edgecolors=shade, linewidths=0.3)
    )
    ax.set(xlim=(-1, 1), ylim=(-1, 1))
    ax.axis("off")
    file = io.BytesIO()
    fig.savefig(file, format="png", transparent=True)
    return file.getvalue()
