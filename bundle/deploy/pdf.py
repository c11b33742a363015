"""Print the report as PDF with an installed browser."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "microsoft-edge")
SECONDS = 120
"""Time limit of the browser."""


def print_page(page: Path) -> bytes | None:
    """Return a page as PDF; None if there is no browser, or it cannot print."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "report.pdf"
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", f"--user-data-dir={folder}"]
        command = [browser, *options, f"--print-to-pdf={target}", page.absolute().as_uri()]
        try:
            subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            return None
        return target.read_bytes() if target.exists() else None
