"""The largest connected component of a mask, its holes filled: there is one brain, and its ventricles belong to it."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from .bounding_box import box


def largest_component(mask: Tensor) -> Tensor:
    """Keep the largest connected component and fill its holes.

    Voxels are connected if they share a face, not an edge or a corner.

    Args:
        mask: (X, Y, Z) boolean.

    Returns:
        (X, Y, Z) boolean on the same device; the mask itself if it is empty.
    """
    from scipy import ndimage

    crop = box(mask)
    components, count = ndimage.label(mask[crop].cpu().numpy())
    if count == 0:
        return mask
    largest = components == 1 + int(np.argmax(np.bincount(components.ravel())[1:]))
    # A hole is not connected to the outside. SciPy's binary_fill_holes gives the same in several times the time.
    background, _ = ndimage.label(np.pad(~largest, 1, constant_values=True))
    filled = (background != background[0, 0, 0])[1:-1, 1:-1, 1:-1]
    out = torch.zeros_like(mask)
    out[crop] = torch.from_numpy(filled).to(mask.device)
    return out
