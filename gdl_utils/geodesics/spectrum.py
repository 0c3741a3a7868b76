"""The vibrations of a surface: eigenfunctions of its Laplacian, and descriptors made of them.

See chapter 08, *Geodesics*.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from scipy.linalg import eigh
from scipy.sparse import csr_array, diags_array
from scipy.sparse.linalg import LinearOperator, eigsh
from torch import Tensor

from gdl_utils.arguments import whole
from gdl_utils.geodesics.delaunay import intrinsic_delaunay
from gdl_utils.geodesics.distances import factorise, nested_dissection
from gdl_utils.geodesics.mesh import Mesh
from gdl_utils.geodesics.operators import cotangent_laplacian, mass

SAME = 1e-6
"""Two eigenvalues count as one if they differ by less than this share."""


@dataclass(frozen=True, eq=False)
class Spectrum:
    r"""The lowest eigenpairs of a surface, :math:`L \phi_k = \lambda_k M \phi_k`.

    Parameters
    ----------
    values : Tensor, (K,)
        Rising, the first 0; in one over the unit of the mesh squared.
    vectors : Tensor, (V, K)
        Orthonormal with respect to the mass, Φᵀ M Φ = 1. Each sign, and each basis of a repeated
        eigenvalue's space, is a choice.
    mass : Tensor, (V,)
        The area of each vertex.

    Notes
    -----
    Chapter 08, *Geodesics*.
    """

    values: Float[Tensor, " K"]
    vectors: Float[Tensor, "V K"]
    mass: Float[Tensor, " V"]

    def __len__(self) -> int:
        return len(self.values)

    def coefficients(self, x: Float[Tensor, "V C"]) -> Float[Tensor, "K C"]:
        """The Fourier transform of a signal, x̂ = Φᵀ M x: (V, C) → (K, C). Chapter 08."""
        return self.vectors.T @ (self.mass[:, None] * self._signal(x))

    def synthesise(self, c: Float[Tensor, "K C"]) -> Float[Tensor, "V C"]:
        """The signal with these coefficients, Φ c: (K, C) → (V, C). Chapter 08."""
        if c.ndim != 2 or len(c) != len(self):
            raise ValueError(f"c must be ({len(self)}, C), got {tuple(c.shape)}")
        return self.vectors @ c

    def project(self, x: Float[Tensor, "V C"]) -> Float[Tensor, "V C"]:
        """What of a signal these eigenfunctions can say, Φ Φᵀ M x: its low pass. Chapter 08."""
        return self.synthesise(self.coefficients(x))

    def diffuse(self, x: Float[Tensor, "V C"], t: float) -> Float[Tensor, "V C"]:
        """Let heat flow for a time t, Φ exp(−λ t) Φᵀ M x; t in the unit squared. Chapter 08."""
        if not 0 <= t < float("inf"):
            raise ValueError(f"t must be at least 0 and finite, got {t}")
        return self.synthesise(torch.exp(-self.values * t)[:, None] * self.coefficients(x))

    def _signal(self, x: Tensor) -> Tensor:
        if x.ndim != 2 or len(x) != len(self.mass):
            raise ValueError(f"x must be ({len(self.mass)}, C), got {tuple(x.shape)}")
        return x


def eigenpairs(mesh: Mesh, k: int, *, whole: bool = False, delaunay: bool = False) -> Spectrum:
    """The k lowest eigenpairs of the Laplacian with respect to the mass.

    Parameters
    ----------
    mesh : Mesh
        V vertices. Each of its pieces adds one eigenvalue 0.
    k : int
        How many, from 1 to V.
    whole : bool
        Leave out the last eigenvalue's space unless all of it fits: then everything made of
        projections is equivariant to the surface's isometries. There may be fewer than k pairs.
    delaunay : bool
        Use the Laplacian and the mass of the intrinsic Delaunay triangulation: for bad triangles.

    Returns
    -------
    Spectrum
        The same on every call.

    Raises
    ------
    ValueError
        If k is out of its range, or ``whole`` leaves nothing.

    Notes
    -----
    By scipy's ``eigsh`` in shift-invert mode (ARPACK), or ``eigh`` where k is not small against V.
    Chapter 08, *Geodesics*.

    References
    ----------
    Vallet, Lévy (2008), *Spectral Geometry Processing with Manifold Harmonics*.
    """
    if not isinstance(mesh, Mesh):
        raise ValueError(f"mesh must be a Mesh, got {type(mesh).__name__}")
    n = len(mesh.verts)
    if not 1 <= k <= n:
        raise ValueError(f"k must be between 1 and {n}, got {k}")
    surface = intrinsic_delaunay(mesh) if delaunay else None
    laplacian = surface.laplacian() if surface else cotangent_laplacian(mesh)
    m = surface.mass() if surface else mass(mesh)
    wanted = min(k + whole, n)
    values, vectors = _lowest(mesh.verts.numpy(), laplacian, m.numpy(), wanted)
    values = np.maximum(values, 0.0)
    if whole and k < n:
        gaps = np.diff(values) > SAME * (values[1:] + 1 / float(m.sum()))
        if not gaps.any():
            raise ValueError(f"k must hold a whole eigenspace, got {k}")
        k = int(np.flatnonzero(gaps)[-1]) + 1
    return Spectrum(torch.from_numpy(values[:k].copy()), torch.from_numpy(vectors[:, :k].copy()), m)


def _lowest(
    points: np.ndarray, laplacian: csr_array, m: np.ndarray, k: int
) -> tuple[np.ndarray, np.ndarray]:
    n = len(m)
    if n <= 300 or 4 * k > n:
        root = np.sqrt(m)
        values, vectors = eigh(
            laplacian.toarray() / np.outer(root, root), subset_by_index=(0, k - 1)
        )
        return values, vectors / root[:, None]
    shift = -0.1 / m.sum()  # just below 0; the first eigenvalue of a sphere is 8π / area
    shifted = laplacian - shift * diags_array(m)
    solve = factorise(shifted, nested_dissection(points, laplacian))
    inverse = LinearOperator((n, n), matvec=lambda b: solve(b.reshape(n, 1))[:, 0], dtype=float)
    values, vectors = eigsh(
        laplacian, k, M=diags_array(m).tocsc(), sigma=shift, OPinv=inverse,
        v0=np.random.default_rng(0).standard_normal(n),
    )  # fmt: skip
    order = np.argsort(values)
    return values[order], vectors[:, order]


def heat_kernel_signature(
    spectrum: Spectrum, times: Float[Tensor, " T"] | int = 16
) -> Float[Tensor, "V T"]:
    r"""How much heat is left where it was put, after each of several times.

    .. math:: \mathrm{HKS}(v, t) = \sum_k e^{-\lambda_k t} \phi_k(v)^2

    Parameters
    ----------
    spectrum : Spectrum
        Of V vertices.
    times : Tensor, (T,), or int
        Times, in the unit of the mesh squared; or how many, evenly spaced in their logarithm from
        4 ln 10 / λ_max to 4 ln 10 / λ_min, λ_min being the first eigenvalue that is not 0.

    Returns
    -------
    Tensor, (V, T)
        Positive, in one over the unit squared. The same under every isometry.

    Raises
    ------
    ValueError
        If a time is not positive, or they are to be chosen and all eigenvalues are 0.

    References
    ----------
    Sun, Ovsjanikov, Guibas (2009), *A Concise and Provably Informative Multi-Scale Signature Based
    on Heat Diffusion*; the times are theirs, too. Chapter 08, *Geodesics*.
    """
    if not isinstance(times, Tensor) or times.ndim == 0:
        low, high = _range(spectrum)
        ends = 4 * np.log(10) / np.array([high, low])
        times = torch.from_numpy(np.geomspace(*ends, _count("times", times)))
    if times.ndim != 1 or not bool((times > 0).all() and torch.isfinite(times).all()):
        raise ValueError(f"times must be (T,), positive and finite, got {times}")
    return spectrum.vectors.square() @ torch.exp(-torch.outer(spectrum.values, times))


def wave_kernel_signature(
    spectrum: Spectrum, energies: int = 16, width: float = 7.0
) -> Float[Tensor, "V E"]:
    r"""How likely a quantum particle of a given energy is found at each point.

    .. math::
        \mathrm{WKS}(v, e) = \frac{\sum_k \phi_k(v)^2 \, w_k(e)}{\sum_k w_k(e)}, \qquad
        w_k(e) = \exp\!\left( -\frac{(e - \ln \lambda_k)^2}{2 \sigma^2} \right)

    over the eigenvalues that are not 0, for energies e evenly spaced from ln λ_min + 2σ to
    ln λ_max − 2σ.

    Parameters
    ----------
    spectrum : Spectrum
        Of V vertices.
    energies : int
        How many.
    width : float
        σ in steps of e; a smaller range of eigenvalues than its ten steps needs narrows it.

    Returns
    -------
    Tensor, (V, E)
        Positive, in one over the unit of the mesh squared. Sizes of the mesh enter by that only.

    Raises
    ------
    ValueError
        If ``energies`` or ``width`` is not positive, or fewer than two different eigenvalues are
        not 0.

    References
    ----------
    Aubry, Schlickewei, Cremers (2011), *The Wave Kernel Signature: A Quantum Mechanical Approach
    to Shape Analysis*; σ = 7 steps is theirs, too. Chapter 08, *Geodesics*.
    """
    if not 0 < width < float("inf"):
        raise ValueError(f"width must be positive and finite, got {width}")
    count = _count("energies", energies)
    low, high = np.log(_range(spectrum))
    if high - low < SAME:
        raise ValueError("spectrum must hold two different eigenvalues above 0, got one")
    step = (high - low) / (count - 1 + 4 * width)
    sigma = width * step
    e = low + 2 * sigma + step * torch.arange(count, dtype=spectrum.values.dtype)
    live = spectrum.values > _zero(spectrum)
    apart = (e - spectrum.values[live].log()[:, None]) / sigma
    weights = torch.softmax(-apart.square() / 2, 0)
    return spectrum.vectors[:, live].square() @ weights


def _zero(spectrum: Spectrum) -> float:
    """What an eigenvalue may be by rounding, if it is 0."""
    return 1e-8 * float(1 / spectrum.mass.sum() + spectrum.values[-1])


def _range(spectrum: Spectrum) -> tuple[float, float]:
    live = spectrum.values[spectrum.values > _zero(spectrum)]
    if len(live) == 0:
        raise ValueError("spectrum must hold an eigenvalue above 0, got none: ask for more pairs")
    return float(live[0]), float(live[-1])


def _count(name: str, value: Any) -> int:
    value = whole(name, value)
    if value < 1:
        raise ValueError(f"{name} must be a positive number, got {value}")
    return value
