"""Work through the queue: score a study, and send its results."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .queue import Queue, Study
from .send import Archive, SendError, send

SECONDS_BETWEEN = 1.0
"""Between looks at a queue in which nothing is due."""


def work(
    queue: Queue,
    destination: Archive | str | None,
    ae_title: str,
    settings: Mapping[str, Any] | None = None,
    stop: threading.Event | None = None,
    say: Callable[[str], None] = print,
    until_empty: bool = False,
) -> None:
    """Score what is due, one study at a time, until told to stop.

    Args:
        queue: of the studies.
        destination: see :func:`.send.parse`; None leaves the results in the folder.
        ae_title: of this application.
        settings: keys of ``configs/inference.json`` with other values.
        stop: end after the study at hand when it is set.
        say: gets a line for each study. It names the study by its hash.
        until_empty: end when nothing is due any more.
    """
    from ...predict.pipeline import Pipeline

    stop, settings = stop or threading.Event(), settings or {}
    pipeline = Pipeline(settings)
    while not stop.is_set():
        study = queue.take()
        if study is None:
            if until_empty:
                return
            stop.wait(SECONDS_BETWEEN)
            continue
        start = time.monotonic()
        try:
            outcome = _one(queue, study, destination, ae_title, settings, pipeline)
        except SendError as error:
            queue.failed(study, str(error))
            outcome = f"results not sent: {error}"
        except Exception as error:  # whatever it is, the other studies go on
            queue.failed(study, f"{type(error).__name__}: {_first_line(error)}")
            outcome = f"failed: {type(error).__name__}"
        say(f"{study.name}  {outcome}  {time.monotonic() - start:.1f} s")


def _one(
    queue: Queue,
    study: Study,
    destination: Archive | str | None,
    ae_title: str,
    settings: Mapping[str, Any],
    pipeline: Any,
) -> str:
    """Score a study and send the objects; return what came of it."""
    from filelock import FileLock

    from ..run import run_studies

    folder = queue.results(study.name)
    with FileLock(f"{folder}.lock"):  # if instances came meanwhile, another worker may already be at the study again
        shutil.rmtree(folder, ignore_errors=True)
        run_studies(queue.incoming(study.name), folder, settings, lambda text: None, pipeline)
        objects = sorted(folder.rglob("*.dcm"))
        return _end(queue, study, folder, objects, destination, ae_title)


def _end(
    queue: Queue, study: Study, folder: Path, objects: list[Path], destination: Archive | str | None, ae_title: str
) -> str:
    """Send the objects of a study, or give it up; return what came of it."""
    if not objects:
        reason = _reason(folder)
        queue.failed(study, reason, for_good=True)  # the same files would fail again; new ones bring it back
        return f"not scored: {reason}"
    if destination is not None:
        send(objects, destination, ae_title)
    queue.done(study)
    return f"{len(objects)} objects"


def _reason(folder: Path) -> str:
    results = [json.loads(file.read_text(encoding="utf-8")) for file in folder.rglob("scores.json")]
    return "; ".join(f"{reason['code']}" for result in results for reason in result["reasons"]) or "no result"


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [""])[0]
