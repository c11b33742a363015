"""The peak memory of a program, on Linux."""

from __future__ import annotations

import resource
from pathlib import Path


def peak_mb() -> float:
    """Return the peak memory (MB) of this program; ``ru_maxrss`` would count what its parent held before, too."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def peak_of_children_mb() -> float:
    """Return the peak memory (MB) of a program that this one ran; 0 if it ran none."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
