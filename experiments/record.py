"""What experiments share: a hash of the code that ran, and a results file that tells all."""

from __future__ import annotations

import ast
import datetime
import hashlib
import json
import os
import platform
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "book/results"


def code_hash(files: Iterable[str], root: Path = ROOT) -> str:
    """SHA-256 of what the files do: comments, docstrings and layout do not count.

    Parameters
    ----------
    files : iterable of str
        Paths of Python files, relative to ``root``.
    root : Path
        The checkout.

    Raises
    ------
    FileNotFoundError
        If a file is missing.
    """
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(name.encode())
        digest.update(_meaning((root / name).read_text(encoding="utf-8")).encode())
    return digest.hexdigest()


def _meaning(source: str) -> str:
    """The syntax tree of a module as text, without docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        holder = isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
        if holder and body and isinstance(body[0], ast.Expr):
            value = body[0].value
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                node.body = body[1:]
    return ast.dump(tree)


def machine() -> dict[str, str]:
    """Where and when it ran: processor, versions, date."""
    import torch

    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    versions = f"Python {platform.python_version()}, torch {torch.__version__.split('+')[0]}"
    what = f"{names[0] if names else platform.machine()}, {os.cpu_count()} cores, {versions}"
    return {"machine": what, "date": datetime.date.today().isoformat()}


def save(name: str, results: dict[str, Any]) -> Path:
    """Write ``book/results/NAME.json``, one line for each list of numbers."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(_lines(results) + "\n", encoding="utf-8")
    return path


def _lines(value: Any, indent: int = 0) -> str:
    """JSON in which only dictionaries are broken into lines."""
    if not isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    pad = " " * (indent + 1)
    rows = [f"{pad}{json.dumps(k)}: {_lines(v, indent + 1)}" for k, v in value.items()]
    return "{\n" + ",\n".join(rows) + "\n" + " " * indent + "}"
