"""Files that ship with the package: missing, damaged or another one, each is said."""

import numpy as np
import pytest

from gdl_utils.data.shipped import ASSETS, checksum, load_arrays

ARRAYS = {"b": np.arange(6, dtype="<f4").reshape(2, 3), "a": np.array([1, 2], "<i2")}


@pytest.fixture
def path(tmp_path):
    np.savez_compressed(tmp_path / "thing.npz", **ARRAYS)
    return tmp_path / "thing.npz"


def load(path, **options):
    return load_arrays(path, "the thing", made_by="thing.py", **options)


def test_arrays_come_back(path):
    found = load(path, sha256=checksum(ARRAYS))
    assert found.keys() == ARRAYS.keys()
    assert all(np.array_equal(found[k], ARRAYS[k]) for k in ARRAYS)


def test_the_checksum_knows_names_and_values_and_no_order():
    assert checksum(dict(reversed(ARRAYS.items()))) == checksum(ARRAYS)
    assert checksum({"b": ARRAYS["a"], "a": ARRAYS["b"]}) != checksum(ARRAYS)
    assert checksum(ARRAYS | {"b": ARRAYS["b"] + 1}) != checksum(ARRAYS)


def test_a_missing_file_names_the_way_out(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no\.npz is missing.*make_assets/thing\.py"):
        load(tmp_path / "no.npz")


def pickled(path):
    np.savez(path, a=np.array([{}], dtype=object))


def one_array(path):
    with open(path, "wb") as file:
        np.save(file, np.ones(3))


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(path.read_bytes()[:-30]),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_text("no archive"),
        pickled,
        one_array,
    ],
    ids=["cut", "empty", "text", "pickle", "one array"],
)
def test_a_damaged_file_is_refused(path, damage):
    damage(path)
    with pytest.raises(ValueError, match=r"path must be the thing as shipped, got a damaged file"):
        load(path)


def test_another_file_is_refused(path):
    with pytest.raises(ValueError, match="damaged file"):
        load(path, sha256="0" * 64)


def test_every_asset_has_its_notice():
    names = {p.stem for p in ASSETS.glob("*.npz")}
    assert names
    assert {p.name.removesuffix(".LICENSE.txt") for p in ASSETS.glob("*.txt")} == names
