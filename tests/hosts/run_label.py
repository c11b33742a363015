"""Start MONAI Label, also if torchvision's compiled operators cannot be loaded (a CPU torch, a CUDA torchvision)."""

from __future__ import annotations

import sys

import torch

NEEDED = ("nms", "qnms")
"""Operators that torchvision registers at import, even if it could not load them. Label needs neither."""

try:
    import torchvision  # noqa: F401
except RuntimeError:
    library = torch.library.Library("torchvision", "FRAGMENT")
    for name in NEEDED:
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    for module in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[module]

if __name__ == "__main__":
    from monailabel.main import Main

    Main().run()
