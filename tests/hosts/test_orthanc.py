"""From an archive and back to it: three objects for each study, none missing and none twice, whatever is killed."""

from __future__ import annotations

import io
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pydicom
import pytest

from bundle.deploy.pacs.queue import SENT, Queue
from bundle.deploy.pdf import BROWSERS
from tests.conftest import ROOT
from tests.dicom import write_series
from tests.heads import make_head
from tests.hosts.orthanc import PROGRAM, REASON, Orthanc, free_port, orthanc
from tests.hosts.wait import until

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not PROGRAM, reason=REASON)]

STUDIES, KILLS, TITLE = 12, 10, "SYM"
OBJECTS = {"SEG", "SR"} | ({"DOC"} if any(map(shutil.which, BROWSERS)) else set())


def listener(home: Path, *words: str) -> subprocess.Popen[bytes]:
    """Start a verb in a process of its own."""
    command = [sys.executable, "-m", "bundle.deploy", *words, "--home", str(home), "--quiet", "1", "--device", "cpu"]
    log = (home.parent / f"{home.name}.log").open("ab")
    return subprocess.Popen([*command, "--ae_title", TITLE], cwd=ROOT, env={**os.environ}, stdout=log, stderr=log)


def all_sent(home: Path, studies: int) -> bool:
    states = [study.state for study in Queue(home).studies()]
    return states == [SENT] * studies


def results(archive: Orthanc) -> dict[str, Counter[str]]:
    """Return study -> number of the objects of each modality that are no images."""
    found: dict[str, Counter[str]] = {}
    for content in archive.files():
        dataset = pydicom.dcmread(io.BytesIO(content), stop_before_pixels=True)
        if dataset.Modality != "MR":
            found.setdefault(str(dataset.StudyInstanceUID), Counter())[dataset.Modality] += 1
    return found


def references(dataset: Any) -> set[str]:
    """Return the instances that a data set refers to."""
    return {str(element.value) for element in dataset.iterall() if element.keyword == "ReferencedSOPInstanceUID"}


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Orthanc]:
    """An archive that holds studies of a head with a lesion on its left."""
    head = make_head("LPS", yaw=3, voxel=(3.0, 3.0, 3.0), noise=0.02, lesion="left")
    array, affine = head.image[0].numpy(), head.image.affine.numpy()
    with orthanc(tmp_path / "archive", (TITLE, free_port())) as running:
        for number in range(STUDIES):
            folder = tmp_path / "studies" / f"{number}"
            tags = {"StudyInstanceUID": f"1.2.826.0.1.3680043.8.498.{number + 1}", "PatientID": f"p{number}"}
            write_series(array, affine, folder, SeriesDescription="T2 tra", **tags)
            for file in folder.iterdir():
                running.ask("/instances", file.read_bytes())
        yield running


def test_ten_kills(archive: Orthanc, tmp_path: Path) -> None:
    home, studies, chance = tmp_path / "queue", archive.ask("/studies"), random.Random(28)
    words = ("listen", "--port", str(archive.node[1]), "--send", archive.destination, "--allow", "ARCHIVE")
    process, waiting, kills = listener(home, *words), list(studies), 0
    try:
        while waiting or kills < KILLS:
            if waiting and until(lambda: archive.push(waiting[0]), 60):
                waiting.pop(0)
            if kills < KILLS:
                time.sleep(chance.uniform(0.0, 12.0))
                process.send_signal(signal.SIGKILL)
                process.wait()
                process, kills = listener(home, *words), kills + 1
        assert until(lambda: all_sent(home, STUDIES), 400), Queue(home).studies()
    finally:
        process.terminate()
    assert process.wait(60) == 0, "a clean stop"
    found = results(archive)
    assert len(found) == STUDIES and all(counts == Counter(OBJECTS) for counts in found.values()), found
    log = (tmp_path / "queue.log").read_text()
    assert "Traceback" not in log and "Phantom" not in log


def test_by_dicomweb(archive: Orthanc, tmp_path: Path) -> None:
    for study in archive.ask("/studies")[2:]:
        archive.delete(f"/studies/{study}")
    home = tmp_path / "queue"
    process = listener(home, "pull", "--url", archive.dicomweb, "--send", archive.dicomweb, "--every", "3")
    try:
        assert until(lambda: all_sent(home, 2), 120), (tmp_path / "queue.log").read_text()
        time.sleep(5)  # it searches again, and finds nothing new
    finally:
        process.terminate()
    assert process.wait(60) == 0
    found = results(archive)
    assert len(found) == 2 and all(counts == Counter(OBJECTS) for counts in found.values()), found
    datasets = [pydicom.dcmread(io.BytesIO(content)) for content in archive.files()]
    there = {str(dataset.SOPInstanceUID) for dataset in datasets}
    assert not set().union(*map(references, datasets)) - there, "every reference is resolved"
    if shutil.which("dciodvfy"):
        for dataset in (one for one in datasets if one.Modality != "MR"):
            dataset.save_as(tmp_path / "one.dcm")
            checked = subprocess.run(["dciodvfy", tmp_path / "one.dcm"], capture_output=True, text=True, check=False)
            errors = [line for line in checked.stderr.splitlines() if line.startswith("Error")]
            assert not errors, (dataset.Modality, errors)
