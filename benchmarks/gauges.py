"""A gauge convolution against the matrix products in it, logarithmic maps against potpourri3d.

Chapter 09.
"""

import numpy as np
import potpourri3d
import torch
from timing import measure, save

from gdl_utils.gauges.frames import vertex_frames
from gdl_utils.gauges.layers import GaugeConv
from gdl_utils.gauges.logarithm import VectorHeat
from gdl_utils.gauges.transport import Connection, vertex_connection
from gdl_utils.geodesics.distances import HeatMethod
from gdl_utils.geodesics.mesh import Mesh
from gdl_utils.geodesics.shapes import icosphere, sheet

SIZES = [642, 2562, 10242, 40962, 163842]
OPEN = [1024, 2500, 10000, 40000]
SHEAR = 2.0
CHANNELS, ORDER = 16, 2
SOURCES = 4


def sphere(n: int) -> Mesh:
    level = round(np.log((n - 2) / 10) / np.log(4))
    mesh = icosphere(level)
    assert len(mesh.verts) == n
    return mesh


def slanted(n: int) -> Mesh:
    """A flat sheet whose rows slide along each other: it is doubled, and its edges flip."""
    level = sheet(*[round(n**0.5)] * 2)
    assert len(level.verts) == n
    slide = SHEAR * level.verts[:, 1:2] * torch.tensor([1.0, 0, 0])
    return Mesh(level.verts + slide, level.faces)


def convolution(n: int):
    """One layer, forwards and backwards: to its input and all its weights."""
    exact = vertex_connection(sphere(n))
    connection = Connection(n, exact.edge_index, exact.transports.float(), exact.directions.float())
    rng = torch.Generator().manual_seed(0)
    width, edges = CHANNELS * (2 * ORDER + 1), connection.edge_index.shape[1]
    layer = GaugeConv(CHANNELS, CHANNELS, ORDER, ORDER)
    shape = (n, CHANNELS, 2 * ORDER + 1)
    x = torch.randn(shape, generator=rng).requires_grad_()
    back = torch.randn(shape, generator=rng)
    wanted = [x, *layer.parameters()]
    a, b = (torch.randn(edges, width, generator=rng) for _ in range(2))
    kernel = torch.randn(width, width, generator=rng)
    return {
        "gdl_utils": lambda: torch.autograd.grad(layer(x, connection), wanted, back),
        "matrix products alone": lambda: (a @ kernel, b @ kernel.T, a.T @ b),
    }


def preparing(n: int):
    """Everything that a mesh is factorised for, and the map from a first vertex."""
    return prepared(sphere(n))


def preparing_slanted(n: int):
    """The same, where most edges flip and the surface is doubled."""
    return prepared(slanted(n))


def prepared(mesh: Mesh):
    verts, faces = mesh.verts.numpy(), mesh.faces.numpy()

    def ours():
        fresh = Mesh(verts, faces)
        return VectorHeat(fresh).log_map_angles(0), HeatMethod(fresh).distance(0)

    return {
        "gdl_utils": ours,
        "potpourri3d": lambda: potpourri3d.MeshVectorHeatSolver(verts, faces).compute_log_map(0),
    }


def logarithms(n: int):
    """Maps from four more vertices, one by one."""
    calls = mapped(sphere(n))
    (reach, angle), theirs = calls["gdl_utils"]()[1], calls["potpourri3d"]()[1]
    mine = reach.numpy() * np.exp(1j * angle.numpy())
    theirs = theirs[:, 0] + 1j * theirs[:, 1]
    near = (reach.numpy() > 0) & (reach.numpy() < 1.5)
    turn = (mine * theirs.conj())[near].sum()  # the two have frames of their own
    error = np.abs(mine - theirs * turn / abs(turn))[near]
    assert error.mean() < 0.05, error.mean()
    return calls


def logarithms_slanted(n: int):
    """The same on the slanted sheet."""
    calls = mapped(slanted(n))
    mesh, s = slanted(n), n // SOURCES
    across = (mesh.verts - mesh.verts[s]) @ vertex_frames(mesh)[s].T
    true = torch.atan2(across[:, 1], across[:, 0]).numpy()
    _, angle = calls["gdl_utils"]()[1]
    far = np.arange(n) != s
    assert np.abs(np.angle(np.exp(1j * (angle.numpy() - true))))[far].max() < 1e-6
    return calls


def mapped(mesh: Mesh):
    n, verts, faces = len(mesh.verts), mesh.verts.numpy(), mesh.faces.numpy()
    sources = list(range(0, n, n // SOURCES))[:SOURCES]
    vectors, heat = VectorHeat(mesh), HeatMethod(mesh)
    peer = potpourri3d.MeshVectorHeatSolver(verts, faces)
    return {
        "gdl_utils": lambda: [(heat.distance(s), vectors.log_map_angles(s)) for s in sources],
        "potpourri3d": lambda: [peer.compute_log_map(s) for s in sources],
    }


if __name__ == "__main__":
    jobs = [
        measure(
            "gauge convolution, 16 channels of order 2, forward and backward",
            convolution,
            sizes=SIZES,
            unit="vertices",
            floor="matrix products alone",
            budget=15.0,
            target="at most 3.5 times the floor at 10,000 vertices",
        ),
        measure(
            "logarithmic map, preparing a mesh and the first map",
            preparing,
            sizes=SIZES[:-1],
            unit="vertices",
            budget=10.0,
        ),
        measure(
            "logarithmic maps from four vertices, after that",
            logarithms,
            sizes=SIZES[:-1],
            unit="vertices",
            budget=10.0,
            target="as fast as potpourri3d at 642 vertices, faster beyond",
        ),
        measure(
            "logarithmic map, preparing a slanted sheet and the first map",
            preparing_slanted,
            sizes=OPEN,
            unit="vertices",
            budget=10.0,
        ),
        measure(
            "logarithmic maps from four vertices of a slanted sheet, after that",
            logarithms_slanted,
            sizes=OPEN,
            unit="vertices",
            budget=10.0,
        ),
    ]
    save(
        "gauges",
        "Gauges",
        "Spheres of triangles, and flat sheets sheared by 2, where most edges are flipped and the "
        "rim is doubled. The gauge convolution works in single precision on features of "
        "orders 0 to 2; its floor is the three products of all edges' features with the kernel, "
        "without fetching a neighbour, turning it or summing. Logarithmic maps are in double "
        "precision; both libraries take directions from the affine heat method.",
        jobs,
        packages=["scipy", "potpourri3d"],
    )
