"""Operators, distances and a network's block on spheres of triangles, against the libraries that
geometry processing is done with. Chapter 08.

igl and lapy are in the ``bench`` extra: ``pip install -c constraints.txt -e '.[bench]'``. Without
them the Laplacian has only potpourri3d beside it.
"""

import importlib.util
from copy import copy

import numpy as np
import potpourri3d
import torch
from timing import measure, save

from gdl_utils.geodesics.delaunay import intrinsic
from gdl_utils.geodesics.distances import HeatMethod
from gdl_utils.geodesics.layers import DiffusionBlock, SurfaceOperators
from gdl_utils.geodesics.mesh import Mesh
from gdl_utils.geodesics.operators import cotangent_laplacian, mass
from gdl_utils.geodesics.shapes import icosphere, sheet
from gdl_utils.geodesics.tangent import edge_vectors, tangent_gradient
from gdl_utils.graphs.sparse import Adjacency

EACH = {"sizes": [642, 2562, 10242, 40962, 163842], "unit": "vertices", "budget": 10.0}
OPEN = {**EACH, "sizes": [1024, 2500, 10000, 40000, 160000]}
SHEAR = 2.0
SOURCES, WIDTH, PAIRS = 16, 128, 128
ABSENT = {
    name: f"not installed here: pip install {package}"
    for name, package in {"igl": "libigl", "lapy": "lapy"}.items()
    if importlib.util.find_spec(name) is None
}


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


def again(*functions):
    """Call functions of a mesh as if they had not been called before."""
    return lambda mesh: [f.__wrapped__(mesh) for f in functions]


def laplacians(n: int):
    """The cotangent Laplacian, and each vertex's area."""
    mesh = sphere(n)
    verts, faces = mesh.verts.numpy(), mesh.faces.numpy()
    both = again(cotangent_laplacian, mass)
    calls = {
        "gdl_utils": lambda: both(mesh),
        "gdl_utils, and the checks of a mesh": lambda: both(Mesh(verts, faces)),
        "potpourri3d": lambda: (
            potpourri3d.cotan_laplacian(verts, faces),
            potpourri3d.vertex_areas(verts, faces),
        ),
    }
    if "igl" not in ABSENT:
        import igl

        barycentric = igl.MASSMATRIX_TYPE_BARYCENTRIC
        calls["igl"] = lambda: (
            -igl.cotmatrix(verts, faces),
            igl.massmatrix(verts, faces, barycentric).diagonal(),
        )
    if "lapy" not in ABSENT:
        import lapy

        surface = lapy.TriaMesh(verts, faces)

        def stiffness_and_mass():
            solver = lapy.Solver(surface, lump=True)
            return solver.stiffness, solver.mass.diagonal()

        calls["lapy"] = stiffness_and_mass
    laplacian, m = calls["gdl_utils"]()
    for call in calls.values():
        other, areas = call()
        assert abs(laplacian - other).max() < 1e-6
        assert np.abs(np.asarray(m) - np.asarray(areas)).max() < 1e-6
    return calls


def network_operators(n: int):
    """What a DiffusionNet needs besides eigenvectors: Laplacian, areas, gradients at vertices."""
    mesh = sphere(n)
    every = again(cotangent_laplacian, mass, intrinsic, edge_vectors, tangent_gradient)
    calls = {"gdl_utils": lambda: every(mesh)}
    calls["gdl_utils, Laplacian and mass alone"] = laplacians(n)["gdl_utils"]
    if "igl" not in ABSENT:
        calls["igl, Laplacian and mass alone"] = laplacians(n)["igl"]
    return calls


def preparing(n: int):
    """The heat method's matrices, intrinsic Delaunay and both factorisations."""
    return prepared(sphere(n))


def preparing_slanted(n: int):
    """The same, where most edges flip and the surface is doubled."""
    return prepared(slanted(n))


def prepared(mesh: Mesh):
    verts, faces = mesh.verts.numpy(), mesh.faces.numpy()
    return {
        "gdl_utils": lambda: HeatMethod(copy(mesh)),  # of a copy, nothing is known yet
        "gdl_utils, and the checks of a mesh": lambda: HeatMethod(Mesh(verts, faces)),
        "potpourri3d": lambda: potpourri3d.MeshHeatMethodDistanceSolver(verts, faces),
    }


def distances(n: int):
    """Distances from sixteen sources, each on its own, with everything factorised."""
    return measured(sphere(n), lambda x, s: torch.arccos((x @ x[s].T).clamp(-1, 1)))


def distances_slanted(n: int):
    """The same on the slanted sheet, from its rim and from inside.

    At the usual time step, heat that crosses more than 700 edges is below what a double can hold:
    the library says so, and both get four times that step.
    """
    return measured(slanted(n), lambda x, s: torch.cdist(x, x[s]), 4.0 if n > 1e5 else 1.0)


def measured(mesh: Mesh, exact, longer: float = 1.0):
    n = len(mesh.verts)
    sources = list(range(0, n, n // SOURCES))[:SOURCES]
    ours = HeatMethod(mesh)
    if longer != 1:
        ours = HeatMethod(mesh, longer * ours.t)
    arrays = mesh.verts.numpy(), mesh.faces.numpy()
    peer = potpourri3d.MeshHeatMethodDistanceSolver(*arrays, t_coef=longer)
    calls = {
        "gdl_utils": lambda: ours.distances(sources),
        "potpourri3d": lambda: np.stack([peer.compute_distance(s) for s in sources], 1),
    }
    true = exact(mesh.verts, sources)
    mine, theirs = (float((torch.as_tensor(f()) - true).abs().mean()) for f in calls.values())
    assert mine < 1.1 * theirs
    return calls


def blocks(n: int):
    """One DiffusionNet block, forwards and backwards, on random eigenvectors."""
    mesh = sphere(n)
    rng = torch.Generator().manual_seed(0)
    normal = lambda *shape: torch.randn(*shape, generator=rng)  # noqa: E731
    gradient = tangent_gradient(mesh).tocoo()
    near = Adjacency(torch.from_numpy(np.stack([gradient.col, gradient.row]).astype("i8")), n)
    weights = np.stack([gradient.data.real, gradient.data.imag]).astype("f4")
    pairs = normal(n, PAIRS) / n**0.5
    on = SurfaceOperators(
        torch.linspace(0, 100, PAIRS), pairs, pairs.T.contiguous(), near,
        torch.from_numpy(weights)[:, near.order],
    )  # fmt: skip
    block, x, back = DiffusionBlock(WIDTH), normal(n, WIDTH).requires_grad_(), normal(n, WIDTH)
    wanted = [x, *block.parameters()]
    shapes = [(PAIRS, n, WIDTH), (n, PAIRS, WIDTH)]  # to coefficients, and back
    shapes += [(n, WIDTH, 2 * WIDTH)] * 2 + [(n, 3 * WIDTH, WIDTH)] + [(n, WIDTH, WIDTH)] * 2
    factors = [(normal(a, b), normal(b, c), normal(a, c)) for a, b, c in shapes]

    def products():
        for k, (a, b, c) in enumerate(factors):
            _ = a @ b, a.T @ c
            if k > 1:  # eigenvectors are no weights: there is no gradient of them
                _ = c @ b.T

    return {
        "gdl_utils": lambda: torch.autograd.grad(block(x, on), wanted, back),
        "matrix products alone": products,
    }


if __name__ == "__main__":
    jobs = [
        measure(
            "cotangent Laplacian and mass",
            laplacians,
            **EACH,
            target="twice as fast as the best peer at 10,000 vertices",
            missing=ABSENT,
        ),
        measure(
            "operators of a DiffusionNet, without eigenvectors",
            network_operators,
            **EACH,
            target="at most twice igl's time for the Laplacian and mass alone",
        ),
        measure(
            "heat method, preparing a mesh",
            preparing,
            **EACH,
            target="as fast as potpourri3d at 2,500 vertices, faster from 41,000",
        ),
        measure(
            "heat method, distances from sixteen sources",
            distances,
            **EACH,
            target="faster at every size",
        ),
        measure(
            "heat method, preparing a slanted sheet: flips, and a doubled rim",
            preparing_slanted,
            **OPEN,
            target="at most twice potpourri3d's time",
        ),
        measure(
            "heat method, distances from sixteen sources on a slanted sheet",
            distances_slanted,
            **OPEN,
            target="faster at every size",
        ),
        measure(
            "DiffusionNet block, 128 channels and eigenpairs, forward and backward",
            blocks,
            **EACH,
            floor="matrix products alone",
            target="at most twice the floor",
        ),
    ]
    save(
        "geodesics",
        "Geodesics",
        "Spheres of triangles in double precision (the block in single), and flat sheets sheared "
        "by 2, where most edges are flipped and the rim is doubled. igl, lapy and "
        "potpourri3d are compiled C++ or vectorised Python, and take arrays as they come; "
        "gdl_utils takes a mesh that was checked when it was made, which is timed as well. For "
        "distances potpourri3d works in its robust mode, gdl_utils in the intrinsic Delaunay "
        "triangulation: the same mathematics. The block's eigenvectors are random numbers, as "
        "only their shape matters here.",
        jobs,
        packages=["scipy", "potpourri3d"] + [p for p in ("libigl", "lapy")
                                            if {"libigl": "igl"}.get(p, p) not in ABSENT],
    )  # fmt: skip
