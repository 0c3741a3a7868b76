"""What an action never mixes is a channel, in every layout of the course."""

import pytest
import torch

from gdl_utils.gauges.actions import Gauges, change_features
from gdl_utils.graphs.actions import Permutations, relabel, relabel_edges
from gdl_utils.grids.actions import Translations, coarse_fourier_shift, flattened, shift
from gdl_utils.groups.actions import act_on_group_signal, turn
from gdl_utils.groups.elements import Cyclic, Dihedral
from gdl_utils.groups.lattices import p4
from gdl_utils.measuring.channels import Channels, find_channels


def found(act, group, shape, dtype=torch.float64):
    rng = torch.Generator().manual_seed(1)
    elements, x = [group.sample(rng) for _ in range(6)], torch.ones(shape, dtype=dtype)
    elements = [g for g in elements if g != group.identity()] if group == Cyclic(2) else elements
    channels = find_channels(act, x, elements)
    return [None if v is None else v.tolist() for v in channels.labels]


def alone(g, x):
    return x


def turned_vectors(q, x):
    """Quarter turns of the plane's vectors: (x, y) beside a scalar, z."""
    c, s = [(1, 0), (0, 1), (-1, 0), (0, -1)][q]
    return torch.stack([c * x[:, 0] - s * x[:, 1], s * x[:, 0] + c * x[:, 1], x[:, 2]], 1)


EACH = list(range(3))


@pytest.mark.parametrize(
    ("act", "group", "shape", "labels"),
    [
        (shift, Translations((8, 8)), (2, 3, 8, 8), [None, EACH, None, None]),  # grids
        (shift, Translations((8, 8)), (2, 1, 8, 8), [[0, 1], None, None, None]),
        (shift, Translations((8, 8)), (3, 8, 8), [EACH, None, None]),
        (shift, Translations((8, 8)), (8, 8), [None, None]),
        (coarse_fourier_shift(2), Translations((9, 9)), (2, 3, 9, 9), [None, EACH, None, None]),
        (flattened(shift, (3, 8, 8)), Translations((8, 8)), (2, 192), [[0, 1], None]),
        (act_on_group_signal(p4(8)), p4(8), (2, 3, 4, 8, 8), [None, EACH, None, None, None]),
        (relabel, Permutations(7), (7, 3), [None, EACH]),  # graphs, meshes
        (relabel, Permutations(200), (200, 3), [None, EACH]),
        (lambda g, x: relabel(g, x.transpose(0, 1)).transpose(0, 1), Permutations(7), (2, 7, 3),
         [None, None, EACH]),
        (change_features, Gauges(7), (7, 3, 5), [None, EACH, [0, 1, 1, 2, 2]]),  # gauge fields
        (change_features, Gauges(7), (7, 1, 1), [[0, 1, 2, 3, 4, 5, 6], None, None]),
        (turned_vectors, Cyclic(4), (7, 3), [None, [0, 0, 1]]),
        (alone, Cyclic(4), (2, 3), [None, EACH]),  # invariants
        (alone, Cyclic(4), (3,), [EACH]),
        (alone, Cyclic(4), (), []),
    ],
)  # fmt: skip
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_channels_of_every_layout(act, group, shape, labels, dtype):
    assert found(act, group, shape, dtype) == labels


def test_complex_numbers_and_integers():
    assert found(shift, Translations((8,)), (3, 8), torch.complex64) == [EACH, None]
    edges = torch.tensor([[0, 1, 2, 3], [1, 2, 3, 4]])
    elements = [Permutations(5).sample(torch.Generator().manual_seed(k)) for k in range(3)]
    assert find_channels(relabel_edges, edges, elements).labels[0] is None


def test_actions_that_change_the_shape_or_fail_have_one_channel():
    assert found(turn, Cyclic(4), (2, 3, 4, 6)) == [None] * 4
    assert found(lambda g, x: x.sum(), Cyclic(4), (2, 3)) == [None] * 2

    def only_positive(g, x):
        if (x < 0).any():
            raise KeyError("positive numbers only")
        return x

    assert found(only_positive, Cyclic(4), (2, 3)) == [None] * 2


def test_halves_that_only_some_elements_join():
    """A mirror joins j with n - 1 - j, a turn by a quarter joins them all."""
    mirror = lambda g, x: x.flip(-1) if g else x  # noqa: E731
    assert found(mirror, Cyclic(2), (4,)) == [[0, 1, 1, 0]]
    both = lambda g, x: torch.rot90(x.flip(-1) if g[1] else x, g[0], (-2, -1))  # noqa: E731
    assert found(both, Dihedral(4), (4, 4)) == [None, None]


def test_means_by_hand():
    channels = Channels((None, torch.tensor([0, 1, 1])))
    x = torch.tensor([[1.0, 2, 3], [4, 5, 6]])
    assert channels.mean(x).tolist() == [2.5, 4.0]
    channel, count = channels.of((2, 3))
    assert channel.tolist() == [[0, 1, 1]] * 2
    assert count == 2
    both = Channels((torch.tensor([0, 1]), torch.tensor([0, 1, 1])))
    assert sorted(both.mean(x).tolist()) == [1, 2.5, 4, 5.5]
    assert channels.of((2, 4))[1] == 1  # another shape: nothing is known
