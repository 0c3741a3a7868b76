"""Other inputs, and how much the channels of an output vary between them."""

import pytest
import torch

from gdl_utils.measuring.channels import Channels
from gdl_utils.measuring.variation import DRAWS, Spread, other_inputs, rounding

RNG = torch.Generator().manual_seed(0)
X = torch.randn(6, 2, generator=RNG, dtype=torch.float64)
WHOLE = torch.arange(12).reshape(6, 2)
COLUMNS = Channels((None, torch.tensor([0, 1])))


def swap(x):
    return x.flip(0)


def drawn(x, acts, moved):
    rng = torch.Generator().manual_seed(0)
    stages, anywhere = other_inputs(x, acts, [moved], rng)
    return [list(stage) for stage in stages], None if anywhere is None else list(anywhere)


def test_the_spread_is_the_deviation_within_a_channel():
    x = 1e6 + torch.tensor([[0.0, 0], [2, 6]]).double()
    spread = Spread(x, COLUMNS, [10 * x] * 5)
    assert spread.scale.tolist() == pytest.approx([1, 3])
    assert spread.over((3, 2)).tolist() == [spread.scale.tolist()] * 3
    assert spread.varies


def test_entries_that_are_alike_but_for_a_trace_are_compared_with_draws():
    x = 1 + torch.tensor([[0.0, 0], [1e-8, 1e-6]]).double()
    scale = Spread(x, COLUMNS, [x + 2] * 5).scale.tolist()
    assert scale == pytest.approx([2, 5e-7])


def test_the_spread_of_what_is_alike_by_hand():
    x = torch.zeros(2, 2).double()
    others = [torch.tensor([[3.0, 0], [4, 0]]), torch.tensor([[0.0, 2], [0, 2]])]
    spread = Spread(x, COLUMNS, [o.double() for o in others])
    # column 0: rms (12.5 ** .5, 0), the lower median is 0, so the rms of both counts
    assert spread.scale.tolist() == pytest.approx([2.5, 2**0.5])


def test_one_wild_difference_does_not_decide():
    x = torch.zeros(1, 1).double()
    others = [torch.full((1, 1), v).double() for v in (1.0, 1.0, 1.0, 1.0, 1e9)]
    assert float(Spread(x, Channels((None, None)), others).scale) == pytest.approx(4)


def test_a_constant_is_no_spread_and_neither_is_noise():
    x = torch.full((50, 2), 1e6).double()
    x[:, 0] += torch.arange(50)
    still = Spread(x, COLUMNS, [x.clone()] * 5)
    assert not still.varies
    rounded = Spread(x, COLUMNS, [x * (1 + 1e-16)] * 5)
    assert not rounded.varies
    shaken = [x * (1 + 1e-12 * torch.rand(50, 2, generator=RNG, dtype=x.dtype)) for _ in range(6)]
    assert Spread(x, COLUMNS, shaken[:5]).varies
    assert not Spread(x, COLUMNS, shaken[:5], shaken[5]).varies  # f is as noisy as that


def test_what_never_varies_is_measured_beside_itself():
    x = torch.tensor([[2.0, 1, 0], [2, 1, 0]]).double()
    channels = Channels((None, torch.arange(3)))
    moved = x + torch.tensor([0.0, 3, 0])
    assert Spread(x, channels, [moved]).scale.tolist() == pytest.approx([2, 3, 3])
    assert Spread(0 * x, channels, []).scale.tolist() == [1, 1, 1]


def test_shapes_and_numbers_that_do_not_count():
    alike = torch.ones(6, 2).double()
    others = [alike[:3], alike * torch.nan, alike + 1]
    assert Spread(alike, COLUMNS, others).scale.tolist() == pytest.approx([1, 1])


def test_crossings_keep_the_range_and_leave_the_orbit():
    ((plain, scaled), anywhere) = drawn((X,), (swap,), (swap(X),))
    assert anywhere is None
    assert len(plain) == len(scaled) == DRAWS
    for (other,) in plain:
        assert ((other == X) | (other == swap(X))).all()
        assert not torch.equal(other.msort(), X.msort())
    for (other,) in scaled:
        factors = torch.minimum((other / X).abs(), (other / swap(X)).abs())
        assert other.abs().max() <= 1.5 * X.abs().max()
        assert factors.min() < 1


def test_integers_are_crossed_last():
    stages, anywhere = drawn((WHOLE,), (swap,), (swap(WHOLE),))
    assert anywhere is None
    assert len(stages) == 1
    assert all(((v == WHOLE) | (v == swap(WHOLE))).all() for (v,) in stages[0])
    two, _ = drawn((WHOLE, WHOLE), (swap, swap), (swap(WHOLE), swap(WHOLE)))
    for pair in two[0]:  # each as a whole, or not at all
        assert all(torch.equal(v, WHOLE) or torch.equal(v, swap(WHOLE)) for v in pair)
    assert len(two) == 2


def test_what_has_no_action_stays_except_anywhere():
    still = torch.arange(6.0)
    stages, anywhere = drawn((X, still), (swap, None), (swap(X), still))
    assert all(torch.equal(other[1], still) for stage in stages for other in stage)
    assert all(not torch.equal(other[1], still) for other in anywhere)
    assert all(torch.isin(other[1], still).all() for other in anywhere)


def test_complex_entries_are_crossed_in_both_parts():
    z = torch.randn(6, generator=RNG, dtype=torch.complex128)
    ((plain, _), _) = drawn((z,), (swap,), (swap(z),))
    for (other,) in plain:
        assert torch.isin(other.real, z.real).all()
        assert torch.isin(other.imag, z.imag).all()


def test_inputs_drawn_by_the_caller():
    rng = torch.Generator().manual_seed(0)
    draw = lambda rng: (torch.rand(2, generator=rng), torch.rand(2, generator=rng))  # noqa: E731
    x = (torch.zeros(2), torch.zeros(2))
    (stage,), anywhere = other_inputs(x, (swap, None), [x], rng, draw)
    for moved, still in stage:
        assert moved.any()
        assert not still.any()
    assert all(still.any() for _, still in anywhere)


def test_rounding_is_relative_to_the_type():
    assert rounding(torch.float64) == pytest.approx(3.55e-15, rel=1e-2)
    assert rounding(torch.complex64) == rounding(torch.float32)
    assert rounding(torch.int64) == 0
