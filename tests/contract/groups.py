"""The contract of the groups."""

import torch
from contract.table import NUMBERS, RNG

from gdl_utils.grids.actions import Translations
from gdl_utils.groups.actions import turn, turn_and_mirror
from gdl_utils.groups.elements import Cyclic, Dihedral, Product

IMAGE = torch.randn(2, 3, 12, 12, generator=RNG, dtype=torch.float64)

ROWS = {}

GROUPS = {
    "quarter turns": Cyclic(4),
    "sixths of a turn": Cyclic(6),
    "symmetries of a square": Dihedral(4),
    "symmetries of a hexagon": Dihedral(6),
    "shifts and turns, side by side": Product(Translations((12, 12)), Cyclic(4)),
}

ACTIONS = {  # action, group, a signal, and one hand-computed case: (g, x, g·x)
    "turn": (
        turn, Cyclic(4), IMAGE,
        (1, NUMBERS, torch.tensor([[2.0, 5, 8], [1, 4, 7], [0, 3, 6]])),
    ),
    "turn_and_mirror": (
        turn_and_mirror, Dihedral(4), IMAGE,
        ((1, 1), NUMBERS, torch.tensor([[0.0, 3, 6], [1, 4, 7], [2, 5, 8]])),
    ),
}  # fmt: skip

MUTANTS = {  # what goes wrong: (file, the line's text, what it becomes)
    "an inverse that is none": (
        "groups/elements.py",
        "return (r, m) if m else (-r % self.n, 0)",
        "return (-r % self.n, m)",
    ),
    "a reflection that does not reverse": (
        "groups/elements.py",
        "(-s if m else s)",
        "s",
    ),
    "turned, then mirrored": (
        "groups/actions.py",
        "return turn(r, x.flip(-1) if m else x)",
        "return turn(r, x).flip(-1) if m else turn(r, x)",
    ),
    "a turn clockwise": (
        "groups/actions.py",
        "torch.rot90(x, g, (-2, -1))",
        "torch.rot90(x, -g, (-2, -1))",
    ),
}
