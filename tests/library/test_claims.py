"""A claim holds, its control fails, and everything else raises."""

import io
import math
import os
import subprocess
import sys

import numpy as np
import pytest
import torch

from gdl_utils.claims import MIME, ClaimError, claim, rounded


def check(subject=0.0, control=1.0, text="Zero is small.", versus="one", at_most=0.5, **how):
    return claim(text, float, subject, control=control, versus=versus, at_most=at_most, **how)


def test_one_stable_line(capsys):
    assert check(subject=0.123456) is None
    assert capsys.readouterr().out == "✓ Zero is small. (at most 0.5; the control, one, fails)\n"
    claim("Big is big.", float, 9.87, control=1, versus="one", at_least=5)
    assert capsys.readouterr().out == "✓ Big is big. (at least 5; the control, one, fails)\n"


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"subject": 0.75}, "claim fails: Zero is small. Measured 0.75, must be at most 0.5"),
        ({"subject": math.nan}, "claim fails"),
        ({"subject": math.inf}, "claim fails"),
        ({"control": 0.25}, "control passes: .* one measures 0.25"),
        ({"control": math.nan}, "control is broken"),
        ({"control": math.inf}, "control is broken"),
        ({"subject": 0.1, "control": 0.9, "at_most": None, "at_least": 0.5}, "claim fails"),
    ],
)
def test_what_does_not_hold_raises(how, message):
    with pytest.raises(ClaimError, match=message):
        check(**how)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"text": "no full stop"}, "text must be a sentence"),
        ({"text": ""}, "text must be a sentence"),
        ({"versus": " "}, "versus must say what the control is"),
        ({"at_most": None}, "give one of at_most and at_least"),
        ({"at_least": 1.0}, "give one of at_most and at_least"),
        ({"at_most": math.nan}, "the bound must be finite"),
    ],
)
def test_bad_input(how, message):
    with pytest.raises(ValueError, match=message):
        check(**how)


def test_a_measure_must_return_one_number():
    with pytest.raises(ValueError, match="measure must return a single number, got 'three'"):
        claim("A.", str, "three", control=1, versus="one", at_most=1)


def test_the_same_measure_is_taken_on_both():
    seen = []

    def measure(subject):
        seen.append(subject)
        return subject

    claim("Zero is small.", measure, 0.0, control=1.0, versus="one", at_most=0.5)
    assert seen == [0.0, 1.0]


def test_in_a_notebook_the_ledger_entry_is_published(monkeypatch):
    class Shell:
        kernel = True
        published = []  # noqa: RUF012

        class display_pub:
            @staticmethod
            def publish(data):
                Shell.published.append(data)

    monkeypatch.setattr("IPython.get_ipython", lambda: Shell)
    check(text="A < B & C.", subject=3e-16, versus="one > 0")
    (data,) = Shell.published
    assert data[MIME] == {
        "text": "A < B & C.", "bound": "at most 0.5", "control": "one > 0",
        "measured": "10⁻¹⁶", "controlled": "1",
    }  # fmt: skip
    assert data["text/plain"] == "✓ A < B & C. (at most 0.5; the control, one > 0, fails)"
    for said in ("A &lt; B &amp; C.", "10⁻¹⁶</span>", "≤ 0.5", "one &gt; 0", "1</span>, fails"):
        assert said in data["text/html"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (33.0, "33"), (12_000.0, "12,000"), (0.9714, "0.97"), (0.05, "0.050"),
     (1234.5, "1,200"), (0.0996, "0.10"), (9.96, "10"), (-0.5, "−0.50"), (2.2e-16, "10⁻¹⁶"),
     (1e-10, "10⁻¹⁰"), (1.5e-5, "1.5 · 10⁻⁵"), (1.2345e6, "1.2 · 10⁶"), (1e6, "10⁶")],
)  # fmt: skip
def test_numbers_are_rounded_to_what_does_not_move(value, text):
    assert rounded(value) == text


# ------------------------------------------------------------------------------------ numbers


class Numeric:
    """Anything with a single number inside."""

    def __float__(self):
        return 0.25


@pytest.mark.parametrize(
    "zero",
    [0, False, np.float32(0), np.zeros(()), np.zeros((1, 1)), torch.zeros(1), torch.tensor(0),
     torch.zeros(1, 1, requires_grad=True), torch.zeros((), dtype=torch.bfloat16), Numeric()],
)  # fmt: skip
def test_one_number_in_any_form(zero):
    claim("Small.", lambda value: value, zero, control=1, versus="one", at_most=0.5)


@pytest.mark.parametrize(
    "value",
    ["0.1", b"0", None, 1j, torch.tensor(1j), [0.0], torch.zeros(2), torch.zeros(0), np.zeros(3),
     {}, torch.zeros((), device="meta")],
)  # fmt: skip
def test_what_is_not_one_number(value):
    ask = lambda subject, control: claim(  # noqa: E731
        "Small.", lambda v: v, subject, control=control, versus="the other", at_most=0.5
    )
    with pytest.raises(ValueError, match="measure must return a single number, got "):
        ask(value, 1.0)
    with pytest.raises(ValueError, match="for the control, the other, measure must return a sin"):
        ask(0.0, value)


def test_a_large_tensor_is_not_printed_in_full():
    with pytest.raises(ValueError, match=r"got Tensor of shape \(100, 100\)$"):
        claim("A.", torch.zeros, (100, 100), control=1, versus="one", at_most=1)


@pytest.mark.parametrize(("value", "bound"), [(math.inf, "at_least"), (-math.inf, "at_most")])
def test_infinity_holds_nothing(value, bound):
    with pytest.raises(ClaimError, match=r"claim fails: .* Measured -?inf"):
        claim("A.", float, value, control=0, versus="zero", **{bound: 1.0})


def broken(subject):
    if subject == 1.0:
        raise ValueError("output 0 does not depend on the inputs")
    return subject


def test_a_control_that_cannot_be_measured_is_broken():
    with pytest.raises(
        ClaimError, match=r"control is broken: A\. one cannot be measured: Val"
    ) as e:
        claim("A.", broken, 0.0, control=1.0, versus="one", at_most=0.5)
    assert isinstance(e.value.__cause__, ValueError)


def test_a_subject_that_cannot_be_measured_says_of_which_claim():
    with pytest.raises(ValueError, match="output 0 does not depend") as e:
        claim("A is small.", broken, 1.0, control=0.0, versus="zero", at_most=0.5)
    (note,) = e.value.__notes__
    assert note == "This was raised while measuring the subject of the claim: A is small."


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"text": 3}, "text must be a sentence"),
        ({"versus": None}, "versus must say what the control is"),
        ({"at_most": "much"}, "the bound must be a single number, got 'much'"),
        ({"at_most": torch.ones(2)}, r"the bound must be a single number, got Tensor of shape"),
        ({"at_most": math.inf}, "the bound must be finite, got inf"),
    ],
)
def test_bad_texts_and_bounds(how, message):
    with pytest.raises(ValueError, match=message):
        check(**how)


def test_a_bound_may_be_a_tensor(capsys):
    check(at_most=torch.tensor(0.5))
    assert "(at most 0.5; " in capsys.readouterr().out


# ---------------------------------------------------------------------------------- terminals

CODE = """
from gdl_utils.claims import claim
claim("Größe ≤ 1 σ.", float, 0.0, control=1, versus="naïve", at_most=0.5)
"""


@pytest.mark.parametrize(
    ("encoding", "line"),
    [
        ("utf-8", "✓ Größe ≤ 1 σ. (at most 0.5; the control, naïve, fails)"),
        ("cp1252", r"[ok] Größe \u2264 1 \u03c3. (at most 0.5; the control, naïve, fails)"),
        ("cp437", r"[ok] Größe ≤ 1 σ. (at most 0.5; the control, naïve, fails)"),
        ("gbk", r"[ok] Gr\xf6\xdfe ≤ 1 σ. (at most 0.5; the control, na\xefve, fails)"),
        ("ascii", r"[ok] Gr\xf6\xdfe \u2264 1 \u03c3. (at most 0.5; the control, na\xefve, fails)"),
    ],
)
def test_a_terminal_of_any_encoding(encoding, line, monkeypatch):
    out = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="\n")
    monkeypatch.setattr(sys, "stdout", out)
    exec(CODE, {})
    out.flush()
    if encoding == "cp437":  # its σ is written with the letter that looks alike
        line = line.encode("cp437", "backslashreplace").decode("cp437")
    assert out.buffer.getvalue().decode(encoding) == line + "\n"


def test_a_c_locale():
    environment = os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    environment.pop("PYTHONIOENCODING", None)
    code = CODE.encode("ascii", "backslashreplace").decode()
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(b"[ok] Gr")


def test_no_terminal_at_all(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)  # as under pythonw
    check()
