"""The peer of the midline search: a brain registered to its own mirror image by SimpleITK."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from scripts.midline.plane import MidsagittalPlane

from ..sitk_image import sitk_image

NAME = "SimpleITK's registration"

BINS, SHARES, SEED = 50, (1.0, 1.0, 0.2), 1
"""Bins of the joint histogram, and the share of the voxels that is drawn for it at each level, with a seed."""

SHRINK, SMOOTH_MM = (4, 2, 1), (4.0, 2.0, 0.0)
"""The levels: shrink factors, and standard deviations of the smoothing in mm."""

START_TURNS, START_STEP = 2, 30.0
"""Starts of the search: so many turns of so many degrees each way, about the anterior and the superior axis. Mirroring
doubles a tilt, so that a head tilted by 30 degrees needs a turn of 60."""

ITERATIONS, FIRST_STEP, SMALLEST_STEP, RELAXATION = 200, 1.0, 0.003, 0.8
"""Of the gradient descent, at each level; steps in mm, and the factor by which a step shrinks when it turns back."""

RADIUS_MM = 30.0
"""About the root mean square distance of a newborn's brain from its centre: a step of so many mm turns by one radian.
With SimpleITK's own estimate of the scales, the descent ended several degrees from the plane."""


def register_to_mirror_image(brain: torch.Tensor, affine: torch.Tensor | np.ndarray) -> MidsagittalPlane:
    """Detect the mid-sagittal plane by rigid registration of a brain to its mirror image.

    It uses SimpleITK (Lowekamp et al. 2013, doi:10.3389/fninf.2013.00045). The start is the best of a grid of
    turns by correlation, on the coarsest level. From there Mattes mutual information is used (Mattes et al. 2003,
    doi:10.1109/TMI.2003.809072), at three resolutions. A point goes to its partner on the other side by the rigid
    transform and the mirroring, so that the plane lies half-way: ``MidsagittalPlane.from_reflection``.

    Args:
        brain: stripped (1, X, Y, Z), exactly 0 outside.
        affine: (4, 4) voxel to RAS+ mm.

    Returns:
        The plane, RAS+ mm; its point is the projection of the brain's centre of mass.
    """
    import SimpleITK as sitk  # noqa: N813

    voxels, matrix = brain[0].detach().cpu().numpy().astype(np.float32), np.asarray(affine, dtype=np.float64)
    centre = matrix[:3, :3] @ np.argwhere(voxels != 0).mean(axis=0) + matrix[:3, 3]
    mirror = MidsagittalPlane(tuple(centre), (1.0, 0.0, 0.0)).reflection()
    fixed, moving = sitk_image(voxels, matrix), sitk_image(voxels, mirror @ matrix)

    rigid = sitk.Euler3DTransform()
    rigid.SetCenter(centre.tolist())
    # A start at the coarsest level only: the grid is over roll and yaw, and nothing else moves.
    search = _method(SHRINK[:1], SMOOTH_MM[:1])
    search.SetMetricAsCorrelation()
    search.SetOptimizerAsExhaustive([0, START_TURNS, START_TURNS, 0, 0, 0], stepLength=np.radians(START_STEP))
    search.SetOptimizerScales([1.0] * 6)
    search.SetInitialTransform(rigid, inPlace=True)
    search.Execute(fixed, moving)

    refine = _method(SHRINK, SMOOTH_MM)
    refine.SetMetricAsMattesMutualInformation(BINS)
    refine.SetMetricSamplingStrategy(refine.RANDOM)
    refine.SetMetricSamplingPercentagePerLevel(list(SHARES), SEED)
    refine.SetOptimizerAsRegularStepGradientDescent(FIRST_STEP, SMALLEST_STEP, ITERATIONS, RELAXATION)
    refine.SetOptimizerScales([RADIUS_MM**2] * 3 + [1.0] * 3)
    refine.SetInitialTransform(rigid, inPlace=True)
    refine.Execute(fixed, moving)

    # The rigid transform leads to the mirrored brain, and the mirror back to the brain's own other side.
    turn = np.array(rigid.GetMatrix()).reshape(3, 3)
    motion = np.eye(4)
    motion[:3, :3] = turn
    motion[:3, 3] = np.array(rigid.GetTranslation()) + centre - turn @ centre
    plane = MidsagittalPlane.from_reflection(mirror @ motion)
    nearest = centre - plane.distance_to(centre) * np.array(plane.normal)
    return MidsagittalPlane(tuple(nearest), plane.normal)


def _method(shrink: tuple[int, ...], smooth_mm: tuple[float, ...]) -> Any:
    """The registration but for its measure and its optimiser, on as many threads as torch uses."""
    import SimpleITK as sitk  # noqa: N813

    method = sitk.ImageRegistrationMethod()
    method.SetNumberOfThreads(torch.get_num_threads())
    method.SetInterpolator(sitk.sitkLinear)
    method.SetShrinkFactorsPerLevel(list(shrink))
    method.SetSmoothingSigmasPerLevel(list(smooth_mm))
    method.SmoothingSigmasAreSpecifiedInPhysicalUnitsOn()
    return method
