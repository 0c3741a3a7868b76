"""Both networks at one fraction. Tolerance: 10 of 1,000 digits."""


def turns(module):
    return len(module.FRACTIONS)


def again(module, stored, seed, turn):
    for kind in module.KINDS:
        fresh = module.score(kind, module.FRACTIONS[turn], seed)
        was = stored["scores"][kind][str(seed)][turn]
        yield f"{kind}, {module.FRACTIONS[turn]:.0%} scrambled", was, fresh, 0.01
