"""Time several ways to do one job, side by side, and store what came out.

A subject is a script; ``make bench BENCH=benchmarks/SUBJECT.py`` runs it::

    from timing import measure, save


    def convolutions(n):  # at module level: a fresh process calls it to measure memory
        ...
        assert torch.allclose(ours(), peer())  # candidates must do the same job
        return {"gdl_utils": ours, "PyTorch Geometric": peer, "matrix product alone": floor}


    if __name__ == "__main__":
        jobs = [
            measure(
                "graph convolution, 64 features, forward and backward",
                convolutions,
                sizes=[10_000, 100_000, 1_000_000],
                unit="edges",
                floor="matrix product alone",
                target="4 times as fast as its default",
            )
        ]
        save(
            "graphs",
            "Graphs",
            "What is timed, and why these peers.",
            jobs,
            packages=["torch-geometric"],
        )

``save`` writes ``book/results/bench_SUBJECT.json``, from which ``page.py`` makes the book's page:

=============  =====================================================================================
subject        str, as in the file's name
title, about   str, the section's heading and its paragraph
machine, date  str; ``packages`` {name: version}; ``threads``: 1; ``seconds`` of the whole run
jobs           list of {``name``, ``unit``: what n counts, ``ours``: the candidate that is compared,
               ``floor``: a candidate that is a limit and no rival, or null, ``target``: or null,
               ``missing``: {candidate: why it was not timed}, ``rows``, ``growth``}
rows           one a size, at least three: {``n``: int, ``rounds``: int,
               ``times``: {candidate: {``median``, ``low``, ``high``}} in seconds,
               ``ratios``: {other: {``median``, ``low``, ``high``}}, its time over ours, by rounds,
               ``peak_mb``: {candidate: float or null}}, memory above that before the call
growth         {candidate: {``exponent``, ``low``, ``high``, ``steps``}} of seconds against n;
               ``steps`` are the exponents from each size to the next
=============  =====================================================================================

Every interval is one of order statistics, at 95 % or a little more, and says how far one *run* can
be trusted; another machine has other numbers. A ratio above 1 says that ours is faster.
"""

from __future__ import annotations

import gc
import importlib.metadata
import json
import math
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from memory import peak_mb
from page import problems

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "book/results"
Candidates = dict[str, Callable[[], Any]]
STARTED = time.perf_counter()


# ---------------------------------------------------------------------------- statistics
def interval(values: Sequence[float], level: float = 0.95) -> dict[str, float]:
    """The median and the order statistics that enclose it with at least this probability.

    Of n independent values, the k-th smallest and the k-th largest miss the true median with
    probability 2 P(Binomial(n, 1/2) < k), whatever the distribution.

    Raises
    ------
    ValueError
        If there are too few values for the level, or one is not finite.
    """
    ordered, n = sorted(values), len(values)
    if not all(math.isfinite(v) for v in ordered):
        raise ValueError(f"values must be finite, got {ordered}")
    below = [sum(math.comb(n, i) for i in range(k)) / 2**n for k in range(n // 2 + 1)]
    k = max((k for k, p in enumerate(below) if 2 * p <= 1 - level), default=0)
    if k == 0:
        least = math.ceil(1 - math.log2(1 - level))
        raise ValueError(f"values must be at least {least} for a level of {level}, got {n}")
    return {"median": statistics.median(ordered), "low": ordered[k - 1], "high": ordered[n - k]}


def ratios(times: dict[str, list[float]], ours: str) -> dict[str, dict[str, float]]:
    """Each other candidate's time over ours, taken within each round, so that drifts cancel."""
    mine = times[ours]
    pairs = {k: [a / b for a, b in zip(v, mine, strict=True)] for k, v in times.items()}
    return {k: interval(v) for k, v in pairs.items() if k != ours}


def exponent(sizes: Sequence[float], times: Sequence[Sequence[float]]) -> dict[str, Any]:
    """Fit seconds ≈ c · n^p by least squares of the logarithms, once for each round.

    Parameters
    ----------
    sizes : sequence of S numbers
        Increasing.
    times : sequence of S sequences of at least 6 seconds
        By size, then by round; further rounds than all sizes have are left out.

    Returns
    -------
    dict
        ``exponent`` with ``low`` and ``high`` over the rounds, and ``steps``: the exponent of the
        medians from each size to the next, which differ where no one power fits.

    Raises
    ------
    ValueError
        If there are fewer than three sizes, or they do not increase.
    """
    if len(sizes) < 3 or any(a >= b for a, b in pairwise(sizes)) or sizes[0] <= 0:
        raise ValueError(f"sizes must be three or more, positive and increasing, got {sizes}")
    x = [math.log(n) for n in sizes]
    slopes = [
        statistics.linear_regression(x, [math.log(t) for t in one]).slope for one in zip(*times)
    ]
    y = [math.log(statistics.median(t)) for t in times]
    steps = [(y[i + 1] - y[i]) / (x[i + 1] - x[i]) for i in range(len(x) - 1)]
    fitted = interval(slopes)
    return {"exponent": fitted.pop("median"), **fitted, "steps": steps}


# --------------------------------------------------------------------------- measurement
@contextmanager
def quiet() -> Iterator[None]:
    """One thread for torch, and no garbage collection while the clock runs."""
    threads, collecting = torch.get_num_threads(), gc.isenabled()
    torch.set_num_threads(1)
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        if collecting:
            gc.enable()


def interleaved(
    candidates: Candidates,
    *,
    rounds: int = 15,
    budget: float = 30.0,
    shortest: float = 0.002,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, list[float]]:
    """Seconds a call of every candidate in each round; whoever began a round ends the next.

    Parameters
    ----------
    candidates : dict of callables without arguments
        Each is called twice beforehand, to warm up and to see how long it takes.
    rounds : int
        At least 6; beyond the sixth none is begun after ``budget`` seconds.
    shortest : float
        A candidate that is quicker is called several times in a row, and the mean counts.
    """
    if rounds < 6:
        raise ValueError(f"rounds must be at least 6, got {rounds}")
    if not candidates:
        raise ValueError("candidates must not be empty")
    repeats, seconds = {}, {name: [] for name in candidates}
    with quiet():
        for name, call in candidates.items():
            call()
            start = clock()
            call()
            repeats[name] = max(1, math.ceil(shortest / max(clock() - start, 1e-7)))
        order, began = list(candidates), clock()
        for turn in range(rounds):
            for name in order:
                call, times = candidates[name], repeats[name]
                start = clock()
                for _ in range(times):
                    call()
                seconds[name].append((clock() - start) / times)
            order = order[1:] + order[:1]
            if turn >= 5 and clock() - began > budget:
                break
    return seconds


def measure(
    name: str,
    make: Callable[[int], Candidates],
    *,
    sizes: Sequence[int],
    unit: str,
    ours: str = "gdl_utils",
    floor: str | None = None,
    target: str | None = None,
    missing: dict[str, str] | None = None,
    rounds: int = 15,
    budget: float = 30.0,
    memory: bool = True,
) -> dict[str, Any]:
    """Time a job at every size: one entry of ``jobs`` as the module describes it."""
    rows, every = [], []
    for n in sizes:
        candidates = make(n)
        if not {ours, floor or ours} <= set(candidates):
            raise ValueError(f"make must return {ours!r} and the floor, got {list(candidates)}")
        every.append(interleaved(candidates, rounds=rounds, budget=budget))
        rows.append({
            "n": n,
            "rounds": len(every[-1][ours]),
            "times": {k: interval(v) for k, v in every[-1].items()},
            "ratios": ratios(every[-1], ours),
            "peak_mb": {k: peak_mb(make, n, k) if memory else None for k in candidates},
        })  # fmt: skip
        del candidates
    shared = [k for k in every[0] if all(k in times for times in every)]
    growth = {k: exponent(sizes, [times[k] for times in every]) for k in shared}
    return {
        "name": name, "unit": unit, "ours": ours, "floor": floor, "target": target,
        "missing": missing or {}, "rows": rows, "growth": growth,
    }  # fmt: skip


def save(
    subject: str,
    title: str,
    about: str,
    jobs: list[dict[str, Any]],
    *,
    packages: Sequence[str] = (),
    folder: Path = RESULTS,
) -> Path:
    """Write ``bench_SUBJECT.json`` with machine, date and versions of the packages named.

    Raises
    ------
    ValueError
        If the result is not of the module's form.
    """
    sys.path.append(str(ROOT / "experiments"))
    from record import machine

    versions = {p: importlib.metadata.version(p) for p in ("torch", *packages)}
    result = {"subject": subject, "title": title, "about": about, **machine()}
    result |= {"packages": versions, "threads": 1, "jobs": jobs}
    result["seconds"] = round(time.perf_counter() - STARTED, 1)
    if wrong := problems(result):
        raise ValueError(f"jobs must be of the form that timing.py describes: {'; '.join(wrong)}")
    path = folder / f"bench_{subject}.json"
    path.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path
