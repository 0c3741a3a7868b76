"""Constants of layers are right wherever the layer comes from."""

import pytest
import torch
from torch import nn

from gdl_utils.gauges.nonlinearities import SampledReLU
from gdl_utils.grids.pooling import BlurPool2d
from gdl_utils.groups.elements import Cyclic
from gdl_utils.groups.steerable import RotatedLifting2d
from gdl_utils.training import seeded


def images():
    return nn.Sequential(BlurPool2d(3, 1), RotatedLifting2d(3, 2, 5, Cyclic(8)))


IMAGES = torch.randn(2, 3, 9, 9, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("assign", [False, True])
def test_a_layer_made_without_memory_and_then_loaded(assign):
    with seeded(0):
        layer = images()
    with torch.device("meta"):
        twin = images()
    if not assign:
        twin.to_empty(device="cpu")
    twin.load_state_dict(layer.state_dict(), strict=True, assign=assign)
    assert torch.equal(twin(IMAGES), layer(IMAGES))


def test_constants_alone_leave_meta_with_an_empty_state():
    with torch.device("meta"):
        layers = [BlurPool2d(3), SampledReLU(2, 7)]
    for layer in layers:
        layer.load_state_dict({}, strict=True, assign=True)
        assert {x.device.type for x in layer.buffers()} == {"cpu"}
