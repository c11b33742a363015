"""The pages are written in short sentences, counted by a splitter that counts honestly."""

import re

import pytest

from tests.conftest import ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "models" / "README.md", *(ROOT / "docs").glob("*.md")]
LONGEST_MEAN, LONGEST = 25, 60
"""Words of a page's mean sentence, which must be fewer, and of any sentence."""

ABBREVIATION = re.compile(r"\b(?:et al|e\.g|i\.e|vs|cf|Dr|Trans|Med|Imaging|[A-Z])\.$")


def prose(page: str) -> list[str]:
    """Return the paragraphs and list items of a page, without code, tables, headings, comments and pictures."""
    page = re.sub(r"```.*?```", "\n\n", page, flags=re.DOTALL)
    page = re.sub(r"<!--.*?-->|!\[[^\]]*\]\([^)]*\)", "", page, flags=re.DOTALL)
    page = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", page)
    page = re.sub(r"`[^`]*`", "Code", page)
    lines = ["" if line.lstrip().startswith(("|", "#")) else line for line in page.splitlines()]
    blocks = re.split(r"\n\s*\n|\n(?=\s*(?:[-*>]|\d+\.)\s)", "\n".join(lines))
    plain = (re.sub(r"^(?:[-*>]|\d+\.)\s+|[*_]{1,2}", "", " ".join(block.split())) for block in blocks)
    return [block for block in plain if block]


def sentences(page: str) -> list[str]:
    """Return the sentences: they end at . ! or ? before a space and no small letter, and with their paragraph.

    Colons, semicolons and dashes end none, and an abbreviation does not either.
    """
    found = []
    for block in prose(page):
        start = 0
        for end in re.finditer(r"[.!?][)\"”]*(?=\s+[^a-z\s])", block):
            if not ABBREVIATION.search(block[start : end.start() + 1]):
                found.append(block[start : end.end()])
                start = end.end()
        found.append(block[start:])
    return [sentence.strip() for sentence in found if re.search(r"\w", sentence)]


def length(sentence: str) -> int:
    return len([word for word in sentence.split() if re.search(r"\w", word)])


def test_the_splitter():
    page = """# A heading. It does not count.
One sentence, with `a.b c d` in it: it goes on; and on. Another (Smith et al. 2011, doi:10.1/x.y)! A third of 0.5 mm

- an item
- [a link. With a stop](page.md) and
  a second line

| a | table. |
"""
    assert [length(sentence) for sentence in sentences(page)] == [11, 6, 5, 2, 2, 7]


@pytest.mark.parametrize("page", sorted(PAGES), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_sentences_are_short(page):
    counts = {sentence: length(sentence) for sentence in sentences(page.read_text())}
    assert sum(counts.values()) / len(counts) < LONGEST_MEAN
    assert {sentence: count for sentence, count in counts.items() if count > LONGEST} == {}
