"""The words of a command line as MONAI's runner reads them (``python -m monai.bundle run …``, by Python Fire)."""

from __future__ import annotations

import ast
import re
from typing import Any

RUNNER = (
    *("run_id", "init_id", "final_id", "meta_file", "config_file", "logging_file", "tracking", "args_file"),
    *("workflow_type", "workflow_name", "properties_path"),
)
"""Arguments of the runner itself; those that are given without a name come in this order."""


def options(words: list[str]) -> dict[str, Any]:
    """Return what the words after ``run`` set: by ``--key value``, ``--key=value``, ``--key`` (True), or in order.

    Args:
        words: of the command line.

    Returns:
        The values as they were typed, below them those of ``args_file``, a JSON or YAML file.
    """
    from monai.bundle import ConfigParser

    found: dict[str, Any] = {}
    order = iter(RUNNER)
    left = list(words)
    while left:
        word = left.pop(0)
        if not is_flag(word):
            found[next(order, "")] = word
            continue
        name, equals, value = word.lstrip("-").partition("=")
        alone = not equals and (not left or is_flag(left[0]))
        found[name.replace("-", "_")] = True if alone else value if equals else left.pop(0)
    found.pop("", None)
    file = found.get("args_file")
    return {**(ConfigParser.load_config_file(file) if isinstance(file, str) else {}), **found}


def is_flag(word: str) -> bool:
    """Whether a word names an option; a negative number does not."""
    return re.match(r"--|-[a-zA-Z]", word) is not None


def literal(value: Any) -> Any:
    """Read a word as a Python literal where it is one; else it stays itself."""
    try:
        return ast.literal_eval(value) if isinstance(value, str) else value
    except (SyntaxError, ValueError):
        return value
