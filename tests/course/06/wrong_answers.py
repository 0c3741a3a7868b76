"""Answers to chapter 06's exercises that look right and are not; each checker must say so."""

WRONG = {
    # As if every orbit had eight pixels.
    "ex-06-orbits": """
def how_many(n):
    return -(-n * n // 8)

check_how_many(how_many)
""",
    # The rule for features in the usual order: it turns, but permutes the wrong way round.
    "ex-06-order": """
act = act_on_group_signal(d4)

check_act(act)
""",
    # Pairs of h and its mirror image from the other side, which turns do not keep.
    "ex-06-forget": """
def forget(y):
    return torch.maximum(y[:, :, :4], y[:, :, [4, 7, 6, 5]])

check_forget(forget)
""",
    # True for windows that are as wide as the stride, and for few others.
    "ex-06-stride": """
def keeps_turns(n, k, s, p):
    return n % s == 0

check_keeps_turns(keeps_turns)
""",
}
