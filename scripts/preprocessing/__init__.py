"""From a file to a pair of hemispheres: one chain of transforms for training, evaluation and inference."""

from __future__ import annotations

from collections.abc import Sequence

from monai.transforms import Compose, EnsureChannelFirstd, Orientationd, Transform

from ..io.check_scan import CheckScand
from ..io.load import LoadScand
from ..midline import AlignMidlined
from ..quality.brain import MeasureBraind
from ..quality.control import QualityControld
from ..quality.head import MeasureHeadd
from ..quality.hemispheres import MeasureHemispheresd
from ..skull_strip import DEFAULT, SkullStripd
from .bias_field import DEFAULT as UNCORRECTED
from .bias_field import CorrectBiasFieldd
from .hemispheres import SplitHemispheresd
from .intensity import NormalizeBraind


def preprocessing(
    keys: str = "image",
    spacing: Sequence[float] = (0.5, 0.5, 1.0),
    skull_strip: str = DEFAULT,
    size: Sequence[int] | None = None,
    given_mask: str | None = None,
    given_plane: str | None = None,
    quality: bool = False,
    bias_field: str = UNCORRECTED,
    dicom_series: str | None = None,
    first: Transform | None = None,
) -> Compose:
    """Build the chain: scan, head, brain, aligned brain, pair.

    Every spatial step can be undone, so that ``Invertd`` resamples a map of the pair to the scan's own grid. The list
    is flat: hosts look only at its first level, and a nested list would disable the caches.

    Args:
        keys: the key of the image.
        spacing: voxel size of the aligned grid along right, anterior and superior, mm.
        skull_strip: the method, a key of ``scripts.skull_strip.METHODS``.
        size: pixels (H, W) of a hemisphere, so that slices of several subjects fit into a batch; None keeps all.
        given_mask: key of a brain mask, or of its file, for the method "given".
        given_plane: key of a known mid-sagittal plane; None searches for it.
        quality: measure every scan on the way and judge it at the end (see ``quality.rules.RULES``). A scan without a
            usable affine then passes, with its side unknown; else it is refused.
        bias_field: the method that corrects the bias field, a key of ``bias_field.METHODS``.
        dicom_series: a table of rules that chooses the DICOM series; None takes ``configs/dicom_series.json``.
        first: a transform that comes before all others.

    Returns:
        From a path at ``keys`` to a pair (2, X/2, Y, Z) there and the brain mask at ``brain_mask``.
    """
    return Compose(
        [
            *([first] if first is not None else []),
            LoadScand(keys=keys, dicom_series=dicom_series),
            EnsureChannelFirstd(keys=keys),
            CheckScand(keys=keys, strict=not quality),
            Orientationd(keys=keys, axcodes="RAS", labels=None),
            *([MeasureHeadd(keys=keys)] if quality else []),
            SkullStripd(keys=keys, method=skull_strip, given_key=given_mask),
            *([MeasureBraind(keys=keys)] if quality else []),
            *([CorrectBiasFieldd(keys=keys, method=bias_field)] if bias_field != UNCORRECTED else []),
            NormalizeBraind(keys=keys),
            AlignMidlined(keys=keys, spacing=spacing, plane_key=given_plane),
            SplitHemispheresd(keys=keys, size=size),
            *([MeasureHemispheresd(keys=keys), QualityControld(keys=keys)] if quality else []),
        ]
    )
