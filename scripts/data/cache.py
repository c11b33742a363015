"""Preprocessing a data set once, several scans at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import torch
from monai.data import CacheDataset

from ..console.output import bar, count, duration, say


def cached(data: Sequence[Any], transform: Callable, num_workers: int = 2, **options: Any) -> CacheDataset:
    """Make MONAI's ``CacheDataset`` with one of torch's threads for each worker: more would only compete.

    Args:
        data: items.
        transform: what is done to them; the part before the first random transform is done here, once.
        num_workers: scans at a time.
        options: others of ``CacheDataset``.

    Returns:
        The data set, filled.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # what the workers, which start now, begin with
    try:
        return _Shown(data, transform, num_workers=num_workers, progress=False, **options)
    finally:
        torch.set_num_threads(threads)


class _Shown(CacheDataset):
    """A ``CacheDataset`` whose bar is ours: it vanishes, and leaves a line that says how long it took."""

    def _fill_cache(self, indices: Any = None) -> list[Any]:
        if self.cache_num <= 0:
            return []
        start, scans = time.perf_counter(), count(self.cache_num, "scan")
        with bar(self.cache_num, "scan", f"Preprocessing {scans}") as self._bar:
            made = super()._fill_cache(indices)
        del self._bar  # it can't go to a data loader's worker
        say(f"Preprocessed {scans} in {duration(time.perf_counter() - start)}.")
        return made

    def _load_cache_item(self, idx: int) -> Any:
        item = super()._load_cache_item(idx)
        self._bar.update()
        return item
