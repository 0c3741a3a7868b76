"""One learner on one seed's shapes, asked in one of three ways; at length, in all three.

Tolerance: 8 of 200 shapes, or 12 of the 320 that it was trained on.
"""

LOOKS = ("train", "test", "turned")


def turns(module):
    return len(module.LR) * len(LOOKS)


def again(module, stored, seed, turn):
    k, look = divmod(turn, len(LOOKS))
    kind, look = list(module.LR)[k], LOOKS[look]
    train, test = module.herds(seed)
    model, _ = module.trained(kind, seed, train)
    fresh = module.rates(model, kind, seed, {look: module.looks(train, test)[look]})
    yield f"{kind}, {look}", stored["scores"][kind][str(seed)][look], fresh[look], 0.04


def turns_at_length(module):
    return len(module.LR)


def at_length(module, stored, seed, turn):
    kind = list(module.LR)[turn]
    fresh = module.scores_of(kind, seed, *module.herds(seed))
    for look in LOOKS:
        yield f"{kind}, {look}", stored["scores"][kind][str(seed)][look], fresh[look], 0.04
