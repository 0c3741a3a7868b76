"""Seeds run side by side give what each gives alone, and nothing is lost or half written."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
import torch
from nbtools import ROOT
from torch import nn

sys.path.insert(0, str(ROOT / "experiments"))
import record
from beginnings import beginning
from seeds import run_seeds

STUDY = '''
"""A small study: a walk of a seed, and what it was made with."""

import os
import sys
import time
from pathlib import Path

import torch
from record import save
from seeds import run_seeds
from tqdm import trange

HERE = Path(__file__).parent
SEEDS = (3, 1, 4, 0, 5)


def of_seed(seed):
    """Walk; the first seed to begin is the last to end."""
    with open(HERE / "begun", "a") as file:
        file.write(f"{seed}\\n")
    if (HERE / f"fail {seed}").exists():
        time.sleep(1)
        raise ArithmeticError(f"{seed} is odd")
    if (HERE / f"die {seed}").exists():
        os._exit(9)
    if (HERE / f"hang {seed}").exists():
        time.sleep(60)
    if seed == SEEDS[0]:
        time.sleep(0.5)
    rng = torch.Generator().manual_seed(seed)
    steps = torch.randn(1000, generator=rng)
    for _ in trange(2, disable=None):
        pass
    scores = {"walk": float(steps.sum()), "far": [float(x) for x in steps.cumsum(0)[::250]]}
    threads = [torch.get_num_threads(), os.environ["OMP_NUM_THREADS"]]
    return {"scores": scores, "threads": threads, "by": {seed: (1, 2)}}


def main(jobs):
    run = run_seeds(of_seed, SEEDS, jobs=jobs, keep=HERE / "kept")
    save(__file__, run, "A walk; chapter 00.", HERE, scores=run.by_name("scores"), all=run.found)


if __name__ == "__main__":
    main(int(sys.argv[1]))
'''


@pytest.fixture
def study(tmp_path):
    """A checkout with one small study in it, and a function that runs it as a reader would."""
    script = tmp_path / "experiments/00_walk.py"
    script.parent.mkdir()
    script.write_text(STUDY)

    def start(jobs=2, **how):
        return subprocess.Popen(
            [sys.executable, script.name, str(jobs)],
            cwd=script.parent,
            env={**os.environ, "PYTHONPATH": str(ROOT / "experiments")},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def run(jobs=2):
        process = start(jobs)
        _, said = process.communicate(timeout=120)
        return process.returncode, said

    run.start, run.folder, run.script = start, script.parent, script
    run.result = script.parent / "00_walk.json"
    run.begun = lambda: (run.folder / "begun").read_text().split()
    return run


def scores_alone(jobs, study):
    assert study(jobs) == (0, "")  # no bar where there is no terminal
    stored = json.loads(study.result.read_text())
    return json.dumps({k: stored[k] for k in ("scores", "all")}), stored


@pytest.mark.slow
def test_scores_do_not_depend_on_how_many_run_at_a_time(study):
    one, stored = scores_alone(1, study)
    two, stored_too = scores_alone(2, study)
    assert one == two
    assert list(stored["all"]) == ["3", "1", "4", "0", "5"]  # of SEEDS, not of the clock
    assert stored["all"]["3"]["threads"] == [1, "1"]
    assert stored["all"]["3"]["by"] == {"3": [1, 2]}
    assert list(stored["scores"]) == ["walk", "far"]
    assert (stored["jobs"], stored_too["jobs"]) == (1, 2)
    assert set(stored["packages"]) == {"torch", "tqdm"}
    assert stored["code_sha256"] == stored_too["code_sha256"]
    assert sorted(p.name for p in study.folder.iterdir() if "cache" not in p.name) == [
        "00_walk.json", "00_walk.py", "begun", "kept",
    ]  # fmt: skip
    assert not any((study.folder / "kept").iterdir())


@pytest.mark.slow
def test_a_failing_seed_is_named_and_the_others_are_not_run_again(study):
    spoil = study.folder / "fail 5"
    spoil.touch()
    code, said = study()
    assert code == 1
    assert "RuntimeError: 00_walk, seed 5 failed with ArithmeticError: 5 is odd" in said
    assert not study.result.exists()
    kept = {p.stem for p in (study.folder / "kept/00_walk").iterdir()}
    assert kept >= {"1"}
    spoil.unlink()
    before = len(study.begun())
    assert study() == (0, "")
    assert set(study.begun()[before:]) == {"3", "1", "4", "0", "5"} - kept
    assert set(json.loads(study.result.read_text())["all"]) == {"3", "1", "4", "0", "5"}


@pytest.mark.slow
def test_a_killed_process_is_told(study):
    (study.folder / "die 0").touch()
    code, said = study()
    assert code == 1
    assert "a process was killed, for want of memory perhaps, while seed" in said
    assert "0" in said.split("while seed")[1]
    assert not study.result.exists()


@pytest.mark.slow
def test_an_interrupted_study_says_so_and_goes_on(study):
    hang = study.folder / "hang 5"
    hang.touch()
    process = study.start()
    wait_for(lambda: len(list(study.folder.glob("kept/00_walk/?.json"))) == 4)
    os.killpg(process.pid, signal.SIGINT)  # what Ctrl-C sends
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    (line,) = said.splitlines()
    assert line.startswith("00_walk: stopped; 4 of 5 are kept in ")
    assert not study.result.exists()
    assert not list(study.folder.glob("**/.*.json.*"))  # nothing half written
    hang.unlink()
    before = len(study.begun())
    assert study() == (0, "")
    assert study.begun()[before:] == ["5"]


def wait_for(what, seconds=60):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.05)


def run_here(study, patch):
    """Run the study one seed at a time, in this process."""
    module = imported(study.script, patch)
    return run_seeds(module.of_seed, module.SEEDS, jobs=1, keep=study.folder / "kept")


def test_what_other_code_found_is_not_taken(study, monkeypatch):
    first = run_here(study, monkeypatch)
    assert run_here(study, monkeypatch).found == first.found
    assert len(study.begun()) == 5
    study.script.write_text(STUDY.replace("1000", "999"))
    second = run_here(study, monkeypatch)
    assert len(study.begun()) == 10
    assert second.code_sha256 != first.code_sha256
    assert second.by_name("scores")["walk"] != first.by_name("scores")["walk"]


def test_without_other_processes_a_failing_seed_is_named_too(study, monkeypatch):
    (study.folder / "fail 5").touch()
    with pytest.raises(RuntimeError, match="00_walk, seed 5 failed with ArithmeticError: 5 is odd"):
        run_here(study, monkeypatch)
    (study.folder / "fail 5").unlink()
    assert list(run_here(study, monkeypatch).found) == ["3", "1", "4", "0", "5"]
    assert study.begun() == ["3", "1", "4", "0", "5", "5"]


def test_code_that_changes_meanwhile_is_refused(study, monkeypatch):
    study.script.write_text(
        "from pathlib import Path\n"
        "def of_seed(seed):\n"
        "    Path(__file__).write_text('x = 1')\n"
        "    return seed\n"
    )
    module = imported(study.script, monkeypatch)
    with pytest.raises(RuntimeError, match=r"code changed while 00_walk.py ran"):
        run_seeds(module.of_seed, (1,), jobs=1, keep=study.folder / "kept")


def test_a_function_that_no_process_could_find_is_refused(study, monkeypatch):
    module = imported(study.script, monkeypatch)
    module.of_seed.__globals__["other"] = lambda seed: seed
    module.other.__module__ = "00_walk"
    with pytest.raises(ValueError, match=r"one_seed must be a function of 00_walk.py itself"):
        run_seeds(module.other, (1,), jobs=1, keep=study.folder / "kept")


def imported(script, patch):
    """A script as a module, as long as the test runs."""
    from seeds import _module

    patch.syspath_prepend(str(script.parent))
    patch.delitem(sys.modules, script.stem, raising=False)
    module = _module(script)
    patch.setitem(sys.modules, script.stem, module)
    return module


# ------------------------------------------------------------------------------------ what is kept
def test_numbers_leave_the_file_as_they_came(tmp_path):
    """The files that only write count for no hash: what they write is what they were given."""
    odd = {"a": [0.1 + 0.2, 1 / 3, 5e-324, -0.0, 1e308], "b": {"ä": 2**60, "c": None}, "d": [[]]}
    record.write(tmp_path / "new/x.json", record.lines(odd) + "\n")
    assert repr(json.loads((tmp_path / "new/x.json").read_text())) == repr(odd)
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["x.json"]


@pytest.mark.parametrize(
    "file", sorted((ROOT / "book/results").glob("[0-9]*.json")), ids=lambda p: p.stem
)
def test_a_stored_file_written_again_is_the_same(file):
    text = file.read_text()
    assert record.lines(json.loads(text)) + "\n" == text


# -------------------------------------------------------------------------------------- beginnings
class Scale(nn.Module):
    """y = w x, inside another module."""

    def __init__(self, w):
        super().__init__()
        self.w = nn.Parameter(torch.tensor(w, dtype=torch.float64))

    def forward(self, x):
        return self.w * x


def descend(model, steps):
    """Minimise the mean of y by steps of 0.5, and ask once in between, in evaluation mode."""
    x = torch.tensor([3.0, 4.0], dtype=torch.float64)
    for _ in range(steps):
        model.train()
        model(x).mean().backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= 0.5 * p.grad
                p.grad = None
        model.eval()
        model(x)
    return model


def test_a_beginning_is_what_was_computed_by_hand():
    """The slope is the mean of x, 3.5; the root mean square of x is that of 12.5."""
    net = nn.Sequential(Scale(2.0), nn.Identity())
    found = beginning(lambda: descend(net, 9), 3)
    assert found == pytest.approx(
        [w * 12.5**0.5 for w in (2.0, 0.25, -1.5)][:2] + [1.5 * 12.5**0.5]
    )
    assert net[0].w == -1.5  # the third step was not taken
    net.train()(torch.ones(2, dtype=torch.float64))
    assert len(found) == 3


def test_a_beginning_longer_than_the_training_is_refused():
    with pytest.raises(ValueError, match="steps must be at most the training's 2, got 3"):
        beginning(lambda: descend(Scale(1.0), 2), 3)


def test_a_beginning_does_not_hide_a_failure():
    with pytest.raises(ZeroDivisionError):
        beginning(lambda: 1 / 0, 3)
