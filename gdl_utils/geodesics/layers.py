"""Networks that know a surface only by how heat flows on it. See chapter 08, *Geodesics*."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from gdl_utils.arguments import positive, wholes
from gdl_utils.geodesics.mesh import Mesh
from gdl_utils.geodesics.spectrum import eigenpairs
from gdl_utils.geodesics.tangent import tangent_gradient
from gdl_utils.graphs.sparse import Adjacency
from gdl_utils.tensors import destination, unmixed, wide


@dataclass(frozen=True, eq=False)
class SurfaceOperators:
    """What a :class:`DiffusionBlock` needs to know of a mesh, as tensors of one type.

    Made by :func:`surface_operators`.

    Parameters
    ----------
    values : Tensor, (K,)
        Eigenvalues of the Laplacian.
    vectors : Tensor, (V, K)
        Eigenfunctions Φ.
    analysis : Tensor, (K, V)
        Φᵀ M, which takes a signal to its coefficients.
    near : Adjacency
        Each vertex's neighbours, and itself.
    gradient : Tensor, (2, E)
        The weights with which their values make the x and the y component of the gradient.

    Notes
    -----
    Chapter 08, *Geodesics*.
    """

    values: Tensor
    vectors: Tensor
    analysis: Tensor
    near: Adjacency
    gradient: Tensor

    def to(self, *args: Any, **kwargs: Any) -> SurfaceOperators:
        """The same surface on another device, for signals of another type.

        Takes what ``Tensor.to`` takes. It stays in single precision at least: signals of half of
        it are diffused in single precision. Chapter 08, *Geodesics*.
        """
        device, dtype = destination(self.vectors, *args, **kwargs)
        return SurfaceOperators(
            self.values.to(device, dtype), self.vectors.to(device, dtype),
            self.analysis.to(device, dtype), self.near.to(device), self.gradient.to(device, dtype),
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.vectors)


def surface_operators(
    mesh: Mesh,
    k: int = 128,
    *,
    whole: bool = False,
    delaunay: bool = False,
    dtype: torch.dtype = torch.float32,
) -> SurfaceOperators:
    """Prepare a mesh for :class:`DiffusionBlock`: its spectrum and its gradient.

    Parameters
    ----------
    mesh : Mesh
        V vertices, scaled to an area near 1 so that learnt times mean the same on every mesh.
    k : int
        How many eigenpairs; V at most.
    whole, delaunay : bool
        As of :func:`gdl_utils.geodesics.spectrum.eigenpairs`. Only with ``whole`` is a symmetric
        surface's symmetry kept exactly.
    dtype : torch.dtype
        Of the signals to come.

    Returns
    -------
    SurfaceOperators

    Raises
    ------
    ValueError
        If k is not between 1 and V.

    Notes
    -----
    Chapter 08, *Geodesics*.
    """
    spectrum = eigenpairs(mesh, k, whole=whole, delaunay=delaunay)
    grad = tangent_gradient(mesh).tocoo()
    near = Adjacency(torch.from_numpy(np.stack([grad.col, grad.row]).astype("i8")), len(mesh.verts))
    weights = torch.from_numpy(np.stack([grad.data.real, grad.data.imag]))[:, near.order]
    analysis = (spectrum.mass[:, None] * spectrum.vectors).T.contiguous()
    return SurfaceOperators(spectrum.values, spectrum.vectors, analysis, near, weights).to(dtype)


class DiffusionBlock(nn.Module):
    r"""Diffuse, look along the gradient, and combine at each vertex; then add what came in.

    .. math::
        y_c = \Phi \, e^{-\lambda t_c} \, \Phi^\top M x_c, \qquad
        z_c = \nabla y_c \in \mathbb{C}, \qquad
        g = \tanh \operatorname{Re}(\bar z \odot A z), \qquad
        x \mapsto x + \mathrm{MLP}(x, y, g)

    Each channel has its own time t_c > 0, from a local average to the whole surface. The product
    of gradients does not depend on the axes they are written in; a **complex** matrix A can tell
    left from right, a real one cannot.

    Parameters
    ----------
    channels : int
        C.
    oriented : bool
        Whether A is complex. If it is real, mirroring the surface changes nothing.
    hidden : int
        Hidden layers of C units of the MLP.
    times : (float, float)
        Initial times, evenly spaced in their logarithm between these, in the mesh's unit squared.

    Raises
    ------
    ValueError
        If a size is not positive, or the times do not rise from above 0. In ``forward``: if x is
        not (V, C), or the surface has another type.

    Notes
    -----
    x (V, C) and :class:`SurfaceOperators` of V vertices → (V, C). Equivariant to isometries that
    keep the orientation (all of them if not ``oriented``), and blind to bending, exactly if the
    surface holds whole eigenspaces. Without dropout, unlike the published code. Chapter 08,
    *Geodesics*.

    References
    ----------
    Sharp, Attaiki, Crane, Ovsjanikov (2022), *DiffusionNet: Discretization Agnostic Learning on
    Surfaces*, section 3 (learned diffusion, spatial gradient features, the block).
    """

    def __init__(
        self,
        channels: int,
        *,
        oriented: bool = True,
        hidden: int = 2,
        times: tuple[float, float] = (1e-4, 1e-1),
    ) -> None:
        super().__init__()
        channels, hidden = wholes(channels=channels, hidden=hidden)
        if channels < 1 or hidden < 0:
            raise ValueError(
                f"channels must be positive, hidden at least 0, got {channels}, {hidden}"
            )
        if not 0 < times[0] <= times[1] < math.inf:
            raise ValueError(f"times must rise from above 0, got {times}")
        self.channels, self.oriented = channels, oriented
        ends = math.log(times[0]), math.log(times[1])
        self.log_time = nn.Parameter(torch.linspace(*ends, channels))
        bound = 1 / math.sqrt(channels)
        parts = 2 if oriented else 1  # A = real + i · imaginary, side by side
        self.mix = nn.Parameter(torch.empty(channels, parts * channels).uniform_(-bound, bound))
        widths = [3 * channels] + [channels] * (hidden + 1)
        steps: list[nn.Module] = []
        for before, after in itertools.pairwise(widths):
            steps += [nn.Linear(before, after), nn.ReLU()]
        self.mlp = nn.Sequential(*steps[:-1])

    def forward(self, x: Float[Tensor, "V C"], operators: SurfaceOperators) -> Float[Tensor, "V C"]:
        if not isinstance(operators, SurfaceOperators):
            got = type(operators).__name__
            raise ValueError(f"operators must be SurfaceOperators, got {got}")
        if x.ndim != 2 or x.shape != (len(operators), self.channels):
            raise ValueError(f"x must be ({len(operators)}, {self.channels}), got {tuple(x.shape)}")
        if wide(x).dtype != operators.vectors.dtype:
            raise ValueError(
                f"operators must be of {x.dtype}, got {operators.vectors.dtype}: "
                "see SurfaceOperators.to"
            )
        with unmixed(x):  # sums over all vertices
            decay = torch.exp(
                -torch.outer(operators.values, self.log_time.to(operators.values).exp())
            )
            spread = operators.vectors @ (decay * (operators.analysis @ wide(x)))
            seen = self.directions(spread, operators)
        return x + self.mlp(torch.cat([x, spread.to(x.dtype), seen.to(x.dtype)], 1))

    def directions(
        self, y: Float[Tensor, "V C"], operators: SurfaceOperators
    ) -> Float[Tensor, "V C"]:
        """The gradient features tanh Re(z̄ ⊙ A z) of a signal y (V, C). Chapter 08."""
        zx, zy = (operators.near.sum(y, weight) for weight in operators.gradient)
        mix = self.mix.to(zx.dtype)
        mx, my = zx @ mix, zy @ mix
        if not self.oriented:
            return torch.tanh(zx * mx + zy * my)
        (real_x, imaginary_x), (real_y, imaginary_y) = mx.chunk(2, 1), my.chunk(2, 1)
        return torch.tanh(zx * (real_x - imaginary_y) + zy * (real_y + imaginary_x))

    def extra_repr(self) -> str:
        return f"{self.channels}, oriented={self.oriented}"


class DiffusionNet(nn.Module):
    """A linear layer at each vertex, several :class:`DiffusionBlock`, and another linear layer.

    Parameters
    ----------
    in_channels, out_channels : int
        Of the signal that comes in, such as a heat kernel signature, and of what goes out.
    channels, blocks : int
        Width and number of the blocks.
    oriented : bool
        As of the blocks.

    Raises
    ------
    ValueError
        If a size is not positive. In ``forward``: if x is not (V, in_channels).

    Notes
    -----
    x (V, in_channels) and a :class:`SurfaceOperators` → (V, out_channels). Chapter 08, *Geodesics*.

    References
    ----------
    Sharp, Attaiki, Crane, Ovsjanikov (2022), *DiffusionNet*, section 3.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        channels: int = 64,
        blocks: int = 4,
        oriented: bool = True,
    ) -> None:
        super().__init__()
        in_channels, out_channels, channels, blocks = positive(
            in_channels=in_channels, out_channels=out_channels, channels=channels, blocks=blocks
        )
        self.first = nn.Linear(in_channels, channels)
        self.blocks = nn.ModuleList(
            DiffusionBlock(channels, oriented=oriented) for _ in range(blocks)
        )
        self.last = nn.Linear(channels, out_channels)

    def forward(
        self, x: Float[Tensor, "V C"], operators: SurfaceOperators
    ) -> Float[Tensor, "V out"]:
        if not isinstance(operators, SurfaceOperators):
            got = type(operators).__name__
            raise ValueError(f"operators must be SurfaceOperators, got {got}")
        if x.ndim != 2 or x.shape != (len(operators), self.first.in_features):
            wanted = (len(operators), self.first.in_features)
            raise ValueError(f"x must be {wanted}, got {tuple(x.shape)}")
        x = self.first(x)
        for block in self.blocks:
            x = block(x, operators)
        return self.last(x)
