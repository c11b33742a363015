"""The house as it stands: few doors on the ground floor, one way through the rooms, and a picture that shows it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.conftest import ROOT

ORDER = (
    *("disclaimer", "atomic_write", "blur", "console", "phantom", "io", "skull_strip", "midline", "quality"),
    *("preprocessing", "data", "simulation", "network", "evaluation", "training", "results"),
)
"""Rooms and modules of ``scripts``, first to last: each may use the earlier ones only."""

MOST_TOP_LEVEL, MOST_LINES = 4, 230
FILES = sorted(ROOT.glob("scripts/**/*.py"))


def module(path: Path) -> str:
    """Dotted name of a file below the repository."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module(path): path for path in FILES}


def imports(path: Path) -> list[tuple[str, str]]:
    """Every relative import of a file, those within functions too: the module it leads to, and the name taken of it."""
    inside = path.relative_to(ROOT).parts[:-1]
    taken = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            source = ".".join([*inside[: len(inside) - node.level + 1], *([node.module] if node.module else [])])
            for name in node.names:
                full = f"{source}.{name.name}"
                taken.append((full, "") if full in MODULES else (source, name.name))
    return taken


def room(name: str) -> str:
    """The room, or the module of the ground floor, that a module of ``scripts`` belongs to."""
    return name.split(".")[1] if "." in name else ""


def arrows() -> list[tuple[str, str]]:
    """Which room uses which, in the order of the rooms."""
    found = {(room(module(path)), room(source)) for path in FILES for source, _ in imports(path)}
    return sorted(
        ((user, used) for user, used in found if user != used and user and used),
        key=lambda pair: (ORDER.index(pair[0]), ORDER.index(pair[1])),
    )


def picture() -> str:
    """The rooms and their arrows as a Mermaid diagram, without the ground floor and the console, which all may use."""
    small = {"console", *(name for name in ORDER if (ROOT / "scripts" / f"{name}.py").exists())}
    shown = [(used, user) for user, used in arrows() if not {user, used} & small]
    alone = [name for name in ORDER if name not in small and not any(name in pair for pair in shown)]
    lines = [*(f"    {used} --> {user}" for used, user in shown), *(f"    {name}" for name in alone)]
    return "```mermaid\nflowchart LR\n" + "\n".join(lines) + "\n```\n"


def test_the_ground_floor_has_few_doors() -> None:
    top = [path.name for path in (ROOT / "scripts").glob("*.py") if path.name != "__init__.py"]
    assert len(top) <= MOST_TOP_LEVEL, top


@pytest.mark.parametrize("path", sorted(ROOT.glob("scripts/**/*.py")) + sorted(ROOT.glob("bundle/**/*.py")), ids=module)
def test_a_file_is_short_and_says_what_it_is_for(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    assert ast.get_docstring(ast.parse(text)), "a module begins with what it is for"


def test_a_room_uses_earlier_rooms_only() -> None:
    assert {room(name) for name in MODULES if room(name)} == set(ORDER)
    late = [(user, used) for user, used in arrows() if ORDER.index(used) > ORDER.index(user)]
    assert late == []


def test_no_module_imports_in_a_circle() -> None:
    uses = {name: {source for source, _ in imports(path)} & set(MODULES) for name, path in MODULES.items()}
    done: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " -> ".join([*way[way.index(name) :], name])
        if name not in done:
            for other in sorted(uses[name]):
                visit(other, (*way, name))
            done.add(name)

    for name in sorted(uses):
        visit(name, ())


def test_nobody_takes_another_module_s_private_parts() -> None:
    private = [
        (module(path), source, name)
        for path in FILES
        for source, name in imports(path)
        if name.startswith("_") or source.rsplit(".", 1)[-1].startswith("_")
    ]
    assert private == []


def test_the_picture_in_contributing_is_of_this_house() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    shown = re.search(r"```mermaid\n.*?```\n", text, re.DOTALL)
    assert shown is not None and shown[0] == picture(), f"put this into CONTRIBUTING.md:\n{picture()}"
