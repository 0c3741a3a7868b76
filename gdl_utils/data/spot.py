"""Spot, the cow: a closed surface of 2,930 vertices, small enough for every chapter.

Made by Keenan Crane, public domain (CC0); see ``assets/spot.LICENSE.txt``.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

ASSET = Path(__file__).parent / "assets" / "spot.npz"
SHA256 = "adea766286afc02df487fa040fa5ad79b24f0ce43b584cbd72b86a0195826aee"
"""Checksum of the arrays' bytes: vertices as ``<f4``, then faces as ``<u2``."""


def load_spot(path: str | Path = ASSET) -> tuple[Float[Tensor, "V 3"], Int[Tensor, "F 3"]]:
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
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(
            f"{path} is missing. Install gdl_utils again, or make the file with "
            "`python tools/make_assets/spot.py` in a checkout."
        )
    damaged = f"path must be Spot as shipped, got a damaged file: {path}. Install gdl_utils again."
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as asset:
            verts, faces = asset["verts"], asset["faces"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(damaged) from error
    if hashlib.sha256(verts.tobytes() + faces.tobytes()).hexdigest() != SHA256:
        raise ValueError(damaged)
    return torch.from_numpy(verts.astype("f8")), torch.from_numpy(faces.astype("i8"))
