"""A group convolution against the plain convolution that does the same arithmetic. Chapter 06.

A p4 convolution with F fields is a convolution with 4 F channels whose filters are copies: no
implementation on top of conv2d can be faster than that convolution with its filters ready made.
So conv2d is the peer, as it comes and with channels stored last, and the faster one is the limit.
escnn's layer is timed by groups_peers.py, which needs an environment of its own.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from timing import measure, save
from torch import Tensor
from torch.nn import functional as F

from gdl_utils.groups.elements import Cyclic
from gdl_utils.groups.layers import GroupConv2d, HexGroupConv2d
from gdl_utils.training import seeded

OURS, PLAIN, LAST = "gdl_utils", "conv2d", "conv2d, channels last"


def both_ways(f: Callable[..., Tensor], *leaves: Tensor) -> Callable[[], tuple[Tensor, ...]]:
    """One step: the map, then the gradients of its sum of squares by input, weights and bias."""
    leaves = tuple(leaf.detach().requires_grad_() for leaf in leaves)

    def step() -> tuple[Tensor, ...]:
        y = f(*leaves)
        return y, *torch.autograd.grad(y.square().sum(), leaves)

    return step


def candidates(layer: GroupConv2d | HexGroupConv2d, batch: int, side: int) -> dict[str, Callable]:
    """Our layer and the two plain convolutions, on one random signal on the group."""
    fields, orientations = layer.weight.shape[1], len(layer.group.elements())
    with seeded(0):
        torch.nn.init.normal_(layer.bias)
        image = torch.randn(batch, fields * orientations, side, side)

    def ours(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        return torch.func.functional_call(layer, {"weight": weight, "bias": bias}, (x,))

    def plain(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        return F.conv2d(x, weight, bias, padding=weight.shape[-1] // 2)

    conv, by_channel = layer.as_conv2d(), {"memory_format": torch.channels_last}
    # The layer gets its input as another one would leave it, which is channels last.
    x = image.contiguous(**by_channel).unflatten(1, (fields, orientations))
    found = {
        OURS: both_ways(ours, x, layer.weight, layer.bias),
        PLAIN: both_ways(plain, image, conv.weight, conv.bias),
        LAST: both_ways(
            plain, image.contiguous(**by_channel), conv.weight.detach().contiguous(**by_channel),
            conv.bias,
        ),
    }  # fmt: skip
    (y, grad, *_), (z, plain_grad, *_) = found[OURS](), found[PLAIN]()
    if isinstance(layer, GroupConv2d):  # on a hexagon the corners of the array differ
        for a, b in ((y.flatten(1, 2), z), (grad.flatten(1, 2), plain_grad)):
            assert (a - b).abs().max() <= 1e-4 * b.abs().max()
    return found


def p4_wide(pixels: int) -> dict[str, Callable]:
    with seeded(0):
        layer = GroupConv2d(32, 32, 3, Cyclic(4))
    return candidates(layer, 32, round(pixels**0.5))


def p4_narrow(pixels: int) -> dict[str, Callable]:
    with seeded(0):
        layer = GroupConv2d(8, 8, 5, Cyclic(4))
    return candidates(layer, 16, round(pixels**0.5))


def p6(pixels: int) -> dict[str, Callable]:
    with seeded(0):
        layer = HexGroupConv2d(8, 8, 2, Cyclic(6))
    return candidates(layer, 16, round(pixels**0.5))


MISSING = {"escnn": "needs numpy below 2 and a Fortran compiler: make bench-peers"}

if __name__ == "__main__":
    common = {"ours": OURS, "floor": LAST, "missing": MISSING}
    jobs = [
        measure(
            "p4 convolution, 32 fields, 3 × 3, batch of 32, forward and backward", p4_wide,
            sizes=[16**2, 32**2, 64**2], unit="pixels", **common,
            target="at most 1.10 times the faster conv2d", rounds=11, budget=60.0,
        ),
        measure(
            "p4 convolution, 8 fields, 5 × 5, batch of 16, forward and backward", p4_narrow,
            sizes=[14**2, 28**2, 56**2], unit="pixels", **common,
            target="at most 1.10 times the faster conv2d", rounds=25,
        ),
        measure(
            "p6 convolution, 8 fields, radius 2, batch of 16, forward and backward", p6,
            sizes=[15**2, 29**2, 57**2], unit="array positions", **common, rounds=25,
        ),
    ]  # fmt: skip
    save(
        "groups",
        "Groups",
        "A p4 convolution with F fields against the plain convolution with 4 F channels that does "
        "the same arithmetic, its filters ready made: as it comes, and with channels stored last. "
        "Ours also makes the filters out of their fewer weights, and sums the gradients back onto "
        "them. On hexagons the plain convolution runs over the whole array and keeps no symmetry.",
        jobs,
    )
