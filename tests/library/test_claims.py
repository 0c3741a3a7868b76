"""A claim holds, its control fails, and everything else raises."""

import math

import pytest

from gdl_utils.claims import MIME, ClaimError, claim


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
    check(text="A < B & C.")
    (data,) = Shell.published
    assert data[MIME] == {"text": "A < B & C.", "bound": "at most 0.5", "control": "one"}
    assert data["text/plain"] == "✓ A < B & C. (at most 0.5; the control, one, fails)"
    assert "A &lt; B &amp; C." in data["text/html"]
