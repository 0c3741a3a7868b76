"""Linear maps on graphs that commute with relabelling. See chapter 04, *The blueprint*."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from gdl_utils.graphs.actions import check_edges


class GraphConv(nn.Module):
    r"""Each node's own features, plus the sum over its neighbours'.

    .. math:: y_i = W_1 x_i + W_2 \sum_{j \to i} x_j + b

    Parameters
    ----------
    in_channels, out_channels : int

    Raises
    ------
    ValueError
        If a number of channels is not positive. In ``forward``: if ``x`` is not
        (n, in_channels), or ``edge_index`` is not (2, E) of its labels.

    Notes
    -----
    x (n, in_channels), edge_index (2, E), row 0 the source and row 1 the target of each edge →
    (n, out_channels). A node without neighbours keeps its own term.

    References
    ----------
    Morris et al. (2019), *Weisfeiler and Leman Go Neural*, equation 5. Chapter 04, *The
    blueprint*.
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        if min(in_channels, out_channels) < 1:
            raise ValueError(
                "in_channels and out_channels must be positive, got "
                f"{in_channels} and {out_channels}"
            )
        bound = 1 / math.sqrt(in_channels)
        self.own = nn.Parameter(torch.empty(in_channels, out_channels).uniform_(-bound, bound))
        self.others = nn.Parameter(torch.empty(in_channels, out_channels).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.zeros(out_channels))

    def forward(
        self, x: Float[Tensor, "n c"], edge_index: Int64[Tensor, "2 e"]
    ) -> Float[Tensor, "n o"]:
        if x.ndim != 2 or x.shape[1] != len(self.own):
            raise ValueError(f"x must be (n, {len(self.own)}), got {tuple(x.shape)}")
        check_edges(edge_index, len(x))
        source, target = edge_index
        gathered = torch.zeros_like(x).index_add_(0, target, x[source])
        return x @ self.own + gathered @ self.others + self.bias

    def extra_repr(self) -> str:
        return f"{self.own.shape[0]}, {self.own.shape[1]}"
