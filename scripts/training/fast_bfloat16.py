"""Whether a processor computes in bfloat16: a training is then about twice as fast."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

FLAGS = {"avx512_bf16", "amx_bf16"}
"""Processor features, as Linux names them, with which bfloat16 is faster than single precision."""

PROCESSOR = Path("/proc/cpuinfo")
"""Where Linux describes it."""


def has_fast_bfloat16(processor: Path = PROCESSOR) -> bool:
    """Say whether this processor computes in bfloat16; False where the system does not say (only Linux does)."""
    return processor.exists() and not FLAGS.isdisjoint(processor.read_text().split())


def where_fast(device: torch.device) -> bool:
    """Say whether to train in bfloat16 on a device: on a CPU that computes in it. A GPU has mixed precision of its own.

    Args:
        device: of the training.
    """
    return device.type == "cpu" and has_fast_bfloat16()
