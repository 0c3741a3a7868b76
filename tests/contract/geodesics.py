"""The contract of the geodesics."""

from functools import cache

import torch
from contract.table import ByPosition, Row, generator, on_device
from torch import nn

from gdl_utils.geodesics.actions import Folds, fold, isometries
from gdl_utils.geodesics.layers import DiffusionBlock, DiffusionNet, surface_operators
from gdl_utils.geodesics.mesh import Mesh
from gdl_utils.geodesics.operators import mass
from gdl_utils.geodesics.pooling import MeshPool, SurfaceMean
from gdl_utils.geodesics.shapes import icosphere, sheet, torus
from gdl_utils.graphs.actions import relabel

RNG = generator("geodesics")
SPHERE, TORUS, SHEET = icosphere(1), torus(8, 5), sheet(4, 7, 0.2)
TURNS, MIRRORS = isometries(SPHERE, mirrored=False), isometries(SPHERE)
AROUND, BENDS = isometries(TORUS), Folds(7)
ON_SPHERE = torch.randn(42, 4, generator=RNG, dtype=torch.float64)
ON_TORUS = torch.randn(40, 4, generator=RNG, dtype=torch.float64)
ON_SHEET = torch.randn(28, 4, generator=RNG, dtype=torch.float64)


class On(nn.Module):
    """A layer on a surface that stays as it is; ``seen`` adds what it should not look at."""

    def __init__(self, layer: nn.Module, mesh: Mesh, k: int = 24, seen=None):
        super().__init__()
        self.layer, self.seen = layer, seen
        self.on = surface_operators(mesh, k, whole=True, dtype=torch.float64)

    def forward(self, x):
        if self.seen is not None:
            x = x + self.seen.to(x.dtype)
        return self.layer(x, on_device(self.on.to(x.dtype), x.device))


class Truncated(On):
    """The same, cut off in the middle of an eigenspace."""

    def __init__(self, layer: nn.Module, mesh: Mesh, k: int):
        super().__init__(layer, mesh)
        self.on = surface_operators(mesh, k, dtype=torch.float64)


class OnPositions(nn.Module):
    """A layer whose surface is made of the positions it is given."""

    def __init__(self, layer: nn.Module, mesh: Mesh, sees_space: bool = False):
        super().__init__()
        self.layer, self.mesh, self.sees_space = layer, mesh, sees_space

    def forward(self, x, verts):
        on = surface_operators(Mesh(verts, self.mesh.faces), len(verts), dtype=x.dtype)
        if self.sees_space:
            x = torch.cat([x[:, :1], verts], 1)
        return self.layer(x, on)


class PooledMean(nn.Module):
    """A layer, and the mean over the surface after it."""

    def __init__(self, layer: nn.Module, mesh: Mesh):
        super().__init__()
        self.layer, self.mean, self.mass = layer, SurfaceMean(), mass(mesh)

    def forward(self, x):
        return self.mean(self.layer(x), self.mass.to(x))


class Positions(nn.Module):
    """Makes a map of faces to straight lines: the mean length between any two vertices."""

    def forward(self, x, verts):
        return x * torch.cdist(verts, verts).mean(1, keepdim=True)


def halves(fine: int, coarse: Mesh) -> torch.Tensor:
    """The means over each coarse vertex (weight a half) and the middles of its edges."""
    middles = len(coarse.verts) + torch.arange(len(coarse.edges))  # by rising edge, as in shapes
    matrix = torch.zeros(len(coarse.verts), fine, dtype=torch.float64)
    every = torch.arange(len(coarse.verts))
    matrix[every, every] = 0.5
    for end in coarse.edges.T:
        matrix[end, middles] += 1.0
    others = matrix[:, len(coarse.verts) :]
    others /= 2 * others.sum(1, keepdim=True)
    return matrix


def relabel_coarse(g, x):
    """The twelve vertices of the icosahedron are the first of each finer sphere."""
    return relabel(g[: len(x)], x)


@cache
def jittered(mesh: Mesh) -> Mesh:
    noise = torch.randn(mesh.verts.shape, generator=torch.Generator().manual_seed(1))
    return Mesh(mesh.verts + 0.05 * noise, mesh.faces)


ROWS = {
    "DiffusionBlock, turns of the sphere": Row(
        (DiffusionBlock,), lambda: On(DiffusionBlock(4), SPHERE),
        lambda: On(DiffusionBlock(4), SPHERE, seen=SPHERE.verts.repeat(1, 2)[:, :4]),
        TURNS, relabel, relabel, (ON_SPHERE,),
    ),
    "DiffusionBlock, turns and mirrors of the sphere": Row(
        (DiffusionBlock,), lambda: On(DiffusionBlock(4, oriented=False), SPHERE),
        lambda: On(DiffusionBlock(4, oriented=True), SPHERE),
        MIRRORS, relabel, relabel, (ON_SPHERE,),
    ),
    "DiffusionBlock, turns of the torus": Row(
        (DiffusionBlock,), lambda: On(DiffusionBlock(4, hidden=0), TORUS),
        lambda: On(DiffusionBlock(4, hidden=0), jittered(TORUS)),
        AROUND, relabel, relabel, (ON_TORUS,),
    ),
    "DiffusionBlock, whole eigenspaces": Row(
        (DiffusionBlock,), lambda: On(DiffusionBlock(4), TORUS, 12),
        lambda: Truncated(DiffusionBlock(4), TORUS, 2),
        AROUND, relabel, relabel, (ON_TORUS,),
    ),
    "DiffusionBlock, folds of a sheet": Row(
        (DiffusionBlock,), lambda: OnPositions(DiffusionBlock(4), SHEET),
        lambda: OnPositions(DiffusionBlock(4), SHEET, sees_space=True),
        BENDS, (None, fold), None, (ON_SHEET, SHEET.verts),
    ),
    "DiffusionNet, folds of a sheet": Row(
        (DiffusionNet,), lambda: OnPositions(DiffusionNet(4, 2, channels=6, blocks=2), SHEET),
        Positions, BENDS, (None, fold), None, (ON_SHEET, SHEET.verts),
    ),
    "DiffusionNet, turns of the sphere": Row(
        (DiffusionNet,), lambda: On(DiffusionNet(4, 2, channels=6, blocks=2), SPHERE),
        lambda: nn.Sequential(On(DiffusionNet(4, 2, channels=6, blocks=2), SPHERE), ByPosition(0)),
        TURNS, relabel, relabel, (ON_SPHERE,),
    ),
    "SurfaceMean": Row(
        (SurfaceMean,),
        lambda: PooledMean(On(DiffusionBlock(4), TORUS), TORUS),
        lambda: PooledMean(nn.Sequential(On(DiffusionBlock(4), TORUS), nn.Tanh()), jittered(TORUS)),
        AROUND, relabel, None, (ON_TORUS,),
    ),
    "MeshPool, from one level of the sphere to the one below": Row(
        (MeshPool,),
        lambda: nn.Sequential(MeshPool(halves(42, icosphere(0))), nn.Tanh()),
        lambda: nn.Sequential(MeshPool(halves(42, icosphere(0)).roll(1, 1)), nn.Tanh()),
        MIRRORS, relabel, relabel_coarse, (ON_SPHERE,),
    ),
}  # fmt: skip

GROUPS = {
    "turns of the icosphere": TURNS,
    "isometries of the icosphere": MIRRORS,
    "isometries of the torus": AROUND,
    "folds": BENDS,
}

SQUARE = isometries(sheet(2, 2))
QUARTERS = torch.tensor([torch.pi / 2, torch.pi / 2], dtype=torch.float64)

ACTIONS = {  # action, group, a signal, and one hand-computed case: (g, x, g·x)
    "relabel by isometries": (
        relabel, MIRRORS, ON_SPHERE,
        (SQUARE.table[-1], torch.tensor([5.0, 6, 7, 8]), torch.tensor([8.0, 7, 6, 5])),
    ),
    "fold": (
        fold, BENDS, SHEET.verts,
        (
            QUARTERS,
            torch.tensor([[0.0, 0, 0], [1, 0, 0], [2, 0, 0], [3, 0, 0]], dtype=torch.float64),
            torch.tensor([[0.0, 0, 0], [1, 0, 0], [1, 0, -1], [0, 0, -1]], dtype=torch.float64),
        ),
    ),
}  # fmt: skip

MUTANTS = {  # what goes wrong: (file, the line's text, what it becomes)
    "a Laplacian that sees half of all heights": (
        "geodesics/operators.py",
        "return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]",
        "return a[0] * b[0] + a[1] * b[1] + a[2] * b[2] / 4",
    ),
    "a gradient whose axes are mixed up": (
        "geodesics/tangent.py",
        "1j * (b[row] * x + d[row] * y)",
        "1j * (d[row] * x + b[row] * y)",
    ),
    "angles stretched as at the neighbour": (
        "geodesics/tangent.py",
        "stretch[ends[:, 0]]",
        "stretch[ends[:, 1]]",
    ),
    "a complex product of the wrong sign": (
        "geodesics/layers.py",
        "real_x - imaginary_y",
        "real_x + imaginary_y",
    ),
    "gradient features of one axis": (
        "geodesics/layers.py",
        "return torch.tanh(zx * mx + zy * my)",
        "return torch.tanh(zx * mx)",
    ),
    "an eigenspace cut in two": (
        "geodesics/spectrum.py",
        "if whole and k < n:",
        "if False:",
    ),
    "folds that forget the folds before": (
        "geodesics/actions.py",
        "torch.cat([g.new_zeros(1), g.cumsum(0)])",
        "torch.cat([g.new_zeros(1), g])",
    ),
    "a mean that leaves vertices out": (
        "geodesics/pooling.py",
        "return mass @ x / mass.sum()",
        "return mass[1:] @ x[1:] / mass.sum()",
    ),
    "a pooling that reads backwards": (
        "geodesics/pooling.py",
        "moved = wide(x)[columns]",
        "moved = wide(x).flip(0)[columns]",
    ),
}
