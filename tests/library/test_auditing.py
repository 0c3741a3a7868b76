"""The audit: a row for each stage, a pass for each element, and the name of a stage that fails."""

import pytest
import torch
from torch import nn

from gdl_utils import audit, equivariance_error
from gdl_utils.blueprint import Blueprint, Stage
from gdl_utils.graphs.actions import Permutations, relabel, relabel_edges
from gdl_utils.graphs.layers import GraphConv
from gdl_utils.grids.actions import Translations, coarse_shift, shift
from gdl_utils.grids.layers import CircularConv2d

X = torch.randn(2, 1, 8, 8, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
GROUP = Translations((8, 8))


def half_broken():
    return Blueprint(
        Stage("sin", "σ", torch.sin, shift),
        Stage("keep half", "P", lambda x: x[..., ::2, ::2], coarse_shift(2)),
        Stage("cumsum", "", lambda x: x.cumsum(-1), coarse_shift(2)),
        Stage("mean", "A", lambda x: x.mean((-2, -1))),
    )


def test_audit_names_the_stage_that_loses_the_symmetry():
    rows = audit(half_broken(), Translations((8, 8), 2), shift, X)
    assert [row.stage for row in rows] == ["sin", "keep half", "cumsum", "mean"]
    assert [row.role for row in rows] == ["σ", "P", "", "A"]
    assert [row.error < 1e-10 for row in rows] == [True, True, False, False]


def test_each_row_is_the_error_of_the_stages_so_far():
    network, group = half_broken(), Translations((8, 8), 2)
    other = lambda rng: torch.randn(X.shape, generator=rng, dtype=torch.float64)  # noqa: E731
    for row, k in zip(audit(network, group, shift, X, n=4, seed=3, redraw=other), range(1, 5)):
        act = network.stages[k - 1].act
        alone = equivariance_error(
            network.prefix(k), group, shift, act, X, n=4, seed=3, redraw=other
        )
        assert row.error == pytest.approx(alone, rel=1e-9, abs=1e-12)


def test_structure_goes_where_it_is_wanted():
    network = Blueprint(
        Stage("friends", "B", GraphConv(3, 4), relabel, structured=True),
        Stage("first", "A", lambda x: x[0]),
    ).double()
    edges, x = torch.tensor([[0, 1, 2], [1, 2, 3]]), torch.randn(5, 3).double()
    rows = audit(network, Permutations(5), (relabel, relabel_edges), (x, edges))
    assert rows[0].error < 1e-10 < rows[1].error


class Counted(nn.Module):
    calls = 0

    def forward(self, x):
        Counted.calls += 1
        return x.sin()


@pytest.mark.parametrize("stages", [1, 9])
def test_every_stage_runs_once_an_element(stages):
    layers = nn.Sequential(Counted(), *(nn.Tanh() for _ in range(stages - 1)))
    Counted.calls = 0
    audit(layers, GROUP, shift, X, n=8)
    assert Counted.calls <= 8 + 4  # not once more for each stage behind it


def test_the_channels_of_one_action_are_found_once():
    """The group's actions may cost more than the network: a form that comes again is known."""
    calls = []

    def counted(g, x):
        calls.append(x.shape)
        return shift(g, x)

    for stages in (1, 9):
        calls.clear()
        audit(nn.Sequential(*(nn.Tanh() for _ in range(stages))), GROUP, counted, X, n=8)
        assert len(calls) <= 70 + 10 * stages


# ------------------------------------------------------------------------------- plain sequences


def plain(pooled=True):
    conv = nn.Conv2d(1, 2, 3, padding=1, padding_mode="circular")
    last = [nn.AdaptiveAvgPool2d(1), nn.Flatten()] if pooled else []
    return nn.Sequential(conv, nn.ReLU(inplace=True), *last).double()


def test_a_plain_sequence_moves_as_its_input_does():
    for acts_out in (None, [shift, shift, shift, None]):
        rows = audit(plain(), GROUP, shift, X, acts_out=acts_out)
        assert [row.stage for row in rows] == [
            "0 Conv2d", "1 ReLU", "2 AdaptiveAvgPool2d", "3 Flatten",
        ]  # fmt: skip
        assert all(row.error < 1e-10 and row.role == "" for row in rows)
    network = plain()
    network.insert(2, nn.Conv2d(2, 2, 3, padding=1).double())
    assert [row.error < 1e-10 for row in audit(network, GROUP, shift, X)] == [True] * 2 + [
        False
    ] * 3


def test_one_module_in_two_places():
    twice = CircularConv2d(1, 1, 3).double()
    rows = audit(nn.Sequential(twice, nn.ReLU(), twice), GROUP, shift, (X,))
    assert [row.stage for row in rows] == ["0 CircularConv2d", "1 ReLU", "2 CircularConv2d"]


def test_a_later_stage_that_works_in_place_does_not_change_a_row():
    network = nn.Sequential(nn.Tanh(), nn.ReLU(inplace=True))
    halved = [lambda g, y: shift(g, y), lambda g, y: shift(g, y)]
    assert [row.error for row in audit(network, GROUP, shift, X, acts_out=halved)] == [0, 0]
    seen = audit(nn.Sequential(nn.Identity(), nn.ReLU(inplace=True)), GROUP, shift, X)
    assert [row.error for row in seen] == [0, 0]


# ------------------------------------------------------------------------------------- refusals


class Times(nn.Module):
    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def forward(self, x):
        return x * self.factor


@pytest.mark.parametrize(
    ("network", "how", "message"),
    [
        (nn.Sequential(nn.Tanh(), Times(0), nn.Tanh()), {}, "stage 1, '1 Times', is zero every"),
        (
            Blueprint(Stage("a", "σ", torch.sin, shift), Stage("b", "", lambda x: x * 0 + 2)),
            {},
            "stage 1, 'b', does not depend on the inputs",
        ),
        (
            Blueprint(*(Stage("same", "", Times(k), shift) for k in (1, 0))),
            {},
            "stage 1, 'same', is zero everywhere",
        ),
        (nn.Sequential(nn.Tanh(), nn.BatchNorm2d(1)), {}, "layer '1' .BatchNorm2d. is training"),
        (nn.Linear(3, 3), {}, "network must be a Blueprint or an nn.Sequential .* got Linear"),
        (nn.Sequential(), {}, "with at least one module, got Sequential"),
        (nn.Sequential, {}, "with at least one module, got type"),
        (half_broken(), {"acts_out": [shift] * 4}, "acts_out is for nn.Sequential"),
        (plain(), {"acts_out": [shift]}, "one action for each of 4 modules, got 1"),
        (nn.Sequential(nn.Unflatten(1, (1, 1))), {}, "none for 5 axes where the input has 4"),
        (nn.Sequential(nn.Tanh()), {"x": (X, X)}, "unless the input is a single tensor"),
        (plain(False), {"group": Translations}, "got the class Translations"),
        (plain(False), {"n": 0}, "n must be at least 1"),
        (plain(False), {"x": torch.ones(1, 1, 8, 8).double()}, "inputs must be moved"),
    ],
)
def test_bad_audits_are_refused(network, how, message):
    how = {"group": GROUP, "act_in": shift, "x": X} | how
    with pytest.raises(ValueError, match=message):
        audit(network, how.pop("group"), how.pop("act_in"), how.pop("x"), **how)


class Tilted(nn.Sequential):
    def forward(self, x):
        return super().forward(x) * torch.linspace(0, 1, 8).double()


class TiltedBlueprint(Blueprint):
    forward = Tilted.forward


def with_a_hook(register):
    network = nn.Sequential(nn.Tanh(), nn.Sigmoid())
    ramp = torch.linspace(0, 1, 8).double()
    getattr(network, register)(lambda module, x, *y: y[0] * ramp if y else (x[0] * ramp,))
    return network


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (Tilted(nn.Tanh()), "Tilted has a forward of its own"),
        (TiltedBlueprint(Stage("tanh", "σ", nn.Tanh(), shift)), "has a forward of its own"),
        (with_a_hook("register_forward_hook"), "this Sequential has a forward hook"),
        (with_a_hook("register_forward_pre_hook"), "this Sequential has a forward hook"),
    ],
)
def test_bad_networks_do_more_than_their_stages(network, message):
    """All stages keep the symmetry, the network does not: a list of stages would be a lie."""
    if isinstance(network, nn.Sequential):
        assert equivariance_error(network, GROUP, shift, shift, X) > 0.1
    with pytest.raises(ValueError, match=message):
        audit(network, GROUP, shift, X)


def test_a_hook_on_a_stage_is_audited():
    network = nn.Sequential(nn.Tanh(), nn.Sequential(nn.Sigmoid()))
    network[1].register_forward_hook(lambda module, x, y: y * torch.linspace(0, 1, 8).double())
    assert [row.error > 0.1 for row in audit(network, GROUP, shift, X)] == [False, True]


def test_a_bad_stage_is_named_when_it_fails():
    with pytest.raises(RuntimeError) as caught:
        audit(nn.Sequential(nn.Tanh(), nn.Linear(3, 3).double()), GROUP, shift, X)
    assert caught.value.__notes__ == ["This was raised in stage 1, '1 Linear', of the audit."]
    with pytest.raises(ValueError, match=r"acts_out must give one action .* got function"):
        audit(nn.Sequential(nn.Tanh()), GROUP, shift, X, acts_out=shift)


@pytest.mark.plain
def test_a_compiled_sequence():
    network = nn.Sequential(nn.Tanh(), CircularConv2d(1, 2, 3)).double()
    compiled = torch.compile(network, backend="eager")
    assert [row.error for row in audit(compiled, GROUP, shift, X)] == [0, 0]
