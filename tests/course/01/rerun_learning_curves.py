"""At one size, three learners to their end, and the beginning of the CNN's training.

At length, the CNN to its end as well. Tolerance: 10 of 1,000 digits, and a millionth of what is
answered in a step, in float64.
"""


def turns(module):
    return len(module.SIZES)


def again(module, stored, seed, turn):
    n = module.SIZES[turn]
    yield from scores(module, stored, seed, turn, module.NETWORKS.keys() - {module.LONGEST})
    was = stored["beginnings"]["answers"][str(n)][str(seed)]
    for step, (then, now) in enumerate(zip(was, module.beginning_at(n, seed), strict=True), 1):
        yield f"{module.LONGEST}, n = {n}, step {step}", then, now, 1e-8 * then


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
