"""The verb ``cohort``: write the embedded default data, a cohort of synthetic newborn heads."""

from __future__ import annotations


def cohort(output_dir: str, subjects: int = 40, seed: int = 0, asymmetry: str = "mid", split: str | None = None) -> str:
    """Write synthetic newborn heads with their truth as NIfTI files.

    Args:
        output_dir: folder to write to; created if missing, an interrupted cohort is completed.
        subjects: number of heads, each with two scans.
        seed: of all randomness; the same seed gives the same cohort.
        asymmetry: how uneven the heads are by nature: ``none``, ``mild``, ``mid`` or ``strong``.
        split: put all of them into this one, ``test`` say; by default 65 % train, 15 % validate and 20 % test.

    Returns:
        Path of the datalist.
    """
    from scripts.phantom.cohort import make_cohort  # torch loads with it

    return str(make_cohort(output_dir, subjects=subjects, seed=seed, asymmetry=asymmetry, split=split))
