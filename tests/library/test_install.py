"""What installing and importing bring, and who may import whom."""

import ast
import importlib
import pkgutil
import re
import subprocess
import sys
import tomllib

import pytest
from nbtools import ROOT

import gdl_utils

PACKAGE = ROOT / "gdl_utils"
MODULES = sorted(PACKAGE.rglob("*.py"))
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = SETTINGS["project"]
PLAIN = {re.split(r"[<>=\[ ]", d)[0] for d in PROJECT["dependencies"]}
HEAVY = {"torch_geometric", "pyvista", "matplotlib", "sklearn", "mlxtend", "PIL"}
# Each part of the package, and the parts that it may import besides itself. A room may use the
# rooms before it.
# What the rooms share and no reader imports.
BASE = {"arguments": set(), "tensors": {"arguments"}, "constants": set()}
LANGUAGE = {"measuring": set(), "claims": set(), "_version": set()}
LANGUAGE |= {"symmetry": {"measuring", "arguments"}}
LANGUAGE |= {"equivariant_maps": {"symmetry", "arguments"}, "blueprint": {"symmetry", "arguments"}}
LANGUAGE |= {"auditing": {"blueprint", "symmetry", "measuring"}}
LEAVES = {leaf: {"arguments"} for leaf in ("data", "features", "metrics", "plots", "training")}
ORDER = ["grids", "groups", "graphs", "points", "sequences", "scales", "geodesics", "gauges"]
ROOMS = {room: {*ORDER[:i], "symmetry", "equivariant_maps", *BASE} for i, room in enumerate(ORDER)}
# Whole uses of the library: nothing imports them.
CASES = {"cases": {*BASE, *LANGUAGE, *LEAVES, *ROOMS}}
FIGURES = {"figures": {"plots"}}  # the pictures of one chapter each: nothing imports them
MAY_IMPORT = BASE | LANGUAGE | LEAVES | ROOMS | CASES | FIGURES | {"__init__": {*LANGUAGE}}


def part_of(path):
    """The first name under gdl_utils: a module or a room."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path, *, top_only=False):
    """The dotted names that a file imports, without those for type checkers only."""
    found = []

    def visit(node, inside):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            return
        inside = inside or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if not (inside and top_only):
            if isinstance(node, ast.Import):
                found.extend(a.name for a in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{path.name}: write imports in full"
                found.extend(f"{node.module}.{a.name}" for a in node.names)
        for child in ast.iter_child_nodes(node):
            visit(child, inside)

    visit(ast.parse(path.read_text()), False)
    return found


def fresh_python(code):
    """Run code in a new interpreter, and return what it printed."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


each_module = pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))


def test_importing_the_package_loads_nothing_heavy():
    loaded = fresh_python("import gdl_utils, sys; print(*sys.modules)").split()
    assert not HEAVY & set(loaded)


def test_importing_every_module_loads_nothing_heavy():
    names = sorted(m.name for m in pkgutil.walk_packages(gdl_utils.__path__, "gdl_utils."))
    for name in names:
        importlib.import_module(name)
    loaded = fresh_python(f"import {', '.join(names)}, sys; print(*sys.modules)").split()
    assert not HEAVY & set(loaded)


def test_plain_install_brings_no_book_and_no_plots():
    assert {"numpy", "torch"} <= PLAIN <= {"numpy", "scipy", "torch", "jaxtyping", "tqdm"}


def test_library_has_floors_and_no_pins():
    """A pin or a ceiling would replace what Colab has."""
    extras = PROJECT["optional-dependencies"]
    for requirement in PROJECT["dependencies"] + [r for k in extras for r in extras[k]]:
        assert re.fullmatch(r"[\w.-]+(\[[\w,]+\]|>=[\d.]+)", requirement), requirement


def test_constraints_pin_all_that_is_required():
    """Every package named by pyproject.toml or the book's requirements has its exact version."""
    pins = re.findall(r"(?m)^([\w.-]+)==[\w.]+$", (ROOT / "constraints.txt").read_text())
    pinned = {p.lower().replace("_", "-") for p in pins}
    extras = PROJECT["optional-dependencies"]
    named = [*PROJECT["dependencies"], *(r for k in extras for r in extras[k])]
    book = (ROOT / "requirements-book.txt").read_text().splitlines()
    named += [line for line in book if line and not line.startswith("#")]
    named += SETTINGS["build-system"]["requires"]
    names = {re.split(r"[<>=\[ ]", n)[0].lower().replace("_", "-") for n in named}
    assert names - pinned <= {"gdl-utils"}


@each_module
def test_who_imports_whom(path):
    part = part_of(path)
    assert part in MAY_IMPORT, f"{part} has no place in the plan: add it to MAY_IMPORT"
    names = [n.split(".") for n in imports(path)]
    others = {n[1] for n in names if n[0] == "gdl_utils" and len(n) > 1} - {part}
    assert others <= MAY_IMPORT[part], f"{part} may not import {others - MAY_IMPORT[part]}"


@each_module
def test_modules_import_only_plain_dependencies_at_the_top(path):
    top = {name.split(".")[0] for name in imports(path, top_only=True)}
    assert top <= PLAIN | set(sys.stdlib_module_names) | {"gdl_utils"}


@each_module
def test_only_plots_and_data_draw(path):
    drawing = {name.split(".")[0] for name in imports(path)} & {"pyvista", "matplotlib", "PIL"}
    assert not drawing or part_of(path) in {"plots", "figures", "data"}


@each_module
def test_module_is_short(path):
    lines = len(path.read_text().splitlines())
    assert lines <= 300, f"{lines} lines: this is two modules"


@each_module
def test_no_pickle(path):
    found = {"pickle", "cloudpickle", "joblib", "shelve", "marshal"} & {
        name.split(".")[0] for name in imports(path)
    }
    if path.name == "blueprint.py":  # tries whether it can be pickled, to say why not; reads none
        assert "load" not in path.read_text().replace("load_state_dict", "")
        found -= {"pickle"}
    assert not found
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            assert ast.unparse(node.func) not in {"torch.load", "torch.save"}
            for keyword in node.keywords:
                allowed = keyword.arg != "allow_pickle" or ast.unparse(keyword.value) == "False"
                assert allowed, f"line {node.lineno} allows pickle"


@each_module
def test_no_prints(path):
    """A library returns; only a claim outside a notebook prints its line."""
    if path.name == "claims.py":
        return
    calls = [n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Call)]
    assert "print" not in {ast.unparse(c.func) for c in calls}


def test_the_readme_example_prints_what_it_says():
    """The README's first python block prints the text block that follows it."""
    readme = ROOT / "README.md"
    text = readme.read_text() if readme.exists() else ""
    found = re.search(r"```python\n(.*?)```\n.*?```text\n(.*?)```", text, re.S)
    if found is None:
        pytest.skip("README.md has no python block followed by a text block")
    assert fresh_python(found[1]).strip() == found[2].strip()


def test_environment_is_the_same_for_conda():
    import yaml

    wanted = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    assert wanted[-1] == {"pip": ["-c constraints.txt", "-e .[chapters]"]}
