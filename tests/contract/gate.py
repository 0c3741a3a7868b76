"""Which layers of the package no row of the contract covers, whatever file they stand in."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from contract.table import collect
from torch import nn

import gdl_utils
from gdl_utils.blueprint import _Function
from gdl_utils.constants import Constants
from gdl_utils.groups.filters import FieldConv, LatticeConv, RotatedConv

EXCEPTIONS: dict[type, str] = {
    _Function: "holds a plain function as a stage of Blueprint, which has its row",
    Constants: "abstract: a subclass says what the tensors are",
    FieldConv: "abstract: a subclass says what the filters are",
    LatticeConv: "only the base of the four layers on pixels and hexagons, each of which has rows",
    RotatedConv: "only the base of the two rotated layers, each of which has rows",
}
"""Layers that need no row, and why."""


def without_row(package: ModuleType = gdl_utils) -> list[str]:
    """Name all layers that a package defines and no row covers, the exceptions left out."""
    covered = {layer for row in collect("ROWS").values() for layer in row.covers}
    covered |= EXCEPTIONS.keys()
    made = [name for module in every_module(package) for name in made_by_functions(module)]
    return sorted({_name(layer) for layer in layers(package.__name__) - covered} | set(made))


def every_module(package: ModuleType) -> Iterator[ModuleType]:
    """Import all modules of a package."""
    yield package
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield importlib.import_module(found.name)


def layers(package: str = "gdl_utils", of: type = nn.Module) -> set[type]:
    """All classes of layers that stand in imported modules of a package, nested ones too."""
    found = set()
    for layer in of.__subclasses__():
        here = f"{layer.__module__}.".startswith(f"{package}.")
        if here and "<locals>" not in layer.__qualname__:
            found.add(layer)
        found |= layers(package, layer)
    return found


def made_by_functions(module: ModuleType) -> Iterator[str]:
    """Name the layers that only exist once a function has made them: they are read off its text.

    A class whose bases cannot be told before the function runs counts as a layer.
    """
    for function in ast.walk(ast.parse(Path(module.__file__).read_text())):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.ClassDef):
                name, bases = node.name, node.bases
            elif isinstance(node, ast.Call) and ast.unparse(node.func) == "type":
                name, bases = "type(...)", node.args[1:2]  # type(x), or type(name, bases, members)
            else:
                continue
            names = {**vars(module), **_imported(function)}
            if any(_is_layer(base, names) for base in bases):
                yield f"{module.__name__}, line {node.lineno}: {name}"


def _imported(function: ast.AST) -> dict[str, object]:
    """What a function imports for itself."""
    names: dict[str, object] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Import | ast.ImportFrom):
            exec(compile(ast.Module([node], []), "imports", "exec"), names)
    return names


def _is_layer(expression: ast.expr, names: dict[str, object]) -> bool:
    try:
        bases = eval(compile(ast.Expression(expression), "base", "eval"), dict(names))
    except Exception:  # a name of the function, most often
        return True
    bases = bases if isinstance(bases, tuple) else (bases,)
    return any(isinstance(base, type) and issubclass(base, nn.Module) for base in bases)


def _name(layer: type) -> str:
    return f"{layer.__module__}.{layer.__qualname__}"
