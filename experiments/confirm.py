"""Is a stored study still what the code gives? Ask, without running all of it again.

    python experiments/confirm.py                   every study whose code has changed since
    python experiments/confirm.py 05_shifts 06_turned     these, if their code has changed
    python experiments/confirm.py --status          only say which are of this code

A study is stale if anything that it is made of has changed (``closure.py``), be it only a name. It
can then be run again, which takes up to an hour, or be confirmed. A confirmation runs a part of it
again, ``tests/course/NN/rerun_NAME.py``: every seed at least once, and every setting at least once,
with the networks that take longest trained to their end. Every score must be *equal* to the stored
one: at one thread, with the same processor and the same libraries, these studies repeat to the last
bit, so a difference means that the code does something else. Beginnings of trainings are stored
with all digits, of which the last ones change with the order of a sum; they may differ by a
thousandth of the tolerance that a test grants another processor. If one number differs by more,
nothing is written, and the study has to be run again. If none does, that is added to the results:
which code gave these numbers again, when, where, and how many of them there were. What was stored
stays as it is, with the hash of the code that made it.

What has ended is kept in ``_build/studies``, so that an interrupted confirmation goes on.
"""

from __future__ import annotations

import argparse
import json
import runpy
import shutil
import sys
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from beginnings import rows
from closure import ROOT, code_hash
from record import RESULTS, lines, machine, packages, stamped, write
from seeds import KEPT, side_by_side

SCRIPTS = {p.stem: p for p in sorted((ROOT / "experiments").glob("[0-9]*.py"))}
WORDS = {
    "run": "run with this code",
    "confirmed": "confirmed with this code, run with an earlier one",
    "stale": "stale: run it again, or confirm it",
}


def status(name: str) -> str:
    """Say whether stored results are of this code: ``run``, ``confirmed`` or ``stale``."""
    stored, code = load(name), code_hash(SCRIPTS[name])
    if stored["code_sha256"] == code:
        return "run"
    return "confirmed" if stored.get("confirmed", {}).get("code_sha256") == code else "stale"


def load(name: str) -> dict[str, Any]:
    """What is stored of a study."""
    return json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))


def rerun(name: str) -> SimpleNamespace:
    """How a study is run again: ``again`` and ``turns`` for a test, perhaps more at length.

    A confirmation takes ``at_length`` and ``turns_at_length`` where there are such.
    """
    return SimpleNamespace(**runpy.run_path(str(rerun_file(name))))


def rerun_file(name: str) -> Path:
    """Where it says how a study is run again."""
    chapter, rest = name.split("_", 1)
    return ROOT / f"tests/course/{chapter}/rerun_{rest}.py"


def pairs(seeds: int, turns: int) -> list[tuple[int, int]]:
    """Numbers of seeds and turns, so few that each occurs, and so far apart that pairs differ."""
    return [(i % seeds, i % turns) for i in range(max(seeds, turns))]


def again(task: str) -> list[list[Any]] | dict[str, list[float]]:
    """Run one part of a study again.

    Parameters
    ----------
    task : str
        The study, a seed, and the number of a turn, or the word ``beginnings``.

    Returns
    -------
    list or dict
        For each number what it is, what is stored, what it is now, and by how much these may
        differ; or the beginnings, if none are stored yet.
    """
    name, seed, turn = task.split(" ")
    module, how, stored = import_module(name), rerun(name), load(name)
    if turn != "beginnings":
        run = getattr(how, "at_length", how.again)
        return [[*row[:3], 0.0] for row in run(module, stored, int(seed), int(turn))]
    found = module.beginnings(int(seed))
    if "beginnings" not in stored:
        return found
    return [list(row) for row in rows(stored, int(seed), found, how.TOLERANCE / 1000)]


def confirm(name: str, jobs: int | None = None) -> tuple[dict[str, Any] | None, list[str]]:
    """Run the parts of one study, and compare.

    Returns
    -------
    entry : dict or None
        What is to be added to the results, or None if a number differs.
    differences : list of str
        What is wrong, such as the numbers that differ.
    """
    script, stored = SCRIPTS[name], load(name)
    module, how, code = import_module(name), rerun(name), code_hash(script)
    seeds, turns = module.SEEDS, getattr(how, "turns_at_length", how.turns)(module)
    some = pairs(len(seeds), turns)
    tasks = [f"{name} {seeds[i]} {turn}" for i, turn in some]
    if hasattr(module, "beginnings"):
        tasks += [f"{name} {seed} beginnings" for seed in seeds]
    where, libraries = machine(), packages(script)
    key = {
        "code": [
            code,
            *(f.read_text(encoding="utf-8") for f in (Path(__file__), rerun_file(name))),
        ],
        "stored": {k: v for k, v in stored.items() if k != "confirmed"},
        "where": [where["machine"], libraries],
    }
    parts = side_by_side(
        Path(__file__), "again", tasks, key=key, kept=_kept(name), jobs=jobs, what="part"
    )
    found = {task: part for task, part, _ in parts}
    if code_hash(script) != code:
        return None, ["the code changed meanwhile: confirm again"]
    compared = {task: part for task, part in found.items() if isinstance(part, list)}
    different = [
        f"seed {task.split()[1]}, {what}: stored {was}, now {now}"
        for task in tasks
        for what, was, now, allowed in compared.get(task, ())
        if not abs(was - now) <= allowed
    ]
    numbers = [row for part in compared.values() for row in part]
    if different or not numbers:
        return None, different or ["nothing was run again"]
    entry: dict[str, Any] = {}
    if len(compared) < len(tasks):
        answers: dict[str, dict[str, list[float]]] = {}
        for seed in seeds:
            for kind, values in found[f"{name} {seed} beginnings"].items():
                answers.setdefault(kind, {})[str(seed)] = values
        entry["beginnings"] = stamped(code, answers)
    entry["confirmed"] = {
        "code_sha256": code,
        **where,
        "packages": libraries,
        "parts": f"{len(some)} of {len(seeds) * turns}",
        "numbers": len(numbers),
        "largest_difference": max(abs(was - now) for _, was, now, _ in numbers),
    }
    return entry, []


def _kept(name: str) -> Path:
    return KEPT / f"confirm {name}"


def main() -> None:
    """Confirm what is stale, and say what could not be."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("name", nargs="*", help="a study, as in 05_shifts; all unless named")
    parser.add_argument("--status", action="store_true", help="only say which are of this code")
    parser.add_argument("--jobs", type=int, help="how many parts at a time; all cores if not given")
    given = parser.parse_args()
    if unknown := set(given.name) - set(SCRIPTS):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(SCRIPTS)}")
    refused = []
    for name in given.name or SCRIPTS:
        now = status(name)
        if given.status or now != "stale":
            print(f"{name}: {WORDS[now]}")
            continue
        entry, different = confirm(name, given.jobs)
        if entry is None:
            refused.append(name)
            print(f"{name}: refused, {len(different)} numbers differ", *different[:5], sep="\n  ")
            print(f"  Run it again: python experiments/{name}.py")
            continue
        write(RESULTS / f"{name}.json", lines({**load(name), **entry}) + "\n")
        shutil.rmtree(_kept(name), ignore_errors=True)
        print(f"{name}: confirmed, {entry['confirmed']['numbers']} numbers are equal", flush=True)
    if refused:
        sys.exit(f"Not confirmed: {', '.join(refused)}")


if __name__ == "__main__":
    main()
