"""Filters that are known between pixels, so that they can be turned by any angle.

See chapter 06, *Groups*.
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor

from gdl_utils.arguments import whole
from gdl_utils.groups.lattices import SQUARE

BASES = ("harmonics", "pixels")


def turned_basis(kernel_size: int, angle: float, basis: str) -> Float[Tensor, "taps functions"]:
    r"""Sample a basis of filters, turned by an angle, at the pixels of a window.

    ``"pixels"``: hat functions around the pixels of a disc, so that a turned filter is the
    bilinear interpolation of the unturned one. ``"harmonics"``: rings
    :math:`e^{-(|v| - r)^2 / 2 \sigma^2}` of radius r = 0, 1, … and width σ = 0.6 times
    :math:`\cos m\varphi` and :math:`\sin m\varphi` with m ≤ 2r. These functions turn exactly; what
    is lost is lost in sampling.

    Parameters
    ----------
    kernel_size : int
        Odd.
    angle : float
        Radians, counterclockwise as displayed.
    basis : {"harmonics", "pixels"}

    Returns
    -------
    Tensor, (kernel_size², functions)
        float64.

    Raises
    ------
    ValueError
        If ``kernel_size`` is not odd and positive, or the basis is neither.

    References
    ----------
    Weiler, Hamprecht, Storath (2018), *Learning Steerable Filters for Rotation Equivariant
    CNNs*. Chapter 06, *Groups*.
    """
    kernel_size = whole("kernel_size", kernel_size)
    if kernel_size < 1 or kernel_size % 2 == 0:
        raise ValueError(f"kernel_size must be odd and positive, got {kernel_size}")
    if not math.isfinite(angle):
        raise ValueError(f"angle must be finite, got {angle}")
    if basis not in BASES:
        raise ValueError(f"basis must be one of {BASES}, got {basis!r}")
    taps = SQUARE.points(kernel_size).flatten(0, 1)
    c, s = (round(f(angle), 15) for f in (math.cos, math.sin))  # quarter turns: 0 and ±1
    x, y = (taps @ torch.tensor([[c, -s], [s, c]], dtype=torch.float64)).unbind(1)  # h⁻¹v
    if basis == "pixels":
        centres = taps[taps.norm(dim=1) <= kernel_size / 2]
        hats = [(1 - (p[:, None] - q).abs()).clamp(min=0) for p, q in zip((x, y), centres.T)]
        return hats[0] * hats[1]
    rho, phi = torch.hypot(x, y), torch.atan2(y, x)
    off_centre = (rho > 1e-9).to(rho)  # at the centre there is no angle: only m = 0 sees it
    functions = []
    for r in range(kernel_size // 2 + 1):
        ring = torch.exp(-((rho - r) ** 2) / (2 * 0.6**2))
        functions.append(ring)
        for m in range(1, 2 * r + 1):
            functions += [ring * off_centre * wave(m * phi) for wave in (torch.cos, torch.sin)]
    return torch.stack(functions, 1)
