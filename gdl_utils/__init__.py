"""gdl_utils: small, proven building blocks of geometric deep learning.

The language (:mod:`~gdl_utils.symmetry`, :mod:`~gdl_utils.blueprint`,
:mod:`~gdl_utils.auditing`, :mod:`~gdl_utils.equivariant_maps`, :mod:`~gdl_utils.claims`) is
imported here; each of the five Gs is a room of its own:
``from gdl_utils.grids.layers import CircularConv2d``.
"""

from gdl_utils._version import __version__
from gdl_utils.auditing import AuditRow, audit
from gdl_utils.blueprint import Blueprint, Stage
from gdl_utils.claims import claim
from gdl_utils.equivariant_maps import action_matrices, equivariant_basis
from gdl_utils.symmetry import (
    Action,
    Group,
    check_action,
    check_group,
    equivariance_error,
)

__all__ = [
    "Action",
    "AuditRow",
    "Blueprint",
    "Group",
    "Stage",
    "__version__",
    "action_matrices",
    "audit",
    "check_action",
    "check_group",
    "claim",
    "equivariance_error",
    "equivariant_basis",
]
