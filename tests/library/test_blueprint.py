"""The blueprint runs its stages in order, keeps each module once, and refuses what is none."""

import copy
import functools
import io
import pickle

import pytest
import torch
from torch import nn

from gdl_utils.blueprint import Blueprint, Stage
from gdl_utils.grids.actions import coarse_shift, shift


def doubled(x, amount):
    return x * amount


def two_layers():
    """A network whose functions can be found by name."""
    return Blueprint(
        Stage("linear", "B", nn.Linear(3, 2), shift),
        Stage("relu", "σ", torch.relu, shift),
        Stage("again", "B", nn.Linear(2, 2), shift),
    )


class HoldsALambda:
    def __init__(self):
        self.function = lambda x: x

    def __call__(self, x):
        return self.function(x)


X = torch.randn(5, 3, generator=torch.Generator().manual_seed(0))


def test_stages_run_in_sequence_and_structure_goes_where_it_is_wanted():
    network = Blueprint(
        Stage("add", "B", lambda x: x + 1),
        Stage("times", "P", doubled, structured=True),
    )
    assert network(torch.tensor(2.0), 10) == 30
    assert network.prefix(1)(torch.tensor(2.0), 10) == 3
    assert network.stages[1].module is doubled


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


# ------------------------------------------------------------------------- each module once


def test_a_replaced_layer_is_the_one_that_runs():
    network = two_layers()
    new = nn.Linear(3, 2)
    network.layers[0] = new
    expected = network.layers[2](torch.relu(new(X)))
    assert torch.equal(network(X), expected)
    assert network.stages[0].module is new
    assert torch.equal(network.prefix(1)(X), new(X))
    network.layers[1] = nn.Tanh()  # a function becomes a module
    assert torch.equal(network(X), network.layers[2](new(X).tanh()))
    assert network.stages[1].role == "σ"


def test_a_layer_replaced_through_its_parent_runs_too():
    network = Blueprint(Stage("two", "B", nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 2))))
    network.layers[0][1] = nn.Linear(3, 4)
    assert network(X).shape == (5, 4)


def test_no_parameter_is_there_twice():
    network = two_layers()
    assert list(network.state_dict()) == [
        "layers.0.weight", "layers.0.bias", "layers.2.weight", "layers.2.bias",
    ]  # fmt: skip
    assert len(list(network.parameters())) == len(network.state_dict()) == 4
    linear = nn.Linear(3, 3)
    tied = Blueprint(Stage("one", "B", linear), Stage("two", "B", linear))
    assert len(list(tied.parameters())) == 2


def test_a_state_dict_goes_round():
    one, other = two_layers(), two_layers()
    assert not torch.equal(one(X), other(X))
    other.load_state_dict(one.state_dict())
    assert torch.equal(one(X), other(X))
    with torch.device("meta"):
        empty = two_layers()
    empty = empty.to_empty(device="cpu")
    empty.load_state_dict(one.state_dict())
    assert torch.equal(one(X), empty(X))


@pytest.mark.parametrize("twin", [copy.deepcopy, lambda n: pickle.loads(pickle.dumps(n))])
def test_copies_are_independent(twin):
    network = two_layers()
    other = twin(network)
    assert torch.equal(other(X), network(X))
    assert [s.name for s in other.stages] == ["linear", "relu", "again"]
    assert other.stages[0].act is shift
    with torch.no_grad():
        other.layers[2].bias.add_(1)
    assert not torch.equal(other(X), network(X))
    assert next(other.parameters()) is not next(network.parameters())


def test_a_whole_network_is_saved_and_loaded():
    file, network = io.BytesIO(), two_layers()
    torch.save(network, file)
    file.seek(0)
    assert torch.equal(torch.load(file, weights_only=False)(X), network(X))


def test_a_copy_with_functions_of_no_name():
    network = Blueprint(Stage("add", "B", lambda x: x + 1, coarse_shift(2)))
    assert copy.deepcopy(network)(X).equal(X + 1)
    assert copy.copy(network)(X).equal(X + 1)


@pytest.mark.parametrize(
    ("stage", "message"),
    [
        (Stage("add", "B", lambda x: x + 1), "the module of stage 'add' is .*<lambda>"),
        (Stage("id", "B", nn.Identity(), coarse_shift(2)), "the action of stage 'id' is coarse_s"),
        (Stage("id", "B", functools.partial(lambda x: x)), "the module of stage 'id' is"),
        (Stage("id", "B", HoldsALambda()), "the module of stage 'id' cannot .*<lambda>"),
        (Stage("id", "B", nn.Identity(), HoldsALambda()), "the action of stage 'id' cannot"),
    ],
)
def test_what_cannot_be_pickled_says_why(stage, message):
    with pytest.raises(ValueError, match=rf"{message}.*save its state_dict"):
        pickle.dumps(Blueprint(stage))


def test_it_moves_and_compiles():
    network = two_layers().double()
    assert network(X.double()).dtype == torch.float64
    assert network.to("meta")(X.double().to("meta")).device.type == "meta"
    network = two_layers()
    for whole in (False, True):
        compiled = torch.compile(network, backend="eager", fullgraph=whole)
        torch.testing.assert_close(compiled(X), network(X))


def test_layers_and_stages_must_fit():
    network = two_layers()
    network.layers.append(nn.Tanh())
    with pytest.raises(ValueError, match="one module for each of 3 stages, got 4"):
        network(X)
    del network.layers[2:]
    with pytest.raises(ValueError, match="one module for each of 3 stages, got 2"):
        network.stages
    network = two_layers()
    network.layers[1] = None
    with pytest.raises(ValueError, match="layers must hold modules, got None for stage 'relu'"):
        network(X)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Stage("x", "Q", torch.relu), "role must be one of .* got 'Q'"),
        (lambda: Stage("x", "σ", nn.ReLU), r"got the class ReLU: write ReLU\(...\)"),
        (lambda: Stage("x", "σ", "relu"), "module must be a module or a function, got 'relu'"),
        (lambda: Blueprint(), "at least one Stage"),
        (lambda: Blueprint(nn.ReLU()), "must be of type Stage, got ReLU"),
        (lambda: Blueprint(Stage("x", "σ", torch.relu)).prefix(2), "k must be between 1 and 1"),
        (lambda: Blueprint(Stage("x", "σ", torch.relu)).prefix(0), "got 0"),
        (lambda: Blueprint(Stage("x", "σ", torch.relu)).prefix(1.0), "k must be a whole number"),
        (lambda: Stage("x", "σ", torch.relu, Blueprint), "act must be an action .* got <class"),
        (lambda: Stage("x", "σ", torch.relu, 3), r"act must be an action \(g, x\).* got 3"),
    ],
)
def test_bad_input(make, message):
    with pytest.raises(ValueError, match=message):
        make()
