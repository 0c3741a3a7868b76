"""The linear maps that commute with shifts: convolutions. See chapter 05, *Grids*."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from gdl_utils.arguments import positive, signal
from gdl_utils.tensors import wide


def circulant(kernel: Float[Tensor, " n"]) -> Float[Tensor, "n n"]:
    r"""Matrix of the circular convolution with ``kernel``: :math:`C_{uv} = w_{(u-v) \bmod n}`.

    Parameters
    ----------
    kernel : Tensor, (n,)
        Its value at 0 stands first.

    Returns
    -------
    Tensor, (n, n)
        ``circulant(w) @ x`` is :math:`(w * x)_u = \sum_v w_{u-v}\, x_v`.

    Raises
    ------
    ValueError
        If ``kernel`` is not one-dimensional, or empty.

    References
    ----------
    Bronstein et al. (2021), *Geometric Deep Learning*, section 4.2. Chapter 05, *Grids*.
    """
    signal("kernel", kernel)
    if kernel.ndim != 1 or kernel.numel() == 0:
        raise ValueError(f"kernel must be (n,) with n >= 1, got {tuple(kernel.shape)}")
    n = torch.arange(len(kernel), device=kernel.device)
    return kernel[(n[:, None] - n[None, :]) % len(kernel)]


def fourier_convolve(
    x: Float[Tensor, "... h w"], kernel: Float[Tensor, "h w"]
) -> Float[Tensor, "... h w"]:
    r"""Circular convolution as a product of spectra: :math:`w * x = F^{-1}(F w \cdot F x)`.

    Parameters
    ----------
    x : Tensor, (..., H, W)
    kernel : Tensor, (H, W)
        As large as the grid; its value at (0, 0) stands first.

    Returns
    -------
    Tensor, (..., H, W)

    Raises
    ------
    ValueError
        If the kernel is not as large as the grid.

    References
    ----------
    Bronstein et al. (2021), *Geometric Deep Learning*, section 4.2. Chapter 05, *Grids*.
    """
    for name, values in (("x", x), ("kernel", kernel)):
        signal(name, values, floating=True)
        if values.is_complex() or not values.numel():
            raise ValueError(
                f"{name} must hold real numbers, got {tuple(values.shape)} {values.dtype}"
            )
    if kernel.ndim != 2 or kernel.shape != x.shape[-2:]:
        raise ValueError(f"kernel must be {tuple(x.shape[-2:])}, got {tuple(kernel.shape)}")
    spectrum = torch.fft.rfft2(wide(x)) * torch.fft.rfft2(wide(kernel))
    return torch.fft.irfft2(spectrum, s=kernel.shape).to(x.dtype)


class CircularConv2d(nn.Module):
    r"""Convolution on a periodic grid: the linear layer B that commutes with every shift.

    .. math:: y_o(u) = b_o + \sum_{c} \sum_{v} w_{oc}(v)\, x_c(u + v),

    v running over a window around 0: the cross-correlation that the field calls convolution.

    Parameters
    ----------
    in_channels, out_channels : int
    kernel_size : int
        Odd, so that the window has a centre.
    bias : bool
        One number for each output channel; any other bias would break the symmetry.

    Raises
    ------
    ValueError
        If a size is not positive or the kernel's is even. In ``forward``: if the input is not
        (B, in_channels, H, W), or the window is larger than the grid.

    Notes
    -----
    x (B, in_channels, H, W) → (B, out_channels, H, W). Equals ``torch.nn.Conv2d`` with
    ``padding_mode="circular"`` and ``padding=kernel_size // 2``. Chapter 05, *Grids*.
    """

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: int, *, bias: bool = True
    ) -> None:
        super().__init__()
        in_channels, out_channels, kernel_size = positive(
            in_channels=in_channels, out_channels=out_channels, kernel_size=kernel_size
        )
        if kernel_size % 2 == 0:
            raise ValueError(f"kernel_size must be odd, got {kernel_size}")
        self.weight = nn.Parameter(torch.empty(out_channels, in_channels, kernel_size, kernel_size))
        self.bias = nn.Parameter(torch.zeros(out_channels)) if bias else None
        nn.init.kaiming_uniform_(self.weight, a=math.sqrt(5))

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b o h w"]:
        signal("x", x, floating=True)
        _, channels, size, _ = self.weight.shape
        if x.ndim != 4 or x.shape[1] != channels:
            raise ValueError(f"x must be (B, {channels}, H, W), got {tuple(x.shape)}")
        if min(x.shape[-2:]) < size:
            raise ValueError(f"grid must be at least {size} wide, got {tuple(x.shape[-2:])}")
        return F.conv2d(wrap(x, size // 2), self.weight, self.bias)

    def extra_repr(self) -> str:
        out_channels, in_channels, size, _ = self.weight.shape
        return f"{in_channels}, {out_channels}, kernel_size={size}, bias={self.bias is not None}"


def wrap(x: Float[Tensor, "b c h w"], before: int, after: int | None = None) -> Tensor:
    """Continue a periodic image beyond its borders, by ``before`` and ``after`` pixels."""
    after = before if after is None else after
    return F.pad(x, (before, after, before, after), mode="circular")
