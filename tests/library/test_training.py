"""Training is repeatable, learns, and refuses what would train silently wrong."""

import pytest
import torch
from torch import nn

from gdl_utils.training import accuracy, count_parameters, fit, fit_steps, seeded, shuffled

X = torch.randn(200, 4, generator=torch.Generator().manual_seed(0))
Y = (X[:, 0] > 0).long()


def trained(seed=0, **how):
    with seeded(seed) as rng:
        model = nn.Linear(4, 2)
        losses = fit(model, X, Y, rng=rng, **{"epochs": 5, "batch": 32, "lr": 0.1} | how)
    return model, losses


def test_it_learns():
    model, losses = trained(epochs=20)
    assert losses[-1] < losses[0]
    assert accuracy(model, X, Y) >= 0.95
    assert not model.training


def test_same_seed_same_weights():
    (a, _), (b, _), (c, _) = trained(1), trained(1), trained(2)
    assert torch.equal(a.weight, b.weight)
    assert not torch.equal(a.weight, c.weight)


def test_seeded_leaves_the_global_state_alone():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    with seeded(0):
        torch.rand(7)
    assert torch.equal(torch.rand(3), expected)


def test_augmentation_sees_every_batch():
    sizes = []

    def note(x, rng):
        sizes.append(len(x))
        return x

    trained(augment=note, epochs=2, batch=150)
    assert sizes == [150, 50, 150, 50]


def test_accuracy_by_hand():
    model = nn.Identity().eval()
    logits = torch.tensor([[1.0, 0], [0, 1], [1, 0], [1, 0]])
    assert accuracy(model, logits, torch.tensor([0, 1, 1, 0]), batch=3) == 0.75


def test_count_parameters():
    assert count_parameters(nn.Linear(3, 2)) == 8
    assert count_parameters(nn.Linear(3, 2).requires_grad_(False)) == 0


@pytest.mark.parametrize(
    ("x", "y", "how", "message"),
    [
        (X, Y[:-1], {}, "one length >= 1, got 200 and 199"),
        (X[:0], Y[:0], {}, "got 0 and 0"),
        (X, Y.float(), {}, "int64, got .* torch.float32"),
        (X, Y[:, None], {}, r"y must be \(N,\)"),
        (X * torch.nan, Y, {}, "x must be finite"),
        (X, Y, {"epochs": 0}, "epochs and batch must be positive, got 0"),
        (X, Y, {"batch": 0}, "epochs and batch must be positive"),
    ],
)
def test_bad_input(x, y, how, message):
    with pytest.raises(ValueError, match=message):
        fit(nn.Linear(4, 2), x, y, rng=torch.Generator(), **how)


def test_steps_are_those_of_adam_and_one_cycle():
    """By hand, on one number: after one step Adam has moved it by the learning rate."""
    number = nn.Linear(1, 1, bias=False)
    with torch.no_grad():
        number.weight.fill_(3.0)
    first = torch.optim.lr_scheduler.OneCycleLR(
        torch.optim.Adam(number.parameters(), 0.5), 0.5, total_steps=4
    ).get_last_lr()[0]
    losses = fit_steps(number, lambda: number.weight.square().sum(), 4, lr=0.5)
    assert losses[:2] == pytest.approx([9.0, (3.0 - first) ** 2])
    assert not number.training


def test_every_sample_comes_once_an_epoch():
    order = shuffled(7, 3, torch.Generator().manual_seed(0))
    epochs = [[next(order) for _ in range(3)] for _ in range(2)]
    assert [len(batch) for batch in epochs[0]] == [3, 3, 1]
    first, second = (torch.cat(epoch).tolist() for epoch in epochs)
    assert sorted(first) == sorted(second) == list(range(7))
    assert first != second


@pytest.mark.parametrize(("count", "batch"), [(0, 1), (3, 0)])
def test_shuffled_needs_samples(count, batch):
    with pytest.raises(ValueError, match="must be positive"):
        next(shuffled(count, batch, torch.Generator()))


def test_steps_must_be_positive():
    with pytest.raises(ValueError, match="steps must be positive, got 0"):
        fit_steps(nn.Linear(1, 1), lambda: None, 0, lr=0.1)


def test_accuracy_refuses_training_mode():
    with pytest.raises(ValueError, match="evaluation mode"):
        accuracy(nn.Linear(4, 2), X, Y)


def test_divergence_is_reported():
    class Diverging(nn.Linear):
        def forward(self, x):
            return super().forward(x) / 0

    with pytest.raises(FloatingPointError, match="step 1"):
        fit(Diverging(4, 2), X, Y, rng=torch.Generator(), epochs=2)
