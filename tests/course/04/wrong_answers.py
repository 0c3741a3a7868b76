"""Answers that chapter 04's checkers must reject: the mistake that each exercise is about."""

WRONG = {
    "ex-04-motions": """
def compose(g, h):  # forgets to turn the step of the first motion
    (r, t), (s, q) = g, h
    return (r + s) % 4, tuple((a + b) % 28 for a, b in zip(t, q))


def inverse(g):
    r, t = g
    return -r % 4, tuple(-a % 28 for a in t)


check_motions(compose, inverse)
""",
    "ex-04-gradient": """
def act(g, v):  # carries the arrows and does not turn them
    return turn(g, v)


check_gradient(act)
""",
    "ex-04-pool": """
from gdl_utils.grids.pooling import Subsample2d

check_pool(Subsample2d(3))
""",
    "ex-04-dna": """
def act(g, v):  # reads backwards and does not exchange the letters
    return v.flip(1) if g else v


check_dna(act, number=12)
""",
    "ex-04-kernels": """
def free_weights(n):  # right for odd n only
    return (n + 1) * (n + 3) // 8


check_kernels(free_weights)
""",
}
