"""Which published results are out of date, and why."""

from __future__ import annotations

from pathlib import Path

from ... import ROOT
from .nodes import NODES, Node
from .record import hashes, read_published


def reasons(node: Node, root: Path = ROOT) -> list[str]:
    """Say why a result is out of date; nothing if it is up to date.

    Args:
        node: the result.
        root: the bundle's folder.
    """
    entry = read_published(root).get(node.name, {})
    missing = [path for path in node.outputs if not (root / path).exists()]
    if missing:
        return [f"{path} is missing" for path in missing]
    if not entry.get("dependencies"):
        return ["it is not recorded what it was made from"]
    then, now = entry["dependencies"], hashes(node.dependencies, root)
    changed = [f"{path} changed" if path in then else f"{path} is new" for path in now if then.get(path) != now[path]]
    touched = [
        f"{path} was changed by hand"
        for path, value in hashes(node.outputs, root).items()
        if entry["outputs"].get(path) != value
    ]
    upstream = [f"{name} is out of date" for name in node.needs if reasons(NODES[name], root)]
    return changed + touched + upstream


def minutes(node: Node, root: Path = ROOT) -> float:
    """Return how long a result takes: the estimate, or what it took last time, if that was longer.

    What a run has kept makes the next one short, so that the last time alone would promise too little.
    """
    seconds = read_published(root).get(node.name, {}).get("seconds") or 0.0
    return max(seconds / 60, node.minutes)


def status(root: Path = ROOT) -> str:
    """Lay out the state of every result, and how long it takes to make the ones that are out of date."""
    lines, stale, width = [], [], max(map(len, NODES)) + 1
    for name, node in NODES.items():
        why = reasons(node, root)
        stale += [node] if why else []
        lacking = [f"needs {' '.join(f'--{option}' for option in node.required)}"] if node.required else []
        why = [*lacking, *why] if why else []
        shown = "; ".join(why[:3]) + (f"; and {len(why) - 3} more" if len(why) > 3 else "")
        state = "out of date" if why else "up to date"
        lines.append(f"{name:<{width}}{state:<13}{minutes(node, root):>5.1f} min  {shown}".rstrip())
    if not stale:
        return "\n".join([*lines, "", "All results are up to date."])
    needed = dict.fromkeys(option for node in stale for option in node.required)
    total = sum(minutes(node, root) for node in stale)
    return "\n".join(
        [
            *lines,
            "",
            f"{len(stale)} of {len(NODES)} results are out of date. To make them again, in about {total:.0f} minutes:",
            " ".join(["python -m bundle publish all", *(f"--{option} DIR" for option in needed)]),
        ]
    )
