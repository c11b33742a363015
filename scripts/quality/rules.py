"""Is the answer about this scan to be trusted? Rules over what was measured on the way to the pair."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from monai.transforms import MapTransform

from ..io.errors import ScanError
from ..midline.find_plane import ANGLE_ERROR_LIMIT, OFFSET_ERROR_LIMIT
from .hemispheres import hemisphere_measurements

OK, WARNING, FAILED = "ok", "warning", "failed"


class Rule(NamedTuple):
    """A limit of one measurement.

    Attributes:
        code: one word, which stays the same over versions.
        measurement: its key.
        low: the measurement must not be below; None has no bound.
        high: the measurement must not be above; None has no bound.
        status: what the scan becomes if it is: ``warning`` or ``failed``.
        message: may name ``{value}``, ``{low}`` and ``{high}``.
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
    Rule("no_contrast", "contrast", 0.05, None, FAILED, "no tissues can be told apart. Is it a phantom?"),
    Rule("only_noise", "noise", None, 0.25, FAILED, "nothing but noise ({value:.2f} of the contrast)."),
    Rule("wrapped_integers", "wrapped", None, 9, FAILED, "{value:.0f} values ran over their 16 bits. Export it again."),
    Rule("not_symmetric", "similarity", 0.1, None, FAILED, "no plane of symmetry (correlation {value:.2f})."),
    Rule("one_half", "width_over_length", 0.55, None, FAILED, "{value:.2f} as wide as long: half a brain, or none."),
    Rule("shape", "width_over_length", 0.65, 1.1, WARNING, "{value:.2f} as wide as long, expected {low} to {high}."),
    Rule("volume_small", "brain_ml", 150, None, WARNING, "{value:.0f} ml, expected {low} or more of a newborn."),
    Rule("volume_large", "brain_ml", None, 800, WARNING, "{value:.0f} ml, more than a newborn's {high}: an adult?"),
    Rule("uneven_halves", "asymmetry_index", -0.08, 0.08, WARNING, "the halves' volumes differ ({value:+.2f})."),
    Rule("cut_off", "cut", None, 0.2, WARNING, "the field of view cuts the brain ({value:.0%} of a cross-section)."),
    Rule("plane_angle", "angle_error", None, ANGLE_ERROR_LIMIT, WARNING, "the midline may be off by {value:.1f}°."),
    Rule(
        "plane_offset", "offset_error", None, OFFSET_ERROR_LIMIT, WARNING, "the midline may be off by {value:.1f} mm."
    ),
    Rule("similarity", "similarity", 0.3, None, WARNING, "the halves hardly correlate ({value:.2f})."),
    Rule("tilt_yaw", "yaw", -25, 25, WARNING, "the head is turned by {value:.0f}°."),
    Rule("tilt_roll", "roll", -25, 25, WARNING, "the head is tilted by {value:.0f}°."),
    Rule("noise", "noise", None, 0.12, WARNING, "noisy ({value:.2f} of the contrast)."),
    Rule("slice_jumps", "slice_jumps", None, 0.1, WARNING, "slices differ in brightness ({value:.2f}): motion?"),
    Rule("coarse", "spacing_mm", None, 1.6, WARNING, "voxels of {value:.1f} mm: coarser than in training."),
    Rule("lossy", "lossy", None, 0, WARNING, "compressed with loss."),
    Rule("duplicate_slices", "duplicate_slices", None, 0, WARNING, "{value:.0f} duplicate slices were left out."),
    Rule("gaps", "gap", None, 0.34, WARNING, "gaps of {value:.0%} of the distance of the slices."),
    Rule("forms_differ", "qform_sform_mm", None, 2, WARNING, "qform and sform differ by {value:.1f} mm."),
)
"""In order of weight. The limits hold for newborns at term; a slice has no volume and is not judged by it."""

AFFINES = {
    "no_affine": "sform_code and qform_code are 0: the side is unknown, and the axes are taken for right, front, up.",
    "singular_affine": "the affine is zero, singular or not finite: the side is unknown, the axes are guessed.",
    "identity_affine": "the affine is the identity, which no scanner writes: the side is unknown.",
    "qform_against_sform": "qform and sform name other directions for the axes: the side is unknown.",
    "upside_down": "the neck lies above the head: is the affine wrong? The side is unknown.",
    "picture": "a picture knows no side and no millimetres; it was taken for an axial slice of a newborn, front up.",
}
"""What is wrong with an affine, see ``affine.judge_affine``: the score is given, the side isn't."""


def judge(measurements: Mapping[str, Any], image: Any = None) -> list[dict[str, str]]:
    """Hold measurements against all rules; one that is missing or None is not judged.

    Args:
        measurements: by name.
        image: whose they are, for the message.

    Returns:
        The warnings: ``code``, ``status`` and ``message`` of every limit that isn't kept.

    Raises:
        ScanError: with the code of the first rule that makes a scan ``failed``.
    """
    qc_flags = []
    if measurements.get("affine_fault"):
        qc_flags.append(
            {"code": measurements["affine_fault"], "status": WARNING, "message": AFFINES[measurements["affine_fault"]]}
        )
    for rule in RULES:
        value = measurements.get(rule.measurement)
        if value is None or (rule.measurement == "brain_ml" and value == 0):
            continue
        kept = (rule.low is None or value >= rule.low) and (rule.high is None or value <= rule.high)
        if not kept:
            message = rule.message.format(value=value, low=rule.low, high=rule.high)
            if rule.status == FAILED:
                name = Path(str(getattr(image, "meta", {}).get("filename_or_obj", "the image"))).name
                raise ScanError(rule.code, f"{name}: {message}")
            qc_flags.append({"code": rule.code, "status": rule.status, "message": message})
    return qc_flags


class QualityControld(MapTransform):
    """Judge a pair by what was measured on the way; a scan that fails is refused before it gets a number.

    Its ``meta`` gets ``measurements`` (numbers) and ``qc_flags`` (JSON of the warnings).

    Args:
        keys: of the pairs (2, H, W[, Z]).
        allow_missing_keys: don't raise if a key is missing.
    """

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Judge every key, see :func:`judge`."""
        d = dict(data)
        for key in self.key_iterator(d):
            pair = d[key]
            planes = {k: v for k, v in pair.meta.get("midline", {}).items() if np.isscalar(v)}
            measurements = {**pair.meta.get("measurements", {}), **planes, **hemisphere_measurements(pair, pair.affine)}
            pair.meta["measurements"], pair.meta["qc_flags"] = measurements, json.dumps(judge(measurements, pair))
        return d
