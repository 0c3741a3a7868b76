"""Reading the arrays that ship with the package. A file that is missing or damaged is named."""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from pathlib import Path

import numpy as np

# Where the files are; each NAME.npz with NAME.LICENSE.txt beside it. No docstring: the book would
# print the value, a path of the machine that builds it.
ASSETS = Path(__file__).parent / "assets"
UNREADABLE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error)
UNREADABLE += (AttributeError, TypeError)  # one array only, or something else altogether


def load_arrays(
    path: str | Path, what: str, *, made_by: str, sha256: str | None = None
) -> dict[str, np.ndarray]:
    """Read all arrays of a shipped ``.npz`` file. No pickle is ever opened.

    Parameters
    ----------
    path : str or Path
        The file.
    what : str
        What it holds, for the message: "Spot".
    made_by : str
        The script in ``tools/make_assets/`` that makes it.
    sha256 : str, optional
        The checksum that its arrays must have, see :func:`checksum`.

    Returns
    -------
    dict
        Name of each array, and the array.

    Raises
    ------
    FileNotFoundError
        If the file is missing from the installation.
    ValueError
        If it is damaged, or not the file that was shipped.

    Notes
    -----
    Chapter 03, *Data that is not flat*, and the page *Data*.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(
            f"{path} is missing. Install gdl_utils again, or make the file with "
            f"`python tools/make_assets/{made_by}` in a checkout."
        )
    damaged = f"path must be {what} as shipped, got a damaged file: {path}. "
    damaged += "Install gdl_utils again."
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as asset:
            arrays = {key: asset[key] for key in asset.files}
    except UNREADABLE as error:
        raise ValueError(damaged) from error
    if sha256 is not None and checksum(arrays) != sha256:
        raise ValueError(damaged)
    return arrays


def checksum(arrays: dict[str, np.ndarray]) -> str:
    """SHA-256 of the arrays' names and bytes, in the order of their names."""
    digest = hashlib.sha256()
    for key in sorted(arrays):
        digest.update(key.encode() + arrays[key].tobytes())
    return digest.hexdigest()
