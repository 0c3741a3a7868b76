"""All four learners at one size. Tolerance: 10 of 1,000 digits."""


def again(module, stored, seed, today):
    k = today // len(module.SEEDS) % len(module.SIZES)
    data = module.load_digits(seed=seed)
    for kind in module.NETWORKS:
        x, x_test = module.inputs(kind, data)
        model = module.trained(kind, seed, module.SIZES[k], x, data.y_train)
        fresh = module.accuracy(model, x_test, data.y_test)
        yield f"{kind}, n = {module.SIZES[k]}", stored["scores"][kind][str(seed)][k], fresh, 0.01
