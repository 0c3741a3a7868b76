"""The beginning of all four trainings; at length, one of them to its end, with every shift.

A training takes up to half a minute, its first sixteen steps a second. Tolerance of accuracies: 10
of 1,000 digits.
"""

from beginnings import rows

TOLERANCE = 1e-8
"""Of a beginning, in float64: disturbed by rounding, 1e-15, answers changed by 2e-15."""


def turns(module):
    return 1


def again(module, stored, seed, turn):
    yield from rows(stored, seed, module.beginnings(seed), TOLERANCE)


def turns_at_length(module):
    return len(module.POOLS)


def at_length(module, stored, seed, turn):
    kind = list(module.POOLS)[turn]
    fresh = module.scores_of(kind, seed)
    for how, was in stored["scores"][kind][str(seed)].items():
        for i, (then, now) in enumerate(zip(was, fresh[how], strict=True)):
            yield f"{kind}, {how} {i}", then, now, 0.01
