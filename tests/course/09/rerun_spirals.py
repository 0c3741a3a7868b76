"""What needs no training, exactly one half, and the beginning of all three trainings.

At length, each network to its end in turn, on every surface at every noise. In float32 another
processor leads the training elsewhere, to networks that are nearly always right as well. Twelve
bumpy spheres, painted four times, are 48 answers: three of them may change.
"""

from beginnings import rows

TOLERANCE = 2e-2
"""Of a beginning, in float32: disturbed by a millionth, answers changed by 5e-3."""


def turns(module):
    return 1


def again(module, stored, seed, turn):
    training, tests = module.drawn(seed)
    was = stored["scores"]["by hand"][str(seed)]["bumpy"]["0.0"]
    yield "by hand, no noise", was, round(module.by_hand(tests["bumpy"]), 2), 0.01
    was = stored["scores"]["isotropic"][str(seed)]["bumpy"]["0.0"]
    pairs = tests["bumpy"] + module.reflected(tests["bumpy"])
    yield "isotropic", was, module.score(module.build("isotropic"), pairs), 0.0
    yield from rows(stored, seed, module.beginnings(seed, training), TOLERANCE)


def turns_at_length(module):
    return len(module.NAMES)


def at_length(module, stored, seed, turn):
    name = module.NAMES[turn]
    fresh = module.scores(name, seed, module.drawn(seed))
    for kind, by_noise in stored["scores"][name][str(seed)].items():
        for noise, was in by_noise.items():
            yield f"{name}, {kind}, noise {noise}", was, fresh[kind][noise], 6.3
