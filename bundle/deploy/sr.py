"""The result as a DICOM structured report, TID 1500: the answer, and every place that stands out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scripts.disclaimer import RESEARCH_ONLY
from scripts.results.bands import BANDS

from .codes import DESCRIPTION, MAKER, algorithm, private
from .measurements import MEASURES, OF_PLACES, centre_lps, of_place, values
from .uids import object_uid, uid_of

SERIES_NUMBER = 9102

LONGEST = 64
"""Letters of a code's meaning at most."""


def report(
    result: dict[str, Any],
    slices: Sequence[Any],
    seg: Any | None = None,
    bands_mm3: Mapping[int, float] | None = None,
) -> Any:
    """Make a Comprehensive 3D SR.

    It has a group of measurements for the scan, one for each band of the segmentation, which refers to its segment, and
    one for each place that stands out, with its centre as a point of the patient's coordinates.

    Args:
        result: see :class:`bundle.predict.scan_result.ScanResult`.
        slices: DICOM data sets of the series. Its patient and study modules are copied from them.
        seg: the segmentation that it refers to.
        bands_mm3: number of a segment -> its volume.
    """
    from highdicom import sr
    from pydicom.sr.codedict import codes

    groups = [_scan(result, slices), *_bands(result, slices, seg, bands_mm3 or {}), *_places(result, slices)]
    version = result["versions"][MAKER]
    device = sr.DeviceObserverIdentifyingAttributes(uid=uid_of(MAKER, version), name=MAKER, model_name=version)
    observer = sr.ObserverContext(observer_type=codes.DCM.Device, observer_identifying_attributes=device)
    content = sr.MeasurementReport(
        observation_context=sr.ObservationContext(observer_device_context=observer),
        procedure_reported=private("SYMMETRY", "Brain symmetry by software, research use only"),
        imaging_measurements=groups,
        title=codes.DCM.ImagingMeasurementReport,
    )
    return sr.Comprehensive3DSR(
        evidence=[*slices, *([seg] if seg is not None else [])],
        content=content[0],
        series_number=SERIES_NUMBER,
        series_instance_uid=object_uid("SR series", result, slices),
        sop_instance_uid=object_uid("SR", result, slices),
        instance_number=1,
        manufacturer=MAKER,
        series_description=DESCRIPTION,
        is_complete=True,
        is_verified=False,
    )


def _scan(result: dict[str, Any], slices: Sequence[Any]) -> Any:
    """The group of the whole scan: TID 1501."""
    from highdicom import sr

    comparison = result.get("comparison") or {}
    word = comparison.get("word", "unknown")
    reference = f"{comparison.get('reference') or 'none'}"
    evaluations = {
        ("ANSWER", "Compared with normal scans"): private(word.replace(" ", "_").upper(), word.capitalize()),
        ("REFERENCE", "Reference of normal scans"): private("REFERENCE_KIND", reference[:LONGEST]),
        ("SIDE", "Side of the asymmetry, by the affine"): _side(result["side"]),
        ("STATUS", "Status of quality control"): private(
            result["status"].upper(), f"Status {result['status']}. {RESEARCH_ONLY}"[:LONGEST]
        ),
    }
    return sr.MeasurementsAndQualitativeEvaluations(
        source_images=[sr.SourceImageForMeasurementGroup.from_source_image(source) for source in slices],
        measurements=_measured(values(result), MEASURES),
        qualitative_evaluations=[
            sr.QualitativeEvaluation(name=private(*name), value=value) for name, value in evaluations.items()
        ],
        **_common(result, slices, "scan"),
    )


def _bands(result: dict[str, Any], slices: Sequence[Any], seg: Any | None, bands_mm3: Mapping[int, float]) -> list[Any]:
    """A group for each segment that is not empty: TID 1411."""
    from highdicom import sr

    if seg is None:
        return []
    return [
        sr.VolumetricROIMeasurementsAndQualitativeEvaluations(
            referenced_segment=sr.ReferencedSegment.from_segmentation(seg, segment_number=number),
            measurements=_measured({"BAND_VOLUME": bands_mm3[number]}, {"BAND_VOLUME": ("Volume of the band", "mm3")}),
            **_common(result, slices, f"{name} ({BANDS[name]:.0%} and above)"),
        )
        for number, name in enumerate(BANDS, 1)
        if bands_mm3.get(number)
    ]


def _places(result: dict[str, Any], slices: Sequence[Any]) -> list[Any]:
    """A group for each finding: TID 1410, with a point."""
    from highdicom import sr

    reference = str(slices[0].FrameOfReferenceUID)
    return [
        sr.PlanarROIMeasurementsAndQualitativeEvaluations(
            referenced_region=sr.ImageRegion3D(
                graphic_type=sr.GraphicTypeValues3D.POINT,
                graphic_data=centre_lps(finding),
                frame_of_reference_uid=reference,
            ),
            measurements=_measured(of_place(finding), OF_PLACES),
            qualitative_evaluations=[
                sr.QualitativeEvaluation(name=private("PLACE_SIDE", "Side of the place"), value=_side(finding["side"])),
                sr.QualitativeEvaluation(
                    name=private("LOOKS", "Beside its mirror position"),
                    value=private(finding["looks"].replace(" ", "_").upper(), finding["looks"].capitalize()),
                ),
            ],
            **_common(result, slices, f"place {number}"),
        )
        for number, finding in enumerate(result["findings"], 1)
    ]


def _common(result: dict[str, Any], slices: Sequence[Any], name: str) -> dict[str, Any]:
    """What all groups have."""
    from highdicom import sr
    from pydicom.sr.codedict import codes

    return {
        "tracking_identifier": sr.TrackingIdentifier(uid=object_uid(name, result, slices), identifier=name),
        "algorithm_id": sr.AlgorithmIdentification(**algorithm(result)),
        "finding_type": private("ASYMMETRY", "Left-right asymmetry of the brain"),
        "finding_sites": [sr.FindingSite(anatomic_location=codes.SCT.Brain)],
    }


def _measured(found: Mapping[str, float], table: Mapping[str, tuple[str, str]]) -> list[Any]:
    from highdicom import sr
    from highdicom.sr.coding import CodedConcept
    from pydicom.sr.codedict import codes

    units = {
        "1": codes.UCUM.NoUnits,
        "%": codes.UCUM.Percent,
        "ml": CodedConcept("ml", "UCUM", "milliliter"),
        "mm3": codes.UCUM.CubicMillimeter,
    }
    return [
        sr.Measurement(name=private(name, table[name][0]), value=round(value, 6), unit=units[table[name][1]])
        for name, value in found.items()
    ]


def _side(side: str) -> Any:
    from pydicom.sr.codedict import codes

    return {"left": codes.SCT.Left, "right": codes.SCT.Right}.get(side) or private("UNKNOWN", "Side unknown")
