"""The hash of a study changes with every module that it comes to, and with nothing else."""

import ast
import re
import subprocess
import sys
from pathlib import Path
from shutil import copytree, ignore_patterns
from textwrap import dedent

import pytest
from nbtools import ROOT

sys.path.insert(0, str(ROOT / "experiments"))
from closure import ASSETS, WRITERS, closure, code_hash, libraries
from confirm import SCRIPTS

FILES = {
    "experiments/01_small.py": '''
        """A study."""
        import json, numpy.linalg
        from typing import TYPE_CHECKING
        from helper import scale
        from record import save
        from gdl_utils.room.layers import Layer
        if TYPE_CHECKING:
            from gdl_utils.typing import Shape
        SEEDS = (0, 1)
        def main(x: "Shape"):
            """Run."""
            from gdl_utils import late
            return late.read("cow") + scale
        ''',
    "experiments/helper.py": "from gdl_utils.far import scale\n",
    "experiments/record.py": "def save(x): return x\n",
    "experiments/02_other.py": "import gdl_utils.unrelated\n",
    "gdl_utils/__init__.py": "from gdl_utils._version import __version__\nfrom .top import one\n",
    "gdl_utils/_version.py": "__version__ = '1.0'\n",
    "gdl_utils/top.py": "one = 1\n",
    "gdl_utils/room/__init__.py": "",
    "gdl_utils/room/layers.py": """
        from . import products
        from ..deep import two
        class Layer: pass
        """,
    "gdl_utils/room/products.py": "def add(x):\n    return x.sum()\n",
    "gdl_utils/room/pooling.py": "pool = max\n",
    "gdl_utils/deep.py": "two = 2\n",
    "gdl_utils/late.py": "import importlib\nimportlib.import_module('gdl_utils.lazy')\n",
    "gdl_utils/lazy.py": "three = 3\n",
    "gdl_utils/far.py": "scale = 1.0\n",
    "gdl_utils/typing.py": "Shape = int\n",
    "gdl_utils/unrelated.py": "x = 1\n",
    f"{ASSETS}/cow.npz": "moo",
    f"{ASSETS}/cow.LICENSE.txt": "free",
    f"{ASSETS}/horse.npz": "neigh",
}
STUDY = "experiments/01_small.py"


@pytest.fixture
def tree(tmp_path):
    """A small checkout, and a function that rewrites a file of it and gives the study's hash."""
    for name, text in FILES.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text))

    def with_change(name, old=None, new=""):
        file = tmp_path / name
        before = file.read_text()
        assert old is None or old in before
        file.write_text(before + new if old is None else before.replace(old, new))
        try:
            return code_hash(STUDY, tmp_path)
        finally:
            file.write_text(before)

    with_change.root = tmp_path
    return with_change


def test_the_closure_is_found_by_hand(tree):
    modules, assets = closure(STUDY, tree.root)
    assert modules == sorted(
        [STUDY, "experiments/helper.py"]
        + [f"gdl_utils/{name}.py" for name in ("__init__", "_version", "top", "deep", "far")]
        + [f"gdl_utils/{name}.py" for name in ("late", "lazy")]
        + [f"gdl_utils/room/{name}.py" for name in ("__init__", "layers", "products")]
    )
    assert assets == [f"{ASSETS}/cow.npz"]
    assert libraries(STUDY, tree.root) == {"numpy"}


@pytest.mark.parametrize("name", [n for n in FILES if n.endswith(".py")])
def test_a_new_line_changes_the_hash_of_what_it_belongs_to(tree, name):
    mine = name in closure(STUDY, tree.root)[0]
    assert (tree(name, new="\nNEW = 1\n") != code_hash(STUDY, tree.root)) == mine


def test_a_sum_that_becomes_a_mean_two_imports_away_changes_the_hash(tree):
    changed = tree("gdl_utils/room/products.py", "sum", "mean")
    assert changed != code_hash(STUDY, tree.root)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("gdl_utils/top.py", None, "# why\n"),
        ("gdl_utils/top.py", "one = 1", "one=(1)\n'''What it is.'''\n\n"),
        ("gdl_utils/room/products.py", "add(x):\n", 'add(x):\n    """Add all."""\n'),
        ("gdl_utils/_version.py", "1.0", "2.0"),
        (STUDY, "import Shape", "import Other"),
        (STUDY, '"""Run."""', ""),
        (f"{ASSETS}/horse.npz", "neigh", "nay"),
        (f"{ASSETS}/cow.LICENSE.txt", "free", "bought"),
    ],
)
def test_what_changes_no_number_does_not_change_the_hash(tree, name, old, new):
    assert tree(name, old, new) == code_hash(STUDY, tree.root)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("gdl_utils/top.py", "one = 1", "one = 1.0"),
        ("gdl_utils/top.py", "one = 1", "one = '1'"),
        (f"{ASSETS}/cow.npz", "moo", "moo!"),
        (STUDY, '"cow"', '"horse"'),
        (STUDY, '"cow"', '"assets/horse.npz"'),
        (STUDY, "(0, 1)", "(0, 1, 2)"),
        (STUDY, "return late", "return None\n    late"),
    ],
)
def test_what_may_change_a_number_changes_the_hash(tree, name, old, new):
    assert tree(name, old, new) != code_hash(STUDY, tree.root)


def test_a_module_under_another_name_is_another(tree):
    before = code_hash(STUDY, tree.root)
    (tree.root / "gdl_utils/far.py").rename(tree.root / "gdl_utils/near.py")
    assert tree("experiments/helper.py", "far", "near") != before


@pytest.mark.parametrize(
    "line",
    ["importlib.import_module(name)", "__import__(f'gdl_utils.{x}')", "import_module('.lazy', p)"],
)
def test_an_import_that_is_known_only_at_run_time_is_refused(tree, line):
    with pytest.raises(ValueError, match=r"gdl_utils/late.py, line 3: .*written out"):
        tree("gdl_utils/late.py", None, line + "\n")


def test_a_missing_script_is_not_hashed(tree):
    with pytest.raises(FileNotFoundError, match="03_none"):
        code_hash("experiments/03_none.py", tree.root)


# ------------------------------------------------------------------------------------ the real one
@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of what studies are made of, to be spoilt."""
    folder = tmp_path_factory.mktemp("checkout")
    for part in ("experiments", "gdl_utils"):
        copytree(ROOT / part, folder / part, ignore=ignore_patterns("__pycache__"))
    return folder


def sums(source):
    """Whether a module calls something that is named sum, or asks for "sum"."""
    nodes = list(ast.walk(ast.parse(source)))
    return any("sum" in (getattr(n, "attr", None), getattr(n, "value", None)) for n in nodes)


def test_a_sum_of_neighbours_that_becomes_a_mean_makes_the_study_of_molecules_stale(checkout):
    """Wherever below the layers the graphs' room adds up, which no study imports by itself."""
    study = "experiments/07_mutag.py"
    before, script = code_hash(study, checkout), (checkout / study).read_text()
    assert before == code_hash(study)
    rooms = [checkout / path for path in closure(study, checkout)[0] if "/graphs/" in path]
    below = [f for f in rooms if f.stem not in script and sums(f.read_text())]
    assert below
    for file in below:
        text = file.read_text()
        file.write_text(re.sub(r"(?<=[.\"'])sum\b", "mean", text))
        assert code_hash(study, checkout) != before, file.name
        file.write_text(text)


@pytest.mark.parametrize("study", SCRIPTS)
def test_every_module_of_every_study_counts(checkout, study):
    script = f"experiments/{study}.py"
    before = code_hash(script, checkout)
    modules, _ = closure(script, checkout)
    for path in (*modules, "gdl_utils/plots/style.py", *WRITERS):
        file = checkout / path
        text = file.read_text()
        file.write_text(text + "\nCHANGED = 1\n")
        assert (code_hash(script, checkout) != before) == (path in modules), path
        file.write_text(text)


def test_the_hash_needs_no_environment():
    """Neither torch nor anything else that is installed, and no order of what is hashed."""
    code = "import sys; from closure import code_hash; print(code_hash(sys.argv[1]))"
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-S", "-c", code, "experiments/09_spirals.py"],
            cwd=ROOT,
            env={"PYTHONPATH": str(ROOT / "experiments"), "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
        )
        assert done.stdout.strip() == code_hash(Path("experiments/09_spirals.py")), done.stderr
