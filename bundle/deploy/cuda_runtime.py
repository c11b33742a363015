"""Load the CUDA runtime, which MONAI Deploy's libraries need even without a GPU."""

from __future__ import annotations

import ctypes
from importlib.util import find_spec
from pathlib import Path


def load_cuda_runtime() -> None:
    """Load the runtime that pip installed, if any. ``LD_LIBRARY_PATH`` then need not name its folder."""
    spec = find_spec("nvidia")
    for folder in spec.submodule_search_locations or [] if spec else []:
        for library in sorted(Path(folder).glob("cu*/lib/libcudart.so.*")):
            ctypes.CDLL(str(library), mode=ctypes.RTLD_GLOBAL)
