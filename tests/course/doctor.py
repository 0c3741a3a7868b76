"""A small sound notebook, and the ways in which it can be doctored (``test_doctored.py``)."""

from __future__ import annotations

import base64
import copy
import io
from collections.abc import Callable
from typing import Any

from nbformat import v4
from nbtools import CLAIM, run, tidy
from notebook_rules import COLAB

URL = "https://github.com/gdl-course/gdl-course"
ALT = "A bar chart of four powers of two; each bar is twice as high as the one before."
CODE = {
    "colab": COLAB.format(url=URL, branch="main").strip(),
    "import": "import matplotlib.pyplot as plt\nimport numpy as np\n"
    "from IPython.display import display\nfrom gdl_utils import claim\n",
    "number": "x = np.arange(12.0).reshape(3, 4)\nprint(x.shape, x.sum())",
    "layer": "def layer(x):\n    return np.roll(x, 1, axis=-1) + np.roll(x, -1, axis=-1)\n",
    "error": "def shift_error(f):\n    shifted = np.roll(x, 1, axis=-1)\n"
    "    return np.abs(f(shifted) - np.roll(f(x), 1, axis=-1)).max()\n",
    "claim": 'claim(\n    "A sum of shifts commutes with shifts.",\n    shift_error,\n    layer,\n'
    '    control=np.sort,\n    versus="sorting",\n    at_most=1e-10,\n)',
    "assert": "powers = 2.0 ** np.arange(4)\nassert (powers[1:] == 2 * powers[:-1]).all()",
    "figure": "fig, ax = plt.subplots(figsize=(4, 3))\n_ = ax.bar(range(4), powers)",
    "live": "still = ' '.join(f'{p:.1f}' for p in powers)\n"
    'html = f\'<figure class="gdl-live" data-values="{still}">bars</figure>\'\n'
    "bundle = {'text/html': html, 'text/plain': 'Four bars, each doubled'}\n"
    "display(bundle, raw=True)",
    "last": "powers.sum()",
    "curve": "fig, ax = plt.subplots(figsize=(4, 3))\nassert len(powers) == 4\n_ = ax.plot(powers)",
}
TAGS = {"colab": ["remove-cell"], "figure": ["hide-input"]}
CHECK = "def check_{k}(answer):\n    assert answer == {k} * {k}, 'square it'\n"
# What a solution prints and shows is the reader's, and no part of the verdict.
SOLUTION = "answer = {k} * {k}\nprint(answer)\n_ = plt.plot([answer])\ncheck_{k}(answer)"


def exercise(k: int, check: str = CHECK, solution: str = SOLUTION) -> list[Any]:
    """An exercise, its checker, and its solution."""
    code = solution.replace("{k}", f"{k}")
    return [
        v4.new_markdown_cell(f"```{{exercise}} Square\n:label: ex-{k}\nWhat is {k} squared?\n```"),
        v4.new_code_cell(check.replace("{k}", f"{k}"), metadata={"tags": ["exercise-check"]}),
        v4.new_markdown_cell(
            f"````{{solution}} ex-{k}\n:class: dropdown\nMultiply.\n```python\n{code}\n```\n````"
        ),
    ]


WRONG = {f"ex-{k}": f"check_{k}({k} + {k} + 1)" for k in (3, 4, 5)}


def sound(env: dict[str, str], folder: Any) -> Any:
    """Make and run the sound notebook in ``folder``."""
    nb = v4.new_notebook(cells=[v4.new_markdown_cell("# A small chapter\n{cite:p}`somebody`")])
    for name, source in CODE.items():
        cell = v4.new_code_cell(source.strip(), id=name)
        cell.metadata["tags"] = TAGS.get(name, [])
        nb.cells.append(cell)
    for name in ("figure", "curve"):
        cell_of(nb, name).metadata["mystnb"] = {"image": {"alt": ALT}}
    nb.cells.append(v4.new_markdown_cell("## The chapter in the blueprint's terms\nWords."))
    nb.cells.append(v4.new_markdown_cell("## Exercises"))
    nb.cells += [cell for k in (3, 4, 5) for cell in exercise(k)]
    nb.cells.append(v4.new_markdown_cell("## References\nSomebody."))
    return tidy(run(nb, env, folder=folder).nb)


def cell_of(nb: Any, name: str) -> Any:
    """The cell with this id."""
    return next(c for c in nb.cells if c.get("id") == name)


def swap(name: str, old: str, new: str) -> Callable[[Any], None]:
    """Change a cell's source only."""

    def doctor(nb: Any) -> None:
        cell = cell_of(nb, name)
        assert old in cell.source
        cell.source = cell.source.replace(old, new)

    return doctor


def data(nb: Any, name: str) -> Any:
    """The first MIME bundle of a cell."""
    return next(o.data for o in cell_of(nb, name).outputs if "data" in o)


def tag(name: str, word: str) -> Callable[[Any], None]:
    """Add a tag to a cell."""
    return lambda nb: cell_of(nb, name).metadata["tags"].append(word)


def stored(name: str, **fields: Any) -> Callable[[Any], None]:
    """Change fields of a cell."""
    return lambda nb: cell_of(nb, name).update(copy.deepcopy(fields))


def output(name: str, **fields: Any) -> Callable[[Any], None]:
    """Change fields of a cell's first output."""
    return lambda nb: cell_of(nb, name).outputs[0].update(copy.deepcopy(fields))


def added(name: str, out: Any) -> Callable[[Any], None]:
    """Append an output to a cell."""
    return lambda nb: cell_of(nb, name).outputs.append(copy.deepcopy(out))


def claim_reworded(nb: Any) -> None:
    """A stored claim that says more than its source, in all three forms."""
    bundle = data(nb, "claim")
    for mime in ("text/plain", "text/html"):
        bundle[mime] = bundle[mime].replace("commutes", "always commutes")
    bundle[CLAIM]["text"] = bundle[CLAIM]["text"].replace("commutes", "always commutes")


def picture(size: tuple[int, int], noise: bool) -> str:
    """Another PNG as base64."""
    import numpy as np
    from PIL import Image

    rng = np.random.default_rng(0)
    shape = (size[1], size[0], 3)
    pixels = rng.integers(0, 256, shape, "uint8") if noise else np.full(shape, 200, "uint8")
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def picture_retouched(nb: Any) -> None:
    """Same size, same axes; one bar is painted higher."""
    from PIL import Image

    bundle = data(nb, "figure")
    image = Image.open(io.BytesIO(base64.b64decode(bundle["image/png"]))).convert("RGB")
    w, h = image.size
    image.paste((31, 119, 180), (w // 4, h // 3, w // 4 + w // 8, h // 2))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    bundle["image/png"] = base64.b64encode(buffer.getvalue()).decode()


def pictures_swapped(nb: Any) -> None:
    """Each of two cells shows the other's picture, which has the same size."""
    one, other = data(nb, "figure"), data(nb, "curve")
    one["image/png"], other["image/png"] = other["image/png"], one["image/png"]


def verdict_forged(nb: Any) -> None:
    """A wrong solution, in a chapter whose own ``print`` says "accepted" whatever it is given."""
    replaced_text("answer = 4 * 4", "answer = 4 * 5")(nb)
    source = "def print(*words):\n    __builtins__.print('accepted')\n\nprint('rejected')"
    said = v4.new_output("stream", text="accepted\n")
    nb.cells.append(v4.new_code_cell(source, execution_count=1, outputs=[said]))


def live_values(old: str, new: str) -> Callable[[Any], None]:
    """Change the inside of a live figure, which nbval does not see."""

    def doctor(nb: Any) -> None:
        bundle = data(nb, "live")
        bundle["text/html"] = bundle["text/html"].replace(old, new)

    return doctor


def deleted(name: str) -> Callable[[Any], None]:
    """Remove a cell, and number the others as if it had never been."""

    def doctor(nb: Any) -> None:
        nb.cells.remove(cell_of(nb, name))
        code = [c for c in nb.cells if c.cell_type == "code"]
        for i, c in enumerate(code, 1):
            c.execution_count = i

    return doctor


def replaced(mime: str, name: str, value: str) -> Callable[[Any], None]:
    """Replace one form of a cell's first bundle."""
    return lambda nb: data(nb, name).update({mime: value})


def replaced_text(old: str, new: str) -> Callable[[Any], None]:
    """Change the text of every cell that holds ``old``."""

    def doctor(nb: Any) -> None:
        cells = [c for c in nb.cells if old in c.source]
        assert cells
        for c in cells:
            c.source = c.source.replace(old, new)

    return doctor
