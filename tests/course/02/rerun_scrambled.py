"""Both networks at one fraction. Tolerance: 10 of 1,000 digits."""


def again(module, stored, seed, today):
    k = today // len(module.SEEDS) % len(module.FRACTIONS)
    for kind in stored["scores"]:
        fresh = module.score(kind, module.FRACTIONS[k], seed)
        was = stored["scores"][kind][str(seed)][k]
        yield f"{kind}, {module.FRACTIONS[k]:.0%} scrambled", was, fresh, 0.01
