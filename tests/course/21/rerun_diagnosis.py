"""The network to its end; or what is tuned or counted; or the beginning of six trainings.

At length, the network's probabilities as well, or one whole other network. In float32 another
processor leads the training elsewhere, but not far: the network has 37 numbers. With first weights
disturbed by a millionth, no score of two seeds changed in its fifth decimal; the tolerances leave
room for more than that. Counting (naive Bayes, the exact posterior) repeats to a patient or two.
"""

from beginnings import rows

TOLERANCE = 1e-4
"""Of a beginning, in float32: disturbed by a millionth, answers changed by 6e-6."""

TUNED = {
    "naive Bayes": lambda m, g, p: m.NaiveBayes(g, p, propagated=False),
    "naive Bayes, propagated": lambda m, g, p: m.NaiveBayes(g, p, propagated=True),
    "information content": lambda m, g, p: m.InformationContent(g, p),
}


def turns(module):
    return 3


def again(module, stored, seed, turn):
    scores, sets = stored["scores"], module.tests(seed)
    if turn == 0:
        some = {k: sets[k] for k in ("shifted", "clean", *module.LEVELS)}
        fresh = module.over(module.trained(seed), some)
        yield from compared("network", scores["network"][str(seed)], fresh, 0.01)
    elif turn == 1:
        yield from without_training(module, scores, sets, seed)
    else:
        yield from rows(stored, seed, module.beginnings(seed), TOLERANCE)


def compared(name, was, fresh, tolerance):
    for kind, found in fresh.items():
        for what, now in found.items():
            yield f"{name}, {kind}, {what}", was[kind][what], now, tolerance


def without_training(module, scores, sets, seed):
    graph, _, paths = module.prepared()
    patients, shifted = module.validation(seed), {"shifted": sets["shifted"]}
    for name, make in TUNED.items():
        model = make(module, graph, paths)
        model.tune(patients)
        yield from compared(name, scores[name][str(seed)], module.over(model, shifted), 0.005)
    name = "naive Bayes, told the errors"
    told = module.bayes_network(graph, module.NOISY)
    yield from compared(name, scores[name][str(seed)], module.over(told, shifted), 0.005)
    exact = module.clean_posterior(graph, sets["clean"], module.CLEAN)
    fresh = {"clean": module.measured(exact, sets["clean"])}
    yield from compared("exact", scores["exact posterior"][str(seed)], fresh, 0.005)


def turns_at_length(module):
    return 5


def at_length(module, stored, seed, turn):
    scores, sets = stored["scores"], module.tests(seed)
    was = scores["network"][str(seed)]
    if turn == 0:
        network, kept = module.trained(seed), {}
        yield from compared("network", was, module.over(network, sets, kept), 0.01)
        for name, found in module.calibrated(network, seed, kept).items():
            for what, tolerance in (("ece", 0.01), ("nll", 0.03), ("temperature", 0.02)):
                then = was["calibration"][name][what]
                yield f"calibration, {name}, {what}", then, found[what], tolerance
    elif turn == 1:
        yield from without_training(module, scores, sets, seed)
    elif turn == 2:
        name = "network, source ignored"
        fresh = module.over(module.trained(seed, sources=False), sets)
        yield from compared(name, scores[name][str(seed)], fresh, 0.01)
    elif turn == 3:
        name = "trained on other diseases"
        some = module.trained(seed, diseases=module.unseen(seed)[0])
        unseen = {"unseen diseases": sets["unseen diseases"]}
        fresh = {name: module.over(some, unseen)["unseen diseases"]}
        yield from compared("network", was, fresh, 0.01)
        bag = {name: module.unseen_bag(seed)}
        was = scores["bag of symptoms"][str(seed)]
        yield from compared("bag of symptoms", was, bag, 0.01)
    else:
        was = scores["reporters alike"][str(seed)]
        yield from compared("reporters alike", was, module.alike(seed), 0.01)
