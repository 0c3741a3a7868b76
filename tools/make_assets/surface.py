"""Surfaces as arrays, for the asset makers: normals, borders, closest points, mirror images."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree


def normals(verts: np.ndarray, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Twice the vector area of each face, and the unit normal at each vertex."""
    a, b, c = (verts[faces[:, k]] for k in range(3))
    area = np.cross(b - a, c - a)
    at = np.zeros_like(verts)
    for k in range(3):
        np.add.at(at, faces[:, k], area)
    return area, at / np.maximum(np.linalg.norm(at, axis=1, keepdims=True), 1e-30)


def closest_on_triangle(p: np.ndarray, a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    """Barycentric coordinates (N, 3) of the points of triangles closest to p (Ericson 2005)."""
    ab, ac, bc = b - a, c - a, c - b
    dot = lambda x, y: (x * y).sum(-1)  # noqa: E731
    tiny = 1e-300
    on_ab = np.clip(dot(p - a, ab) / np.maximum(dot(ab, ab), tiny), 0, 1)
    on_ac = np.clip(dot(p - a, ac) / np.maximum(dot(ac, ac), tiny), 0, 1)
    on_bc = np.clip(dot(p - b, bc) / np.maximum(dot(bc, bc), tiny), 0, 1)
    zero = np.zeros_like(on_ab)
    n = np.cross(ab, ac)
    nn = np.maximum(dot(n, n), tiny)
    v, w = dot(np.cross(p - a, ac), n) / nn, dot(np.cross(ab, p - a), n) / nn
    inside = (v >= 0) & (w >= 0) & (v + w <= 1)
    options = np.stack([
        np.stack([1 - on_ab, on_ab, zero], -1),
        np.stack([1 - on_ac, zero, on_ac], -1),
        np.stack([zero, 1 - on_bc, on_bc], -1),
        np.where(inside[..., None], np.stack([1 - v - w, v, w], -1), np.array([1.0, 0, 0])),
    ])  # fmt: skip
    at = options[..., :1] * a + options[..., 1:2] * b + options[..., 2:] * c
    best = ((at - p) ** 2).sum(-1).argmin(0)
    return np.take_along_axis(options, best[None, ..., None], 0)[0]


class Source:
    """The surface to stay on: closest points whose normal agrees, and the border's polyline."""

    def __init__(self, verts, faces, target, steps=1):
        self.verts, self.faces, self.target = verts, faces, target
        for _ in range(steps):
            self._subdivide()
        self.area, self.normal = normals(self.verts, self.faces)
        self.area /= np.maximum(np.linalg.norm(self.area, axis=1, keepdims=True), 1e-30)
        self.tree = cKDTree(self.verts[self.faces].mean(1))
        ends = border(self.faces)
        self.curve = self.verts[ends]
        fine = np.linspace(0, 1, 9)[:-1, None, None]
        self.fine = ((1 - fine) * self.curve[:, 0] + fine * self.curve[:, 1]).reshape(-1, 3)
        self.curve_tree = cKDTree(self.fine)

    def _subdivide(self):
        half = np.sort(np.vstack([self.faces[:, [i, (i + 1) % 3]] for i in range(3)]), 1)
        edges, which = np.unique(half, axis=0, return_inverse=True)
        x, y, z = (which.ravel() + len(self.verts)).reshape(3, -1)
        a, b, c = self.faces.T
        self.verts = np.vstack([self.verts, self.verts[edges].mean(1)])
        self.target = np.concatenate([self.target, self.target[edges].mean(1)])
        self.faces = np.vstack([np.c_[a, x, z], np.c_[x, b, y], np.c_[z, y, c], np.c_[x, y, z]])

    def closest(self, points, normal=None, k=32):
        """Faces (N,) and barycentric coordinates (N, 3) of the closest points of the surface."""
        _, near = self.tree.query(points, k)
        a, b, c = (self.verts[self.faces[near, i]] for i in range(3))
        weights = closest_on_triangle(points[:, None], a, b, c)
        at = weights[..., :1] * a + weights[..., 1:2] * b + weights[..., 2:] * c
        far = np.linalg.norm(at - points[:, None], axis=2)
        if normal is not None:  # another sheet, as the far side of an ear, is not a candidate
            far = far + 1e3 * ((self.area[near] * normal[:, None]).sum(2) < 0.2)
        best = far.argmin(1)
        row = np.arange(len(points))
        return near[row, best], weights[row, best]

    def on_border(self, points):
        """The closest of eight points on each edge of the border."""
        return self.fine[self.curve_tree.query(points)[1]]


def border(faces: np.ndarray) -> np.ndarray:
    """The edges (E, 2) that belong to one face."""
    half = np.vstack([faces[:, [i, (i + 1) % 3]] for i in range(3)])
    _, first, count = np.unique(np.sort(half, 1), axis=0, return_index=True, return_counts=True)
    return half[first[count == 1]]


def edges_of(faces: np.ndarray) -> np.ndarray:
    """Each edge (E, 2) once."""
    half = np.vstack([faces[:, [i, (i + 1) % 3]] for i in range(3)])
    return np.unique(np.sort(half, 1), axis=0)


def mirror(verts, faces):
    """Join a half (y ≥ 0, border at y = 0) with its image; also each vertex's mirror vertex."""
    rim = np.unique(border(faces))
    inside = np.setdiff1d(np.arange(len(verts)), rim)
    image = np.arange(len(verts))
    image[inside] = len(verts) + np.arange(len(inside))
    verts = np.where(np.isin(np.arange(len(verts)), rim)[:, None], verts * [1, 0, 1], verts)
    both = np.concatenate([image, inside])
    return (
        np.vstack([verts, verts[inside] * [1, -1, 1]]),
        np.vstack([faces, image[faces][:, ::-1]]),
        both,
    )


def fair(verts, faces, both, turns, how_much):
    """Smooth by Taubin's λ|μ (1995), times ``how_much`` (V,): zigzags go, little shrinks."""
    edges = edges_of(faces)
    for step in (0.5, -0.53) * turns:
        verts = verts + step * how_much[:, None] * (average(verts, edges) - verts)
        verts = (verts + verts[both] * [1, -1, 1]) / 2
    return verts


def average(values, edges):
    """The mean over the neighbours of each vertex."""
    total, count = np.zeros_like(values), np.bincount(edges.ravel(), minlength=len(values))
    for a, b in (edges.T, edges.T[::-1]):
        np.add.at(total, a, values[b])
    return (total.T / np.maximum(count, 1)).T
