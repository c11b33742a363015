"""The verb ``predict``: score one scan after the other; a failed scan does not stop the batch."""

from __future__ import annotations

import inspect
import sys
import time
from collections import deque
from pathlib import Path
from typing import Any

DONE, SOME_FAILED, NOTHING_DONE = 0, 1, 2
"""Exit codes."""

SHOWN = 30
"""Letters of a scan's name beside the bar."""


def predict(
    *inputs: str, output_dir: str = "predictions", resume: bool = False, viewer: bool = True, **settings: Any
) -> None:
    """Measure the asymmetry of scans. Exit code: 0 if all were scored, 1 if some failed, 2 if none could be scored.

    Args:
        inputs: NIfTI files, DICOM or PNG files, folders of them (BIDS or not), globs, or a datalist JSON.
        output_dir: gets a folder for each subject, ``asymmetry.tsv`` and ``cohort.html``.
        resume: skip scans that are done already, with the same file, settings and weights.
        viewer: put a viewer into each report, with which one scrolls through the scan; it adds some megabytes.
        settings: keys of ``configs/inference.json``, for example ``--skull_strip learned`` or ``--device cpu``.
    """
    asked = settings.pop("help", False)
    if asked or not inputs:
        print(inspect.getdoc(predict))
        sys.exit(DONE if asked else NOTHING_DONE)
    sys.exit(run(list(map(str, inputs)), Path(output_dir), resume, settings, viewer))


def run(
    inputs: list[str],
    output_dir: Path,
    resume: bool = False,
    settings: dict[str, Any] | None = None,
    viewer: bool = True,
) -> int:
    """Do what :func:`predict` says, and return its exit code."""
    from .inputs import find
    from .left_out import leave_out
    from .studies import SEVERAL, by_study

    start = time.perf_counter()
    items, problems = find(inputs)
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    if not items:
        return NOTHING_DONE
    items, left_out = leave_out(
        items, Path(settings["dicom_series"]) if settings and "dicom_series" in settings else None
    )
    from scripts.console.output import bar, say
    from scripts.disclaimer import RESEARCH_ONLY  # only now: it takes seconds

    from .cohort_table import write_cohort
    from .pipeline import Pipeline
    from .resume import fingerprint, is_done
    from .save import save_scan
    from .scan_result import failed_result, scan_result
    from .status_line import header, line, summary

    pipeline = Pipeline(settings or {})
    say(header(len(items), pipeline.weights, pipeline.provenance))
    for case, why in left_out.items():
        say(f"left out {case}  {why}")
    results = []
    with bar(len(items), "scan") as shown:
        queue = deque(items)
        while queue:
            item = queue.popleft()
            shown.set_description(item["case"][:SHOWN])
            mark = fingerprint(item, pipeline.provenance)
            result = is_done(output_dir, item, mark) if resume else None
            if result is None:
                data, seconds, error = pipeline(item)
                if error and error.code == SEVERAL:
                    studies = by_study(item)
                    queue.extendleft(reversed(studies))
                    shown.total += len(studies) - 1
                    continue
                provenance = {**pipeline.provenance, "fingerprint": mark, "seconds": seconds}
                result = failed_result(item, error, provenance) if error else scan_result(item, data, provenance)
                result = save_scan(output_dir, result, data, viewer)
            results.append(result)
            shown.update()
            say(line(result))
    write_cohort(output_dir, results, pipeline.provenance)
    say(f"{summary(results, output_dir, time.perf_counter() - start)}\n{RESEARCH_ONLY}")
    failed = sum(result["status"] == "failed" for result in results)
    if failed == len(results):
        return NOTHING_DONE
    return SOME_FAILED if failed or problems else DONE
