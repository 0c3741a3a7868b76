"""The picture of chapter 07 shows what it is given, and refuses what it cannot show."""

import pytest

from gdl_utils.figures.ch07_graphs import flavours


def test_flavours_write_one_text_an_edge():
    fig = flavours(
        {"one": ("c{v}", "equal"), "two": ("a{v}", "weighted"), "m": ("m{v}", "vectors")}
    )
    for ax, letter in zip(fig.axes, "cam"):
        words = [t.get_text() for t in ax.texts]
        assert [f"{letter}{v}" for v in range(1, 6)] == [w for w in words if w.startswith(letter)]
    widths = {
        title.get_title(): {round(t.arrow_patch.get_linewidth(), 1) for t in title.texts
                            if getattr(t, "arrow_patch", None)}
        for title in fig.axes
    }  # fmt: skip
    assert len(widths["one"]) == 1 < len(widths["two"])


@pytest.mark.parametrize("panels", [{}, {"a": ("c", "thin")}])
def test_flavours_refuse(panels):
    with pytest.raises(ValueError, match="must be drawn equal, weighted or vectors"):
        flavours(panels)
