"""Mistakes in the instruments themselves."""

ROWS, GROUPS, ACTIONS = {}, {}, {}

MUTANTS = {  # what goes wrong: (file, the line's text, what it becomes)
    "an error that forgives NaN": (
        "symmetry.py",
        "        return math.inf\n",
        "        return 0.0\n",
    ),
    "an error that is always zero": (
        "symmetry.py",
        "return float((a - b).abs().max()) / rms",
        "return 0.0 * rms",
    ),
}
