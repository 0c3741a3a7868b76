"""MUTAG: 188 small molecules, and whether they make a bacterium mutate.

From grakel (New BSD; see ``assets/mutag.LICENSE.txt``), stored by ``tools/make_assets/mutag.py``.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from gdl_utils.data.shipped import ASSETS, load_arrays

ASSET = ASSETS / "mutag.npz"
SHA256 = "1b9adb065a883628cb2c9a1f1fc496a132c183562b0f9b563349707d8a90df03"
"""Checksum of the arrays' names and bytes, in alphabetical order of the names."""
ATOMS = ("C", "N", "O", "F", "I", "Cl", "Br")
BONDS = ("aromatic", "single", "double", "triple")


class Molecule(NamedTuple):
    """A molecule without its hydrogen atoms, as a graph. Chapter 07, *Graphs*."""

    x: Float[Tensor, "n 7"]
    """Which of ``ATOMS`` each node is: one 1 in each row."""
    edge_index: Int64[Tensor, "2 e"]
    """Each bond twice, once in each direction, sorted by source."""
    bonds: Int64[Tensor, " e"]
    """Which of ``BONDS`` each edge is."""
    y: int
    """1 if the compound is mutagenic, else 0."""


def load_mutag(path: str | Path = ASSET) -> list[Molecule]:
    """Load the 188 molecules, 125 of them mutagenic, in the order of the data set.

    Parameters
    ----------
    path : str or Path
        The asset; the one in the package unless a test says otherwise.

    Returns
    -------
    list of Molecule
        188 connected graphs of 10 to 28 atoms; x in float32.

    Raises
    ------
    FileNotFoundError
        If the asset is missing from the installation.
    ValueError
        If it is not the file that was shipped.

    References
    ----------
    Debnath et al. (1991), *Structure-Activity Relationship of Mutagenic Aromatic and
    Heteroaromatic Nitro Compounds*. Kriege, Mutzel (2012), *Subgraph Matching Kernels for
    Attributed Graphs*. Chapter 07, *Graphs*.
    """
    arrays = load_arrays(path, "MUTAG", made_by="mutag.py", sha256=SHA256)
    whole = {key: torch.from_numpy(value.astype("i8")) for key, value in arrays.items()}
    x = torch.eye(len(ATOMS))[whole["atoms"]].split(whole["sizes"].tolist())
    ends = torch.stack([whole["source"], whole["target"]])
    counts = whole["bond_counts"].tolist()
    edges, bonds = ends.split(counts, 1), whole["bonds"].split(counts)
    return [Molecule(*one) for one in zip(x, edges, bonds, whole["mutagenic"].tolist())]
