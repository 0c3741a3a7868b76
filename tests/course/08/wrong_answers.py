"""Wrong answers to the exercises of chapter 08: each must be refused by its checker."""

WRONG = {
    "ex-08-lengths": """
def cotangents_of(a, b, c):  # cosines, and the area of a triangle with a right angle
    s = (a + b + c) / 2
    area = a * b / 2
    squares = a**2, b**2, c**2
    return tuple((sum(squares) - 2 * q) / (4 * area) for q in squares)


check_cotangents(cotangents_of)
""",
    "ex-08-weyl": """
def heard(values):  # as many eigenvalues as a curve of that length has
    return 2 * torch.pi * len(values) / values[-1].sqrt()


check_heard(heard)
""",
    "ex-08-signs": """
def features(vectors):  # signs do matter here
    return vectors


check_features(features)
""",
    "ex-08-mean": """
def pooled(x, mesh):  # counts vertices
    return x.mean(0)


check_pooled(pooled)
""",
}
