"""Answers that chapter 01's checkers must reject: the mistake that each exercise is about."""

WRONG = {
    # one sign only: a learner that happens to answer +δ makes no error at all
    "ex-01-fool": """
def adversary(h, samples, asked):
    return lambda u: torch.cdist(u, samples).min(1).values


check_adversary(adversary)
""",
    # pixel by pixel, as before
    "ex-01-nearest": """
def distances(a, b):
    return torch.cdist(a.flatten(1), b.flatten(1))


check_distances(distances)
""",
    # as if every image had n² different shifts
    "ex-01-orbits": """
def shift_orbits(n):
    return math.ceil(2 ** (n * n) / (n * n))


check_orbits(shift_orbits)
""",
    # half turns only: directions modulo 180° look as if that were enough
    "ex-01-turns": """
def invariant(images):
    return hog(images) + hog(images.rot90(2, (2, 3)))


check_turns(invariant)
""",
    # the belief that size closes the gap
    "ex-01-wider": """
def wide():
    hidden = [nn.Linear(784, 650), nn.BatchNorm1d(650), nn.ReLU()]
    return nn.Sequential(nn.Flatten(), *hidden, nn.Linear(650, 10))


check_wide(wide, 97, 99)
""",
}
