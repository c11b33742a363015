"""What Gucciardi et al. 2025 (doi:10.5281/zenodo.15401010) report, for the tables and figures that show it, too."""

from __future__ import annotations

NAME = "Gucciardi et al. 2025 (painted lesions, their own images)"

ACCURACY = {7.0: 0.76, 13.5: 0.99}
"""Accuracy of their best network (VGG19) by side in mm, called mm² there; 0.99 holds for all larger sizes, too."""


def accuracy(size: float) -> float | None:
    """Return the reported accuracy for painted lesions of a side in mm; None where none is reported."""
    return ACCURACY[13.5] if size > 13.5 else ACCURACY.get(size)


NOTEBOOK_SIZE = 11.5
"""Side in mm of the painted lesions in :data:`NOTEBOOK`, in training and test."""

NOTEBOOK_SLICES = 316
"""Test images in :data:`NOTEBOOK`, about half of them with a lesion."""

NOTEBOOK = {
    "vgg": ("VGG19", 246),
    "resnet": ("ResNet18", 245),
    "mobilenet": ("MobileNetV3-L", 203),
    "resnext": ("ResNeXt101, random initial weights", 168),
    "efficientnet": ("EfficientNetV2-L, random initial weights", 157),
}
"""Backbone of this bundle -> the network of the authors that is nearest to it, and how many test images it gets right.

The only results of all five are those saved in ``3_inference.ipynb`` of their code
(github.com/toelt-llc/symbrain_siamese, commit ba36598). Where nothing else is said, training began with the weights of
ImageNet.
"""


def notebook(backbone: str) -> tuple[str, tuple[float, float, float]] | None:
    """Return the authors' network and its accuracy in their notebook, with the 95 % interval of Wilson (1927).

    Args:
        backbone: of this bundle; None is returned where the authors have none like it.
    """
    from scipy.stats import binomtest

    if backbone not in NOTEBOOK:
        return None
    name, right = NOTEBOOK[backbone]
    low, high = binomtest(right, NOTEBOOK_SLICES).proportion_ci(method="wilson")
    return name, (right / NOTEBOOK_SLICES, float(low), float(high))
