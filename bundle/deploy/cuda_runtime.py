"""The CUDA runtime, which the SDK's libraries are linked against even where there is no GPU."""

from __future__ import annotations

import ctypes
from importlib.util import find_spec
from pathlib import Path


def load_cuda_runtime() -> None:
    """Load the runtime that pip installed, if any, so that nobody has to name its folder in ``LD_LIBRARY_PATH``."""
    spec = find_spec("nvidia")
    for folder in spec.submodule_search_locations or [] if spec else []:
        for library in sorted(Path(folder).glob("cu*/lib/libcudart.so.*")):
            ctypes.CDLL(str(library), mode=ctypes.RTLD_GLOBAL)
