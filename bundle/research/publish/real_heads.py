"""The real heads of the benchmarks: all of them are measured, or none."""

from __future__ import annotations

from typing import Any

from ..benchmark.skull_strip import missing_heads


def require_all(folders: dict[str, Any]) -> None:
    """Refuse folders that lack one of the real heads: a mean over fewer heads would not be comparable.

    Args:
        folders: ``itk_dir``, ``mricron_dir`` and ``spm_dir``; none of them means that published rows are kept.

    Raises:
        FileNotFoundError: if some are given, but not every head is found.
    """
    lacking = missing_heads({key.removesuffix("_dir"): value for key, value in folders.items()}) if folders else []
    if lacking:
        raise FileNotFoundError(
            f"no files of the real heads {', '.join(lacking)}: install or give all of them (docs/preprocessing.md), "
            "or give no folder, which keeps the published rows of real heads."
        )
