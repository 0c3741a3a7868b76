"""The cortex: an average human brain's folded surface, one hemisphere at a time.

``fsaverage5``, the standard surface of 10,242 vertices a hemisphere distributed with FreeSurfer
(Fischl et al. 1999), as the package ``nilearn`` carries it. It is read there and never copied:
nilearn is BSD-3, and its own description of these files gives their licence as "unknown".
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

VERSION = "0.14.1"
"""The release of nilearn whose files were looked at."""
FOLDER = "datasets/data/fsaverage5"
FILES = {"pial": "pial", "white": "white", "inflated": "infl", "sphere": "sphere", "flat": "flat"}
"""Surfaces, and what their files are called."""
HEMISPHERES = ("left", "right")
COUNT = 10_242


@dataclass(frozen=True, eq=False)
class Cortex:
    """One hemisphere: a surface, and four numbers measured at each of its vertices.

    Attributes
    ----------
    hemisphere, surface : str
        Which one it is.
    verts : Tensor, (V, 3), float64
        Positions in mm: x to the right, y forwards, z up. (For ``"sphere"``: radius 100; for
        ``"flat"``: in a plane of constant z.)
    faces : Tensor, (F, 3), int64
        Triangles, counterclockwise seen from outside; ``flat`` is seen from +z.
    sulc : Tensor, (V,), float64
        Depth as FreeSurfer measures it while it inflates the surface, without a unit: positive in
        the sulci (furrows), negative on the gyri (ridges).
    curv : Tensor, (V,), float64
        Mean curvature in 1/mm, positive in the sulci.
    thickness : Tensor, (V,), float64
        Of the grey matter, in mm; about 0 on the medial wall, where there is none.
    area : Tensor, (V,), float64
        Of the cortex that a vertex stands for, in mm².
    index : Tensor, (V,), int64
        The vertices' numbers in the whole hemisphere: 0 to 10,241, but for ``flat``, which lacks
        the medial wall and what was cut.

    Notes
    -----
    Chapter 09, *Gauges*. The surfaces of a hemisphere have the same vertices in the same order.
    """

    hemisphere: str
    surface: str
    verts: Float[Tensor, "V 3"]
    faces: Int[Tensor, "F 3"]
    sulc: Float[Tensor, " V"]
    curv: Float[Tensor, " V"]
    thickness: Float[Tensor, " V"]
    area: Float[Tensor, " V"]
    index: Int[Tensor, " V"]


def cortex_folder() -> Path:
    """Where the installed package ``nilearn`` keeps fsaverage5; the package is not imported.

    Raises
    ------
    FileNotFoundError
        If the package, its reader ``nibabel``, or the folder in it is not installed.

    Notes
    -----
    Chapter 09, *Gauges*.
    """
    spec = importlib.util.find_spec("nilearn")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        if (Path(folder) / FOLDER).is_dir() and importlib.util.find_spec("nibabel"):
            return Path(folder) / FOLDER
    raise FileNotFoundError(
        f"The cortex comes with the package nilearn, which is not installed: `pip install "
        f"nilearn=={VERSION}`. Without a network use gdl_utils.data.animals.load_animal('dog'), a "
        "surface that this package carries."
    )


def load_cortex(hemisphere: str = "left", surface: str = "pial") -> Cortex:
    """Load a hemisphere of the average cortex, unaltered.

    Parameters
    ----------
    hemisphere : {"left", "right"}
    surface : {"pial", "white", "inflated", "sphere", "flat"}
        The cortex's outside, its inside towards the white matter, the outside blown up until the
        folds are smooth, the sphere that all brains are compared on, or the outside cut open and
        laid into the plane. The first four are closed, with 10,242 vertices and 20,480 faces; the
        last is a disc: vertices that none of its faces names are left out.

    Returns
    -------
    Cortex

    Raises
    ------
    ValueError
        If a name is another, or a file does not hold what it should.
    FileNotFoundError
        If ``nilearn`` is not installed.

    References
    ----------
    Fischl, Sereno, Tootell, Dale (1999), *High-resolution intersubject averaging and a coordinate
    system for the cortical surface*.

    Notes
    -----
    Chapter 09, *Gauges*. It takes 0.1 s.
    """
    if hemisphere not in HEMISPHERES:
        raise ValueError(f"hemisphere must be 'left' or 'right', got {hemisphere!r}")
    if surface not in FILES:
        raise ValueError(f"surface must be one of {', '.join(FILES)}, got {surface!r}")
    folder = cortex_folder()
    verts, faces = _arrays(folder / f"{FILES[surface]}_{hemisphere}.gii.gz", 2)
    used, corners = np.unique(faces, return_inverse=True)
    if verts.shape != (COUNT, 3) or used[-1] >= COUNT:
        raise ValueError(f"the surface must have {COUNT} vertices, got {verts.shape}: {folder}")
    values = []
    for name in ("sulc", "curv", "thick", "area"):
        (found,) = _arrays(folder / f"{name}_{hemisphere}.gii.gz", 1)
        if found.shape != (COUNT,):
            raise ValueError(f"{name} must be one number a vertex, got {found.shape}: {folder}")
        values.append(torch.from_numpy(found[used].astype("f8")))
    return Cortex(
        hemisphere,
        surface,
        torch.from_numpy(verts[used].astype("f8")),
        torch.from_numpy(corners.reshape(faces.shape).astype("i8")),
        *values,
        torch.from_numpy(used.astype("i8")),
    )


def _arrays(path: Path, count: int) -> list[np.ndarray]:
    """Read the arrays of a GIFTI file."""
    import nibabel

    try:
        found = [array.data for array in nibabel.load(path).darrays]
    except Exception as error:  # its reader has errors of many kinds
        raise ValueError(f"the file must be GIFTI, got a damaged one: {path}") from error
    if len(found) != count:
        raise ValueError(f"the file must hold {count} arrays, got {len(found)}: {path}")
    return found
