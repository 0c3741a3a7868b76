"""One network in turn, and the regression; of the one that takes longest, its training's beginning.

At length, that one to its end as well. Tolerance of scores: 10 of 400 graphs.
"""

from beginnings import rows

TOLERANCE = 1e-8
"""Of a beginning, in float64: disturbed by rounding, 1e-15, answers changed by 3e-12."""


def turns(module):
    return len(module.CHANNELS)


def again(module, stored, seed, turn):
    kind = list(module.CHANNELS)[turn]
    if kind == module.LONGEST:
        yield from rows(stored, seed, module.beginnings(seed), TOLERANCE)
    else:
        yield score(module, stored, seed, kind)
    yield score(module, stored, seed, module.REGRESSION)


def score(module, stored, seed, kind):
    return kind, stored["scores"][kind][str(seed)], module.accuracy_of(kind, seed), 0.025


turns_at_length = turns


def at_length(module, stored, seed, turn):
    for kind in (list(module.CHANNELS)[turn], module.REGRESSION):
        yield score(module, stored, seed, kind)
