"""How much memory a candidate's call takes, measured in a fresh process. Used by ``timing.py``."""

from __future__ import annotations

import gc
import importlib.util
import inspect
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def peak_mb(make: Callable[[int], dict[str, Callable[[], Any]]], n: int, name: str) -> float | None:
    """MB by which a candidate's call raises the peak of a fresh process; None but on Linux.

    Raises
    ------
    ValueError
        If ``make`` is not a function at the top level of a file.
    RuntimeError
        If the process fails; its message is the end of what it wrote.
    """
    if "." in make.__qualname__ or make.__name__ == "<lambda>":
        raise ValueError(f"make must be a function at module level, got {make.__qualname__}")
    if not Path("/proc/self/clear_refs").exists():
        return None
    command = [sys.executable, __file__, inspect.getfile(make), make.__name__, str(n), name]
    # freed blocks go back to the system at once: what one call kept, the next would not show
    env = os.environ | {"OMP_NUM_THREADS": "1", "MALLOC_MMAP_THRESHOLD_": "65536"}
    env |= {"MALLOC_TRIM_THRESHOLD_": "0"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{name} at n = {n}: {done.stderr.strip()[-400:]}")
    return float(done.stdout.split()[-1])


def _peak_here(file: str, function: str, n: str, name: str) -> float:
    """What ``peak_mb`` has a fresh process do: the second call's peak above what was there."""
    sys.path.insert(0, str(Path(file).parent))
    spec = importlib.util.spec_from_file_location("subject", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    call = getattr(module, function)(int(n))[name]
    call()
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the peak is what is there now
    before = _status("VmRSS")
    call()
    return max(0.0, _status("VmHWM") - before) / 1000


def _status(key: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(float(line.split()[1]) * 1.024 for line in lines if line.startswith(key))


if __name__ == "__main__":
    print(_peak_here(*sys.argv[1:]))
