"""The verb ``benchmark``: preprocessing, a prediction's cost, synthetic heads, real newborns, and pathologies."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

from .newborns import newborns as real_newborns
from .pathology import pathology as drawn_pathologies

PREPROCESSING = ("skull_strip", "midline", "false_alarms", "bias_field")
"""The parts of ``python -m bundle benchmark preprocessing``, in order: a module here, with a function ``measure``."""


def preprocessing(output_dir: str = "benchmark", only: str | None = None, **options: Any) -> None:
    """Measure the skull strip, the midline, their false positives, and the bias field; write JSON and figures.

    Args:
        output_dir: where the results go; what was measured there before is not measured again.
        only: one part, a name of :data:`PREPROCESSING`; all by default.
        options: of that part, see its function ``measure``; only with ``only``.

    Raises:
        ValueError: if there is no such part, or options come without one.
    """
    if only is not None and only not in PREPROCESSING:
        raise ValueError(f"There is no part {only!r}. Choose one of: {', '.join(PREPROCESSING)}.")
    if options and only is None:
        raise ValueError(f"The options {', '.join(options)} belong to one part: name it with --only.")
    for name in [only] if only else PREPROCESSING:
        _measure(name, Path(output_dir), options)


def predict(output_dir: str = "benchmark", **options: Any) -> None:
    """Measure seconds and memory of a prediction; write JSON.

    Args:
        output_dir: where the results go.
        options: see ``predict.measure``.
    """
    _measure("predict", Path(output_dir), options)


def heads(output_dir: str = "benchmark", **options: Any) -> None:
    """Measure sizes, folding, contrasts and natural asymmetry of synthetic and of real newborn heads; write JSON.

    Args:
        output_dir: where the results go; heads that were measured there before are not measured again.
        options: see ``head_statistics.measure``.
    """
    _measure("head_statistics", Path(output_dir), options)


def _measure(name: str, folder: Path, options: dict[str, Any]) -> None:
    from scripts.atomic_write import write_text

    module = import_module(f".{name}", __package__)  # only now: torch loads with it
    result = module.measure(folder / name, **options)
    write_text(folder / f"{name}.json", json.dumps(result, indent=1) + "\n")
    print(folder / f"{name}.json")


BENCHMARKS = {
    "preprocessing": preprocessing,
    "predict": predict,
    "heads": heads,
    "newborns": real_newborns,
    "pathology": drawn_pathologies,
}
"""``python -m bundle benchmark <what>``."""
