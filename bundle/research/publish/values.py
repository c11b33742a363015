"""A number of a result by its name, written as a page shows it: ``shipped.physical.7.auc`` is ``0.97``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..markdown import MISSING


class UnknownNameError(ValueError):
    """A page names a number or a table that no result has."""


def percent(value: float) -> str:
    """Write a share: ``1 %``."""
    return f"{100 * value:.0f} %"


def millimetres(value: float) -> str:
    """Write a length: ``2.6``."""
    return f"{value:.1f}"


def probability_error(value: float) -> str:
    """Write an error of a probability: ``0.018``."""
    return f"{value:.3f}"


FORMATS: dict[str, Callable[[float], str]] = {
    "false_positive_rate": percent,
    "size_at_sensitivity": millimetres,
    "calibration": probability_error,
    "calibration_error": probability_error,
    "same_side": percent,
    "same_plane": percent,
    "centre_ras_mm": millimetres,
    "volume_ml": millimetres,
    "diameter_mm": "{:g}".format,
    "darker_sd": "{:g}".format,
    "dice_mean": "{:.3f}".format,
    "dice_worst": "{:.3f}".format,
    "hd95_mean": millimetres,
    "hd95_worst": millimetres,
}
"""Part of a name → how its numbers are written; others have two digits after the point."""

INTERVAL = "interval"
"""Last part of a name that means the 95 % interval of an estimate: ``shipped.physical.7.auc.interval``."""


def find(results: Mapping[str, Any], name: str) -> Any:
    """Look a value up.

    Args:
        results: contents of the files in ``docs/results`` by name.
        name: the keys on the way, joined by dots. A key may hold dots itself, such as the size 13.5.

    Raises:
        UnknownNameError: if there is no such value, naming what there is instead.
    """
    value: Any = results
    known: list[str] = []
    rest = name.split(".")
    while rest:
        if isinstance(value, list) and rest[0].isdigit() and int(rest[0]) < len(value):
            value, rest = value[int(rest[0])], rest[1:]
            continue
        keys = value if isinstance(value, Mapping) else {}
        length = next((n for n in range(len(rest), 0, -1) if ".".join(rest[:n]) in keys), 0)
        if not length:
            place = f"'{'.'.join(known)}'" if known else "docs/results"
            there = f"it has {', '.join(map(str, keys))}" if keys else "it is a single value"
            raise UnknownNameError(f"There is no value '{name}': {place} has no '{'.'.join(rest)}'; {there}.")
        key = ".".join(rest[:length])
        value, rest = value[key], rest[length:]
        known.append(key)
    return value


def shown(results: Mapping[str, Any], name: str) -> str:
    """Write a value as a page shows it; of an estimate [value, lower, upper] the value, or its interval.

    Raises:
        UnknownNameError: if there is no such value, or it is no number or text.
    """
    parts = name.split(".")
    wanted = parts[:-1] if parts[-1] == INTERVAL else parts
    value = find(results, ".".join(wanted))
    write = next((FORMATS[part] for part in wanted if part in FORMATS), "{:.2f}".format)
    if parts[-1] == INTERVAL:
        low, high = ends(value, name)
        first, last = (MISSING if end is None else write(end) for end in (low, high))
        return f"{first.removesuffix(' %')}–{last}" if first.endswith(" %") else f"{first} to {last}"
    if isinstance(value, list) and len(value) == 3:
        value = value[0]
    if value is None:
        return MISSING
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        return str(value)
    if isinstance(value, float):
        return write(value)
    raise UnknownNameError(f"'{name}' is no single value: it has {', '.join(map(str, value))}.")


def ends(value: Any, name: str) -> tuple[float | None, float | None]:
    """Return both ends of the interval of an estimate.

    Raises:
        UnknownNameError: if the value is no estimate.
    """
    if not (isinstance(value, list) and len(value) == 3):
        raise UnknownNameError(f"There is no value '{name}': only an estimate [value, lower, upper] has an interval.")
    return value[1], value[2]
