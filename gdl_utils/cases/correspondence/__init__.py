"""Which point of one pose is which of another: places named on animals that move. See chapter 08.

``from gdl_utils.cases.correspondence import reference, remeshed, fit_places, place_errors``.
"""

from gdl_utils.cases.correspondence.places import (
    Reference,
    Remeshed,
    fit_places,
    place_errors,
    reference,
    remeshed,
    soft_labels,
    unit_area,
)

__all__ = [
    "Reference",
    "Remeshed",
    "fit_places",
    "place_errors",
    "reference",
    "remeshed",
    "soft_labels",
    "unit_area",
]
