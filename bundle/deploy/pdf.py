"""The report printed by whichever browser is at hand."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "microsoft-edge")
SECONDS = 120


def print_page(page: Path) -> bytes | None:
    """Return a page as PDF; None where there is no browser, or it can't print."""
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
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
