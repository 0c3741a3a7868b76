"""The CNN to its end, upright or from few turned digits, or the beginning of all five trainings.

At length, each network to its end in turn. In float32 another processor leads the training
elsewhere. With first weights disturbed by a millionth, two seeds changed by up to 0.006 upright,
0.011 turned, and 0.026 from 250 digits; the tolerances are about three times that.
"""

from beginnings import rows

TOLERANCE = 5e-3
"""Of a beginning, in float32: disturbed by a millionth, answers changed by 1.2e-3."""

FEW = 250


def turns(module):
    return 3


def again(module, stored, seed, turn):
    if turn == 0:
        yield from upright(module, stored, seed, "CNN")
    elif turn == 1:
        yield from upright(module, stored, seed, module.NEAREST)
        yield few(module, stored, seed, "CNN")
    else:
        yield from rows(stored, seed, module.beginnings(seed), TOLERANCE)


def upright(module, stored, seed, kind):
    fresh = module.upright_scores(kind, seed, around=False)
    was = stored["scores"][kind][str(seed)]
    yield f"{kind}, upright", was["upright"], fresh["upright"], 0.02
    yield f"{kind}, turned", was["turned"], fresh["turned"], 0.04


def few(module, stored, seed, kind):
    was = stored["scores"][kind][str(seed)]["learning"][str(FEW)]
    return f"{kind}, {FEW} turned digits", was, module.turned_score(kind, seed, FEW), 0.08


def turns_at_length(module):
    return len(module.KINDS) + len(module.LEARNING)


def at_length(module, stored, seed, turn):
    if turn < len(module.KINDS):
        yield from upright(module, stored, seed, module.KINDS[turn])
    else:
        yield few(module, stored, seed, module.LEARNING[turn - len(module.KINDS)])
