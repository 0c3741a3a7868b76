"""Mistakes in the instruments themselves."""

ROWS, GROUPS, ACTIONS = {}, {}, {}

MUTANTS = {  # what goes wrong: (file, the line's text, what it becomes)
    "an error that forgives NaN": (
        "measuring/errors.py",
        "            return math.inf\n",
        "            return 0.0\n",
    ),
    "an error that is always zero": (
        "measuring/errors.py",
        "max(worst, float(((one - other).abs() / spreads[name].over(one.shape)).max()))",
        "max(worst, 0.0)",
    ),
}
