"""Images and matrices are drawn on one scale, and refused where they cannot be."""

import numpy as np
import pytest
import torch

from gdl_utils.plots import fields


def test_signed_images_are_centred_on_zero():
    fig = fields.images([[torch.tensor([[-1.0, 0.5]])]])
    assert fig.axes[0].images[0].get_clim() == (-1.0, 1.0)


def test_long_rows_are_broken_on_a_phone():
    fig = fields.images([[np.eye(2)] * 8] * 2, row_labels=["one", "two"])
    places = [ax.get_subplotspec() for ax in fig.narrow.axes]
    assert {(p.rowspan.start, p.colspan.start) for p in places} == {
        (i, j) for i in range(4) for j in range(4)
    }
    assert [ax.get_ylabel() for ax in fig.narrow.axes if ax.get_ylabel()] == ["one", "two"]


def test_matrices_write_their_values():
    fig = fields.matrices({"one": np.eye(2), "two": -2 * np.eye(2)}, annotate=True, columns=1)
    assert [ax.get_title() for ax in fig.axes] == ["one", "two"]
    assert [t.get_text() for t in fig.axes[1].texts] == ["-2", "0", "0", "-2"]


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
        (lambda: fields.images([[np.eye(2)]], title="  "), "title must say"),
        (lambda: fields.images([[["a"]]]), "real numbers"),
        (lambda: fields.images([[[[1.0], [1.0, 2.0]]]]), "different lengths"),
        (lambda: fields.matrices({}), "at least one matrix"),
        (lambda: fields.matrices({"a": np.ones(3)}), "must have 2 axes"),
        (lambda: fields.matrices({"a": np.eye(2)}, columns=0), "columns"),
        (lambda: fields.matrices({"a": np.eye(2) * 1j}), "real numbers"),
    ],
)
def test_what_cannot_be_drawn_is_refused(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()
