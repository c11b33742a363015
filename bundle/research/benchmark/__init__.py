"""The verb ``benchmark``: what the preprocessing reaches, what it and a prediction cost, and beside which peers."""

from __future__ import annotations

from importlib import import_module
from typing import Any

PREPROCESSING = ("skull_strip", "midline", "intensities", "false_alarms")
"""The parts of ``python -m bundle benchmark preprocessing``, in order: a module here, with ``benchmark_<name>``."""


def preprocessing(output_dir: str = "docs", only: str | None = None, **options: Any) -> None:
    """Measure the skull strip, the midline, the unit of intensities, and the false alarms; write JSON and figures.

    Args:
        output_dir: where the results go.
        only: one part, a name of :data:`PREPROCESSING`; all by default.
        options: of that part, see its ``benchmark_…`` function; only with ``only``.

    Raises:
        ValueError: if there is no such part, or options come without one.
    """
    if only is not None and only not in PREPROCESSING:
        raise ValueError(f"There is no part {only!r}. Choose one of: {', '.join(PREPROCESSING)}.")
    if options and only is None:
        raise ValueError(f"The options {', '.join(options)} belong to one part: name it with --only.")
    for name in [only] if only else PREPROCESSING:
        module = import_module(f".{name}", __package__)  # only now: torch loads with it
        getattr(module, f"benchmark_{name}")(output_dir=output_dir, **options)


def predict(output_dir: str = "docs", **options: Any) -> None:
    """Measure seconds and memory of a prediction; write JSON and fill the pages' table.

    Args:
        output_dir: where the results go.
        options: see ``predict.benchmark_predict``.
    """
    module = import_module(".predict", __package__)  # only now: torch loads with it
    module.benchmark_predict(output_dir=output_dir, **options)


BENCHMARKS = {"preprocessing": preprocessing, "predict": predict}
"""``python -m bundle benchmark <what>``."""
