"""One network in turn, and the regression; of the one that takes longest, its training's beginning.

At length, that one to its end as well. Tolerance: 10 of 400 graphs, and a millionth of what is
answered in a step, in float64.
"""


def turns(module):
    return len(module.CHANNELS)


def again(module, stored, seed, turn):
    kind = list(module.CHANNELS)[turn]
    if kind == module.LONGEST:
        was = stored["beginnings"]["answers"][kind][str(seed)]
        for step, (then, now) in enumerate(zip(was, module.beginnings(seed)[kind], strict=True), 1):
            yield f"{kind}, step {step}", then, now, 1e-8 * then
    else:
        yield score(module, stored, seed, kind)
    yield score(module, stored, seed, module.REGRESSION)


def score(module, stored, seed, kind):
    return kind, stored["scores"][kind][str(seed)], module.accuracy_of(kind, seed), 0.025


turns_at_length = turns


def at_length(module, stored, seed, turn):
    for kind in (list(module.CHANNELS)[turn], module.REGRESSION):
        yield score(module, stored, seed, kind)
