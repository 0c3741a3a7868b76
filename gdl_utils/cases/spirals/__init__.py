"""Left or right: spirals painted on surfaces, which only what has directions can tell apart.

``from gdl_utils.cases.spirals import bumpy_sphere, spirals``. See chapter 09, *Gauges*.
"""

from gdl_utils.cases.spirals.painting import bumpy_sphere, spirals, wide_places

__all__ = [
    "bumpy_sphere",
    "spirals",
    "wide_places",
]
