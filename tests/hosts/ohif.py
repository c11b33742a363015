"""OHIF from its npm package, on a free port of this machine, with the DICOMweb services of an archive behind it."""

from __future__ import annotations

import json
import os
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

FOLDER = Path(os.environ.get("OHIF_FOLDER", ""))
"""The folder ``dist`` of the package, see ``install.sh``."""

REASON = "OHIF is not installed: bash tests/hosts/install.sh ohif DIR, then set OHIF_FOLDER=DIR/package/dist"

SOURCE = {
    "namespace": "@ohif/extension-default.dataSourcesModule.dicomweb",
    "sourceName": "dicomweb",
    "configuration": {
        "friendlyName": "archive",
        "name": "archive",
        "qidoRoot": "/dicom-web",
        "wadoRoot": "/dicom-web",
        "wadoUriRoot": "/dicom-web",
        "qidoSupportsIncludeField": False,
        "imageRendering": "wadors",
        "thumbnailRendering": "wadors",
        "enableStudyLazyLoad": True,
        "supportsFuzzyMatching": False,
        "supportsWildcard": True,
        "dicomUploadEnabled": False,
        "bulkDataURI": {"enabled": True, "relativeResolution": "studies"},
    },
}
CONFIGURATION = {
    "routerBasename": "/",
    "extensions": [],
    "modes": [],
    "showStudyList": True,
    "maxNumberOfWebWorkers": 2,
    "investigationalUseDialog": {"option": "never"},
    "defaultDataSourceName": "dicomweb",
    "dataSources": [SOURCE],
}


class _Handler(SimpleHTTPRequestHandler):
    """Serve the viewer's files; hand ``/dicom-web`` on to the archive."""

    archive = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, directory=str(FOLDER), **kwargs)

    def do_GET(self) -> None:
        if self.path.startswith("/dicom-web"):
            return self._ask()
        if self.path.split("?")[0] == "/app-config.js":
            return self._answer(200, f"window.config = {json.dumps(CONFIGURATION)};".encode(), "text/javascript")
        if not (FOLDER / self.path.split("?")[0].lstrip("/")).is_file():
            self.path = "/index.html"  # a page of the viewer, which is one page
        super().do_GET()

    def end_headers(self) -> None:
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        super().end_headers()

    def log_message(self, *args: Any) -> None:
        """Say nothing."""

    def _ask(self) -> None:
        own = {name: self.headers[name] for name in ("Accept", "Host") if name in self.headers}  # it writes URLs
        try:
            with urllib.request.urlopen(urllib.request.Request(self.archive + self.path, headers=own)) as answer:
                self._answer(answer.status, answer.read(), answer.headers["Content-Type"])
        except urllib.error.HTTPError as error:
            self._answer(error.code, error.read(), error.headers["Content-Type"] or "text/plain")

    def _answer(self, status: int, content: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def ohif(archive: str) -> Iterator[str]:
    """Serve the viewer; yield its address.

    Args:
        archive: address of the archive, to which ``/dicom-web`` is added.
    """
    handler = type("Handler", (_Handler,), {"archive": archive})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
