"""A change of gauge: every vertex turns its axes, and everything measured in them turns back.

See chapter 09, *Gauges*.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from gdl_utils.arguments import whole
from gdl_utils.gauges.transport import Connection
from gdl_utils.tensors import wide


@dataclass(frozen=True)
class Gauges:
    """All changes of gauge of n frames: one angle θ for each, in radians.

    An element is a tensor (n,): frame v is turned counterclockwise by ``theta[v]``. Angles are
    added and not wrapped, so that the laws hold to rounding.

    Raises
    ------
    ValueError
        If ``n`` is not positive.

    Notes
    -----
    Chapter 09, *Gauges*.
    """

    n: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "n", whole("n", self.n, 1))

    def sample(self, rng: torch.Generator) -> Float[Tensor, " n"]:
        return (
            2 * math.pi * torch.rand(self.n, generator=rng, dtype=torch.float64, device=rng.device)
        )

    def identity(self) -> Float[Tensor, " n"]:
        return torch.zeros(self.n, dtype=torch.float64, device="cpu")

    def compose(self, g: Tensor, h: Tensor) -> Float[Tensor, " n"]:
        return g + h

    def inverse(self, g: Tensor) -> Float[Tensor, " n"]:
        return -g


def rotate_features(angles: Float[Tensor, " n"], x: Tensor) -> Tensor:
    r"""Turn what the features describe by an angle at each vertex; the frames stay.

    The scalar stays, and the pair of order k turns by kα:
    :math:`(a, b) \mapsto (a \cos k\alpha - b \sin k\alpha,\ a \sin k\alpha + b \cos k\alpha)`.

    Parameters
    ----------
    angles : Tensor, (N,)
        Radians.
    x : Tensor, (N, C, 2m + 1)
        In every channel one scalar, then the pairs of order 1 to m.

    Returns
    -------
    Tensor, (N, C, 2m + 1)

    Raises
    ------
    ValueError
        If ``x`` is not (N, C, 2m + 1), or the angles are not N.

    Notes
    -----
    Chapter 09, *Gauges*.
    """
    order = check_features(x)
    if angles.shape != x.shape[:1]:
        raise ValueError(f"angles must be ({len(x)},), got {tuple(angles.shape)}")
    if order == 0:
        return x
    dtype, x = x.dtype, wide(x)
    turned = angles.to(x.device)[:, None, None] * torch.arange(1, order + 1, device=x.device)
    turn = torch.polar(torch.ones_like(turned), turned).to(x.dtype.to_complex())
    scalars, pairs = x.split([1, 2 * order], -1)
    pairs = torch.complex(*pairs.unflatten(-1, (order, 2)).unbind(-1))
    return torch.cat([scalars, torch.view_as_real(pairs * turn).flatten(-2)], -1).to(dtype)


def change_features(theta: Float[Tensor, " n"], x: Tensor) -> Tensor:
    """Write features in frames that were turned by θ: the pair of order k turns by −kθ.

    Parameters and errors are those of :func:`rotate_features`. Chapter 09, *Gauges*.
    """
    return rotate_features(-theta, x)


def change_connection(theta: Float[Tensor, " n"], connection: Connection) -> Connection:
    r"""Write a connection in frames that were turned by θ.

    A direction seen from i loses :math:`\theta_i`; a transport from j to i becomes
    :math:`\rho_{ij} - \theta_i + \theta_j`.

    Parameters
    ----------
    theta : Tensor, (n,)
        Radians.
    connection : Connection
        Of n frames.

    Returns
    -------
    Connection

    Raises
    ------
    ValueError
        If there is not one angle for each frame.

    Notes
    -----
    Chapter 09, *Gauges*.
    """
    if theta.shape != (connection.n,):
        raise ValueError(f"theta must be ({connection.n},), got {tuple(theta.shape)}")
    source, target = connection.edge_index
    theta, dtype = theta.to(connection.edge_index.device), connection.transports.dtype
    return Connection(
        connection.n,
        connection.edge_index,
        (connection.transports - theta[target] + theta[source]).to(dtype),
        (connection.directions - theta[target]).to(dtype),
    )


def check_features(x: Tensor) -> int:
    """Return the largest order m of features (N, C, 2m + 1). Chapter 09, *Gauges*.

    Raises
    ------
    ValueError
        If ``x`` has another shape.
    """
    if x.ndim != 3 or x.shape[2] % 2 == 0:
        raise ValueError(f"x must be (N, C, 2m + 1), got {tuple(x.shape)}")
    return x.shape[2] // 2
