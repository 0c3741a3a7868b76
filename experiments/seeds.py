"""Seeds side by side: one process a core, one thread each, and nothing lost when it is stopped.

Each task runs alone in a process of its own, so results do not depend on how many there are, nor on
which one ends first. joblib spreads them over the cores of this machine; ``LOKY_MAX_CPU_COUNT=1``
before the command leaves the others free. Wherever joblib has another backend, as Ray has for a
cluster, it is switched around the call, and the checkout must stand at the same place on every
node::

    from ray.util.joblib import register_ray

    register_ray()
    with joblib.parallel_config(backend="ray"):
        run_seeds(of_seed, SEEDS)

What is found is kept below ``_build/studies`` task by task, until the study is saved: a study that
is interrupted goes on where it stopped, unless the code or the machine has changed since.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from closure import ROOT, code_hash
from record import machine, packages, write

KEPT = ROOT / "_build" / "studies"
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
ALONE = {**dict.fromkeys(THREADS, "1"), "TQDM_DISABLE": "1"}
"""The environment of a task: one thread each, and no bars of training, which would overlap."""


@dataclass(frozen=True)
class Run:
    """What all seeds found, and what it took.

    Attributes
    ----------
    found : dict
        What each seed found, by its number as text, in the order of the seeds.
    code_sha256 : str
        Of the code that ran.
    seconds : float
        On the clock; of the last part, if the run was interrupted.
    processor_seconds : float
        Of all seeds together.
    jobs : int
        How many seeds ran at a time.
    kept : Path
        Where the seeds' results are, until the study is saved.
    """

    found: dict[str, Any]
    code_sha256: str
    seconds: float
    processor_seconds: float
    jobs: int
    kept: Path

    def by_name(self, part: str | None = None) -> dict[str, dict[str, Any]]:
        """What was found, or one part of it, by name and then by seed."""
        turned: dict[str, dict[str, Any]] = {}
        for seed, found in self.found.items():
            for name, value in (found if part is None else found[part]).items():
                turned.setdefault(name, {})[seed] = value
        return turned


def run_seeds(
    one_seed: Callable[[int], Any],
    seeds: Sequence[int],
    *,
    jobs: int | None = None,
    keep: Path = KEPT,
) -> Run:
    """Run a study from all seeds, side by side.

    Parameters
    ----------
    one_seed : callable
        A function of the study's script, found there by its name, from a seed to what JSON can
        hold. Everything that it draws must come from the seed.
    seeds : sequence of int
    jobs : int, optional
        How many at a time; all cores unless said otherwise.
    keep : Path
        The folder for what was found so far.

    Raises
    ------
    ValueError
        If ``one_seed`` is not found by its name.
    RuntimeError
        If a seed fails, which is named; or if the code changed while it ran.
    SystemExit
        If it is interrupted.
    """
    script = Path(sys.modules[one_seed.__module__].__file__).resolve()
    name, code = one_seed.__name__, code_hash(script)
    if getattr(sys.modules[one_seed.__module__], name, None) is not one_seed:
        raise ValueError(f"one_seed must be a function of {script.name} itself, got {one_seed}")
    start, seconds, found = time.perf_counter(), 0.0, {}
    kept = keep / script.stem
    where = {k: v for k, v in machine().items() if k != "date"}
    key = [code, where, packages(script), name]
    for seed, result, took in side_by_side(script, name, seeds, key=key, kept=kept, jobs=jobs):
        found[seed] = result
        seconds += took
    if code_hash(script) != code:
        raise RuntimeError(f"the code changed while {script.name} ran: run it again")
    return Run(
        found={str(seed): found[seed] for seed in seeds},
        code_sha256=code,
        seconds=time.perf_counter() - start,
        processor_seconds=seconds,
        jobs=_jobs(jobs, len(seeds)),
        kept=kept,
    )


def side_by_side(
    script: Path,
    function: str,
    tasks: Sequence[Any],
    *,
    key: Any,
    kept: Path,
    jobs: int | None = None,
    what: str = "seed",
) -> Iterator[tuple[Any, Any, float]]:
    """Call one function of a script for each task, and say what it found as soon as it is known.

    Parameters
    ----------
    script : Path
    function : str
        Of the script, from one task to what JSON can hold.
    tasks : sequence
        Numbers, or text.
    key : what JSON can hold
        All that the results depend on, such as the hash of the code: what was kept is found again
        only if it has the same.
    kept : Path
        The folder for what was found so far.
    jobs : int, optional
        How many at a time; all cores unless said otherwise.
    what : str
        What a task is called in messages.

    Yields
    ------
    task, found, seconds
        In the order in which they end; the seconds are the processor's.

    Raises
    ------
    RuntimeError
        If a task fails, which is named.
    SystemExit
        If it is interrupted.
    """
    from joblib import Parallel, delayed
    from joblib.externals.loky import get_reusable_executor
    from joblib.externals.loky.process_executor import TerminatedWorkerError
    from tqdm import tqdm

    key = hashlib.sha256(json.dumps(key).encode()).hexdigest()
    missing = []
    for task in tasks:
        one = _read(kept / f"{task}.json", key)
        if one is None:
            missing.append(task)
        else:
            yield task, one["found"], one["seconds"]
    calls = [delayed(_call)(script, function, task, what, os.getpid()) for task in missing]
    parallel = Parallel(_jobs(jobs, len(calls)), return_as="generator_unordered")
    done = len(tasks) - len(missing)
    bar = tqdm(total=len(tasks), initial=done, desc=kept.name, unit=what, disable=None)
    try:
        for task, text, seconds in parallel(calls):
            one = {"key": key, "seconds": round(seconds, 2), "found": json.loads(text)}
            write(kept / f"{task}.json", json.dumps(one))
            missing.remove(task)
            bar.update()
            yield task, one["found"], one["seconds"]
    except TerminatedWorkerError as error:
        raise RuntimeError(
            f"{script.stem}: a process was killed, for want of memory perhaps, while {what} "
            f"{', '.join(map(str, missing))} had not ended"
        ) from error
    except KeyboardInterrupt:
        get_reusable_executor().shutdown(kill_workers=True)
        done = f"{len(tasks) - len(missing)} of {len(tasks)}"
        raise SystemExit(
            f"{kept.name}: stopped; {done} are kept in {kept}, and the same command goes on there."
        ) from None
    finally:
        bar.close()


def _call(script: Path, function: str, task: Any, what: str, asker: int) -> tuple[Any, str, float]:
    """Run one task at one thread; its result as JSON, and the processor's seconds."""
    with _alone():
        if os.getpid() != asker:
            _listen_to_the_asker_alone()
        import torch
        from threadpoolctl import threadpool_limits

        torch.set_num_threads(1)
        start = time.process_time()
        try:
            module = _module(script)
            with threadpool_limits(1):  # those that are loaded; ALONE speaks to those to come
                text = json.dumps(getattr(module, function)(task))
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
            raise RuntimeError(f"{script.stem}, {what} {task} failed with {said}") from error
        return task, text, time.process_time() - start


def _listen_to_the_asker_alone() -> None:
    """Leave Ctrl-C to the process that asked, and hold nothing that it could not clear away."""
    from tqdm import tqdm

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    tqdm.set_lock(threading.RLock())  # in place of one between processes


@contextmanager
def _alone() -> Iterator[None]:
    """Set the environment of a task, and put it back."""
    before = {name: os.environ.get(name) for name in ALONE}
    os.environ.update(ALONE)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _module(script: Path) -> ModuleType:
    """Import a script by its place, and whatever stands beside it by name."""
    known = sys.modules.get(script.stem)
    if known is not None and Path(known.__file__) == script:
        return known
    if str(script.parent) not in sys.path:
        sys.path.insert(0, str(script.parent))
    spec = importlib.util.spec_from_file_location(script.stem, script)
    module = importlib.util.module_from_spec(spec)
    sys.modules[script.stem] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[script.stem]
        raise
    return module


def _jobs(jobs: int | None, tasks: int) -> int:
    from joblib import effective_n_jobs

    return max(1, min(effective_n_jobs(jobs or -1), tasks))


def _read(file: Path, key: str) -> dict[str, Any] | None:
    """What was kept of a task, if all that it depends on is still the same."""
    if not file.is_file():
        return None
    one = json.loads(file.read_text(encoding="utf-8"))
    return one if one["key"] == key else None
