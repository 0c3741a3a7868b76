"""Filter banks: every filter in all orientations of a group. See chapter 06, *Groups*."""

from __future__ import annotations

import math
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from gdl_utils.arguments import positive, signal, whole
from gdl_utils.constants import Constants
from gdl_utils.groups.elements import Cyclic, cayley_table, inverse_table
from gdl_utils.groups.harmonics import turned_basis
from gdl_utils.groups.lattices import (
    HEXAGONAL,
    SQUARE,
    Lattice,
    PointGroup,
    check_point_group,
    lattice_sources,
)
from gdl_utils.symmetry import require_instance

PADDINGS = ("zeros", "circular")


def filter_sources(
    group: PointGroup, lattice: Lattice, kernel_size: int, *, lifting: bool
) -> Int[Tensor, "g positions"]:
    r"""Where each entry of a turned filter comes from: row h is :math:`h \cdot w`, flattened.

    .. math:: (h \cdot w)(v, k) = w(h^{-1} v,\ h^{-1} k)

    Parameters
    ----------
    group : Cyclic or Dihedral
        A symmetry of the lattice.
    lattice : Lattice
    kernel_size : int
        Side of the array that holds a filter, odd.
    lifting : bool
        Filters of a lifting convolution have no group axis.

    Returns
    -------
    Tensor, (|G|, columns · kernel_size²)
        int64 positions in a filter (columns, kernel_size, kernel_size), flattened; columns is |G|,
        or 1 for lifting. Each row is a permutation.

    Raises
    ------
    ValueError
        If the group is not a symmetry of the lattice, or ``kernel_size`` even on hexagons.

    Notes
    -----
    Chapter 06, *Groups*.
    """
    plane = torch.stack([lattice_sources(lattice, group, h, kernel_size) for h in group.elements()])
    if lifting:
        return plane
    columns = cayley_table(group)[inverse_table(group)]  # row h: where h⁻¹k stands, for every k
    return (columns[:, :, None] * kernel_size**2 + plane[:, None, :]).flatten(1)


class FieldConv(Constants):
    """A convolution whose filters are all turned copies of a few: what every one here shares.

    A subclass says how filters are turned, in :meth:`filters`. The bank is made anew at each call,
    which costs about a hundredth of the convolution: nothing can be out of date. Parameters and
    errors are those of :class:`~gdl_utils.groups.layers.Lifting2d`. Chapter 06, *Groups*.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        group: PointGroup,
        lattice: Lattice,
        *,
        lifting: bool,
        weights: int,
        padding: str,
        bias: bool,
        stride: int = 1,
    ) -> None:
        super().__init__()
        in_channels, out_channels, kernel_size, stride = positive(
            in_channels=in_channels,
            out_channels=out_channels,
            kernel_size=kernel_size,
            stride=stride,
        )
        if kernel_size % 2 == 0:
            raise ValueError(f"kernel_size must be odd, got {kernel_size}")
        if padding not in PADDINGS:
            raise ValueError(f"padding must be one of {PADDINGS}, got {padding!r}")
        if stride > 1 and padding == "circular":
            raise ValueError(
                f"stride must be 1 on a torus (circular padding), got {stride}: every {stride}th "
                "position of a side that it divides is not kept by turns, of any other not by "
                "shifts; pool with windows of that size instead"
            )
        self.group, self.lattice, self.lifting = group, lattice, lifting
        self.kernel_size, self.padding, self.stride = kernel_size, padding, stride
        self.orientations = len(group.elements())
        columns = 1 if lifting else self.orientations
        self.weight = nn.Parameter(torch.empty(out_channels, in_channels, columns, weights))
        self.bias = nn.Parameter(torch.zeros(out_channels)) if bias else None
        nn.init.kaiming_uniform_(self.weight, a=math.sqrt(5))

    def filters(self) -> Float[Tensor, "out in k k"]:
        """Return the bank of all turned filters, (O·|G|, C·|G|, k, k); lifting: (O·|G|, C, k, k).

        Row (o, h) is the filter o moved by h, as the signal on the group that it is.
        """
        raise NotImplementedError

    def as_conv2d(self) -> nn.Conv2d:
        """Return an ordinary convolution with these filters: the same map, fields as channels.

        It maps ``x.flatten(1, 2)`` to ``y.flatten(1, 2)``, and knows nothing of the symmetry: a
        training step would break it. On a hexagon its output must still be cut to the hexagon.
        """
        bank = self.filters().detach()
        conv = nn.Conv2d(
            bank.shape[1], len(bank), self.kernel_size, stride=self.stride,
            padding=self.kernel_size // 2, padding_mode=self.padding, bias=self.bias is not None,
            dtype=bank.dtype, device=bank.device,
        )  # fmt: skip
        with torch.no_grad():
            conv.weight.copy_(bank)
            if self.bias is not None:
                conv.bias.copy_(self.bias.repeat_interleave(self.orientations))
        return conv

    def _in_channels(self) -> int:
        return self.weight.shape[1] * self.weight.shape[2]

    def _convolve(self, x: Tensor) -> Tensor:
        x = self._checked(x)
        inside = None
        if self.lattice == HEXAGONAL and self.padding == "zeros":
            inside = HEXAGONAL.disc(x.shape[-1] // 2, x.device).to(x.dtype)
            x = x * inside
        size, half = self.orientations, self.kernel_size // 2
        bias = None if self.bias is None else self.bias.repeat_interleave(size)
        if x.device.type == "cpu" and x.dtype == torch.float32:  # a sixth faster there
            x = x.movedim(1, -1).contiguous().movedim(-1, 1)
        if self.padding == "circular":
            x, half = F.pad(x, (half,) * 4, mode="circular"), 0
        y = F.conv2d(x, self.filters(), bias, self.stride, half)
        return (y if inside is None else y * inside).unflatten(1, (-1, size))

    def _checked(self, x: Tensor) -> Tensor:
        signal("x", x, floating=True)
        fields, size, n = self.weight.shape[1], self.orientations, x.shape[-1] if x.ndim else 0
        expected = (fields,) if self.lifting else (fields, size)
        if x.ndim < 4 or x.shape[1:-2] != expected or x.shape[-2] != n or not n:
            names = ", ".join(str(c) for c in expected)
            raise ValueError(
                f"x must be (B, {names}, n, n) for {self.group!r}, got {tuple(x.shape)}"
            )
        if self.lattice == HEXAGONAL and n % 2 == 0:
            raise ValueError(f"a hexagonal array must have an odd side, got {n}")
        if self.padding == "circular" and n < self.kernel_size:
            raise ValueError(f"a torus must be at least {self.kernel_size} wide, got {n}")
        if (n - 1) % self.stride:
            raise ValueError(
                f"a side of 1 plus a multiple of the stride {self.stride} keeps the turns, got {n}"
            )
        return x.flatten(1, -3)

    def extra_repr(self) -> str:
        out_channels, in_channels = self.weight.shape[:2]
        stride = f", stride={self.stride}" if self.stride > 1 else ""
        size = f"kernel_size={self.kernel_size}"
        if self.lattice == HEXAGONAL:
            size = f"radius={self.kernel_size // 2}"
        return (
            f"{in_channels}, {out_channels}, {size}, {self.group}, "
            f"padding={self.padding!r}{stride}, bias={self.bias is not None}"
        )


class LatticeConv(FieldConv):
    """A convolution for turns of the lattice itself: every filter is turned exactly, by index.

    Chapter 06, *Groups*.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        group: PointGroup,
        lattice: Lattice,
        *,
        lifting: bool,
        **options: Any,
    ) -> None:
        check_point_group(lattice, group)
        with torch.device("cpu"):
            count = int(lattice.disc(max(whole("kernel_size", kernel_size), 0) // 2).sum())
        super().__init__(
            in_channels, out_channels, kernel_size, group, lattice,
            lifting=lifting, weights=count, **options,
        )  # fmt: skip
        self.make_constants(self.weight.device)

    def constants(self) -> dict[str, Tensor]:
        """From positions in an array of k² to positions in the stored weights.

        The corners that a hexagon leaves out read a zero, which stands behind the last weight.
        """
        taps = self.lattice.disc(self.kernel_size // 2).flatten()
        columns, count = self.weight.shape[2:]
        stored = torch.full((columns, len(taps)), columns * count)
        stored[:, taps] = torch.arange(columns * count).reshape(columns, count)
        size, lifting = self.kernel_size, self.lifting
        sources = filter_sources(self.group, self.lattice, size, lifting=lifting)
        return {"sources": stored.flatten()[sources]}

    def filters(self) -> Float[Tensor, "out in k k"]:
        weight = self.weight.flatten(2)
        if self.lattice == HEXAGONAL:
            weight = F.pad(weight, (0, 1))
        turned = weight.index_select(2, self.sources.flatten())
        turned = turned.unflatten(2, (self.orientations, -1)).transpose(1, 2)
        return turned.reshape(-1, self._in_channels(), self.kernel_size, self.kernel_size)


class RotatedConv(FieldConv):
    """A convolution for any number of turns on pixels, its filters known between pixels too.

    Chapter 06, *Groups*.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        group: Cyclic,
        *,
        lifting: bool,
        basis: str,
        **options: Any,
    ) -> None:
        require_instance(group)
        if not isinstance(group, Cyclic):
            raise ValueError(f"group must be Cyclic(n), got {group!r}")
        with torch.device("cpu"):
            functions = turned_basis(kernel_size, 0.0, basis).shape[1]
        super().__init__(
            in_channels, out_channels, kernel_size, group, SQUARE,
            lifting=lifting, weights=functions, **options,
        )  # fmt: skip
        self.basis = basis
        self.make_constants(self.weight.device)

    def constants(self) -> dict[str, Tensor]:
        """The basis turned by every angle, in float64, and the order of the group axis."""
        angles = [2 * math.pi * h / self.group.n for h in self.group.elements()]
        turned = torch.stack([turned_basis(self.kernel_size, a, self.basis) for a in angles])
        group = self.group
        columns = cayley_table(group)[inverse_table(group)]  # row h: where h⁻¹k stands
        if self.lifting:
            columns = columns.new_zeros(group.n, 1)
        return {"turned": turned / turned[0].norm(dim=0), "columns": columns}

    def filters(self) -> Float[Tensor, "out in k k"]:
        moved = self.weight[:, :, self.columns]
        bank = torch.einsum("gpj,ocgkj->ogckp", self.turned.to(moved), moved)
        return bank.reshape(-1, self._in_channels(), self.kernel_size, self.kernel_size)

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, basis={self.basis!r}"
