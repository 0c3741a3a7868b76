"""A graph network that predicts a missing relation of a knowledge graph. See chapter 21."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn import functional as F

from gdl_utils.cases.diagnosis.paths import DOWN, WAYS, Paths
from gdl_utils.data.patients import NOISY, REPORTERS, Patients, Simulation, Simulator
from gdl_utils.data.phenotypes import FREQUENCIES, MIDPOINTS, PhenotypeGraph
from gdl_utils.training import fit_steps

STEPS, BATCH, RATE = 200, 64, 0.05
"""Training: how many steps, patients in each, the largest step size."""
MIDDLE = 2.0
"""About the mean of the logarithm of the expected number of symptoms."""


class KGCN(nn.Module):
    r"""A graph network that predicts the missing relation *patient → disease*.

    A patient is a new node with one edge for each report: to a term a, of the relation (reporter
    r, present or absent). Messages go along all paths from a to a disease d. With the weight
    :math:`\alpha_{r,w}` of each way in the ontology and :math:`\varphi_c` of each class of
    frequency,

    .. math::
        s_{rad} &= \sum_{\text{paths}} \text{share} \cdot \alpha_{r,w}\, \varphi_c, \qquad
        b_{ra} = \text{the same, averaged over all diseases} \\
        m^+_{rad} &= g_r\, \mathrm{softplus}(
            \ln s_{rad} - \gamma_r \ln n_d - \beta_r \ln b_{ra} - \theta_r) \\
        m^-_{rad} &= \ln\bigl(1 - \kappa_r (1 - e^{-\sum \lambda_c})\bigr) \\
        \text{score}_d &= \frac1\tau \Bigl(\sum m + \rho_0 e_d + \rho_1 e_d \ln k + \rho_2 e_d^2
            + \ln p_d \Bigr)

    with :math:`n_d` the symptoms that a patient of d has on average, :math:`e_d = \ln n_d - 2`,
    and k the number of present reports. The logarithm of :math:`b_{ra}` is what is called the
    information content of a term; a pair that no path joins gets no message.

    Parameters
    ----------
    graph : PhenotypeGraph
    sources : bool
        Whether reports by the patient and by the clinician have weights of their own.

    Raises
    ------
    ValueError
        In ``forward``: if a report's term or reporter is not there, or ``log_prior`` is not (D,).

    Notes
    -----
    N patients → (N, D) scores, whose softmax is the probability of each disease. There is no
    weight that belongs to one disease or one term: what is learnt holds for diseases that no
    training patient had. With :math:`g = \gamma = \beta = 1`, :math:`\rho = 0` and the simulator's
    own numbers elsewhere, the scores are those of naive Bayes. Chapter 21.
    """

    def __init__(self, graph: PhenotypeGraph, *, sources: bool = True) -> None:
        super().__init__()
        self.paths, self.sources = Paths(graph), sources
        n, middle = len(REPORTERS) if sources else 1, torch.tensor(MIDPOINTS)
        ways = torch.tensor([0.6, 0.25, 0.1, 0.04, 0.02, 0.01, 0.1])
        self.way = nn.Parameter(ways.log().repeat(n, 1))
        self.frequency = nn.Parameter(middle.log())
        self.gain = nn.Parameter(torch.ones(n))
        self.size = nn.Parameter(torch.ones(n))
        self.common = nn.Parameter(torch.ones(n))
        self.doubt = nn.Parameter(torch.full((n,), -1.5))
        self.absent = nn.Parameter((-torch.log1p(-middle.clamp(max=0.98))).log())
        self.trust = nn.Parameter(torch.full((n,), 2.0))
        self.readout = nn.Parameter(torch.zeros(3))
        self.register_buffer("temperature", torch.ones(()))

    def forward(
        self, patients: Patients, log_prior: Float[Tensor, " d"] | None = None
    ) -> Float[Tensor, "n d"]:
        n, d = len(patients), self.paths.diseases
        self._check(patients, log_prior)
        scores = self.way.new_zeros(n * d)
        for sign in (True, False):
            which = (patients.present == sign).nonzero()[:, 0]
            report, disease, message = self.messages(
                patients.term[which], patients.reporter[which], present=sign
            )
            at = patients.owner[which][report] * d + disease
            scores = scores.index_add(0, at, message)
        size = (self.paths.log_expected - MIDDLE)[None]
        told = patients.told.clamp(min=1).to(size).log()[:, None]
        rho = self.readout
        scores = scores.reshape(n, d) + size * (rho[0] + rho[1] * told + rho[2] * size)
        return (scores if log_prior is None else scores + log_prior) / self.temperature

    def messages(
        self, term: Int64[Tensor, " r"], reporter: Int64[Tensor, " r"], *, present: bool
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Compute the messages of some reports, all present or all absent.

        Returns
        -------
        report, disease : Tensor, (E,), int64
            The pairs that paths join.
        message : Tensor, (E,)
            What speaks for the disease (present: ≥ 0) or against it (absent: ≤ 0).
        """
        path, pair, report, disease = self.paths(term)
        by = (reporter if self.sources else torch.zeros_like(reporter))[report]
        kind = self.paths.frequency[path]
        way, total = self.paths.way[path], self.way.new_zeros(len(report))
        if not present:
            weight = self.absent.exp()[kind].masked_fill(way == DOWN, 0)
            found = -torch.expm1(-total.index_add(0, pair, weight))
            return report, disease, torch.log1p(-torch.sigmoid(self.trust)[by] * found)
        table = (self.way[:, :, None] + self.frequency).exp().flatten()
        index = (by[pair] * len(WAYS) + way) * len(FREQUENCIES) + kind
        s = total.index_add(0, pair, self.paths.share[path] * table[index])
        b = (self.paths.background[:, None] * self.way.exp()).sum(2).clamp(min=1e-30).log()
        x = s.log() - self.size[by] * self.paths.log_expected[disease]
        x = x - self.common[by] * b[term[report], by] - self.doubt[by]
        return report, disease, self.gain[by] * F.softplus(x)

    def _check(self, patients: Patients, log_prior: Tensor | None) -> None:
        for name, top in (("term", self.paths.terms), ("reporter", len(REPORTERS))):
            x = getattr(patients, name)
            if len(x) and not 0 <= int(x.min()) <= int(x.max()) < top:
                raise ValueError(f"patients must have {name} from 0 to {top - 1}, got {x}")
        if log_prior is not None and log_prior.shape != (self.paths.diseases,):
            raise ValueError(
                f"log_prior must be ({self.paths.diseases},), got {tuple(log_prior.shape)}"
            )


@torch.no_grad()
def bayes_network(graph: PhenotypeGraph, simulation: Simulation) -> KGCN:
    """Naive Bayes that is told the simulator's errors, as a network whose weights are set by hand.

    Parameters
    ----------
    graph : PhenotypeGraph
    simulation : Simulation

    Returns
    -------
    KGCN
        In evaluation mode. It takes the reports of a patient for independent, and does not know
        that their number is limited.

    Notes
    -----
    Chapter 21.
    """
    network, tiny = KGCN(graph), 1e-9
    for r, errs in enumerate(simulation.reliability):
        climb = simulation.climb
        up = [climb**k * (1 - climb) for k in range(3)] + [climb**3, 0.0]
        ways = [1 - errs.vague - errs.exact, *(errs.vague * x for x in up), errs.exact]
        network.way[r] = torch.tensor(ways).clamp(min=tiny).log()
        network.doubt[r] = torch.logit(torch.tensor(errs.noise), eps=1e-6)
        network.trust[r] = torch.logit(torch.tensor(1 - errs.missed), eps=1e-6)
    return network.eval()


def fit_patients(
    network: nn.Module,
    simulator: Simulator,
    simulation: Simulation = NOISY,
    *,
    rng: torch.Generator,
    steps: int = STEPS,
    batch: int = BATCH,
    lr: float = RATE,
    diseases: Int64[Tensor, " d"] | None = None,
) -> list[float]:
    """Train on new patients in every step, with Adam and a one-cycle schedule.

    Parameters
    ----------
    network : nn.Module
        Patients → (N, D) scores. Left in evaluation mode.
    simulator, simulation
        Where patients come from.
    rng : torch.Generator
        Draws the patients.
    steps, batch : int
    lr : float
        The largest step size of the cycle.
    diseases : Tensor, (d,), int64, optional
        Only patients of these, told apart from these only.

    Returns
    -------
    list of float
        Loss (cross-entropy, in nats) of each step.

    Raises
    ------
    ValueError
        If steps or batch is not positive.
    FloatingPointError
        If the loss stops being finite.

    Notes
    -----
    Chapter 21.
    """
    if steps < 1 or batch < 1:
        raise ValueError(f"steps and batch must be positive, got {steps} and {batch}")
    place = torch.arange(simulator.diseases)
    if diseases is not None:
        place = torch.full((simulator.diseases,), -1)
        place[diseases] = torch.arange(len(diseases))

    def loss_of_next() -> Tensor:
        patients = simulator.draw(batch, simulation, rng=rng, diseases=diseases)
        scores = network(patients)
        scores = scores if diseases is None else scores[:, diseases]
        return F.cross_entropy(scores, place[patients.disease])

    return fit_steps(network, loss_of_next, steps, lr=lr)


@torch.no_grad()
def predict(network, patients: Patients, *, batch: int = 128) -> Float[Tensor, "n d"]:
    """Scores of many patients, some at a time: (N, D). Chapter 21."""
    parts = [network(patients[i : i + batch]) for i in range(0, len(patients), batch)]
    return torch.cat(parts)
