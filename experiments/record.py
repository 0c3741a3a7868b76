"""What is written down of a study: where it ran, with which libraries, and a file that tells all.

No number is made here, so nothing in this file counts for the hash of a study (``closure.py``).
"""

from __future__ import annotations

import datetime
import importlib.metadata
import json
import os
import platform
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from closure import ROOT, libraries

if TYPE_CHECKING:
    from seeds import Run

RESULTS = ROOT / "book/results"


def machine() -> dict[str, str]:
    """Where and when it ran: processor, versions, date."""
    import torch

    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    versions = f"Python {platform.python_version()}, torch {torch.__version__.split('+')[0]}"
    what = f"{names[0] if names else platform.machine()}, {os.cpu_count()} cores, {versions}"
    return {"machine": what, "date": datetime.date.today().isoformat()}


def packages(script: Path) -> dict[str, str]:
    """Versions of the packages that a study imports, named as they are installed."""
    providers = importlib.metadata.packages_distributions()
    names = {name for top in libraries(script) for name in providers.get(top, ())}
    return {name: importlib.metadata.version(name) for name in sorted(names, key=str.lower)}


def stamped(code: str, answers: dict[str, Any]) -> dict[str, Any]:
    """Beginnings of trainings, with the hash of the code, the machine and the day."""
    return {"code_sha256": code, **machine(), "answers": answers}


def save(script: str | Path, run: Run, about: str, folder: Path = RESULTS, **more: Any) -> Path:
    """Write ``book/results/NAME.json`` for ``experiments/NAME.py``, and forget what the run kept.

    Parameters
    ----------
    script : str or Path
        The study.
    run : Run
        What ``run_seeds`` gave.
    about : str
        One sentence, and the chapter.
    folder : Path
        Where results are.
    **more
        Settings, scores, and what else the study found; anything that JSON can hold.
    """
    script = Path(script)
    path = folder / f"{script.stem}.json"
    results = {"about": about, "code_sha256": run.code_sha256, **more, **machine()}
    results |= {
        "packages": packages(script),
        "seconds": round(run.seconds),
        "processor_seconds": round(run.processor_seconds),
        "jobs": run.jobs,
    }
    write(path, lines(results) + "\n")
    shutil.rmtree(run.kept, ignore_errors=True)
    return path


def write(path: Path, text: str) -> None:
    """Write a file whole or not at all, whenever it is interrupted."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def lines(value: Any, indent: int = 0) -> str:
    """JSON in which only dictionaries are broken into lines."""
    if not isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    pad = " " * (indent + 1)
    rows = [f"{pad}{json.dumps(k)}: {lines(v, indent + 1)}" for k, v in value.items()]
    return "{\n" + ",\n".join(rows) + "\n" + " " * indent + "}"
