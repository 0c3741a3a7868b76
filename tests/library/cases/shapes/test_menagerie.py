"""Animals of four builds: fair classes, exact quick plans, unit size."""

import math

import pytest
import torch

from gdl_utils.cases.shapes.menagerie import (
    BUILDS,
    KINDS,
    VARIED,
    Herd,
    draw_herd,
    draw_plan,
    quick_plan,
    triangle_areas,
    unit_size,
)
from gdl_utils.data.animals import RANGES, body_plan, load_animal


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def herd():
    return draw_herd(rng(), 2)


@pytest.mark.parametrize("name", KINDS)
def test_a_quick_plan_is_the_body_plan(name):
    animal = load_animal(name)
    for factors, tolerance in [
        ({"legs": 0.6, "neck": 1.7, "head": 0.9, "girth": 1.3}, 1e-12),
        ({"legs": 1.2, "neck": 0.7}, 1e-12),
        ({"tail": 0.5}, 2e-3),  # only nearly a parabola; in metres
        ({}, 1e-12),
    ]:
        quick, slow = quick_plan(name, factors), body_plan(animal, **factors)
        up = (quick.verts - slow.verts).mean(0)  # they may stand higher or lower
        assert float(up[:2].abs().max()) < tolerance
        torch.testing.assert_close(quick.verts - up, slow.verts, rtol=0, atol=tolerance)
        torch.testing.assert_close(quick.joints - up, slow.joints, rtol=0, atol=tolerance)
    assert float((quick_plan(name, {"tail": 0.5}).verts - animal.verts).abs().max()) > 0.05


def test_classes_differ_in_legs_and_neck_only():
    assert set(VARIED) | {"legs", "neck"} == set(RANGES)
    for ranges in BUILDS.values():
        assert set(ranges) == {"legs", "neck"}
        for part, (low, high) in ranges.items():
            assert RANGES[part][0] <= low < high <= RANGES[part][1]
    drawn = [tuple(ranges.items()) for ranges in BUILDS.values()]
    assert len(set(drawn)) == len(BUILDS) == 4


@pytest.mark.parametrize("name", KINDS)
def test_every_build_has_its_proportions(name):
    animal, generator = load_animal(name), rng(3)
    foot, skull = (animal.bones.index(b) for b in ("pelvis", "skull"))
    found = {}
    for build in BUILDS:
        plans = [draw_plan(name, build, generator) for _ in range(5)]
        legs = [float(p.joints[foot, 2] - p.verts[:, 2].min()) for p in plans]
        necks = [float((p.joints[skull] - p.joints[0]).norm()) for p in plans]
        found[build] = legs, necks
        assert len({round(x, 9) for x in legs}) == 5
    low, low_far, high, high_far = found.values()  # short or long legs, near or far head
    mean = lambda values: sum(values) / len(values)  # noqa: E731
    assert max(mean(low[0]), mean(low_far[0])) < min(mean(high[0]), mean(high_far[0]))
    assert max(mean(low[1]), mean(high[1])) < min(mean(low_far[1]), mean(high_far[1]))


def test_a_herd_is_balanced_and_repeats(herd):
    assert len(herd) == 16
    assert torch.bincount(herd.y).tolist() == [4, 4, 4, 4]
    for kind, name in enumerate(KINDS):
        mine = herd.y[herd.animals == kind]
        assert torch.bincount(mine).tolist() == [2, 2, 2, 2]
        i = int((herd.animals == kind).nonzero()[0])
        assert torch.equal(herd.faces(i), load_animal(name).faces)
        assert len(herd.skins[i]) == len(load_animal(name).verts)
    again = draw_herd(rng(), 2)
    assert all(torch.equal(a, b) for a, b in zip(herd.skins, again.skins, strict=True))
    other = draw_herd(rng(1), 2)
    assert not any(torch.equal(a, b) for a, b in zip(herd.skins, other.skins, strict=True))
    assert not torch.equal(herd.skins[0], herd.skins[1])


def test_every_shape_is_of_unit_size_and_looks_along_x(herd):
    for i, skin in enumerate(herd.skins):
        assert abs(float(skin.norm(dim=1).max()) - 1) < 1e-12
        corners = skin[herd.faces(i)]
        weight = triangle_areas(corners)[:, None]
        assert float((weight * corners.mean(1)).sum(0).abs().max()) < 1e-12
        animal = load_animal(KINDS[int(herd.animals[i])])
        head = skin[animal.part_of_vertex == animal.part("head")].mean(0)
        tail = skin[animal.part_of_vertex == animal.part("tail")].mean(0)
        assert float(head[0]) > float(tail[0])


def test_unit_size_by_hand():
    # A unit square in the plane z = 5, one half of it in two triangles: the centroid of the
    # surface is the square's centre, that of the five vertices is not.
    verts = torch.tensor([[0.0, 0, 5], [1, 0, 5], [1, 1, 5], [0, 1, 5], [1, 0.5, 5]]).double()
    faces = torch.tensor([[0, 4, 3], [0, 1, 4], [4, 2, 3]])
    out = unit_size(verts, faces)
    r = math.sqrt(0.5)
    torch.testing.assert_close(out[0], torch.tensor([-r, -r, 0.0]).double())
    torch.testing.assert_close(out[4], torch.tensor([r, 0.0, 0.0]).double())
    torch.testing.assert_close(
        triangle_areas(verts[faces]), torch.tensor([0.5, 0.25, 0.25]).double()
    )
    torch.testing.assert_close(unit_size(7 * verts + 3, faces), out)


def test_a_quarter_turn_takes_x_to_y(herd):
    turned = herd.turned((0.0, 0.0, math.pi / 2))
    for skin, image in zip(herd.skins, turned.skins, strict=True):
        want = torch.stack([-skin[:, 1], skin[:, 0], skin[:, 2]], 1)
        torch.testing.assert_close(image, want, rtol=0, atol=1e-12)
    assert isinstance(turned, Herd)
    assert torch.equal(turned.y, herd.y)


def test_bad_herds_are_refused(herd):
    with pytest.raises(ValueError, match="count must be at least 1, got 0"):
        draw_herd(rng(), 0)
    with pytest.raises(ValueError, match="name must be one of dog, rat, got 'cat'"):
        draw_plan("cat", next(iter(BUILDS)), rng())
    with pytest.raises(ValueError, match="build must be one of short legs, short neck"):
        draw_plan("dog", "wings", rng())
    with pytest.raises(ValueError, match="legs must be a part, between"):
        quick_plan("dog", {"legs": 2.0})
    with pytest.raises(ValueError, match="wing must be a part"):
        quick_plan("dog", {"wing": 1.0})
    with pytest.raises(ValueError, match="without area"):
        unit_size(torch.zeros(3, 3), torch.tensor([[0, 1, 2]]))
    for wrong in [(0.0, 0.0), (0.0, 0.0, math.nan)]:
        with pytest.raises(ValueError, match="three finite numbers"):
            herd.turned(wrong)
