"""The verb ``normative``: make a reference of normal scans, which ``predict`` compares scans with."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from scripts.atomic_write import write_text
from scripts.disclaimer import RESEARCH_ONLY
from scripts.results.age import age_of, fit_age, logit, read_ages
from scripts.results.p_value import of_score
from scripts.results.reference import MIN_SCANS, POOLING, NormativeReference, OmittedScan

if TYPE_CHECKING:
    from .predict.provenance import Provenance

CONTROLS = "the user's controls"


class NormalScan(NamedTuple):
    """A normal scan.

    Attributes:
        case: name of the scan.
        subject: label of the subject.
        score: a probability.
        peak: the highest probability in its map.
        asymmetry_index: of its hemispheres' volumes.
        age: at scan; None if unknown.
    """

    case: str
    subject: str
    score: float
    peak: float
    asymmetry_index: float
    age: float | None = None


def normative(
    *controls: str, output: str = "normative.json", kind: str = CONTROLS, allow_warnings: bool = True, **settings: Any
) -> str:
    """Score normal scans and save what ``predict --normative FILE`` compares other scans with.

    Args:
        controls: scans of normal newborns of your scanner, protocol and ages; any input of ``predict``.
        output: file to write.
        kind: name of the reference in every result.
        allow_warnings: include scans with warnings. Failed scans are always left out.
        settings: keys of ``configs/inference.json``, the same as for ``predict``. ``ages`` names a table of the
            controls' ages (``participant_id``, ``scan_age`` or ``age``). A line is then fitted to the logits of the
            scores over age, and controls without an age are left out.

    Returns:
        A summary of the reference.

    Raises:
        ValueError: if fewer than two scans could be scored.
    """
    from tqdm import tqdm

    from .predict.inputs import find
    from .predict.pipeline import Pipeline

    items, problems = find(list(map(str, controls)))
    pipeline = Pipeline({**settings, "normative": ""})
    known = read_ages(settings.get("ages"))
    normal: list[NormalScan] = []
    left_out: list[OmittedScan] = []
    for problem in problems:
        print(problem, file=sys.stderr)
    for item in tqdm(items, unit="scan", disable=None):
        age = age_of(known, item["subject"])
        if known and age is None:
            left_out.append({"case": item["case"], "why": "no_age"})
            continue
        data, _, error = pipeline(item)
        result = data.get("result", {})
        if error is not None:
            left_out.append({"case": item["case"], "why": error.code})
        elif result["status"] != "ok" and not allow_warnings:
            left_out.append({"case": item["case"], "why": ",".join(r["code"] for r in result["reasons"])})
        else:
            index = result["volumes"]["absolute_asymmetry_index"]
            measured = (result["score"], result["highest_probability"], index)
            normal.append(NormalScan(item["case"], item["subject"], *measured, age))
    if len(normal) < 2:
        raise ValueError(
            f"{len(normal)} of {len(items)} scans could be scored, expected 2 or more: {left_out}. Give more scans."
        )
    content = reference(normal, kind, pipeline.provenance, pipeline.weights.name)
    content["left_out"] = left_out
    write_text(Path(output), json.dumps(content, indent=1) + "\n")
    few = f" Fewer than {MIN_SCANS}: predict gives no p value with it." if len(normal) < MIN_SCANS else ""
    highest = max(normal, key=lambda scan: scan.score).case
    return f"{output}: {len(normal)} scans, {len(left_out)} left out.{few} Highest score: {highest}."


def reference(scans: Sequence[NormalScan], kind: str, provenance: Provenance, weights: str) -> NormativeReference:
    """Return the content of a reference.

    Args:
        scans: the normal scans; if one has an age, all have.
        kind: name of the reference in every result.
        provenance: of the pipeline that scored them.
        weights: name of the file of the network's weights.
    """
    names = list(dict.fromkeys(scan.subject for scan in scans))
    content: NormativeReference = {
        "note": RESEARCH_ONLY,
        "kind": kind,
        "weights": provenance["sha256"][weights],
        "settings": provenance["settings"],
        "pooling": POOLING,
        "scores": [scan.score for scan in scans],
        "peaks": [scan.peak for scan in scans],
        "asymmetry_indices": [scan.asymmetry_index for scan in scans],
        "subjects": [names.index(scan.subject) for scan in scans],
        "leave_one_out": {scan.case: _percentile(scan, scans) for scan in scans},
    }
    ages = [scan.age for scan in scans if scan.age is not None]
    if ages:
        content["age"] = fit_age(content["scores"], ages)
    return content


def _percentile(scan: NormalScan, scans: Sequence[NormalScan]) -> float | None:
    """Return the percentile of a scan's score among those of other subjects; None if there are fewer than two."""
    others = [other.score for other in scans if other.subject != scan.subject]
    if len(others) < 2:
        return None
    p = of_score(float(logit([scan.score])[0]), logit(others).tolist())
    return round(100 * (1 - p.value), 1)
