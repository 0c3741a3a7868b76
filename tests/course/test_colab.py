"""Colab, simulated: a notebook installs the course from a clone and runs where nothing else is.

Colab has torch and much else, and not this package. So has the interpreter made here: it sees what
is installed in the tests' own, except ``gdl_utils``. Git is told to find the repository's address
in a clone of this checkout, so that the first cell of a notebook runs as it stands.
"""

import importlib.util
import json
import os
import shutil
import site
import subprocess
import venv
from pathlib import Path

import nbformat
import pytest
import yaml
from nbtools import CLAIM, NOTEBOOKS, ROOT, clean_room
from notebook_rules import code_cells, rule_colab

BOOK = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["repository"]
STORED = sorted(NOTEBOOKS.glob("[0-9]*.ipynb"))
LIGHT = NOTEBOOKS / "02_inductive_bias.ipynb"  # runs in half a minute, and reads a stored study
each_notebook = pytest.mark.parametrize("path", STORED, ids=lambda p: p.stem)


@each_notebook
def test_the_address_is_the_books(path):
    """``_config.yml`` is the one place where it stands; notebooks repeat it."""
    nb = nbformat.read(path, as_version=4)
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
    first = code_cells(nbformat.read(path, as_version=4))[0]
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
    for folder in site.getsitepackages():
        for entry in Path(folder).iterdir():
            name = entry.name.lower()
            if entry.suffix != ".pth" and "gdl_utils" not in name:
                (seen / entry.name).symlink_to(entry)
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


def claims(nb):
    outputs = [output for cell in code_cells(nb) for output in cell.outputs]
    return [output["data"][CLAIM] for output in outputs if CLAIM in output.get("data", {})]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_a_notebook_runs_in_colab_as_it_stands(colab, tmp_path):
    from nbclient import NotebookClient

    python, packages, env = colab
    has = "import importlib.util as u, torch; print(u.find_spec('gdl_utils'))"
    assert python_says(python, env, has) == "None"
    stored = nbformat.read(LIGHT, as_version=4)
    assert any("load_results(" in cell.source for cell in code_cells(stored))
    content = tmp_path / "content"
    content.mkdir()
    nb = nbformat.from_dict(json.loads(json.dumps(stored)))
    for cell in code_cells(nb):
        cell.outputs, cell.execution_count = [], None
    options = {"timeout": 120, "resources": {"metadata": {"path": str(content)}}}
    try:
        NotebookClient(nb, kernel_name="colab", **options).execute(env=env)
    finally:
        print("pip said:", *(o.get("text") for o in code_cells(nb)[0].outputs))

    assert claims(nb) == claims(stored)
    names = {entry.name for entry in packages.iterdir()} - {"preinstalled.pth", "__pycache__"}
    own = {name for name in names if name.startswith("gdl_utils")}
    assert names == own, f"installing the course replaced {names - own}"
    (record,) = packages.glob("gdl_utils-*.dist-info/direct_url.json")
    assert json.loads(record.read_text())["url"] == BOOK["url"]
    home = python_says(python, env, "import gdl_utils; print(gdl_utils.__file__)")
    assert Path(home).is_relative_to(packages)
    assert os.listdir(content) == []
