"""Which point is this? Finding the points of one surface on another that was bent and remeshed.

See chapter 08, *Geodesics*. A network answers with one of some places that are spread over a
reference surface; what it may know of the other surface is a matter of its inputs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from gdl_utils.geodesics.distances import HeatMethod
from gdl_utils.geodesics.layers import SurfaceOperators, surface_operators
from gdl_utils.geodesics.mesh import Mesh
from gdl_utils.geodesics.pooling import farthest_points
from gdl_utils.geodesics.remeshing import remesh
from gdl_utils.training import fit_steps, shuffled


def unit_area(mesh: Mesh) -> Mesh:
    """The same mesh, scaled about the origin to an area of one. Chapter 08, *Geodesics*."""
    return Mesh(mesh.verts / mesh.face_areas.sum().sqrt(), mesh.faces)


@dataclass(frozen=True, eq=False)
class Reference:
    """A surface, some places on it, and all distances to them, by :func:`reference`. Chapter 08.

    Parameters
    ----------
    mesh : Mesh
        V vertices, of area one.
    places : Tensor, (S,)
        Vertices.
    distances : Tensor, (V, S)
        Geodesic, in the square root of the area.
    mirror : Tensor, (V,)
        The vertex opposite each vertex, where the surface mirrors itself; else the vertex.
    """

    mesh: Mesh
    places: Int64[Tensor, " S"]
    distances: Float[Tensor, "V S"]
    mirror: Int64[Tensor, " V"]


def reference(mesh: Mesh, count: int, mirror: Int64[Tensor, " V"] | None = None) -> Reference:
    """Spread places over a surface, and measure all distances to them.

    Parameters
    ----------
    mesh : Mesh
        V vertices, of any size.
    count : int
        How many places, by farthest points.
    mirror : Tensor, (V,), optional
        The vertex opposite each vertex: its own inverse.

    Returns
    -------
    Reference

    Raises
    ------
    ValueError
        If ``count`` is not between 1 and V, or ``mirror`` is not an involution of the vertices.

    Notes
    -----
    Distances by the heat method, good to some percent. Chapter 08, *Geodesics*.
    """
    every = torch.arange(len(mesh.verts))
    mirror = every if mirror is None else mirror
    proper = mirror.shape == every.shape and mirror.dtype == torch.int64
    if not proper or not torch.equal(mirror[mirror.clamp(0, len(every) - 1)], every):
        raise ValueError(f"mirror must be its own inverse on {len(every)} vertices, got another")
    scaled = unit_area(mesh)
    places = farthest_points(scaled, count)
    return Reference(scaled, places, HeatMethod(scaled).distances(places).clamp(min=0), mirror)


@dataclass(frozen=True, eq=False)
class Remeshed:
    """A bent copy of a reference in triangles of its own, by :func:`remeshed`. Chapter 08.

    Parameters
    ----------
    mesh : Mesh
        K vertices, of area one.
    interpolation : Tensor, (K, V), sparse
        Where its vertices lie on the reference: takes the reference's signals to them.
    operators : SurfaceOperators
        What a network may know of it.
    distance : Tensor, (K, S)
        From the true point on the reference to each place.
    mirrored : Tensor, (K, S)
        From the mirror image of the true point to each place.
    """

    mesh: Mesh
    interpolation: Tensor
    operators: SurfaceOperators
    distance: Float[Tensor, "K S"]
    mirrored: Float[Tensor, "K S"]


def remeshed(
    to: Reference,
    bent: Mesh,
    count: int,
    rng: torch.Generator,
    *,
    k: int = 64,
    dtype: torch.dtype = torch.float32,
) -> Remeshed:
    """Remesh a bent copy of the reference, so that neither order nor triangles tell who is who.

    Parameters
    ----------
    to : Reference
        V vertices.
    bent : Mesh
        The same V vertices, elsewhere.
    count : int
        Of the new mesh's vertices.
    rng : torch.Generator
        As of :func:`gdl_utils.geodesics.remeshing.remesh`.
    k : int
        Eigenpairs of ``on``, in the intrinsic Delaunay triangulation.
    dtype : torch.dtype
        Of ``on`` and of the distances.

    Returns
    -------
    Remeshed

    Raises
    ------
    ValueError
        If ``bent`` has another number of vertices than the reference.

    Notes
    -----
    Chapter 08, *Geodesics*.
    """
    if len(bent.verts) != len(to.mesh.verts):
        raise ValueError(
            f"bent must have the reference's {len(to.mesh.verts)} vertices, got {len(bent.verts)}"
        )
    new, interpolation = remesh(bent, count, rng)
    new = unit_area(new)
    true, opposite = (
        torch.sparse.mm(interpolation, d).to(dtype) for d in (to.distances, to.distances[to.mirror])
    )
    return Remeshed(
        new, interpolation, surface_operators(new, k, delaunay=True, dtype=dtype), true, opposite
    )


def soft_labels(distance: Float[Tensor, "K S"], width: float) -> Float[Tensor, "K S"]:
    r"""A share for each place, falling as :math:`e^{-d^2 / 2 w^2}`, normalised. Chapter 08.

    Parameters
    ----------
    distance : Tensor, (K, S)
        From each true point to each place.
    width : float
        w, in the unit of the distances.

    Returns
    -------
    Tensor, (K, S)
        Rows sum to one.

    Raises
    ------
    ValueError
        If ``width`` is not positive and finite.
    """
    if not 0 < width < math.inf:
        raise ValueError(f"width must be positive and finite, got {width}")
    return torch.softmax(-(distance / width).square() / 2, 1)


def fit_places(
    model: nn.Module,
    inputs: Sequence[Tensor],
    surfaces: Sequence[Remeshed],
    *,
    rng: torch.Generator,
    epochs: int = 20,
    lr: float = 0.01,
    width: float = 0.02,
) -> list[float]:
    """Train a network to name the place of every vertex; the last step is the result.

    Cross-entropy with :func:`soft_labels`, one surface a step, Adam with a one-cycle schedule.

    Parameters
    ----------
    model : nn.Module
        ``model(x, on) -> (K, S)`` logits, such as a DiffusionNet. Left in evaluation mode.
    inputs : sequence of Tensor, (K, C)
        One for each surface.
    surfaces : sequence of Remeshed
    rng : torch.Generator
        Draws the order of the surfaces.
    epochs : int
    lr : float
        The largest learning rate of the cycle.
    width : float
        Of the labels, in the square root of the area.

    Returns
    -------
    list of float
        Mean loss of each epoch, in nats.

    Raises
    ------
    ValueError
        If there are no surfaces, or not one input for each, or ``epochs`` is not positive.
    FloatingPointError
        If the loss stops being finite.

    References
    ----------
    Kingma, Ba (2015), *Adam*; Smith, Topin (2019), *Super-Convergence*. Chapter 08, *Geodesics*.
    """
    if len(inputs) != len(surfaces) or len(surfaces) == 0:
        raise ValueError(
            f"inputs must be one for each of some surfaces, got {len(inputs)} and {len(surfaces)}"
        )
    if epochs < 1:
        raise ValueError(f"epochs must be positive, got {epochs}")
    labels = [soft_labels(s.distance, width) for s in surfaces]
    order = shuffled(len(surfaces), 1, rng)

    def loss_of_next() -> Tensor:
        i = int(next(order))
        guess = model(inputs[i], surfaces[i].operators).log_softmax(1)
        return -(labels[i] * guess).sum(1).mean()

    losses = fit_steps(model, loss_of_next, epochs * len(surfaces), lr=lr)
    return torch.tensor(losses, dtype=torch.float64).reshape(epochs, -1).mean(1).tolist()


def place_errors(
    place: Int64[Tensor, " K"], truth: Remeshed, *, modulo_mirror: bool = False
) -> Float[Tensor, " K"]:
    """How far on the reference each answer is from the true point.

    Parameters
    ----------
    place : Tensor, (K,)
        The answer for each vertex: the number of a place, such as the argmax of the logits.
    truth : Remeshed
        K vertices.
    modulo_mirror : bool
        Count the nearer of the true point and its mirror image.

    Returns
    -------
    Tensor, (K,)
        Geodesic distances, in the square root of the area.

    Raises
    ------
    ValueError
        If ``place`` is not (K,), or names a place that does not exist.

    Notes
    -----
    Chapter 08, *Geodesics*.
    """
    points, places = truth.distance.shape
    if place.shape != (points,):
        raise ValueError(f"place must be ({points},), got {tuple(place.shape)}")
    if place.min() < 0 or place.max() >= places:
        raise ValueError(f"place must be from 0 to {places - 1}, got others")
    error = truth.distance.gather(1, place[:, None])[:, 0]
    if not modulo_mirror:
        return error
    return torch.minimum(error, truth.mirrored.gather(1, place[:, None])[:, 0])
