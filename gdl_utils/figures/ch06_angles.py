"""A picture of chapter 06, *Groups*: at which angles a network's answer does not change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from gdl_utils.plots import style
from gdl_utils.plots.layout import finish, frame, legend_below, responsive
from gdl_utils.plots.style import array, use_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@responsive
def exact_angles(
    degrees: Any,
    changes: Mapping[str, Any],
    *,
    bound: float = 1e-10,
    floor: float = 1e-16,
    title: str | None = None,
) -> Figure:
    """Show at which angles of a turn a network is exact: a row of bars for each network.

    Parameters
    ----------
    degrees : array, (N,)
        Angles of the turn, rising.
    changes : mapping of str to array, (N,)
        For each network how much its answer changes, at least 0.
    bound : float
        Changes up to here are rounding: a diamond in place of a bar.
    floor : float
        Where bars begin.
    title : str
        The finding, a sentence.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is no network, changes do not fit the angles or are negative, or the floor is not
        below the bound.

    Notes
    -----
    Chapter 06, *Groups*.
    """
    angles = array("degrees", degrees, 1)
    held = {name: array(f"changes[{name!r}]", row, 1) for name, row in changes.items()}
    if not held or any(len(row) != len(angles) or row.min() < 0 for row in held.values()):
        raise ValueError(f"changes must hold {len(angles)} numbers of at least 0 for each network")
    if not 0 < floor < bound:
        raise ValueError(f"need 0 < floor < bound, got {floor} and {bound}")
    top = 10 * max(bound, max(row.max() for row in held.values()))
    wide = 0.6 * float(np.diff(angles).min()) if len(angles) > 1 else 1.0
    with use_style():
        size = (style.WIDTH, 1.2 + 0.95 * len(held))
        fig, axes = frame(size, title, nrows=len(held), sharex=True, sharey=True)
        for ax, (name, row) in zip(axes[:, 0], held.items()):
            exact = row <= bound
            ax.bar(angles[~exact], row[~exact] - floor, wide, bottom=floor, color=style.BROKEN,
                   label="the answer changes")  # fmt: skip
            ax.plot(angles[exact], np.full(exact.sum(), 30 * floor), "D", color=style.EXACT,
                    ms=7, label="it stays, to rounding")  # fmt: skip
            where = ", ".join(f"{a:g}°" for a in angles[exact]) or "no angle"
            ax.set_title(f"{name}: exact at {where}", loc="left")
            ax.set(yscale="log", ylim=(floor, top))
            ax.set_yticks([floor, 1e-8, 1.0] if floor < 1e-8 < top else [floor, top])
            ax.minorticks_off()
        axes[-1, 0].set(xlabel="turn of the scene (degrees)", xticks=np.arange(
            angles.min(), angles.max() + 1, 60))  # fmt: skip
        legend_below(fig, *axes[0, 0].get_legend_handles_labels(), 2)
    return finish(fig)
