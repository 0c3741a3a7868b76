"""Containers of every kind are walked, copied, compared and moved."""

from collections import OrderedDict, namedtuple
from dataclasses import dataclass, field
from types import MappingProxyType, SimpleNamespace

import numpy as np
import pytest
import torch

from gdl_utils.measuring.nested import (
    act_on,
    as_tensor,
    duplicate,
    leaves,
    like,
    move,
    rebuild,
    same,
    touched,
)

A, B = torch.arange(3.0), torch.arange(4)
Pair = namedtuple("Pair", "x edges")


@dataclass(frozen=True)
class Checked:
    x: torch.Tensor
    edges: torch.Tensor
    name: str = "a"
    seen: int = field(default=0, init=False)

    def __post_init__(self):
        if self.x.ndim != 1:
            raise ValueError("x must have one axis")


def graph():
    from torch_geometric.data import Data

    return Data(x=A, edges=B)


CONTAINERS = {
    "tuple": ((A, B), ["[0]", "[1]"]),
    "list": ([A, [B]], ["[0]", "[1][0]"]),
    "dict": ({"x": A, 1: {"e": B}}, ["['x']", "[1]['e']"]),
    "ordered": (OrderedDict(x=A, e=B), ["['x']", "['e']"]),
    "read only": (MappingProxyType({"x": A, "e": B}), ["['x']", "['e']"]),
    "named tuple": (Pair(A, B), [".x", ".edges"]),
    "dataclass": (Checked(A, B), [".x", ".edges", ".name"]),
    "object": (SimpleNamespace(x=A, e=B), [".x", ".e"]),
    "returned by torch": (torch.max(A[:, None] * B, 0), ["[0]", "[1]"]),
    "graph": (graph(), [".x", ".edges"]),
}


@pytest.mark.parametrize("name", CONTAINERS)
def test_what_a_container_holds(name):
    x, names = CONTAINERS[name]
    assert [inner for inner, _ in leaves(x)] == names
    assert leaves(x, "here")[0][0] == "here" + names[0]
    doubled = rebuild(lambda v: v * 2 if isinstance(v, torch.Tensor) else v, x)
    assert type(doubled) is (type(x) if name != "read only" else dict)
    for (_, one), (_, other) in zip(leaves(x), leaves(doubled)):
        assert torch.equal(2 * one, other) if isinstance(one, torch.Tensor) else one == other
    assert same(x, x)
    assert not same(x, doubled)


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_duplicate_has_its_own_tensors(name):
    x, _ = CONTAINERS[name]
    kept, copy = duplicate(x), duplicate(x)
    for _, leaf in leaves(copy):
        if isinstance(leaf, torch.Tensor):
            leaf.add_(1)
    assert same(x, kept)
    assert not same(x, copy)


def test_duplicates_of_what_requires_a_gradient():
    x = torch.ones(3, requires_grad=True)
    copy = duplicate({"x": 2 * x, "y": A})
    assert copy["x"].is_leaf
    assert copy["x"].requires_grad
    assert not copy["y"].requires_grad


def test_the_checks_of_a_dataclass_are_made_again():
    with pytest.raises(ValueError, match="x must have one axis"):
        rebuild(lambda v: v[None] if isinstance(v, torch.Tensor) else v, Checked(A, B))


def test_a_module_is_no_container():
    layer = torch.nn.Linear(2, 2)
    assert leaves(layer) == [("", layer)]
    assert duplicate(layer) is layer


def test_values_that_agree():
    nan = torch.tensor([1.0, torch.nan])
    assert same([nan, "a", None, 3], [nan.clone(), "a", None, 3])
    for a, b in (
        ([A], (A, A)),
        ({"x": A}, {"y": A}),
        (A, A.double()),
        (A, A[:2]),
        (3, 3.0),
        ("a", "b"),
        (None, A),
        (A, A.numpy()),
    ):
        assert not same([a], [b]) or isinstance(b, np.ndarray)


@pytest.mark.parametrize(
    "leaf",
    [A, A.numpy(), np.float32(2.5), 2.5, 3, True, 1 + 2j, np.int64(3), A.to_sparse()],
)  # fmt: skip
def test_leaves_as_tensors_and_back(leaf):
    x = as_tensor(leaf)
    assert x.layout == torch.strided
    back = like(leaf, x.clone())
    assert type(back) is type(leaf)
    assert same(as_tensor(back), x)


def test_what_is_no_number_is_no_tensor():
    assert all(as_tensor(x) is None for x in ("a", None, np.array(["a"]), object()))


def double(g, x):
    return {"x": 2 * x["x"], "e": x["e"]} if isinstance(x, dict) else g * x


def test_actions_stand_as_what_they_move():
    x = {"x": A, "e": (B, B)}
    moved = act_on(3, x, {"x": double, "e": (None, double)})
    assert same(moved, {"x": 3 * A, "e": (B, 3 * B)})
    assert same(act_on(3, [A, A], (double, None)), [3 * A, A])
    assert same(act_on(3, Pair(A, B), {"x": double, "edges": None}), Pair(3 * A, B))
    assert same(act_on(3, x, None), x)
    assert move(2, (A, B), (double, None))[1] is not B


@pytest.mark.parametrize(
    ("x", "acts", "message"),
    [
        ({"x": A}, {"y": double}, r"actions must be given for \['x'\], got \['y'\]"),
        ([A, A], [double], "actions must be given for 2 parts, got 1"),
        (A, [double], "actions must be callable, None, or nested as what they move, got list"),
        (A, "shift", "actions must be callable.* got str for Tensor"),
        ([A], lambda g, x: x.roll(1), "given a whole list and failed .'list' object has no"),
    ],
)
def test_actions_that_do_not_fit(x, acts, message):
    with pytest.raises(ValueError, match=message):
        act_on(1, x, acts)


def test_errors_of_an_action_on_a_tensor_are_its_own():
    with pytest.raises(AttributeError):
        act_on(1, A, lambda g, x: x.nothing)


def test_what_an_action_touches():
    x, acts = ({"x": A, "e": B}, A), (lambda g, v: {"x": g * v["x"], "e": v["e"]}, None)
    moved = [move(g, x, acts) for g in (1, 2)]
    assert touched(x, acts, moved) == [True, False, False]
    trivial = (lambda g, v: v, None)  # it moves nothing, and yet it is an action
    assert touched(x, trivial, [move(2, x, trivial)]) == [True, True, False]
    each = ({"x": None, "e": lambda g, v: g * v}, lambda g, v: v)
    assert touched(x, each, [move(2, x, each)]) == [False, True, True]


def test_nests_of_different_forms():
    with pytest.raises(ValueError, match="values must be nested alike, got list"):
        rebuild(lambda p, q: p, [A, B], [A])
