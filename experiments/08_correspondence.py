"""Who is this point, on an animal that moved? Five seeds, dog and rat. Chapter 08.

    python experiments/08_correspondence.py

writes ``book/results/08_correspondence.json``. Each animal has networks of its own. Poses are drawn
at random, scaled to an area of one, and remeshed one by one, so that neither the order of vertices
nor the triangles tell who is who. Networks name one of 500 places of the rest pose for each vertex,
and are tested on new poses in new triangles: how many vertices are named within 5 % of the square
root of the area, on the true side, and modulo the animal's mirror. Nearest neighbours, which learn
nothing, answer with the same places.

What is aligned is aligned by the answer: the rigid motion that brings all points nearest to their
true ones, which nobody would have. A seed draws the poses, the triangles, the initial weights
and the order of the surfaces. Nothing is chosen by looking at test poses: width, rate and
network were set on the dog's poses from two other seeds, and the last step counts. Training is in
float32, where another processor comes to slightly different weights; what the re-run repeats is a
smaller study in float64, stored beside the other.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from record import save
from scipy.stats import t as student
from seeds import run_seeds
from torch import Tensor

from gdl_utils.cases.correspondence.places import (
    Reference,
    Remeshed,
    fit_places,
    place_errors,
    reference,
    remeshed,
    unit_area,
)  # fmt: skip
from gdl_utils.data.animals import load_animal, random_pose
from gdl_utils.geodesics.distances import HeatMethod
from gdl_utils.geodesics.layers import DiffusionNet
from gdl_utils.geodesics.mesh import Mesh
from gdl_utils.geodesics.operators import mass
from gdl_utils.geodesics.spectrum import (
    Spectrum,
    eigenpairs,
    heat_kernel_signature,
    wave_kernel_signature,
)  # fmt: skip
from gdl_utils.training import count_parameters, seeded

SETTINGS = {
    "places": 500, "vertices": 1200, "pairs": 64, "train": 12, "test": 4,
    "channels": 32, "blocks": 4, "epochs": 35, "lr": 0.01, "width": 0.02,
}  # fmt: skip
REDUCED = {
    **SETTINGS, "places": 200, "vertices": 700, "train": 4, "test": 2, "epochs": 20,
}  # fmt: skip
"""Of the small study in float64 that the re-run repeats."""
SEEDS = (0, 1, 2, 3, 4)
ANIMALS = ("dog", "rat")
RADIUS = 0.05
RADII = tuple(round(0.01 * k, 2) for k in range(26))
"""Of the curves: share of vertices within each of these distances."""
NETWORKS = {
    "invariant": ("HKS", False),
    "oriented": ("HKS", True),
    "aligned xyz, network": ("xyz", True),
}
"""What each network is shown, and whether its gradient features know the orientation."""
NEAREST = {
    "aligned xyz, nearest": "xyz",
    "HKS, nearest": "HKS",
    "WKS, nearest": "WKS",
}
POSES = 12
"""For the motion of descriptors."""
DESCRIPTORS: dict[str, Callable[[Spectrum], Tensor]] = {
    "HKS": lambda s: heat_kernel_signature(s, 16),
    "log HKS": lambda s: heat_kernel_signature(s, 16).log(),
    "WKS": lambda s: wave_kernel_signature(s, 16),
    "log WKS": lambda s: wave_kernel_signature(s, 16).log(),
    "WKS, 100 energies": lambda s: wave_kernel_signature(s, 100),
}
"""Of a spectrum; the last has as many energies as Aubry, Schlickewei and Cremers take."""


# -------------------------------------------------------------------------------------- the data
@functools.cache
def template(name: str, places: int) -> Reference:
    """The animal's rest pose, with places on it."""
    animal = load_animal(name)
    return reference(Mesh(animal.verts, animal.faces), places, animal.mirror)


def poses(name: str, seed: int, settings: dict, dtype: torch.dtype) -> tuple[list, list]:
    """Draw remeshed poses of an animal, for training and for testing."""
    animal, to = load_animal(name), template(name, settings["places"])
    rng = torch.Generator().manual_seed(1000 + seed)
    found = []
    for _ in range(settings["train"] + settings["test"]):
        bent = Mesh(animal.pose(random_pose(animal, rng)), animal.faces)
        found.append(
            remeshed(to, bent, settings["vertices"], rng, k=settings["pairs"], dtype=dtype)
        )
    return found[: settings["train"]], found[settings["train"] :]


def aligned(points: Tensor, onto: Tensor, weights: Tensor) -> Tensor:
    """Move points (V, 3) rigidly to where the weighted squares of distances are least."""
    weights = weights[:, None] / weights.sum()
    here, there = ((weights * x).sum(0) for x in (points, onto))
    u, _, v = torch.linalg.svd((weights * (points - here)).T @ (onto - there))
    flip = torch.ones(3, dtype=points.dtype)
    flip[2] = torch.linalg.det(u @ v).sign()
    return (points - here) @ (u * flip) @ v + there


def features(kind: str, surface: Remeshed, to: Reference, k: int) -> Tensor:
    """What is shown of a surface: log signatures, or positions aligned by the answer."""
    if kind == "xyz":
        true = torch.sparse.mm(surface.interpolation, to.mesh.verts)
        return aligned(surface.mesh.verts, true, mass(surface.mesh))
    return signature(kind, eigenpairs(surface.mesh, k, delaunay=True))


def signature(kind: str, spectrum: Spectrum) -> Tensor:
    """The logarithms of 16 values at each vertex."""
    how = {"HKS": heat_kernel_signature, "WKS": wave_kernel_signature}[kind]
    return how(spectrum, 16).log()


# ------------------------------------------------------------------------------------ the scores
def score(places: list[Tensor], surfaces: list[Remeshed]) -> dict[str, float]:
    """Share of vertices named within the radius, and mean errors: plain and modulo the mirror."""
    pairs = list(zip(places, surfaces, strict=True))
    errors = {
        "plain": torch.cat([place_errors(p, s) for p, s in pairs]),
        "modulo": torch.cat([place_errors(p, s, modulo_mirror=True) for p, s in pairs]),
    }
    found = {kind: share(error, RADIUS) for kind, error in errors.items()}
    found |= {f"error_{kind}": round(float(error.mean()), 5) for kind, error in errors.items()}
    return found | {
        f"curve_{kind}": [share(error, r) for r in RADII] for kind, error in errors.items()
    }


def share(errors: Tensor, radius: float) -> float:
    """Share of errors within a radius."""
    return round(float((errors <= radius).double().mean()), 5)


def short(found: dict) -> dict:
    """The two shares alone."""
    return {kind: found[kind] for kind in ("plain", "modulo")}


def answers(model: DiffusionNet, inputs: list[Tensor], surfaces: list[Remeshed]) -> list[Tensor]:
    """The place that each vertex is given."""
    with torch.no_grad():
        return [model(x, s.operators).argmax(1) for x, s in zip(inputs, surfaces, strict=True)]


def inside_out(surface: Remeshed) -> Remeshed:
    """The surface with all faces reversed, as a network sees it: left for right."""
    flipped = surface.operators.gradient * torch.tensor([[1], [-1]])
    return replace(surface, operators=replace(surface.operators, gradient=flipped))


def turned(xyz: Tensor, rng: torch.Generator) -> Tensor:
    """Turn points about their mean by a random rotation."""
    q, r = torch.linalg.qr(torch.randn(3, 3, generator=rng, dtype=torch.float64))
    q = q * r.diagonal().sign()
    q[:, 0] *= torch.linalg.det(q)
    return (xyz - xyz.mean(0)) @ q.T.to(xyz.dtype) + xyz.mean(0)


def network_scores(
    kind: str, seed: int, train: list, test: list, to: Reference, settings: dict
) -> dict:
    """Train one network from one seed, and test it."""
    what, oriented = NETWORKS[kind]
    dtype = train[0].distance.dtype
    shown = [features(what, s, to, settings["pairs"]) for s in (*train, *test)]
    known = torch.cat(shown[: len(train)])
    middle, spread = known.mean(0), known.std(0)

    def prepared(x: Tensor) -> Tensor:
        return ((x - middle) / spread).to(dtype)

    inputs = [prepared(x) for x in shown]
    with seeded(seed) as rng:
        model = network(kind, settings).to(dtype)
        fit_places(
            model, inputs[: len(train)], train, rng=rng,
            epochs=settings["epochs"], lr=settings["lr"], width=settings["width"],
        )  # fmt: skip
    here = inputs[len(train) :]
    found = score(answers(model, here, test), test)
    if oriented and what != "xyz":
        wrong = [inside_out(s) for s in test]
        found["inside_out"] = short(score(answers(model, here, wrong), test))
    if what == "xyz":
        rng = torch.Generator().manual_seed(3000 + seed)
        moved = [prepared(turned(x, rng)) for x in shown[len(train) :]]
        found["turned"] = short(score(answers(model, moved, test), test))
    return found


def network(kind: str, settings: dict) -> DiffusionNet:
    """A DiffusionNet from 16 signatures, or 3 coordinates, to the places."""
    what, oriented = NETWORKS[kind]
    return DiffusionNet(
        3 if what == "xyz" else 16, settings["places"],
        channels=settings["channels"], blocks=settings["blocks"], oriented=oriented,
    )  # fmt: skip


def nearest_scores(kind: str, test: list, to: Reference, settings: dict) -> dict:
    """Answer with the place whose features are nearest: nothing is learnt."""
    what, k = NEAREST[kind], settings["pairs"]
    if what == "xyz":
        there, spread = to.mesh.verts, torch.ones(3, dtype=torch.float64)
    else:
        there = signature(what, eigenpairs(to.mesh, k, delaunay=True))
        spread = there.std(0)
    there = there[to.places] / spread
    found = [torch.cdist(features(what, s, to, k) / spread, there).argmin(1) for s in test]
    return score(found, test)


# ---------------------------------------------------------------------------- how much they move
def midline(name: str) -> float:
    """Share of an animal's area that is within the radius of its own mirror image."""
    to = template(name, SETTINGS["places"])
    heat, m, near = HeatMethod(to.mesh), mass(to.mesh), 0.0
    for some in torch.arange(len(to.mirror)).split(256):
        columns = heat.distances(some.tolist())
        apart = columns[to.mirror[some], torch.arange(len(some))]
        near += float(m[some][apart <= RADIUS].sum())
    return round(near / float(m.sum()), 4)


def movement(x: Tensor, y: Tensor, m: Tensor) -> float:
    """Change of a signal, in units of its spread over the surface."""
    middle = m @ x / m.sum()
    return math.sqrt(float((m @ (y - x).square()).sum() / (m @ (x - middle).square()).sum()))


def movements(name: str) -> dict[str, dict]:
    """How much descriptors and aligned positions change under posing.

    ``same``: in the same triangles, so that only the pose counts; ``vertices``: that too, with
    every vertex counting alike instead of by its area; ``own``: remeshed as well.
    """
    animal, to = load_animal(name), template(name, SETTINGS["places"])
    m, rng = mass(to.mesh), torch.Generator().manual_seed(4000)
    alike = torch.ones_like(m)

    def described(mesh: Mesh) -> dict[str, Tensor]:
        spectrum = eigenpairs(mesh, SETTINGS["pairs"], delaunay=True)
        return {kind: how(spectrum) for kind, how in DESCRIPTORS.items()}

    rest = described(to.mesh)
    unit = {
        kind: torch.ones(()) if kind.startswith("log") else x.mean(0) for kind, x in rest.items()
    }
    ways = ("same", "vertices", "own")
    found: dict[str, dict] = {kind: {way: [] for way in ways} for kind in ("xyz", *DESCRIPTORS)}
    for _ in range(POSES):
        bent = unit_area(Mesh(animal.pose(random_pose(animal, rng)), animal.faces))
        for way, weight in (("same", m), ("vertices", alike)):
            there = aligned(bent.verts, to.mesh.verts, weight)
            found["xyz"][way].append(movement(to.mesh.verts, there, weight))
        new = remeshed(to, bent, SETTINGS["vertices"], rng, dtype=torch.float64)
        true, m_new = torch.sparse.mm(new.interpolation, to.mesh.verts), mass(new.mesh)
        found["xyz"]["own"].append(movement(true, aligned(new.mesh.verts, true, m_new), m_new))
        here, there = described(bent), described(new.mesh)
        for kind, x in rest.items():
            at = torch.sparse.mm(new.interpolation, x)
            for way, weight in (("same", m), ("vertices", alike)):
                moved = movement(x / unit[kind], here[kind] / unit[kind], weight)
                found[kind][way].append(moved)
            found[kind]["own"].append(movement(at / unit[kind], there[kind] / unit[kind], m_new))
    for both in found.values():
        for way in ways:
            ratio = torch.tensor(found["xyz"][way]) / torch.tensor(both[way])
            both[f"ratio_{way}"] = interval(ratio)
    return {
        kind: {how: [round(x, 5) for x in values] for how, values in both.items()}
        for kind, both in found.items()
    }


def interval(ratios: Tensor) -> list[float]:
    """Geometric mean of ratios, and the ends of Student's 95 % interval of it."""
    logs, n = ratios.double().log(), len(ratios)
    reach = float(student.ppf(0.975, n - 1)) * float(logs.std()) / math.sqrt(n)
    middle = float(logs.mean())
    return [math.exp(middle), math.exp(middle - reach), math.exp(middle + reach)]


# --------------------------------------------------------------------------------------- the study
def reduced(seed: int) -> dict[str, dict]:
    """The small study of one seed, in float64."""
    train, test = poses("dog", seed, REDUCED, torch.float64)
    to = template("dog", REDUCED["places"])
    found = {
        kind: network_scores(kind, seed, train, test, to, REDUCED)
        for kind in ("invariant", "oriented")
    }
    found |= {kind: nearest_scores(kind, test, to, REDUCED) for kind in NEAREST}
    return {kind: short(scores) for kind, scores in found.items()}


def of_animal(name: str, seed: int, kinds: tuple[str, ...]) -> dict[str, dict]:
    """Train networks for one animal from one seed, and ask its nearest neighbours."""
    train, test = poses(name, seed, SETTINGS, torch.float32)
    to, scores = template(name, SETTINGS["places"]), {}
    for kind in kinds:
        if kind in NETWORKS:
            scores[kind] = network_scores(kind, seed, train, test, to, SETTINGS)
        else:
            scores[kind] = nearest_scores(kind, test, to, SETTINGS)
    return scores


def of_seed(seed: int) -> dict[str, Any]:
    """Train all networks from one seed; what does not depend on a seed is asked with the first."""
    scores = {
        f"{name}, {kind}": found
        for name in ANIMALS
        for kind, found in of_animal(name, seed, (*NETWORKS, *NEAREST)).items()
    }
    found = {"scores": scores, "reduced": reduced(seed)}
    if seed == SEEDS[0]:
        found["midline"] = {name: midline(name) for name in ANIMALS}
        found["movement"] = {name: movements(name) for name in ANIMALS}
    return found


def main() -> None:
    """Train all networks from all seeds, and store every score."""
    run = run_seeds(of_seed, SEEDS)
    first = run.found[str(SEEDS[0])]
    path = save(
        __file__,
        run,
        "Points of posed, remeshed animals found on the rest pose; chapter 08.",
        settings={**SETTINGS, "radius": RADIUS, "dtype": "float32", "threads": 1},
        parameters={kind: count_parameters(network(kind, SETTINGS)) for kind in NETWORKS},
        radii=RADII,
        scores=run.by_name("scores"),
        midline=first["midline"],
        movement=first["movement"],
        reduced_settings={**REDUCED, "dtype": "float64"},
        reduced={seed: found["reduced"] for seed, found in run.found.items()},
    )
    print(path)


if __name__ == "__main__":
    main()
