"""The words after a verb, as arguments of its function."""

from __future__ import annotations

from typing import Any

from scripts.console.runner_arguments import is_flag
from scripts.console.setting_names import RENAMED, nearest

from .show import COMMAND, part_options
from .signature import REQUIRED, Option, read
from .verbs import Verb

PATHS = ("ages", "normative", "bundle_root")
"""Keys of configs that are paths, beside those that end in ``_dir`` or ``_path``: never numbers."""

SCALARS: dict[str, tuple[tuple[type, ...], str]] = {
    "int": ((int,), "a whole number"),
    "float": ((int, float), "a number"),
    "bool": ((bool,), "True or False"),
    "None": ((type(None),), "None"),
}
"""Type, as it is written -> what fits it, and what it is called."""


class UsageError(ValueError):
    """The command line is wrong; the message says what was meant."""


def arguments(verb: Verb, words: list[str]) -> tuple[list[Any], dict[str, Any]]:
    """Turn words into positional and named arguments of a verb's function.

    Args:
        verb: whose function is called.
        words: after the verb: values, ``--option value``, ``--option=value``, or ``--option`` (True).

    Returns:
        Arguments and keyword arguments.

    Raises:
        UsageError: if an option is unknown, a value does not fit, or one is missing or too many.
    """
    signature = read(verb.place)
    parts = {option.name: option for part in reversed(verb.parts) for option in part_options(part)}
    options = {**parts, **{option.name: option for option in signature.options}}
    free = [option for option in signature.options if signature.rest is None]
    rest: list[Any] = []
    named: dict[str, Any] = {}
    left = list(words)
    while left:
        word = left.pop(0)
        if not is_flag(word):
            option = next((one for one in free if one.name not in named), None)
            if option is not None:
                named[option.name] = _value(option, word)
            elif signature.rest is not None:
                rest.append(word)
            else:
                raise UsageError(f"'{word}' is one value too many. See {COMMAND} {verb.name} --help.")
            continue
        name, equals, text = word.lstrip("-").partition("=")
        name = name.replace("-", "_")
        if signature.settings is None or verb.parts or verb.keys:  # else the function knows best
            _check(verb, name, options)
        flag = name in options and options[name].annotation == "bool"
        if equals:
            value: str | None = text
        elif left and not is_flag(left[0]) and (not flag or left[0].lower() in ("true", "false")):
            value = left.pop(0)
        else:
            value = None
        named[name] = _value(options.get(name, Option(name, _kind(name), None, "", "")), value)
    for option in signature.options:
        if option.default is REQUIRED and option.name not in named:
            raise UsageError(f"{option.name.upper()} is missing. See {COMMAND} {verb.name} --help.")
    return rest, named


def _check(verb: Verb, name: str, options: dict[str, Option]) -> None:
    if name in options or name.split("::")[0] in verb.keys:
        return
    if name in RENAMED and RENAMED[name] in verb.keys:
        raise UsageError(f"The key '{name}' is now called '{RENAMED[name]}': write --{RENAMED[name]} instead.")
    near = nearest(name, [*options, *verb.keys])
    raise UsageError(f"There is no option --{name} of {verb.name}.{near} See {COMMAND} {verb.name} --help.")


def _kind(name: str) -> str:
    return "str | None" if name in PATHS or name.endswith(("_dir", "_path")) else ""


def _value(option: Option, text: str | None) -> Any:
    """Read a value: a path or a text stays as it was typed, all else is a Python literal where it can be one."""
    from fire.parser import DefaultParseValue

    kinds = option.annotation.split(" | ")
    if text is None:
        if set(kinds) & {"str", "Path", "int", "float"}:
            raise UsageError(f"--{option.name} needs a value.")
        return True
    if "None" in kinds and text == "None":
        return None
    if option.annotation and set(kinds) <= {"str", "Path", "None"}:
        return text
    if ("bool" in kinds or not option.annotation) and text.lower() in ("true", "false"):
        return text.lower() == "true"
    value = DefaultParseValue(text)
    if option.annotation.startswith("Sequence") and not isinstance(value, list | tuple):
        return (value,)
    known = [SCALARS[kind] for kind in kinds if kind in SCALARS]
    if len(known) == len(kinds) and not any(type(value) in types for types, _ in known):
        raise UsageError(f"--{option.name}: expected {' or '.join(said for _, said in known)}, found '{text}'.")
    return value
