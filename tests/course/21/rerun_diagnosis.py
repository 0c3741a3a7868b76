"""The network on noisy and on clean patients, its probabilities, and the tuned naive Bayes.

In float32 another processor leads the training elsewhere, but not far: the network has 37 numbers.
With first weights disturbed by a millionth, no score of two seeds changed in its fifth decimal; the
tolerances leave room for more than that. Counting (naive Bayes, the exact posterior) repeats to a
patient or two.
"""


def again(module, stored, seed, today):
    scores, sets = stored["scores"], module.tests(seed)
    network, kept = module.trained(seed), {}
    some = {k: sets[k] for k in ("noisy", "shifted")}
    fresh = module.over(network, some, kept)
    was = scores["network"][str(seed)]
    for name in (*some, "told 1 to 3"):
        yield f"network, {name}", was[name]["hits@1"], fresh[name]["hits@1"], 0.01
    calibrated = module.calibrated(network, seed, kept)
    for name in ("noisy", "shifted"):
        for what, tolerance in (("ece", 0.01), ("nll", 0.03), ("temperature", 0.02)):
            then = was["calibration"][name][what]
            yield f"{name}, {what}", then, calibrated[name][what], tolerance
    graph, _, paths = module.prepared()
    bayes = module.NaiveBayes(graph, paths, propagated=True)
    bayes.tune(module.validation(seed))
    was = scores["naive Bayes, propagated"][str(seed)]["shifted"]
    now = module.over(bayes, {"shifted": sets["shifted"]})["shifted"]
    yield "naive Bayes", was["hits@1"], now["hits@1"], 0.005
    exact = module.clean_posterior(graph, sets["clean"], module.CLEAN)
    was = scores["exact posterior"][str(seed)]["clean"]
    yield "exact", was["hits@1"], module.measured(exact, sets["clean"])["hits@1"], 0.005
