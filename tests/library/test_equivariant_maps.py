"""All equivariant linear maps: known dimensions, known patterns, refused input."""

import cmath
import math

import pytest
import torch

from gdl_utils import action_matrices, equivariant_basis
from gdl_utils.graphs.actions import Permutations, relabel, relabel_matrix
from gdl_utils.grids.actions import Translations, shift
from gdl_utils.grids.layers import circulant
from gdl_utils.groups.actions import turn

TRANSPOSITION = torch.tensor([1, 0, 2, 3])
CYCLE = torch.tensor([1, 2, 3, 0])
SYMMETRIC_GROUP = [TRANSPOSITION, CYCLE]  # generate all 24 permutations


def ring(n, step=1):
    return action_matrices(shift, [(step,)], (n,))


def test_representation_of_a_shift_by_hand():
    assert torch.equal(ring(3)[0], torch.tensor([[0.0, 0, 1], [1, 0, 0], [0, 1, 0]]).double())


def test_representation_is_a_homomorphism():
    group = Permutations(5)
    rng = torch.Generator().manual_seed(0)
    g, h = group.sample(rng), group.sample(rng)
    a, b, ab = action_matrices(relabel, [g, h, group.compose(g, h)], (5,))
    assert torch.equal(a @ b, ab)


@pytest.mark.parametrize("n", [1, 2, 5, 8])
def test_shift_equivariant_maps_are_the_circulants(n):
    basis = equivariant_basis(ring(n), ring(n))
    assert basis.shape == (n, n, n)
    patterns = {tuple(b.flatten().tolist()) for b in basis}
    expected = {tuple(circulant(e).flatten().tolist()) for e in torch.eye(n)}
    assert patterns == expected


@pytest.mark.parametrize(
    ("rep_in", "rep_out", "dimension"),
    [
        (ring(8, 2), ring(8, 2), 16),  # less symmetry, more maps
        (torch.eye(4)[None], torch.eye(3)[None], 12),  # no symmetry, all maps
        (ring(6), torch.ones(1, 1, 1), 1),  # to an invariant: only the sum
        (action_matrices(relabel, SYMMETRIC_GROUP, (4,)),) * 2 + (2,),  # Deep Sets
        (action_matrices(relabel_matrix, SYMMETRIC_GROUP, (4, 4)),) * 2 + (15,),  # Maron et al.
    ],
)
def test_known_dimensions(rep_in, rep_out, dimension):
    basis = equivariant_basis(rep_in, rep_out)
    assert len(basis) == dimension
    for a, b in zip(rep_in.double(), rep_out.double()):
        torch.testing.assert_close(b @ basis, basis @ a)
    assert torch.linalg.matrix_rank(basis.flatten(1)) == dimension


def test_dimension_agrees_with_the_characters():
    elements = [0, 1, 2, 3]
    rep = action_matrices(turn, elements, (3, 3))
    by_characters = (rep.diagonal(dim1=1, dim2=2).sum(-1) ** 2).mean()
    assert len(equivariant_basis(rep, rep)) == round(float(by_characters))


def test_representations_that_are_not_permutations():
    angle = torch.tensor(2 * torch.pi / 5)
    c, s = torch.cos(angle), torch.sin(angle)
    rotation = torch.stack([torch.stack([c, -s]), torch.stack([s, c])])[None]
    basis = equivariant_basis(rotation, rotation)  # the complex numbers
    assert len(basis) == 2
    torch.testing.assert_close(basis[0], torch.eye(2).double())
    assert len(equivariant_basis(rotation, torch.ones(1, 1, 1))) == 0


@pytest.mark.parametrize(
    ("rep_in", "rep_out", "message"),
    [
        (torch.eye(3), torch.eye(3)[None], r"rep_in must be \(g, d, d\), got \(3, 3\)"),
        (torch.eye(3)[None], torch.ones(1, 2, 3), r"rep_out must be \(g, d, d\), got \(1, 2, 3\)"),
        (torch.zeros(0, 3, 3), torch.eye(3)[None], "rep_in must be"),
        (torch.eye(3)[None], torch.eye(3).repeat(2, 1, 1), "same elements, got 1 and 2"),
        (torch.full((1, 2, 2), torch.nan), torch.eye(3)[None], "rep_in must be finite"),
        (torch.ones(1, 2, 2), torch.eye(3)[None], "rep_in must hold invertible"),
        (torch.eye(65)[None], torch.eye(65)[None], "at most 4096, got 4225"),
        (torch.eye(3)[None].numpy(), torch.eye(3)[None], "a dense tensor with values, got ndarray"),
        (torch.eye(3)[None], [[[1.0]]], "rep_out must be a dense tensor with values, got list"),
        (torch.eye(3)[None], torch.eye(3, device="meta")[None], "rep_out must .* on meta"),
        (torch.eye(3)[None].to_sparse(), torch.eye(3)[None], "rep_in must .* torch.sparse_coo"),
    ],
)
def test_bad_representations(rep_in, rep_out, message):
    with pytest.raises(ValueError, match=message):
        equivariant_basis(rep_in, rep_out)


@pytest.mark.parametrize(
    ("action", "elements", "message"),
    [
        (shift, [], "elements must hold at least one"),
        (lambda g, x: x + 1, [(1,)], "action must be linear"),
        (lambda g, x: x[:2], [(1,)], r"action must keep the shape \(3,\)"),
        (lambda g, x: None, [(1,)], r"action must keep the shape \(3,\), got NoneType"),
        (3, [(1,)], "action must be a function .* got 3"),
        (Permutations, [(1,)], "action must be a function .* got <class"),
    ],
)
def test_bad_actions(action, elements, message):
    with pytest.raises(ValueError, match=message):
        action_matrices(action, elements, (3,))


def test_translations_of_an_image_need_two_generators():
    group = Translations((3, 4))
    rep = action_matrices(shift, [(1, 0), (0, 1)], group.shape)
    assert len(equivariant_basis(rep, rep)) == 12


# ---------------------------------------------------------------------------- complex numbers


def turn_by(k, n=3):
    """The character of Cyclic(n) that turns k times as fast: (1, 1, 1)."""
    return torch.tensor([[[cmath.exp(2j * cmath.pi * k / n)]]], dtype=torch.complex128)


@pytest.mark.parametrize(("k", "l"), [(k, l) for k in range(3) for l in range(3)])
def test_schur_for_the_characters_of_a_cyclic_group(k, l):
    basis = equivariant_basis(turn_by(k), turn_by(l))
    assert len(basis) == (k == l)
    assert basis.dtype == torch.complex128
    assert len(equivariant_basis(turn_by(k).to(torch.complex64), turn_by(l))) == (k == l)


def test_an_imaginary_character_is_not_singular():
    assert equivariant_basis(turn_by(1, 4), turn_by(1, 4)).tolist() == [[[1]]]
    assert len(equivariant_basis(turn_by(1, 4), turn_by(-1, 4))) == 0


def test_the_maps_from_shifts_to_characters_are_waves():
    for k in range(3):
        (wave,) = equivariant_basis(ring(3), turn_by(k))
        expected = torch.tensor([[cmath.exp(2j * cmath.pi * k * j / 3) for j in range(3)]])
        torch.testing.assert_close(wave, expected.to(torch.complex128))


def test_multiplicities_in_a_hidden_basis():
    """2, 2 and 2 copies of three characters: 4 + 4 + 4 maps, whatever the basis."""
    rng = torch.Generator().manual_seed(0)
    u = torch.linalg.qr(torch.randn(6, 6, generator=rng, dtype=torch.complex128))[0]
    third = torch.diag(turn_by(1)[0, 0] ** torch.tensor([0, 0, 1, 1, 2, 2]))
    rep = (u @ third @ u.conj().T)[None]
    basis = equivariant_basis(rep, rep)
    assert len(basis) == 12
    torch.testing.assert_close(rep[0] @ basis, basis @ rep[0])


def test_representation_of_a_complex_action():
    act = lambda g, x: x * cmath.exp(1j * g)  # noqa: E731
    matrices = action_matrices(act, [0.0, 0.5], (2,))
    assert matrices.dtype == torch.complex128
    torch.testing.assert_close(matrices[1], cmath.exp(0.5j) * torch.eye(2, dtype=torch.complex128))
    with pytest.raises(ValueError, match="action must be linear"):
        action_matrices(lambda g, x: x + 1j, [1], (2,))
    with pytest.raises(ValueError, match="action must be linear"):  # small, and not linear
        action_matrices(lambda g, x: 1e-12 * x * x, [1], (2,))


def test_an_action_in_place_spoils_nothing():
    act = lambda g, x: x.copy_(shift((g,), x))  # noqa: E731
    assert torch.equal(action_matrices(act, [1], (4,)), ring(4))


# --------------------------------------------------------------------------------- scales


def rotation(angle):
    c, s = math.cos(angle), math.sin(angle)
    return torch.tensor([[[c, -s], [s, c]]], dtype=torch.float64)


def translation(degree, by):
    """x → x + by on the coefficients of polynomials."""
    rows = range(degree + 1)
    table = [[math.comb(k, j) * by ** (k - j) if k >= j else 0 for k in rows] for j in rows]
    return torch.tensor([table], dtype=torch.float64)


def commutes(a, w, b, tolerance):
    scale = b.abs() @ w.abs() + w.abs() @ a.abs()
    return bool(((b @ w - w @ a).abs() <= tolerance * scale.clamp(min=1e-300)).all())


@pytest.mark.parametrize("angle", [1.0, 1e-3, 1e-5, 1e-7, 1e-9])
def test_a_small_rotation_is_a_rotation(angle):
    basis = equivariant_basis(rotation(angle), rotation(angle))
    torch.testing.assert_close(basis[0], torch.eye(2).double())
    torch.testing.assert_close(basis[1], torch.tensor([[0.0, 1], [-1, 0]]).double())
    assert len(equivariant_basis(rotation(angle), rotation(2 * angle))) == 0


def test_a_small_rotation_in_single_precision():
    assert len(equivariant_basis(rotation(1e-5).float(), rotation(1e-5).float())) == 2


@pytest.mark.parametrize("sizes", [(1, 1.1, 1e5), (1e-10, 1, 1e10), (1, 1 + 1e-8, 1e9)])
def test_different_eigenvalues_allow_only_diagonal_maps(sizes):
    rep = torch.diag(torch.tensor(sizes, dtype=torch.float64))[None]
    assert torch.equal(
        equivariant_basis(rep, rep), torch.stack([torch.diag(e) for e in torch.eye(3).double()])
    )


@pytest.mark.parametrize(
    ("degree", "by"), [(3, 10), (3, 1), (3, 1e-3), (3, 1e6), (5, 100), (2, -7), (6, 1000)]
)
def test_what_commutes_with_translations_are_the_derivatives(degree, by):
    """The maps are 1, d/dx, d²/2!, d³/3!, …, whichever the translation."""
    rep = translation(degree, by)
    basis = equivariant_basis(rep, rep)
    divided = [translation(degree, 1.0)[0].diagonal(k).diag(k) for k in range(degree + 1)]
    torch.testing.assert_close(basis, torch.stack(divided))
    assert all(commutes(rep[0], w, rep[0], 1e-10) for w in basis)


def test_units_do_not_matter():
    """Any rescaling of the coordinates rescales the maps, and changes nothing else."""
    rep, n = ring(4), 4
    units = torch.tensor([1.0, 1e3, 1e-4, 1e6]).double()
    scaled = rep * units / units[:, None]
    basis = equivariant_basis(scaled, scaled)
    assert len(basis) == n
    assert all(commutes(scaled[0], w, scaled[0], 1e-10) for w in basis)
    whole = equivariant_basis(1e-30 * torch.eye(2)[None].double(), 1e-30 * torch.eye(2)[None])
    assert len(whole) == 4


def test_many_elements_say_what_their_generators_say():
    rng = torch.Generator().manual_seed(1)
    group = Permutations(4)
    many = action_matrices(relabel, [group.sample(rng) for _ in range(30)], (4,))
    few = action_matrices(relabel, SYMMETRIC_GROUP, (4,))
    assert torch.equal(equivariant_basis(many, many), equivariant_basis(few, few))


# ---------------------------------------------------------------------------- Lie algebras


def so3():
    generators = torch.zeros(3, 3, 3, dtype=torch.float64)
    for k, (i, j) in enumerate([(1, 2), (2, 0), (0, 1)]):
        generators[k, i, j], generators[k, j, i] = -1, 1
    return generators


def on_pairs(x):
    """A Lie algebra acts on a tensor product by the rule of Leibniz."""
    one = torch.eye(3, dtype=torch.float64)
    return torch.stack([torch.kron(m, one) + torch.kron(one, m) for m in x])


@pytest.mark.parametrize("scale", [1.0, 1e-9, 1e9])
def test_maps_that_commute_with_all_rotations(scale):
    vector, trivial = scale * so3(), torch.zeros(3, 1, 1, dtype=torch.float64)
    count = lambda a, b: len(equivariant_basis(a, b, generators_of="algebra"))  # noqa: E731
    assert count(vector, vector) == 1
    assert count(vector, trivial) == 0
    assert count(trivial, trivial) == 1
    assert count(on_pairs(vector), on_pairs(vector)) == 3  # trace, antisymmetric, traceless
    assert count(on_pairs(vector), trivial) == 1  # the scalar product
    (cross,) = equivariant_basis(on_pairs(vector), vector, generators_of="algebra")
    rng = torch.Generator().manual_seed(0)
    u, v = torch.randn(2, 3, generator=rng, dtype=torch.float64)
    torch.testing.assert_close(cross @ torch.kron(u, v), torch.linalg.cross(u, v))


def test_a_reflection_is_added_to_the_algebra():
    """The cross product is odd: no map from pairs of vectors to vectors knows no left and right."""
    flip = -torch.eye(3, dtype=torch.float64)[None]
    pairs = torch.cat([on_pairs(so3()), torch.kron(flip[0], flip[0])[None]])
    vectors = torch.cat([so3(), flip])
    assert len(equivariant_basis(pairs, vectors, generators_of="algebra")) == 0
    assert len(equivariant_basis(vectors, vectors, generators_of="algebra")) == 1


def test_the_algebra_must_be_named():
    with pytest.raises(ValueError, match=r"invertible .* say generators_of='algebra'"):
        equivariant_basis(so3(), so3())


@pytest.mark.parametrize("angle", [1e-5, 0.7])
def test_matrices_made_in_single_precision_are_known_when_widened(angle):
    c, s = math.cos(angle), math.sin(angle)
    rotation = torch.tensor([[[c, -s], [s, c]]])
    ring = torch.kron(torch.eye(12).roll(-1, 0), torch.ones(1, 1))[None]
    hour = torch.tensor([[[math.cos(math.pi / 6), math.sin(math.pi / 6)],
                          [-math.sin(math.pi / 6), math.cos(math.pi / 6)]]])  # fmt: skip
    for kind in (torch.float32, torch.float64, torch.complex64, torch.complex128):
        assert len(equivariant_basis(rotation.to(kind), rotation.to(kind))) == 2
        assert len(equivariant_basis(ring.to(kind), hour.to(kind))) == 2


def test_bad_kind_of_generators():
    with pytest.raises(ValueError, match="generators_of must be 'group' or 'algebra', got 'lie'"):
        equivariant_basis(so3(), so3(), generators_of="lie")


def test_algebra_and_group_agree():
    one_radian = torch.linalg.matrix_exp(so3())
    by_group = equivariant_basis(one_radian, one_radian)
    assert torch.equal(by_group, equivariant_basis(so3(), so3(), generators_of="algebra"))


# ---------------------------------------------------------------------------------- types


def test_whole_numbers_and_gradients():
    whole = ring(4).long()
    assert torch.equal(equivariant_basis(whole, whole), equivariant_basis(ring(4), ring(4)))
    learnt = rotation(0.3).requires_grad_()
    assert not equivariant_basis(learnt, learnt).requires_grad


def test_a_nearly_equal_pair_of_representations_in_single_precision():
    rng = torch.Generator().manual_seed(0)
    q = torch.linalg.qr(torch.randn(6, 6, generator=rng, dtype=torch.float64))[0]
    rep = torch.block_diag(ring(3)[0], ring(3)[0])
    one, other = (q @ rep @ q.T)[None].float(), rep[None].float()
    assert len(equivariant_basis(one, other)) == 12


def test_bad_shape_of_a_signal():
    with pytest.raises(ValueError, match="shape must be a tuple of whole numbers, got 4"):
        action_matrices(shift, [(1,)], 4)


@pytest.mark.parametrize("size", [1e-300, 1e-200, 1.0, 1e200, 1e300])
def test_matrices_of_any_size(size):
    turned = torch.tensor([[[0.6, -0.8], [0.8, 0.6]]]).double()
    wanted = equivariant_basis(turned, turned)
    assert len(wanted) == 2
    torch.testing.assert_close(equivariant_basis(size * turned, size * turned), wanted)
    assert len(equivariant_basis(size * turned, 2 * size * turned)) == 0


@pytest.mark.parametrize(
    "lay_out",
    [
        lambda x: x.transpose(1, 2).contiguous().transpose(1, 2),
        lambda x: x.repeat_interleave(2, 0)[::2],
        lambda x: torch.conj(x.to(torch.complex128)),
        lambda x: x.expand(3, 2, 2),
    ],
)
def test_matrices_however_they_lie_in_memory(lay_out):
    x = lay_out(torch.tensor([[[0.6, -0.8], [0.8, 0.6]]]).double())
    torch.testing.assert_close(equivariant_basis(x, x), equivariant_basis(x.clone(), x.clone()))
    assert len(equivariant_basis(x, x)) == 2


def test_another_default_device_changes_nothing():
    x = ring(4)
    with torch.device("meta"):
        basis = equivariant_basis(x, x)
    assert torch.equal(basis, equivariant_basis(x, x))


def test_where_the_fast_way_to_singular_values_does_not_converge(monkeypatch):
    wanted = equivariant_basis(ring(6), ring(6))
    assert len(wanted) == 6

    def fails(*_, **__):
        raise torch.linalg.LinAlgError("the algorithm failed to converge")

    monkeypatch.setattr(torch.linalg, "svd", fails)
    torch.testing.assert_close(equivariant_basis(ring(6), ring(6)), wanted)
    spin = torch.tensor([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]]])
    assert len(equivariant_basis(spin, spin)) == 1
