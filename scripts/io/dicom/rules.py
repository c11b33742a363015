"""The rules by which a site says which series of a study is scored: a table in ``configs/dicom_series.json``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import ScanError
from .frames import words

RULES = Path(__file__).parents[3] / "configs" / "dicom_series.json"

NEVER = "not_anatomical"
"""Code of a series that a rule rules out, unless the rule names another."""


class Rule(NamedTuple):
    """A rule.

    Attributes:
        why: what a series is to which it applies, in a few words.
        tags: keywords of DICOM whose values are looked at; one of them is enough.
        words: regular expressions, one of which a whole word of a value must match.
        low: the least number.
        high: the largest number.
        points: that a series gains or loses; None rules it out.
        code: of a series that is ruled out, see ``ScanError``.
    """

    why: str
    tags: tuple[str, ...]
    words: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    points: float | None = None
    code: str = NEVER

    def applies(self, values: Mapping[str, Any]) -> bool:
        """Whether it applies to a series with these values of tags."""
        return any(self._matches(values.get(tag)) for tag in self.tags)

    def _matches(self, value: Any) -> bool:
        if self.words:
            found = [word for text in words(value) for word in re.split(r"[^a-z0-9*+]+", text.lower()) if word]
            return any(re.fullmatch(pattern, word) for pattern in self.words for word in found)
        try:
            number = float(value)
        except (TypeError, ValueError):
            return False
        return (self.low is None or number >= self.low) and (self.high is None or number <= self.high)


class Judged(NamedTuple):
    """What the rules say of a series.

    Attributes:
        points: their sum.
        why: of the rules that applied.
        code: why it is never scored, see ``ScanError``; "" if it can be.
    """

    points: float
    why: tuple[str, ...]
    code: str


def judge(values: Mapping[str, Any], rules: Sequence[Rule]) -> Judged:
    """Judge a series by the values of its tags, and of ``voxel_mm``, ``coverage_mm`` and ``slices``."""
    applied = [rule for rule in rules if rule.applies(values)]
    never = [rule for rule in applied if rule.points is None]
    if never:
        return Judged(0.0, (never[0].why,), never[0].code)
    return Judged(sum(rule.points or 0.0 for rule in applied), tuple(rule.why for rule in applied), "")


@lru_cache(maxsize=8)
def read_rules(file: Path = RULES) -> tuple[Rule, ...]:
    """Read a table of rules.

    Args:
        file: a JSON list of objects with the fields of :class:`Rule`.

    Raises:
        ScanError: if it is no such list; the message names the file and the rule.
    """
    try:
        rows = json.loads(Path(file).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ScanError(
            "bad_rules", f"{file}: can't be read as JSON ({error}). Correct it, or leave it out."
        ) from error
    if not isinstance(rows, list):
        raise ScanError("bad_rules", f"{file}: expected a list of rules, found {type(rows).__name__}.")
    rules = []
    for number, row in enumerate(rows, 1):
        try:
            fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in row.items()}
            rule = Rule(**fields)
            for pattern in rule.words:
                re.compile(pattern)
        except (TypeError, AttributeError, re.error) as error:
            raise ScanError(
                "bad_rules", f"{file}: rule {number}: {error}. Expected the fields {', '.join(Rule._fields)}."
            ) from error
        rules.append(rule)
    return tuple(rules)
