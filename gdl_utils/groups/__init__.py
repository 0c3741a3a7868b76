"""Groups: finite groups as data, and maps that turn along with their input. See chapter 06.

What a p6 network needs:
``from gdl_utils.groups import Cyclic, HexLifting2d, HexGroupConv2d, HexPool2d, GlobalGroupPool``
"""

from gdl_utils.groups.actions import (
    act_on_group_signal,
    act_on_plane,
    rotate,
    rotate_group_signal,
    turn,
    turn_and_mirror,
)
from gdl_utils.groups.elements import (
    Cyclic,
    Dihedral,
    FiniteGroup,
    Product,
    cayley_table,
    inverse_table,
    orbit,
    orbits,
    orders,
    stabiliser,
)
from gdl_utils.groups.lattices import HEXAGONAL, SQUARE, Lattice, PlaneGroup, p4, p4m, p6, p6m
from gdl_utils.groups.layers import GroupConv2d, HexGroupConv2d, HexLifting2d, Lifting2d
from gdl_utils.groups.pooling import GlobalGroupPool, GroupPool, HexPool2d, SpatialPool2d
from gdl_utils.groups.representations import (
    Representation,
    intertwiner_dimension,
    irreducible,
    irreducibles,
    multiplicities,
    permutation,
    regular,
    trivial,
    vector,
)
from gdl_utils.groups.resampling import to_hexagons
from gdl_utils.groups.steerable import RotatedGroupConv2d, RotatedLifting2d

__all__ = [  # noqa: RUF022  (in the order in which one learns them)
    "FiniteGroup", "Cyclic", "Dihedral", "Product", "cayley_table", "inverse_table",
    "orders", "orbit", "orbits", "stabiliser",
    "Representation", "trivial", "regular", "permutation", "vector", "irreducible",
    "irreducibles", "intertwiner_dimension", "multiplicities",
    "turn", "turn_and_mirror", "rotate", "act_on_plane", "act_on_group_signal",
    "rotate_group_signal",
    "Lattice", "SQUARE", "HEXAGONAL", "PlaneGroup", "p4", "p4m", "p6", "p6m",
    "to_hexagons",
    "Lifting2d", "GroupConv2d", "HexLifting2d", "HexGroupConv2d",
    "RotatedLifting2d", "RotatedGroupConv2d",
    "SpatialPool2d", "HexPool2d", "GroupPool", "GlobalGroupPool",
]  # fmt: skip
