"""The beginning of all four trainings; at length, one of them to its end, with every shift.

A training takes up to half a minute, its first sixteen steps a second. Answers in float64 repeat on
another processor far within the tolerance, a millionth; accuracies within 10 of 1,000 digits.
"""


def turns(module):
    return 1


def again(module, stored, seed, turn):
    for kind, answers in module.beginnings(seed).items():
        was = stored["beginnings"]["answers"][kind][str(seed)]
        for step, (then, now) in enumerate(zip(was, answers, strict=True), 1):
            yield f"{kind}, step {step}", then, now, 1e-8 * then


def turns_at_length(module):
    return len(module.POOLS)


def at_length(module, stored, seed, turn):
    kind = list(module.POOLS)[turn]
    fresh = module.scores_of(kind, seed)
    for how, was in stored["scores"][kind][str(seed)].items():
        for i, (then, now) in enumerate(zip(was, fresh[how], strict=True)):
            yield f"{kind}, {how} {i}", then, now, 0.01
