"""How much the unit of intensities depends on the skull strip: that of the whole brain, and that of its inner part."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from scripts.atomic_write import write_text
from scripts.disclaimer import RESEARCH_ONLY, SIMULATED

from ..pages import fill_pages, markdown_table
from .false_alarms import CONTRASTS, SEED


def benchmark_intensities(
    output_dir: str | Path = "docs", heads: int = 10, cohort_dir: str | Path = "datasets/intensities", seed: int = SEED
) -> dict[str, Any]:
    """Compare the deviation of a head's intensities after the learned strip with that within the generator's mask.

    Args:
        output_dir: where ``intensities.json`` is written.
        heads: subjects, each with a T1-like and a T2-like scan.
        cohort_dir: where the heads are made, once.
        seed: of the heads.

    Returns:
        What was written: for the ``whole`` brain and its ``inner`` part, by how much (a share) the deviation differs in
        the median and at the most; and the median of the inner part's deviation in that of the whole.
    """
    from monai.transforms import LoadImage
    from tqdm import tqdm

    from scripts.phantom.cohort import make_cohort
    from scripts.preprocessing.intensity import inner_brain
    from scripts.skull_strip import SkullStrip

    datalist = make_cohort(cohort_dir, heads, seed)
    content = json.loads(datalist.read_text())
    items = [item for split in ("training", "validation", "test") for item in content[split]]
    items = [item for item in items if item["contrast"] in CONTRASTS]
    load, strip = LoadImage(ensure_channel_first=True), SkullStrip()
    found = []  # for each scan and mask the deviations of the whole brain and of its inner part
    for item in tqdm(items, unit="scan"):
        head = load(datalist.parent / item["image"])
        spacing = head.affine.norm(dim=0)[:3].tolist()
        masks = strip(head)[1][0] > 0, load(datalist.parent / item["brain_mask"])[0] > 0
        parts = [(mask.as_tensor(), inner_brain(mask.as_tensor(), spacing)) for mask in masks]
        found.append([[float(head[0].as_tensor()[part].std()) for part in pair] for pair in parts])
    learned, perfect = np.array(found).swapaxes(0, 1)  # (scans, 2) each
    off = np.abs(learned / perfect - 1)
    report = {
        "note": f"{SIMULATED} {RESEARCH_ONLY}",
        "seed": seed,
        "scans": len(items),
        "differs": {
            name: {"median": round(float(np.median(column)), 4), "largest": round(float(column.max()), 4)}
            for name, column in zip(("whole", "inner"), off.T, strict=True)
        },
        "inner_share": round(float(np.median(perfect[:, 1] / perfect[:, 0])), 4),
    }
    out = Path(output_dir)
    out.mkdir(parents=True, exist_ok=True)
    write_text(out / "intensities.json", json.dumps(report, indent=1) + "\n")
    fill_pages([out], "intensities", as_markdown(report))
    return report


def as_markdown(report: dict[str, Any]) -> str:
    """Lay out by how much the unit differs."""
    rows = [
        [f"{name} brain", *(f"{100 * at[part]:.1f} %" for part in ("median", "largest"))]
        for name, at in report["differs"].items()
    ]
    scans = f"standard deviation of the intensities ({report['scans']} scans)"
    return markdown_table([scans, "differs by: median", "largest"], rows)
