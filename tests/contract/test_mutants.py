"""One-line mistakes in the library, each of which a row of the contract must notice.

Each mutant is a child of one warm process: it imports the library with one line changed, and runs
the checks of its room until one fails. A mutant that cannot be imported, or that makes a row
raise anything but a failed assertion, shows nothing of the row: it is a mistake in the table.
"""

import time

import pytest
from contract import children, warm
from contract.mutants import INSTRUMENTS, Mutant, judge
from contract.table import ROOMS, collect

MUTANTS = {
    name: (room, Mutant(*change))
    for room in ROOMS
    for name, change in collect("MUTANTS", (room,)).items()
}


def verdict(room: str, mutant: Mutant | None, **options) -> tuple[str, str]:
    """What the room's rows say; of the instruments, their own tests and then all rows."""
    all_rooms = room == "language"
    outcome = warm.call(judge, ROOMS if all_rooms else (room,), mutant, all_rooms, **options)
    assert outcome.ended == "returned", f"the child {outcome.ended}\n{outcome.output}"
    print(outcome.output)  # pytest shows it if the test fails
    return outcome.value


@pytest.mark.slow
def test_the_library_itself_passes():
    assert verdict("language", None) == ("survived", "")


@pytest.mark.slow
@pytest.mark.parametrize("name", MUTANTS)
def test_mutant_is_killed(name):
    how, by = verdict(*MUTANTS[name])
    assert how == "killed", f"{how} {by}"


def test_controls_notice_a_measure_that_is_always_zero():
    _, mutant = MUTANTS["an error that is always zero"]
    how, by = verdict("grids", mutant)
    assert (how, by) == ("killed", "CircularConv2d: control_fails")


def test_each_room_has_mutants():
    assert MUTANTS.keys() == collect("MUTANTS").keys()  # which sees names that occur twice
    assert {room for room, _ in MUTANTS.values()} == set(ROOMS)
    assert next(iter(MUTANTS.values()))[0] == "language"
    assert INSTRUMENTS.exists()


LINE = "return x[..., :: self.stride, :: self.stride]"


@pytest.mark.parametrize(
    ("becomes", "wanted"),
    [
        (LINE + "  # the same", ("survived", "")),
        ("return x[..., :: self.stride, :: self.stride", ("broken", "at import")),
        ("return x[..., nothing]", ("broken", "Subsample2d, even shifts: keeps_its_symmetry")),
        ("assert x is None", ("broken", "Subsample2d, even shifts: keeps_its_symmetry")),
    ],
)
def test_what_is_no_kill(becomes, wanted):
    how, by = verdict("grids", Mutant("grids/pooling.py", LINE, becomes))
    assert (how, by) == wanted


def test_a_mutant_that_no_row_imports_is_no_kill():
    mutant = Mutant("metrics.py", "from __future__ import annotations", "x = 1")
    assert verdict("grids", mutant) == ("broken", "no row of grids imports gdl_utils.metrics")


def test_a_line_that_has_moved_is_named():
    outcome = warm.call(judge, ("grids",), Mutant("grids/layers.py", "nowhere", ""), False)
    assert outcome.ended == "raised"
    assert "grids/layers.py has 0 times what is to be changed: 'nowhere'" in outcome.output


# ------------------------------------------------------------------------------- the warm process
@pytest.mark.skipif(warm.METHOD != warm.FORKED, reason="this platform does not fork")
def test_the_warm_process_is_warm_and_has_one_thread():
    assert warm.call(children.threads_and_modules).value == (1, list(warm.WARM), False)


@pytest.mark.slow
def test_without_forking_the_verdict_is_the_same():
    name = "zero padding"
    assert verdict(*MUTANTS[name], method="spawn") == verdict(*MUTANTS[name])


@pytest.mark.parametrize(
    ("function", "arguments", "seconds", "ended", "output"),
    [
        (children.fall_silent, (), 60, "died with exit code 7", "going"),
        (children.fail, (), 60, "raised", "OSError: no such luck"),
        (time.sleep, (60,), 0.5, "was stopped after 0.5 seconds", ""),
    ],
)
def test_how_a_child_may_end(function, arguments, seconds, ended, output):
    outcome = warm.call(function, *arguments, seconds=seconds)
    assert (outcome.value, outcome.ended) == (None, ended)
    assert output in outcome.output
