"""Gaussian blur as a sum of shifted images: on a CPU many times faster than a convolution of one channel."""

from __future__ import annotations

import math
from collections.abc import Sequence

from torch import Tensor


def blur(image: Tensor, sigma: float, axes: Sequence[int] = (-2, -1), truncate: float = 3.0) -> Tensor:
    """Blur along some axes; beyond the border the image is 0.

    Args:
        image: of any shape.
        sigma: standard deviation of the kernel, in pixels or voxels; 0 leaves the image as it is.
        axes: the axes to blur along.
        truncate: standard deviations after which the kernel ends.

    Returns:
        The blurred image, of the same shape.
    """
    if sigma <= 0:
        return image
    radius = math.ceil(truncate * sigma)
    weights = [math.exp(-0.5 * (k / sigma) ** 2) for k in range(radius + 1)]
    total = weights[0] + 2 * sum(weights[1:])
    for axis in axes:
        out = image * (weights[0] / total)
        length = image.shape[axis]
        for k in range(1, min(radius + 1, length)):
            for target, source in ((0, k), (k, 0)):
                out.narrow(axis, target, length - k).add_(
                    image.narrow(axis, source, length - k), alpha=weights[k] / total
                )
        image = out
    return image
