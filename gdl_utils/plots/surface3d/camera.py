"""The camera of posters and of the page's viewer, and the light that is baked into colours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FIELD = 30.0
"""Vertical field of view in degrees, as in the page's viewer."""
SIZE = (800, 560)
"""Pixels of a poster."""


@dataclass(frozen=True, eq=False)
class Camera:
    """Where the eye is, and what it looks at; y is up.

    Attributes
    ----------
    eye, target : numpy.ndarray, (3,)
    distance : float
        From the eye to the target.
    """

    eye: np.ndarray
    target: np.ndarray
    distance: float

    @property
    def axes(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Unit vectors to the right, upwards and ahead, as the eye sees them."""
        ahead = (self.target - self.eye) / self.distance
        right = np.cross(ahead, [0.0, 1.0, 0.0])
        right /= np.linalg.norm(right)
        return right, np.cross(right, ahead), ahead

    def place(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where points (..., 3) lie in the picture, and how deep they are.

        Returns
        -------
        places : numpy.ndarray, (..., 2)
            To the right and upwards, from -1 to 1 within the picture.
        depth : numpy.ndarray, (...)
            Along the line of sight, in the points' unit.
        """
        right, up, ahead = self.axes
        away, top = points - self.eye, np.tan(np.deg2rad(FIELD / 2))
        depth = away @ ahead
        x, y = away @ right / depth / (top * SIZE[0] / SIZE[1]), away @ up / depth / top
        return np.stack([x, y], -1), depth


def direction(view: tuple[float, float]) -> np.ndarray:
    """Unit vector from the surface to the eye: azimuth about y from +z, and the angle from +y."""
    theta, phi = np.deg2rad(view)
    return np.array([np.sin(phi) * np.sin(theta), np.cos(phi), np.sin(phi) * np.cos(theta)])


def camera(verts: np.ndarray, view: tuple[float, float]) -> Camera:
    """A camera that shows the whole surface, and most of it once turned."""
    target = (verts.min(0) + verts.max(0)) / 2
    away = verts - target
    radius = float(np.linalg.norm(away, axis=1).max()) or 1.0
    right, up, ahead = Camera(target + direction(view), target, 1.0).axes
    top, side = np.tan(np.deg2rad(FIELD / 2)), np.tan(np.deg2rad(FIELD / 2)) * SIZE[0] / SIZE[1]
    tall = np.abs(away @ up) / top - away @ ahead
    wide = np.abs(away @ right) / side - away @ ahead
    sphere = radius / np.sin(np.deg2rad(FIELD / 2))
    distance = max(1.06 * float(np.maximum(tall, wide).max()), 0.7 * sphere)
    return Camera(target + distance * direction(view), target, distance)


def normals(verts: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Area-weighted unit normals of the vertices, (V, 3); zero where a vertex has no face."""
    a, b, c = (verts[faces[:, k]] for k in range(3))
    cross = np.cross(b - a, c - a)
    total = np.zeros_like(verts)
    for k in range(3):
        np.add.at(total, faces[:, k], cross)
    length = np.linalg.norm(total, axis=1, keepdims=True)
    return total / np.where(length > 0, length, 1)


def light(verts: np.ndarray, faces: np.ndarray, view: tuple[float, float]) -> np.ndarray:
    """How much light a vertex gets, (V,) in [0, 1], from above the first camera's left shoulder."""
    eye = direction(view)
    side = np.cross([0.0, 1.0, 0.0], eye)
    lamp = 1.0 * eye - 0.5 * side + np.array([0.0, 0.9, 0.0])
    half = 0.5 + 0.5 * normals(verts, faces) @ (lamp / np.linalg.norm(lamp))
    return np.clip(half, 0, 1) ** 1.3
