"""Why a scan is refused: a code for programs, a sentence for people."""

from __future__ import annotations


class ScanError(ValueError):
    """A scan that can't be scored.

    Args:
        code: one word of the list of reasons in ``docs/output.md``; it stays the same over versions.
        message: names the file, what was expected, what was found, and the cure.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code

    def __reduce__(self) -> tuple[type[ScanError], tuple[str, str]]:
        """Pickle both arguments: a data loader's worker sends its errors to the main process."""
        return type(self), (self.code, str(self))
