"""Answers to chapter 21's exercises that look right and are not; each checker must say so."""

WRONG = {
    # Right for two kinds that exclude each other.
    "ex-21-implied": """
def implied(f):
    return f.sum().clamp(max=1)

check_implied(implied)
""",
    # Weighs the answers, and squashes them instead of dividing by their sum.
    "ex-21-prior": """
def with_prior(p, prevalence):
    return (p * prevalence).softmax(1)

check_with_prior(with_prior)
""",
    # The probability of an error, not of a right answer.
    "ex-21-abstain": """
def threshold(w, c):
    return c / w

check_threshold(threshold)
""",
    # How uncertain the answer is, whatever it says about the disease.
    "ex-21-question": """
def information(p, f):
    yes = (p * f).sum()
    return torch.special.entr(yes) + torch.special.entr(1 - yes)

check_information(information)
""",
}
