"""Make the published results that are out of date, one after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ... import ROOT
from .nodes import NODES, Node
from .pages import fill_pages
from .record import hashes, write_published, write_result
from .status import reasons


def make(
    names: Sequence[str],
    again: bool = False,
    options: dict[str, Any] | None = None,
    root: Path = ROOT,
    say: Callable[[str], None] = print,
) -> list[str]:
    """Make results, in the order of the graph, and fill the pages after each.

    Args:
        names: of the results; those that are up to date are left as they are.
        again: make them even so.
        options: of the command; a result that takes one of them is made even if it is up to date.
        root: the bundle's folder.
        say: gets a line for each result.

    Returns:
        The names of those that were made.

    Raises:
        RuntimeError: if a result could not be made; those before it are kept.
    """
    options = options or {}
    made, left = [], []
    begin = time.perf_counter()
    for node in (node for name, node in NODES.items() if name in names):
        given = {key: value for key, value in options.items() if key in node.options}
        if not (again or given or reasons(node, root)):
            continue
        if set(node.required) - set(given):
            say(f"{node.name}: left as it is. To make it, add {' '.join(f'--{key} DIR' for key in node.required)}.")
            left.append(node.name)
            continue
        say(f"{node.name} …")
        seconds = _make(node, given, root)
        say(f"{node.name}: {seconds / 60:.1f} min")
        fill_pages(root)
        made.append(node.name)
    if made:
        say(f"Total: {(time.perf_counter() - begin) / 60:.1f} min")
    elif not left:
        say("All of these results are up to date; nothing to do.")
    return made


def _make(node: Node, options: dict[str, Any], root: Path) -> float:
    from ..processes import cores
    from .work import Work

    start = time.perf_counter()
    before = hashes(node.dependencies, root)  # what is changed from now on makes the result out of date
    try:
        result = node.maker()(Work(root), **options)
    except Exception as error:
        raise RuntimeError(f"{node.name} could not be made: {error}") from error
    write_result(node, result, root)
    seconds = time.perf_counter() - start
    words = [f"--{key} {key.removesuffix('_dir').upper()}" for key in options]
    command = " ".join(["python -m bundle publish", node.name, *words])
    write_published(node, before, seconds, cores(), command, root)
    return seconds
