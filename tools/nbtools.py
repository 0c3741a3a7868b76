"""Read notebooks, run them in a clean room, and store them so that they give small diffs.

Shared by ``refresh_notebooks.py``, ``strict_nbval.py`` and the tests.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from nbcompare import CLAIM, COMPARED, TIGHT, differs, text_of

ROOT = Path(__file__).resolve().parent.parent
COLORS = 96
"""How many a PNG keeps, which only notebooks show: the book has drawings."""
NOTEBOOKS = ROOT / "notebooks"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
VOLATILE = {"execution", "ExecuteTime", "collapsed", "scrolled", "id", "outputId", "colab"}
VOLATILE |= {"lines_to_next_cell", "lines_to_end_of_cell_marker"}  # jupytext's
# Names the file in which every kernel of a clean room writes which cells it executes.
EXECUTED = "GDL_EXECUTED"

_ANSI = re.compile(r"\x1b\[[0-9;]*m")


# --------------------------------------------------------------------------------- read
class NotANotebook(ValueError):
    """The file holds something else; the message says what, in one sentence."""


def read(path: Path) -> Any:
    """Read a stored notebook."""
    import nbformat

    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise NotANotebook(f"{path.name} is not valid JSON: {error}") from None
    try:
        return nbformat.reads(json.dumps(content), as_version=4)
    except (nbformat.ValidationError, ValueError, LookupError, TypeError, AttributeError) as error:
        said = str(error).splitlines()[0]
        raise NotANotebook(f"{path.name} is JSON, but not a notebook: {said}") from None


# ---------------------------------------------------------------------------------- run
@contextlib.contextmanager
def clean_room(threads: int | None = None) -> Iterator[dict[str, str]]:
    """Yield an environment with an empty home, empty caches and one thread."""
    dropped = ("XDG_", "IPYTHON", "JUPYTER_", "MPL", "TORCH_HOME", "PYTHONPATH", "PYTHONWARNINGS")
    env = {k: v for k, v in os.environ.items() if not k.startswith(dropped)}
    env["OMP_NUM_THREADS"] = str(threads or os.environ.get("OMP_NUM_THREADS", 1))
    env |= {"TQDM_DISABLE": "1", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    with tempfile.TemporaryDirectory(prefix="gdl-home-", ignore_cleanup_errors=True) as home:
        env |= {"HOME": home, "TMPDIR": home}
        if EXECUTED in env:
            startup = Path(home, ".ipython/profile_default/startup")
            startup.mkdir(parents=True)
            shutil.copy(Path(__file__).with_name("record_cells.py"), startup)
        # Matplotlib writes to stderr if its first look at the fonts takes long: let it look now.
        fonts = [sys.executable, "-c", "import matplotlib.font_manager"]
        subprocess.run(fonts, env=env, capture_output=True, check=False)
        yield env


class Run(NamedTuple):
    """An executed notebook, its wall time, and the largest memory of its kernel."""

    nb: Any
    seconds: float
    peak_mb: float


class CellFailed(RuntimeError):
    """A cell raised; the message holds its source and its traceback."""


def run(nb: Any, env: dict[str, str], *, folder: Path, kernel: str = "python3") -> Run:
    """Execute a copy of ``nb`` in ``folder``; the default kernel is this interpreter."""
    import copy

    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    nb = copy.deepcopy(nb)
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    begun: list[int] = []
    client = NotebookClient(
        nb,
        on_cell_execute=lambda cell, cell_index: begun.append(cell_index),
        timeout=600,
        kernel_name=kernel,
        record_timing=False,
        coalesce_streams=True,
        extra_arguments=["--Application.log_level=40"],
        resources={"metadata": {"path": str(folder)}},
    )
    start = time.perf_counter()
    with _memory() as peak:
        try:
            client.execute(env=env)
        except CellExecutionError as error:
            said = _ANSI.sub("", str(error)).strip()
            raise CellFailed(f"Code cell {len(begun)}: {said}") from None
        except (CellTimeoutError, DeadKernelError) as error:
            raise CellFailed(f"Code cell {len(begun)}: {error}") from None
    return Run(nb, time.perf_counter() - start, peak[0] / 2**20)


@contextlib.contextmanager
def _memory() -> Iterator[list[float]]:
    """Sample the resident memory of this process's descendants: the kernel and its children."""
    import psutil

    here, peak, stop = psutil.Process(), [0.0], threading.Event()
    before = {p.pid for p in here.children(recursive=True)}

    def watch() -> None:
        while not stop.wait(0.05):
            total = 0
            for p in here.children(recursive=True):
                if p.pid not in before:
                    with contextlib.suppress(psutil.Error):
                        total += p.memory_info().rss
            peak[0] = max(peak[0], total)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        stop.set()
        thread.join()


# -------------------------------------------------------------------------------- store
def tidy(nb: Any) -> Any:
    """Strip in place what changes from run to run and means nothing; cell ids are kept."""
    nb.metadata.clear()
    nb.metadata.update(json.loads(json.dumps(METADATA)))
    for cell in nb.cells:
        cell.source = cell.source.rstrip()
        for key in VOLATILE & set(cell.metadata):
            del cell.metadata[key]
        for output in cell.get("outputs", []):
            output.pop("transient", None)
    return nb


def lighten(nb: Any) -> Any:
    """Reduce in place the pictures of a notebook to a few colours each: it loads twice as fast.

    Nobody sees it: the mean change is below 1 of 255. The same picture gives the same bytes.
    """
    for cell in nb.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "image/png" in data:
                data["image/png"] = _lighter(text_of(data["image/png"]))
    return nb


def _lighter(png: str) -> str:
    from PIL import Image

    image = Image.open(io.BytesIO(base64.b64decode(png)))
    if image.mode == "P":
        return png
    white = Image.new("RGBA", image.size, "white")
    flat = Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")
    few = flat.quantize(COLORS, Image.Quantize.MEDIANCUT, kmeans=2, dither=Image.Dither.NONE)
    out = io.BytesIO()
    few.save(out, "PNG", optimize=True)
    packed = base64.b64encode(out.getvalue()).decode()
    return packed if len(packed) < len(png) else png


def keep_pictures(stored: Any, fresh: Any) -> None:
    """Put a stored output back into ``fresh`` where only invisible pixels differ: small diffs."""
    old = {c.get("id"): c for c in stored.cells if c.cell_type == "code"}
    for cell in fresh.cells:
        before = old.get(cell.get("id"))
        if cell.cell_type != "code" or before is None or before.source.rstrip() != cell.source:
            continue
        if len(before.outputs) != len(cell.outputs):
            continue
        for i, (a, b) in enumerate(zip(before.outputs, cell.outputs)):
            if _words(a) == _words(b) and not differs(a, b, TIGHT):
                cell.outputs[i] = a


def _words(output: Any) -> Any:
    """An output without what is compared by sight or with a tolerance, and execution count."""
    out = json.loads(json.dumps(output))
    out.pop("execution_count", None)
    data = out.get("data", {})
    for mime in {"image/png", *COMPARED} & set(data):
        data[mime] = None
    if CLAIM in data:
        data["text/html"] = None
    return out
