"""The contract of the gauges."""

import numpy as np
import torch
from contract.table import Row, generator
from scipy.spatial import ConvexHull
from torch import nn

from gdl_utils.gauges.actions import Gauges, change_connection, change_features, rotate_features
from gdl_utils.gauges.layers import GaugeConv, IsotropicConv
from gdl_utils.gauges.networks import GaugeNet, OddUnderReflection, mirrored
from gdl_utils.gauges.nonlinearities import Gate, NormReLU, SampledReLU
from gdl_utils.gauges.pooling import Invariants
from gdl_utils.gauges.transport import Connection, vertex_connection
from gdl_utils.geodesics.mesh import Mesh
from gdl_utils.groups.elements import Cyclic


def pebble(count: int = 60, seed: int = 0) -> Mesh:
    """A convex surface with triangles of all shapes: the hull of points on an ellipsoid."""
    points = np.random.default_rng(seed).standard_normal((count, 3))
    points *= np.array([1.0, 0.7, 0.5]) / np.linalg.norm(points, axis=1, keepdims=True)
    faces = ConvexHull(points).simplices
    a, b, c = points[faces].transpose(1, 0, 2)
    inwards = (np.cross(b - a, c - a) * a).sum(1) < 0
    faces[inwards] = faces[inwards][:, ::-1]
    return Mesh(torch.from_numpy(points), torch.from_numpy(faces.astype(np.int64)))


RNG = generator("gauges")
CONNECTION = vertex_connection(pebble())
SCALARS = torch.randn(60, 3, 1, generator=RNG, dtype=torch.float64)
PIECES = torch.zeros(60, dtype=torch.int64)
EACH = torch.arange(60)  # every vertex for itself
FEATURES = torch.randn(60, 3, 5, generator=RNG, dtype=torch.float64)


class Network(nn.Module):
    """Two convolutions with something between them: vectors travel before they are read."""

    def __init__(self, between: nn.Module, out_order: int = 2, last: nn.Module | None = None):
        super().__init__()
        self.first, self.second = GaugeConv(3, 4, 2, 2), GaugeConv(4, 3, 2, out_order)
        self.between, self.last = between, last or nn.Identity()

    def forward(self, x, connection):
        hidden = self.between(self.first(x, connection))
        return self.last(self.second(hidden, connection))


class WithoutTransport(nn.Module):
    """The same network, adding the numbers of frames that have nothing to do with each other."""

    def __init__(self, network: nn.Module):
        super().__init__()
        self.network = network

    def forward(self, x, c, *more):
        still = torch.zeros_like(c.transports)
        return self.network(x, Connection(c.n, c.edge_index, still, c.directions), *more)


class Componentwise(nn.Module):
    """Rectifies the numbers: which of them are negative depends on the frame."""

    def forward(self, x):
        return x.relu()


class Lifted(nn.Module):
    """Scalars to vectors and back."""

    def __init__(self, frozen: bool = False):
        super().__init__()
        self.lift, self.back, self.frozen = GaugeConv(3, 4, 0, 2), GaugeConv(4, 3, 2, 0), frozen

    def forward(self, x, c):
        flat = Connection(c.n, c.edge_index, c.transports, torch.zeros_like(c.directions))
        return self.back(self.lift(x, flat if self.frozen else c), c)


class Scalars(nn.Module):
    """Isotropic layers on scalars; the control reads the direction's cosine."""

    def __init__(self, crooked: bool = False):
        super().__init__()
        self.first, self.second, self.crooked = IsotropicConv(3, 4), IsotropicConv(4, 2), crooked

    def forward(self, x, c):
        y = self.second(self.first(x, c).tanh(), c)
        extra = x.new_zeros(c.n).index_add_(
            0, c.edge_index[1], c.directions.cos().to(x.dtype) ** 2 * x[c.edge_index[0], 0, 0]
        )
        return y + self.crooked * extra[:, None, None]


class Sixteenths(Gauges):
    """Changes of gauge by multiples of a sixteenth of a turn."""

    def sample(self, rng):
        return torch.randint(16, (self.n,), generator=rng).double() * (np.pi / 8)


class BesideItself(nn.Module):
    """Both answers of a handed network: a small difference is measured against what it is of."""

    def __init__(self):
        super().__init__()
        self.handed = OddUnderReflection(GaugeNet(4, 1))

    def forward(self, x, c, *pieces):
        return torch.stack([self.handed.network(x, c, *pieces), self.handed(x, c, *pieces)])


GAUGES, ACTS = Gauges(60), (change_features, change_connection)


def row(covers, make, control, act_out, x=FEATURES):
    return Row(covers, make, control, GAUGES, ACTS, act_out, (x, CONNECTION))


ROWS = {
    "GaugeConv, no bias": Row(
        (GaugeConv,), lambda: GaugeConv(3, 4, 2, 1, bias=False),
        lambda: WithoutTransport(GaugeConv(3, 4, 2, 1)), GAUGES, ACTS, change_features,
        (FEATURES, CONNECTION),
    ),
    "GaugeConv, twice, gated": row(
        (GaugeConv, Gate), lambda: Network(Gate(4, 2)),
        lambda: WithoutTransport(Network(Gate(4, 2))), change_features,
    ),
    "GaugeConv, from scalars to scalars": row(
        (GaugeConv,), Lifted, lambda: Lifted(frozen=True), change_features, SCALARS,
    ),
    "NormReLU": row(
        (NormReLU,), lambda: Network(NormReLU(4, 2)),
        lambda: Network(Componentwise()), change_features,
    ),
    "Invariants": row(
        (Invariants,), lambda: Network(Gate(4, 2), last=Invariants()),
        lambda: Network(Gate(4, 2), last=nn.Flatten()), None,
    ),
    "IsotropicConv": row(
        (IsotropicConv,), Scalars, lambda: Scalars(crooked=True), change_features, SCALARS,
    ),
    "GaugeNet": Row(
        (GaugeNet,), lambda: GaugeNet(4, 2), lambda: WithoutTransport(GaugeNet(4, 2)),
        GAUGES, (*ACTS, None, None), None, (SCALARS[:, :1], CONNECTION, PIECES, 1),
    ),
    "OddUnderReflection": Row(
        (OddUnderReflection,), BesideItself, lambda: WithoutTransport(BesideItself()),
        GAUGES, (*ACTS, None, None), None, (SCALARS[:, :1], CONNECTION, EACH, 60),
    ),
    "OddUnderReflection, in a mirror": Row(
        (OddUnderReflection,), lambda: OddUnderReflection(GaugeNet(4, 1)),
        lambda: GaugeNet(4, 1), Cyclic(2),
        (None, lambda g, c: mirrored(c) if g else c, None, None), lambda g, y: -y if g else y,
        (SCALARS[:, :1], CONNECTION, EACH, 60),
    ),
    # Exact for turns by 360°/N only: here, those are the gauge group.
    "SampledReLU, turns by a sixteenth": Row(
        (SampledReLU,), lambda: SampledReLU(2, 16), Componentwise,
        Sixteenths(60), change_features, change_features, (FEATURES,),
    ),
}  # fmt: skip

GROUPS = {"changes of gauge": GAUGES}

QUARTER = torch.tensor([np.pi / 2])
PAIRS = torch.tensor([[[1.0, 2, 3, 4, 5]]])  # a scalar, an order 1 pair, an order 2 pair
ACTIONS = {
    "change_features": (
        change_features, GAUGES, FEATURES,
        (QUARTER, PAIRS, torch.tensor([[[1.0, 3, -2, -4, -5]]])),
    ),
    "rotate_features": (
        rotate_features, GAUGES, FEATURES,
        (QUARTER, PAIRS, torch.tensor([[[1.0, -3, 2, -4, -5]]])),
    ),
}  # fmt: skip

MUTANTS = {
    "a gauge change the wrong way": (
        "gauges/actions.py", "rotate_features(-theta, x)", "rotate_features(theta, x)",
    ),
    "a second order that turns once": (
        "gauges/actions.py", "torch.arange(1, order + 1, device=x.device)",
        "torch.ones(order, device=x.device)",
    ),
    "no transport": (
        "gauges/layers.py", "connection.transports - connection.directions",
        "-connection.directions",
    ),
    "a message not turned back": (
        "gauges/layers.py", "turn(mixed, *(share[target, None] * wave for wave in turn_out))",
        "mixed * share[target, None, None]",
    ),
    "a turn at the edges the wrong way": (
        "gauges/turning.py", "addcmul_(b, s, value=-1)", "addcmul_(b, s)",
    ),
    "a mirror that keeps the transports": (
        "gauges/networks.py", "-connection.transports, -connection.directions",
        "connection.transports, -connection.directions",
    ),
    "a bias on a vector": (
        "gauges/layers.py", "b @ odd, a @ odd",
        "b @ odd + (0 if self.bias is None else self.bias), a @ odd",
    ),
    "own pairs mixed as if they were scalars": (
        "gauges/layers.py", "[a @ even - b @ odd,", "[a @ even + b @ odd,",
    ),
    "a gate that reads a component": (
        "gauges/nonlinearities.py", "scalars = x[..., 0]\n", "scalars = x[..., -1]\n",
    ),
    "a bias before the length": (
        "gauges/nonlinearities.py", "length = _length(pairs)", "length = _length(pairs + 1)",
    ),
    "an invariant that is none": (
        "gauges/pooling.py", "squares = x[..., 1:].square()", "squares = (x[..., 1:] ** 3)",
    ),
    "a transport of the wrong sign": (
        "gauges/actions.py", "- theta[target] + theta[source]", "+ theta[target] - theta[source]",
    ),
}  # fmt: skip
