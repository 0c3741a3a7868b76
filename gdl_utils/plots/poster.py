"""Posters of surfaces: one camera, soft baked light, drawn by pyvista or else by matplotlib."""

from __future__ import annotations

import functools
import io
import os
import subprocess
import sys
import warnings

import numpy as np

FIELD = 30.0
"""Vertical field of view in degrees, as in the page's viewer."""
SIZE = (800, 560)
"""Pixels of a poster."""
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


def normals(verts: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Area-weighted unit normals of the vertices, (V, 3); zero where a vertex has no face."""
    a, b, c = (verts[faces[:, k]] for k in range(3))
    cross = np.cross(b - a, c - a)
    total = np.zeros_like(verts)
    for k in range(3):
        np.add.at(total, faces[:, k], cross)
    length = np.linalg.norm(total, axis=1, keepdims=True)
    return total / np.where(length > 0, length, 1)


def direction(view: tuple[float, float]) -> np.ndarray:
    """Unit vector from the surface to the eye: azimuth about y from +z, and the angle from +y."""
    theta, phi = np.deg2rad(view)
    return np.array([np.sin(phi) * np.sin(theta), np.cos(phi), np.sin(phi) * np.cos(theta)])


def light(verts: np.ndarray, faces: np.ndarray, view: tuple[float, float]) -> np.ndarray:
    """How much light a vertex gets, (V,) in [0, 1], from above the first camera's left shoulder."""
    eye = direction(view)
    side = np.cross([0.0, 1.0, 0.0], eye)
    lamp = 1.0 * eye - 0.5 * side + np.array([0.0, 0.9, 0.0])
    half = 0.5 + 0.5 * normals(verts, faces) @ (lamp / np.linalg.norm(lamp))
    return np.clip(half, 0, 1) ** 1.3


def camera(verts: np.ndarray, view: tuple[float, float]) -> tuple[np.ndarray, np.ndarray, float]:
    """Eye, target and distance that show the whole surface, and most of it once turned."""
    target = (verts.min(0) + verts.max(0)) / 2
    away = verts - target
    radius = float(np.linalg.norm(away, axis=1).max()) or 1.0
    ahead = -direction(view)
    right = np.cross(ahead, [0.0, 1.0, 0.0])
    right /= np.linalg.norm(right)
    top, side = np.tan(np.deg2rad(FIELD / 2)), np.tan(np.deg2rad(FIELD / 2)) * SIZE[0] / SIZE[1]
    tall = np.abs(away @ np.cross(right, ahead)) / top - away @ ahead
    wide = np.abs(away @ right) / side - away @ ahead
    sphere = radius / np.sin(np.deg2rad(FIELD / 2))
    distance = max(1.06 * float(np.maximum(tall, wide).max()), 0.7 * sphere)
    return target + distance * direction(view), target, distance


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
    verts: np.ndarray, faces: np.ndarray, colours: np.ndarray, view: tuple[float, float]
) -> np.ndarray:
    """Draw a surface with these colours, unlit, on a transparent ground, as RGBA (H, W, 4)."""
    from PIL import Image

    if can_render():
        image = Image.fromarray(_by_pyvista(verts, faces, colours, view))
    else:
        _say_once()
        image = Image.open(io.BytesIO(_by_matplotlib(verts, faces, colours, view)))
    return np.array(image.convert("RGBA"))


def draw_poster(
    verts: np.ndarray,
    faces: np.ndarray,
    colours: np.ndarray,
    view: tuple[float, float],
    enough: int = ENOUGH,
) -> bytes:
    """Draw a surface with these colours, unlit, on a transparent ground, as a PNG."""
    from PIL import Image

    image = Image.fromarray(draw_pixels(verts, faces, colours, view))
    smaller = image.resize((640, 448), Image.Resampling.LANCZOS)
    for picture, step in ((image, 4), (smaller, 4), (smaller, 8)):
        png = _packed(np.array(picture), step)
        if len(png) <= enough:
            return png
    file = io.BytesIO()
    method = Image.Quantize.FASTOCTREE  # the one that keeps transparency
    smaller.quantize(PALETTE, method=method, dither=Image.Dither.NONE).save(
        file, "PNG", optimize=True
    )
    return min(png, file.getvalue(), key=len)


def _packed(pixels: np.ndarray, step: int) -> bytes:
    """Write RGBA as PNG with fewer levels a channel, which halves the file."""
    from PIL import Image

    pixels[..., :3] = pixels[..., :3] // step * step + step // 2
    pixels[pixels[..., 3] == 0] = 0
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", optimize=True)
    return file.getvalue()


def _by_pyvista(
    verts: np.ndarray, faces: np.ndarray, colours: np.ndarray, view: tuple[float, float]
) -> np.ndarray:
    import pyvista as pv

    surface = pv.PolyData.from_regular_faces(verts, faces)
    surface["rgb"] = np.round(255 * colours).astype(np.uint8)
    plotter = pv.Plotter(off_screen=True, window_size=SIZE)
    plotter.enable_anti_aliasing("ssaa")
    plotter.add_mesh(surface, scalars="rgb", rgb=True, lighting=False)
    eye, target, _ = camera(verts, view)
    plotter.camera_position = [tuple(eye), tuple(target), (0, 1, 0)]
    plotter.camera.view_angle = FIELD
    plotter.reset_camera_clipping_range()
    image = plotter.screenshot(transparent_background=True, return_img=True)
    plotter.close()
    return image


def _by_matplotlib(
    verts: np.ndarray, faces: np.ndarray, colours: np.ndarray, view: tuple[float, float]
) -> bytes:
    import matplotlib.pyplot as plt
    from matplotlib.collections import PolyCollection

    eye, target, distance = camera(verts, view)
    ahead = (target - eye) / distance
    right = np.cross(ahead, [0.0, 1.0, 0.0])
    right /= np.linalg.norm(right)
    up = np.cross(right, ahead)
    depth = (verts - eye) @ ahead
    flat = np.stack([(verts - eye) @ right, (verts - eye) @ up], 1) / depth[:, None]
    order = np.argsort(-depth[faces].mean(1), kind="stable")  # the painter's algorithm
    shade = colours[faces].mean(1)[order]
    top = np.tan(np.deg2rad(FIELD / 2))
    fig = plt.figure(figsize=(SIZE[0] / 100, SIZE[1] / 100), dpi=100, layout="none")
    plt.close(fig)
    ax = fig.add_axes((0, 0, 1, 1))
    ax.add_collection(
        PolyCollection(flat[faces[order]], facecolors=shade, edgecolors=shade, linewidths=0.3)
    )
    side = top * SIZE[0] / SIZE[1]
    ax.set(xlim=(-side, side), ylim=(-top, top))
    ax.axis("off")
    file = io.BytesIO()
    fig.savefig(file, format="png", transparent=True)
    return file.getvalue()
