r"""Layers on features that are written in frames, and commute with every change of gauge.

Features are (V, C, 2m + 1): each channel has one scalar and a pair (a, b) for every order k from 1
to m. The pair is a vector that turns k times as fast as the frame; for k = 1 an ordinary tangent
vector. A network for a mesh, on scalars in and invariant scalars out:

>>> import torch
>>> from gdl_utils.data.spot import load_spot
>>> from gdl_utils.gauges.nonlinearities import Gate
>>> from gdl_utils.gauges.pooling import Invariants
>>> from gdl_utils.gauges.transport import vertex_connection
>>> from gdl_utils.geodesics.mesh import Mesh
>>> connection = vertex_connection(Mesh(*load_spot()))
>>> lift, mix, gate = GaugeConv(1, 8, 0, 2), GaugeConv(8, 8, 2, 2), Gate(8, 2)
>>> x = torch.randn(connection.n, 1, 1)
>>> y = Invariants()(mix(gate(lift(x, connection)), connection))
>>> y.shape
torch.Size([2930, 24])

See chapter 09, *Gauges*.
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from gdl_utils.arguments import positive, wholes
from gdl_utils.gauges.transport import Connection
from gdl_utils.gauges.turning import turn
from gdl_utils.tensors import wide


class GaugeConv(nn.Module):
    r"""Look at each neighbour's feature relative to the way it lies in, mix, and turn back.

    .. math::
        y_i = W x_i + \frac{1}{\deg i} \sum_{j \to i} K(\varphi_{ij})\, R(\rho_{ij})\, x_j + b,
        \qquad K(\varphi) = R_\mathrm{out}(\varphi)\, K_0\, R_\mathrm{in}(-\varphi)

    where :math:`\rho_{ij}` carries the feature from j to i, and j lies in the direction
    :math:`\varphi_{ij}`. The constraint :math:`K(\varphi - \theta) = R_\mathrm{out}(-\theta)
    K(\varphi) R_\mathrm{in}(\theta)` leaves :math:`K_0`, the kernel for a neighbour straight
    ahead, free; W has no direction to go by and commutes with every turn.

    Parameters
    ----------
    in_channels, out_channels : int
    in_order, out_order : int
        Largest orders of the features that come in and go out.
    bias : bool
        Added to the scalars: it is not a vector, hence the same in every frame.

    Raises
    ------
    ValueError
        If a number of channels is not positive or an order is negative. In ``forward``: if
        ``connection`` is none, or ``x`` is not (n, in_channels, 2 in_order + 1) for its n frames.

    Notes
    -----
    x (V, in_channels, 2 in_order + 1), connection → (V, out_channels, 2 out_order + 1).

    References
    ----------
    de Haan, Weiler, Cohen, Welling (2021), *Gauge Equivariant Mesh CNNs*, equations 2 and 4 and
    table 1. Chapter 09, *Gauges*.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        in_order: int,
        out_order: int,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.sizes = check_sizes(in_channels, out_channels, in_order, out_order)
        in_channels, out_channels, in_order, out_order = self.sizes
        wide_in, wide_out = in_channels * (2 * in_order + 1), out_channels * (2 * out_order + 1)
        self.kernel = nn.Parameter(uniform(wide_in, wide_out, fan_in=wide_in))
        common = min(in_order, out_order)
        self.own_scalar = nn.Parameter(uniform(in_channels, out_channels, fan_in=in_channels))
        self.own_pairs = nn.Parameter(
            uniform(common, 2, in_channels, out_channels, fan_in=2 * in_channels)
        )
        self.bias = nn.Parameter(torch.zeros(out_channels)) if bias else None

    def forward(self, x: Float[Tensor, "v c o"], connection: Connection) -> Float[Tensor, "v d p"]:
        in_channels, out_channels, in_order, out_order = self.sizes
        if not isinstance(connection, Connection):
            raise ValueError(f"connection must be a Connection, got {type(connection).__name__}")
        expected = (connection.n, in_channels, 2 * in_order + 1)
        if x.shape != expected:
            raise ValueError(f"x must be {expected}, got {tuple(x.shape)}")
        check_device(x, connection)
        source, target = connection.edge_index
        turn_in = _waves(connection.transports - connection.directions, in_order, x.dtype)
        # At the edges, orders come before channels: what is turned by one angle lies side by side.
        seen = turn(x.transpose(1, 2).contiguous()[source], *turn_in)
        kernel = self.kernel.view(in_channels, 2 * in_order + 1, out_channels, 2 * out_order + 1)
        kernel = kernel.permute(1, 0, 3, 2).reshape(seen.shape[1] * in_channels, -1)
        mixed = seen.flatten(1) @ kernel
        mixed = mixed.view(len(source), 2 * out_order + 1, out_channels)
        share = 1 / connection.degrees.clamp(min=1).to(mixed.dtype)
        turn_out = _waves(connection.directions, out_order, mixed.dtype)
        turned = wide(turn(mixed, *(share[target, None] * wave for wave in turn_out)))
        summed = turned.new_zeros(connection.n, *turned.shape[1:]).index_add_(0, target, turned)
        return self._own(x) + summed.transpose(1, 2).to(mixed.dtype)

    def _own(self, x: Tensor) -> Tensor:
        """W x and the bias: scalars mix with scalars, pairs with pairs of their order."""
        out_order = self.sizes[3]
        parts = [x[..., 0] @ self.own_scalar]
        if self.bias is not None:
            parts[0] = parts[0] + self.bias.to(parts[0].dtype)
        for k, (even, odd) in enumerate(self.own_pairs):
            a, b = x[..., 2 * k + 1], x[..., 2 * k + 2]
            parts += [a @ even - b @ odd, a @ odd + b @ even]
        own = torch.stack(parts, -1)
        return F.pad(own, (0, 2 * out_order + 1 - len(parts)))  # orders that x does not have

    def extra_repr(self) -> str:
        return "{}, {}, in_order={}, out_order={}".format(*self.sizes)


def _waves(angles: Tensor, order: int, dtype: torch.dtype) -> list[Tensor]:
    """Ones, cos kα and sin kα for k = 1 … m, as (E, 1), (E, m), (E, m)."""
    turns = angles[:, None] * torch.arange(1, order + 1, device=angles.device)
    ones = torch.ones_like(angles, dtype=dtype)[:, None]
    return [ones, turns.cos().to(dtype), turns.sin().to(dtype)]


class IsotropicConv(nn.Module):
    r"""The same with scalars only: every neighbour counts alike, wherever it lies.

    .. math:: y_i = x_i W + \frac{1}{\deg i} \sum_{j \to i} x_j K + b

    It cannot tell left from right: nothing in it depends on a direction.

    Parameters
    ----------
    in_channels, out_channels : int

    Raises
    ------
    ValueError
        If a number of channels is not positive. In ``forward``: if ``x`` is not
        (n, in_channels, 1).

    Notes
    -----
    x (V, in_channels, 1), connection → (V, out_channels, 1). Chapter 09, *Gauges*.
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv = GaugeConv(in_channels, out_channels, 0, 0)

    def forward(self, x: Float[Tensor, "v c 1"], connection: Connection) -> Float[Tensor, "v d 1"]:
        return self.conv(x, connection)


def kernel_basis(
    in_order: int, out_order: int, direction: Float[Tensor, " d"]
) -> Float[Tensor, "r d p o"]:
    r"""All kernels from features of one order to features of another, at some directions.

    :math:`K(\varphi) = R_\mathrm{out}(\varphi)\, E\, R_\mathrm{in}(-\varphi)` for each elementary
    matrix E: from a scalar to a scalar there is 1, between scalars and pairs there are 2, between
    pairs there are 4.

    Parameters
    ----------
    in_order, out_order : int
        Order of the one scalar (0) or pair (k ≥ 1) on either side.
    direction : Tensor, (D,)
        Where the neighbours lie, in radians.

    Returns
    -------
    Tensor, (r, D, d_out, d_in)

    Raises
    ------
    ValueError
        If an order is negative.

    References
    ----------
    de Haan et al. (2021), table 1. Chapter 09, *Gauges*.
    """
    _, _, in_order, out_order = check_sizes(1, 1, in_order, out_order)
    before, after = (
        _turns(-in_order * direction, in_order),
        _turns(out_order * direction, out_order),
    )
    elementary = torch.eye(
        after.shape[-1] * before.shape[-1], dtype=direction.dtype, device=direction.device
    )
    elementary = elementary.view(-1, 1, after.shape[-1], before.shape[-1])
    return after @ elementary @ before


def _turns(angles: Tensor, order: int) -> Tensor:
    """Matrices of a turn: (D, 2, 2), or (D, 1, 1) of ones for scalars."""
    if order == 0:
        return torch.ones_like(angles)[:, None, None]
    c, s = angles.cos(), angles.sin()
    return torch.stack([torch.stack([c, -s], -1), torch.stack([s, c], -1)], -2)


def uniform(*shape: int, fan_in: int) -> Tensor:
    """Draw initial weights from ± 1/√fan_in. Chapter 09, *Gauges*."""
    bound = 1 / math.sqrt(max(fan_in, 1))
    return torch.empty(*shape).uniform_(-bound, bound)


def check_sizes(
    in_channels: int, out_channels: int, in_order: int, out_order: int
) -> tuple[int, int, int, int]:
    """Return the four as whole numbers. Chapter 09, *Gauges*.

    Raises
    ------
    ValueError
        Unless they are whole numbers, channels are positive and orders are not negative.
    """
    channels = positive(in_channels=in_channels, out_channels=out_channels)
    orders = wholes(in_order=in_order, out_order=out_order)
    if min(orders) < 0:
        raise ValueError(
            f"in_order and out_order must not be negative, got {in_order} and {out_order}"
        )
    return (*channels, *orders)


def check_device(x: Tensor, connection: Connection) -> None:
    """Raise ``ValueError`` unless features and connection are on one device. Chapter 09."""
    device = connection.edge_index.device
    if x.device != device:
        raise ValueError(f"connection must be on the device of x, {x.device}, got {device}")
