"""The report of a synthetic head with a lesion: a picture for the documentation."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from scripts.disclaimer import RESEARCH_ONLY

from ....predict import run
from ..code import hash_of
from ..nodes import NODES, SCORER
from ..picture import shrink
from ..shipped_weights import SEED
from ..work import Work

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "chrome-headless-shell")
WINDOW = (1000, 1300)
"""Of the screenshot, in pixels."""

DIAMETER_MM, EDGE_MM = 15.0, 1.5
DARKER_SD = 1.5
PLACE_MM = (22.0, -20.0, 8.0)
"""Centre of the lesion: right of the mid-sagittal plane, and in front of and above the middle of the brain."""


def make(work: Work) -> dict[str, Any]:
    """Predict the head, and take a screenshot of the report if a browser is installed; else keep the picture."""
    node = NODES["report"]
    folder = work.folder("report", (*node.files, *node.code))
    scan, truth = draw_lesion(work, folder)
    run([str(scan)], folder / "out")
    (result,) = (json.loads(file.read_text()) for file in folder.glob("out/sub-*/*_asymmetry.json"))
    (page,) = folder.glob("out/sub-*/*_report.html")
    published = work.root / node.result
    weights = json.loads(published.read_text())["picture_weights"] if published.exists() else ""
    if screenshot(page, folder / "report.png"):
        shrink(folder / "report.png", work.figure("report"), WINDOW[0])
        weights = hash_of(work.root / SCORER)
    return {
        "note": f"A synthetic head with a simulated lesion. {RESEARCH_ONLY}",
        "lesion": truth,
        **{key: result[key] for key in ("status", "score", "side")},
        **{key: result["comparison"][key] for key in ("word", "p")},
        "findings": [
            {key: one[key] for key in ("centre_ras_mm", "volume_mm3", "looks", "p")} for one in result["findings"]
        ],
        "picture_weights": weights,
    }


def draw_lesion(work: Work, folder: Path) -> tuple[Path, dict[str, Any]]:
    """Write the T2-like scan of the first shipped test subject with a dark ball in the right hemisphere.

    Returns:
        Path of the scan, and where and what the lesion is.
    """
    import nibabel as nib
    import numpy as np

    heads = work.cohort("report", subjects=1, seed=SEED, split="test")
    items = json.loads((heads / "datalist.json").read_text())["test"]
    item = next(item for item in items if item["contrast"] == "T2w")
    image, mask = (nib.load(heads / item[key]) for key in ("image", "brain_mask"))
    voxels, brain = np.asarray(image.dataobj, dtype=np.float32), np.asarray(mask.dataobj) > 0
    grid = np.stack(np.meshgrid(*map(np.arange, voxels.shape), indexing="ij"), axis=-1)
    points = grid @ image.affine[:3, :3].T + image.affine[:3, 3]
    right, middle = np.array(item["plane"]["normal"]), points[brain].mean(0)
    middle = middle - ((middle - item["plane"]["point"]) @ right) * right
    centre = middle + PLACE_MM[0] * right + np.array([0.0, *PLACE_MM[1:]])
    share = np.clip(0.5 + (DIAMETER_MM / 2 - np.linalg.norm(points - centre, axis=-1)) / EDGE_MM, 0, 1) * brain
    voxels = np.clip(voxels - DARKER_SD * voxels[brain].std() * share, 0, None)
    path = folder / "sub-example_T2w.nii.gz"
    nib.save(nib.Nifti1Image(voxels, image.affine), path)
    volume = float(share.sum() * abs(np.linalg.det(image.affine[:3, :3])))
    return path, {
        "diameter_mm": DIAMETER_MM,
        "centre_ras_mm": [round(float(value), 1) for value in centre],
        "volume_ml": round(volume / 1000, 1),
        "darker_sd": DARKER_SD,
    }


def screenshot(page: Path, path: Path) -> bool:
    """Draw a page with a headless browser; say whether one is installed and did so."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        return False
    size = ",".join(map(str, WINDOW))
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--window-size={size}"]
    command = [browser, *options, f"--screenshot={path.resolve()}", page.resolve().as_uri()]
    done = subprocess.run(command, capture_output=True, check=False, timeout=120)
    return done.returncode == 0 and path.exists()
