"""Say in one sentence what the system lacks; exit 1 if the tests cannot do without it.

With neither EGL nor OSMesa, drawing a 3D figure would end the kernel without a message.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

DRAW = """
import pyvista
plotter = pyvista.Plotter(off_screen=True, window_size=(32, 32))
plotter.add_mesh(pyvista.Sphere(theta_resolution=8, phi_resolution=8))
assert plotter.screenshot(return_img=True).std() > 0
"""


def can_draw() -> bool:
    """Draw a small sphere in another process, which may crash."""
    env = os.environ | {"VTK_DEFAULT_OPENGL_WINDOW": "vtkEGLRenderWindow"}
    for extra in (env, {**env, "VTK_DEFAULT_OPENGL_WINDOW": "vtkOSOpenGLRenderWindow"}):
        done = subprocess.run([sys.executable, "-c", DRAW], env=extra, capture_output=True)
        if done.returncode == 0:
            return True
    return False


if __name__ == "__main__":
    if not (shutil.which("chromium") or shutil.which("chromium-browser")):
        said = "Chromium is missing, so no page can be tried in a browser"
        said += " (on Debian: apt install chromium)."
        if os.environ.get("CI"):
            sys.exit(said)
        print(said, file=sys.stderr)
    if not can_draw():
        sys.exit(
            "3D figures cannot be drawn: install the off-screen OpenGL libraries "
            "(on Debian: apt install libegl1 libgl1-mesa-dri)."
        )
