"""Figures say what they show, stay small, appear once, and refuse what they cannot draw."""

import io
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from gdl_utils.plots import fields, style

ROWS = [
    SimpleNamespace(stage="conv", role="B", error=3e-16),
    SimpleNamespace(stage="flatten", role="", error=0.0),
    SimpleNamespace(stage="dense", role="", error=0.8),
]
X = np.arange(1.0, 6.0)


def all_figures():
    rng = torch.Generator().manual_seed(0)
    pictures = [[torch.rand(28, 28, generator=rng) for _ in range(5)]] * 2
    finding = "What is seen here, in one sentence."
    return {
        "images": fields.images(pictures, titles=[list("abcde")] * 2, finding=finding),
        "matrices": fields.matrices({"one": np.eye(4), "two": -np.eye(4)}, annotate=True),
        "curves": fields.curves(X, {"a": X, "b": X**2}, logx=True, logy=True, finding=finding),
        "waterfall": fields.waterfall(ROWS, finding=finding),
        "heat": fields.heat(torch.rand(9, 12, generator=rng), finding=finding),
    }


def test_figures_are_small_closed_and_on_white():
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    for name, fig in all_figures().items():
        file = io.BytesIO()
        fig.savefig(file)
        assert len(file.getvalue()) < 100_000, name
        assert repr(fig).startswith("<Figure size "), name
        assert fig.get_facecolor() == (1, 1, 1, 1), name
    assert plt.get_fignums() == before  # nothing is left that a notebook would show again


def test_curves_hold_what_was_given():
    fig = fields.curves(X, {"a": 2 * X}, intervals={"a": (X, 3 * X)}, colours={"a": style.CONTROL})
    line = fig.axes[0].lines[0]
    np.testing.assert_array_equal(line.get_ydata(), 2 * X)
    assert line.get_color() == style.CONTROL


def test_waterfall_says_exact_and_broken_in_words():
    fig = fields.waterfall(ROWS)
    assert [text.get_text() for text in fig.axes[0].texts] == ["exact", "exact", "broken"]
    ends = [bar.get_x() + bar.get_width() for bar in fig.axes[0].patches]
    np.testing.assert_allclose(ends, [3e-16, 1e-16, 0.8])
    labels = [t.get_text() for t in fig.axes[0].get_yticklabels()]
    assert labels == ["conv  [B]", "flatten", "dense"]


def test_signed_images_are_centred_on_zero():
    fig = fields.images([[torch.tensor([[-1.0, 0.5]])]])
    assert fig.axes[0].images[0].get_clim() == (-1.0, 1.0)


def test_the_style_leaves_no_trace():
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    with style.use_style():
        assert mpl.rcParams["axes.spines.top"] is False
    assert dict(mpl.rcParams) == before


NAN = np.array([1.0, np.nan, 1.0, 1.0, 1.0])
row = SimpleNamespace


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: fields.images([]), "rows must hold"),
        (lambda: fields.images([[]]), "rows must hold"),
        (lambda: fields.images([[np.zeros(3)]]), r"rows\[0\]\[0\] must have 2 or 3 axes"),
        (lambda: fields.images([[np.zeros((0, 3))]]), "must not be empty"),
        (lambda: fields.images([[np.full((2, 2), np.nan)]]), "must be finite"),
        (lambda: fields.images([[np.zeros((2, 2, 4))]]), r"\(H, W, 3\)"),
        (lambda: fields.images([[np.full((2, 2, 3), 7.0)]]), r"in \[0, 1\]"),
        (lambda: fields.images([[np.eye(2)]], titles=[["a", "b"]]), "must hold 1 texts"),
        (lambda: fields.images([[np.eye(2)]], titles=["a", "b"]), "must hold 1 texts"),
        (lambda: fields.images([[np.eye(2)]], row_labels="a"), "must hold 1 texts"),
        (lambda: fields.images([[np.eye(2)]], finding="  "), "finding must say"),
        (lambda: fields.images([[["a"]]]), "real numbers"),
        (lambda: fields.images([[[[1.0], [1.0, 2.0]]]]), "different lengths"),
        (lambda: fields.matrices({}), "at least one matrix"),
        (lambda: fields.matrices({"a": X}), "must have 2 axes"),
        (lambda: fields.matrices({"a": np.eye(2)}, columns=0), "columns"),
        (lambda: fields.matrices({"a": np.eye(2) * 1j}), "real numbers"),
        (lambda: fields.curves(X, {}), "at least one curve"),
        (lambda: fields.curves(X, {"a": X[1:]}), "curve of 5 values"),
        (lambda: fields.curves(X, {"a": NAN}), "must be finite"),
        (lambda: fields.curves(X, {"a": X}, intervals={"b": (X, X)}), "curve of 5 values"),
        (lambda: fields.curves(X, {"a": X}, intervals={"a": (X, X[1:])}), "curve of 5 values"),
        (lambda: fields.curves(X, {"a": X}, colours={"b": "red"}), "must name curves"),
        (lambda: fields.curves(X, {"a": X - 1}, logy=True), "logy needs positive"),
        (lambda: fields.curves(X - 1, {"a": X}, logx=True), "logx needs positive"),
        (lambda: fields.waterfall([]), "at least one stage"),
        (lambda: fields.waterfall([row(stage="a", role="", error=np.nan)]), "at least 0"),
        (lambda: fields.waterfall([row(stage="a", role="", error=-1)]), "at least 0"),
        (lambda: fields.waterfall(ROWS, threshold=1e-17), "floor < threshold"),
        (lambda: fields.heat(X), "must have 2 axes"),
        (lambda: fields.heat([[np.inf]]), "must be finite"),
    ],
)
def test_what_cannot_be_drawn_is_refused(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()


def test_a_broken_stage_may_be_infinite():
    fields.waterfall([row(stage="a", role="", error=float("inf"))])


def test_importing_plots_draws_in_no_heavy_package():
    import subprocess

    code = (
        "import sys, gdl_utils.plots.fields, gdl_utils.plots.style;"
        "sys.exit(bool({'matplotlib', 'pyvista', 'PIL'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
