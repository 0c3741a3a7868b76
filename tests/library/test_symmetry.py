"""The measuring instruments: what they must measure, and what they must refuse."""

import math
from dataclasses import dataclass

import pytest
import torch
from torch import nn

from gdl_utils import audit, check_action, check_group, equivariance_error
from gdl_utils.blueprint import Blueprint, Stage
from gdl_utils.grids.actions import Translations, coarse_shift, shift
from gdl_utils.groups.elements import Cyclic

X = torch.randn(2, 1, 8, 8, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
GROUP = Translations((8, 8))


def measure(f, x=X, act_in=shift, act_out=shift, group=GROUP, **how):
    return equivariance_error(f, group, act_in, act_out, x, **how)


class OneRow(nn.Module):
    """Adds c to one pixel: the error must be c over the rms of the map, whatever its size."""

    def __init__(self, c):
        super().__init__()
        self.c = c

    def forward(self, x):
        bump = torch.zeros_like(x)
        bump[..., 0, 0] = self.c
        return x + bump


def test_hand_computed_error():
    signs = torch.tensor([1.0, -1, 1, -1], dtype=torch.float64)  # rms 1
    f = lambda x: x + torch.tensor([0.5, 0, 0, 0], dtype=x.dtype)  # noqa: E731
    error = equivariance_error(f, Translations((4,)), shift, shift, signs, n=50)
    largest = 0.5 / math.sqrt((1.5**2 + 3) / 4)
    assert error == pytest.approx(largest)


def test_exact_symmetry_is_zero_and_none_is_large():
    assert measure(torch.sin) == 0
    assert measure(lambda x: x.cumsum(-1)) > 0.1


def test_a_border_error_is_not_diluted_by_a_large_image():
    errors = []
    for n in (8, 64):
        x = torch.randn(1, 1, n, n, generator=torch.Generator().manual_seed(0))
        errors.append(measure(OneRow(5.0), x=x, group=Translations((n, n))))
    assert errors[1] > errors[0] > 3


def test_a_large_invariant_output_does_not_hide_a_broken_one():
    f = lambda x: (1e9 + x.sum(), x.cumsum(-1))  # noqa: E731
    assert measure(f, act_out=(None, shift)) > 0.1


def test_each_argument_has_its_own_action():
    where = torch.zeros(8, 8, dtype=torch.float64)
    where[2, 3] = 1.0
    f = lambda x, mask: x * mask  # noqa: E731
    assert equivariance_error(f, GROUP, (shift, shift), shift, (X, where)) == 0
    assert equivariance_error(f, GROUP, (shift, None), shift, (X, where)) > 0.1


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_non_finite_outputs_are_infinitely_wrong(bad):
    f = lambda x: torch.where(x > 1, bad, x)  # noqa: E731
    assert measure(f) == math.inf
    assert measure(lambda x: x * math.nan) == math.inf


@pytest.mark.parametrize(
    ("f", "how", "message"),
    [
        (lambda x: 0 * x, {}, "output 0 is zero everywhere"),
        (lambda x: torch.ones(3), {"act_out": None}, "output 0 does not depend on the inputs"),
        (lambda x: (x, torch.ones(3)), {"act_out": (shift, None)}, "output 1 does not depend"),
        (lambda x: x + torch.rand(()), {}, "f must be deterministic"),
        (lambda x: x, {"act_in": (shift, shift)}, "acts_in must give one action for each of 1"),
        (lambda x: x, {"act_out": (None, None)}, "acts_out must give one action for each of 1"),
        (lambda x: x, {"act_out": lambda g, y: y[0]}, "output 0 must keep its shape"),
        (lambda x: "no tensor", {}, "f must return tensors, got str"),
        (lambda x: x[:0], {}, "got an empty output 0"),
        (lambda x: x, {"n": 0}, "n must be at least 1, got 0"),
        (lambda x: x, {"x": torch.ones(1, 1, 8, 8)}, "inputs must be moved by the group"),
        (torch.sin, {"group": Translations((6, 8))}, "group must fit input 0: .* is not x"),
        (torch.sin, {"group": "shifts"}, "group must have the methods .* got str"),
        (nn.Sequential(nn.Dropout()), {}, "call f.eval"),
        (nn.Sequential(nn.BatchNorm2d(1).double()), {}, "layer '0' .BatchNorm2d. is training"),
    ],
)
def test_what_would_mean_nothing_is_refused(f, how, message):
    with pytest.raises(ValueError, match=message):
        measure(f, **how)


def test_nothing_is_changed_by_measuring():
    layer = nn.BatchNorm2d(1).double().eval()
    before = {k: v.clone() for k, v in layer.state_dict().items()}
    measure(layer)
    assert all(torch.equal(before[k], v) for k, v in layer.state_dict().items())
    assert not layer.training


def test_same_seed_same_error():
    f = lambda x: x.cumsum(-1).cumsum(-2)  # noqa: E731
    assert measure(f, n=1, seed=3) == measure(f, n=1, seed=3) != measure(f, n=1, seed=4)


def test_check_action_refuses_and_measures():
    assert check_action(shift, GROUP, X) == 0
    assert check_action(lambda g, x: x + 1, GROUP, X) > 0.1  # e·x is not x
    assert check_action(lambda g, x: x * math.nan, GROUP, X) == math.inf
    with pytest.raises(ValueError, match="e·x must keep its shape"):
        check_action(lambda g, x: x[0], GROUP, X)


@dataclass(frozen=True)
class Broken(Cyclic):
    """Subtraction is no group law: it is not associative."""

    def compose(self, g, h):
        return (g - h) % self.n


def test_check_group_catches_a_law_that_fails():
    assert check_group(Cyclic(5)) == 0
    assert check_group(Broken(5)) >= 1
    with pytest.raises(ValueError, match="n must be at least 1"):
        check_group(Cyclic(5), n=-1)


@dataclass(frozen=True)
class TwoForms(Cyclic):
    def compose(self, g, h):
        return (g, h)


def test_check_group_refuses_elements_of_two_forms():
    with pytest.raises(ValueError, match="elements must have one"):
        check_group(TwoForms(5))


def test_audit_names_the_stage_that_loses_the_symmetry():
    network = Blueprint(
        Stage("sin", "σ", torch.sin, shift),
        Stage("keep half", "P", lambda x: x[..., ::2, ::2], coarse_shift(2)),
        Stage("cumsum", "", lambda x: x.cumsum(-1), coarse_shift(2)),
        Stage("mean", "A", lambda x: x.mean((-2, -1))),
    )
    rows = audit(network, Translations((8, 8), 2), shift, X)
    assert [row.stage for row in rows] == ["sin", "keep half", "cumsum", "mean"]
    assert [row.role for row in rows] == ["σ", "P", "", "A"]
    assert [row.error < 1e-10 for row in rows] == [True, True, False, False]


@dataclass(frozen=True)
class NotANumber(Cyclic):
    def compose(self, g, h):
        return math.nan


def test_check_group_does_not_overlook_nan():
    assert check_group(NotANumber(5)) == math.inf


def test_the_elements_are_those_that_the_seed_draws():
    """A loop written by hand, with the same seed, sees the same elements."""
    f = lambda x: x.cumsum(-1)  # noqa: E731
    rng, worst = torch.Generator().manual_seed(7), 0.0
    for _ in range(3):
        g = GROUP.sample(rng)
        one, other = f(shift(g, X)), shift(g, f(X))
        worst = max(worst, float((one - other).abs().max() / other.square().mean().sqrt()))
    assert measure(f, n=3, seed=7) == pytest.approx(worst, rel=1e-12)
