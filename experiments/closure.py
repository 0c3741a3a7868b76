"""What a study is made of: every file that it comes to by importing, and one hash of them all.

Everything is read from the source and nothing is imported, so neither torch nor an environment is
needed, and every version of Python finds the same hash. What counts:

- the script;
- every module of ``gdl_utils`` and beside the script that is imported by what counts, wherever the
  import stands, in a function too, and the ``__init__`` of every package on the way, since it runs;
- every file in ``gdl_utils/data/assets`` whose name, or name without its ending, one of these
  modules mentions in a string, for another mesh or other molecules give other numbers.

What does not count changes no number: comments, docstrings, layout; imports for type checkers; the
library's version; and the helpers that only write finished numbers down (``WRITERS``). A test
imports every study, and compares what was loaded with what is found here.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "gdl_utils"
ASSETS = f"{PACKAGE}/data/assets"
WRITERS = {"experiments/closure.py", "experiments/record.py"}
"""No number is made in them: a test shows that scores leave them as they came."""


def code_hash(script: str | Path, root: Path | None = None) -> str:
    """SHA-256 of everything that a study is made of.

    Parameters
    ----------
    script : str or Path
        The study.
    root : Path, optional
        The checkout, below which the script is; the folder above the script's unless given.

    Raises
    ------
    FileNotFoundError
        If there is no such script.
    ValueError
        If a module says only when it runs what it imports.
    """
    script, root = _placed(script, root)
    digest = hashlib.sha256()
    for path, module in sorted(_walk(script, root).items()):
        digest.update(f"{path}\n{module.meaning}\n".encode())
    for path in closure(script, root)[1]:
        bytes_of_it = hashlib.sha256((root / path).read_bytes())
        digest.update(f"{path}\n{bytes_of_it.hexdigest()}\n".encode())
    return digest.hexdigest()


def closure(script: str | Path, root: Path | None = None) -> tuple[list[str], list[str]]:
    """Find the modules and the files of data that a study is made of.

    Parameters
    ----------
    script : str or Path
        The study.
    root : Path, optional
        The checkout, below which the script is; the folder above the script's unless given.

    Returns
    -------
    modules, assets : list of str
        Sorted paths below ``root``; the script is among the modules.

    Raises
    ------
    FileNotFoundError
        If there is no such script.
    ValueError
        If a module says only when it runs what it imports.
    """
    script, root = _placed(script, root)
    modules = _walk(script, root)
    said = {PurePosixPath(text).name for module in modules.values() for text in module.said}
    files = (p for p in (root / ASSETS).glob("*") if p.is_file() and {p.name, p.stem} & said)
    return sorted(modules), sorted(f"{ASSETS}/{p.name}" for p in files)


def libraries(script: str | Path, root: Path | None = None) -> set[str]:
    """Find the top-level modules of other packages that a study imports."""
    script, root = _placed(script, root)
    modules = _walk(script, root)
    names = {name.split(".")[0] for module in modules.values() for name in module.imported}
    beside = {p.stem for p in script.parent.glob("*.py")}
    return names - beside - {PACKAGE} - sys.stdlib_module_names


class _Module(NamedTuple):
    """What is read in a file: what it does, what it imports, and which names it mentions."""

    meaning: str
    imported: tuple[str, ...]
    said: frozenset[str]


def _placed(script: str | Path, root: Path | None) -> tuple[Path, Path]:
    """Where the script and the checkout are."""
    script = Path(script if root is None else root / script).resolve()
    return script, script.parent.parent if root is None else root.resolve()


def _walk(script: Path, root: Path) -> dict[str, _Module]:
    """Read the script and every module that it comes to, by their paths below ``root``."""
    waiting, modules = [script], {}
    while waiting:
        file = waiting.pop()
        path = file.relative_to(root).as_posix()
        if path not in modules and path not in WRITERS:
            modules[path] = _module(file, path)
            for name in modules[path].imported:
                waiting += _files(name, (script.parent, root))
    return modules


def _files(name: str, folders: tuple[Path, ...]) -> Iterator[Path]:
    """Files that run when a module of this dotted name is imported, if it is one of ours."""
    parts = name.split(".")
    for folder in folders:
        if folder != folders[-1] or parts[0] == PACKAGE:
            ways = [folder.joinpath(*parts[: i + 1]) for i in range(len(parts))]
            for way in ways:
                yield from (f for f in (way / "__init__.py", way.with_suffix(".py")) if f.is_file())


def _imported(tree: ast.Module, path: str) -> Iterator[str]:
    """Dotted names that a module imports; of ``from a import b`` both a and a.b."""
    here = path.removesuffix(".py").split("/")
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(here[: len(here) - node.level]) if node.level else ""
            base = ".".join(filter(None, (base, node.module)))
            yield from (f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and _name(node.func) in ("import_module", "__import__"):
            if not (node.args and _is_text(node.args[0])) or node.args[0].value.startswith("."):
                raise ValueError(
                    f"{path}, line {node.lineno}: what is imported must be written out as "
                    f"'package.module', got {ast.unparse(node)}; a study's hash could not tell"
                )
            yield node.args[0].value


def _name(node: ast.expr) -> str | None:
    """The last part of a name: ``import_module`` of ``importlib.import_module``."""
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", None)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


class _Runs(ast.NodeTransformer):
    """Leaves only what runs and could change a number."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        return None if _is_text(node.value) else self.generic_visit(node)

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        self.generic_visit(node)
        return node.orelse if _name(node.test) == "TYPE_CHECKING" else node

    def visit_Assign(self, node: ast.Assign) -> ast.AST | None:
        version = _is_text(node.value) and [_name(t) for t in node.targets] == ["__version__"]
        return None if version else self.generic_visit(node)


def _module(file: Path, path: str) -> _Module:
    return _parsed(file.read_text(encoding="utf-8"), path)


@functools.cache
def _parsed(source: str, path: str) -> _Module:
    tree = _Runs().visit(ast.parse(source, path))
    said = frozenset(node.value for node in ast.walk(tree) if _is_text(node))
    return _Module(_text(tree), tuple(_imported(tree, path)), said)


def _text(value: object) -> str:
    """A syntax tree as text that is the same in every version of Python: empty fields are left out.

    ``ast.dump`` is not: 3.12 has new fields, and 3.13 leaves empty ones out.
    """
    if isinstance(value, list):
        return f"[{', '.join(map(_text, value))}]"
    if not isinstance(value, ast.AST):
        return ascii(value)
    fields = [(name, getattr(value, name, None)) for name in value._fields]
    if isinstance(value, ast.Constant):
        fields = [("value", value.value)]
    else:
        fields = [(name, x) for name, x in fields if name != "ctx" and x is not None and x != []]
    return f"{type(value).__name__}({', '.join(f'{name}={_text(x)}' for name, x in fields)})"
