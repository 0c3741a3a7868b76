"""MUTAG, against what is published of it and the files of its package's format."""

from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
import torch

from gdl_utils.data.mutag import ASSET, ATOMS, BONDS, load_mutag

MOLECULES = load_mutag()


def test_counts():
    """188 compounds, 125 mutagenic; 3,371 atoms and 3,721 bonds (17.93 and 19.79 a molecule)."""
    assert len(MOLECULES) == 188
    assert sum(m.y for m in MOLECULES) == 125
    assert sum(len(m.x) for m in MOLECULES) == 3371
    assert sum(m.edge_index.shape[1] for m in MOLECULES) == 2 * 3721
    sizes = [len(m.x) for m in MOLECULES]
    assert (min(sizes), max(sizes)) == (10, 28)


def test_atoms_and_bonds():
    """Carbon, nitrogen and oxygen are nearly all; each element and each bond occurs."""
    atoms = torch.cat([m.x for m in MOLECULES])
    assert atoms.dtype == torch.float32
    assert torch.equal(atoms.sum(1), torch.ones(3371))
    assert dict(zip(ATOMS, atoms.sum(0).int().tolist())) == {
        "C": 2395, "N": 345, "O": 593, "F": 12, "I": 1, "Cl": 23, "Br": 2
    }  # fmt: skip
    assert set(torch.cat([m.bonds for m in MOLECULES]).tolist()) == set(range(len(BONDS)))


def test_every_molecule_is_a_connected_simple_graph_of_plain_valence():
    for x, edge_index, bonds, y in MOLECULES:
        pairs = edge_index.T.tolist()
        kind = {(a, b): k for (a, b), k in zip(pairs, bonds.tolist())}
        assert len(kind) == len(pairs)
        assert all(a < b for a, b in pairwise(pairs))
        assert all(a != b and kind[b, a] == k for (a, b), k in kind.items())
        assert nx.is_connected(nx.Graph(pairs))
        assert nx.Graph(pairs).number_of_nodes() == len(x)
        assert torch.bincount(edge_index[0]).max() <= 4
        assert y in (0, 1)


def test_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"mutag\.py"):
        load_mutag(tmp_path / "mutag.npz")


def test_a_damaged_file(tmp_path):
    data = bytearray(ASSET.read_bytes())
    for name, content in (("half", data[: len(data) // 2]), ("empty", b"")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ValueError, match="path must be MUTAG as shipped"):
            load_mutag(tmp_path / name)


def test_a_changed_file(tmp_path):
    with np.load(ASSET) as asset:
        arrays = dict(asset)
    arrays["mutagenic"] = 1 - arrays["mutagenic"]
    np.savez_compressed(tmp_path / "other.npz", **arrays)
    with pytest.raises(ValueError, match="path must be MUTAG as shipped"):
        load_mutag(tmp_path / "other.npz")
