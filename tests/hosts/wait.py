"""Wait for another process."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(found: Callable[[], bool], seconds: float) -> bool:
    """Wait until something is true; return whether it became so in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found():
            return True
        time.sleep(0.5)
    return False
