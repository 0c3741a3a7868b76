"""A wrong answer for each exercise of chapter 02; its checker must reject it."""

WRONG = {
    # two milks that keep leave "anything" for the heat
    "ex-02-teacher": """
shown = {
    ("black and white", "135 °C"): True,
    ("brown", "135 °C"): True,
    ("purple", "135 °C"): True,
}
check_teacher(shown)
""",
    # as if no word stayed the same when it is turned and its colours are exchanged
    "ex-02-orbits": """
from math import gcd


def labels_needed(n):
    return sum(2 ** gcd(k, n) for k in range(n)) // (2 * n)


check_orbits(labels_needed)
""",
    # a layer on sets commutes with every shuffle, so it is not an answer to 'wide'
    "ex-02-rows": """
rng = torch.Generator().manual_seed(0)
own, others = torch.randn(2, 2, 2, generator=rng).double()


def social(x):
    return x @ own + x.mean(0) @ others


check_rows(social, social)
""",
    # the kernels are mirrored, the dense layer's columns forgotten
    "ex-02-mirror": """
def carry(net):
    with torch.no_grad():
        for layer in (net[0], net[3]):
            layer.weight.copy_(layer.weight.flip(-1))


check_mirror(carry)
""",
}
