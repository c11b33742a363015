"""OHIF behind an archive: the segments lie on the lesion, and the report can be read."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bundle.deploy.pdf import BROWSERS
from bundle.deploy.run import run_studies
from scripts.results.bands import BANDS
from tests.dicom import write_series
from tests.heads import make_head
from tests.hosts.ohif import FOLDER, REASON, ohif
from tests.hosts.orthanc import PROGRAM, free_port, orthanc
from tests.hosts.orthanc import REASON as NO_ORTHANC

pytest.importorskip("playwright", reason="Playwright is not installed: pip install playwright")
BROWSER = next(filter(None, map(shutil.which, BROWSERS)), None)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PROGRAM, reason=NO_ORTHANC),
    pytest.mark.skipif(not BROWSER, reason=f"none of {', '.join(BROWSERS)} is installed"),
    pytest.mark.skipif(not (FOLDER / "index.html").is_file(), reason=REASON),
]

STUDIES = {"even": ((256, 256), 0.0), "odd": ((203, 233), 0.0), "oblique": ((200, 220), 14.0)}
"""Columns and rows, and the turn of the scanner's grid, degrees."""

CENTRE = Path(__file__).with_name("ohif_centre.js").read_text()
FLAGS = ("--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")


def on_grid(array: np.ndarray, affine: np.ndarray, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Cut or pad the first two axes to a size, around the middle."""
    old = array.shape[:2]
    off = [(new - n) // 2 for new, n in zip(size, old, strict=True)]
    margins = [(max(o, 0), max(new - n - o, 0)) for o, new, n in zip(off, size, old, strict=True)]
    cut = np.pad(array, [*margins, (0, 0)])[
        tuple(slice(max(-o, 0), max(-o, 0) + n) for o, n in zip(off, size, strict=True))
    ]
    moved = affine.copy()
    moved[:3, 3] -= affine[:3, :2] @ off
    return cut, moved


@pytest.fixture(scope="module")
def lesions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, np.ndarray]]:
    """Study -> its folder with images and objects, and the centre of the lesion, LPS mm."""
    made, home = {}, tmp_path_factory.mktemp("ohif")
    for number, (name, (size, turn)) in enumerate(STUDIES.items()):
        head = make_head("LPS", yaw=3, voxel=(0.8, 0.8, 3.0), noise=0.02, lesion="left", oblique=turn)
        affine = head.image.affine.numpy()
        array, moved = on_grid(head.image[0].numpy(), affine, size)
        uid = f"1.2.826.0.1.3680043.8.498.28{number}"
        write_series(array, moved, home / name, StudyInstanceUID=uid, SeriesDescription="T2 tra")
        assert run_studies(home / name, home / name / "objects") == 0
        centre = affine[:3, :3] @ head.lesion[0].nonzero().double().mean(0).numpy() + affine[:3, 3]
        made[name] = home / name, np.array([-1, -1, 1]) * centre
    return made


@pytest.fixture(scope="module")
def viewer(lesions: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("archive")
    with orthanc(home, ("NONE", free_port())) as archive, ohif(f"http://127.0.0.1:{archive.http}") as address:
        for folder, _ in lesions.values():
            for file in (*folder.glob("*MI"), *folder.glob("objects/*.dcm")):
                archive.ask("/instances", file.read_bytes())
        yield address


@pytest.mark.parametrize("name", STUDIES)
def test_the_segments_lie_on_the_lesion(name: str, viewer: str, lesions: Any, tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    uid = f"1.2.826.0.1.3680043.8.498.28{list(STUDIES).index(name)}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        requests, errors = [], []
        page.on("request", lambda request: requests.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{viewer}/viewer?StudyInstanceUIDs={uid}")
        page.get_by_text("Skip all").click(timeout=120_000)
        page.get_by_text("SEG", exact=True).dblclick()
        page.get_by_text("Yes", exact=True).first.click(timeout=120_000)  # to load the segments
        page.wait_for_function("window.services.segmentationService.getSegmentations().length > 0", timeout=120_000)
        page.wait_for_timeout(3000)
        found = page.evaluate(CENTRE)
        page.get_by_text("DOC", exact=True).dblclick()
        page.wait_for_selector("object, iframe, embed", timeout=60_000, state="attached")
        browser.close()
    assert found["labels"] == list(BANDS)
    assert np.linalg.norm(np.array(found["centre"]) - lesions[name][1]) < 2, (found, lesions[name][1])
    assert not errors
    elsewhere = [url for url in requests if url.startswith("http") and not url.startswith(viewer)]
    assert not elsewhere, "nothing leaves this machine"
