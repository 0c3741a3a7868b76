"""The ways in which a notebook can lie, and where each must be caught (``test_doctored.py``)."""

import doctor
from doctor import added, deleted, output, replaced, replaced_text, stored, swap, tag
from nbformat import v4

STDERR = v4.new_output("stream", name="stderr", text="UserWarning: deprecated\n")
ERROR = v4.new_output("error", ename="ValueError", evalue="no", traceback=["no"])
LOADS = '<script src="https://cdn.example.org/plot.js"></script>'
WIDGET = "application/vnd.jupyter.widget-view+json"

# By rule of notebook_rules.py: what was done to the notebook, and how it is done.
POLICY = {
    "run_in_order": {
        "an unrun cell": stored("layer", execution_count=None),
        "an unrun cell without output": stored("number", execution_count=None, outputs=[]),
        "cells run out of order": stored("number", execution_count=7),
    },
    "quiet": {
        "a warning in the outputs": added("layer", STDERR),
        "an error in the outputs": added("layer", ERROR),
    },
    "tags": {
        "an output that is ignored": tag("number", "nbval-ignore-output"),
        "a cell that is skipped": tag("claim", "nbval-skip"),
        "an announced exception": tag("claim", "raises-exception"),
        "a comment that hides": swap("number", "x =", "# NBVAL_IGNORE_OUTPUT\nx ="),
        "a tag with a slip": tag("figure", "hide-inptu"),
    },
    "claims": {
        "a claim reworded in the output": doctor.claim_reworded,
        "a claim's line alone reworded": replaced("text/plain", "claim", "✓ All is well."),
        "a claim's page alone reworded": replaced("text/html", "claim", "<b>All is well.</b>"),
        "a claim whose call is gone": stored("claim", source="1 + 1"),
        "a claim whose output is gone": stored("claim", outputs=[]),
        "a bound raised afterwards": swap("claim", "at_most=1e-10", "at_most=1"),
        "a bound turned round": swap("claim", "at_most", "at_least"),
        "a claim in a loop": swap("claim", "claim(", "for _ in range(1): claim("),
        "no claim at all": deleted("claim"),
    },
    "figures": {
        "a figure without alt text": lambda nb: doctor.cell_of(nb, "figure").metadata.pop("mystnb"),
        "a figure without an assertion": swap("assert", "assert (", "_ = ("),
    },
    "light": {
        "a heavy picture": replaced("image/png", "figure", doctor.picture((250, 250), noise=True)),
        "a heavy notebook": replaced("text/plain", "figure", "x" * 1_000_000),
    },
    "cell_shape": {
        "a trailing semicolon": swap("figure", "_ = ax.bar(range(4), powers)", "ax.bar([], []);"),
        "a wide line": swap("last", "powers", "powers" + " " * 70 + "[:]"),
        "a long cell": swap("last", "powers", "powers\n" * 30 + "powers"),
    },
    "offline": {
        "a script from elsewhere": replaced("text/html", "live", LOADS),
        "a style from elsewhere": replaced("text/html", "live", "<link href=//example.org/a.css>"),
        "a widget": added("layer", v4.new_output("display_data", {WIDGET: {"model_id": "0"}})),
        "a script": added("layer", v4.new_output("display_data", {"application/javascript": "1"})),
    },
    "colab": {
        "no cell for Colab": deleted("colab"),
        "another address for Colab": swap("colab", "gdl-course/gdl-course", "else/where"),
        "a cell for Colab that shows": lambda nb: nb.cells[1].metadata.update(tags=[]),
    },
    "exercises": {
        "a missing checker": lambda nb: nb.cells[-3].metadata.update(tags=[]),
        "a solution that checks nothing": replaced_text("\ncheck_4(answer)", ""),
        "a solution of nothing": replaced_text("{solution} ex-4", "{solution} ex-7"),
        "two exercises only": lambda nb: nb.cells.__delitem__(slice(-4, -1)),
    },
    "ending": {
        "no blueprint at its end": replaced_text("## The chapter in", "## About"),
        "no sources": replaced_text("{cite:p}", ""),
    },
}
# What was done to the notebook: the test that must fail, what it must say, and how it is done.
CELLS = {
    "a changed number": ("number", "(3, 4) 67.0", output("number", text="(3, 4) 67.0\n")),
    "a changed result": ("last", "'16'", replaced("text/plain", "last", "16")),
    "an emptied output": ("number", "Unexpected output", stored("number", outputs=[])),
    "a swapped layer": (
        "claim",
        "claim fails",
        swap("layer", "np.roll(x, -1, axis=-1)", "np.flip(x, axis=-1)"),
    ),
    "a control that passes": (
        "claim",
        "control passes",
        swap("claim", "control=np.sort", "control=np.abs"),
    ),
    "a claim that fails": ("claim", "claim fails", swap("claim", "    layer,", "    np.sort,")),
    "another claim": ("claim", "is said to", swap("claim", "commutes", "is said to commute")),
    "a bound lowered afterwards": (
        "claim",
        "1e-12",
        swap("claim", "at_most=1e-10", "at_most=1e-12"),
    ),
    "a claim invented": (
        "layer",
        "Missing output",
        added("layer", v4.new_output("display_data", {"text/plain": "✓ Yes."})),
    ),
    "a warning in the source": (
        "number",
        "stderr",
        swap("number", "x =", "import warnings\nwarnings.warn('x')\nx ="),
    ),
    "a definition that is gone": ("claim", "NameError", deleted("layer")),
    "an assertion that fails": (
        "assert",
        "AssertionError",
        swap("assert", "2 * powers", "3 * powers"),
    ),
    "a stored error": ("number", "Missing output", added("number", ERROR)),
    "another picture": (
        "figure",
        "pixels",
        replaced("image/png", "figure", doctor.picture((381, 279), noise=False)),
    ),
    "a retouched picture": ("figure", "the picture differs", doctor.picture_retouched),
    "two pictures swapped": ("curve", "the picture differs", doctor.pictures_swapped),
    "a live figure's values": ("live", "moved, first (9.5, 8.0)", doctor.live_values("8.0", "9.5")),
    "a live figure's words": ("live", "other words", doctor.live_values("bars", "stars")),
    "a verdict that is forged": ("solution of ex-4", "it is rejected", doctor.verdict_forged),
    "a kernel that dies": (
        "number",
        "a_kernel_that_dies.ipynb died in this cell",
        swap("number", "x =", "import os\nos._exit(3)\nx ="),
    ),
    "a file that is left behind": (
        "Nothing is left behind",
        "leaves ['left.txt']",
        swap("number", "x =", "open('left.txt', 'w').close()\nx ="),
    ),
}
# What is wrong with an exercise: which of its two answers must fail, what the verdict must be, and
# how checker, solution and wrong answer depart from what is sound.
ANSWERS = {
    "a solution that is wrong": ("solution", "it is rejected", {"solution": "check_{k}(-1)"}),
    "a solution that crashes": ("solution", "the answer crashes: ZeroDiv", {"solution": "1 / 0"}),
    "a solution that checks nothing": (
        "solution",
        "the answer calls no checker",
        {"solution": "answer = {k} * {k}\n# check_{k}(answer)"},
    ),
    "a solution that says what it is": (
        "solution",
        "it is rejected",
        {"solution": "print('accepted')\ncheck_{k}(-1)"},
    ),
    "a solution that hides the objection": (
        "solution",
        "the answer hides what the checker raised",
        {"solution": "try:\n    check_{k}(-1)\nexcept AssertionError:\n    pass"},
    ),
    "a solution with a checker of its own": (
        "solution",
        "the answer calls no checker",
        {"solution": "def check_{k}(answer):\n    pass\n\ncheck_{k}(-1)"},
    ),
    "a solution that warns": (
        "solution",
        "UserWarning",
        {"solution": "import warnings\nwarnings.warn('old')\ncheck_{k}({k} * {k})"},
    ),
    "no solution": ("solution", "there is no such answer", {"solution": ""}),
    "a checker that accepts all": (
        "wrong answer",
        "it is accepted",
        {"check": "def check_{k}(answer):\n    assert answer"},
    ),
    "a checker that crashes": (
        "wrong answer",
        "the checker crashes: AttributeError",
        {"check": "def check_{k}(answer):\n    assert answer == {k} * {k} or answer.no"},
    ),
    "a wrong answer that is right": (
        "wrong answer",
        "it is accepted",
        {"wrong": "check_{k}({k} * {k})"},
    ),
    "a wrong answer that is missing": ("wrong answer", "there is no such answer", {"wrong": None}),
    "a wrong answer that rejects itself": (
        "wrong answer",
        "the answer crashes: AssertionError",
        {"wrong": "assert False"},
    ),
    "a wrong answer that says what it is": (
        "wrong answer",
        "it is accepted",
        {"wrong": "print('rejected')\ncheck_{k}({k} * {k})"},
    ),
    "a wrong answer that asserts inside the checker": (
        "wrong answer",
        "the answer crashes inside the checker: AssertionError",
        {"wrong": "class A:\n    def __eq__(self, b): assert False\n\ncheck_{k}(A())"},
    ),
    "an exercise without a checker": (
        "both",
        "the exercise has no checker",
        {"check": "x = 1"},
    ),
    "a checker that is gone": (
        "both",
        "the chapter has left no check_",
        {"check": "def check_{k}(answer):\n    pass\n\ndel check_{k}"},
    ),
}
