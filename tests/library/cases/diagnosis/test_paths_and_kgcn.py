"""Messages from reports to diseases: by hand, their symmetries, and naive Bayes as a case."""

from dataclasses import replace

import pytest
import torch
from scipy.sparse import csr_array

from gdl_utils.cases.diagnosis.kgcn import KGCN, bayes_network, fit_patients, predict
from gdl_utils.cases.diagnosis.paths import DOWN, WAYS, Paths
from gdl_utils.data.ontology import closure
from gdl_utils.data.patients import CLEAN, NOISY, Patients, Simulator
from gdl_utils.data.phenotypes import MIDPOINTS, PhenotypeGraph, load_phenotypes
from gdl_utils.metrics import hits, ranks
from gdl_utils.training import count_parameters

F = torch.tensor(MIDPOINTS, dtype=torch.float64)


def small():
    """0 the root; 1, 5 under it; 2, 3 under 1; 4 under 2 and 3. Three diseases."""
    return PhenotypeGraph(
        ("ORPHA:1", "ORPHA:2", "ORPHA:3"), ("a", "b", "c"),
        tuple(f"HP:{i}" for i in range(6)), tuple("uvwxyz"), ((),) * 6, {},
        torch.tensor([[0, 0, 0, 1, 1, 2], [1, 2, 4, 4, 5, 5]]), torch.tensor([1, 2, 3, 2, 1, 0]),
        torch.tensor([[1, 2, 3, 4, 4, 5], [0, 1, 1, 2, 3, 0]]), "v", "v", 6,
    )  # fmt: skip


def patients(*reports, n=1):
    owner, term, present, reporter = (torch.tensor(x) for x in zip(*reports))
    return Patients(torch.zeros(n, dtype=torch.int64), owner, term, present.bool(), reporter)


@pytest.fixture(scope="module")
def real():
    graph = load_phenotypes()
    simulator = Simulator(graph)
    return graph, simulator, simulator.draw(40, NOISY, rng=torch.Generator().manual_seed(0))


def disturbed(graph, seed=0):
    """A network in float64 whose weights are all unlike each other."""
    network, rng = KGCN(graph).double(), torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for x in network.parameters():
            x += 0.3 * torch.randn(x.shape, generator=rng, dtype=x.dtype)
    return network.eval()


def test_paths_by_hand():
    """Of term 2: itself in disease 0, its kind 4 in 0 and 1 (half of 4's walks), its parent 1."""
    paths = Paths(small())
    of = slice(int(paths.start[2]), int(paths.start[3]))
    found = zip(paths.disease[of], paths.way[of], paths.frequency[of], paths.share[of])
    assert sorted(tuple(x.item() for x in row) for row in found) == [
        (0, 0, 2, 1.0), (0, 1, 3, 0.5), (0, DOWN, 1, 0.5), (1, 1, 2, 0.5),
    ]  # fmt: skip
    path, pair, report, disease = paths(torch.tensor([5, 2]))
    assert disease.tolist() == [1, 2, 0, 1]
    assert report.tolist() == [0, 0, 1, 1]
    assert pair.tolist() == [0, 1, 2, 2, 2, 3]
    assert paths.disease[path].tolist() == [1, 2, 0, 0, 0, 1]
    assert len(WAYS) == 7


def test_scores_by_hand():
    """One present report of 2 by the clinician and one absent of 1 by the patient, disease 0."""
    graph = small()
    network = disturbed(graph)
    w = {name: x.double() for name, x in network.named_parameters()}
    n = torch.stack([F[1] + F[2] + F[3], F[2] + F[1], F[0]])
    alpha, phi = w["way"][1].exp(), w["frequency"].exp()
    s = alpha[0] * phi[2] + alpha[1] * phi[3] / 2 + alpha[DOWN] * phi[1] / 2
    b = alpha[0] * F[2] / n[0] + alpha[1] * (F[3] / n[0] + F[2] / n[1]) / 2
    b = (b + alpha[DOWN] * F[1] / 2 / n[0]) / 3
    x = s.log() - w["size"][1] * n[0].log() - w["common"][1] * b.log() - w["doubt"][1]
    yes = w["gain"][1] * torch.log1p(x.exp())
    found = 1 - (-(w["absent"].exp()[[1, 2, 3]].sum())).exp()
    no = (1 - w["trust"][0].sigmoid() * found).log()
    e, k = n[0].log() - 2, torch.tensor(1.0).log()
    wanted = yes + no + w["readout"] @ torch.stack([e, e * k, e * e])
    scores = network(patients((0, 2, 1, 1), (0, 1, 0, 0)))
    torch.testing.assert_close(scores[0, 0], wanted, rtol=1e-6, atol=1e-6)
    bare = w["readout"] @ torch.stack([n[2].log() - 2, e * 0, (n[2].log() - 2) ** 2])
    torch.testing.assert_close(scores[0, 2], bare, rtol=1e-6, atol=1e-6)  # nothing fits disease 2


def shuffled(found, rng):
    order = torch.randperm(len(found.term), generator=rng)
    order = order[found.owner[order].argsort(stable=True)]
    parts = (x[order] for x in (found.owner, found.term, found.present, found.reporter))
    return Patients(found.disease, *parts)


def test_symptoms_have_no_order(real):
    graph, _, found = real
    network = disturbed(graph)
    other = shuffled(found, torch.Generator().manual_seed(1))
    assert not torch.equal(other.term, found.term)
    torch.testing.assert_close(network(other), network(found), rtol=0, atol=1e-10)


def test_patients_do_not_see_each_other(real):
    graph, _, found = real
    network = disturbed(graph)
    torch.testing.assert_close(
        predict(network, found, batch=7), network(found).detach(), rtol=0, atol=1e-10
    )


def relabelled(graph, terms, diseases):
    """The same graph with other numbers: term i is called terms[i]; links in a new order."""
    old_term, old_disease = terms.argsort().tolist(), diseases.argsort().tolist()
    edges = torch.stack([diseases[graph.edge_index[0]], terms[graph.edge_index[1]]])
    order = (edges[0] * len(terms) + edges[1]).argsort()
    return replace(
        graph,
        disease_ids=tuple(graph.disease_ids[i] for i in old_disease),
        disease_names=tuple(graph.disease_names[i] for i in old_disease),
        term_ids=tuple(graph.term_ids[i] for i in old_term),
        term_names=tuple(graph.term_names[i] for i in old_term),
        edge_index=edges[:, order], frequency=graph.frequency[order], is_a=terms[graph.is_a],
    )  # fmt: skip


def test_entities_have_no_order(real):
    """Relabelled diseases: the scores move along. Relabelled terms: nothing happens."""
    graph, _, found = real
    rng = torch.Generator().manual_seed(2)
    terms = torch.randperm(len(graph.term_ids), generator=rng)
    diseases = torch.randperm(len(graph.disease_ids), generator=rng)
    network, other = disturbed(graph), disturbed(relabelled(graph, terms, diseases))
    renamed = replace(found, term=terms[found.term])
    scores = other(renamed)
    torch.testing.assert_close(scores[:, diseases], network(found), rtol=0, atol=1e-5)
    assert (other(found)[:, diseases] - network(found)).abs().max() > 0.1  # the control


def test_naive_bayes_is_a_case(real):
    """Oracle: the likelihood of one report, summed over all true terms, by two matrices."""
    graph, _, found = real
    n, d = len(graph.term_ids), len(graph.disease_ids)
    pairs, errs = closure(graph.is_a, n), NOISY.reliability
    disease, term = graph.edge_index
    rate = torch.zeros(d, n, dtype=torch.float64)
    rate[disease, term] = F[graph.frequency]
    rate /= rate.sum(1, keepdim=True)
    c, kinds = NOISY.climb, graph.is_a[1].bincount(minlength=n).double()
    wanted = torch.zeros(len(found), d, dtype=torch.float64)
    for r, e in enumerate(errs):
        up = torch.tensor([1 - e.vague - e.exact, *(e.vague * c**k * (1 - c) for k in range(3)),
                           e.vague * c**3, 1e-9]).double()  # fmt: skip
        weight = pairs.share * up[pairs.steps.clamp(max=5)]
        above = csr_array((weight.numpy(), (pairs.above.numpy(), pairs.below.numpy())), (n, n))
        down = (e.exact / kinds[graph.is_a[1]]).numpy()
        above = above + csr_array((down, tuple(graph.is_a.numpy())), (n, n))
        likely = torch.from_numpy((above @ csr_array(rate.T.numpy())).toarray())  # (T, D)
        yes = found.present & (found.reporter == r)
        some = likely[found.term[yes]]
        ratio = 1 + (1 - e.noise) / e.noise * some / some.mean(1, keepdim=True)
        wanted.index_add_(0, found.owner[yes], ratio.log())
        no = (~found.present & (found.reporter == r)).nonzero()[:, 0].tolist()
        for i in no:
            below = pairs.below[pairs.above == found.term[i]]
            hits_it = torch.isin(term, below)
            spared = torch.zeros(d, dtype=torch.float64).index_add(
                0, disease[hits_it], torch.log1p(-F.clamp(max=0.98))[graph.frequency[hits_it]]
            )
            wanted[found.owner[i]] += torch.log1p((1 - e.missed) * torch.expm1(spared))
    scores = bayes_network(graph, NOISY)(found).detach().double()
    torch.testing.assert_close(scores, wanted, rtol=1e-4, atol=2e-4)


def test_a_prior_and_the_temperature(real):
    graph, _, found = real
    network = disturbed(graph)
    plain = network(found)
    prior = torch.linspace(-3, 0, len(graph.disease_ids), dtype=torch.float64)
    torch.testing.assert_close(network(found, prior), plain + prior)
    network.temperature.fill_(2.0)
    torch.testing.assert_close(network(found, prior), (plain + prior) / 2)


def test_sources_count_only_where_they_are_asked_for(real):
    graph, _, found = real
    swapped = replace(found, reporter=1 - found.reporter)
    blind = KGCN(graph, sources=False).eval()
    assert torch.equal(blind(swapped), blind(found))
    seeing = disturbed(graph)
    assert (seeing(swapped) - seeing(found)).abs().max() > 0.1
    assert (count_parameters(seeing), count_parameters(blind)) == (37, 25)


def test_training_helps_and_repeats(real):
    graph, simulator, _ = real
    test = simulator.draw(300, NOISY, rng=torch.Generator().manual_seed(5))
    found = []
    for _ in range(2):
        network = KGCN(graph)
        with torch.no_grad():
            network.doubt += 6  # believes next to nothing
        before = ranks(predict(network, test), test.disease)
        losses = fit_patients(
            network, simulator, rng=torch.Generator().manual_seed(0), steps=25, batch=16, lr=0.2
        )
        assert not network.training
        found.append((losses, ranks(predict(network, test), test.disease)))
    assert found[0][0] == found[1][0]
    assert hits(found[0][1], 1) > hits(before, 1) + 0.05
    assert all(x.isfinite().all() for x in network.parameters())


def test_training_on_some_diseases_tells_these_apart(real):
    graph, simulator, _ = real
    some = torch.tensor([5, 17, 4000])
    losses = fit_patients(
        KGCN(graph), simulator, CLEAN, rng=torch.Generator().manual_seed(0), steps=3, batch=8,
        diseases=some,
    )  # fmt: skip
    assert losses[0] < 1.1  # ln 3 is a guess among three, ln 4281 = 8.4 one among all


def test_bad_arguments(real):
    graph, simulator, found = real
    network = KGCN(graph)
    with pytest.raises(ValueError, match="patients must have term from 0 to 9566"):
        network(replace(found, term=found.term + 9567))
    with pytest.raises(ValueError, match="patients must have reporter from 0 to 1"):
        network(replace(found, reporter=found.reporter + 1))
    with pytest.raises(ValueError, match=r"log_prior must be \(4281,\), got \(3,\)"):
        network(found, torch.zeros(3))
    for bad in ({"steps": 0}, {"batch": 0}):
        with pytest.raises(ValueError, match="steps and batch must be positive, got"):
            fit_patients(network, simulator, rng=torch.Generator(), **bad)
    with pytest.raises(FloatingPointError, match="stopped being finite in step"):
        fit_patients(network, simulator, rng=torch.Generator(), steps=9, batch=2, lr=1e30)
