"""Run notebooks in a clean room, and say whether two outputs agree.

Shared by ``refresh_notebooks.py``, ``strict_nbval.py`` and the tests.
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebooks"
CLAIM = "application/vnd.gdl.claim+json"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
VOLATILE = {"execution", "ExecuteTime", "collapsed", "scrolled", "id", "outputId", "colab"}
VOLATILE |= {"lines_to_next_cell", "lines_to_end_of_cell_marker"}  # jupytext's
# Two pictures are the same if the mean of |difference| over all pixels, and over the worst block
# of 16 × 16, are below these (of 255). TIGHT: drawn again from the same numbers. LOOSE: drawn on
# another processor, where training ends at slightly other numbers.
TIGHT = (0.1, 4.0)
LOOSE = (1.5, 64.0)


_ANSI = re.compile(r"\x1b\[[0-9;]*m")


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


def run(nb: Any, env: dict[str, str], *, folder: Path = NOTEBOOKS, timeout: int = 600) -> Run:
    """Execute a copy of ``nb`` with this interpreter as kernel, in ``folder``."""
    import copy

    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    nb = copy.deepcopy(nb)
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    client = NotebookClient(
        nb,
        timeout=timeout,
        kernel_name="python3",
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
            raise CellFailed(f"{_where(nb)}: {_ANSI.sub('', str(error)).strip()}") from None
        except (CellTimeoutError, DeadKernelError) as error:
            raise CellFailed(f"{_where(nb)}, or the one after it: {error}") from None
    return Run(nb, time.perf_counter() - start, peak[0] / 2**20)


def _where(nb: Any) -> str:
    """The code cell that ran last."""
    started = [c for c in nb.cells if c.get("execution_count") or c.get("outputs")]
    return f"Code cell {len(started)}"


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
    """Reduce in place the pictures of a notebook to 256 colours each: a page loads twice as fast.

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
    few = flat.quantize(256, Image.Quantize.MEDIANCUT, kmeans=2, dither=Image.Dither.NONE)
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
            if _without_png(a) == _without_png(b) and not differs(a, b, TIGHT):
                cell.outputs[i] = a


# ------------------------------------------------------------------------------ compare
def text_of(value: Any) -> str:
    """The text of a notebook's field, which may be stored as a list of lines."""
    return "".join(value) if isinstance(value, list) else value


def _without_png(output: Any) -> Any:
    """An output without picture and execution count."""
    out = json.loads(json.dumps(output))
    out.pop("execution_count", None)
    if "image/png" in out.get("data", {}):
        out["data"]["image/png"] = None
    return out


def differs(stored: Any, fresh: Any, limits: tuple[float, float] = LOOSE) -> str:
    """What is visibly different in the pictures and drawings of two outputs; empty if nothing is.

    nbval compares text. It passes over PNGs, and over the inside of live and 3D figures: that is
    what this function looks at.
    """
    a, b = stored.get("data", {}), fresh.get("data", {})
    for mime in ("image/png", "text/html"):
        if (mime in a) != (mime in b):
            return f"{mime} is in one of them only"
    if "image/png" in a:
        said = picture_differs(text_of(a["image/png"]), text_of(b["image/png"]), limits)
        if said:
            return said
    html = text_of(a.get("text/html", ""))
    return html_differs(html, text_of(b["text/html"]), limits) if html else ""


def picture_differs(a: str, b: str, limits: tuple[float, float] = LOOSE) -> str:
    """Compare two base64 pictures by sight: mean |difference|, overall and in the worst block."""
    import numpy as np
    from PIL import Image

    if a.strip() == b.strip():
        return ""

    def pixels(text: str) -> Any:
        image = Image.open(io.BytesIO(base64.b64decode(text))).convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        return np.asarray(Image.alpha_composite(white, image).convert("RGB"), dtype=np.float32)

    try:
        x, y = pixels(a), pixels(b)
    except (OSError, ValueError) as error:
        return f"a picture cannot be read: {error}"
    if x.shape != y.shape:
        (h, w), (p, q) = x.shape[:2], y.shape[:2]
        return f"the picture is {w} × {h} pixels, drawn again {q} × {p}"
    delta = np.abs(x - y).mean(2)
    rows, cols = np.arange(0, delta.shape[0], 16), np.arange(0, delta.shape[1], 16)
    ones = np.add.reduceat(np.add.reduceat(np.ones_like(delta), rows, 0), cols, 1)
    worst = float((np.add.reduceat(np.add.reduceat(delta, rows, 0), cols, 1) / ones).max())
    mean = float(delta.mean())
    if mean > limits[0] or worst > limits[1]:
        return f"the picture differs by {mean:.2f} on average and {worst:.0f} in a block (of 255)"
    return ""


_DATA = re.compile(r"""(?:data:|type=")([\w/+.-]+)(?:;base64,|">)\s*([A-Za-z0-9+/=]{16,})""")
_NAME = re.compile(r"gdl-\w+-[0-9a-f]{8,}")  # made from the data, so it moves with them
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")


def html_differs(a: str, b: str, limits: tuple[float, float] = LOOSE) -> str:
    """Compare html figures: embedded pictures by sight, numbers within 5 %, the rest exactly."""
    if a == b:
        return ""
    data_a, data_b = _DATA.findall(a), _DATA.findall(b)
    a, b = (_NAME.sub("NAME", _DATA.sub("DATA", text)) for text in (a, b))
    if _NUMBER.sub("#", a) != _NUMBER.sub("#", b) or len(data_a) != len(data_b):
        return "the html figure has other words or parts"
    for (kind, x), (other, y) in zip(data_a, data_b):
        if kind != other:
            return f"embedded {kind} became {other}"
        said = picture_differs(x, y, limits) if kind.startswith("image/") else _bytes_differ(x, y)
        if said:
            return f"embedded {kind}: {said}"
    x = [float(n) for n in _NUMBER.findall(a)]
    y = [float(n) for n in _NUMBER.findall(b)]
    far = [(p, q) for p, q in zip(x, y) if not _close(p, q)]
    return f"{len(far)} numbers of the html figure moved, first {far[0]}" if far else ""


def _close(p: float, q: float) -> bool:
    """Trained numbers may move a little; rounding errors among themselves, but not up to size."""
    small, large = sorted((abs(p), abs(q)))
    if 0 < small < 1e-9 and large > 1e-6:
        return False
    return abs(p - q) <= 0.02 + 0.05 * large


def _bytes_differ(a: str, b: str) -> str:
    x, y = base64.b64decode(a), base64.b64decode(b)
    if x[:2] == y[:2] == b"\x1f\x8b":  # gzip: two versions of zlib pack alike, not the same
        x, y = gzip.decompress(x), gzip.decompress(y)
    if len(x) != len(y):
        return f"{len(x)} bytes became {len(y)}"
    mean = sum(abs(p - q) for p, q in zip(x, y)) / max(len(x), 1)
    return f"bytes differ by {mean:.1f} on average" if mean > 2 else ""
