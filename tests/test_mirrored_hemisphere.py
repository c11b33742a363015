"""Which hemisphere is mirrored is said in one way everywhere, and it is true."""

import json
import re

import pytest
import torch

from scripts.preprocessing.hemispheres import split_hemispheres
from tests.conftest import ROOT

DEFINITION = "Channel 0 is the left hemisphere, mirrored at the midline; channel 1 is the right hemisphere as scanned."
PART = r"(?:hemisphere|half|one)"
STATEMENTS = (
    rf"\b(left|right) {PART}s?,? (?:is |being )?mirrored",
    rf"\bmirror(?:s|ed|ing)? (?:the )?(left|right) {PART}",
    rf"\b(left|right) {PART},? (?:which )?is (?:its|the|a) mirror image",
)
FILES = [
    path
    for folder in ("scripts", "bundle", "docs", "configs")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in {".py", ".md", ".json", ".txt", ".html"}
]


def words(text: str) -> str:
    """The text on one line, without the marks of comments."""
    return re.sub(r"\s+(?:#\s+)?", " ", text)


def mirrored(text: str) -> set[str]:
    """The sides that a text calls mirrored."""
    return {side for pattern in STATEMENTS for side in re.findall(pattern, words(text), re.IGNORECASE)}


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("split into halves, the left one mirrored", {"left"}),
        ("channel 1 the right\n    half mirrored, H outwards", {"right"}),
        ("mirrors the left half onto the right one", {"left"}),
        ("the left half is its mirror image", {"left"}),
        ('"1": "right hemisphere, mirrored"', {"right"}),
        (DEFINITION, {"left"}),
        ("the left hemisphere and the mirrored head", set()),
    ],
)
def test_the_patterns_find_what_they_should(text: str, sides: set[str]) -> None:
    assert mirrored(text) == sides


def test_every_text_says_that_the_left_hemisphere_is_mirrored() -> None:
    said = {path.relative_to(ROOT).as_posix(): mirrored(path.read_text(encoding="utf-8")) for path in FILES}
    assert {name for name, sides in said.items() if "right" in sides} == set()
    assert sum("left" in sides for sides in said.values()) >= 3


@pytest.mark.parametrize("file", ["scripts/preprocessing/hemispheres.py", "docs/README.md", "docs/preprocessing.md"])
def test_the_definition_is_quoted(file: str) -> None:
    assert DEFINITION in words((ROOT / file).read_text(encoding="utf-8"))


@pytest.mark.parametrize("file", ["metadata.json", "configs/metadata.json"])
def test_the_metadata_says_so_too(file: str) -> None:
    inputs = json.loads((ROOT / file).read_text(encoding="utf-8"))["network_data_format"]["inputs"]
    assert inputs["image"]["channel_def"] == {"0": "left hemisphere, mirrored", "1": "right hemisphere"}


def test_a_pair_shows_it() -> None:
    head = torch.arange(1.0, 7)[None, :, None, None].expand(1, 6, 2, 3)  # X grows to the patient's right
    pair = split_hemispheres(head, divisible=1)
    assert pair[0, :, 0, 0].tolist() == [3, 2, 1], "left: from the midline outwards, against the order of the scan"
    assert pair[1, :, 0, 0].tolist() == [4, 5, 6], "right: as scanned"
