"""Patients that never lived: drawn from the frequencies of a knowledge graph. Chapter 21.

What the simulator cannot tell of real patients: its diseases are equally common (prevalences would
be invented), the symptoms of one patient are independent given the disease, age, sex and course do
not exist, and how often people err, generalise and forget is made up.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from gdl_utils.data.ontology import closure, ragged
from gdl_utils.data.phenotypes import MIDPOINTS, PhenotypeGraph

REPORTERS = ("patient", "clinician")
HIGHEST_CLIMB = 4
"""The most *is a* steps that a vague report goes up."""


@dataclass(frozen=True)
class Reliability:
    """How one who reports errs: four probabilities. Chapter 21."""

    noise: float = 0.0
    """A reported symptom is that of another patient, of another disease."""
    vague: float = 0.0
    """A reported term is a more general one: a step up, and from there on with ``climb``."""
    exact: float = 0.0
    """A reported term is a kind of the one in the disease's list, if there are kinds."""
    missed: float = 0.0
    """A finding that is there is reported absent when asked for; else nothing is reported."""

    def __post_init__(self) -> None:
        for f in fields(self):
            if not 0 <= getattr(self, f.name) <= 1:
                raise ValueError(f"{f.name} must be from 0 to 1, got {getattr(self, f.name)}")
        if self.vague + self.exact > 1:
            raise ValueError(f"vague + exact must be at most 1, got {self.vague + self.exact}")


@dataclass(frozen=True)
class Simulation:
    """How patients come to their reports. Chapter 21."""

    fewest: int = 3
    """Symptoms that a patient tells: equally likely from ``fewest`` to ``most``, if there are as
    many."""
    most: int = 8
    asked: int = 4
    """Findings that are asked for: equally likely from 0 to ``asked``."""
    clinician: float = 0.5
    """Probability that a report is a clinician's."""
    climb: float = 0.4
    """Probability that a vague report goes up a further step."""
    reliability: tuple[Reliability, Reliability] = (
        Reliability(noise=0.35, vague=0.6, missed=0.25),
        Reliability(noise=0.05, vague=0.2, exact=0.1, missed=0.03),
    )
    """Of the patient and of the clinician."""

    def __post_init__(self) -> None:
        if not 1 <= self.fewest <= self.most:
            raise ValueError(f"1 ≤ fewest ≤ most must hold, got {self.fewest} and {self.most}")
        if self.asked < 0:
            raise ValueError(f"asked must not be negative, got {self.asked}")
        for name in ("clinician", "climb"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be from 0 to 1, got {getattr(self, name)}")
        if len(self.reliability) != len(REPORTERS):
            raise ValueError(f"reliability must have 2 entries, got {len(self.reliability)}")


NOISY = Simulation()
"""The simulation that networks are trained on."""
CLEAN = replace(NOISY, asked=0, reliability=(Reliability(), Reliability()))
"""Nobody errs, generalises or is asked."""
ALIKE = replace(NOISY, reliability=(Reliability(0.2, 0.4, 0.05, 0.14),) * 2)
"""Both reporters err alike, each as often as the two of ``NOISY`` on average."""
SHIFTED = Simulation(
    fewest=2,
    most=6,
    asked=2,
    clinician=0.3,
    climb=0.5,
    reliability=(Reliability(0.5, 0.7, 0.0, 0.35), Reliability(0.15, 0.3, 0.1, 0.1)),
)
"""Other people: more noise, more general terms, fewer reports, fewer clinicians."""


def erring(simulation: Simulation, factor: float) -> Simulation:
    """Make all errors ``factor`` times as likely, at most certain. Chapter 21."""
    if factor < 0:
        raise ValueError(f"factor must not be negative, got {factor}")
    changed = []
    for r in simulation.reliability:
        new = [min(1.0, factor * getattr(r, f.name)) for f in fields(r)]
        new[2] = min(new[2], 1 - new[1])
        changed.append(Reliability(*new))
    return replace(simulation, reliability=tuple(changed))


@dataclass(frozen=True, eq=False)
class Patients:
    """N patients and their R reports. Chapter 21."""

    disease: Int64[Tensor, " n"]
    """What each patient has."""
    owner: Int64[Tensor, " r"]
    """Whose each report is: an index of ``disease``; sorted."""
    term: Int64[Tensor, " r"]
    present: Bool[Tensor, " r"]
    """Reported present, or absent."""
    reporter: Int64[Tensor, " r"]
    """0 for the patient and 1 for the clinician."""

    def __len__(self) -> int:
        return len(self.disease)

    def __getitem__(self, which: slice | Tensor) -> Patients:
        """Some of the patients: a slice, (n,) indices, or an (N,) mask; each at most once."""
        chosen = torch.arange(len(self))[which]
        place = torch.full((len(self),), -1)
        place[chosen] = torch.arange(len(chosen))
        kept = (place[self.owner] >= 0).nonzero()[:, 0]
        kept = kept[place[self.owner[kept]].argsort(stable=True)]
        others = (x[kept] for x in (self.term, self.present, self.reporter))
        return Patients(self.disease[chosen], place[self.owner[kept]], *others)

    @property
    def told(self) -> Int64[Tensor, " n"]:
        """How many symptoms are reported present, for each patient."""
        return self.owner[self.present].bincount(minlength=len(self))


class Simulator:
    """Draws patients from a knowledge graph.

    Parameters
    ----------
    graph : PhenotypeGraph

    Raises
    ------
    ValueError
        In ``draw``: if n is not positive, or ``diseases`` is empty or names one that is not there.

    Notes
    -----
    A patient's disease is one of all, equally likely. Each of its phenotypes is there with the
    middle of its class of frequency, independently; who has none is drawn again. Some of those
    that are there, chosen at random, are told. Every report has its reporter. Then reports are
    changed as ``Reliability`` says; a noise symptom is told instead of an own one. Findings that
    are asked for are those of other patients. What is told twice counts once, and a term is not
    reported absent if it, or a kind of it, is reported present. Chapter 21.
    """

    def __init__(self, graph: PhenotypeGraph) -> None:
        disease, term = graph.edge_index
        self.diseases, self.terms = len(graph.disease_ids), len(graph.term_ids)
        self.rate = torch.tensor(MIDPOINTS, dtype=torch.float64)[graph.frequency]
        self.term = term
        self.start = torch.searchsorted(disease, torch.arange(self.diseases + 1))
        self.parents = _rows(graph.is_a[0], graph.is_a[1], self.terms)
        self.children = _rows(graph.is_a[1], graph.is_a[0], self.terms)
        depth = closure(graph.is_a, self.terms)
        self.kinds = (depth.above * self.terms + depth.below).sort().values
        expected = self.rate.new_zeros(self.diseases).index_add(0, disease, self.rate)
        of_anyone = (self.rate / expected[disease]).cumsum(0)
        self.of_anyone = of_anyone / of_anyone[-1]

    def draw(
        self,
        n: int,
        simulation: Simulation = NOISY,
        *,
        rng: torch.Generator,
        diseases: Int64[Tensor, " d"] | None = None,
    ) -> Patients:
        """Draw n patients of all diseases, or of some."""
        if n < 1:
            raise ValueError(f"n must be positive, got {n}")
        if diseases is None:
            diseases = torch.arange(self.diseases)
        if not len(diseases) or not 0 <= int(diseases.min()) <= int(diseases.max()) < self.diseases:
            raise ValueError(f"diseases must be some of 0 to {self.diseases - 1}, got {diseases}")
        disease = diseases[torch.randint(len(diseases), (n,), generator=rng)]
        owner, term = self._symptoms(disease, rng)
        choices = simulation.most - simulation.fewest + 1
        told = simulation.fewest + torch.randint(choices, (n,), generator=rng)
        first = torch.searchsorted(owner, torch.arange(n))
        told = torch.arange(len(owner)) - first[owner] < told[owner]
        by, said = owner[told], term[told]
        reporter = self._reporters(len(by), simulation, rng)
        said = self._changed(said, reporter, simulation, rng)
        no_by, no, no_reporter = self._absent(n, owner, term, simulation, rng)
        denied = ~self._any_kind(no_by, no, by, said, n)
        present = torch.cat([torch.ones(len(by)), torch.zeros(int(denied.sum()))]).bool()
        return self._once(
            disease,
            torch.cat([by, no_by[denied]]),
            torch.cat([said, no[denied]]),
            present,
            torch.cat([reporter, no_reporter[denied]]),
        )

    def _symptoms(self, disease: Tensor, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """Whose and which: the symptoms that are there, in random order for each patient."""
        left, owners, terms = torch.arange(len(disease)), [], []
        while len(left):
            owner, link = ragged(self.start, disease[left])
            there = torch.rand(len(link), generator=rng, dtype=torch.float64) < self.rate[link]
            owners.append(left[owner[there]])
            terms.append(self.term[link[there]])
            some = torch.zeros(len(left), dtype=torch.bool)
            some[owner[there]] = True
            left = left[~some]
        owner, term = torch.cat(owners), torch.cat(terms)
        shuffled = torch.randperm(len(owner), generator=rng)
        order = shuffled[owner[shuffled].argsort(stable=True)]
        return owner[order], term[order]

    def _reporters(self, n: int, simulation: Simulation, rng: torch.Generator) -> Tensor:
        return (torch.rand(n, generator=rng) < simulation.clinician).long()

    def _anyones(self, n: int, rng: torch.Generator) -> Tensor:
        """Symptoms of other patients, one of each."""
        at = torch.rand(n, generator=rng, dtype=torch.float64)
        return self.term[torch.searchsorted(self.of_anyone, at).clamp(max=len(self.term) - 1)]

    def _changed(
        self, term: Tensor, reporter: Tensor, simulation: Simulation, rng: torch.Generator
    ) -> Tensor:
        chance = {
            f.name: torch.tensor([getattr(r, f.name) for r in simulation.reliability])[reporter]
            for f in fields(Reliability)
        }
        draw = lambda: torch.rand(len(term), generator=rng)  # noqa: E731
        term = torch.where(draw() < chance["noise"], self._anyones(len(term), rng), term)
        change = draw()
        up = change < chance["vague"]
        down = (change >= chance["vague"]) & (change < chance["vague"] + chance["exact"])
        term = torch.where(down, _one_of(self.children, term, draw()), term)
        for _ in range(HIGHEST_CLIMB):
            higher = _one_of(self.parents, term, draw())
            term = torch.where(up & (higher > 0), higher, term)  # 0 is the root: all have it
            up = up & (draw() < simulation.climb)
        return term

    def _absent(
        self, n: int, owner: Tensor, term: Tensor, simulation: Simulation, rng: torch.Generator
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Findings that are asked for and said not to be there."""
        asked = torch.randint(simulation.asked + 1, (n,), generator=rng)
        by = torch.repeat_interleave(torch.arange(n), asked)
        no, reporter = self._anyones(len(by), rng), self._reporters(len(by), simulation, rng)
        missed = torch.tensor([r.missed for r in simulation.reliability])[reporter]
        missed = torch.rand(len(by), generator=rng) < missed
        kept = missed | ~self._any_kind(by, no, owner, term, n)
        return by[kept], no[kept], reporter[kept]

    def _any_kind(self, by: Tensor, above: Tensor, owner: Tensor, term: Tensor, n: int) -> Tensor:
        """Whether a patient's terms (sorted by owner) hold one that is a kind of ``above``."""
        start = torch.searchsorted(owner, torch.arange(n + 1))
        asked, other = ragged(start, by)
        key = above[asked] * self.terms + term[other]
        at = torch.searchsorted(self.kinds, key).clamp(max=len(self.kinds) - 1)
        found = torch.zeros(len(by), dtype=torch.bool)
        found[asked[self.kinds[at] == key]] = True
        return found

    def _once(self, disease, owner, term, present, reporter) -> Patients:
        """Sort by patient, and drop what is said again."""
        order = owner.argsort(stable=True)
        key = (owner * self.terms + term)[order]
        at = key.argsort(stable=True)
        again = torch.zeros(len(key), dtype=torch.bool)
        again[at[1:]] = key[at[1:]] == key[at[:-1]]
        order = order[~again]
        return Patients(disease, owner[order], term[order], present[order], reporter[order])


def _rows(row: Tensor, column: Tensor, n: int) -> tuple[Tensor, Tensor]:
    order = (row * n + column).argsort()
    return torch.searchsorted(row[order], torch.arange(n + 1)), column[order]


def _one_of(table: tuple[Tensor, Tensor], term: Tensor, chance: Float[Tensor, " r"]) -> Tensor:
    """One of each term's parents or children; the term itself if there are none."""
    start, other = table
    count = start[term + 1] - start[term]
    at = start[term] + (chance * count).long().clamp(max=(count - 1).clamp(min=0))
    return torch.where(count > 0, other[at.clamp(max=len(other) - 1)], term)
