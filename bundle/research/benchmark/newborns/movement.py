"""How an infant moved between two scans: the planes of both can be compared only where the head lay still."""

from __future__ import annotations

import numpy as np
import torch
from monai.data import MetaTensor
from numpy.typing import NDArray

from scripts.io.affine import voxel_size
from scripts.preprocessing.bias_field import correct_bias_field

from ..sitk_image import sitk_image

BINS = 32
"""Of the joint histogram."""

VOXEL_MM, SMOOTH_MM = (3.5, 1.75, 0.0), (3.0, 1.5, 0.0)
"""The levels: size of the voxels (0: those of the scan) and standard deviation of the smoothing, mm."""

SHARES = (1.0, 0.5, 0.2)
"""Share of the brain's voxels that is used at each level, on a regular grid."""

ITERATIONS, FIRST_STEP, SMALLEST_STEP = 100, 0.5, 1e-4
"""Of the gradient descent at each level; steps in mm."""


def movement(first: MetaTensor, second: MetaTensor) -> NDArray[np.float64]:
    """Register two scans of a brain rigidly.

    SimpleITK's Mattes mutual information (Mattes et al. 2003, doi:10.1109/TMI.2003.809072), from the position in which
    both scans say the head lay. Their bias fields are divided out before.

    Args:
        first: stripped brain (1, X, Y, Z), exactly 0 outside.
        second: another scan of it, likewise.

    Returns:
        (4, 4), a point of the first scan to the same point of the head in the second, RAS+ mm.
    """
    import SimpleITK as sitk  # noqa: N813

    affines = [np.asarray(brain.affine, dtype=np.float64) for brain in (first, second)]
    fixed, moving = (
        sitk_image(_even(brain)[0].numpy(), affine) for brain, affine in zip((first, second), affines, strict=True)
    )
    inside = (first.as_tensor()[0] != 0).float().numpy()
    centre = affines[0][:3, :3] @ np.argwhere(inside).mean(axis=0) + affines[0][:3, 3]
    rigid = sitk.Euler3DTransform()
    rigid.SetCenter(centre.tolist())
    method = sitk.ImageRegistrationMethod()
    method.SetNumberOfThreads(torch.get_num_threads())
    method.SetMetricAsMattesMutualInformation(BINS)
    method.SetMetricFixedMask(sitk.Cast(sitk_image(inside, affines[0]), sitk.sitkUInt8))
    method.SetMetricSamplingStrategy(method.REGULAR)
    method.SetMetricSamplingPercentagePerLevel(list(SHARES))
    method.SetInterpolator(sitk.sitkLinear)
    method.SetShrinkFactorsPerLevel([max(1, round(size / voxel_size(affines[0]).min())) for size in VOXEL_MM])
    method.SetSmoothingSigmasPerLevel(list(SMOOTH_MM))
    method.SmoothingSigmasAreSpecifiedInPhysicalUnitsOn()
    method.SetOptimizerAsRegularStepGradientDescent(FIRST_STEP, SMALLEST_STEP, ITERATIONS)
    method.SetOptimizerScalesFromPhysicalShift()
    method.SetInitialTransform(rigid, inPlace=True)
    method.Execute(fixed, moving)
    found = np.eye(4)
    found[:3, :3] = np.array(rigid.GetMatrix()).reshape(3, 3)
    found[:3, 3] = np.array(rigid.GetTranslation()) + centre - found[:3, :3] @ centre
    return found


def _even(brain: MetaTensor) -> torch.Tensor:
    return correct_bias_field(brain.as_tensor().float(), voxel_size(brain.affine).tolist(), "smooth")
