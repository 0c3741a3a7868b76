"""Answers to chapter 07's exercises that look right and are not; each checker must say so."""

WRONG = {
    # True from nodes to nodes, and wrong from three indices on.
    "ex-07-bell": """
def how_many(k, l):
    return 2 ** (k + l - 1)

check_how_many(how_many)
""",
    # Refinement cannot tell them apart, since they are the same graph.
    "ex-07-pair": """
first = [(k, (k + 1) % 6) for k in range(6)]
second = [(0, 2), (2, 4), (4, 1), (1, 3), (3, 5), (5, 0)]
check_pair(first, second)
""",
    # Closed walks of four steps, most of which go back the way they came.
    "ex-07-squares": """
def squares(A):
    return torch.linalg.matrix_power(A, 4).diagonal() / 2

check_squares(squares)
""",
    # It tells the pairs apart by the nodes' numbers.
    "ex-07-link": """
def score(A, u, v):
    return -abs(u - v)

check_score(score)
""",
    # The best epoch on the test folds: the leak itself.
    "ex-07-honest": """
def report(validation, test):
    return test.mean(0).max()

check_report(report)
""",
}
