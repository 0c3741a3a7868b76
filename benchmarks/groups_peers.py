"""The p4 convolution against escnn's, where escnn can be installed. Chapter 06.

escnn's layer has a basis of filters of its own; its filters are taken over as our weights, so
that both compute the same map, which is checked. Run by ``make bench-peers``.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import torch
from groups import LAST, OURS, PLAIN, both_ways, candidates
from timing import measure, save

from gdl_utils.groups.elements import Cyclic
from gdl_utils.groups.layers import GroupConv2d
from gdl_utils.training import seeded

ESCNN = "escnn"


def with_escnn(fields: int, size: int, batch: int, side: int) -> dict[str, Callable]:
    """The candidates of groups.py, and escnn's layer with the same filters."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from escnn import gspaces, nn

        space = gspaces.rot2dOnR2(N=4)
        kind = nn.FieldType(space, [space.regular_repr] * fields)
        with seeded(0):
            peer = nn.R2Conv(kind, kind, kernel_size=size, padding=size // 2).float()
        bank, _ = peer.expand_parameters()
    ours = GroupConv2d(fields, fields, size, Cyclic(4))
    with torch.no_grad():  # the rows of the first orientation are the unturned filters
        ours.weight.copy_(bank.reshape(fields, 4, fields, 4, size * size)[:, 0])
        ours.bias.copy_(peer.bias)
        x = torch.randn(2, fields, 4, 9, 9, generator=torch.Generator().manual_seed(0))
        theirs = peer(nn.GeometricTensor(x.flatten(1, 2), kind)).tensor
        assert (ours(x).flatten(1, 2) - theirs).abs().max() <= 1e-4 * theirs.abs().max()
    found = candidates(ours, batch, side)
    with seeded(0):
        image = torch.randn(batch, 4 * fields, side, side)

    def escnn(x: torch.Tensor, *parameters: torch.Tensor) -> torch.Tensor:
        values = dict(zip(("weights", "bias"), parameters, strict=True))
        return torch.func.functional_call(peer, values, (nn.GeometricTensor(x, kind),)).tensor

    last = image.contiguous(memory_format=torch.channels_last)
    return found | {
        name: both_ways(escnn, x, peer.weights, peer.bias)
        for name, x in ((ESCNN, image), (f"{ESCNN}, channels last", last))
    }


def wide(pixels: int) -> dict[str, Callable]:
    return with_escnn(32, 3, 32, round(pixels**0.5))


def narrow(pixels: int) -> dict[str, Callable]:
    return with_escnn(8, 5, 16, round(pixels**0.5))


if __name__ == "__main__":
    common = {"ours": OURS, "floor": LAST, "unit": "pixels"}
    jobs = [
        measure(
            "p4 convolution, 32 fields, 3 × 3, batch of 32, forward and backward", wide,
            sizes=[16**2, 32**2, 64**2], **common, target=None, rounds=11, budget=60.0,
        ),
        measure(
            "p4 convolution, 8 fields, 5 × 5, batch of 16, forward and backward", narrow,
            sizes=[14**2, 28**2, 56**2], **common, target="1.3 times as fast as escnn", rounds=25,
        ),
    ]  # fmt: skip
    save(
        "groups_peers",
        "Groups, against escnn",
        "The p4 convolution against escnn's layer with the same filters, forward and backward, in "
        f"training mode. {PLAIN} does the same arithmetic with its filters ready made.",
        jobs,
        packages=["escnn"],
    )
