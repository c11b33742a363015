"""What ``--help`` prints."""

from __future__ import annotations

import shutil
import textwrap

from scripts.console.setting_names import nearest
from scripts.disclaimer import RESEARCH_ONLY

from .signature import REQUIRED, Option, read
from .verbs import VERBS, Verb

COMMAND = "python -m bundle"
MOST, COLUMN = 100, 28
"""Characters of a line, and where the explanations begin."""


def overview(prefix: str = "") -> str:
    """Return the list of all verbs, or of those that begin with a word."""
    lines = [f"Usage: {COMMAND} {prefix or 'VERB'} …", ""]
    group = ""
    for verb in VERBS.values():
        if not verb.name.startswith(prefix):
            continue
        if verb.group != group and not prefix:
            group = verb.group
            lines += [f"{group}:"]
        lines.append(f"  {verb.name:<{COLUMN - 2}}{verb.summary}")
    training = "" if prefix else " To train: docs/commands.md."
    return "\n".join([*lines, f"Options: {COMMAND} VERB --help.{training}", RESEARCH_ONLY])


def help_of(verb: Verb) -> str:
    """Return usage, explanation and options of a verb."""
    signature = read(verb.place)
    needed = [option.name.upper() for option in signature.options if option.default is REQUIRED]
    rest = [f"{signature.rest.name.upper()}…"] if signature.rest else []
    usage = " ".join([f"Usage: {COMMAND}", verb.name, *needed, *rest, "[--OPTION VALUE …]"])
    lines = [usage, "", *textwrap.wrap(signature.text, _width()), ""]
    if signature.rest:
        lines += _entry(rest[0], signature.rest.text)
    for option in signature.options:
        lines += _option(option)
    if signature.settings and not verb.parts:
        keys = sorted(key for key, value in verb.keys.items() if not isinstance(value, dict | list))
        text = f"{signature.settings.text} Keys: {', '.join(keys)}." if keys else signature.settings.text
        lines += _entry("--KEY VALUE", text)
    for part in verb.parts:
        if len(verb.parts) > 1:
            lines += ["", f"With --only {part.split(':')[0].split('.')[-1]}:"]
        lines += [line for option in part_options(part) for line in _option(option)]
    return "\n".join([*lines, "", RESEARCH_ONLY])


def no_verb(word: str) -> str:
    """Say that there is no such verb, and which was meant."""
    return f"There is no verb '{word}'.{nearest(word, VERBS)} See {COMMAND} --help."


def part_options(part: str) -> list[Option]:
    """Return the options of a part of a verb, without what the verb gives to it."""
    return [option for option in read(part).options if option.default is not REQUIRED]


def _option(option: Option) -> list[str]:
    name = option.name.upper() if option.default is REQUIRED else f"--{option.name}"
    kind = "" if option.annotation == "bool" or option.default is REQUIRED else f" {_kind(option)}"
    default = f" (default: {option.shown})" if option.shown else ""
    return _entry(name + kind, option.text + default)


def _kind(option: Option) -> str:
    first = option.annotation.split(" | ")[0]
    return {"int": "N", "float": "X", "str": "TEXT", "Path": "PATH"}.get(first, "VALUE")


def _entry(name: str, text: str) -> list[str]:
    lines = textwrap.wrap(text, _width() - COLUMN) or [""]
    head = f"  {name:<{COLUMN - 2}}" if len(name) < COLUMN - 3 else f"  {name}\n{' ' * COLUMN}"
    return [head + lines[0], *(" " * COLUMN + line for line in lines[1:])]


def _width() -> int:
    return min(MOST, shutil.get_terminal_size((MOST, 24)).columns)
