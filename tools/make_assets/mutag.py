"""Make gdl_utils/data/assets/mutag.npz from the wheel of grakel 0.1.11.

Run ``python tools/make_assets/mutag.py [folder]``. pip downloads 2 MB; nothing of the wheel is
installed or imported, so that the interpreter's version does not matter. A second; the same input
gives the same arrays, whose checksum stands in ``gdl_utils/data/mutag.py``.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np

PACKAGE, VERSION = "grakel", "0.1.11"
TARGET = ["--only-binary", ":all:", "--python-version", "3.11"]
TARGET += ["--platform", "manylinux_2_28_x86_64", "--platform", "manylinux_2_24_x86_64"]
FILES = "grakel/tests/data/MUTAG/MUTAG_"
FOLDER = Path(__file__).resolve().parents[2] / "gdl_utils/data/assets"


def build(wheel: zipfile.ZipFile) -> dict[str, np.ndarray]:
    """All arrays of the asset: atoms and bonds of 188 molecules, one after the other."""
    read = lambda name: np.loadtxt(wheel.open(FILES + name + ".txt"), int, delimiter=",")  # noqa: E731
    of_atom, atoms = read("graph_indicator") - 1, read("node_labels")
    source, target = read("A").T - 1
    bonds, labels = read("edge_labels"), read("graph_labels")
    sizes = np.bincount(of_atom)
    if (np.diff(of_atom) < 0).any() or (of_atom[source] != of_atom[target]).any():
        raise ValueError("a molecule's atoms must follow each other, and its bonds must stay in it")
    order = np.lexsort((target, source))
    source, target, bonds = source[order], target[order], bonds[order]
    first = np.concatenate([[0], sizes.cumsum()])[of_atom[source]]
    return {
        "atoms": atoms.astype("u1"), "sizes": sizes.astype("u1"),
        "source": (source - first).astype("u1"), "target": (target - first).astype("u1"),
        "bonds": bonds.astype("u1"), "bond_counts": np.bincount(of_atom[source]).astype("u1"),
        "mutagenic": (labels == 1).astype("u1"),
    }  # fmt: skip


def checksum(arrays) -> str:
    """SHA-256 of the names and bytes of the arrays, in alphabetical order."""
    digest = hashlib.sha256()
    for key in sorted(arrays):
        digest.update(key.encode() + np.ascontiguousarray(arrays[key]).tobytes())
    return digest.hexdigest()


def fetch(folder: Path) -> Path:
    """Let pip download the wheel alone."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *TARGET]
    subprocess.run([*command, "--dest", str(folder), f"{PACKAGE}=={VERSION}"], check=True)
    return next(folder.glob("*.whl"))


def main(folder: Path) -> None:
    """Write the asset; its licence stands beside it."""
    with tempfile.TemporaryDirectory() as place, zipfile.ZipFile(fetch(Path(place))) as wheel:
        arrays = build(wheel)
    np.savez_compressed(folder / "mutag.npz", **arrays)
    sys.stdout.write(f"mutag: {len(arrays['sizes'])} molecules, sha256 {checksum(arrays)}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
