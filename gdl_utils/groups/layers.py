"""The linear maps that commute with shifts and turns: lifting and group convolutions.

A signal has *fields*: on the plane one number for each field and position, on the group one more
axis, what the field holds in each orientation. A p4m network for images in five lines::

    net = nn.Sequential(
        Lifting2d(1, 8, 5, Dihedral(4)),
        nn.ReLU(),
        SpatialPool2d(2),
        GroupConv2d(8, 8, 5, Dihedral(4)),
        nn.ReLU(),
        GroupPool(),
        GlobalPool2d(),
        nn.Linear(8, 10),
    )

and a p6 network for signals in a hexagon::

    net = nn.Sequential(
        HexLifting2d(1, 8, 2, Cyclic(6)),
        nn.ReLU(),
        HexPool2d(),
        HexGroupConv2d(8, 8, 2, Cyclic(6)),
        nn.ReLU(),
        GlobalGroupPool(lattice=HEXAGONAL),
        nn.Linear(8, 10),
    )

See chapter 06, *Groups*.
"""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor

from gdl_utils.groups.filters import LatticeConv
from gdl_utils.groups.lattices import HEXAGONAL, SQUARE, PointGroup


class Lifting2d(LatticeConv):
    r"""Lifting convolution on pixels: from images to signals on the group.

    .. math:: y_o(u, h) = b_o + \sum_c \sum_v w_{oc}(h^{-1} v)\, x_c(u + v),

    each filter tried in every orientation h. All linear maps that commute with shifts and the
    group have this form, for windows as large as the image.

    Parameters
    ----------
    in_channels, out_channels : int
    kernel_size : int
        Odd, so that the window has a centre.
    group : Cyclic or Dihedral
        Cyclic(n) or Dihedral(n) with n = 1, 2 or 4.
    padding : {"zeros", "circular"}
        Both keep the turns; only ``"circular"`` keeps all shifts too, on a torus.
    stride : int
        With a stride, only sides of 1 plus a multiple of it keep the turns about their centre.
    bias : bool
        One number for each output field, shared by its orientations.

    Raises
    ------
    ValueError
        If a size is not positive, the kernel's is even, the padding is neither, or the group is
        no symmetry of the pixels. In ``forward``: if the input is not square or has other fields,
        its side does not fit the stride, or a torus is smaller than the window.

    Notes
    -----
    x (B, in_channels, n, n) → (B, out_channels, |G|, n, n), the group axis ordered as
    ``group.elements()``; it moves by :func:`~gdl_utils.groups.actions.act_on_group_signal`.

    References
    ----------
    Cohen, Welling (2016), *Group Equivariant Convolutional Networks*, equation 10.
    Chapter 06, *Groups*.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        group: PointGroup,
        *,
        padding: str = "zeros",
        stride: int = 1,
        bias: bool = True,
    ) -> None:
        super().__init__(
            in_channels, out_channels, kernel_size, group, SQUARE,
            lifting=True, padding=padding, stride=stride, bias=bias,
        )  # fmt: skip

    def forward(self, x: Float[Tensor, "b c n n"]) -> Float[Tensor, "b o g m m"]:
        return self._convolve(x)


class GroupConv2d(LatticeConv):
    r"""Group convolution on pixels: from signals on the group to signals on the group.

    .. math:: y_o(u, h) = b_o + \sum_c \sum_k \sum_v w_{oc}(h^{-1} v,\ h^{-1} k)\, x_c(u + v,\ k).

    A filter is a signal on the group itself: to try it in orientation h is to turn it *and* to
    permute its group axis. ``kernel_size=1`` mixes fields and orientations at each position.

    Parameters
    ----------
    in_channels, out_channels, kernel_size, group, padding, stride, bias
        As in :class:`Lifting2d`.

    Raises
    ------
    ValueError
        As :class:`Lifting2d`; also if the input's group axis has another length.

    Notes
    -----
    x (B, in_channels, |G|, n, n) → (B, out_channels, |G|, n, n).

    References
    ----------
    Cohen, Welling (2016), *Group Equivariant Convolutional Networks*, equation 11.
    Chapter 06, *Groups*.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        group: PointGroup,
        *,
        padding: str = "zeros",
        stride: int = 1,
        bias: bool = True,
    ) -> None:
        super().__init__(
            in_channels, out_channels, kernel_size, group, SQUARE,
            lifting=False, padding=padding, stride=stride, bias=bias,
        )  # fmt: skip

    def forward(self, x: Float[Tensor, "b c g n n"]) -> Float[Tensor, "b o g m m"]:
        return self._convolve(x)


class HexLifting2d(LatticeConv):
    r"""Lifting convolution on hexagons: the sum of :class:`Lifting2d` over a hexagonal window.

    Parameters
    ----------
    in_channels, out_channels : int
    radius : int
        Of the window, in steps: 1 is a position with its 6 neighbours, 2 is 19 positions.
    group : Cyclic or Dihedral
        Cyclic(n) or Dihedral(n) with n = 1, 2, 3 or 6.
    padding : {"zeros", "circular"}
        ``"zeros"``: the signal lives in the hexagon that its array holds, and whatever is outside
        is ignored and put out as zero. ``"circular"``: it lives on the whole array, a torus.
        Zeros around the whole array, a parallelogram, would break the symmetry.
    bias : bool
        One number for each output field, shared by its orientations.

    Raises
    ------
    ValueError
        As :class:`Lifting2d`; in ``forward`` also if the array's side is even.

    Notes
    -----
    x (B, in_channels, n, n) → (B, out_channels, |G|, n, n), n = 2R + 1, in axial coordinates, see
    :data:`~gdl_utils.groups.lattices.HEXAGONAL`. Only the window's positions have weights.

    References
    ----------
    Hoogeboom, Peters, Cohen, Welling (2018), *HexaConv*. Chapter 06, *Groups*.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        radius: int,
        group: PointGroup,
        *,
        padding: str = "zeros",
        bias: bool = True,
    ) -> None:
        super().__init__(
            in_channels, out_channels, 2 * radius + 1, group, HEXAGONAL,
            lifting=True, padding=padding, bias=bias,
        )  # fmt: skip

    def forward(self, x: Float[Tensor, "b c n n"]) -> Float[Tensor, "b o g n n"]:
        return self._convolve(x)


class HexGroupConv2d(LatticeConv):
    r"""Group convolution on hexagons: the sum of :class:`GroupConv2d` over a hexagonal window.

    Parameters
    ----------
    in_channels, out_channels, radius, group, padding, bias
        As in :class:`HexLifting2d`. ``radius=0`` mixes fields and orientations at each position.

    Raises
    ------
    ValueError
        As :class:`HexLifting2d`; also if the input's group axis has another length.

    Notes
    -----
    x (B, in_channels, |G|, n, n) → (B, out_channels, |G|, n, n), n odd.

    References
    ----------
    Hoogeboom, Peters, Cohen, Welling (2018), *HexaConv*. Chapter 06, *Groups*.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        radius: int,
        group: PointGroup,
        *,
        padding: str = "zeros",
        bias: bool = True,
    ) -> None:
        super().__init__(
            in_channels, out_channels, 2 * radius + 1, group, HEXAGONAL,
            lifting=False, padding=padding, bias=bias,
        )  # fmt: skip

    def forward(self, x: Float[Tensor, "b c g n n"]) -> Float[Tensor, "b o g n n"]:
        return self._convolve(x)
