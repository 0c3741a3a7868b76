"""One fold of each kind of GIN, and both regressions. Tolerance: one of 188 molecules, or of 19."""


def again(module, stored, seed, today):
    graphs, y = module.molecules()
    fold = today // len(module.SEEDS) % module.SETTINGS["folds"]
    size = stored["fold_sizes"][fold]
    for kind, given in {"GIN": graphs, "GIN + rings": module.with_rings(graphs)}.items():
        was = stored["right_by_fold_and_epoch"][kind][str(seed)][fold][-1]
        now = module.curves(given, y, seed, fold)[-1]
        yield f"{kind}, fold {fold}", was / size, now / size, 1.01 / size
    for name, bonds in (("atoms", False), ("atoms, bonds", True)):
        full = f"logistic regression: {name}"
        now = module.regression(module.counts(graphs, bonds), y, seed) / len(y)
        yield full, stored["scores"][full][str(seed)], now, 1.01 / len(y)
