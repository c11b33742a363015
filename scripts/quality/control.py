"""Quality control: the one judgement of a scan, at the end of the preprocessing, by all that was measured before."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
from monai.transforms import MapTransform

from ..io.errors import ScanError
from ..io.scan_file import scan_name
from .measurements import KEY, add_measurements
from .rules import judge, upside_down


class QualityControld(MapTransform):
    """Judge a pair by all measurements; a scan that fails gets no score.

    Its ``meta`` gets ``measurements`` (see ``measurements.Measurements``) and ``qc_flags`` (JSON of the warnings).

    Args:
        keys: of the pairs (2, H, W[, Z]).
        allow_missing_keys: don't raise if a key is missing.
    """

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Judge every key.

        Raises:
            ScanError: with the code of the first rule that makes a scan ``failed``, see ``rules.judge``.
        """
        d = dict(data)
        for key in self.key_iterator(d):
            pair = d[key]
            add_measurements(pair, {k: v for k, v in pair.meta.get("midline", {}).items() if np.isscalar(v)})
            measurements = pair.meta[KEY]
            if not measurements.get("affine_fault") and upside_down(measurements):
                measurements["affine_fault"] = "upside_down"
            pair.meta["qc_flags"] = json.dumps(judge(measurements, scan_name(pair, "the image")))
        return d


def cause(error: Exception, image: Any) -> Exception:
    """Return why a scan can't be scored: the rule that it fails by what was measured so far, else the error itself.

    A scan such as two heads or nothing but noise may stop the preprocessing before the judgement: the skull strip finds
    no plausible brain, or there is no midline. Whoever catches the error of a later step asks here, so that the scan is
    refused for the cause, not for its consequence.

    Args:
        error: that was caught.
        image: the last image before the error, with its metadata.
    """
    if isinstance(error, ScanError):
        return error
    try:
        judge(getattr(image, "meta", {}).get(KEY, {}), scan_name(image, "the image"))
    except ScanError as failed:
        return failed
    return error
