"""Run notebooks in place and store outputs that give small diffs.

    python tools/refresh_notebooks.py [notebooks/04_blueprint.ipynb ...]

A notebook is written only if it ran to its end and something changed. Seconds, memory and size go
to ``book/results/status.json``, from which the book's status page is made.
"""

from __future__ import annotations

import datetime
import json
import platform
import sys
from pathlib import Path

import nbformat
from nbtools import (
    NOTEBOOKS,
    ROOT,
    CellFailed,
    NotANotebook,
    clean_room,
    keep_pictures,
    lighten,
    read,
    run,
    tidy,
)

STATUS = ROOT / "book/results/status.json"
THREADS = 1


def refresh(path: Path, env: dict[str, str]) -> dict[str, float]:
    """Run one notebook, rewrite it if its outputs changed, and return what the run took."""
    stored = lighten(read(path))
    before = path.read_text(encoding="utf-8")
    done = run(stored, env, folder=path.parent)
    fresh = lighten(tidy(done.nb))
    keep_pictures(stored, fresh)
    fresh.nbformat, fresh.nbformat_minor = 4, 5
    after = nbformat.writes(fresh) + "\n"
    if after != before:
        path.write_text(after, encoding="utf-8")
    changed = "written" if after != before else "unchanged"
    print(f"{path.name}: {done.seconds:.1f} s, {done.peak_mb:.0f} MB, {changed}", flush=True)
    return {
        "seconds": round(done.seconds, 1),
        "peak_mb": round(done.peak_mb),
        "kilobytes": round(len(after.encode()) / 1000),
        "cells": len(fresh.cells),
        "threads": THREADS,
    }


def record(rows: dict[str, dict[str, float]], status: Path = STATUS) -> None:
    """Merge the rows into the status file; rows of notebooks that are gone are dropped."""
    old = json.loads(status.read_text()) if status.exists() else {}
    old = {k: v for k, v in old.items() if (NOTEBOOKS / f"{k}.ipynb").exists()}
    new = dict(sorted({**old, **rows}.items()))
    new["machine"] = machine()
    new["date"] = datetime.date.today().isoformat()
    status.parent.mkdir(parents=True, exist_ok=True)
    status.write_text(json.dumps(new, indent=1) + "\n")


def machine() -> str:
    """The processor, and the versions that matter, in one line."""
    import psutil
    import torch

    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    name = names[0] if names else platform.machine()
    versions = f"Python {platform.python_version()}, torch {torch.__version__.split('+')[0]}"
    return f"{name}, {psutil.cpu_count()} cores, {versions}"


def main(arguments: list[str]) -> int:
    """Refresh the named notebooks, or all; stop at the first whose cell raises."""
    paths = [Path(a).resolve() for a in arguments] or sorted(NOTEBOOKS.glob("*.ipynb"))
    rows = {}
    with clean_room(THREADS) as env:
        for path in paths:
            if not path.exists():
                print(f"{path} does not exist.", file=sys.stderr)
                return 1
            try:
                rows[path.stem] = refresh(path, env)
            except (CellFailed, NotANotebook) as error:
                print(f"{error}\n{path.name} is left as it was.", file=sys.stderr)
                return 1
            if path.parent == NOTEBOOKS:
                record({path.stem: rows[path.stem]})
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
