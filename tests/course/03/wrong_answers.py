"""A wrong answer for each exercise of chapter 03; its checker must reject it."""

WRONG = {
    # true of a sphere only
    "ex-03-degree": """
def mean_degree(V, g):
    return 6 - 12 / V


check_mean_degree(mean_degree)
""",
    # one of three ways to unfold the box, and not always the shortest
    "ex-03-box": """
def ant(p, q, r):
    return ((p + q) ** 2 + r**2) ** 0.5


check_ant(ant)
""",
    # the exponent of a surface
    "ex-03-thread": """
power = -1
check_power(power)
""",
    # nodes without edges are forgotten
    "ex-03-pieces": """
def pieces(edges, n):
    label = {u: u for e in edges.tolist() for u in e}
    changed = True
    while changed:
        changed = False
        for u, v in edges.tolist():
            low = min(label[u], label[v])
            changed |= label[u] != low or label[v] != low
            label[u] = label[v] = low
    return len(set(label.values()))


check_pieces(pieces)
""",
}
