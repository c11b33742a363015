"""The viewer of a report: what it shows lies where it belongs, and the page asks for nothing."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
import torch
from monai.data import MetaTensor

from bundle.deploy.pdf import BROWSERS
from bundle.reports import viewer as module
from bundle.reports.scan import scan_page
from bundle.reports.viewer import NIIVUE, reflection, viewer_volumes
from tests.bundle.reports.test_reports import of_scan

BROWSER = next(filter(None, map(shutil.which, BROWSERS)), None)
SOFTWARE_GL = ("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist")
SPOT = np.array([-14.0, 12.0, 20.0])
"""Of the highest probability, RAS mm."""


def planted(code: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a result and data with a spot at SPOT, the voxels in the order of ``code``."""
    result, data = of_scan()
    to_ras = np.array([[2.0, 0, 0, -30], [0, 2, 0, -20], [0, 0, 2, -10], [0, 0, 0, 1]])
    points = np.stack(np.meshgrid(*(np.arange(n) for n in (30, 32, 34)), indexing="ij"), -1) * 2.0 + to_ras[:3, 3]
    spot = np.exp(-(np.linalg.norm(points - SPOT, axis=-1) ** 2) / 20)
    brain = np.linalg.norm((points - [0, 12, 20]) / [24, 28, 28], axis=-1) < 1
    turn = nib.orientations.ornt_transform(nib.orientations.axcodes2ornt("RAS"), nib.orientations.axcodes2ornt(code))
    for name, values in (("head", brain * 100.0), ("brain_mask", brain * 1.0), ("probability", spot * brain)):
        turned = nib.Nifti1Image(values.astype(np.float32), to_ras).as_reoriented(turn)
        voxels = torch.from_numpy(np.ascontiguousarray(turned.get_fdata(dtype=np.float32)))
        data[name] = MetaTensor(voxels[None], affine=torch.from_numpy(turned.affine))
    return {**result, "peak_ras_mm": SPOT.tolist()}, data


@pytest.mark.parametrize("largest", [module.LARGEST, 4000])
@pytest.mark.parametrize("code", ["RAS", "LAS", "LPS", "PIR"])
def test_the_map_lies_on_its_place(code: str, largest: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST", largest)
    volumes, affine = viewer_volumes(planted(code)[1])
    peak = np.array(np.unravel_index(volumes["map"].argmax(), volumes["map"].shape))
    assert np.linalg.norm(affine[:3, :3] @ peak + affine[:3, 3] - SPOT) < (4 if largest == 4000 else 1)
    assert {v.shape for v in volumes.values()} == {volumes["map"].shape}
    assert volumes["scan"].size <= max(largest, 1)
    assert volumes["map"].max() > 200 and (volumes["map"] == 0).mean() > 0.9


def test_the_mirror_image_has_the_mirror_position_at_the_same_place() -> None:
    tilted = np.array([0.98, 0.15, -0.1]) / np.linalg.norm([0.98, 0.15, -0.1])
    matrix = reflection([1.0, 2.0, 3.0], tilted.tolist())
    place = np.array([20.0, 5.0, -4.0, 1.0])
    assert np.allclose(matrix @ matrix @ place, place)
    assert np.isclose((matrix @ place)[:3] @ tilted + place[:3] @ tilted, 2 * np.array([1.0, 2, 3]) @ tilted)
    assert np.linalg.det(matrix) == pytest.approx(-1)


def test_niivue_is_the_one_of_its_readme() -> None:
    text = (NIIVUE.parent / "README.md").read_text(encoding="utf-8")
    assert hashlib.sha256(NIIVUE.read_bytes()).hexdigest() in text


def test_the_page_holds_the_scan_once_and_can_do_without() -> None:
    result, data = planted("RAS")
    page = scan_page(result, data, [])
    (settings,) = re.findall(r"const settings = (.*);\n", page)
    volumes = json.loads(settings)["volumes"]
    assert set(volumes) == {"scan", "map", "mask"}
    first = nib.Nifti1Image.from_bytes(gzip.decompress(base64.b64decode(volumes["scan"])))
    assert nib.aff2axcodes(first.affine) == ("R", "A", "S")
    assert "default-src 'none'" in page
    assert "niivue" not in scan_page(result, data, [], with_viewer=False)


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="no browser is installed")
@pytest.mark.parametrize("code", ["RAS", "LPS"])
def test_a_browser_shows_the_place_without_an_error(code: str, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(scan_page(*planted(code), []), encoding="utf-8")
    options = ["--headless", "--no-sandbox", *SOFTWARE_GL, f"--user-data-dir={tmp_path}", "--virtual-time-budget=20000"]
    shown = subprocess.run(
        [str(BROWSER), *options, "--enable-logging=stderr", "--dump-dom", file.as_uri()],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert '<output id="place">R, A, S: -14, 12, 20 mm</output>' in shown.stdout
    assert "CONSOLE" not in shown.stderr
