"""Spot, the cow: a closed surface of 2,930 vertices, small enough for every chapter.

Made by Keenan Crane, public domain (CC0); see ``assets/spot.LICENSE.txt``.
"""

from __future__ import annotations

from pathlib import Path

import torch

from gdl_utils.data.meshfile import Triangles
from gdl_utils.data.shipped import ASSETS, load_arrays

ASSET = ASSETS / "spot.npz"
SHA256 = "3c4e8d4d65a3c1ae89218878b71a4784c913d13ca12e4e89aa36aa7aca770076"
TYPES = {"verts": "f8", "faces": "i8"}


def load_spot(path: str | Path = ASSET) -> Triangles:
    """Load Spot: one closed, oriented surface of a sphere's topology.

    The axes are y up, x to the side, z along the body with the **muzzle at −z**; the left and
    right halves mirror each other in x up to modelling. Lengths are in the model's own unit, in
    which Spot is 1.69 high and 1.72 long. Faces turn anticlockwise seen from outside.

    Parameters
    ----------
    path : str or Path
        The asset; the one in the package unless a test says otherwise.

    Returns
    -------
    verts : Tensor, (2930, 3), float64
        Positions.
    faces : Tensor, (5856, 3), int64
        The three vertices of each triangle.

    Raises
    ------
    FileNotFoundError
        If the asset is missing from the installation.
    ValueError
        If it is not the file that was shipped.

    Notes
    -----
    Chapter 03, *Data that is not flat*, and chapter 08, *Geodesics*.
    """
    arrays = load_arrays(path, "Spot", made_by="spot.py", sha256=SHA256)
    verts, faces = (torch.from_numpy(arrays[k].astype(t)) for k, t in TYPES.items())
    return Triangles(verts, faces)
