"""From features in frames to what does not depend on frames. See chapter 09, *Gauges*."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gdl_utils.gauges.actions import check_features


class Invariants(nn.Module):
    """What does not depend on the frames: the scalars, and the squared lengths of the pairs.

    Raises
    ------
    ValueError
        In ``forward``: if ``x`` is not (V, C, 2m + 1).

    Notes
    -----
    x (V, C, 2m + 1) → (V, C (m + 1)), for each channel the scalar and then its pairs' in order of
    their order. Chapter 09, *Gauges*.
    """

    def forward(self, x: Float[Tensor, "v c o"]) -> Float[Tensor, "v d"]:
        check_features(x)
        squares = x[..., 1:].square().unflatten(-1, (-1, 2)).sum(-1)
        return torch.cat([x[..., :1], squares], -1).flatten(1)
