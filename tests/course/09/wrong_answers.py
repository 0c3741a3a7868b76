"""Answers that the checkers of chapter 09 must reject."""

WRONG = {
    # Forgets that turns are wrapped, or that the slit changes nothing.
    "ex-09-cone": """
def turn_around(beta, slit):
    return 0.0 if slit else math.pi - (math.pi - beta) % (2 * math.pi)


check_cone(turn_around)
""",
    # Counts one number for each pair of pairs instead of two.
    "ex-09-count": """
def how_many(C, m, C2, m2):
    return C * (2 * m + 1) * C2 * (2 * m2 + 1) + C * C2 * (1 + min(m, m2))


check_how_many(how_many)
""",
    # The dot product is the same in a mirror.
    "ex-09-cross": """
def pseudo(x):
    return (x[:, 0, 1:] * x[:, 1, 1:]).sum(1)


check_pseudo(pseudo)
""",
    # "The first axis of each frame" is not a smooth field.
    "ex-09-comb": """
def comb(mesh):
    return torch.zeros(len(mesh.verts)).double()


check_comb(comb)
""",
}
