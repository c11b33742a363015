"""Names of settings: the keys of a config, those that have a new name, and the nearest to a typing error."""

from __future__ import annotations

import difflib
import inspect
import pydoc
import re
from collections.abc import Iterable, Mapping
from typing import Any

RENAMED = {
    "kind": "lesion_type",
    "faint": "contrast_exponent",
    "flip": "flip_ap_prob",
    "false_positives": "target_fpr",
    "half_size": "hemisphere_size",
    "head": "comparison",
    "start_head": "start_comparison",
    "rim_mm": "outline_sd_mm",
}
"""Keys of the configs up to version 0.10 -> their names now."""

FEW = 16
"""Names up to which all are listed."""


def unknown(key: str, config: Any, where: str) -> str | None:
    """Say that a config has no such key, and which key was meant.

    Args:
        key: of a setting, with ``::`` or ``#`` before each further step into the config.
        config: content of the config.
        where: name of the config.

    Returns:
        One sentence or two; None if the key is right.
    """
    node, steps = config, key.replace("#", "::").split("::")
    if steps[0] == "_meta_":
        return None
    for depth, step in enumerate(steps):
        if isinstance(node, list) and step.isdigit() and int(step) < len(node):
            node = node[int(step)]
        elif isinstance(node, Mapping) and step in node:
            node = node[step]
        elif not isinstance(node, Mapping):
            return f"There is no key {key!r} in {where}: {'::'.join(steps[:depth])!r} has no {step!r}."
        elif step in RENAMED:
            new = "::".join([*steps[:depth], RENAMED[step]])
            return f"The key {step!r} is now called {RENAMED[step]!r}: write --{new} instead of --{key}."
        elif depth == len(steps) - 1 and "_target_" in node and _takes(str(node["_target_"]), step):
            return None
        else:
            place = f"{'::'.join(steps[:depth])!r} of {where}" if depth else where
            return f"There is no key {step!r} in {place}.{nearest(step, node)}"
    return None


def nearest(word: str, known: Iterable[str]) -> str:
    """Return " Did you mean …?" with the known words that are near to a wrong one; where none is, all if they are few.

    Args:
        word: as it was given.
        known: all that would have been right.
    """
    names = [name for name in known if not name.startswith("_")]
    near = difflib.get_close_matches(word, names, n=3, cutoff=0.6)
    if near:
        return f" Did you mean {' or '.join(repr(name) for name in near)}?"
    return f" Choose one of: {', '.join(names)}." if len(names) <= FEW else ""


def _takes(target: str, name: str) -> bool:
    """Whether the class or function that a config names takes such an argument; yes where that can't be seen."""
    from monai.bundle.config_item import ComponentLocator, ConfigComponent

    if re.fullmatch(r"_\w+_", name):  # MONAI's own, such as _disabled_
        return True
    component = ConfigComponent(config={"_target_": target}, locator=ComponentLocator())
    try:
        parameters = inspect.signature(pydoc.locate(component.resolve_module_name())).parameters  # type: ignore
    except (ImportError, TypeError, ValueError, pydoc.ErrorDuringImport):
        return True
    return name in parameters or any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
