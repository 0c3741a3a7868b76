"""The notebook policy: small functions ``rule(nb) -> list of problems``, empty if all is well.

Strict nbval compares stored text with a fresh run. It passes over notebooks that were never run,
pixels, and cells tagged as ignored; these rules close the holes, and keep the house style.
"""

from __future__ import annotations

import ast
import base64
import html
import re
from typing import Any, NamedTuple

import nbformat
from nbtools import CLAIM, text_of

COLAB = """\
# Colab only: install the course's helper package (elsewhere this cell does nothing).
import importlib.util
import os

if os.environ.get("COLAB_RELEASE_TAG") and importlib.util.find_spec("gdl_utils") is None:
    %pip install -q "gdl-utils[chapters] @ git+{url}@{branch}"
"""
# "04_blueprint": {"nbval-skip": (2, "why")}: how many cells may carry a tag that hides something.
EXCUSED: dict[str, dict[str, tuple[int, str]]] = {}
TAGS = {"exercise-check", "full-width", "margin", "remove-cell", "remove-input"}
TAGS |= {"hide-cell", "hide-input", "hide-output", "show-code"}
HIDING = {"nbval-ignore-output", "nbval-skip", "raises-exception", "nbval-raises-exception"}
MARKERS = re.compile(r"#\s*(NBVAL_\w+|PYTEST_VALIDATE_\w+|nbval-\w+)")
EXTERNAL = re.compile(
    r"""(?:src|href|srcset|poster|data)\s*=\s*\\?["']?\s*(?:https?:)?//"""
    r"""|url\(\s*["']?(?:https?:)?//|@import""",
    re.I,
)
ENDING = "The chapter in the blueprint's terms"


def code_cells(nb: Any) -> list[Any]:
    """The notebook's code cells."""
    return [c for c in nb.cells if c.cell_type == "code"]


def tags_of(cell: Any) -> set[str]:
    """A cell's tags."""
    return set(cell.metadata.get("tags", []))


def tree_of(cell: Any) -> ast.Module:
    """A cell's syntax tree, without its lines for IPython."""
    lines = cell.source.splitlines()
    plain = [re.sub(r"^(\s*)[%!].*", r"\1pass", line) for line in lines]
    return ast.parse("\n".join(plain))


def data_of(cell: Any) -> list[dict[str, Any]]:
    """The MIME bundles of a cell's outputs."""
    return [o["data"] for o in cell.outputs if "data" in o]


# -------------------------------------------------------------------------------- stored
def rule_run_in_order(nb: Any) -> list[str]:
    """Every code cell was run once, from top to bottom, in one go."""
    counts = [c.execution_count for c in code_cells(nb)]
    wanted = list(range(1, len(counts) + 1))
    return [] if counts == wanted else [f"not run from top to bottom: execution counts {counts}"]


def rule_light(nb: Any) -> list[str]:
    """The notebook is below 1 MB, each of its PNGs below 100 kB."""
    size = len(nbformat.writes(nb).encode())
    said = [f"the notebook is {size:,} bytes, at most 1,000,000"] if size >= 1_000_000 else []
    for i, cell in enumerate(code_cells(nb), 1):
        for data in data_of(cell):
            png = len(base64.b64decode(text_of(data.get("image/png", ""))))
            if png >= 100_000:
                said.append(f"code cell {i}: a PNG of {png:,} bytes, at most 100,000")
    return said


def rule_quiet(nb: Any) -> list[str]:
    """Nothing on stderr, and no error that the cell does not announce."""
    said = []
    for i, cell in enumerate(code_cells(nb), 1):
        for output in cell.outputs:
            if output.get("name") == "stderr":
                said.append(f"code cell {i} writes to stderr: {text_of(output.text)[:60]!r}")
            if output.output_type == "error" and "raises-exception" not in tags_of(cell):
                said.append(f"code cell {i} stores an error: {output.ename}")
    return said


def rule_offline(nb: Any) -> list[str]:
    """Outputs load nothing from elsewhere, and need neither kernel nor script."""
    said = []
    for i, cell in enumerate(code_cells(nb), 1):
        for data in data_of(cell):
            for mime, value in data.items():
                if "widget-view" in mime or mime in {"application/javascript", "image/svg+xml"}:
                    said.append(f"code cell {i} stores {mime}")
                if mime == "text/html" and (found := EXTERNAL.search(text_of(value))):
                    said.append(f"code cell {i}: its html loads {found[0]!r}")
    return said


# -------------------------------------------------------------------------------- source
def rule_colab(
    nb: Any, url: str = "https://github.com/gdl-course/gdl-course", branch: str = "main"
) -> list[str]:
    """The first code cell installs the package in Colab, from the book's own repository."""
    first = code_cells(nb)[0] if code_cells(nb) else None
    if first is None or first.source.strip() != COLAB.format(url=url, branch=branch).strip():
        return [f"the first code cell is not the one that installs from {url}"]
    return [] if "remove-cell" in tags_of(first) else ["the first cell lacks the tag remove-cell"]


def rule_cell_shape(nb: Any) -> list[str]:
    """Cells are narrow and short, and none ends in a semicolon."""
    said = []
    for i, cell in enumerate(code_cells(nb)[1:], 2):
        lines = cell.source.splitlines()
        if wide := [line for line in lines if len(line) > 75]:
            said.append(f"code cell {i}: {len(wide[0])} columns, at most 75: {wide[0][:40]!r}")
        if (n := sum(bool(line.strip()) for line in lines)) > 25:
            said.append(f"code cell {i}: {n} lines, at most 25")
        if any(line.rstrip().endswith(";") for line in lines):
            said.append(f"code cell {i}: a line ends in ';' (write _ = ...)")
    return said


def rule_tags(nb: Any, name: str = "") -> list[str]:
    """Tags are known, and what hides an output is on the counted list of excuses."""
    cells = [(i, tags_of(c)) for i, c in enumerate(code_cells(nb), 1)]
    said = [f"code cell {i}: unknown tag {t!r}" for i, ts in cells for t in ts - TAGS - HIDING]
    for tag in sorted(HIDING):
        count = sum(tag in tags for _, tags in cells)
        if count > (allowed := EXCUSED.get(name, {}).get(tag, (0, ""))[0]):
            said.append(f"{count} cells are tagged {tag}, {allowed} are excused")
    for i, cell in enumerate(code_cells(nb), 1):
        if found := MARKERS.search(cell.source):
            said.append(f"code cell {i}: the comment {found[0]!r} hides its output")
    return said


def rule_figures(nb: Any) -> list[str]:
    """Each picture says in words what it shows, and stands beside an assertion."""
    said, cells = [], code_cells(nb)
    sure = [any(isinstance(n, ast.Assert) for n in ast.walk(tree_of(c))) for c in cells]
    for i, cell in enumerate(cells):
        pictures = [d for d in data_of(cell) if "image/png" in d]
        if not pictures:
            continue
        alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
        for data in pictures:
            words = text_of(data.get("text/plain", "")) if "text/html" in data else alt
            if len(words.split()) < 4:
                said.append(f"code cell {i + 1}: the picture has no alt text")
        if not any(sure[max(i - 1, 0) : i + 2]):
            said.append(f"code cell {i + 1}: no assert about the picture, here or next to it")
    return said


def rule_claims(nb: Any) -> list[str]:
    """Each call of ``claim`` left the output that it should, and nothing else did."""
    said, total = [], 0
    for i, cell in enumerate(code_cells(nb), 1):
        tree = tree_of(cell)
        calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and _is_claim(n)]
        top = [s for s in tree.body if isinstance(s, ast.Expr) and s.value in calls]
        outputs = [d for d in data_of(cell) if CLAIM in d]
        total += len(outputs)
        if len(calls) != len(top):
            said.append(f"code cell {i}: a claim is a statement of its own, not inside another")
        if len(calls) != len(outputs):
            said.append(f"code cell {i}: {len(calls)} claims in the source, {len(outputs)} stored")
        for call, data in zip(calls, outputs):
            said += [f"code cell {i}: {problem}" for problem in _claim_problems(call, data)]
    return said if total else [*said, "no claim in this chapter"]


def _is_claim(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return name == "claim"


def _claim_problems(call: ast.Call, data: dict[str, Any]) -> list[str]:
    said, c = [], data[CLAIM]
    line = f"✓ {c['text']} ({c['bound']}; the control, {c['control']}, fails)"
    if text_of(data.get("text/plain", "")) != line:
        said.append(f"the claim's line is not what its data say: {line!r}")
    page = text_of(data.get("text/html", ""))
    shown = ("text", "control", "measured", "controlled")
    if any(html.escape(c.get(key, "none")) not in page for key in shown):
        said.append(f"the claim's html is not what its data say: {c}")
    known = {k.arg: k.value for k in call.keywords} | dict(zip(["text"], call.args))
    for word, key in (("text", "text"), ("versus", "control")):
        node = known.get(word)
        if isinstance(node, ast.Constant) and node.value != c[key]:
            said.append(f"{word} is {node.value!r} in the source, {c[key]!r} stored")
    for word in {"at_most", "at_least"} & set(known):
        node, number = known[word], c["bound"].split()[-1]
        if isinstance(node, ast.Constant):
            number = f"{node.value:g}"
        if (bound := f"{word.replace('_', ' ')} {number}") != c["bound"]:
            said.append(f"the bound is {bound!r} in the source, {c['bound']!r} stored")
    return said


# ----------------------------------------------------------------------------- structure
class Exercise(NamedTuple):
    """An exercise: its label, the checkers' names, and the code of its solution."""

    label: str
    checkers: tuple[str, ...]
    solution: str


_BLOCK = (
    r"(?ms)^(?P<fence>[`:~]{{3,}})\{{{kind}\}}[ ]*(?P<title>[^\n]*)\n(?P<body>.*?)^(?P=fence)\s*$"
)
_PYTHON = re.compile(r"(?ms)^(?P<fence>`{3,})python\n(?P<body>.*?)^(?P=fence)\s*$")


def _blocks(source: str, kind: str) -> list[re.Match[str]]:
    return list(re.finditer(_BLOCK.format(kind=kind), source))


def exercises(nb: Any) -> tuple[list[Exercise], list[str]]:
    """The notebook's exercises, and what is wrong with their form."""
    found, said, order = {}, [], []
    for cell in nb.cells:
        if cell.cell_type == "code" and "exercise-check" in tags_of(cell):
            names = [n.name for n in tree_of(cell).body if isinstance(n, ast.FunctionDef)]
            checkers = tuple(n for n in names if n.startswith("check_"))
            if order and checkers:
                found[order[-1]] = found[order[-1]]._replace(checkers=checkers)
            else:
                said.append("a cell tagged exercise-check defines no check_...")
        if cell.cell_type != "markdown":
            continue
        for block in _blocks(cell.source, "exercise"):
            label = re.search(r"(?m)^:label:\s*(\S+)", block["body"])
            order.append(label[1] if label else f"unlabelled {block['title']!r}")
            found[order[-1]] = Exercise(order[-1], (), "")
        for block in _blocks(cell.source, "solution"):
            label = block["title"].strip()
            code = "\n".join(b["body"] for b in _PYTHON.finditer(block["body"]))
            if label in found:
                found[label] = found[label]._replace(solution=code)
            else:
                said.append(f"a solution of {label!r}, which is not an exercise above it")
    return list(found.values()), said


def rule_exercises(nb: Any) -> list[str]:
    """Three to five exercises, each with a checker, and a solution that calls it."""
    found, said = exercises(nb)
    if not 3 <= len(found) <= 5:
        said.append(f"{len(found)} exercises, 3 to 5 are wanted")
    for e in found:
        if not e.checkers:
            said.append(f"{e.label} has no cell tagged exercise-check with a check_...")
        elif not any(f"{name}(" in e.solution for name in e.checkers):
            said.append(f"{e.label} has no solution in python that calls {e.checkers[0]}")
    return said


def rule_ending(nb: Any) -> list[str]:
    """The chapter ends: its blueprint, exercises, references."""
    text = "\n\n".join(c.source for c in nb.cells if c.cell_type == "markdown")
    outside = re.sub(r"(?ms)^(`{3,}).*?^\1\s*$", "", text)
    heads = re.findall(r"(?m)^##\s+(.*?)\s*$", outside)
    last = [h.replace("’", "'") for h in heads[-3:]]
    said = [] if last == [ENDING, "Exercises", "References"] else [f"it ends with {last}"]
    return said if "{cite" in text else [*said, "it cites nothing"]


RULES = [
    rule_run_in_order,
    rule_light,
    rule_quiet,
    rule_offline,
    rule_colab,
    rule_cell_shape,
    rule_tags,
    rule_figures,
    rule_claims,
    rule_exercises,
    rule_ending,
]


def problems(nb: Any) -> list[str]:
    """Everything that the policy has against a notebook."""
    return [said for rule in RULES for said in rule(nb)]
