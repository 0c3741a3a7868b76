"""The vibrations of a surface: eigenfunctions of its Laplacian, and descriptors made of them.

See chapter 08, *Geodesics*.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from scipy.linalg import eigh
from scipy.sparse import csr_array, diags_array
from scipy.sparse.linalg import LinearOperator, eigsh
from torch import Tensor

from gdl_utils.arguments import positive, real, wholes
from gdl_utils.geodesics.delaunay import intrinsic_delaunay
from gdl_utils.geodesics.elimination import factorise, nested_dissection
from gdl_utils.geodesics.mesh import Mesh, require_mesh
from gdl_utils.geodesics.operators import cotangent_laplacian, mass
from gdl_utils.geodesics.triangulation import FLATTEST, Triangulation, intrinsic

SPREAD = 1e8
"""An eigenvalue of this size, times the area, spoils the lowest if all are sought at once."""
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
        return self.vectors.T @ (self.mass[:, None] * self._signal("x", x, len(self.mass)))

    def synthesise(self, c: Float[Tensor, "K C"]) -> Float[Tensor, "V C"]:
        """The signal with these coefficients, Φ c: (K, C) → (V, C). Chapter 08."""
        return self.vectors @ self._signal("c", c, len(self))

    def project(self, x: Float[Tensor, "V C"]) -> Float[Tensor, "V C"]:
        """What of a signal these eigenfunctions can say, Φ Φᵀ M x: its low pass. Chapter 08."""
        return self.synthesise(self.coefficients(x))

    def diffuse(self, x: Float[Tensor, "V C"], t: float) -> Float[Tensor, "V C"]:
        """Let heat flow for a time t, Φ exp(−λ t) Φᵀ M x; t in the unit squared. Chapter 08."""
        if (t := real("t", t)) < 0:
            raise ValueError(f"t must be at least 0 and finite, got {t}")
        return self.synthesise(torch.exp(-self.values * t)[:, None] * self.coefficients(x))

    def _signal(self, name: str, x: Tensor, count: int) -> Tensor:
        if not isinstance(x, Tensor) or x.ndim != 2 or len(x) != count:
            got = tuple(x.shape) if isinstance(x, Tensor) else type(x).__name__
            raise ValueError(f"{name} must be ({count}, C), got {got}")
        return x.to(torch.promote_types(x.dtype, self.vectors.dtype))


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
        Without it, only triangles flatter than 10⁻⁷ are given a height, as by
        :func:`~gdl_utils.geodesics.triangulation.intrinsic`.

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
    n = len(require_mesh(mesh).verts)
    (k,) = wholes(k=k)
    if not 1 <= k <= n:
        raise ValueError(f"k must be between 1 and {n}, got {k}")
    surface = intrinsic_delaunay(mesh) if delaunay else _shaped(mesh)
    laplacian = surface.laplacian() if surface else cotangent_laplacian(mesh)
    m = surface.mass() if surface else mass(mesh)
    values, vectors = _by_piece(mesh, laplacian, m.numpy(), min(k + whole, n))
    if whole and k < n:
        gaps = np.diff(values) > SAME * (values[1:] + 1 / float(m.sum()))
        if not gaps.any():
            raise ValueError(f"k must hold a whole eigenspace, got {k}")
        k = int(np.flatnonzero(gaps)[-1]) + 1
    return Spectrum(torch.from_numpy(values[:k].copy()), torch.from_numpy(vectors[:, :k].copy()), m)


def _shaped(mesh: Mesh) -> Triangulation | None:
    """The triangles with the least height there is given to those that are flatter, if any is."""
    found = intrinsic(mesh)
    flat = 2 * mesh.face_areas.numpy() < FLATTEST * found.lengths.max(1) ** 2
    return found if flat.any() else None


def _by_piece(
    mesh: Mesh, laplacian: csr_array, m: np.ndarray, k: int
) -> tuple[np.ndarray, np.ndarray]:
    """The lowest eigenpairs; of each piece on its own, if one may be lost beside another."""
    piece = mesh.components.numpy()
    if (areas := np.bincount(piece, m)).max() <= 1e3 * areas.min():
        return _scaled(mesh.verts.numpy(), laplacian, m, k)
    values, vectors = [], []
    for number in range(len(areas)):
        at = np.flatnonzero(piece == number)
        own = laplacian[at][:, at], m[at], min(k, len(at))
        found = _scaled(mesh.verts.numpy()[at], *own)
        vectors.append(np.zeros((len(m), len(found[0]))))
        values, vectors[-1][at] = [*values, np.r_[0.0, found[0][1:]]], found[1]
    order = np.argsort(np.concatenate(values), kind="stable")[:k]
    return np.concatenate(values)[order], np.concatenate(vectors, 1)[:, order]


def _scaled(
    points: np.ndarray, laplacian: csr_array, m: np.ndarray, k: int
) -> tuple[np.ndarray, np.ndarray]:
    # The solver has tolerances of its own. They do not matter with an area between 1 and 4; a power
    # of two as the unit changes no digit of what is found.
    unit = 2.0 ** np.floor(np.log2(float(m.sum())) / 2)
    values, vectors = _lowest(points, laplacian, m / unit**2, k)
    return np.maximum(values, 0.0) / unit**2, vectors / unit


def _lowest(
    points: np.ndarray, laplacian: csr_array, m: np.ndarray, k: int
) -> tuple[np.ndarray, np.ndarray]:
    n = len(m)
    shift = -0.1 / m.sum()  # just below 0; the first eigenvalue of a sphere is 8π / area
    if n <= 300 or 4 * k > n:
        root = np.sqrt(m)
        values, vectors = eigh(
            laplacian.toarray() / np.outer(root, root), subset_by_index=(0, k - 1)
        )
        largest = float((laplacian.diagonal() / m).max())
        if largest * m.sum() > SPREAD:  # then the lowest of these have few digits or none
            inverse = root[:, None] * factorise(laplacian - shift * diags_array(m))(np.diag(root))
            found = eigh((inverse + inverse.T) / 2, subset_by_index=(n - k, n - 1))
            # Both err by 1e-16 of their largest eigenvalue: below this the inverse is the better.
            low = np.count_nonzero((better := 1 / found[0][::-1] + shift) ** 2 < -shift * largest)
            values[:low], vectors[:, :low] = better[:low], found[1][:, ::-1][:, :low]
        return values, vectors / root[:, None]
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
    if np.ndim(times) == 0:
        (count,) = positive(times=times)
        low, high = _range(spectrum)
        ends = 4 * np.log(10) / np.array([high, low])
        times = torch.from_numpy(np.geomspace(*ends, count))
    times = torch.as_tensor(times, dtype=spectrum.values.dtype)
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
    if (width := real("width", width, positive=True)) < 1e-100:
        raise ValueError(f"width must be at least 1e-100, got {width}")
    (count,) = positive(energies=energies)
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
    return 1e-7 * float(1 / spectrum.mass.sum())


def _range(spectrum: Spectrum) -> tuple[float, float]:
    live = spectrum.values[spectrum.values > _zero(spectrum)]
    if len(live) == 0:
        raise ValueError("spectrum must hold an eigenvalue above 0, got none: ask for more pairs")
    return float(live[0]), float(live[-1])
