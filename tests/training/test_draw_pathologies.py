"""Pathologies to learn from: as pairs of slices, chosen by the curriculum, in place of other lesions."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pytest
import torch
from monai.data import MetaTensor

from scripts.preprocessing.hemispheres import SplitHemispheresd
from scripts.preprocessing.slices import Slicesd
from scripts.simulation.pathology.rows import PATHOLOGIES
from scripts.simulation.simulate import SimulateAsymmetry
from scripts.training.appearance import RandAppearanced
from scripts.training.choose_slices import ChooseWithPathologiesd
from scripts.training.draw_pathologies import DrawPathologiesd, middle_plane, visible_slices
from tests.simulation.pathology.heads import scan

SIZE = (32, 64)
CPU = torch.device("cpu")


@lru_cache
def item(bilateral: float = 0.0, case: str = "a", count: int = len(PATHOLOGIES)) -> dict[str, Any]:
    """Preprocess a head with drawn pathologies, up to its slices."""
    head = scan("T2")
    brain = MetaTensor(torch.from_numpy(head.image)[None], affine=torch.from_numpy(head.affine))
    data = {"image": brain, "case": case, "subject": case}
    drawn = DrawPathologiesd("image", count, slices=3, size=SIZE, bilateral=bilateral)(data)
    return Slicesd("image")(SplitHemispheresd("image", size=SIZE)(drawn))


def test_every_slice_shows_its_pathology_on_one_side() -> None:
    made = item()["pathology"]
    count = len(made["slice"])
    assert made["pairs"].shape == made["truth"].shape == (count, 2, *SIZE)
    assert count >= 2 * len(PATHOLOGIES), "up to three slices of each"
    assert (made["truth"].flatten(2).any(2).sum(1) == 1).all()
    assert ((made["size"] >= 5) & (made["size"] <= 15)).all()
    assert set(made["slice"].tolist()) <= set(item()["slice"].tolist())


def test_both_sides_alike_are_no_asymmetry() -> None:
    made = item(bilateral=1.0)["pathology"]
    assert not made["truth"].any()
    normal = item(bilateral=1.0)["image"][torch.searchsorted(item()["slice"], made["slice"])]
    assert ((made["pairs"].float() - normal).abs().amax((1, 2, 3)) > 0.3).float().mean() > 0.8


def test_a_case_always_gets_the_same_and_another_one_others() -> None:
    item.cache_clear()
    first = item(count=4)["pathology"]
    item.cache_clear()
    again, other = item(count=4)["pathology"], item(count=4, case="b")["pathology"]
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["size"], other["size"])


def test_the_middle_of_an_aligned_grid_is_the_plane_of_the_head() -> None:
    head = scan("T2")
    plane = middle_plane(head.affine, head.image.shape[0])
    assert plane.normal == pytest.approx(head.plane.normal, abs=1e-6)
    assert plane.point[0] == pytest.approx(head.plane.point[0], abs=1e-6)


@pytest.mark.parametrize(("shown", "expected"), [([3, 4, 5, 6], [3, 5, 6]), ([4], [4]), ([0], []), ([], [])])
def test_visible_slices(shown: list[int], expected: list[int]) -> None:
    truth = torch.zeros(8, 8, 10, dtype=torch.bool)
    truth[2:6, 2:6, shown] = True
    truth[2, 2, 7] = bool(expected)  # too little to see
    assert visible_slices(truth, torch.arange(1, 9), 3).tolist() == expected


def test_chosen_slices_differ_by_the_pathology_alone() -> None:
    choose = ChooseWithPathologiesd("image", 40, ["physical", "pathology"]).set_random_state(seed=1)
    chosen = choose(item())
    ill = chosen["pathology"].flatten(1).any(1)
    assert 10 < ill.sum() < 30
    assert torch.equal(ill, chosen["truth"].flatten(1).any(1))
    assert torch.equal(ill, chosen["pathology_size"] > 0)
    own = item()["image"][torch.searchsorted(item()["slice"], chosen["slice"])]
    assert torch.equal(chosen["image"], own)


@pytest.mark.parametrize(("sizes", "low", "high"), [((1.0, 1, 5), 5, 8), ((1.0, 15, 20), 9, 15.1)])
def test_the_curriculum_chooses_the_severity(sizes: tuple[float, float, float], low: float, high: float) -> None:
    choose = ChooseWithPathologiesd("image", 30, "pathology").set_random_state(seed=1)
    choose.sizes = (sizes,)
    drawn = choose(item())["pathology_size"]
    assert ((drawn >= low) & (drawn <= high)).all()
    assert len(drawn.unique()) > 2


def test_without_pathologies_it_chooses_as_ever() -> None:
    plain = {key: value for key, value in item().items() if key != "pathology"}
    chosen = ChooseWithPathologiesd("image", 5, "physical").set_random_state(seed=1)(plain)
    assert set(chosen) == set(plain)
    assert len(chosen["slice"]) == 5


def test_a_batch_has_every_slice_without_and_with_its_lesion() -> None:
    choose = ChooseWithPathologiesd("image", 12, ["physical", "pathology"]).set_random_state(seed=1)
    chosen = choose(item())
    batch = {key: value[None] for key, value in chosen.items() if isinstance(value, torch.Tensor)}
    image, mask = SimulateAsymmetry(["physical", "pathology"], bilateral=0.0)(batch, CPU)
    ill = chosen["pathology"].flatten(1).any(1)
    assert torch.equal(image[:12], chosen["image"])
    assert torch.equal(image[12:][ill], chosen["pathology"][ill])
    assert torch.equal(mask[12:][ill], chosen["truth"][ill])
    assert not mask[:12].any()
    assert (mask[12:].flatten(2).any(2).sum(1) == 1).all()
    assert [name == "pathology" for name in batch["lesion_type"][12:]] == ill.tolist()
    assert torch.equal(batch["size"][12:][ill], chosen["pathology_size"][ill])


@pytest.mark.parametrize(
    ("trained", "measured"), [(["painted", "pathology"], "painted"), ("pathology", "physical"), ("soft", "soft")]
)
def test_an_evaluation_inserts_lesions_only(trained: str | list[str], measured: str) -> None:
    conditions = [{"lesion_type": trained, "sizes": [7]}]
    assert SimulateAsymmetry(conditions=conditions).conditions == [(measured, 7.0)]


def test_appearance_changes_both_alike() -> None:
    pair = item()["image"]
    alike = RandAppearanced(["image", "pathology"], prob=1.0).set_random_state(seed=2)
    changed = alike({"image": pair, "pathology": pair.clone()})
    assert torch.equal(changed["image"], changed["pathology"])
    assert not torch.equal(changed["image"], pair)
