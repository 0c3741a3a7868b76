"""Nonlinearities σ on features in frames: two exact, one sampled. See chapter 09, *Gauges*."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gdl_utils.arguments import whole
from gdl_utils.constants import Constants
from gdl_utils.gauges.layers import check_sizes, uniform
from gdl_utils.tensors import wide


class Gate(nn.Module):
    r"""Scale each pair by a number that the scalars decide on, and rectify the scalars.

    .. math:: y_0 = \mathrm{ReLU}(x_0), \qquad y_k = \sigma(A_k x_0 + b_k)\, x_k

    Parameters
    ----------
    channels, order : int

    Raises
    ------
    ValueError
        If ``channels`` is not positive or ``order`` negative. In ``forward``: if ``x`` is not
        (V, channels, 2 order + 1).

    References
    ----------
    Weiler et al. (2018), *3D Steerable CNNs*, section 4.4. Chapter 09, *Gauges*.
    """

    def __init__(self, channels: int, order: int) -> None:
        super().__init__()
        _, channels, _, order = check_sizes(channels, channels, order, order)
        self.shape = (channels, 2 * order + 1)
        self.weight = nn.Parameter(uniform(channels, channels * order, fan_in=channels))
        self.bias = nn.Parameter(torch.zeros(channels * order))

    def forward(self, x: Float[Tensor, "v c o"]) -> Float[Tensor, "v c o"]:
        _check_shape(x, self.shape)
        scalars = x[..., 0]
        gates = torch.sigmoid(scalars @ self.weight + self.bias).view(*x.shape[:2], -1)
        pairs = x[..., 1:] * gates.repeat_interleave(2, -1)
        return torch.cat([scalars.relu()[..., None], pairs], -1)


class NormReLU(nn.Module):
    r"""Shorten each pair, and leave its direction: :math:`y = \mathrm{ReLU}(|x| + b)\, x / |x|`.

    Parameters
    ----------
    channels, order : int

    Raises
    ------
    ValueError
        If ``channels`` is not positive or ``order`` negative. In ``forward``: if ``x`` is not
        (V, channels, 2 order + 1).

    Notes
    -----
    The scalars are rectified after adding a bias. A pair of length 0 stays 0.

    References
    ----------
    Worrall et al. (2017), *Harmonic Networks*, section 4.2. Chapter 09, *Gauges*.
    """

    def __init__(self, channels: int, order: int) -> None:
        super().__init__()
        _, channels, _, order = check_sizes(channels, channels, order, order)
        self.shape = (channels, 2 * order + 1)
        self.bias = nn.Parameter(torch.zeros(channels, order + 1))

    def forward(self, x: Float[Tensor, "v c o"]) -> Float[Tensor, "v c o"]:
        _check_shape(x, self.shape)
        dtype, x, bias = x.dtype, wide(x), wide(self.bias)
        scalars = (x[..., :1] + bias[:, :1]).relu()
        pairs = x[..., 1:].unflatten(-1, (-1, 2))
        length = _length(pairs)
        scale = torch.where(length > 0, (length + bias[:, 1:]).relu() / length.clamp(1e-30), 0)
        return torch.cat([scalars, (pairs * scale[..., None]).flatten(-2)], -1).to(dtype)


class SampledReLU(Constants):
    r"""Rectify the function on the circle that a channel describes, at N samples of it.

    A channel is a Fourier series :math:`f(\alpha) = x_0 + \sum_k a_k \cos k\alpha + b_k \sin k
    \alpha`. It is sampled, rectified, and transformed back to the orders that it had. Only turns by
    360°/N are kept exactly; the error for others falls with N.

    Parameters
    ----------
    order : int
    samples : int
        N, at least 2 order + 1.

    Raises
    ------
    ValueError
        If there are too few samples, or ``order`` is negative. In ``forward``: if ``x`` is not
        (V, C, 2 order + 1).

    References
    ----------
    de Haan et al. (2021), section 4, *RegularNonlinearity*. Chapter 09, *Gauges*.
    """

    def __init__(self, order: int, samples: int) -> None:
        super().__init__()
        self.order = check_sizes(1, 1, order, order)[2]
        self.samples = whole("samples", samples, 2 * self.order + 1)
        self.make_constants()

    def constants(self) -> dict[str, Tensor]:
        """The waves at the samples, and back, in float64."""
        order, samples = self.order, self.samples
        angles = 2 * math.pi * torch.arange(samples, dtype=torch.float64) / samples
        k = torch.arange(1, order + 1)
        waves = torch.stack([torch.cos(angles[:, None] * k), torch.sin(angles[:, None] * k)], -1)
        waves = torch.cat([torch.ones(samples, 1, dtype=torch.float64), waves.flatten(1)], 1)
        weights = torch.full((2 * order + 1,), 2 / samples, dtype=torch.float64)
        weights[0] = 1 / samples
        return {"waves": waves, "back": waves * weights}

    def forward(self, x: Float[Tensor, "v c o"]) -> Float[Tensor, "v c o"]:
        _check_shape(x, (x.shape[1] if x.ndim == 3 else 1, 2 * self.order + 1))
        return (x @ self.waves.T.to(x.dtype)).relu() @ self.back.to(x.dtype)


def _length(pairs: Tensor) -> Tensor:
    """Lengths, with gradient 0 rather than NaN where they vanish."""
    square = pairs.square().sum(-1)
    return torch.where(square > 0, square, 1).sqrt() * (square > 0)


def _check_shape(x: Tensor, shape: tuple[int, int]) -> None:
    if x.ndim != 3 or x.shape[1:] != shape:
        raise ValueError(f"x must be (V, {shape[0]}, {shape[1]}), got {tuple(x.shape)}")
