"""Hashes of what a result is made from: code by its syntax, configs by their content, other files by their bytes."""

from __future__ import annotations

import ast
import hashlib
import json
from functools import cache
from pathlib import Path

LENGTH = 16
"""Hexadecimal digits of a hash that are kept."""


CODE = (".py", ".json", ".html", ".css")
"""Endings of the files of a folder that count."""


def hash_of(path: Path) -> str:
    """Return the hash of a file, or of the code that lies directly in a folder.

    Python is hashed by its syntax tree, without comments, docstrings and layout, so that a corrected sentence makes no
    result out of date. JSON is hashed without layout and without ``description``.

    Args:
        path: a file or a folder. Folders within a folder do not count.

    Raises:
        FileNotFoundError: if there is no such file or folder.
    """
    if path.is_dir():
        parts = [f"{file.name} {hash_of(file)}" for file in sorted(path.iterdir()) if file.suffix in CODE]
        return _short("\n".join(parts).encode())
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file or folder; a published result depends on it.")
    stat = path.stat()
    return _hash_of_file(path, stat.st_mtime_ns, stat.st_size)


def syntax(source: str) -> str:
    """Return the syntax tree of a module as text, without docstrings and places."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            # Docstrings, and the strings under a constant that document it.
            node.body = [part for part in body if not _is_text(part)] or [ast.Pass()]
    return ast.dump(tree)


@cache
def _hash_of_file(path: Path, written: int, size: int) -> str:
    if path.suffix == ".py":
        return _short(syntax(path.read_text(encoding="utf-8")).encode())
    if path.suffix == ".json":
        content = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(content, dict):
            content.pop("description", None)
        return _short(json.dumps(content, sort_keys=True).encode())
    return _short(path.read_bytes())


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _short(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:LENGTH]
