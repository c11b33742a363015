"""Every pathology: on its side alone, the same in the mirror and on any grid, larger when it is more severe."""

from __future__ import annotations

import numpy as np
import pytest

from scripts.simulation.pathology.canvas import ACROSS
from scripts.simulation.pathology.draw import smallest_jacobian
from scripts.simulation.pathology.flow import calibrated
from scripts.simulation.pathology.rows import PATHOLOGIES
from tests.simulation.pathology.heads import Scan, anatomy, drawn, scan, voxel_of

KINDS = list(PATHOLOGIES)
MIDDLE = {kind: row.severities[1] for kind, row in PATHOLOGIES.items()}


def from_plane(one: Scan) -> np.ndarray:
    """Signed distance of every voxel from the mid-sagittal plane, mm, positive on the right."""
    grid = np.stack(np.meshgrid(*map(np.arange, one.image.shape), indexing="ij"), -1)
    return (grid @ one.affine[:3, :3].T + one.affine[:3, 3] - one.plane.point) @ np.array(one.plane.normal)


def same(found: np.ndarray, expected: np.ndarray, before: np.ndarray) -> bool:
    """Whether two changes of a head are the same, up to what rounding does to single voxels."""
    return bool(abs(found - expected).sum() < 0.02 * abs(expected - before).sum())


@pytest.mark.parametrize("contrast", ["T1", "T2"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_pathology_changes_its_own_side(kind: str, contrast: str) -> None:
    one, made = scan(contrast, voxel=voxel_of(kind)), drawn(kind, "left", MIDDLE[kind], contrast)
    x = from_plane(one)
    assert np.isfinite(made.image).all() and made.image.dtype == np.float32
    changed = made.image != one.image
    assert changed.any() and not changed[x > ACROSS + 2].any()
    assert made.truth.any() and (x[made.truth] <= 1.0).all()
    assert not made.image[~made.brain_mask].any(), "a scan that was cut out stays so"
    assert made.volume_ml > 0 and (made.side, made.kind) == ("left", kind)
    step = abs(made.image - one.image)[made.brain_mask & one.mask]
    assert step.max() > 0.03


@pytest.mark.parametrize("kind", KINDS)
def test_a_more_severe_one_is_larger(kind: str) -> None:
    volumes = [drawn(kind, "left", severity).volume_ml for severity in PATHOLOGIES[kind].severities]
    assert sorted(volumes) == volumes and volumes[0] < volumes[-1]


@pytest.mark.parametrize("kind", KINDS)
def test_the_mirror_image_is_that_of_the_other_side(kind: str) -> None:
    left, right = (drawn(kind, side, MIDDLE[kind]) for side in ("left", "right"))
    assert same(right.image[::-1], left.image, scan(voxel=voxel_of(kind)).image)
    assert (right.truth[::-1] != left.truth).mean() < 1e-3


@pytest.mark.parametrize("kind", KINDS)
def test_the_twin_is_symmetric(kind: str) -> None:
    both = drawn(kind, "both", MIDDLE[kind])
    assert same(both.image[::-1], both.image, scan(voxel=voxel_of(kind)).image)
    assert both.truth[: len(both.truth) // 2].any() and both.truth[len(both.truth) // 2 :].any()


@pytest.mark.parametrize("orientation", ["LAS", "PIR"])
@pytest.mark.parametrize("kind", ["ventriculomegaly", "cerebellar_haemorrhage", "hemiatrophy"])
def test_the_order_of_the_voxels_does_not_matter(kind: str, orientation: str) -> None:
    made = scan("T2", orientation).draw(kind, "left", MIDDLE[kind], contrast="T2", seed=3)
    back = made.image[::-1] if orientation == "LAS" else made.image[::-1, ::-1].transpose(2, 0, 1)
    assert same(back, drawn(kind, "left", MIDDLE[kind]).image, scan().image)


@pytest.mark.parametrize("kind", KINDS)
def test_tissue_is_never_folded(kind: str) -> None:
    import torch

    head, row = anatomy(), PATHOLOGIES[kind]
    change = row.draw(head.halves["left"], row.severities[-1], torch.Generator().manual_seed(0))
    assert smallest_jacobian(head, {"left": change}) > 0


def test_a_lesion_is_at_one_place_in_both_contrasts() -> None:
    for kind in ("stroke_acute", "cerebellar_haemorrhage", "internal_capsule", "extra_axial_collection"):
        t1, t2 = (drawn(kind, "left", MIDDLE[kind], contrast).truth for contrast in ("T1", "T2"))
        assert 2 * (t1 & t2).sum() / (t1.sum() + t2.sum()) > 0.9, kind


@pytest.mark.parametrize(
    ("kind", "t1", "t2"),
    [
        ("stroke_chronic", -1, 1),
        ("porencephaly", -1, 1),
        ("cystic_leukomalacia", -1, 1),
        ("haemorrhagic_infarct", 1, -1),
        ("germinal_matrix_haemorrhage", 1, -1),
        ("intraventricular_haemorrhage", 1, -1),
        ("punctate_lesions", 1, -1),
        ("cerebellar_haemorrhage", 1, -1),
    ],
)
def test_fluid_and_blood_have_their_signals(kind: str, t1: int, t2: int) -> None:
    for contrast, sign in (("T1", t1), ("T2", t2)):
        made = drawn(kind, "left", MIDDLE[kind], contrast)
        step = (made.image - scan(contrast, voxel=voxel_of(kind)).image)[made.truth]
        assert sign * np.median(step) > 0, contrast


def test_the_same_seed_draws_the_same_and_another_another() -> None:
    one = scan()
    again, other = (one.draw("stroke_acute", "left", 10.0, anatomy(), contrast="T2", seed=seed) for seed in (3, 4))
    assert np.array_equal(again.image, drawn("stroke_acute", "left", 10.0).image)
    assert not np.array_equal(again.image, other.image)


def test_a_wide_ventricle_is_as_wide_as_asked() -> None:
    half = anatomy().halves["left"]
    before = half.millilitres((0.5 - half.ventricle / half.step).clamp(0, 1))
    made = drawn("ventriculomegaly", "left", 1.5)
    assert made.volume_ml / before == pytest.approx(1.5**2, rel=0.2)


def test_the_outline_moves_with_a_large_hemisphere_only() -> None:
    for kind in KINDS:
        one = scan(voxel=voxel_of(kind))
        grown = int(drawn(kind, "left", MIDDLE[kind]).brain_mask.sum()) - int(one.mask.sum())
        assert np.sign(grown) == {"hemimegalencephaly": 1, "hemiatrophy": -1}.get(kind, 0), kind


def test_the_contrast_is_measured_and_whole_numbers_stay_whole() -> None:
    one = scan("T1")
    counts = Scan((1000 * one.image.clip(0)).astype(np.int16), one.affine, one.mask, one.plane)
    made = counts.draw("stroke_chronic", "right", 10.0, seed=3)
    assert made.image.dtype == np.int16
    assert np.median((made.image - counts.image)[made.truth]) < 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "tumour"}, "There is no pathology 'tumour'. Choose one of: ventriculomegaly"),
        ({"side": "up"}, "There is no side 'up'. Choose one of: right, left, both."),
        ({"contrast": "FLAIR"}, "There is no contrast 'FLAIR'. Choose one of: T1, T2."),
        ({"severity": 0.0}, "severity must be above 0, in % of the hemisphere, got 0.0."),
    ],
)
def test_what_can_not_be_drawn_is_named(change: dict, message: str) -> None:
    given = {"kind": "stroke_acute", "side": "left", "severity": 5.0, **change}
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        scan().draw(**given)


def test_arrays_that_do_not_fit_are_named() -> None:
    one = scan()
    with pytest.raises(ValueError, match="of one shape"):
        Scan(one.image[1:], one.affine, one.mask, one.plane).draw("stroke_acute", "left", 5.0)
    with pytest.raises(ValueError, match="brain_mask must not be empty"):
        Scan(one.image, one.affine, one.mask & False, one.plane).draw("stroke_acute", "left", 5.0)


def test_a_strength_is_found_by_secants() -> None:
    strength = calibrated(lambda s: float(np.exp(0.7 * s)), 1.5, 0.3)
    assert np.exp(0.7 * strength) == pytest.approx(1.5, rel=0.01)
