"""The CNN or p4 trained upright, and both on few turned digits.

In float32 another processor leads the training elsewhere. With first weights disturbed by a
millionth, two seeds changed by up to 0.006 upright, 0.011 turned, and 0.026 from 250 digits; the
tolerances are about three times that.
"""


def again(module, stored, seed, today):
    kind = module.LEARNING[today // len(module.SEEDS) % len(module.LEARNING)]
    fresh = module.upright_scores(kind, seed, around=False)
    was = stored["scores"][kind][str(seed)]
    yield f"{kind}, upright", was["upright"], fresh["upright"], 0.02
    yield f"{kind}, turned", was["turned"], fresh["turned"], 0.04
    for name in module.LEARNING:
        was = stored["scores"][name][str(seed)]["learning"]["250"]
        yield f"{name}, 250 turned digits", was, module.turned_score(name, seed, 250), 0.08
