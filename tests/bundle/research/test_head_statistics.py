"""The statistics of heads: on bodies whose sizes, noise and asymmetry are known."""

import csv
import json
from types import SimpleNamespace

import nibabel as nib
import numpy as np
import pytest

from bundle.research.benchmark.head_statistics import newborns, read_newborn, summary
from bundle.research.benchmark.head_statistics.contrast import quality
from bundle.research.benchmark.head_statistics.labelled import (
    CODE,
    AlignedHead,
    LabelledHead,
    Volume,
    align,
    depth_below_hull,
)
from bundle.research.benchmark.head_statistics.shape import folding, sizes, volume_asymmetry
from bundle.research.benchmark.head_statistics.symmetry import mirrored
from bundle.research.publish.make import heads
from bundle.research.publish.nodes import NODES
from bundle.research.publish.tables_heads import SHAPE, side_by_side

WHITE, CORTEX = 22.0, 25.0
"""Radii of a ball, mm."""


def ball(noise=0.0):
    """A ball of white matter in a shell of cortex; brighter in front, with noise if asked for."""
    x, y, z = np.meshgrid(*[np.arange(-32.0, 33.0)] * 3, indexing="ij")
    radius = np.sqrt(x * x + y * y + z * z)
    labels = np.where(radius < WHITE, CODE["white"], np.where(radius < CORTEX, CODE["cortex"], 0)).astype(np.uint8)
    image = np.where(labels == CODE["white"], 400.0, 300.0 + 4 * y) * (labels > 0)
    image = image + noise * np.random.default_rng(0).normal(size=image.shape)
    affine = np.eye(4)
    affine[:3, 3] = -32
    side = np.sign(x).astype(np.int8)
    return LabelledHead("ball", 40.0, Volume(labels, affine), side, {"T2w": Volume(image, affine)})


def aligned(head):
    return AlignedHead(
        head.labels.voxels,
        depth_below_hull(head.labels.voxels > 0),
        {name: scan.voxels for name, scan in head.images.items()},
    )


def test_a_balls_size_and_cortex():
    found = sizes(aligned(ball())) | folding(aligned(ball()))
    assert found["width_mm"] == pytest.approx(2 * CORTEX, abs=2) == found["length_mm"]
    assert found["white_ml"] == pytest.approx(4.19e-3 * WHITE**3, rel=0.03)
    assert found["thickness_mm"] == pytest.approx((CORTEX**3 - WHITE**3) / (3 * WHITE**2), rel=0.06)
    assert found["folding_ratio"] == pytest.approx((WHITE / CORTEX) ** 2, rel=0.06)
    assert found["layer.white.0-2_mm"] == 0 and found["layer.white.6-8_mm"] == 1


def test_what_is_missing_on_the_right_is_an_asymmetry_to_the_left():
    head = ball()
    whole = volume_asymmetry(head)
    assert whole["asymmetry.cerebrum"] == 0
    head.labels.voxels[44:] = 0
    assert volume_asymmetry(head)["asymmetry.cerebrum"] > 0.1


def test_noise_is_measured_relative_to_white_matter():
    still, noisy = quality(ball()), quality(ball(noise=8.0))
    assert still["T2w.noise"] == 0
    assert noisy["T2w.noise"] == pytest.approx(8 / 400, rel=0.1)
    assert noisy["T2w.grain"] > still["T2w.grain"]


def test_a_symmetric_head_correlates_with_its_mirror_image_and_a_mark_on_one_side_lowers_that():
    head = ball()
    assert mirrored(aligned(head))["T2w.mirrored.0_mm"] == pytest.approx(1)
    head.images["T2w"].voxels[12:20, 25:40, 25:40] = 900
    marked = mirrored(aligned(head))
    assert marked["T2w.mirrored.0_mm"] < 0.9 and marked["T2w.mirrored.8_mm"] < 0.9


def test_a_turned_head_is_measured_about_its_own_plane():
    head = ball()
    fluid = np.argwhere(head.labels.voxels == CODE["cortex"])
    head.images["T2w"].voxels[tuple(fluid[fluid[:, 1] > 45].T)] = 900  # so that it has a plane
    turned = align(head)
    middle = turned.labels.shape[0] // 2
    assert turned.labels.shape[0] % 2 == 1
    halves = [int((part > 0).sum()) for part in (turned.labels[:middle], turned.labels[middle + 1 :])]
    assert halves[0] == pytest.approx(halves[1], rel=0.04)


def write_newborn(folder):
    """A newborn of a few voxels in LAS orientation: the labels say which side is left."""
    anat = folder / "sub-1" / "anat"
    anat.mkdir(parents=True)
    affine = np.diag([-1.0, 1.0, 1.0, 1.0])
    regions = np.zeros((6, 4, 4), np.uint8)
    regions[0], regions[1], regions[4], regions[5] = 50, 38, 39, 49
    tissues = np.full(regions.shape, 2, np.uint8)
    tissues[2:4] = 4
    for name, voxels in {"desc-tissue_dseg": tissues, "desc-drawem87_dseg": regions, "T2w": tissues}.items():
        nib.save(nib.Nifti1Image(voxels, affine), anat / f"sub-1_{name}.nii.gz")
    tables = {
        "participants.tsv": [["participant_id", "scan_age"], ["sub-1", "41"]],
        "desc-drawem87_dseg.tsv": [
            ["index", "name"],
            *(["38", "Parietal lobe right GM"], ["39", "Parietal lobe left GM"]),
            *(["49", "Lateral Ventricle left"], ["50", "Lateral Ventricle right"]),
        ],
    }
    for name, rows in tables.items():
        with (folder / name).open("w", newline="") as file:
            csv.writer(file, delimiter="\t").writerows(rows)


def test_a_newborn_is_read_with_its_sides(tmp_path):
    write_newborn(tmp_path)
    assert newborns(tmp_path) == ["sub-1"]
    head = read_newborn(tmp_path, "sub-1")
    assert head.age == 41 and list(head.images) == ["T2w"]
    names = ("ventricle", "cortex", "other", "other", "cortex", "ventricle")
    assert head.labels.voxels[:, 0, 0].tolist() == [CODE[name] for name in names]
    assert head.side[:, 0, 0].tolist() == [-1, -1, 0, 0, 1, 1], "the first voxel of RAS+ is the patient's left"


def test_a_folder_without_label_maps_is_refused(tmp_path):
    (tmp_path / "scan.nii.gz").touch()
    with pytest.raises(FileNotFoundError, match=r"has no file sub-\*/anat.*only scan\.nii\.gz: give a BIDS folder"):
        newborns(tmp_path)


def test_a_summary_has_an_interval_and_a_table_shows_both_kinds():
    found = summary([{"age_weeks": 40.0, "width_mm": w} for w in (80.0, 84.0, 88.0)])
    mean, deviation, low, high = found["statistics"]["width_mm"]
    assert (mean, deviation) == (84, 4) and low == pytest.approx(84 - 9.94, abs=0.01) and high > 84
    table = side_by_side({"synthetic": found}, SHAPE)
    assert "| cerebrum: width (mm) | – | 84.0 ± 4.0 (74.1 to 93.9) |" in table
    assert "real newborns (0) | synthetic heads (3)" in table


def test_published_newborns_are_kept_where_their_folder_is_not_given(tmp_path, monkeypatch):
    monkeypatch.setattr(heads, "measure", lambda folder, newborns_dir, number: {"synthetic": {"heads": number}})
    work = SimpleNamespace(root=tmp_path, folder=lambda *args: tmp_path)
    assert "real" not in heads.make(work)
    published = tmp_path / NODES["heads"].result
    published.parent.mkdir(parents=True)
    published.write_text(json.dumps({"real": {"heads": 12}, "synthetic": {"heads": 1}}))
    assert heads.make(work) == {"real": {"heads": 12}, "synthetic": {"heads": heads.HEADS}}
