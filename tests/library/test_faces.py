"""A room's face: its ``__init__`` names what users import, and all that chapters use."""

import ast
import importlib
import inspect
import pkgutil
import re

import nbformat
import notebook_rules
import pytest
from nbtools import NOTEBOOKS
from torch import nn

ROOMS = ["grids", "groups", "graphs", "geodesics", "gauges"]
each_room = pytest.mark.parametrize("room", ROOMS)
AT_HOME = {"representations", "correspondence", "spirals", "wide_places", "bumpy_sphere"}
"""What chapters take from its module: the name of a module, or of what belongs to one task."""


def modules(room):
    package = importlib.import_module(f"gdl_utils.{room}")
    names = [m.name for m in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")]
    return package, {name.rpartition(".")[2]: importlib.import_module(name) for name in names}


@each_room
def test_names_are_those_of_the_rooms_own_modules(room):
    package, inside = modules(room)
    assert len(set(package.__all__)) == len(package.__all__) > 8
    for name in package.__all__:
        item = getattr(package, name)
        homes = [m for m in inside.values() if vars(m).get(name) is item]
        assert homes, f"{name} is not of {room}"
        assert name not in inside, f"{name} would hide the module of that name"


@each_room
def test_every_layer_is_on_the_face(room):
    package, inside = modules(room)
    layers = {
        name
        for module in inside.values()
        for name, item in inspect.getmembers(module, inspect.isclass)
        if issubclass(item, nn.Module) and item.__module__ == module.__name__
    }
    public = {name for name in layers if not name.startswith("_")}
    inner = {"FieldConv", "LatticeConv", "RotatedConv"}  # what the layers of a kind share
    inner |= {"Gather", "Scatter", "Dots", "Product", "Softmax"}
    assert public - inner <= set(package.__all__)


@each_room
def test_the_docstring_shows_an_import_that_works(room):
    package, _ = modules(room)
    line = re.search(r"``(from gdl_utils\.\w+ import [^`]*)``", package.__doc__)[1]
    scope = {}
    exec(line, scope)
    assert len(scope) > 4
    assert "hapter" in package.__doc__


def test_what_chapters_import_is_on_a_face():
    hidden = set()
    for path in NOTEBOOKS.glob("[0-9]*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type != "code":
                continue
            for node in ast.walk(notebook_rules.tree_of(cell)):
                if isinstance(node, ast.ImportFrom) and node.module:
                    room = (node.module.split(".") + [""])[1]
                    if node.module.startswith("gdl_utils.") and room in ROOMS:
                        face = importlib.import_module(f"gdl_utils.{room}").__all__
                        names = {a.name for a in node.names} - AT_HOME
                        hidden |= {f"{room}: {name}" for name in names - set(face)}
    assert hidden == set()
