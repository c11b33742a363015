"""What every published result was made from: ``docs/results/published.json``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from scripts.atomic_write import write_text

from ... import ROOT
from .code import hash_of
from .nodes import NODES, RESULTS, Node

PUBLISHED = f"{RESULTS}/published.json"
DIGITS = 4
"""Significant digits after the point of the numbers in a result."""


def read_published(root: Path = ROOT) -> dict[str, Any]:
    """Read the record: for each result ``dependencies`` and ``outputs`` with their hashes, ``seconds``, ``cores``."""
    path = root / PUBLISHED
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def hashes(paths: tuple[str, ...], root: Path = ROOT) -> dict[str, str]:
    """Return the hash of each path; that of a missing one is empty."""
    return {path: hash_of(root / path) if (root / path).exists() else "" for path in paths}


def write_result(node: Node, result: dict[str, Any], root: Path = ROOT) -> None:
    """Write a result as compact JSON: numbers rounded, a list of numbers on one line."""
    write_text(root / node.result, compact_json(rounded(result)))


def write_published(
    node: Node, dependencies: dict[str, str], seconds: float, cores: int, command: str, root: Path = ROOT
) -> None:
    """Write down what a result was made from, how long that took, and by which command."""
    published = read_published(root)
    published[node.name] = {
        "command": command,
        "seconds": round(seconds),
        "cores": cores,
        "outputs": hashes(node.outputs, root),
        "dependencies": dependencies,
    }
    ordered = {name: published[name] for name in NODES if name in published}
    write_text(root / PUBLISHED, json.dumps(ordered, indent=1) + "\n")


def rounded(value: Any) -> Any:
    """Round every number of a JSON-safe value to :data:`DIGITS` digits after the point."""
    if isinstance(value, dict):
        return {key: rounded(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(part) for part in value]
    return round(value, DIGITS) if isinstance(value, float) else value


def compact_json(value: Any, indent: str = "") -> str:
    """Lay JSON out with one line for each innermost object or list, so that a change shows as few lines."""
    inner = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict) or (not any(isinstance(part, dict) for part in value.values()) and len(inner) < 400):
        return inner + ("" if indent else "\n")
    lines = [
        f"{indent} {json.dumps(key, ensure_ascii=False)}: {compact_json(part, indent + ' ')}"
        for key, part in value.items()
    ]
    return "{\n" + ",\n".join(lines) + f"\n{indent}}}" + ("" if indent else "\n")
