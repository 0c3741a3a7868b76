"""Whatever sizes a layer accepts, it commutes with the shifts that it promises; else it refuses."""

import itertools

import pytest
import torch

from gdl_utils import equivariance_error
from gdl_utils.grids.actions import Translations, coarse_shift, shift
from gdl_utils.grids.layers import CircularConv2d
from gdl_utils.grids.pooling import (
    BlurPool2d,
    GlobalPool2d,
    MaxPool2d,
    PolyphasePool2d,
    Subsample2d,
)
from gdl_utils.training import seeded

RNG = torch.Generator().manual_seed(0)
STEPS, SIZES = (1, 2, 3), (1, 2, 3, 4, 5)


@pytest.mark.parametrize(
    ("make", "options"),
    [
        (lambda size, step: CircularConv2d(1, 2, size), itertools.product(SIZES, (1,))),
        (lambda size, step: MaxPool2d(size, step), itertools.product(SIZES, STEPS)),
        (lambda size, step: BlurPool2d(size, step), itertools.product(SIZES, STEPS)),
        (lambda size, step: Subsample2d(step), itertools.product((1,), STEPS)),
    ],
    ids=["CircularConv2d", "MaxPool2d", "BlurPool2d", "Subsample2d"],
)
def test_shifts_of_every_side_size_and_step(make, options):
    found, steps = {}, set()
    for (size, step), h, w in itertools.product(list(options), range(1, 8), range(1, 8)):
        x = torch.randn(1, 1, h, w, generator=RNG, dtype=torch.float64)
        try:
            with seeded(0):
                layer = make(size, step).double()
            layer(x)
        except ValueError:
            assert size % 2 == 0 or h % step or w % step or min(h, w) < size
            continue
        if max(h, w) > step:  # else no shift is left that moves anything
            group = Translations((h, w), step)
            found[size, step, h, w] = equivariance_error(
                layer, group, shift, coarse_shift(step), x, n=16
            )
            steps.add(step)
    assert max(found.values()) <= 1e-10
    assert steps <= set(STEPS)
    assert len(found) > 20


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_polyphase_pooling_is_exact_in_every_type(dtype):
    """Sums of squares in half precision choose at random: .49 and .41 of error."""
    group = Translations((16, 16))
    for seed in range(4):
        x = torch.randn(2, 8, 16, 16, generator=torch.Generator().manual_seed(seed)).to(dtype)
        network = torch.nn.Sequential(PolyphasePool2d(2), torch.nn.ReLU(), GlobalPool2d("max"))
        assert equivariance_error(network, group, shift, None, x, n=20) == 0
    large = 300 * x.half()  # whose squares are no half-precision numbers
    assert equivariance_error(network, group, shift, None, large, n=20) == 0


def test_empty_batches_and_channels():
    empty, pools = torch.zeros(0, 3, 6, 6), (MaxPool2d(), BlurPool2d(), PolyphasePool2d(2))
    for layer in (CircularConv2d(3, 4, 3), *pools, GlobalPool2d("max")):
        assert layer(empty).shape == layer(torch.zeros(1, 3, 6, 6))[:0].shape
        with pytest.raises(ValueError, match=r"x must be \(B, \w"):
            layer(torch.zeros(2, 0, 6, 6))
        with pytest.raises(ValueError, match="at least"):
            layer(torch.zeros(2, 3, 0, 6))
