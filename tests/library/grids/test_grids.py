"""Grids against hand cases, identities and torch's own convolution."""

import math

import numpy as np
import pytest
import scipy.linalg
import torch
from torch import nn

from gdl_utils import equivariance_error
from gdl_utils.grids.actions import (
    Translations,
    coarse_fourier_shift,
    coarse_shift,
    flattened,
    fourier_shift,
    shift,
)
from gdl_utils.grids.layers import CircularConv2d, circulant, fourier_convolve, wrap
from gdl_utils.grids.pooling import (
    BlurPool2d,
    CircularMaxPool2d,
    GlobalPool2d,
    PolyphasePool2d,
    Subsample2d,
)

X = torch.randn(2, 3, 8, 12, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def test_fourier_shift_interpolates_waves_exactly():
    u = torch.arange(9.0, dtype=torch.float64)
    wave = torch.cos(2 * math.pi * 2 * u / 9)
    expected = torch.cos(2 * math.pi * 2 * (u - 0.3) / 9)
    torch.testing.assert_close(fourier_shift((0.3,), wave), expected)


def test_fourier_shift_of_whole_pixels_is_a_shift():
    torch.testing.assert_close(fourier_shift((3, -5), X), shift((3, -5), X))


def test_circulant_by_hand_and_against_scipy():
    kernel = torch.tensor([1.0, 2, 3])
    assert circulant(kernel).tolist() == [[1, 3, 2], [2, 1, 3], [3, 2, 1]]
    assert np.array_equal(circulant(kernel).numpy(), scipy.linalg.circulant(kernel.numpy()))


def test_dft_diagonalises_circulants():
    kernel = X[0, 0, 0]
    dft = torch.fft.fft(torch.eye(12, dtype=torch.complex128), norm="ortho")
    diagonal = dft @ circulant(kernel).to(dft) @ dft.mH
    torch.testing.assert_close(diagonal, torch.diag(torch.fft.fft(kernel)))


def test_fourier_convolve_is_a_sum_of_shifts():
    kernel = X[1, 2]
    direct = sum(kernel[i, j] * shift((i, j), X) for i in range(8) for j in range(12))
    torch.testing.assert_close(fourier_convolve(X, kernel), direct)


def test_circular_conv_by_hand():
    layer = CircularConv2d(1, 1, 3, bias=False)
    with torch.no_grad():
        layer.weight.zero_()
        layer.weight[0, 0, 1, 2] = 1.0  # looks one pixel to the right, so moves the image left
    x = torch.arange(9.0).reshape(1, 1, 3, 3)
    assert torch.equal(layer(x), shift((0, -1), x))


def test_circular_conv_against_torch():
    layer = CircularConv2d(3, 4, 5).double()
    peer = nn.Conv2d(3, 4, 5, padding=2, padding_mode="circular").double()
    peer.load_state_dict(layer.state_dict())
    torch.testing.assert_close(layer(X), peer(X))


def test_wrap_continues_on_the_other_side():
    x = torch.arange(4.0).reshape(1, 1, 1, 4).expand(1, 1, 4, 4)
    assert wrap(x, 1, 2)[0, 0, 0].tolist() == [3, 0, 1, 2, 3, 0, 1]


def test_blur_pool_keeps_constants_and_place():
    pool = BlurPool2d(5, 2).double()
    torch.testing.assert_close(pool(torch.ones_like(X)), torch.ones_like(X[..., ::2, ::2]))
    point = torch.zeros(1, 1, 8, 8, dtype=torch.float64)
    point[0, 0, 4, 4] = 1.0
    assert pool(point)[0, 0].argmax() == 2 * 4 + 2  # row 2, column 2 of the coarse 4 × 4
    assert pool(point)[0, 0, 2, 2] == (6 / 16) ** 2


def test_blur_pool_with_one_tap_is_subsampling():
    torch.testing.assert_close(BlurPool2d(1, 2)(X), Subsample2d(2)(X))


def test_max_pool_against_torch():
    torch.testing.assert_close(CircularMaxPool2d(2, 2)(X), nn.MaxPool2d(2)(X))


def test_anti_aliasing_lowers_the_error_and_more_taps_lower_it_more():
    group, act = Translations((8, 12)), coarse_fourier_shift(2)
    errors = [
        equivariance_error(BlurPool2d(taps, 2), group, shift, act, X, n=20) for taps in (1, 3, 5)
    ]
    assert errors[0] > 2 * errors[1] > 2 * errors[2]


def test_polyphase_pool_is_exact_where_subsampling_is_not():
    group = Translations((8, 12))
    exact = nn.Sequential(PolyphasePool2d(2), nn.ReLU(), GlobalPool2d("max"))
    aliased = nn.Sequential(Subsample2d(2), nn.ReLU(), GlobalPool2d("max"))
    assert equivariance_error(exact, group, shift, None, X, n=20) == 0
    assert equivariance_error(aliased, group, shift, None, X, n=20) > 0.1


def test_polyphase_pool_chooses_for_each_image_alone():
    together = PolyphasePool2d(2)(X)
    alone = torch.cat([PolyphasePool2d(2)(x[None]) for x in X])
    assert torch.equal(together, alone)


def test_global_pool():
    assert torch.equal(GlobalPool2d("max")(X), X.flatten(2).max(-1).values)
    torch.testing.assert_close(GlobalPool2d()(X), X.flatten(2).mean(-1))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Translations((6,), 4), "multiple of the step 4, got shape"),
        (lambda: Translations((0, 3)), "shape and step must be positive"),
        (lambda: Translations((4,), 0), "step 0"),
        (lambda: Translations(()), "shape and step"),
        (lambda: shift((1, 2, 3), torch.ones(4, 4)), "at least 3 axes"),
        (lambda: coarse_shift(2)((3,), torch.ones(4)), "g must be a multiple of 2"),
        (lambda: coarse_shift(0), "step must be at least 1"),
        (lambda: coarse_fourier_shift(-1), "step must be at least 1"),
        (lambda: fourier_shift((1,), torch.arange(4)), "x must be floating point, got torch.int64"),
        (lambda: flattened(shift, (2, 3))((1,), torch.ones(5)), r"axis of 6 for shape \(2, 3\)"),
        (lambda: circulant(torch.ones(2, 2)), r"kernel must be \(n,\)"),
        (lambda: circulant(torch.ones(0)), "n >= 1"),
        (lambda: fourier_convolve(X, torch.ones(3, 3).double()), r"kernel must be \(8, 12\)"),
        (lambda: CircularConv2d(1, 1, 4), "kernel_size must be odd, got 4"),
        (lambda: CircularConv2d(0, 1, 3), "must be positive, got 0, 1 and 3"),
        (lambda: CircularConv2d(2, 1, 3)(X), r"x must be \(B, 2, H, W\)"),
        (lambda: CircularConv2d(3, 1, 9).double()(X), r"at least 9 wide, got \(8, 12\)"),
        (lambda: Subsample2d(5)(X), "multiples of the stride 5, got 8 and 12"),
        (lambda: Subsample2d(0), "stride must be at least 1"),
        (lambda: CircularMaxPool2d(0), "kernel_size must be at least 1"),
        (lambda: CircularMaxPool2d(9, 1)(X), "at least 9, got 8 and 12"),
        (lambda: BlurPool2d(4), "taps must be odd, got 4"),
        (lambda: BlurPool2d(0), "taps must be at least 1"),
        (lambda: BlurPool2d(3)(X[0]), r"x must be \(B, C, H, W\)"),
        (lambda: PolyphasePool2d(3)(X), "multiples of the stride 3"),
        (lambda: GlobalPool2d("median"), "reduce must be 'mean' or 'max', got 'median'"),
        (lambda: GlobalPool2d()(X[0]), r"x must be \(B, C, H, W\)"),
        (lambda: GlobalPool2d()(X.long()), "x must be floating point, got torch.int64"),
        (lambda: BlurPool2d(3)(X.to(torch.uint8)), "x must be floating point, got torch.uint8"),
        (lambda: BlurPool2d(3)(X.numpy()), "x must be a tensor, got ndarray"),
        (lambda: Subsample2d(2)(X.tolist()), "x must be a tensor, got list"),
        (lambda: CircularConv2d(3, 1, 3)(X.long()), "x must be floating point"),
        (lambda: circulant([1.0, 2.0]), "kernel must be a tensor, got list"),
        (lambda: fourier_convolve(X.long(), X[0, 0]), "x must be floating point"),
        (lambda: fourier_convolve(X, X[0, 0].long()), "kernel must be floating point"),
        (lambda: fourier_convolve(X + 0j, X[0, 0]), "x must hold real numbers"),
        (lambda: fourier_shift((torch.nan, 1), X), "g must be finite"),
        (lambda: fourier_shift(0.5, X), "g must be a tuple of numbers, got 0.5"),
        (lambda: shift((1, 2), X.numpy()), "x must be a tensor, got ndarray"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
