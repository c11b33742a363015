"""A graph of two small results in a folder of its own."""

import pytest

from bundle.research.publish.nodes import MAKERS, NODES, Node


@pytest.fixture
def root(tmp_path):
    """A bundle's folder with weights, two rooms of code, and the modules of the two results."""
    for path, text in {
        "models/model.pt": "weights",
        "scripts/room/a.py": '"""A room."""\n\nVALUE = 1\n"""Of the room."""\n',
        "scripts/other/b.py": "OTHER = 1\n",
        f"{MAKERS}/first.py": "def make(work):\n    return {}\n",
        f"{MAKERS}/second.py": "def make(work):\n    return {}\n",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


@pytest.fixture
def made(root, monkeypatch):
    """Names of the results in the order in which they are made; the second is made from the first."""
    graph = {
        "first": Node("first", 3, ("models/model.pt",), ("scripts/room",)),
        "second": Node("second", 4, (), ("scripts/other",), ("first",)),
    }
    saved = dict(NODES)
    NODES.clear()
    NODES.update(graph)
    order = []

    def maker(node):
        def make(work, **options):
            order.append(node.name)
            return {"made_of": (root / "models/model.pt").read_text() if node.name == "first" else "first", **options}

        return make

    monkeypatch.setattr(Node, "maker", maker)
    yield order
    NODES.clear()
    NODES.update(saved)
