"""Preprocessing a data set once, several scans at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from monai.data import CacheDataset


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
        return CacheDataset(data, transform, num_workers=num_workers, **options)
    finally:
        torch.set_num_threads(threads)
