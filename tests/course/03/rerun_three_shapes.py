"""One learner on one seed's shapes, as they stand and turned. Tolerance: 8 of 200 shapes."""


def again(module, stored, seed, today):
    kinds = list(stored["scores"])
    kind = kinds[today // len(module.SEEDS) % len(kinds)]
    fresh = module.scores_of(kind, seed, *module.herds(seed))
    for what in ("train", "test", "turned"):
        yield f"{kind}, {what}", stored["scores"][kind][str(seed)][what], fresh[what], 0.04
