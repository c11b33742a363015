"""Orthanc, an archive, on free ports of this machine."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROGRAM = shutil.which("Orthanc")
DICOMWEB = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
"""Where Debian's package orthanc-dicomweb puts its plugin."""

REASON = "Orthanc is not installed: apt-get install orthanc orthanc-dicomweb"
TITLE = "ARCHIVE"


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Orthanc:
    """A running archive.

    Args:
        home: its storage.
        node: AE title and port of an application that it can send to.
        settings: more keys of its configuration.
    """

    def __init__(self, home: Path, node: tuple[str, int], settings: dict[str, Any] | None = None) -> None:
        self.http, self.dicom, self.home, self.node = free_port(), free_port(), home, node
        configuration = {
            "StorageDirectory": str(home / "storage"),
            "HttpPort": self.http,
            "DicomPort": self.dicom,
            "DicomAet": TITLE,
            "AuthenticationEnabled": False,
            "RemoteAccessAllowed": False,
            "DicomModalities": {"node": [node[0], "127.0.0.1", node[1]]},
            "OverwriteInstances": True,
            "Plugins": [str(DICOMWEB)],
            "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
            **(settings or {}),
        }
        home.mkdir(parents=True, exist_ok=True)
        (home / "orthanc.json").write_text(json.dumps(configuration))
        assert PROGRAM, REASON
        self.log = (home / "orthanc.log").open("wb")
        self.process = subprocess.Popen([PROGRAM, str(home / "orthanc.json")], stdout=self.log, stderr=self.log)

    @property
    def dicomweb(self) -> str:
        """URL of its DICOMweb services."""
        return f"http://127.0.0.1:{self.http}/dicom-web"

    @property
    def destination(self) -> str:
        """For ``--send``."""
        return f"{TITLE}@127.0.0.1:{self.dicom}"

    def ask(self, path: str, content: bytes | None = None) -> Any:
        """Return the answer to a GET, or to a POST with content."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.http}{path}", content, timeout=120) as answer:
            found = answer.read()
        return json.loads(found) if answer.headers.get_content_type() == "application/json" else found

    def delete(self, path: str) -> None:
        """Delete what is at a path."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.http}{path}", method="DELETE")
        urllib.request.urlopen(request, timeout=120).close()

    def files(self) -> list[bytes]:
        """Return all instances."""
        return [self.ask(f"/instances/{name}/file") for name in self.ask("/instances")]

    def push(self, study: str) -> bool:
        """Send a study to the application by C-STORE; return whether all was taken."""
        try:
            self.ask("/modalities/node/store", study.encode())
        except urllib.error.HTTPError:
            return False
        return True


@contextmanager
def orthanc(home: Path, node: tuple[str, int], settings: dict[str, Any] | None = None) -> Iterator[Orthanc]:
    """Start an archive, and end it."""
    archive = Orthanc(home, node, settings)
    try:
        for _ in range(100):
            try:
                archive.ask("/system")
                break
            except OSError:
                time.sleep(0.2)
        else:
            raise RuntimeError((home / "orthanc.log").read_text()[-3000:])
        yield archive
    finally:
        archive.process.terminate()
        archive.process.wait(30)
        archive.log.close()
