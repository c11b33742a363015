"""A training uses bfloat16 on a CPU that computes in it, and nowhere else."""

from __future__ import annotations

import pytest
import torch

from scripts.training import fast_bfloat16


@pytest.mark.parametrize(
    ("device", "has", "expected"), [("cpu", True, True), ("cpu", False, False), ("cuda", True, False)]
)
def test_where_it_is_fast(device: str, has: bool, expected: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast_bfloat16, "has_fast_bfloat16", lambda: has)
    assert fast_bfloat16.where_fast(torch.device(device)) is expected
