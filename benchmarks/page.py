"""Check what ``timing.save`` stored, and put it into tables: the book's page, made without torch.

``book/_ext/gdl_book.py`` draws the tables where ``book/benchmarks.md`` says ``{benchmarks}``.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, NamedTuple

TEXTS = ("subject", "title", "about", "machine", "date")
SPREAD = ("median", "low", "high")


class Table(NamedTuple):
    """One job: its heading, a table of texts, and the sentences under it."""

    name: str
    head: list[str]
    rows: list[list[str]]
    notes: list[str]


# --------------------------------------------------------------------------------- check
def problems(result: Any) -> list[str]:
    """What is wrong with a stored benchmark; nothing, if it is as ``timing.py`` says."""
    if not isinstance(result, dict):
        return ["it is not a JSON object"]
    said = [f"{k} is not a text" for k in TEXTS if not _text(result.get(k))]
    said += [] if _number(result.get("seconds")) else ["seconds is not a number"]
    said += [] if result.get("threads") == 1 else ["threads is not 1"]
    versions = result.get("packages")
    if not isinstance(versions, dict) or not all(map(_text, versions.values())):
        said.append("packages is not {name: version}")
    jobs = result.get("jobs")
    if not isinstance(jobs, list) or not jobs:
        return [*said, "jobs is not a list of jobs"]
    for i, job in enumerate(jobs):
        where = job.get("name") if isinstance(job, dict) else None
        said += [f"job {where or i}: {problem}" for problem in _job(job)]
    return said


def _job(job: Any) -> list[str]:
    if not isinstance(job, dict):
        return ["it is not a JSON object"]
    said = [f"{k} is not a text" for k in ("name", "unit", "ours") if not _text(job.get(k))]
    for key in ("floor", "target"):
        if job.get(key, 0) is not None and not _text(job.get(key)):
            said.append(f"{key} is neither text nor null")
    missing = job.get("missing")
    if not isinstance(missing, dict) or not all(map(_text, missing.values())):
        said.append("missing is not {candidate: why}")
    rows, growth = job.get("rows"), job.get("growth")
    if not isinstance(rows, list) or len(rows) < 3:
        return [*said, "rows are fewer than three"]
    sizes = [row.get("n") if isinstance(row, dict) else None for row in rows]
    if not all(isinstance(n, int) and n > 0 for n in sizes) or sizes != sorted(set(sizes)):
        return [*said, f"the sizes n do not increase: {sizes}"]
    for row in rows:
        said += [f"n = {row['n']}: {problem}" for problem in _row(row, job.get("ours"))]
    if said:
        return said
    names = {name for row in rows for name in row["times"]}
    if job["floor"] is not None and job["floor"] not in names:
        said.append(f"the floor {job['floor']!r} was not timed")
    if job["ours"] not in (growth or {}) or not set(growth) <= names:
        return [*said, "growth is not {candidate: exponent}, with ours"]
    for name, fit in growth.items():
        fitted = isinstance(fit, dict) and _spread(fit, ("exponent", "low", "high"))
        if not fitted or len(fit.get("steps", ())) != len(rows) - 1:
            said.append(f"growth of {name} lacks exponent, low, high, or a step for each pair")
    return said


def _row(row: dict[str, Any], ours: Any) -> list[str]:
    times, ratio, memory = (row.get(k) for k in ("times", "ratios", "peak_mb"))
    if not all(isinstance(v, dict) for v in (times, ratio, memory)):
        return ["times, ratios or peak_mb is missing"]
    said = [] if isinstance(row.get("rounds"), int) and row["rounds"] >= 6 else ["rounds < 6"]
    for name, spread in times.items():
        if not _spread(spread) or spread["low"] <= 0:
            said.append(f"the times of {name} are not 0 < low ≤ median ≤ high")
    if ours not in times or set(ratio) != set(times) - {ours} or set(memory) != set(times):
        said.append("times, ratios and peak_mb are not of the same candidates")
    for name, spread in ratio.items():
        if not _spread(spread) or spread["low"] <= 0:
            said.append(f"the ratios of {name} are not 0 < low ≤ median ≤ high")
    if not all(v is None or _number(v) for v in memory.values()):
        said.append("a peak_mb is neither a number nor null")
    return said


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _spread(value: Any, keys: tuple[str, ...] = SPREAD) -> bool:
    if not isinstance(value, dict) or not all(_number(value.get(k)) for k in keys):
        return False
    middle, low, high = (value[k] for k in keys)
    return low <= middle <= high


def load(folder: Path) -> list[dict[str, Any]]:
    """Every stored benchmark of a folder, by name.

    Raises
    ------
    ValueError
        If one is not of the form that ``timing.py`` describes, with all that is wrong.
    """
    found = []
    for path in sorted(folder.glob("bench_*.json")):
        try:
            result = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ValueError(f"{path.name} is not JSON: {error}") from error
        wrong = problems(result)
        if not wrong and path.stem != f"bench_{result['subject']}":
            wrong = [f"its subject is {result['subject']!r}"]
        if wrong:
            raise ValueError(f"{path.name} is not a benchmark: {'; '.join(wrong)}")
        found.append(result)
    return found


# --------------------------------------------------------------------------------- table
def table(job: dict[str, Any]) -> Table:
    """A job as a table, a line a size: our time, and the others' as multiples of it."""
    others = [k for row in job["rows"] for k in row["times"] if k != job["ours"]]
    others = list(dict.fromkeys(others))
    rows = []
    for row in job["rows"]:
        cells = [f"{row['n']:,}", seconds(row["times"][job["ours"]]["median"])]
        ratios = [row["ratios"].get(name) for name in others]
        rows.append(cells + [multiple(r) if r else "–" for r in ratios])
    notes = [f"Time grows as n to the power of {_growth(job)}."]
    if memory := _memory(job["rows"][-1]):
        notes.append(f"Memory that a call takes at the largest n: {memory}.")
    if job["floor"]:
        notes.append(f"{job['floor']} is a limit, and does not do the whole job.")
    if job["target"]:
        notes.append(f"Target: {job['target']}.")
    notes += [f"{name} was not timed: {why}." for name, why in job["missing"].items()]
    return Table(job["name"], [job["unit"], job["ours"], *others], rows, notes)


def seconds(value: float) -> str:
    """Three digits, in the unit that suits.

    >>> seconds(0.01234)
    '12.3 ms'
    """
    scales = (("s", 1), ("ms", 1e3), ("µs", 1e6))
    unit, factor = next((s for s in scales if value * s[1] >= 0.9995), scales[-1])
    return f"{_digits(value * factor)} {unit}"


def multiple(ratio: dict[str, float]) -> str:
    """A ratio with its interval.

    >>> multiple({"median": 4.123, "low": 4.04, "high": 4.2})
    '4.12× (4.04 to 4.20)'
    """
    middle, low, high = (_digits(ratio[k]) for k in SPREAD)
    return f"{middle}× ({low} to {high})"


def _digits(value: float) -> str:
    rounded = float(f"{value:.3g}")
    return f"{rounded:.{max(0, 2 - math.floor(math.log10(rounded)))}f}"


def _growth(job: dict[str, Any]) -> str:
    fits = [job["ours"], *(k for k in job["growth"] if k != job["ours"])]
    said = []
    for name in fits:
        fit = job["growth"][name]
        steps = ", ".join(f"{s:.2f}" for s in fit["steps"])
        power = f"{fit['exponent']:.2f} ({fit['low']:.2f} to {fit['high']:.2f}"
        said.append(f"{power}; from size to size {steps}) for {name}")
    return ", ".join(said)


def _memory(row: dict[str, Any]) -> str:
    known = {k: v for k, v in row["peak_mb"].items() if v is not None}
    return ", ".join(f"{v:.0f} MB for {k}" for k, v in known.items())
