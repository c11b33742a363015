"""MONAI Label's server with the bundle, on a free port of this machine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bundle.predict.cohort_table import NAME
from tests.conftest import ROOT
from tests.hosts.orthanc import free_port

Ask = Callable[..., bytes]
"""``ask(path, params=…, **query)`` returns the body of the server's response."""

STARTER = str(Path(__file__).with_name("run_label.py"))
OPTIONS = {"models": NAME, "zoo_source": "local", "sam2": "false", "skip_trainers": "true"}


@contextmanager
def label_server(python: str, studies: str, folder: Path, environment: dict[str, str] | None = None) -> Iterator[Ask]:
    """Start the server, and end it.

    Args:
        python: of the environment that MONAI Label is installed in.
        studies: a folder, or the URL of a DICOMweb server.
        folder: for the application and its log.
        environment: more variables.
    """
    path = f"{Path(python).parent}:{os.environ['PATH']}"
    own = {**os.environ, "PATH": path, "BUNDLE_DOWNLOAD_SRC": "local", **(environment or {})}
    # What "monailabel apps --download" copies out of the installation.
    shutil.copytree(Path(python).parents[1] / "monailabel" / "sample-apps" / "monaibundle", folder / "monaibundle")
    (folder / "monaibundle" / "model").mkdir()
    (folder / "monaibundle" / "model" / NAME).symlink_to(ROOT)
    port, log = free_port(), folder / "log.txt"
    start = [python, STARTER, "start_server", "-a", "monaibundle", "-s", studies, "-i", "127.0.0.1", "-p", str(port)]
    start += [word for key, value in OPTIONS.items() for word in ("-c", key, value)]
    with log.open("w") as out:
        server = subprocess.Popen(start, stdout=out, stderr=out, cwd=folder, env=own)

    def ask(path: str, params: dict | None = None, body: bytes | None = None, **query: str) -> bytes:
        url = f"http://127.0.0.1:{port}{path}?{urllib.parse.urlencode(query)}"
        form = None if params is None else urllib.parse.urlencode({"params": json.dumps(params)}).encode()
        content = {"Content-Type": "application/json"} if body else {}
        try:
            with urllib.request.urlopen(urllib.request.Request(url, body or form, content), timeout=500) as response:
                return response.read()
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{error.code} {error.read().decode()}\n{log.read_text()[-6000:]}") from error

    try:
        for _ in range(300):
            assert server.poll() is None, log.read_text()[-6000:]
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/info/", timeout=500):
                    break
            except OSError:
                time.sleep(1)
        yield ask
    finally:
        server.terminate()
        server.wait(60)
