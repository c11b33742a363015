"""The largest part of a mask, without holes: there is one brain, and its ventricles belong to it."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from .bounding_box import box


def one_part(mask: Tensor) -> Tensor:
    """Keep the largest part and fill its holes; parts and holes are told by faces, not by edges or corners.

    Args:
        mask: (X, Y, Z) boolean.

    Returns:
        (X, Y, Z) boolean on the same device; the mask itself if it is empty.
    """
    from scipy import ndimage

    around = box(mask)
    parts, count = ndimage.label(mask[around].cpu().numpy())
    if count == 0:
        return mask
    part = parts == 1 + int(np.argmax(np.bincount(parts.ravel())[1:]))
    # A hole is what isn't joined to the outside. SciPy's binary_fill_holes finds the same in several times the time.
    others, _ = ndimage.label(np.pad(~part, 1, constant_values=True))
    filled = (others != others[0, 0, 0])[1:-1, 1:-1, 1:-1]
    one = torch.zeros_like(mask)
    one[around] = torch.from_numpy(filled).to(mask.device)
    return one
