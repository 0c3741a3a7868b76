"""Figures are small, closed, in one style that leaves no trace, and say what they show."""

import io
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from gdl_utils.plots import charts, fields, graphs, seeds, style

X = np.arange(1.0, 6.0)
TITLE = "What is seen here, in one sentence."


def all_figures():
    rng = torch.Generator().manual_seed(0)
    pictures = [[torch.rand(28, 28, generator=rng) for _ in range(5)]] * 2
    rows = [SimpleNamespace(stage="conv", role="B", error=3e-16)]
    ring = graphs.Drawing(4, [[0, 1, 2, 3], [1, 2, 3, 0]])
    return {
        "images": fields.images(pictures, titles=[list("abcde")] * 2, title=TITLE),
        "matrices": fields.matrices({"one": np.eye(4), "two": -np.eye(4)}, title=TITLE),
        "curves": charts.curves(X, {"a": X, "b": X**2}, logx=True, logy=True, title=TITLE),
        "waterfall": charts.waterfall(rows, title=TITLE),
        "scores": seeds.scores({"a": X}, title=TITLE),
        "paired": seeds.paired({"a": X}, {"a": (0, 1)}, title=TITLE),
        "graphs": graphs.graphs({"a": ring}, title=TITLE),
    }


def test_figures_are_small_closed_and_on_white():
    import matplotlib.pyplot as plt
    from matplotlib.colors import to_hex

    before = plt.get_fignums()
    for name, fig in all_figures().items():
        file = io.BytesIO()
        fig.savefig(file)
        assert len(file.getvalue()) < 100_000, name
        assert repr(fig).startswith("<Chart size "), name
        assert to_hex(fig.get_facecolor()) == style.PAPER.lower(), name
        assert fig.get_suptitle() == TITLE, name
    assert plt.get_fignums() == before  # nothing is left that a notebook would show again


def test_the_style_leaves_no_trace():
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    with style.use_style():
        assert mpl.rcParams["axes.spines.top"] is False
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.zeros(0), "x must not be empty"),
        ([1.0, np.nan], "x must be finite"),
        (["a"], "real numbers"),
        ([[1.0], [1.0, 2.0]], "different lengths"),
        (np.eye(2), "x must have 1 axes"),
    ],
)
def test_arrays_are_checked(value, message):
    with pytest.raises(ValueError, match=message):
        style.array("x", value, 1)
