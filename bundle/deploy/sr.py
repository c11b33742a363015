"""The measurements as a DICOM structured report, TID 1500."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scripts.disclaimer import RESEARCH_ONLY

from .codes import DESCRIPTION, MAKER, algorithm, private
from .uids import object_uid, uid_of

SERIES_NUMBER = 9102

MEASURES: dict[str, tuple[str, str]] = {
    "P": ("Share of normal scans that are as asymmetric or more", "1"),
    "PERCENTILE": ("Percentile of the asymmetry among normal scans", "%"),
    "SCORE": ("Asymmetry score of the scan, a probability", "1"),
    "HIGHEST": ("Highest asymmetry score of a slice, a probability", "1"),
    "INDEX": ("Asymmetry index of the volumes, (L - R) / (L + R)", "1"),
    "VOLUME": ("Volume of the place that stands out most", "mm3"),
}
"""Private code -> its meaning, and the unit in UCUM."""


def values(result: dict[str, Any]) -> dict[str, float]:
    """Return the values of :data:`MEASURES` that a result has."""
    comparison, findings = result.get("comparison") or {}, result["findings"]
    measured = {
        "P": comparison.get("p"),
        "PERCENTILE": comparison.get("percentile"),
        "SCORE": result["score"],
        "HIGHEST": max((slice_["score"] for slice_ in result["slices"]), default=None),
        "INDEX": (result.get("volumes") or {}).get("asymmetry_index"),
        "VOLUME": findings[0]["volume_mm3"] if findings else None,
    }
    return {name: float(value) for name, value in measured.items() if value is not None}


def report(result: dict[str, Any], slices: Sequence[Any]) -> Any:
    """Make a Comprehensive 3D SR with the measurements, the side, and name, version and weights of the software.

    Args:
        result: see :class:`bundle.predict.scan_result.ScanResult`.
        slices: DICOM data sets of the series. Its patient and study modules are copied from them.
    """
    from highdicom import sr
    from pydicom.sr.codedict import codes

    made_by = sr.AlgorithmIdentification(**algorithm(result))
    units = {"1": codes.UCUM.NoUnits, "%": codes.UCUM.Percent, "mm3": codes.UCUM.CubicMillimeter}
    measured = [
        sr.Measurement(name=private(name, MEASURES[name][0]), value=round(value, 6), unit=units[MEASURES[name][1]])
        for name, value in values(result).items()
    ]
    sides = {"left": codes.SCT.Left, "right": codes.SCT.Right}
    side = sides.get(result["side"], private("UNKNOWN", "Side unknown"))
    word = (result.get("comparison") or {}).get("word", "unknown")
    evaluations = [
        sr.QualitativeEvaluation(
            name=private("ANSWER", "Compared with normal scans"),
            value=private(word.replace(" ", "_").upper(), word.capitalize()),
        ),
        sr.QualitativeEvaluation(name=private("SIDE", "Side of the asymmetry, by the affine"), value=side),
        sr.QualitativeEvaluation(
            name=private("STATUS", "Status of quality control"),
            value=private(result["status"].upper(), f"Status {result['status']}. {RESEARCH_ONLY}"),
        ),
    ]
    group = sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=sr.TrackingIdentifier(uid=object_uid("measurements", result, slices), identifier=MAKER),
        algorithm_id=made_by,
        finding_type=private("ASYMMETRY", "Left-right asymmetry of the brain"),
        finding_sites=[sr.FindingSite(anatomic_location=codes.SCT.Brain)],
        source_images=[sr.SourceImageForMeasurementGroup.from_source_image(source) for source in slices],
        measurements=measured,
        qualitative_evaluations=evaluations,
    )
    version = result["versions"][MAKER]
    device = sr.DeviceObserverIdentifyingAttributes(uid=uid_of(MAKER, version), name=MAKER, model_name=version)
    observer = sr.ObserverContext(observer_type=codes.DCM.Device, observer_identifying_attributes=device)
    content = sr.MeasurementReport(
        observation_context=sr.ObservationContext(observer_device_context=observer),
        procedure_reported=private("SYMMETRY", "Brain symmetry by software, research use only"),
        imaging_measurements=[group],
        title=codes.DCM.ImagingMeasurementReport,
    )
    return sr.Comprehensive3DSR(
        evidence=list(slices),
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
