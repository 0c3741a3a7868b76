"""The blueprint runs its stages in order, and refuses what is none."""

import pytest
import torch
from torch import nn

from gdl_utils.blueprint import Blueprint, Stage


def doubled(x, amount):
    return x * amount


def test_stages_run_in_sequence_and_structure_goes_where_it_is_wanted():
    network = Blueprint(
        Stage("add", "B", lambda x: x + 1),
        Stage("times", "P", doubled, structured=True),
    )
    assert network(torch.tensor(2.0), 10) == 30
    assert network.prefix(1)(torch.tensor(2.0), 10) == 3


def test_parameters_are_found_and_shared_with_prefixes():
    network = Blueprint(Stage("linear", "B", nn.Linear(3, 2)), Stage("relu", "σ", torch.relu))
    assert sum(p.numel() for p in network.parameters()) == 8
    assert next(network.prefix(1).parameters()) is next(network.parameters())
    assert "B  linear" in repr(network)


def test_a_prefix_leaves_modes_alone():
    frozen = nn.BatchNorm1d(3)
    network = Blueprint(Stage("norm", "B", frozen))
    frozen.eval()
    assert network.training
    assert network.prefix(1).training
    assert not frozen.training


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Stage("x", "Q", torch.relu), "role must be one of .* got 'Q'"),
        (lambda: Blueprint(), "at least one Stage"),
        (lambda: Blueprint(nn.ReLU()), "must be of type Stage, got ReLU"),
        (lambda: Blueprint(Stage("x", "σ", torch.relu)).prefix(2), "k must be between 1 and 1"),
        (lambda: Blueprint(Stage("x", "σ", torch.relu)).prefix(0), "got 0"),
    ],
)
def test_bad_input(make, message):
    with pytest.raises(ValueError, match=message):
        make()
