"""Make gdl_utils/data/assets/spot.npz from the source distribution of potpourri3d 1.4.0.

Run: ``python tools/make_assets/spot.py [output.npz]``. It downloads 30 MB through pip, and the same
input gives the same arrays; their checksum stands in ``gdl_utils/data/spot.py``.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import numpy as np

PACKAGE, VERSION = "potpourri3d", "1.4.0"
MEMBER = f"{PACKAGE}-{VERSION}/deps/geometry-central/test/assets/spot.ply"
OUTPUT = Path(__file__).resolve().parents[2] / "gdl_utils/data/assets/spot.npz"


def fetch(folder: Path) -> Path:
    """Let pip download the source distribution; nothing of it is compiled."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--no-binary", PACKAGE, "--dest", str(folder), f"{PACKAGE}=={VERSION}"]
    subprocess.run(command, check=True)
    return folder / f"{PACKAGE}-{VERSION}.tar.gz"


def read_ply(data: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Read the one kind of binary PLY file that Spot is: float vertices, uchar-int triangles."""
    head, body = data.split(b"end_header\n", 1)
    lines = head.decode("ascii").split("\n")
    count = {line.split()[1]: int(line.split()[2]) for line in lines if line.startswith("element")}
    if "format binary_little_endian 1.0" not in lines:
        raise ValueError("spot.ply must be binary little-endian")
    size = 12 * count["vertex"]
    verts = np.frombuffer(body[:size], "<f4").reshape(-1, 3)
    triangle = np.dtype([("n", "u1"), ("corners", "<i4", 3)])
    faces = np.frombuffer(body[size:], triangle, count["face"])
    if not (faces["n"] == 3).all():
        raise ValueError("spot.ply must hold triangles only")
    return verts, faces["corners"]


def make(output: Path) -> str:
    """Write the asset, and return the checksum of its arrays."""
    with tempfile.TemporaryDirectory() as folder, tarfile.open(fetch(Path(folder))) as archive:
        verts, faces = read_ply(archive.extractfile(MEMBER).read())
    faces = np.ascontiguousarray(faces.astype("<u2"))
    np.savez_compressed(output, verts=verts, faces=faces)  # zip entries carry no time of day
    return hashlib.sha256(verts.tobytes() + faces.tobytes()).hexdigest()


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else OUTPUT
    sys.stdout.write(f"{target}: sha256 of the arrays {make(target)}\n")
