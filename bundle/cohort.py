"""The verb ``cohort``: write synthetic newborn heads, the default data of the training."""

from __future__ import annotations

import time


def cohort(
    output_dir: str,
    subjects: int = 40,
    seed: int = 0,
    asymmetry: str = "mid",
    split: str | None = None,
    youngest: float = 37.0,
    oldest: float = 44.0,
) -> str:
    """Write synthetic newborn heads with their ground truth as NIfTI files.

    Args:
        output_dir: folder to write to; created if missing. An interrupted cohort is completed.
        subjects: number of heads, each with two scans.
        seed: of all randomness; the same seed gives the same cohort.
        asymmetry: natural asymmetry of the heads: ``none``, ``mild``, ``mid`` or ``strong``.
        split: put all heads into this split, for example ``test``; by default 65 % train, 15 % validate and 20 % test.
        youngest: smallest age at the scan, weeks after the last menstruation, 28 or more.
        oldest: largest age at the scan, weeks, 44 or less.

    Returns:
        Path of the datalist.
    """
    from scripts.console.output import count, duration, say
    from scripts.phantom.cohort import make_cohort  # torch loads with it

    ages = (youngest, oldest)
    start = time.perf_counter()
    say(f"Making {count(subjects, 'synthetic head')} …")
    path = make_cohort(output_dir, subjects=subjects, seed=seed, asymmetry=asymmetry, split=split, ages=ages)
    say(f"Made {count(subjects, 'synthetic head')} in {duration(time.perf_counter() - start)}. Datalist:")
    return str(path)
