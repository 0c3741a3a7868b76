"""The gauge network of one seed, trained again; what needs no training; and exactly one half.

In float32 another processor leads the training elsewhere, to networks that are nearly always right
as well. Twelve bumpy spheres, painted four times, are 48 answers: three of them may change.
"""


def again(module, stored, seed, today):
    data = module.drawn(seed)
    training, tests = data
    for name, tolerance in {"gauge": 6.3, "by hand": 0.01}.items():
        small = {"bumpy": tests["bumpy"]}
        was = stored["scores"][name][str(seed)]["bumpy"]
        now = module.scores(name, seed, (training, small))["bumpy"]
        yield f"{name}, no noise", was["0.0"], now["0.0"], tolerance
    was = stored["scores"]["isotropic"][str(seed)]["bumpy"]["0.0"]
    pairs = tests["bumpy"] + module.reflected(tests["bumpy"])
    yield "isotropic", was, module.score(module.build("isotropic"), pairs), 0.0
