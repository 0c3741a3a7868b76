"""HOG: by hand, by its symmetries, and against plain loops."""

import math

import pytest
import torch

from gdl_utils.features import hog


def ramp(angle, side=8):
    """Brightness that rises by 0.1 a pixel in a direction; counterclockwise from the right."""
    rows, columns = torch.meshgrid(*2 * [torch.arange(side).double()], indexing="ij")
    return (0.1 * (math.cos(angle) * columns - math.sin(angle) * rows))[None, None]


def test_a_ramp_votes_for_its_direction_by_hand():
    """Away from the border each of 16 pixels votes 0.2, all for one bin."""
    f = hog(ramp(0, 16), bins=4).reshape(4, 2, 2, 3, 3)  # bin, block, place
    inner = f[:, :, :, 1, 1]  # the middle block, which no border touches
    length = 16 * 0.2
    wanted = length / math.sqrt(4 * length**2 + 0.01)
    assert torch.allclose(inner[0], torch.full((2, 2), wanted).double(), atol=1e-12)
    assert inner[1:].abs().max() < 1e-12


def test_a_direction_between_two_bins_is_shared():
    f = hog(ramp(-math.pi / 8, 16), bins=4).reshape(4, 2, 2, 3, 3)[:, 0, 0, 1, 1]
    assert torch.allclose(f[0], f[1])
    assert f[2:].abs().max() < 1e-12


def test_contrast_and_brightness_hardly_matter():
    x = torch.rand(3, 1, 12, 12, generator=torch.Generator().manual_seed(0)).double()
    assert torch.allclose(hog(1 - x), hog(x))  # light on dark is dark on light
    assert torch.allclose(hog(x + 5), hog(x))
    assert (hog(0.5 * x) - hog(x)).abs().max() < 1e-3
    assert hog(torch.ones(1, 1, 8, 8)).abs().max() == 0


def test_against_loops():
    x = torch.rand(1, 1, 8, 12, generator=torch.Generator().manual_seed(1)).double()
    image, bins = x[0, 0], 6
    cells = torch.zeros(bins, 2, 3).double()
    for i in range(8):
        for j in range(12):
            dy = image[min(i + 1, 7), j] - image[max(i - 1, 0), j]
            dx = image[i, min(j + 1, 11)] - image[i, max(j - 1, 0)]
            where = (math.atan2(dy, dx) % math.pi) / math.pi * bins
            low = int(where) % bins
            for k, share in ((low, 1 - where % 1), ((low + 1) % bins, where % 1)):
                cells[k, i // 4, j // 4] += share * math.hypot(dy, dx)
    blocks = torch.stack([cells[:, :, k : k + 2].flatten() for k in range(2)], dim=1)
    blocks = blocks / (blocks.square().sum(0) + 0.01).sqrt()
    assert torch.allclose(hog(x, bins=bins), blocks.flatten()[None])


def test_size():
    assert hog(torch.zeros(2, 1, 28, 28)).shape == (2, 1296)


@pytest.mark.parametrize(
    ("shape", "options", "message"),
    [
        ((2, 3, 28, 28), {}, r"images must be \(B, 1, H, W\), got \(2, 3, 28, 28\)"),
        ((28, 28), {}, r"images must be \(B, 1, H, W\), got \(28, 28\)"),
        ((2, 1, 28, 30), {}, r"whole cells of 4, got \(28, 30\)"),
        ((2, 1, 4, 28), {}, r"two or more whole cells of 4, got \(4, 28\)"),
        ((2, 1, 8, 8), {"cell": 0}, "whole cells of 0"),
        ((2, 1, 8, 8), {"bins": 1}, "bins must be at least 2, got 1"),
    ],
)
def test_bad_input(shape, options, message):
    with pytest.raises(ValueError, match=message):
        hog(torch.zeros(shape), **options)
