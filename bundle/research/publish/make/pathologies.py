"""The pathologies that can be drawn into a head: their table, and a picture of each in a synthetic head."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from scripts.disclaimer import RESEARCH_ONLY, SIMULATED

from ..pathology_figure import Panel, draw_panels, keep_panel
from ..picture import shrink
from ..work import Work

HEADS = {"subjects": 3, "seed": 5, "spacing": 0.86}
SUBJECT = "sub-002"
SIDE, SEED = "right", 3
WIDTH = 1080
"""Of the picture, in pixels."""


def make(work: Work) -> dict[str, Any]:
    """Draw every pathology at its middle severity into both scans of a synthetic head; write picture and table."""
    from scripts.simulation.pathology.rows import PATHOLOGIES

    heads = work.cohort("pathologies", **HEADS)
    splits = json.loads((heads / "datalist.json").read_text())
    items = [item for split in ("training", "validation", "test") for item in splits[split]]
    scans = [item for item in items if item["subject"] == SUBJECT]
    panels = draw_all(heads, scans)
    path = heads / "figure.png"
    draw_panels(panels, path)
    shrink(path, work.figure("pathologies"), WIDTH)
    rows = {}
    for kind, row in PATHOLOGIES.items():
        words = {name: value for name, value in asdict(row).items() if name != "draw"}
        volumes = {panel.contrast: panel.volume_ml for panel in panels if panel.kind == kind}
        rows[kind] = {**words, "severities": list(row.severities), "volume_ml": volumes}
    return {"note": f"{SIMULATED} {RESEARCH_ONLY}", "side": SIDE, "seed": SEED, "subject": SUBJECT, "rows": rows}


def draw_all(heads: Path, scans: list[dict[str, Any]]) -> list[Panel]:
    """Draw every pathology into every scan of a cohort, and keep one slice of each."""
    import nibabel as nib
    import numpy as np

    from scripts.midline.plane import MidsagittalPlane
    from scripts.simulation.pathology.anatomy import find_anatomy
    from scripts.simulation.pathology.draw import draw_pathology
    from scripts.simulation.pathology.rows import PATHOLOGIES

    panels = []
    for item in scans:
        image, mask = (nib.load(heads / item[key]) for key in ("image", "brain_mask"))
        voxels, brain = np.asarray(image.dataobj, dtype=np.float32), np.asarray(mask.dataobj) > 0
        plane, contrast = MidsagittalPlane.from_mapping(item["plane"]), item["contrast"][:2]
        anatomy = find_anatomy(voxels, image.affine, brain, plane, contrast)
        for kind, row in PATHOLOGIES.items():
            options = {"contrast": contrast, "seed": SEED, "anatomy": anatomy}
            given = (voxels, image.affine, brain, plane, kind, SIDE, row.severities[1])
            panels.append(keep_panel(draw_pathology(*given, **options), contrast, anatomy.canvas))
    return panels
