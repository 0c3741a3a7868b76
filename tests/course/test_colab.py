"""Colab, simulated: a notebook installs the course from a clone, and finds all that chapters need.

Colab has torch and much else, and not this package. So has the interpreter made here: it sees what
is installed in the tests' own, except ``gdl_utils``. Git is told to find the repository's address
in a clone of this checkout, so that the first cell of a notebook runs as it stands.
"""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import venv
from ast import Import, ImportFrom, unparse, walk
from pathlib import Path

import doctor
import pytest
import yaml
from nbformat import v4
from nbtools import CLAIM, NOTEBOOKS, ROOT, clean_room, read, run
from notebook_rules import code_cells, rule_colab, tree_of

BOOK = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["repository"]
STORED = sorted(NOTEBOOKS.glob("[0-9]*.ipynb"))
# An asset, and the scripts and styles of both kinds of figures that readers move.
SHOW = """
shift = Slider("shift", [0, 1], label="Shift (px)", start=0)
lines = Curves([0, 1], {"pooled": [1, 1]}, cursor="shift", ylabel="accuracy")
display(live(controls=[shift], panels=[lines], title="Pooling forgets.", alt="A level line."))
show_mesh(*load_spot(), title="Spot has no corners.", alt="Spot, a cow.")
"""
each_notebook = pytest.mark.parametrize("path", STORED, ids=lambda p: p.stem)


@each_notebook
def test_the_address_is_the_books(path):
    """``_config.yml`` is the one place where it stands; notebooks repeat it."""
    nb = read(path)
    assert rule_colab(nb, BOOK["url"], BOOK["branch"]) == []


@pytest.mark.parametrize(
    ("tag", "known", "calls"),
    [
        ("release-colab_20260101", False, 1),
        ("release-colab_20260101", True, 0),
        (None, False, 0),
        (None, True, 0),
    ],
)
@each_notebook
def test_the_first_cell_installs_in_colab_only_and_only_once(path, tag, known, calls, monkeypatch):
    from IPython.core.inputtransformer2 import TransformerManager

    class Shell:
        def run_line_magic(self, name, line):
            self.ran.append(f"{name} {line}")

    shell, finds = Shell(), importlib.util.find_spec
    shell.ran = []
    monkeypatch.delenv("COLAB_RELEASE_TAG", raising=False)
    if tag:
        monkeypatch.setenv("COLAB_RELEASE_TAG", tag)
    spec = lambda name: (known or None) if name == "gdl_utils" else finds(name)  # noqa: E731
    monkeypatch.setattr(importlib.util, "find_spec", spec)
    first = code_cells(read(path))[0]
    exec(TransformerManager().transform_cell(first.source), {"get_ipython": lambda: shell})
    asked = f"git+{BOOK['url']}@{BOOK['branch']}"
    assert len(shell.ran) == calls
    assert all(line.startswith("pip install ") and asked in line for line in shell.ran)


# ----------------------------------------------------------------------------- simulated
def git(folder, *command):
    who = (
        "-c",
        "user.name=test",
        "-c",
        "user.email=test@example.org",
        "-c",
        "commit.gpgsign=false",
    )
    done = subprocess.run(["git", *who, *command], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def clone(tmp_path):
    """The checkout as a repository of one commit, whatever it has of its own history."""
    lines = (ROOT / ".gitignore").read_text().split()
    ignored = shutil.ignore_patterns(".git", *(line.strip("/") for line in lines))
    folder = shutil.copytree(ROOT, tmp_path / "clone", ignore=ignored)
    git(folder, "init", "-q", "-b", BOOK["branch"])
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "As it stands")
    return folder


@pytest.fixture
def colab(tmp_path, clone, monkeypatch):
    """An interpreter like Colab's, a kernel of it, and the environment that both run in."""
    seen = tmp_path / "preinstalled"
    seen.mkdir()
    for folder in (path for path in map(Path, sys.path) if path.name == "site-packages"):
        for entry in folder.iterdir():
            name = entry.name.lower()
            link = seen / entry.name
            if entry.suffix != ".pth" and "gdl_utils" not in name and not link.exists():
                link.symlink_to(entry)
    venv.create(tmp_path / "colab", symlinks=True)
    python = tmp_path / "colab/bin/python"
    (packages,) = (tmp_path / "colab/lib").glob("python*/site-packages")
    (packages / "preinstalled.pth").write_text(f"{seen}\n")
    spec = {"argv": [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]}
    spec |= {"display_name": "Colab", "language": "python"}
    (tmp_path / "jupyter/kernels/colab").mkdir(parents=True)
    (tmp_path / "jupyter/kernels/colab/kernel.json").write_text(json.dumps(spec))
    with clean_room() as env:
        monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
        env = {k: v for k, v in env.items() if k not in ("VIRTUAL_ENV", "PYTHONHOME")}
        env |= {"COLAB_RELEASE_TAG": "release-colab_20260101", "PIP_NO_CACHE_DIR": "1"}
        # pip reads this as build_isolation = 0; and nothing is fetched, for all else is installed
        env |= {"PIP_NO_BUILD_ISOLATION": "0", "PIP_NO_INDEX": "1", "GIT_CONFIG_COUNT": "1"}
        env |= {"GIT_CONFIG_KEY_0": f"url.{clone.as_uri()}.insteadOf"}
        env |= {"GIT_CONFIG_VALUE_0": BOOK["url"], "GIT_TERMINAL_PROMPT": "0"}
        yield python, packages, env


def python_says(python, env, code):
    command = [python, "-P", "-c", code]  # -P: what lies in this folder is not seen
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def imports():
    """Every import of every chapter, in one cell."""
    nodes = (
        node for path in STORED for c in code_cells(read(path))[1:] for node in walk(tree_of(c))
    )
    return "\n".join(sorted({unparse(n) for n in nodes if isinstance(n, Import | ImportFrom)}))


def visit(studies):
    """A notebook that begins as chapters do, and then asks for all that chapters ask for.

    The chapters themselves run once, in ``tools/strict_nbval.py``, each in an empty folder too.
    What can differ here is what was installed: modules, studies, assets, scripts and styles.
    """
    cells = [code_cells(read(STORED[0]))[0].source, imports()]
    cells += [doctor.CODE[name] for name in ("import", "number", "layer", "error", "claim")]
    cells += [f"for name in {studies}:\n    load_results(name)", SHOW.strip()]
    return v4.new_notebook(cells=[v4.new_code_cell(source) for source in cells])


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_what_a_chapter_needs_arrives_in_colab(colab, clone, tmp_path):
    python, packages, env = colab
    has = "import importlib.util as u, torch; print(u.find_spec('gdl_utils'))"
    assert python_says(python, env, has) == "None"
    content = tmp_path / "content"
    content.mkdir()
    studies = sorted(path.stem for path in (clone / "book/results").glob("[0-9]*.json"))
    nb = run(visit(studies), env, folder=content, kernel="colab").nb

    outputs = [output for cell in code_cells(nb) for output in cell.outputs]
    (claim,) = [o["data"][CLAIM] for o in outputs if CLAIM in o.get("data", {})]
    assert claim["control"] == "sorting"
    names = {entry.name for entry in packages.iterdir()} - {"preinstalled.pth", "__pycache__"}
    own = {name for name in names if name.startswith("gdl_utils")}
    assert names == own, f"installing the course replaced {names - own}"
    (record,) = packages.glob("gdl_utils-*.dist-info/direct_url.json")
    assert json.loads(record.read_text())["url"] == BOOK["url"]
    home = python_says(python, env, "import gdl_utils; print(gdl_utils.__file__)")
    assert Path(home).is_relative_to(packages)
    extra = {f"data/studies/{name}.json" for name in studies}
    assert files(packages / "gdl_utils") == files(clone / "gdl_utils") | extra
    assert os.listdir(content) == []


def files(folder):
    """What lies in a folder, without what Python has compiled."""
    paths = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {path.relative_to(folder).as_posix() for path in paths}
