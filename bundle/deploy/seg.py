"""The bands as a DICOM segmentation on the slices of the series."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from scripts.results.bands import BANDS

from .codes import DESCRIPTION, MAKER, algorithm, private
from .uids import object_uid

SERIES_NUMBER = 9101

COLOURS = ((255, 237, 160), (254, 178, 76), (240, 59, 32), (128, 0, 38))
"""Of the bands, RGB: the darker, the stronger (ColorBrewer, YlOrRd)."""


def segmentation(bands: np.ndarray, slices: Sequence[Any], result: dict[str, Any]) -> Any:
    """Make a binary DICOM SEG with one segment for each band, in the slices' frame of reference.

    Args:
        bands: (N, rows, columns) uint8, for every frame of the slices' files.
        slices: DICOM data sets, which it references. Its patient and study modules are copied from them.
        result: see :class:`bundle.predict.scan_result.ScanResult`.
    """
    import highdicom as hd
    from highdicom.sr.coding import CodedConcept
    from pydicom.sr.codedict import codes

    made_by = hd.AlgorithmIdentificationSequence(
        family=codes.DCM.ArtificialIntelligence, **{k: v for k, v in algorithm(result, parameters=False).items()}
    )
    segments = [
        hd.seg.SegmentDescription(
            segment_number=number,
            segment_label=name,
            segmented_property_category=CodedConcept("309825002", "SCT", "Spatial and Relational Concept"),
            segmented_property_type=private(f"BAND{number}", name),
            algorithm_type=hd.seg.SegmentAlgorithmTypeValues.AUTOMATIC,
            algorithm_identification=made_by,
            anatomic_regions=[codes.SCT.Brain],
            tracking_uid=object_uid(f"band {number}", result, slices),
            tracking_id=f"{MAKER} {name}",
            display_color=hd.color.CIELabColor.from_rgb(*COLOURS[number - 1]),
        )
        for number, name in enumerate(BANDS, 1)
    ]
    return hd.seg.Segmentation(
        source_images=list(slices),
        pixel_array=bands,
        segmentation_type=hd.seg.SegmentationTypeValues.BINARY,
        segment_descriptions=segments,
        series_instance_uid=object_uid("SEG series", result, slices),
        series_number=SERIES_NUMBER,
        sop_instance_uid=object_uid("SEG", result, slices),
        instance_number=1,
        manufacturer=MAKER,
        manufacturer_model_name=MAKER,
        software_versions=result["versions"][MAKER],
        device_serial_number=result["sha256"]["model.pt"][:16],
        content_label="ASYMMETRY",
        content_description="Bands of asymmetry. Research only, not for clinical use",
        series_description=DESCRIPTION,
        omit_empty_frames=False,
    )
