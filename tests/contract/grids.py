"""The contract of the grids."""

import torch
from contract.table import NUMBERS, ByPosition, Row, generator
from torch import nn

from gdl_utils.grids.actions import (
    Translations,
    coarse_fourier_shift,
    coarse_shift,
    flattened,
    fourier_shift,
    shift,
)
from gdl_utils.grids.layers import CircularConv2d
from gdl_utils.grids.pooling import (
    BlurPool2d,
    CircularMaxPool2d,
    GlobalPool2d,
    PolyphasePool2d,
    Subsample2d,
)

RNG = generator("grids")
IMAGE = torch.randn(2, 3, 12, 12, generator=RNG, dtype=torch.float64)
ALL, EVEN = Translations((12, 12)), Translations((12, 12), step=2)


def after_conv(*layers: nn.Module) -> nn.Module:
    """Put layers behind a convolution and a ReLU, so that what they pool is a feature map."""
    return nn.Sequential(CircularConv2d(3, 4, 3), nn.ReLU(), *layers)


ROWS = {
    "CircularConv2d": Row(
        (CircularConv2d,), lambda: CircularConv2d(3, 4, 5),
        lambda: nn.Conv2d(3, 4, 5, padding=2), ALL, shift, shift, (IMAGE,),
    ),
    "CircularConv2d 1x1, no bias": Row(
        (CircularConv2d,), lambda: CircularConv2d(3, 4, 1, bias=False),
        lambda: ByPosition(-1), ALL, shift, shift, (IMAGE,),
    ),
    "CircularMaxPool2d, stride 1, all shifts": Row(
        (CircularMaxPool2d,), lambda: after_conv(CircularMaxPool2d(3, 1)),
        lambda: after_conv(nn.MaxPool2d(3, 1, padding=1), ByPosition(-1)),
        ALL, shift, shift, (IMAGE,),
    ),
    "CircularMaxPool2d, even shifts": Row(
        (CircularMaxPool2d,), lambda: after_conv(CircularMaxPool2d(3, 2)),
        lambda: after_conv(nn.MaxPool2d(3, 2, padding=1)), EVEN, shift, coarse_shift(2), (IMAGE,),
    ),
    "Subsample2d, even shifts": Row(
        (Subsample2d,), lambda: after_conv(Subsample2d(2)),
        lambda: after_conv(Subsample2d(2), ByPosition(-2)), EVEN, shift, coarse_shift(2), (IMAGE,),
    ),
    "Subsample2d, shifts by 3": Row(
        (Subsample2d,), lambda: Subsample2d(3),
        lambda: nn.Sequential(nn.ZeroPad2d((1, 2, 1, 2)), Subsample2d(3), nn.ReLU()),
        Translations((12, 12), 3), shift, coarse_shift(3), (IMAGE,),
    ),
    "BlurPool2d, even shifts": Row(
        (BlurPool2d,), lambda: after_conv(BlurPool2d(3, 2)),
        lambda: after_conv(nn.AvgPool2d(3, 2, padding=1)), EVEN, shift, coarse_shift(2), (IMAGE,),
    ),
    "BlurPool2d, stride 1, all shifts": Row(
        (BlurPool2d,), lambda: after_conv(BlurPool2d(5, 1)),
        lambda: after_conv(nn.AvgPool2d(5, 1, padding=2)), ALL, shift, shift, (IMAGE,),
    ),
    "PolyphasePool2d + global pooling, all shifts": Row(
        (PolyphasePool2d, GlobalPool2d),
        lambda: after_conv(PolyphasePool2d(2), CircularConv2d(4, 4, 3), nn.ReLU(), GlobalPool2d()),
        lambda: after_conv(Subsample2d(2), CircularConv2d(4, 4, 3), nn.ReLU(), GlobalPool2d()),
        ALL, shift, None, (IMAGE,),
    ),
    "GlobalPool2d mean": Row(
        (GlobalPool2d,), lambda: after_conv(GlobalPool2d("mean")),
        lambda: after_conv(nn.Flatten(), nn.Linear(4 * 144, 4)), ALL, shift, None, (IMAGE,),
    ),
    "GlobalPool2d max": Row(
        (GlobalPool2d,), lambda: after_conv(GlobalPool2d("max")),
        lambda: after_conv(ByPosition(-1), GlobalPool2d("max")), ALL, shift, None, (IMAGE,),
    ),
    "Flatten": Row(
        (), lambda: after_conv(nn.Flatten()),
        lambda: after_conv(nn.Flatten(), nn.Linear(576, 576)),
        ALL, shift, flattened(shift, (4, 12, 12)), (IMAGE,),
    ),
}  # fmt: skip

GROUPS = {
    "shifts": ALL,
    "even shifts": EVEN,
    "shifts of a ring": Translations((7,)),
}

ACTIONS = {  # action, group, a signal, and one hand-computed case: (g, x, g·x)
    "shift": (shift, ALL, IMAGE, ((1,), torch.tensor([5.0, 6, 7]), torch.tensor([7.0, 5, 6]))),
    "shift down and right": (
        shift, ALL, IMAGE,
        ((1, 0), NUMBERS, torch.tensor([[6.0, 7, 8], [0, 1, 2], [3, 4, 5]])),
    ),
    "fourier_shift": (
        fourier_shift, ALL, IMAGE,
        ((1,), torch.tensor([5.0, 6, 7]), torch.tensor([7.0, 5, 6])),
    ),
    "coarse_shift": (
        coarse_shift(2), EVEN, IMAGE[..., ::2, ::2],
        ((2,), torch.tensor([5.0, 6, 7]), torch.tensor([7.0, 5, 6])),
    ),
    "coarse_fourier_shift": (
        coarse_fourier_shift(2), Translations((14, 14)), IMAGE[..., :7, :7],
        ((2,), torch.tensor([5.0, 6, 7]), torch.tensor([7.0, 5, 6])),
    ),
    "flattened": (
        flattened(shift, (3, 4)), Translations((3, 4)), IMAGE.reshape(2, 3, 12, 12),
        ((1,), torch.arange(12.0), torch.arange(12.0).reshape(3, 4).roll(1, -1).flatten()),
    ),
}  # fmt: skip

MUTANTS = {  # what goes wrong: (file, the line's text, what it becomes)
    "a shift the wrong way": (
        "grids/actions.py",
        "torch.roll(x, g, _axes(g, x))",
        "torch.roll(x, tuple(-a for a in g), _axes(g, x))",
    ),
    "axes swapped": (
        "grids/actions.py",
        "return tuple(range(-len(g), 0))",
        "return tuple(range(-1, -len(g) - 1, -1))",
    ),
    "a coarse shift that forgets the step": (
        "grids/actions.py",
        "shift(tuple(a // step for a in g), x)",
        "shift(g, x)",
    ),
    "a phase of the wrong sign": (
        "grids/actions.py",
        "-2 * math.pi * k * amount / n",
        "2 * math.pi * k * amount / n",
    ),
    "zero padding": ("grids/layers.py", 'mode="circular")', 'mode="constant")'),
    "a window off centre": (
        "grids/layers.py",
        "F.conv2d(wrap(x, size // 2)",
        "F.conv2d(F.pad(x, (size - 1, 0) * 2)",
    ),
    "pooling that starts late": ("grids/pooling.py", "x[..., i::s, j::s]", "x[..., i::s, 0::s]"),
    "a stride in the wrong place": (
        "grids/pooling.py",
        "return x[..., :: self.stride, :: self.stride]",
        "return x[..., : x.shape[-2] // self.stride, : x.shape[-1] // self.stride]",
    ),
    "global pooling of one corner": (
        "grids/pooling.py",
        'x.mean((-2, -1)) if self.reduce == "mean"',
        'x[..., 1:, 1:].mean((-2, -1)) if self.reduce == "mean"',
    ),
}
