"""From PACS to PACS on this machine: nothing is lost and nothing doubled, whatever happens."""

from __future__ import annotations

import argparse
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pydicom
import pytest

from bundle.deploy import write
from bundle.deploy.pacs import work as module
from bundle.deploy.pacs.commands import encrypted, run, status
from bundle.deploy.pacs.listen import start
from bundle.deploy.pacs.pull import pull
from bundle.deploy.pacs.queue import ATTEMPTS, COMING, DEAD, SENT, WORKING, Queue, study_name
from bundle.deploy.pacs.send import Archive, SendError, parse, send
from bundle.deploy.pacs.work import work
from tests.bundle.deploy.test_deploy import QUICK
from tests.dicom import STUDY_UID, write_series
from tests.heads import make_head


def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def instances(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("study")
    head = make_head("LPS", yaw=3, voxel=(3.0, 3.0, 3.0), noise=0.02, lesion="left")
    write_series(head.image[0].numpy(), head.image.affine.numpy(), folder, SeriesDescription="T2")
    return sorted(folder.iterdir())


@pytest.fixture(autouse=True)
def _no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "print_page", lambda page: None)  # it takes longer than all the rest


@pytest.fixture
def archive() -> Iterator[tuple[Archive, dict[str, Any]]]:
    """A node that keeps what it gets by UID, as an archive does."""
    from pynetdicom import AE, AllStoragePresentationContexts, evt

    kept: dict[str, Any] = {}

    def store(event: Any) -> int:
        kept[str(event.dataset.SOPInstanceUID)] = event.dataset
        return 0

    entity = AE(ae_title="ARCHIVE")
    entity.supported_contexts = AllStoragePresentationContexts
    number = port()
    server = entity.start_server(("127.0.0.1", number), block=False, evt_handlers=[(evt.EVT_C_STORE, store)])
    yield Archive("ARCHIVE", "127.0.0.1", number), kept
    server.shutdown()


def test_a_study_comes_is_scored_and_goes_back(
    tmp_path: Path, instances: list[Path], archive: tuple[Archive, dict[str, Any]]
) -> None:
    queue, number = Queue(tmp_path, quiet_s=0.0), port()
    server = start(queue, "SYM", number, allowed=["SCANNER"])
    try:
        with pytest.raises(SendError, match="refuses STRANGER"):
            send(instances[:1], Archive("SYM", "127.0.0.1", number), "STRANGER")
        send(instances, Archive("SYM", "127.0.0.1", number), "SCANNER")
    finally:
        server.shutdown()
    (study,) = queue.studies()
    assert (study.name, study.state, study.instances) == (study_name(STUDY_UID), COMING, len(instances))
    said: list[str] = []
    work(queue, archive[0], "SYM", QUICK, say=said.append, until_empty=True)
    (study,) = queue.studies()
    assert study.state == SENT and "objects" in said[0]
    sent = archive[1]
    assert {one.Modality for one in sent.values()} >= {"SEG", "SR"}
    queue.trigger(study.name)
    before = set(sent)
    work(queue, archive[0], "SYM", QUICK, say=said.append, until_empty=True)
    assert set(sent) == before, "a second run adds nothing"
    assert "Phantom" not in " ".join([*said, status(queue)])


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
def test_encrypted_connections(tmp_path: Path, instances: list[Path]) -> None:
    names = {name: tmp_path / f"{name}.pem" for name in ("certificate", "key")}
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(names["key"]), "-out", str(names["certificate"])]
    subprocess.run([*command, *files], check=True, capture_output=True)
    options = argparse.Namespace(
        tls_certificate=names["certificate"], tls_key=names["key"], tls_authority=names["certificate"]
    )
    unknown = argparse.Namespace(tls_certificate=None, tls_key=None, tls_authority=names["certificate"])
    queue, number = Queue(tmp_path / "queue"), port()
    server = start(queue, "SYM", number, tls=encrypted(options, ssl.Purpose.CLIENT_AUTH))
    try:
        for context in (None, encrypted(unknown, ssl.Purpose.SERVER_AUTH)):
            with pytest.raises(SendError):
                send(instances[:1], Archive("SYM", "127.0.0.1", number, context), "SCANNER")
        known = encrypted(options, ssl.Purpose.SERVER_AUTH)
        send(instances[:1], Archive("SYM", "127.0.0.1", number, known), "SCANNER")
    finally:
        server.shutdown()
    assert [study.instances for study in queue.studies()] == [1]


def test_results_that_could_not_be_sent_are_sent_later(
    tmp_path: Path, instances: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = Queue(tmp_path, quiet_s=0.0)
    for file in instances:
        dataset = pydicom.dcmread(file)
        target = queue.incoming(study_name(dataset.StudyInstanceUID)) / file.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.read_bytes())
        queue.received(dataset.StudyInstanceUID)
    nowhere = Archive("GONE", "127.0.0.1", port())
    work(queue, nowhere, "SYM", QUICK, say=lambda text: None, until_empty=True)
    (study,) = queue.studies()
    assert (study.state, study.attempts) == (COMING, 1) and study.due > time.time()
    assert "GONE" in study.reason and "does not answer" in study.reason
    sent: list[Path] = []
    monkeypatch.setattr(module, "send", lambda files, *rest: sent.extend(files))
    queue.trigger()
    work(queue, nowhere, "SYM", QUICK, say=lambda text: None, until_empty=True)
    assert queue.studies()[0].state == SENT and len(sent) >= 2


def test_a_study_that_cannot_be_scored_is_given_up_with_its_reason(tmp_path: Path) -> None:
    head = make_head("LPS", voxel=(3.0, 3.0, 3.0))
    array, affine = head.image[0].numpy(), head.image.affine.numpy()
    queue = Queue(tmp_path, quiet_s=0.0)
    write_series(array, affine, queue.incoming(study_name(STUDY_UID)), Modality="CT")
    queue.received(STUDY_UID)
    work(queue, None, "SYM", QUICK, say=lambda text: None, until_empty=True)
    (study,) = queue.studies()
    assert (study.state, study.reason) == (DEAD, "not_mr")
    assert run(["status", "--home", str(tmp_path)]) == 1
    queue.received(STUDY_UID)
    assert queue.studies()[0].state == COMING, "what is new brings it back"


def test_one_study_is_taken_once_and_again_after_a_crash(tmp_path: Path) -> None:
    queue = Queue(tmp_path, quiet_s=0.0)
    for number in range(5):
        queue.received(f"1.2.{number}")
    taken: list[str] = []

    def take() -> None:
        while study := Queue(tmp_path, quiet_s=0.0).take():
            taken.append(study.name)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted({study_name(f"1.2.{number}") for number in range(5)})
    assert {study.state for study in queue.studies()} == {WORKING}
    assert queue.recover() == 5 and queue.take() is not None


def test_what_comes_while_a_study_is_scored_is_scored_too(tmp_path: Path) -> None:
    queue = Queue(tmp_path, quiet_s=0.0)
    queue.received("1.2.3")
    study = queue.take()
    assert study is not None and queue.take() is None
    queue.received("1.2.3")
    queue.done(study)
    assert queue.studies()[0].state == COMING


def test_pauses_grow_and_end(tmp_path: Path) -> None:
    queue = Queue(tmp_path, quiet_s=0.0)
    queue.received("1.2.3")
    pauses = []
    for _ in range(ATTEMPTS):
        queue.trigger()
        study = queue.take()
        assert study is not None
        study = study._replace(attempts=len(pauses))
        queue.failed(study, "no answer")
        pauses.append(queue.studies()[0].due - time.time())
    assert all(later > earlier for earlier, later in pairwise(pauses))
    assert queue.studies()[0].state == DEAD


def test_a_server_that_does_not_answer_is_asked_again(tmp_path: Path) -> None:
    said: list[str] = []
    url = f"http://127.0.0.1:{port()}/dicom-web"
    assert pull(Queue(tmp_path), url, say=said.append) == 0
    assert said == [f"{url} can't be searched, and is asked again later: ConnectionError"]


@pytest.mark.parametrize("text", ["PACS", "PACS@host", "@host:104", "PACS@host:x"])
def test_a_destination_that_is_none_says_what_was_expected(text: str) -> None:
    with pytest.raises(ValueError, match="expected TITLE@HOST:PORT"):
        parse(text)


def test_destinations() -> None:
    assert parse("PACS@10.0.0.1:104") == Archive("PACS", "10.0.0.1", 104)
    assert parse("https://server/dicom-web/") == "https://server/dicom-web"
