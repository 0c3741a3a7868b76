"""Group convolutions on pixels for any number of turns, and what they cost in exactness.

Only quarter turns move pixels to pixels. For the others a filter must be known *between* the
pixels. See chapter 06, *Groups*.
"""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor

from gdl_utils.groups.elements import Cyclic
from gdl_utils.groups.filters import RotatedConv


class RotatedLifting2d(RotatedConv):
    r"""Lifting convolution on pixels for the n turns of any ``Cyclic(n)``.

    The sum of :class:`~gdl_utils.groups.layers.Lifting2d`, its filters turned *between* pixels.
    Quarter turns are exact where n is a multiple of 4 (half turns, where it is even); all others
    are approximate, however the filters are turned: the image itself is only known at pixels.

    Parameters
    ----------
    in_channels, out_channels, kernel_size : int
        The kernel's size is odd.
    group : Cyclic
    basis : {"harmonics", "pixels"}
        What the weights are coefficients of, see
        :func:`~gdl_utils.groups.harmonics.turned_basis`.
    padding : {"zeros", "circular"}
    bias : bool
        One number for each output field, shared by its orientations.

    Raises
    ------
    ValueError
        If a size is not positive or the kernel's is even, the group is not cyclic, or the basis
        or padding is unknown. In ``forward``: if the input is not square or has other fields, or
        a torus is smaller than the window.

    Notes
    -----
    x (B, in_channels, m, m) → (B, out_channels, n, m, m). How the output moves, approximately:
    :func:`~gdl_utils.groups.actions.rotate_group_signal`. Chapter 06, *Groups*.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        group: Cyclic,
        *,
        basis: str = "harmonics",
        padding: str = "zeros",
        bias: bool = True,
    ) -> None:
        super().__init__(
            in_channels, out_channels, kernel_size, group,
            lifting=True, basis=basis, padding=padding, bias=bias,
        )  # fmt: skip

    def forward(self, x: Float[Tensor, "b c m m"]) -> Float[Tensor, "b o g m m"]:
        return self._convolve(x)


class RotatedGroupConv2d(RotatedConv):
    """Group convolution on pixels for the n turns of any ``Cyclic(n)``, approximate between them.

    Parameters
    ----------
    in_channels, out_channels, kernel_size, group, basis, padding, bias
        As in :class:`RotatedLifting2d`.

    Raises
    ------
    ValueError
        As :class:`RotatedLifting2d`; also if the input's group axis has another length.

    Notes
    -----
    x (B, in_channels, n, m, m) → (B, out_channels, n, m, m). Chapter 06, *Groups*.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        group: Cyclic,
        *,
        basis: str = "harmonics",
        padding: str = "zeros",
        bias: bool = True,
    ) -> None:
        super().__init__(
            in_channels, out_channels, kernel_size, group,
            lifting=False, basis=basis, padding=padding, bias=bias,
        )  # fmt: skip

    def forward(self, x: Float[Tensor, "b c g m m"]) -> Float[Tensor, "b o g m m"]:
        return self._convolve(x)
