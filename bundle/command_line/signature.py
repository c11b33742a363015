"""The options of a verb, read from the source of its function: nothing heavy is imported to show a help."""

from __future__ import annotations

import ast
import inspect
import re
from typing import Any, NamedTuple

from .. import ROOT

REQUIRED = inspect.Parameter.empty
"""Default of an option that has none."""


class Option(NamedTuple):
    """One parameter of a function.

    Attributes:
        name: of the parameter.
        annotation: its type, as it is written.
        default: value; :data:`REQUIRED` without one, and the source's words, as a string, where it is no literal.
        shown: the default for the help; empty where it says nothing.
        text: what the docstring says of it.
    """

    name: str
    annotation: str
    default: Any
    shown: str
    text: str


class Signature(NamedTuple):
    """What a function says of itself.

    Attributes:
        text: the docstring before its first section.
        options: parameters with a name.
        rest: parameter ``*name``, if there is one.
        settings: parameter ``**name``, if there is one.
    """

    text: str
    options: tuple[Option, ...]
    rest: Option | None
    settings: Option | None


def read(place: str) -> Signature:
    """Read a function's signature and docstring without importing it.

    Args:
        place: ``module:function``.

    Raises:
        ValueError: if the module holds no such function.
    """
    module, name = place.split(":")
    base = ROOT.joinpath(*module.split("."))
    file = base / "__init__.py" if base.is_dir() else base.with_suffix(".py")
    tree = ast.parse(file.read_text(encoding="utf-8"))
    function = next((node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name), None)
    if function is None:
        raise ValueError(f"{file}: expected a function {name}, found none. Correct bundle/command_line/verbs.py.")
    constants = {
        node.targets[0].id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    doc = ast.get_docstring(function) or ""
    texts = _texts(doc)
    given = [*function.args.args, *function.args.kwonlyargs]
    missing = len(function.args.args) - len(function.args.defaults)
    defaults = [*[None] * missing, *function.args.defaults, *function.args.kw_defaults]

    def option(argument: ast.arg | None, default: ast.expr | None = None) -> Option | None:
        if argument is None:
            return None
        annotation = ast.unparse(argument.annotation) if argument.annotation else ""
        text = texts.get(argument.arg, "")
        return Option(argument.arg, annotation, *_value(default, constants), text)

    options = tuple(filter(None, map(option, given, defaults)))
    plain = re.split(r"\n\n(?:Args|Returns|Raises|Reference|Note)s?:", doc)[0]
    return Signature(_clean(plain), options, option(function.args.vararg), option(function.args.kwarg))


def _value(node: ast.expr | None, constants: dict[str, ast.expr]) -> tuple[Any, str]:
    """Return a default, and how it is shown."""
    if node is None:
        return REQUIRED, ""
    try:
        value = ast.literal_eval(constants.get(node.id, node) if isinstance(node, ast.Name) else node)
    except ValueError:
        return ast.unparse(node), ""
    empty = value is None or value is False or value == ()
    return value, "" if empty else ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _texts(doc: str) -> dict[str, str]:
    """Return what the section ``Args`` of a docstring says of each parameter."""
    section = re.search(r"^Args:\n(.*?)(?=^\S|\Z)", doc, re.MULTILINE | re.DOTALL)
    entries = re.findall(r"^    (\w+): (.*?)(?=^    \w+: |\Z)", section[1] if section else "", re.MULTILINE | re.DOTALL)
    return {name: _clean(text) for name, text in entries}


def _clean(text: str) -> str:
    """Take out line breaks and the marks of reStructuredText."""
    text = re.sub(r":\w+:`~?([^`]*)`", r"\1", text)
    return re.sub(r"\s+", " ", text.replace("``", "")).strip()
