"""At one size, three learners to their end, and the beginning of the CNN's training.

At length, the CNN to its end as well. Tolerance of scores: 10 of 1,000 digits.
"""

from beginnings import rows

TOLERANCE = 1e-8
"""Of a beginning, in float64: disturbed by rounding, 1e-15, answers changed by 6e-14."""


def turns(module):
    return len(module.SIZES)


def again(module, stored, seed, turn):
    n = module.SIZES[turn]
    yield from scores(module, stored, seed, turn, module.NETWORKS.keys() - {module.LONGEST})
    yield from rows(stored, seed, {str(n): module.beginning_at(n, seed)}, TOLERANCE)


def scores(module, stored, seed, turn, kinds):
    n, data = module.SIZES[turn], module.digits(seed)
    for kind in sorted(kinds):
        x, x_test = module.inputs(kind, data)
        model = module.trained(kind, seed, n, x, data.y_train)
        fresh = module.accuracy(model, x_test, data.y_test)
        yield f"{kind}, n = {n}", stored["scores"][kind][str(seed)][turn], fresh, 0.01


turns_at_length = turns


def at_length(module, stored, seed, turn):
    yield from scores(module, stored, seed, turn, module.NETWORKS)
