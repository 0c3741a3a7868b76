"""The contract: every layer × its group × a control that must fail, in one table.

A layer without a row does not land. The rows stand beside this file, one module a room; what they
must fulfil stands in ``checks.py``.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from contract import children, gate, warm
from contract.checks import (
    control_fails,
    is_a_left_action,
    keeps_its_symmetry,
    obeys_the_laws,
    runs_on_meta,
)
from contract.table import ROOMS, collect, generator
from torch import nn

from gdl_utils import audit, check_action, equivariance_error
from gdl_utils.graphs.actions import Permutations
from gdl_utils.training import seeded

ROWS, GROUPS, ACTIONS = (collect(kind) for kind in ("ROWS", "GROUPS", "ACTIONS"))
HERE = Path(__file__).parent

NOT_ON_META = {  # why not: which rows
    "the size of what comes out, or of what is between, depends on numbers": (
        "coarsen", "KGCN, other names of terms and diseases", "KGCN, reports in another order",
        "BagOfSymptoms, reports in another order",
    ),
    "eigenfunctions of the given positions are computed by scipy": (
        "DiffusionBlock, folds of a sheet", "DiffusionNet, folds of a sheet",
    ),
}  # fmt: skip
"""Rows whose layers do not run on torch's device ``meta``."""


@pytest.mark.parametrize("name", ROWS)
def test_layer_keeps_its_symmetry(name):
    keeps_its_symmetry(name, ROWS[name])


@pytest.mark.parametrize("name", ROWS)
def test_control_fails(name):
    control_fails(name, ROWS[name])


@pytest.mark.parametrize("name", GROUPS)
def test_group_laws(name):
    obeys_the_laws(name, GROUPS[name])


@pytest.mark.parametrize("name", ACTIONS)
def test_action_is_a_left_action(name):
    is_a_left_action(name, ACTIONS[name])


def test_a_right_action_is_caught():
    def backwards(g, x):
        return x[g]

    pointwise = nn.Linear(3, 4).double()
    nodes = torch.randn(7, 3, generator=generator("a right action"), dtype=torch.float64)
    assert equivariance_error(pointwise, Permutations(7), backwards, backwards, nodes) <= 1e-10
    assert check_action(backwards, Permutations(7), nodes) > 0.1


@pytest.mark.parametrize(("kind", "last"), [("make", False), ("control", True)])
def test_an_audit_says_what_the_row_says(kind, last):
    row = ROWS["Blueprint on a graph"]
    with seeded(1):
        network = getattr(row, kind)().double()
    stages = audit(network, row.group, row.acts_in, row.inputs)
    assert [stage.error > 1e-10 for stage in stages] == [False, False, last]


# ---------------------------------------------------------------------------------- devices
EXCUSED = {name for names in NOT_ON_META.values() for name in names}


@pytest.mark.parametrize("name", [name for name in ROWS if name not in EXCUSED])
def test_layer_runs_on_meta(name):
    runs_on_meta(name, ROWS[name])


def test_few_rows_do_not_run_on_meta_and_each_for_a_reason():
    assert ROWS.keys() >= EXCUSED
    assert len(EXCUSED) <= 6
    mended = []
    for name in EXCUSED:
        try:
            runs_on_meta(name, ROWS[name])
        except (RuntimeError, NotImplementedError, ValueError):  # no numbers, or two devices
            continue
        mended.append(name)
    assert not mended, "these run on meta now: take them off the list, and lower its length"


# ------------------------------------------------------------------------------------- gate
def test_every_layer_has_a_row():
    """In a child, so that not all of the package has to be imported here."""
    outcome = warm.call(children.gate)
    assert outcome.ended == "returned", outcome.output
    named, modules = outcome.value
    assert named == []
    package = HERE.parents[1] / "gdl_utils"
    files = (path.relative_to(package.parent).with_suffix("") for path in package.rglob("*.py"))
    assert modules == {".".join(path.parts).removesuffix(".__init__") for path in files}


def test_exceptions_are_few_and_needed():
    covered = {layer for row in ROWS.values() for layer in row.covers}
    assert len(gate.EXCEPTIONS) <= 5
    assert gate.EXCEPTIONS.keys() <= gate.layers() - covered


@pytest.mark.parametrize("name", ROWS)
def test_a_row_holds_what_it_covers(name):
    with seeded(1):
        layer = ROWS[name].make()
    assert set(ROWS[name].covers) <= {type(module) for module in layer.modules()}
    assert all(covered.__name__ in repr(layer) for covered in ROWS[name].covers)


NEW_FILES = {
    "novelty.py": """
from torch import nn
import torch
class Plain(nn.Module): ...
class _Private(Plain): ...
class Holder:
    class Nested(nn.Linear): ...
Dynamic = type("Dynamic", (nn.Module,), {"__module__": __name__})
class NoLayer(torch.autograd.Function): ...
def make(base):
    class Made(nn.Module): ...
    class OfSomeBase(base): ...
    class NoLayerEither(dict): ...
    return lambda: type("Late", (nn.Module,), {})
""",
    "deep/__init__.py": "",
    "deep/inside.py": "from torch.nn import Module\nclass Deep(Module): ...\n",
}


def test_layers_in_new_files_are_named(tmp_path):
    outcome = warm.call(children.gate, NEW_FILES, str(tmp_path))
    assert outcome.ended == "returned", outcome.output
    assert outcome.value[0] == [
        "gdl_utils.grids.deep.inside.Deep",
        "gdl_utils.grids.novelty, line 11: Made",
        "gdl_utils.grids.novelty, line 12: OfSomeBase",
        "gdl_utils.grids.novelty, line 14: type(...)",
        "gdl_utils.grids.novelty.Dynamic",
        "gdl_utils.grids.novelty.Holder.Nested",
        "gdl_utils.grids.novelty.Plain",
        "gdl_utils.grids.novelty._Private",
    ]


# ------------------------------------------------------------------------------------- data
@pytest.mark.parametrize("room", [room for room in ROOMS if collect("ROWS", (room,))])
def test_a_room_meets_the_same_data_alone_and_among_others(room):
    """Here all rooms are loaded and their rows have run; in the child only this one, backwards."""
    outcome = warm.call(children.digest, room, True)
    assert outcome.value == children.digest(room), outcome.output


def test_each_module_is_a_room_or_known():
    """A room that ``ROOMS`` forgets would be skipped in silence."""
    tools = {"checks", "children", "gate", "mutants", "table", "typed", "warm"}
    modules = {path.stem for path in HERE.glob("*.py") if not path.stem.startswith("test_")}
    assert modules == set(ROOMS) | tools
    assert len(set(ROOMS)) == len(ROOMS)
