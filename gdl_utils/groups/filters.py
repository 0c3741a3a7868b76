"""Filter banks: every filter in all orientations of a group. See chapter 06, *Groups*."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from gdl_utils.groups.elements import cayley_table, inverse_table
from gdl_utils.groups.lattices import (
    HEXAGONAL,
    Lattice,
    PointGroup,
    check_point_group,
    lattice_sources,
)

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
        If the group is no symmetry of the lattice, or ``kernel_size`` even on hexagons.

    Notes
    -----
    Chapter 06, *Groups*.
    """
    plane = torch.stack([lattice_sources(lattice, group, h, kernel_size) for h in group.elements()])
    if lifting:
        return plane
    columns = cayley_table(group)[inverse_table(group)]  # row h: where h⁻¹k stands, for every k
    return (columns[:, :, None] * kernel_size**2 + plane[:, None, :]).flatten(1)


class FieldConv(nn.Module):
    """A convolution whose filters are all turned copies of a few: what the four below share."""

    def __init__(
        self,
        in_fields: int,
        out_fields: int,
        kernel_size: int,
        group: PointGroup,
        lattice: Lattice,
        *,
        lifting: bool,
        padding: str,
        bias: bool,
        stride: int = 1,
    ) -> None:
        super().__init__()
        if min(in_fields, out_fields, kernel_size, stride) < 1:
            raise ValueError(
                "in_fields, out_fields, kernel_size and stride must be positive, got "
                f"{in_fields}, {out_fields}, {kernel_size} and {stride}"
            )
        if kernel_size % 2 == 0:
            raise ValueError(f"kernel_size must be odd, got {kernel_size}")
        if padding not in PADDINGS:
            raise ValueError(f"padding must be one of {PADDINGS}, got {padding!r}")
        check_point_group(lattice, group)
        self.group, self.lattice, self.lifting = group, lattice, lifting
        self.kernel_size, self.padding, self.stride = kernel_size, padding, stride
        taps = lattice.disc(kernel_size // 2).flatten()
        sources = filter_sources(group, lattice, kernel_size, lifting=lifting)
        columns = 1 if lifting else len(sources)
        self.weight = nn.Parameter(torch.empty(out_fields, in_fields, columns, int(taps.sum())))
        self.bias = nn.Parameter(torch.zeros(out_fields)) if bias else None
        nn.init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        # From positions in a column of k² to positions in the stored weights; the corners that a
        # hexagon leaves out read a zero, which stands behind the last weight.
        stored = torch.full((columns, len(taps)), self.weight[0, 0].numel())
        stored[:, taps] = torch.arange(self.weight[0, 0].numel()).reshape(columns, -1)
        self.register_buffer("sources", stored.flatten()[sources], persistent=False)

    def filters(self) -> Float[Tensor, "out in k k"]:
        """Return the bank of all turned filters, (O·|G|, C·|G|, k, k); lifting: (O·|G|, C, k, k).

        Row (o, h) is the filter o moved by h, as the signal on the group that it is.
        """
        size, weight = len(self.sources), self.weight.flatten(2)
        if self.lattice is HEXAGONAL:
            weight = F.pad(weight, (0, 1))
        turned = weight.index_select(2, self.sources.flatten()).unflatten(2, (size, -1))
        k = self.kernel_size
        return turned.transpose(1, 2).reshape(len(weight) * size, -1, k, k)

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
                conv.bias.copy_(self.bias.repeat_interleave(len(self.sources)))
        return conv

    def _convolve(self, x: Tensor) -> Tensor:
        x = self._checked(x)
        inside = None
        if self.lattice is HEXAGONAL and self.padding == "zeros":
            inside = HEXAGONAL.disc(x.shape[-1] // 2).to(x)
            x = x * inside
        size, half = len(self.sources), self.kernel_size // 2
        bias = None if self.bias is None else self.bias.repeat_interleave(size)
        if x.device.type == "cpu" and x.dtype == torch.float32:  # a sixth faster there
            x = x.contiguous(memory_format=torch.channels_last)
        if self.padding == "circular":
            x, half = F.pad(x, (half,) * 4, mode="circular"), 0
        y = F.conv2d(x, self.filters(), bias, self.stride, half)
        return (y if inside is None else y * inside).unflatten(1, (-1, size))

    def _checked(self, x: Tensor) -> Tensor:
        fields, size, n = self.weight.shape[1], len(self.sources), x.shape[-1] if x.ndim else 0
        expected = (fields,) if self.lifting else (fields, size)
        if x.shape[1:-2] != expected or x.ndim < 4 or x.shape[-2] != n:
            names = ", ".join(str(c) for c in expected)
            raise ValueError(
                f"x must be (B, {names}, n, n) for {self.group!r}, got {tuple(x.shape)}"
            )
        if self.lattice is HEXAGONAL and n % 2 == 0:
            raise ValueError(f"a hexagonal array must have an odd side, got {n}")
        if self.padding == "circular" and n < self.kernel_size:
            raise ValueError(f"a torus must be at least {self.kernel_size} wide, got {n}")
        if (n - 1) % self.stride:
            raise ValueError(
                f"a side of 1 plus a multiple of the stride {self.stride} keeps the turns, got {n}"
            )
        return x.flatten(1, -3)

    def extra_repr(self) -> str:
        out_fields, in_fields = self.weight.shape[:2]
        stride = f", stride={self.stride}" if self.stride > 1 else ""
        size = f"kernel_size={self.kernel_size}"
        if self.lattice is HEXAGONAL:
            size = f"radius={self.kernel_size // 2}"
        return (
            f"{in_fields}, {out_fields}, {size}, {self.group}, padding={self.padding!r}{stride}, "
            f"bias={self.bias is not None}"
        )
