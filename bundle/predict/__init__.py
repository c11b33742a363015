"""The verb ``predict``: from scans to answers, one scan after the other, whatever is wrong with one of them."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import Any

DONE, SOME_FAILED, NOTHING_DONE = 0, 1, 2
"""Exit codes."""


def predict(*inputs: str, output_dir: str = "predictions", resume: bool = False, **settings: Any) -> None:
    """Score the asymmetry of scans; exit with 0 if all were scored, 1 if some failed, 2 if none could be.

    Args:
        inputs: NIfTI files, DICOM or PNG files, folders of them (BIDS or not), globs, or a datalist JSON.
        output_dir: gets a folder for each subject, and ``asymmetry.tsv``.
        resume: skip scans that are done, with the same file, settings and weights.
        settings: keys of ``configs/inference.json``, for example ``--skull_strip learned`` or ``--device cpu``.
    """
    asked = settings.pop("help", False)
    if asked or not inputs:
        print(inspect.getdoc(predict))
        sys.exit(DONE if asked else NOTHING_DONE)
    sys.exit(run(list(map(str, inputs)), Path(output_dir), resume, settings))


def run(inputs: list[str], output_dir: Path, resume: bool = False, settings: dict[str, Any] | None = None) -> int:
    """Do what :func:`predict` says, and return its exit code."""
    from tqdm import tqdm

    from scripts.disclaimer import RESEARCH_ONLY

    from .cohort_table import write_cohort
    from .inputs import find
    from .pipeline import Pipeline
    from .resume import fingerprint, is_done
    from .save import keep
    from .scan_result import answer, failure
    from .status_line import line

    items, problems = find(inputs)
    for problem in problems:
        print(problem, file=sys.stderr)
    if not items:
        print("No scan to score.", file=sys.stderr)
        return NOTHING_DONE
    print(f"{len(items)} scan{'s' * (len(items) != 1)}. {RESEARCH_ONLY}")
    pipeline = Pipeline(settings or {})
    results = []
    with tqdm(items, unit="scan", disable=None) as bar:
        for item in bar:
            mark = fingerprint(item, pipeline.provenance)
            result = is_done(output_dir, item, mark) if resume else None
            if result is None:
                found, seconds, error = pipeline(item)
                provenance = {**pipeline.provenance, "fingerprint": mark, "seconds": seconds}
                result = failure(item, error, provenance) if error else answer(item, found, provenance)
                result = keep(output_dir, result, found)
            results.append(result)
            tqdm.write(line(result))
    write_cohort(output_dir, results, pipeline.provenance)
    failed = sum(result["status"] == "failed" for result in results)
    if failed == len(results):
        return NOTHING_DONE
    return SOME_FAILED if failed or problems else DONE
