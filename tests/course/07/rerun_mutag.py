"""One fold of one kind of GIN, and one regression; at length, both, and the epoch that is chosen.

Tolerance: one of 188 molecules, or of the 18 or 19 in a fold; two where an epoch is chosen.
"""

REGRESSIONS = {"logistic regression: atoms": False, "logistic regression: atoms, bonds": True}


def turns(module):
    return 2 * module.SETTINGS["folds"]


def again(module, stored, seed, turn):
    fold, which = divmod(turn, 2)
    kind, size = ("GIN", "GIN + rings")[which], stored["fold_sizes"][fold]
    graphs, y = module.molecules()
    given = module.with_rings(graphs) if which else graphs
    was = stored["right_by_fold_and_epoch"][kind][str(seed)][fold]
    now = module.curves(given, y, seed, fold)
    yield f"{kind}, fold {fold}", was[-1] / size, now[-1] / size, 1.01 / size
    name, bonds = list(REGRESSIONS.items())[which]
    right = module.regression(module.counts(graphs, bonds), y, seed)
    yield name, stored["scores"][name][str(seed)], right / len(y), 1.01 / len(y)


def turns_at_length(module):
    return module.SETTINGS["folds"]


def at_length(module, stored, seed, turn):
    graphs, y = module.molecules()
    for kind, given in module.kinds().items():
        was = stored["right_by_fold_and_epoch"][kind][str(seed)][turn]
        fresh = module.curves(given, y, seed, turn)
        for epoch, (then, now) in enumerate(zip(was, fresh, strict=True), 1):
            yield f"{kind}, fold {turn}, epoch {epoch}", then, now, 1.01
    for name, bonds in REGRESSIONS.items():
        right = module.regression(module.counts(graphs, bonds), y, seed)
        yield name, stored["scores"][name][str(seed)], right / len(y), 1.01 / len(y)
    if turn == 0:
        name = "GIN: epoch chosen on validation"
        folds = range(module.SETTINGS["folds"])
        right = sum(module.validated(graphs, y, seed, fold) for fold in folds)
        yield name, stored["scores"][name][str(seed)], right / len(y), 2.01 / len(y)
