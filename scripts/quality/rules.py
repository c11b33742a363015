"""The rules of quality control: limits for what was measured of a scan, and the judgement by them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ..io.errors import ScanError
from ..midline.find_plane import ANGLE_ERROR_LIMIT, OFFSET_ERROR_LIMIT

OK, WARNING, FAILED = "ok", "warning", "failed"

SMALLEST_ML, LARGEST_ML = 270, 650
"""Brain volumes, with the fluid in the mask, ml. Twelve newborns of 37 to 43 weeks have 306 to 498 (ALBERTs, Gousias
et al. 2012, doi:10.1016/j.neuroimage.2012.05.083). Very preterm infants have 379 ± 72 at 37 to 42 weeks (mean ± SD;
Romberg et al. 2022, doi:10.1136/archdischild-2021-322846). Boys have 347 at birth, and 64 % more after 90 days (Holland
et al. 2014, doi:10.1001/jamaneurol.2014.1638), so a brain that is somewhat older than 44 weeks passes."""

NARROWEST_WHOLE = 0.5
"""Width over length of a brain that is whole. Those of the twelve newborns are 0.63 to 0.85: heads of preterm infants
are long and narrow. One of their hemispheres alone has 0.31 to 0.42."""


class Rule(NamedTuple):
    """A limit of one measurement.

    Attributes:
        code: one word, which stays the same over versions.
        measurement: its key in ``measurements.Measurements``.
        low: the least value allowed; None if there is no lower limit.
        high: the largest value allowed; None if there is no upper limit.
        status: of a scan beyond the limit: ``warning`` or ``failed``.
        message: may contain ``{value}``, ``{low}`` and ``{high}``.
    """

    code: str
    measurement: str
    low: float | None
    high: float | None
    status: str
    message: str


RULES = (
    Rule(
        "several_heads", "heads", None, 1, FAILED, "{value:.0f} heads in the field of view. Cut out the one to score."
    ),
    Rule("no_contrast", "contrast", 0.05, None, FAILED, "no tissues can be distinguished. Is it a phantom?"),
    Rule("only_noise", "noise", None, 0.25, FAILED, "nothing but noise ({value:.2f} of the contrast)."),
    Rule("wrapped_integers", "wrapped", None, 9, FAILED, "{value:.0f} values overflowed 16 bits. Export it again."),
    Rule("not_symmetric", "similarity", 0.1, None, FAILED, "no plane of symmetry (correlation {value:.2f})."),
    Rule(
        "one_half",
        "width_over_length",
        NARROWEST_WHOLE,
        None,
        FAILED,
        "width {value:.2f} of the length: one hemisphere alone?",
    ),
    Rule(
        "shape", "width_over_length", 0.58, 1.1, WARNING, "width {value:.2f} of the length, expected {low} to {high}."
    ),
    Rule(
        "volume_small",
        "brain_ml",
        SMALLEST_ML,
        None,
        WARNING,
        "{value:.0f} ml, expected {low} or more: the weights are made for 37 to 44 weeks. Is the mask whole?",
    ),
    Rule(
        "volume_large",
        "brain_ml",
        None,
        LARGEST_ML,
        WARNING,
        "{value:.0f} ml, expected {high} or less: the weights are made for 37 to 44 weeks. Is scalp in the mask?",
    ),
    Rule("uneven_halves", "asymmetry_index", -0.08, 0.08, WARNING, "the hemispheres' volumes differ ({value:+.2f})."),
    Rule("cut_off", "cut", None, 0.2, WARNING, "the field of view cuts the brain ({value:.0%} of a cross-section)."),
    Rule("plane_angle", "angle_error", None, ANGLE_ERROR_LIMIT, WARNING, "the midline may be off by {value:.1f}°."),
    Rule(
        "plane_offset", "offset_error", None, OFFSET_ERROR_LIMIT, WARNING, "the midline may be off by {value:.1f} mm."
    ),
    Rule("similarity", "similarity", 0.3, None, WARNING, "the hemispheres hardly correlate ({value:.2f})."),
    Rule("tilt_yaw", "yaw", -25, 25, WARNING, "the head is turned by {value:.0f}°."),
    Rule("tilt_roll", "roll", -25, 25, WARNING, "the head is tilted by {value:.0f}°."),
    Rule("noise", "noise", None, 0.12, WARNING, "noisy ({value:.2f} of the contrast)."),
    Rule("slice_jumps", "slice_jumps", None, 0.1, WARNING, "slices differ in brightness ({value:.2f}): motion?"),
    Rule("coarse", "spacing_mm", None, 1.6, WARNING, "voxels of {value:.1f} mm: coarser than in training."),
    Rule("lossy", "lossy", None, 0, WARNING, "compressed with loss."),
    Rule("duplicate_slices", "duplicate_slices", None, 0, WARNING, "{value:.0f} duplicate slices were left out."),
    Rule("odd_images", "odd_images", None, 0, WARNING, "{value:.0f} images of another size or orientation left out."),
    Rule("gaps", "gap", None, 0.34, WARNING, "gaps of {value:.0%} of the distance of the slices."),
    Rule("forms_differ", "qform_sform_mm", None, 2, WARNING, "qform and sform differ by {value:.1f} mm."),
)
"""In order of importance. The limits are for newborns of 37 to 44 weeks. A slice has no volume, so none is judged."""

AFFINES = {
    "no_affine": "sform_code and qform_code are 0: the side is unknown, the axes are assumed to be RAS.",
    "singular_affine": "the affine is zero, singular or not finite: the side is unknown, the axes are guessed.",
    "identity_affine": "the affine is the identity, which no scanner writes: the side is unknown.",
    "qform_against_sform": "qform and sform give the axes different directions: the side is unknown.",
    "upside_down": "the neck lies above the head, so that the affine may be wrong: the side is unknown.",
    "picture": "a picture has no side and no pixel size; it was taken for an axial slice of a newborn, anterior up.",
}
"""What is wrong with an affine, see ``io.affine.judge_affine``: the scan gets a score, but no side."""

NECK, CROWN = 0.1, 0.05
"""A head whose cross-section at an end of the field of view is above the first share of its largest goes on beyond it,
as a neck does; below the second share it ends before it, as the crown does."""

STRIPPED = 0.95
"""If the brain is more than this share of the head, the scan was stripped before, and has no neck."""


def judge(measurements: Mapping[str, Any], name: str = "the image") -> list[dict[str, str]]:
    """Hold measurements against all rules; one that is missing or None is not judged.

    Args:
        measurements: by name, see ``measurements.Measurements``.
        name: of the scan, for the message.

    Returns:
        The warnings: ``code``, ``status`` and ``message`` of every limit that is exceeded.

    Raises:
        ScanError: with the code of the first rule that makes a scan ``failed``.
    """
    qc_flags = []
    if fault := measurements.get("affine_fault"):
        qc_flags.append({"code": fault, "status": WARNING, "message": AFFINES[fault]})
    for rule in RULES:
        value = measurements.get(rule.measurement)
        if value is None or (rule.measurement == "brain_ml" and value == 0):
            continue
        if (rule.low is None or value >= rule.low) and (rule.high is None or value <= rule.high):
            continue
        message = rule.message.format(value=value, low=rule.low, high=rule.high)
        if rule.status == FAILED:
            raise ScanError(rule.code, f"{name}: {message}")
        qc_flags.append({"code": rule.code, "status": rule.status, "message": message})
    return qc_flags


def upside_down(measurements: Mapping[str, Any]) -> bool:
    """Whether a head goes on beyond the upper end of the field of view, but not beyond the lower end.

    Args:
        measurements: of the head and the brain, see ``measurements.Measurements``; a slice has none of the head.
    """
    if "heads" not in measurements or measurements["brain_ml"] > STRIPPED * measurements["head_ml"]:
        return False
    return measurements["end_above"] > NECK and measurements["end_below"] < CROWN
