"""The public forge: workflows, forms, hooks and the dev container say what is so.

What they do can be seen only there. Here they are read by the schemas that check-jsonschema carries
and by jactionlint, a fork of actionlint whose wheel holds the program (and by actionlint itself,
where a machine has it); and what they call is compared with what there is.
"""

import importlib.metadata
import itertools
import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from nbtools import ROOT
from packaging.requirements import Requirement

FORGE = ROOT / ".github"
WORKFLOWS = sorted((FORGE / "workflows").glob("*.yml"))
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
TARGETS = set(re.findall(r"(?m)^([\w -]+):(?!=)", (ROOT / "Makefile").read_text(encoding="utf-8")))
TARGETS = {name for names in TARGETS for name in names.split()}
CI = (ROOT / ".ci/run").read_text(encoding="utf-8")
SYSTEM = set(re.search(r"for package in ([\w -]+);", CI)[1].split())
IN_THE_IMAGE = {"make", "git"}  # what Debian's image of Python has already
PINNED = re.compile(r"[\w.-]+/[\w./-]+@(v\d+|release/v\d+|[0-9a-f]{40})")
SCHEMAS = {
    "github-workflows": WORKFLOWS,
    "dependabot": [FORGE / "dependabot.yml"],
    "github-issue-config": [FORGE / "ISSUE_TEMPLATE/config.yml"],
    "github-issue-forms": [
        path for path in sorted((FORGE / "ISSUE_TEMPLATE").glob("*.yml")) if path.stem != "config"
    ],
}


# --------------------------------------------------------------------------------- rules
def program(name):
    """Path of a tool that is installed beside this Python, or else of the machine's."""
    here = Path(sys.executable).parent
    return shutil.which(name, path=str(here)) or shutil.which(name)


def lint(path):
    """What the linters of workflows say about a file, or nothing."""
    found = [
        # the house pins actions and images by major version, and Dependabot moves them
        [program("jactionlint"), "--strict-exit", "--shellcheck=", "--pyflakes=", "--oneline"]
        + ["-i", "unpinned-uses", "-i", "unpinned-images", str(path)]
    ]
    if (actionlint := program("actionlint")) and path.parent.name == "workflows":
        found.append([actionlint, "-shellcheck=", "-pyflakes=", "-oneline", str(path)])
    said = []
    for command in found:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            said.append(done.stdout + done.stderr)
    return "\n".join(said)


def against_schema(schema, path):
    """What a schema says about a file, or nothing."""
    command = [program("check-jsonschema"), "--builtin-schema", f"vendor.{schema}", str(path)]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode and done.stdout + done.stderr


def variants(job):
    """Each choice of a job's matrix; a job without one has one."""
    axes = job.get("strategy", {}).get("matrix", {})
    return [dict(zip(axes, values)) for values in itertools.product(*axes.values())]


def commands(job):
    """Every line that a job runs, in each variant of its matrix, comments left out."""
    for step, chosen in itertools.product(job["steps"], variants(job)):
        text = step.get("run", "").replace("\\\n", " ")
        for axis, value in chosen.items():
            text = text.replace(f"${{{{ matrix.{axis} }}}}", value)
        for line in text.splitlines():
            if line.strip() and not line.strip().startswith("#"):
                yield line.strip()


def called(line):
    """A sentence if a line calls a target, a script or a file of ours that is not there."""
    words = line.split()
    if words[0] == "make":
        goals = [w for w in words[1:] if "=" not in w and not w.startswith("-")]
        return [f"make has no target {goal}" for goal in goals if goal not in TARGETS]
    ours = re.findall(r"(?:^|\s)(\.?(?:ci|tools|tests|experiments|benchmarks)/[\w./-]+)", line)
    return [f"there is no {path}" for path in ours if not (ROOT / path).exists()]


def faults(text):
    """What a workflow does against the rules of the house."""
    flow, found = yaml.safe_load(text), []
    on = flow.get("on", flow.get(True))  # YAML 1.1 reads a bare `on` as true
    if flow.get("permissions") not in ({}, {"contents": "read"}):
        found.append("the workflow may do more than read")
    if "concurrency" not in flow:
        found.append("the workflow has no concurrency group")
    if set(on) & {"pull_request_target", "workflow_run"}:
        found.append("a stranger's code could run with our rights")
    if re.search(r"^[^#\n]*\w://", text, re.M):
        found.append("an address is written into the workflow")
    for name, job in flow["jobs"].items():
        if "timeout-minutes" not in job:
            found.append(f"{name} has no time limit")
        if set(job.get("permissions", {}).values()) - {"read"} and any(
            "run" in step or "checkout" in step.get("uses", "") for step in job["steps"]
        ):
            found.append(f"{name} may write, and runs more than one action")
        for step in job["steps"]:
            if "uses" in step and not PINNED.fullmatch(step["uses"]):
                found.append(f"{name} uses {step['uses']}, which has no version")
            credentials = step.get("with", {}).get("persist-credentials")
            if step.get("uses", "").startswith("actions/checkout@") and credentials is not False:
                found.append(f"{name} leaves its credentials in the checkout")
            if "continue-on-error" in step or "|| true" in step.get("run", ""):
                found.append(f"{name} forgives a failure")
        for line in commands(job):
            found += called(line)
            packages = re.search(r"apt-get .*\binstall\b (.*)", line)
            asked = {w for w in packages[1].split() if w[0] != "-"} if packages else set()
            if packages and asked != SYSTEM - IN_THE_IMAGE:
                found.append(f"{name} installs {asked}, and .ci/run {SYSTEM - IN_THE_IMAGE}")
    return found


def flow_of(name):
    return yaml.safe_load((FORGE / f"workflows/{name}.yml").read_text(encoding="utf-8"))


# ----------------------------------------------------------------------------- workflows
@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: p.stem)
def test_workflow_is_sound(path):
    assert lint(path) == ""
    assert faults(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("schema", SCHEMAS)
def test_files_follow_their_schema(schema):
    assert SCHEMAS[schema]
    for path in SCHEMAS[schema]:
        assert not against_schema(schema, path), path.name


def test_dependabot_is_sound():
    assert lint(FORGE / "dependabot.yml") == ""
    updates = yaml.safe_load((FORGE / "dependabot.yml").read_text())["updates"]
    assert {u["package-ecosystem"] for u in updates} == {"pip", "github-actions"}
    for update in updates:
        assert update["schedule"]["interval"] == "monthly"
        assert [g["patterns"] for g in update["groups"].values()] == [["*"]]


DOCTORED = [  # name, workflow, what is replaced by what, who notices
    ("no runner", "proof", "    runs-on: ubuntu-24.04\n", "", "runs-on"),
    ("a runner that does not exist", "proof", "ubuntu-24.04", "ubuntu-24.05", "ubuntu-24.05"),
    ("a key misspelt", "matrix", "fail-fast", "fail_fast", "fail_fast"),
    ("needs an unknown job", "proof", "needs: book", "needs: boat", "boat"),
    ("an unknown matrix axis", "matrix", "matrix.python }}\n", "matrix.piethon }}\n", "piethon"),
    ("an unknown input", "proof", "retention-days", "retained-days", "retained-days"),
    ("no such day", "matrix", "47 4 * * 1", "47 4 * * 8", "8"),
    ("an unknown event", "matrix", "pull_request:", "pull_requests:", "pull_requests"),
    ("an unknown context", "release", "github.ref }}", "github.reff }}", "reff"),
    ("pages without the right to", "proof", "      pages: write\n", "", "pages: write"),
    (
        "publishing without the right to",
        "release",
        "      id-token: write\n",
        "      contents: read\n",
        "id-token",
    ),
    (
        "a key twice",
        "release",
        "    environment: pypi\n",
        "    environment: pypi\n    environment: x\n",
        "environment",
    ),
    ("no time limit", "matrix", "    timeout-minutes: 60\n", "", "no time limit"),
    ("more rights for all", "proof", "contents: read", "contents: write", "more than read"),
    ("no concurrency", "release", "concurrency:", "x-concurrency:", "no concurrency"),
    ("a stranger's code", "proof", "pull_request:", "pull_request_target:", "stranger"),
    ("no version", "release", "actions/checkout@v7", "actions/checkout@main", "no version"),
    ("a branch of the publisher", "release", "@release/v1", "@master", "no version"),
    ("credentials left", "matrix", "persist-credentials: false", "fetch-depth: 1", "credentials"),
    ("an unknown target", "proof", "run: make book", "run: make books", "no target books"),
    (
        "a target of the matrix",
        "matrix",
        "[oldest, newest]",
        "[oldest, latest]",
        "no target latest",
    ),
    (
        "a script that is gone",
        "release",
        "tools/check_dist.py",
        "tools/check_wheel.py",
        "tools/check_wheel.py",
    ),
    ("CI by another name", "proof", "run: .ci/run", "run: .ci/all", ".ci/all"),
    ("a library that is missing", "matrix", "libegl1 ", "", "libegl1"),
    (
        "an index written down",
        "matrix",
        "${{ vars.PIP_EXTRA_INDEX_URL }}",
        "https://an.index/simple",
        "address",
    ),
    ("a failure forgiven", "release", "run: make dist", "run: make dist || true", "forgives"),
    (
        "a writer that builds",
        "release",
        "pypi\n    steps:",
        "pypi\n    steps:\n      - run: x",
        "may write",
    ),
]


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [case[1:] for case in DOCTORED],
    ids=[case[0] for case in DOCTORED],
)
def test_a_broken_workflow_is_caught(name, old, new, said, tmp_path):
    path = tmp_path / ".github/workflows/broken.yml"
    path.parent.mkdir(parents=True)
    text = (FORGE / f"workflows/{name}.yml").read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    found = [lint(path), *faults(path.read_text(encoding="utf-8"))]
    assert said in "\n".join(found)


@pytest.mark.parametrize(
    ("schema", "file", "old", "new"),
    [
        ("github-workflows", "workflows/proof.yml", "runs-on:", "runs_on:"),
        ("dependabot", "dependabot.yml", "interval: monthly", "interval: fortnightly"),
        ("github-issue-forms", "ISSUE_TEMPLATE/chapter.yml", "type: dropdown", "type: menu"),
        ("github-issue-config", "ISSUE_TEMPLATE/config.yml", "true", "perhaps"),
    ],
)
def test_what_breaks_its_schema_is_caught(schema, file, old, new, tmp_path):
    text = (FORGE / file).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "broken.yml").write_text(text.replace(old, new), encoding="utf-8")
    assert against_schema(schema, tmp_path / "broken.yml")


# ------------------------------------------------------------------------- what it calls
def test_the_two_commands_run_book_first_on_every_push_and_each_week():
    flow = flow_of("proof")
    on = flow[True]
    assert {"push", "pull_request", "schedule"} <= set(on)
    assert on["push"] == {"branches": ["main"]}
    jobs = flow["jobs"]
    assert "make book" in list(commands(jobs["book"]))
    assert jobs["test"]["needs"] == "book"
    assert ".ci/run" in list(commands(jobs["test"]))
    assert {"make test"} <= set(CI.splitlines())
    assert set(jobs["publish"]["needs"]) == {"book", "test"}


def test_what_is_published_is_the_book_that_was_built():
    steps = flow_of("proof")["jobs"]["book"]["steps"]
    (upload,) = [s for s in steps if s.get("uses", "").startswith("actions/upload-pages")]
    book = re.search(r"(?m)^BOOK := (\S+)$", (ROOT / "Makefile").read_text())[1]
    assert upload["with"]["path"] == book


def test_the_matrix_is_what_the_package_says():
    """The classifiers, the matrix and the floors for newer Pythons name the same Pythons."""
    flow = flow_of("matrix")
    assert {"push", "pull_request", "schedule"} <= set(flow[True])
    said = [c.rpartition(" :: ")[2] for c in SETTINGS["project"]["classifiers"] if "3." in c]
    for name in ("book", "library"):
        assert flow["jobs"][name]["strategy"]["matrix"]["python"] == said
        assert flow["jobs"][name]["strategy"]["fail-fast"] is False
    ran = set(commands(flow["jobs"]["library"]))
    assert {"make oldest", "make newest"} <= ran
    assert SETTINGS["project"]["requires-python"] == f">={said[0]}"
    assert set(SETTINGS["tool"]["floors"]) <= set(said[1:])


def test_a_release_is_proved_before_it_is_published():
    flow = flow_of("release")
    assert flow[True]["push"] == {"tags": ["v*"]}
    build, publish = flow["jobs"]["build"], flow["jobs"]["publish"]
    assert "make dist" in list(commands(build))
    assert any("check_dist.py dist --tag" in line for line in commands(build))
    assert publish["needs"] == "build"
    assert publish["environment"] == "pypi"
    assert publish["permissions"] == {"id-token": "write"}
    assert not list(commands(publish))


# ---------------------------------------------------------------- forms, hooks, container
def test_forms_ask_for_a_mistake_in_a_chapter_or_the_library_and_for_proposals():
    names = {path.stem for path in SCHEMAS["github-issue-forms"]}
    assert names == {"chapter", "library", "proposal"}
    request = (FORGE / "PULL_REQUEST_TEMPLATE.md").read_text(encoding="utf-8")
    for target in re.findall(r"`make (\w+)`", request):
        assert target in TARGETS
    for folder in re.findall(r"`(\w+/[\w/]*)`", request):
        assert (ROOT / folder).is_dir()


def test_the_command_that_a_form_asks_for_works():
    form = yaml.safe_load((FORGE / "ISSUE_TEMPLATE/library.yml").read_text(encoding="utf-8"))
    (versions,) = [part for part in form["body"] if part.get("id") == "versions"]
    code = re.search(r'python -c "(.*)"', versions["attributes"]["description"])[1]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert importlib.metadata.version("torch").partition("+")[0] in done.stdout


def test_hooks_run_our_own_tools_and_download_nothing():
    settings = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [repo["repo"] for repo in settings["repos"]] == ["local"]
    hooks = {hook["id"]: hook for hook in settings["repos"][0]["hooks"]}
    for hook in hooks.values():
        assert hook["language"] == "system"
        assert program(hook["entry"].split()[0].removeprefix(".venv/bin/"))
        assert called(hook["entry"]) == []
    for tool in re.findall(r"(?m)^\t@\$\(\w+\)(?:/bin/| -m )(\w+)", lint_recipe()):
        assert any(tool in hook["entry"] for hook in hooks.values()), f"no hook runs {tool}"
    assert re.search(hooks["notebooks"]["files"], "notebooks/05_grids.ipynb")
    for path in (".github/workflows/proof.yml", ".ci/run", ".devcontainer/devcontainer.json"):
        assert re.search(hooks["forge"]["files"], path)


def lint_recipe():
    return re.search(r"(?m)^lint:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text())[1]


def test_the_dev_container_has_what_ci_has():
    container = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text(encoding="utf-8"))
    assert container["image"] == flow_of("proof")["jobs"]["test"]["container"]["image"]
    asked = re.search(r"install -y --no-install-recommends (.*)", container["onCreateCommand"])
    assert set(asked[1].split()) == SYSTEM - IN_THE_IMAGE
    assert called(container["postCreateCommand"]) == []


def test_the_code_of_conduct_is_short_and_says_whom_to_ask():
    text = (ROOT / "CODE_OF_CONDUCT.md").read_text(encoding="utf-8")
    assert 150 < len(text.split()) < 450
    assert "in private" in text


# --------------------------------------------------------------------------- constraints
def test_all_that_is_installed_is_pinned():
    """What we name and what that brings along; but torch chooses its libraries by its build."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()[1:]
    pins = {plain(name): version for name, version in (line.split("==") for line in lines)}
    book = (ROOT / "requirements-book.txt").read_text(encoding="utf-8").splitlines()
    extras = SETTINGS["project"]["optional-dependencies"]
    ours = [*SETTINGS["project"]["dependencies"], *extras["chapters"], *extras["test"]]
    ours += [*extras["plots"], *extras["data"], *(line for line in book if line[:1] not in "# ")]
    waiting, seen = [Requirement(line) for line in ours], set()
    while waiting:
        wanted = waiting.pop()
        name = plain(wanted.name)
        if name == plain(SETTINGS["project"]["name"]) or (name, *wanted.extras) in seen:
            continue
        seen.add((name, *wanted.extras))
        assert name in pins, f"{wanted.name} has no pin in constraints.txt"
        installed = importlib.metadata.version(wanted.name).partition("+")[0]
        assert installed == pins[name], f"{wanted.name} is installed as {installed}"
        brings = importlib.metadata.requires(wanted.name) or [] if name != "torch" else []
        for line in map(Requirement, brings):
            chosen = [{"extra": extra} for extra in ("", *wanted.extras)]
            if line.marker is None or any(line.marker.evaluate(e) for e in chosen):
                waiting.append(line)


def plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()
