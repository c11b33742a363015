"""What is out of date, and why; what is made again, and what is left as it is."""

import ast
import json
import subprocess
import sys
from dataclasses import replace

import pytest

from bundle.research.publish import publish
from bundle.research.publish.code import hash_of, syntax
from bundle.research.publish.make_all import make
from bundle.research.publish.nodes import NODES, RESULTS
from bundle.research.publish.status import reasons, status
from tests.conftest import ROOT

HARMLESS = {
    "scripts/io/dicom",
    *("scripts", "scripts/atomic_write.py", "scripts/disclaimer.py", "scripts/blur.py"),
    *("scripts/quality", "scripts/evaluation/figures", "scripts/console"),
}
"""Code whose change changes no number: quality control does not reach the score."""


def stale(root):
    return {name: reasons(node, root) for name, node in NODES.items() if reasons(node, root)}


def edit(path, old, new):
    path.write_text(path.read_text().replace(old, new))


def test_everything_is_made_once(root, made):
    said = []
    assert make(list(NODES), root=root, say=said.append) == made == ["first", "second"]
    assert any(line.startswith("Total: ") for line in said) and any(line.startswith("first: ") for line in said)
    assert stale(root) == {} and "All results are up to date." in status(root)
    assert make(list(NODES), root=root, say=said.append) == []
    assert "nothing to do" in said[-1] and made == ["first", "second"]
    entry = json.loads((root / RESULTS / "published.json").read_text())["first"]
    assert entry["command"] == "python -m bundle publish first" and entry["cores"] >= 1
    assert set(entry["dependencies"]) == {*NODES["first"].dependencies}


def test_other_words_make_nothing_stale_and_other_code_names_what_it_makes_stale(root, made):
    make(list(NODES), root=root, say=str)
    edit(root / "scripts/room/a.py", "A room.", "A room, in better words.")
    edit(root / "scripts/room/a.py", "Of the room.", "Of this room.")
    edit(root / "scripts/other/b.py", "OTHER = 1", "OTHER = 1  # why")
    assert stale(root) == {}
    edit(root / "scripts/other/b.py", "OTHER = 1", "OTHER = 2")
    assert stale(root) == {"second": ["scripts/other changed"]}
    edit(root / "scripts/room/a.py", "VALUE = 1", "VALUE = 2")
    assert stale(root)["first"] == ["scripts/room changed"]
    assert stale(root)["second"] == ["scripts/other changed", "first is out of date"]


def test_other_weights_make_a_result_stale_and_what_is_made_from_it_only_if_it_differs(root, made):
    make(list(NODES), root=root, say=str)
    (root / "models/model.pt").write_text("other weights")
    assert stale(root)["first"] == ["models/model.pt changed"]
    assert make(list(NODES), root=root, say=str) == ["first", "second"]
    edit(root / "scripts/room/a.py", "VALUE = 1", "VALUE = 2")
    assert make(list(NODES), root=root, say=str) == ["first"], "it gave the same result"
    assert stale(root) == {}


def test_a_run_that_was_killed_goes_on_where_it_was(root, made, monkeypatch):
    from bundle.research.publish import make_all

    work = make_all._make

    def killed(node, *args):
        if node.name == "second":
            raise KeyboardInterrupt
        return work(node, *args)

    monkeypatch.setattr(make_all, "_make", killed)
    with pytest.raises(KeyboardInterrupt):
        make(list(NODES), root=root, say=str)
    monkeypatch.setattr(make_all, "_make", work)
    assert make(list(NODES), root=root, say=str) == ["second"]
    assert made == ["first", "second"]


def test_a_result_that_fails_is_named_and_those_before_it_are_kept(root, made, monkeypatch):
    from bundle.research.publish.nodes import Node

    maker = Node.maker

    def failing(node):
        return maker(node) if node.name == "first" else lambda work: 1 / 0

    monkeypatch.setattr(Node, "maker", failing)
    with pytest.raises(RuntimeError, match=r"second could not be made: division by zero"):
        make(list(NODES), root=root, say=str)
    assert set(stale(root)) == {"second"}


def test_a_number_changed_by_hand_and_a_missing_file_are_noticed(root, made):
    make(list(NODES), root=root, say=str)
    edit(root / RESULTS / "second.json", "first", "nothing")
    assert stale(root) == {"second": ["docs/results/second.json was changed by hand"]}
    (root / RESULTS / "second.json").unlink()
    assert stale(root) == {"second": ["docs/results/second.json is missing"]}


def test_only_what_is_named_is_made_and_again_makes_it_even_so(root, made):
    assert make(["second"], root=root, say=str) == ["second"]
    assert make(["second"], again=True, root=root, say=str) == ["second"]
    assert made == ["second", "second"]
    assert "first" in stale(root)


def test_what_needs_an_option_that_is_not_given_is_kept_and_the_others_are_made(root, made):
    NODES["first"] = replace(NODES["first"], options=("newborns_dir",), required=("newborns_dir",))
    said = []
    assert make(list(NODES), root=root, say=said.append) == ["second"]
    assert said[0] == "first: left as it is. To make it, add --newborns_dir DIR."
    assert "needs --newborns_dir; docs/results/first.json is missing" in status(root)
    assert status(root).endswith("python -m bundle publish all --newborns_dir DIR")
    assert make(list(NODES), options={"newborns_dir": "x"}, root=root, say=str) == ["first", "second"]
    assert make(list(NODES), root=root, say=said.append) == [] and "nothing to do" in said[-1]


def test_the_state_says_why_and_how_long(root, made):
    text = status(root)
    assert "first  out of date    3.0 min  docs/results/first.json is missing" in text
    assert (
        "2 of 2 results are out of date. To make them again, in about 7 minutes:\npython -m bundle publish all" in text
    )


def test_an_unknown_name_lists_those_there_are():
    with pytest.raises(ValueError, match=r"no result 'shiped'\. Choose of: all, pages, default, shipped"):
        publish("shiped")


def test_the_syntax_forgets_words_and_keeps_code():
    code = 'def f(x):\n    """Doc."""\n    return "text"\n'
    assert syntax(code) == syntax('def f(x):\n    # why\n    """Other."""\n\n    return ("text")\n')
    assert syntax(code) != syntax(code.replace('"text"', '"other"'))
    assert syntax('"""Only words."""\n') == syntax('"""Others."""\n')


def test_what_the_graph_names_is_there_and_in_order():
    known = set()
    for name, node in NODES.items():
        assert set(node.needs) <= known, f"{name} stands before what it needs"
        known.add(name)
        for path in node.dependencies:
            if not path.startswith(RESULTS):
                assert hash_of(ROOT / path), path
        assert callable(node.maker())
    with pytest.raises(FileNotFoundError, match=r"nowhere: no such file or folder; a published result depends on it"):
        hash_of(ROOT / "nowhere")


@pytest.mark.parametrize("name", list(NODES))
def test_a_result_names_every_room_that_its_rooms_use(name):
    declared = {path.removesuffix("/") for path in NODES[name].dependencies if path.startswith("scripts")}
    used = set()
    for path in declared:
        files = [ROOT / path] if path.endswith(".py") else sorted((ROOT / path).glob("*.py"))
        used |= {room for file in files for room in imported(file)}
    assert used - declared - HARMLESS == set()


def imported(file):
    """Rooms and modules of ``scripts`` that a file imports."""
    inside = file.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            parts = (*inside[: len(inside) - node.level + 1], *(node.module or "").split("."))
            path = ROOT.joinpath(*parts)
            if path.is_dir():
                yield "/".join(parts).rstrip("/")
            else:
                yield "/".join(parts[:-1]) if len(parts) > 2 else f"{'/'.join(parts)}.py"


def test_the_state_needs_neither_torch_nor_monai():
    code = (
        "import sys; from bundle.research.publish import publish; publish(); "
        "assert not {'torch', 'monai', 'matplotlib'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert all(name in done.stdout for name in NODES)
