"""A whole network on surfaces, and surfaces side by side. See chapter 09, *Gauges*."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from gdl_utils.arguments import whole
from gdl_utils.gauges.layers import GaugeConv
from gdl_utils.gauges.nonlinearities import Gate
from gdl_utils.gauges.transport import Connection
from gdl_utils.graphs.pooling import GlobalPool, parts


def mirrored(connection: Connection) -> Connection:
    """The connection of the mirror image: what turned left turns right.

    Notes
    -----
    With the faces turned around, counterclockwise seen from outside becomes clockwise, and every
    angle changes its sign. Vertices and edges stay. Chapter 09, *Gauges*.
    """
    return Connection(
        connection.n, connection.edge_index, -connection.transports, -connection.directions
    )


def batch_connections(connections: Sequence[Connection]) -> tuple[Connection, Int[Tensor, " n"]]:
    """Several surfaces as one with several pieces.

    Parameters
    ----------
    connections : sequence of Connection
        At least one.

    Returns
    -------
    Connection
        Of all frames, one surface's after the other's.
    Tensor, (n,)
        Which surface each frame is of.

    Raises
    ------
    ValueError
        If there is none.

    Notes
    -----
    Chapter 09, *Gauges*.
    """
    if not connections:
        raise ValueError("connections must hold at least one, got none")
    device = connections[0].edge_index.device
    sizes = [c.n for c in connections]
    starts = itertools.accumulate(sizes, initial=0)
    union = Connection(
        sum(sizes),
        torch.cat([c.edge_index + start for c, start in zip(connections, starts)], 1),
        torch.cat([c.transports for c in connections]),
        torch.cat([c.directions for c in connections]),
    )
    each = torch.arange(len(sizes), device=device)
    return union, each.repeat_interleave(torch.tensor(sizes, device=device))


class GaugeNet(nn.Module):
    """From a scalar signal to one number a surface, whatever the frames.

    A lifting convolution, ``layers`` more with a shortcut each, a last one to scalars, their mean
    over the surface, and a linear map.

    Parameters
    ----------
    channels : int
        Of every hidden field.
    order : int
        Largest order of the hidden fields; 0 makes the network isotropic.
    layers : int
        How many convolutions between the first and the last.

    Raises
    ------
    ValueError
        If ``channels`` is not positive, or ``order`` or ``layers`` is negative. In ``forward``: if
        x is not (V, 1, 1), or ``batch`` is not V numbers of surfaces from 0 on.

    Notes
    -----
    x (V, 1, 1), connection, batch (V,) → (S,): as many as ``batch`` names, or ``surfaces``, which
    must be given where values are not known, on the meta device and within ``torch.compile``. What
    a surface without vertices gets is that of all zeros. Chapter 09, *Gauges*.
    """

    def __init__(self, channels: int, order: int, layers: int = 2) -> None:
        super().__init__()
        if whole("layers", layers) < 0:
            raise ValueError(f"layers must not be negative, got {layers}")
        self.lift = GaugeConv(1, channels, 0, order)
        self.mix = nn.ModuleList(GaugeConv(channels, channels, order, order) for _ in range(layers))
        # Of scalars, rectifying is all that a gate does.
        self.between = nn.ModuleList(
            Gate(channels, order) if order else nn.ReLU() for _ in range(layers + 1)
        )
        self.last = GaugeConv(channels, 2 * channels, order, 0)
        self.mean = GlobalPool("mean")
        self.readout = nn.Linear(2 * channels, 1)

    def forward(
        self,
        x: Float[Tensor, "v 1 1"],
        connection: Connection,
        batch: Int[Tensor, " v"] | Int[np.ndarray, " v"] | list | tuple,
        surfaces: int | None = None,
    ) -> Float[Tensor, " s"]:
        batch, surfaces = parts("batch", batch, len(x), surfaces, x.device, "surfaces")
        h = self.between[0](self.lift(x, connection))
        for mix, rectify in zip(self.mix, self.between[1:]):
            h = h + rectify(mix(h, connection))
        h = self.last(h, connection)[..., 0].relu()
        return self.readout(self.mean(h, batch, surfaces))[:, 0]


class OddUnderReflection(nn.Module):
    r"""What a network says of a surface, minus what it says of the mirror image.

    .. math:: g(x, c) = f(x, c) - f(x, \bar c) = -g(x, \bar c)

    Handedness changes its sign in a mirror, and so does this, whatever f has learnt.

    Parameters
    ----------
    network : nn.Module
        f, called with x, connection, batch and, if given, the number of surfaces.

    Notes
    -----
    Chapter 09, *Gauges*.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(
        self, x: Float[Tensor, "v 1 1"], connection: Connection, *batch: Any
    ) -> Float[Tensor, " s"]:
        return self.network(x, connection, *batch) - self.network(x, mirrored(connection), *batch)
