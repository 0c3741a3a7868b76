"""Every layer is a good module: it can be copied, stored, moved, batched, differentiated, compiled.

The layers are those of the contract's rows, each with the inputs that it meets there. What some
layer cannot do stands in ``EXCUSED``, with the reason; nothing else may fail, and what has an
excuse and needs none any more fails too.
"""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Callable
from typing import Any

import pytest
import torch
from contract.table import collect
from torch import nn
from torch.func import functional_call, grad, jacrev, jvp, stack_module_state, vmap

from gdl_utils.blueprint import Blueprint, _Function
from gdl_utils.gauges.networks import OddUnderReflection
from gdl_utils.gauges.transport import Connection
from gdl_utils.geodesics.layers import SurfaceOperators
from gdl_utils.graphs.relational import ComplEx
from gdl_utils.graphs.sparse import Adjacency
from gdl_utils.training import seeded

RNG = torch.Generator().manual_seed(0)
NO_LAYERS = (Blueprint, _Function)
"""What only holds the layers of others, or functions: ``test_blueprint.py`` tries them."""


def called(module: nn.Module, inputs: tuple) -> list[tuple[nn.Module, tuple]]:
    """The library's layers inside a module, and the arguments with which they are called."""
    calls = []
    for part in module.modules():
        if type(part).__module__.startswith("gdl_utils.") and not isinstance(part, NO_LAYERS):
            part.register_forward_pre_hook(lambda layer, args: calls.append((layer, args)))
    with torch.no_grad():
        module(*inputs)
    return [(copy.deepcopy(layer), args) for layer, args in calls]


def cases() -> dict[str, tuple[nn.Module, tuple]]:
    """Every kind of layer once, in double precision and evaluation mode."""
    found = {}
    for row in collect("ROWS").values():
        with seeded(1):
            module = row.make().double().eval()
        for layer, args in called(module, row.inputs):
            layer._forward_pre_hooks.clear()
            for part in layer.modules():
                part._forward_pre_hooks.clear()
            found.setdefault(" ".join(repr(layer).split()), (layer, args))
            if isinstance(args[-1], torch.Tensor) and args[-1].shape[0] == 2 and len(args) == 2:
                prepared = Adjacency(args[1], len(args[0]))
                found.setdefault(
                    f"{type(layer).__name__}, prepared edges", (layer, (args[0], prepared))
                )
    with seeded(1):
        numbers = torch.tensor([0, 3, 6]), torch.tensor([2, 0, 1]), torch.tensor([1, 3, 5])
        found["ComplEx"] = (ComplEx(7, 3, 2).double(), numbers)
    return found


CASES = cases()


EXCUSED = {  # a layer, and the tests that it fails
    "KGCN": (
        "its paths are buffers that only the knowledge graph can fill, and as many as these say",
        "emptied", "without_values", "change_there_and_back", "compiler",
    ),
    "BagOfSymptoms": (
        "torch has no batches of embedding bags, and positions are counted on the default device",
        "default_device", "by_transforms", "batches_of",
    ),
}  # fmt: skip


def excused(test: str) -> list[Any]:
    """All cases, those of a layer that fails this test marked as such."""
    found = []
    for name in CASES:
        reason, *tests = EXCUSED.get(name.partition("(")[0], ("",))
        fails = any(part in test for part in tests)
        marks = pytest.mark.xfail(strict=True, reason=reason) if fails else ()
        found.append(pytest.param(name, marks=marks, id=name))
    return found


def every_case(test: Callable) -> Callable:
    return pytest.mark.parametrize("name", excused(test.__name__))(test)


def case(name: str) -> tuple[nn.Module, tuple]:
    """A copy of the layer and its arguments, which have computed nothing yet."""
    layer, args = copy.deepcopy(CASES[name])
    return layer, tuple(forgetful(x) for x in args)


def forgetful(x):
    """A structure without what it has computed and kept."""
    if isinstance(x, SurfaceOperators):
        return dataclasses.replace(x, near=forgetful(x.near))
    if isinstance(x, Connection):
        return dataclasses.replace(x)
    return Adjacency(x.edge_index, x.n) if isinstance(x, Adjacency) else x


def is_signal(x) -> bool:
    return isinstance(x, torch.Tensor) and x.is_floating_point()


def moved(args: tuple, device: str = "cpu", dtype: torch.dtype = torch.float64) -> tuple:
    """All arguments on a device and of a type; whole numbers keep theirs."""
    result = []
    for x in args:
        if isinstance(x, torch.Tensor):
            result.append(x.to(device, dtype if x.is_floating_point() else x.dtype))
        else:
            result.append(x.to(device, dtype) if hasattr(x, "to") else x)
    return tuple(result)


def distance(a: torch.Tensor, b: torch.Tensor, size: float | None = None) -> float:
    a, b = a.detach().double(), b.detach().double()
    assert a.shape == b.shape
    return float((a - b).norm()) / max(1e-300, float(b.norm()) if size is None else size)


def size_of_terms(layer: nn.Module, args: tuple) -> float | None:
    """Of two nearly equal terms, if the layer returns the difference of these."""
    return (
        float(layer.network(*args).detach().norm())
        if isinstance(layer, OddUnderReflection)
        else None
    )


def garbage(x: torch.Tensor, **options) -> torch.Tensor:
    """What memory may hold that was only asked for: NaN, and the largest numbers."""
    return torch.full_like(
        x, torch.nan if x.is_floating_point() else torch.iinfo(x.dtype).max, **options
    )


def test_a_deep_copy_is_equal_and_its_own():
    for name in CASES:
        layer, args = case(name)
        twin, y = copy.deepcopy(layer), layer(*args)
        assert torch.equal(twin(*copy.deepcopy(args)), y), name
        for parameter in twin.parameters():
            parameter.data.fill_(torch.nan)
        assert torch.equal(layer(*args), y), name


@every_case
def test_a_pickled_layer_and_its_structure_come_back(name):
    layer, args = case(name)
    again, its_args = pickle.loads(pickle.dumps((layer, args)))
    assert torch.equal(again(*its_args), layer(*args))


@every_case
def test_an_emptied_layer_is_filled_by_a_state_dict(name, monkeypatch):
    layer, args = case(name)
    y = layer(*args)
    monkeypatch.setattr(torch, "empty_like", garbage)
    blank = copy.deepcopy(layer).to("meta").to_empty(device="cpu")
    monkeypatch.undo()
    assert all(x.isnan().all() for x in blank.parameters())
    blank.load_state_dict(layer.state_dict())
    assert torch.equal(blank(*args), y)


@every_case
def test_shapes_and_types_are_known_without_values(name):
    layer, args = case(name)
    y = layer(*args)
    shadow = layer.to("meta")(*moved(args, "meta"))
    assert shadow.is_meta
    assert shadow.shape == y.shape
    assert shadow.dtype == y.dtype


@every_case
def test_nothing_is_born_on_the_default_device(name):
    layer, args = case(name)
    y = layer(*args)
    with torch.device("meta"):
        assert torch.equal(layer(*args), y)


@every_case
def test_types_change_there_and_back(name):
    layer, args = case(name)
    y = layer(*args)
    single = copy.deepcopy(layer).float()(*moved(args, dtype=torch.float32))
    assert single.dtype == torch.float32
    assert distance(single, y) <= 1e-5
    back = copy.deepcopy(layer).half().double()
    back.load_state_dict(layer.state_dict())
    assert torch.equal(back(*moved(args, dtype=torch.float64)), y)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@every_case
def test_half_precision(name, dtype):
    layer, args = case(name)
    y = layer(*args)
    size = size_of_terms(layer, args)
    low = layer.to(dtype)(*moved(args, dtype=dtype))
    assert low.dtype == dtype
    assert distance(low, y, size) <= 0.02


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@every_case
def test_autocast_forward_and_backward(name, dtype):
    layer, args = case(name)
    layer, args = layer.float(), moved(args, dtype=torch.float32)
    wanted = [*layer.parameters(), *(x.requires_grad_() for x in args if is_signal(x))]
    y = layer(*args)
    expected = torch.autograd.grad(y.sin().sum(), wanted, materialize_grads=True)
    with torch.autocast("cpu", dtype):
        low = layer(*args)
        loss = low.float().sin().sum()
    assert distance(low, y, size_of_terms(layer, args)) <= 0.02
    found = torch.autograd.grad(loss, wanted, materialize_grads=True)
    for ours, theirs in zip(found, expected):
        assert ours.dtype == torch.float32
        if not isinstance(
            layer, OddUnderReflection
        ):  # here, too, a small difference of two large terms
            assert distance(ours, theirs) <= 0.05 or theirs.abs().max() < 1e-3


def as_function(name: str):
    """The layer as a function of its parameters and its first signal, and both."""
    layer, args = case(name)
    k = next((k for k, x in enumerate(args) if is_signal(x)), None)
    parameters = {key: value.detach() for key, value in layer.named_parameters()}

    def function(parameters, x):
        given = args if k is None else (*args[:k], x, *args[k + 1 :])
        return functional_call(layer, parameters, given)

    return function, parameters, None if k is None else args[k]


def projected(name: str):
    """The same, with three numbers as its result."""
    function, parameters, x = as_function(name)
    y = function(parameters, x)
    rows = torch.randn(3, y.numel(), generator=RNG, dtype=torch.float64)
    return lambda p, x: rows @ function(p, x).flatten(), parameters, x


@every_case
def test_derivatives_by_transforms_are_those_by_autograd(name):
    function, parameters, x = projected(name)
    leaves = {k: v.clone().requires_grad_() for k, v in parameters.items()}
    wanted = [*leaves.values()] + ([] if x is None else [x.requires_grad_()])
    if not wanted:
        return
    y = function(leaves, x)
    rows = [
        torch.autograd.grad(part, wanted, retain_graph=True, materialize_grads=True) for part in y
    ]
    expected = [torch.stack(column) for column in zip(*rows)]
    of, x = ((0,), None) if x is None else ((0, 1), x.detach())
    found = jacrev(function, argnums=of)(parameters, x)
    found = [*found[0].values(), *found[1:]]
    for ours, theirs in zip(found, expected):
        torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-9)
    changes = [torch.randn(p.shape, generator=RNG, dtype=torch.float64) for p in wanted]
    change = dict(zip(parameters, changes)), changes[-1]
    found = jvp(lambda p, x=x: function(p, x), (parameters, x)[: len(of)], change[: len(of)])[1]
    pairs = zip(expected, changes)
    torch.testing.assert_close(found, sum(a.reshape(3, -1) @ b.flatten() for a, b in pairs))


@every_case
def test_second_derivatives(name):
    function, parameters, x = projected(name)
    if x is None:
        return
    x = x.detach()

    def energy(x):
        return function(parameters, x).sin().sum()

    direction = torch.randn(x.shape, generator=RNG, dtype=torch.float64)
    leaf = x.clone().requires_grad_()
    (forces,) = torch.autograd.grad(energy(leaf), leaf, create_graph=True)
    (expected,) = torch.autograd.grad((forces * direction).sum(), leaf)
    found = jvp(grad(energy), (x,), (direction,))[1]
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9)
    step = 1e-5
    forces = [grad(energy)(x + s * direction) for s in (step, -step)]
    difference = (forces[0] - forces[1]) / (2 * step)
    torch.testing.assert_close(found, difference, rtol=1e-4, atol=1e-4)


@every_case
def test_batches_of_signals_and_of_networks(name):
    function, parameters, x = as_function(name)
    if x is not None:
        noise = torch.randn(3, *x.shape, generator=RNG, dtype=torch.float64)
        together = vmap(function, (None, 0))(parameters, x + 0.1 * noise)
        alone = torch.stack([function(parameters, y) for y in x + 0.1 * noise])
        torch.testing.assert_close(together, alone)
    layers = [case(name)[0] for _ in range(2)]
    if parameters:
        with torch.no_grad():
            for parameter in layers[1].parameters():
                parameter.mul_(0.5)
        stacked, _ = stack_module_state(layers)
        together = vmap(function, (0, None))(stacked, x)
        alone = [function(dict(layer.named_parameters()), x) for layer in layers]
        torch.testing.assert_close(together, torch.stack(alone))


@every_case
def test_what_was_kept_in_inference_mode_can_be_trained_with(name):
    layer, args = case(name)
    with torch.inference_mode():
        y = layer(*args)
    signals = [x.requires_grad_() for x in args if is_signal(x)]
    again = layer(*args)
    assert torch.equal(again, y)
    if signals or list(layer.parameters()):
        again.sum().backward()


@pytest.mark.plain
def test_each_whole_layer_is_one_graph_for_a_compiler():
    """All in one test, which has a process of its own."""
    complaints = {}
    for name in CASES:
        layer, args = case(name)
        torch.compiler.reset()
        try:
            y = torch.compile(layer, backend="eager", fullgraph=True)(*args)
            torch.testing.assert_close(y, layer(*args), rtol=1e-12, atol=1e-12)
        except Exception as error:
            complaints[name.partition("(")[0]] = f"{type(error).__name__} {error}"
    expected = {layer for layer, (_, *tests) in EXCUSED.items() if "compiler" in tests}
    assert complaints.keys() == expected, complaints
