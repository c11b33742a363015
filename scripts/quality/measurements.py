"""All that is measured of a scan on the way to its pair of hemispheres, in ``meta["measurements"]``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from monai.data import MetaTensor

from ..io.affine import AffineMeasurements
from ..io.dicom.reader import SeriesMeasurements

KEY = "measurements"
"""Where the metadata of an image holds its :class:`Measurements`."""


class HeadMeasurements(TypedDict):
    """What was measured of a head, before the skull strip.

    Attributes:
        heads: number of heads in the field of view.
        head_ml: volume of all heads, ml.
        end_below: cross-section at the lower end of the field of view, as a share of the largest cross-section.
        end_above: the same at the upper end.
    """

    heads: float
    head_ml: float
    end_below: float
    end_above: float


class BrainMeasurements(TypedDict):
    """What was measured of a stripped brain.

    Attributes:
        spacing_mm: longest side of a voxel, mm.
        brain_ml: volume, ml; 0 for a slice.
        cut: largest area in which the brain touches an end of the field of view, as a share of its largest
            cross-section along that axis.
        contrast: distance of the 5th and the 95th percentile of the intensities, as a share of their median.
        noise: standard deviation of the noise, as a share of that distance (Immerkaer 1996,
            doi:10.1006/cviu.1996.0060, along each axis); 0.3 for nothing but noise.
        slice_jumps: typical change of the mean intensity from slice to slice, as a share of that distance.
        wrapped: number of neighbouring voxels between which a stored 16-bit integer has overflowed.
    """

    spacing_mm: float
    brain_ml: float
    cut: float
    contrast: float
    noise: float
    slice_jumps: float
    wrapped: float


class HemisphereMeasurements(TypedDict):
    """What was measured of a pair of hemispheres.

    Attributes:
        left_ml: volume of the patient's left hemisphere, ml; for a slice its area, cm².
        right_ml: the same of the right hemisphere.
        asymmetry_index: (left - right) / (left + right); 0 if both are equally large.
        width_over_length: the width of both hemispheres together, as a share of the brain's length.
        longest_mm: the brain's longest side, mm.
    """

    left_ml: float
    right_ml: float
    asymmetry_index: float
    width_over_length: float
    longest_mm: float


class PlaneMeasurements(TypedDict):
    """What was measured of the mid-sagittal plane: the numbers of ``midline.align.Midline``, see there."""

    yaw: float
    roll: float
    offset: float
    similarity: float
    angle_error: float
    offset_error: float


class Measurements(
    AffineMeasurements,
    SeriesMeasurements,
    HeadMeasurements,
    BrainMeasurements,
    PlaneMeasurements,
    HemisphereMeasurements,
    total=False,
):
    """All measurements of a scan. A slice has none of the head, and only DICOM has those of a series."""


def add_measurements(image: MetaTensor, measurements: Mapping[str, Any]) -> None:
    """Add measurements to those that the metadata of an image hold already."""
    image.meta[KEY] = {**image.meta.get(KEY, {}), **measurements}
