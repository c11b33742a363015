"""The command line ``python -m bundle <verb>``: its words are checked first, and only then is anything heavy loaded."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from typing import Any

from scripts.console import error_line, hidden_warnings

from .arguments import UsageError, arguments
from .show import help_of, no_verb, overview
from .verbs import VERBS

HELP = ("--help", "-h", "help")
WRONG = 2
"""Exit code of a command line that can't be understood."""


def main(words: list[str] | None = None) -> None:
    """Do what the command line says.

    Args:
        words: of the command line; by default those of this process.

    Raises:
        SystemExit: with code 2, after one line on stderr, if the words are wrong; with 0 after a help.
    """
    error_line.install()
    try:
        _run(sys.argv[1:] if words is None else words)
    except UsageError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(WRONG)


def _run(words: list[str]) -> None:
    asked = any(word in HELP[:2] for word in words) or words[:1] == ["help"]
    words = [word for k, word in enumerate(words) if word not in HELP[:2] and (k or word != "help")]
    name = next((name for name in (" ".join(words[:2]), *words[:1]) if name in VERBS), None)
    if name is None:
        prefix = words[0] if words and any(known.startswith(f"{words[0]} ") for known in VERBS) else ""
        if words and (not prefix or len(words) > 1):
            raise UsageError(no_verb(" ".join(words[: 2 if prefix else 1])))
        print(overview(prefix))
        sys.exit(0 if asked else WRONG)
    verb, left = VERBS[name], words[len(name.split()) :]
    if asked:
        print(help_of(verb))
        sys.exit(0)
    rest, named = arguments(verb, left)
    if verb.needs_input and not rest:
        print(help_of(verb))
        sys.exit(WRONG)
    hidden_warnings.hide_warnings()
    module, function = verb.place.split(":")
    _print(getattr(import_module(module), function)(*rest, **named))


def _print(result: Any) -> None:
    """Print what a verb returns: a text as it is, each item of a list on a line, all else as JSON."""
    if result is None:
        return
    for one in result if isinstance(result, list | tuple) else [result]:
        print(json.dumps(one, default=str) if isinstance(one, dict) else one)
