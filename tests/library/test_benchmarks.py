"""Benchmarks: the statistics on timings with known answers, and what the page accepts."""

import copy
import importlib.util
import json
import re
import time

import numpy as np
import page
import pytest
import timing
from memory import peak_mb
from nbtools import ROOT
from scipy.stats import binom


# ---------------------------------------------------------------------------- statistics
def test_the_interval_of_six_values_is_their_range():
    """By hand: all six lie on one side of the median with probability 2/64, below 5 %."""
    assert timing.interval([3, 1, 2, 6, 5, 4]) == {"median": 3.5, "low": 1, "high": 6}


@pytest.mark.parametrize("n", [6, 9, 15, 40, 101])
def test_the_interval_covers_as_it_says_and_no_narrower_one_does(n):
    found = timing.interval(list(range(1, n + 1)))
    k = found["low"]
    assert found["high"] == n + 1 - k
    assert 1 - 2 * binom.cdf(k - 1, n, 0.5) >= 0.95 > 1 - 2 * binom.cdf(k, n, 0.5)


def test_the_interval_covers_the_median_of_a_skewed_distribution():
    rng = np.random.default_rng(0)
    spreads = [timing.interval(rng.exponential(size=15).tolist()) for _ in range(2000)]
    covered = np.mean([s["low"] <= np.log(2) <= s["high"] for s in spreads])
    assert covered == pytest.approx(binom.cdf(11, 15, 0.5) - binom.cdf(3, 15, 0.5), abs=0.015)


@pytest.mark.parametrize("values", [[1.0] * 5, [1.0] * 6 + [float("nan")]])
def test_too_few_or_broken_values_are_refused(values):
    with pytest.raises(ValueError, match="values must be"):
        timing.interval(values)


def test_a_drift_of_the_machine_cancels_in_paired_ratios():
    drift = [1.0, 1.1, 1.5, 2.0, 3.0, 9.0, 1.0]
    times = {"ours": drift, "peer": [3 * d for d in drift]}
    assert timing.ratios(times, "ours") == {"peer": pytest.approx(dict.fromkeys(page.SPREAD, 3.0))}
    assert timing.interval(drift)["high"] == 9


def test_a_power_law_is_found_and_its_noise_is_in_the_interval():
    sizes, rng = [10, 100, 1000], np.random.default_rng(1)
    noisy = [[2e-3 * n**1.5 * f for f in rng.lognormal(sigma=0.1, size=15)] for n in sizes]
    fit = timing.exponent(sizes, noisy)
    assert fit["low"] < 1.5 < fit["high"]
    assert fit["high"] - fit["low"] < 0.1
    exact = timing.exponent(sizes, [[n**1.5] * 6 for n in sizes])
    assert exact["exponent"] == exact["low"] == exact["high"] == pytest.approx(1.5)
    assert exact["steps"] == pytest.approx([1.5, 1.5])


def test_steps_show_where_no_one_power_fits():
    fit = timing.exponent([10, 100, 1000], [[n + n**2 / 100] * 6 for n in (10, 100, 1000)])
    assert fit["steps"][0] < 1.3 < 1.7 < fit["steps"][1]


@pytest.mark.parametrize("sizes", [[1, 2], [1, 2, 2], [3, 2, 1], [0, 1, 2]])
def test_sizes_that_no_power_can_be_fitted_to_are_refused(sizes):
    with pytest.raises(ValueError, match="sizes must be three or more"):
        timing.exponent(sizes, [[1.0] * 6] * len(sizes))


# --------------------------------------------------------------------------- measurement
class Clock:
    """A clock that only moves when a candidate says so."""

    def __init__(self):
        self.now, self.calls = 0.0, []

    def __call__(self):
        return self.now

    def candidate(self, name, seconds):
        def call():
            self.calls.append(name)
            self.now += seconds

        return call


def test_rounds_are_interleaved_and_turn():
    clock = Clock()
    candidates = {"a": clock.candidate("a", 1.0), "b": clock.candidate("b", 2.0)}
    found = timing.interleaved(candidates, rounds=6, budget=1e9, clock=clock)
    assert found == {"a": [1.0] * 6, "b": [2.0] * 6}
    assert "".join(clock.calls) == "aabb" + "abba" * 3


def test_a_quick_candidate_is_called_often_enough():
    clock = Clock()
    found = timing.interleaved({"a": clock.candidate("a", 0.5)}, shortest=2, rounds=6, clock=clock)
    assert found["a"] == [0.5] * 6
    assert len(clock.calls) == 2 + 6 * 4


def test_the_budget_ends_the_rounds_but_leaves_six():
    clock = Clock()
    found = timing.interleaved({"a": clock.candidate("a", 9.0)}, rounds=50, budget=1, clock=clock)
    assert len(found["a"]) == 6


def test_too_few_rounds_and_no_candidate_are_refused():
    with pytest.raises(ValueError, match="rounds must be at least 6, got 5"):
        timing.interleaved({"a": time.time}, rounds=5)
    with pytest.raises(ValueError, match="candidates must not be empty"):
        timing.interleaved({})


SUBJECT = """
import numpy as np
def sums(n):
    x = np.ones(n)
    return {
        "gdl_utils": lambda: x.sum(),
        "peer": lambda: (x + 1).sum(),
        "wasteful": lambda: np.outer(np.ones(8), x).sum(),
    }
"""


@pytest.fixture
def sums(tmp_path):
    file = tmp_path / "sums.py"
    file.write_text(SUBJECT)
    spec = importlib.util.spec_from_file_location("sums", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.sums


@pytest.mark.slow
def test_memory_is_that_of_the_call_alone(sums):
    """By hand: a million doubles are 8 MB; the outer product has eight times as many."""
    assert peak_mb(sums, 1_000_000, "gdl_utils") < 2
    assert peak_mb(sums, 1_000_000, "peer") == pytest.approx(8, abs=2)
    assert peak_mb(sums, 1_000_000, "wasteful") == pytest.approx(64, abs=4)


def test_memory_of_what_cannot_be_called_again_is_refused(sums):
    with pytest.raises(ValueError, match=r"make must be a function at module level, got .*lambda"):
        peak_mb(lambda n: {}, 1, "gdl_utils")
    with pytest.raises(RuntimeError, match=r"(?s)nobody at n = 1.*KeyError"):
        peak_mb(sums, 1, "nobody")


@pytest.mark.slow
def test_a_subject_from_measurement_to_table(sums, tmp_path):
    sizes = [20_000, 80_000, 320_000]
    job = timing.measure(
        "sum",
        sums,
        sizes=sizes,
        unit="numbers",
        floor="gdl_utils",
        rounds=6,
        budget=1,
        memory=False,
    )
    saved = timing.save("sums", "Sums", "How to add.", [job], packages=["numpy"], folder=tmp_path)
    assert saved == tmp_path / "bench_sums.json"
    (result,) = page.load(tmp_path)
    assert set(result["packages"]) == {"torch", "numpy"}
    table = page.table(result["jobs"][0])
    assert table.head == ["numbers", "gdl_utils", "peer", "wasteful"]
    assert [row[0] for row in table.rows] == ["20,000", "80,000", "320,000"]
    with pytest.raises(ValueError, match=r"jobs must be of the form.*rows are fewer than three"):
        timing.save("sums", "Sums", "x", [job | {"rows": job["rows"][:2]}], folder=tmp_path)


def test_a_job_without_us_is_refused(sums):
    with pytest.raises(ValueError, match="make must return 'us'"):
        timing.measure("sum", sums, sizes=[1, 2, 3], unit="numbers", ours="us", memory=False)


# ---------------------------------------------------------------------------------- page
def spread(value):
    return {"median": value, "low": 0.9 * value, "high": 1.1 * value}


def row(n):
    times = {"ours": spread(n * 1e-6), "peer": spread(n * 4e-6)}
    ratios, memory = {"peer": spread(4.0)}, {"ours": 1.0, "peer": None}
    return {"n": n, "rounds": 9, "times": times, "ratios": ratios, "peak_mb": memory}


FIT = {"exponent": 1.0, "low": 0.9, "high": 1.1, "steps": [0.98, 1.02]}
JOB = {"name": "sum", "unit": "numbers", "ours": "ours", "floor": None, "target": "1.5 floors"}
JOB |= {"missing": {"other": "it needs Fortran"}, "rows": [row(10), row(1000), row(100_000)]}
JOB |= {"growth": {"ours": FIT, "peer": FIT}}
RESULT = {"subject": "sums", "title": "Sums", "about": "x", "machine": "m", "date": "2026-01-01"}
RESULT |= {"packages": {"torch": "2"}, "threads": 1, "seconds": 2.0, "jobs": [JOB]}


def test_a_sound_result_has_no_problem_and_reads_well():
    assert page.problems(RESULT) == []
    table = page.table(JOB)
    assert table.rows[0] == ["10", "10.0 µs", "4.00× (3.60 to 4.40)"]
    assert table.rows[2][:2] == ["100,000", "100 ms"]
    assert table.notes == [
        "Time grows as n to the power of 1.00 (0.90 to 1.10; from size to size 0.98, 1.02) for "
        "ours, 1.00 (0.90 to 1.10; from size to size 0.98, 1.02) for peer.",
        "Memory that a call takes at the largest n: 1 MB for ours.",
        "Target: 1.5 floors.",
        "other was not timed: it needs Fortran.",
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [(12.345, "12.3 s"), (0.9999, "1.00 s"), (0.00042, "420 µs"), (3e-8, "0.0300 µs")],
)
def test_seconds_have_three_digits(value, text):
    assert page.seconds(value) == text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("r['subject'] = ''", "subject is not a text"),
        ("del r['machine']", "machine is not a text"),
        ("r['threads'] = 2", "threads is not 1"),
        ("r['seconds'] = None", "seconds is not a number"),
        ("r['packages'] = ['torch']", "packages is not"),
        ("r['jobs'] = []", "jobs is not a list"),
        ("r['jobs'] = [3]", "job 0: it is not a JSON object"),
        ("j['floor'] = 'nobody'", "the floor 'nobody' was not timed"),
        ("del j['target']", "target is neither"),
        ("j['missing'] = ['escnn']", "missing is not"),
        ("del j['rows'][0]", "rows are fewer than three"),
        ("j['rows'].reverse()", "the sizes n do not increase"),
        ("del j['rows'][1]['times']", "n = 1000: times, ratios or peak_mb is missing"),
        ("j['rows'][1]['rounds'] = 5", "n = 1000: rounds < 6"),
        ("j['rows'][0]['times']['peer']['low'] = 9", "n = 10: the times of peer"),
        ("j['rows'][0]['ratios']['peer']['high'] = float('nan')", "n = 10: the ratios of peer"),
        ("j['rows'][0]['ratios'].clear()", "are not of the same candidates"),
        ("j['rows'][0]['peak_mb']['ours'] = 'much'", "a peak_mb is neither"),
        ("del j['growth']['ours']", "growth is not"),
        ("j['growth']['peer'] = dict(j['growth']['peer'], steps=[1])", "growth of peer lacks"),
    ],
)
def test_a_malformed_result_is_refused(change, said, tmp_path):
    result = copy.deepcopy(RESULT)
    exec(change, {"r": result, "j": result["jobs"][0]})
    (tmp_path / "bench_sums.json").write_text(json.dumps(result))
    message = f"bench_sums.json is not a benchmark: .*{re.escape(said)}"
    with pytest.raises(ValueError, match=message):
        page.load(tmp_path)


def test_what_is_no_json_or_has_another_name_is_refused(tmp_path):
    file = tmp_path / "bench_sums.json"
    file.write_text("{")
    with pytest.raises(ValueError, match=r"bench_sums.json is not JSON"):
        page.load(tmp_path)
    file.write_text(json.dumps(RESULT | {"subject": "products"}))
    with pytest.raises(ValueError, match="its subject is 'products'"):
        page.load(tmp_path)


def test_what_is_stored_is_sound_and_of_a_script_that_is_here():
    for result in page.load(ROOT / "book/results"):
        assert (ROOT / f"benchmarks/{result['subject']}.py").is_file()
