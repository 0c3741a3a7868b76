"""What a newcomer's machine may lack: one plain sentence each, and nothing is left half done."""

import os
import shutil
import subprocess
import sys

import environment
import pytest
from nbtools import ROOT

needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def make(*arguments, **env):
    return subprocess.run(
        ["make", "-C", str(ROOT), "for-book", *arguments],
        env=os.environ | env, capture_output=True, text=True,
    )  # fmt: skip


def told(done):
    """What was said on stderr, without make's own line."""
    assert done.returncode != 0
    lines = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert len(lines) == 1, done.stderr
    return lines[0]


def pretending(tmp_path, line):
    """A Python that is as here, but for one line that is run first."""
    python = tmp_path / "python"
    start = f"import sys, runpy; sys.argv = sys.argv[1:]; sys.path.insert(0, 'tools'); {line}; "
    start += "runpy.run_path(sys.argv[0], run_name='__main__')"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{start}" "$@"\n')
    python.chmod(0o755)
    return f"PYTHON={python}"


@needs_make
@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("sys.version_info = (3, 10, 2)", "Python 3.11 or newer is needed, and"),
        ("sys.modules['ensurepip'] = None", "(on Debian: apt install python3-venv)"),
        ("sys.modules['venv'] = None", "(on Debian: apt install python3-venv)"),
        ("import shutil; shutil.disk_usage = lambda f: (1, 1, 1)", None),
    ],
)
def test_a_python_that_will_not_do(tmp_path, line, said):
    if said is None:
        line = "import shutil, collections as c; shutil.disk_usage = lambda f: "
        line += "c.namedtuple('D', 'free')(100_000_000)"
        said = "0.3 GB of disk are needed and 0.1 are free."
    venv = tmp_path / "venv"
    done = make(pretending(tmp_path, line), f"VENV={venv}")
    assert said in told(done)
    assert not (venv / "book").exists()


@needs_make
def test_no_python(tmp_path):
    done = make("PYTHON=no-such-python", f"VENV={tmp_path / 'venv'}")
    assert told(done).startswith("Python is missing: install Python 3.11 or newer")
    assert not (tmp_path / "venv").exists()


@needs_make
@pytest.mark.slow
def test_no_network(tmp_path):
    """The sentence names the reason; the environment can be used by the next try."""
    venv = tmp_path / "venv"
    offline = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": "https://127.0.0.1:9/simple"}
    offline |= {"PIP_FIND_LINKS": "", "PIP_NO_CACHE_DIR": "1", "PIP_EXTRA_INDEX_URL": ""}
    said = told(make(f"VENV={venv}", f"PYTHON={sys.executable}", **offline))
    assert "the package index cannot be reached" in said
    assert (venv / "install.log").exists()
    assert environment.is_whole(str(venv))
    assert not (venv / "book").exists()


def test_a_folder_of_another_kind_is_kept(tmp_path):
    (tmp_path / "kept").write_text("mine")
    with pytest.raises(SystemExit, match="is in the way"):
        environment.create(str(tmp_path))
    assert (tmp_path / "kept").read_text() == "mine"


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """A real environment, made once and copied for each test."""
    folder = tmp_path_factory.mktemp("once") / "venv"
    environment.create(str(folder))
    return folder


@pytest.fixture
def made(once, tmp_path, monkeypatch):
    """A whole environment with everything installed, as its stamps say; and what is done to it."""
    monkeypatch.chdir(ROOT)
    folder = tmp_path / "viele Grüße"
    shutil.copytree(once, folder, symlinks=True)
    calls = []
    monkeypatch.setattr(environment, "install", lambda where, what: calls.append(what))
    (folder / "created").write_text(str(folder))
    for what in ("book", "test"):
        (folder / what).write_text(environment.wanted(what))
    return folder, calls


def test_a_whole_environment_is_left_alone(made):
    folder, calls = made
    marker = folder / "marker"
    marker.write_text("")
    environment.main(str(folder), "test")
    assert marker.exists()
    assert calls == []


def test_changed_requirements_are_installed_again(made):
    folder, calls = made
    (folder / "test").write_text("of other files")
    environment.main(str(folder), "test")
    assert calls == ["test"]


def test_an_environment_that_a_reader_has_made_is_kept(made):
    """The README says so: a torch that is in it already stays."""
    folder, calls = made
    for stamp in ("created", "book", "test"):
        (folder / stamp).unlink()
    (folder / "lib/torch").write_text("my own build")
    environment.main(str(folder), "test")
    assert (folder / "lib/torch").exists()
    assert calls == ["book", "test"]


@pytest.mark.parametrize("harm", ["too old", "moved", "no interpreter", "no pip"])
def test_a_half_finished_environment_is_noticed(made, harm):
    folder, _ = made
    assert environment.is_whole(str(folder))
    if harm == "too old":
        (folder / "bin/python").unlink()
        (folder / "bin/python").write_text("#!/bin/sh\nexit 1\n")
        (folder / "bin/python").chmod(0o755)
    elif harm == "moved":
        folder = folder.rename(folder.with_name("elsewhere"))
    elif harm == "no interpreter":
        (folder / "bin/python").unlink()
    else:
        shutil.rmtree(next(folder.glob("lib/*/site-packages/pip")))
    assert not environment.is_whole(str(folder))


@pytest.mark.slow
def test_a_half_finished_environment_is_made_anew(made):
    folder, calls = made
    shutil.rmtree(next(folder.glob("lib/*/site-packages/pip")))
    (folder / "lib/rubbish").write_text("")
    environment.main(str(folder), "book")
    assert environment.is_whole(str(folder))
    assert not (folder / "lib/rubbish").exists()
    assert calls == ["book"]


def test_constraints_name_a_package_that_is_not_there(made, monkeypatch):
    """Any other failure of pip: its last line, and where the rest stands."""
    folder, _ = made
    monkeypatch.undo()
    monkeypatch.chdir(ROOT)
    (folder / "book").unlink()
    monkeypatch.setitem(environment.NEEDED, "book", ["--no-index", "no-such-package-gdl"])
    with pytest.raises(SystemExit, match="there is no no-such-package-gdl for this Python"):
        environment.install(str(folder), "book")
    assert not (folder / "book").exists()
